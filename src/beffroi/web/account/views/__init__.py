"""Views of the account surface."""
