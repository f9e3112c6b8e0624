"""Views of the bell, one module per topic."""
