"""The duty phone."""
