"""Persons, organisations, roles, clearances (habilitations) and sign-in."""
