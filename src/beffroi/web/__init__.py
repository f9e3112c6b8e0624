"""Surfaces, one per audience, strangers to one another."""
