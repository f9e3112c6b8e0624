"""The operators' room."""
