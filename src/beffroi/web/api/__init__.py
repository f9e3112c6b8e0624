"""Machines: JSON under ``/api/v1/``."""
