"""Template tags of every surface."""
