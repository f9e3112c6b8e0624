"""Pages of the technical surface."""
