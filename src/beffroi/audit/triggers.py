"""The table itself refuses an edit: triggers that make the log append-only, for SQLite and PostgreSQL.

A migration calls ``install``. What they let through is exactly the erasure of a body by rule (R-27): identifier, name
and commitment stay, body and salt go, and the rule is named. They stop mistakes and plain SQL; whoever can drop a
trigger is found by ``beffroi audit verify``.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

_FROZEN = ("audit_entry", "audit_checkpoint")
_ERASURE = (
    "OLD.erased_rule = '' AND NEW.erased_rule <> '' AND NEW.erased_by <> '' "
    "AND NEW.body IS NULL AND NEW.salt IS NULL AND NEW.actor_id = '' AND NEW.subject = '' "
    "AND NEW.id = OLD.id AND NEW.name = OLD.name AND NEW.commitment = OLD.commitment"
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; the tables must exist."""
    for statement in _statements(connection.vendor):
        _run(connection, statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: for reversing the migration, and for tests that empty their tables."""
    with connection.cursor() as cursor:
        for table in ("audit_fact", *_FROZEN):
            for act in ("update", "delete"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}")


def _run(connection: BaseDatabaseWrapper, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return _sqlite()
    if vendor == "postgresql":
        return _postgresql()
    raise ImproperlyConfigured(f"Beffroi keeps its log in SQLite or PostgreSQL, not in {vendor}")


def _sqlite() -> list[str]:
    def refuse(table: str, act: str, when: str = "") -> str:
        return (
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{act} BEFORE {act.upper()} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )

    statements = [refuse("audit_fact", "delete"), refuse("audit_fact", "update", f"WHEN NOT ({_ERASURE})")]
    for table in _FROZEN:
        statements += [refuse(table, "delete"), refuse(table, "update")]
    return statements


def _postgresql() -> list[str]:
    statements = [
        """CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""
    ]

    def refuse(table: str, act: str, when: str = "") -> list[str]:
        name = f"{table}_no_{act}"
        return [
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"""CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} FOR EACH ROW {when}
            EXECUTE FUNCTION audit_append_only()""",
        ]

    statements += refuse("audit_fact", "delete") + refuse("audit_fact", "update", f"WHEN (NOT ({_ERASURE}))")
    for table in _FROZEN:
        statements += refuse(table, "delete") + refuse(table, "update")
    return statements
