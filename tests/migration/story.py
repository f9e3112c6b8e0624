"""Run in a process of its own (``python -m tests.migration.story``): pytest's database comes straight from the models,
this one from the migrations. Ends with ``whole`` on standard output."""

import io
from datetime import UTC, datetime

import django
from django.core.management import call_command

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def main() -> None:
    """From nothing to today, an act, a step down, up again."""
    django.setup()
    from django.db import DatabaseError, connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    from beffroi.audit.core.facts import SYSTEM
    from beffroi.audit.models import Fact
    from beffroi.people import actions as people
    from beffroi.people.core.roles import Force
    from beffroi.people.models import Organisation

    told = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=told)
    assert "No changes detected" in told.getvalue(), told.getvalue()
    call_command("migrate", verbosity=0, interactive=False)
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    people.create_organisation(name="Commune", force=Force.PM, insee="99123", actor=SYSTEM, now=NOW)
    fact = Fact.objects.get(name="organisation:create")
    row = Fact.objects.filter(id=fact.id)
    for attempt in (lambda: row.update(name="organisation:other"), row.delete):
        try:
            with transaction.atomic():
                attempt()
        except DatabaseError:
            continue
        raise AssertionError("the log let itself be changed")
    call_command("migrate", "audit", "0001", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    assert Organisation.objects.get().name == "Commune", "data outlives a step down and up"
    assert Fact.objects.get(id=fact.id).name == "organisation:create"
    print("whole")


if __name__ == "__main__":
    main()
