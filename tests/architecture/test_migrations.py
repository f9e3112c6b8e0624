"""Migrations of each plane stand in one row: two that follow the same one stop every start."""

from django.db.migrations.loader import MigrationLoader


def test_no_two_migrations_follow_the_same_one() -> None:
    assert MigrationLoader(None, ignore_no_migrations=True).detect_conflicts() == {}
