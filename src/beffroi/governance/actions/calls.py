"""Call the next in line about what waits for an answer; say aloud when nobody is left (J0)."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import notices as outbox
from beffroi.governance.core.telling import News, Occasion
from beffroi.governance.queries import access, notices
from beffroi.governance.queries import requisitions as rows
from beffroi.governance.queries.waiting import Waiting
from beffroi.kernel.canonical import Json
from beffroi.operations import queries as operations
from beffroi.operations.core.calls import Staffing, Waits, next_call
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role


@transaction.atomic
def call(*, one: Waiting, staffing: Staffing, now: datetime) -> bool:
    """Whatever is due about it now: the next call, or the alarm that nobody answers. Whether anything was."""
    calls = [call for call, _ in notices.calls_about(one.subject)]
    patience = staffing.patience(one.kind, urgent=one.urgent)
    due = next_call(one.answerers, calls, asked_at=one.asked_at, patience=patience, now=now)
    if due is None:
        return False
    if due.person is not None:
        _call(one, people.person_facts(due.person, now), now)
        return True
    if notices.alarmed(one.subject):
        return False
    _alarm(one, staffing, now)
    return True


def _call(one: Waiting, person: PersonFacts, now: datetime) -> None:
    phones = {line.person: line.phone for line in operations.rota()}
    for way in notices.ways_to(person, "call", phone=phones.get(person.id, "")):
        outbox.write(_news(one, Occasion.ASKED), way, now)
    record(actor=SYSTEM, name="call:next", subject=one.subject, body={"person": person.id}, at=now)


def _alarm(one: Waiting, staffing: Staffing, now: datetime) -> None:
    told: list[Json] = []
    for capacity in staffing.last:
        for person in people.persons(now=now, role=Role(capacity)):
            for way in notices.ways_to(person, capacity):
                outbox.write(_news(one, Occasion.UNANSWERED), way, now)
            told.append(person.id)
    body: dict[str, Json] = {"told": told, "staffing": staffing.name}
    record(actor=SYSTEM, name="call:unanswered", subject=one.subject, body=body, at=now)


def _news(one: Waiting, occasion: Occasion) -> News:
    if one.kind is Waits.ACCESS:
        return outbox.news_of(access.grant(one.id), occasion)
    row = rows.by_id(one.id)
    return News(
        subject=one.subject,
        occasion=occasion,
        who=row.unit_name,
        unit=row.unit_name,
        mode="requisition",
        cameras=row.cameras.count(),
        ground=row.number,
        article="",
        until=None,
        due=None,
        link=settings.BEFFROI_LINKS["requisition"].format(one.id),
    )
