"""Cameras in, archive on disk, pictures out. Knows no Django and no PostgreSQL: it runs on a recorder host alone."""
