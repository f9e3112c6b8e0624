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
    from beffroi.safety import queries as safety

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
    building = _raised()
    call_command("migrate", "audit", "0001", verbosity=0, interactive=False)
    call_command("migrate", "safety", "0001", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    assert Organisation.objects.get().name == "Commune", "data outlives a step down and up"
    assert Fact.objects.get(id=fact.id).name == "organisation:create"
    assert [one.file.alert.nature.value for one in safety.active_of([building])] == ["reel"], "an alert outlives it too"
    print("whole")


def _raised() -> str:
    """A building with an alert that goes on; no step of the tables may drop or end it (ppms.md F13)."""
    from django.db import transaction

    from beffroi.audit.core.facts import SYSTEM
    from beffroi.kernel.signing import SigningKey
    from beffroi.safety.actions import enter_building
    from beffroi.safety.actions.events import append
    from beffroi.safety.core.events import Kind

    building = enter_building(actor=SYSTEM, insee="99123", name="École", kind="school", now=NOW)
    body = {"device": "b", "hazard": "flood", "site": building, "zones": ["z1"], "posture": "shelter"}
    key = SigningKey(bytes(32))
    with transaction.atomic():
        append(Kind.TRIGGER, alert="REEL-1", building=building, body=body, key=key, actor=SYSTEM, now=NOW)
    return building


if __name__ == "__main__":
    main()
