"""Reconcilers of the governance plane: state in the database, act, state."""
