"""Readings of the governance plane: the only readers."""
