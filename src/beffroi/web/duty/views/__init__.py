"""Views of the duty phone."""
