"""The counter: the forces and guests."""
