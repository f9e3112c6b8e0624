"""Acts of the governance plane: the only writers."""
