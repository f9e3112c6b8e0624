"""The account surface."""
