"""Founding a centre from one file that a technician writes and a mayor can read."""
