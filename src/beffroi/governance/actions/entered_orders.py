"""A prefect's order from its paper into force: typed, looked at again, confirmed; renewed, replaced, withdrawn."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.actions.orders import register_order, revoke_order
from beffroi.governance.core.entered_orders import OrderEntry, entry_from_json, faults, recipients_text
from beffroi.governance.documents import store
from beffroi.governance.documents.incoming import IncomingDocument
from beffroi.governance.models import EnteredOrder
from beffroi.governance.queries import entered_orders as queries
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.kernel.ids import new_id
from beffroi.people.core.facts import PersonFacts
from beffroi.sites.actions import enter_authorisation, withdraw_authorisation
from beffroi.sites.core.purposes import Purpose

State, Follows = EnteredOrder.State, EnteredOrder.Follows


@transaction.atomic
def draft_order(
    *,
    person: PersonFacts,
    entry: OrderEntry,
    document: IncomingDocument | None,
    follows: str = "",
    predecessor: str = "",
    corrects: str = "",
    actor: Actor,
    now: datetime,
) -> EnteredOrder:
    """Keep what was typed and its paper; nothing takes effect. ``Invalid`` names each field that does not fit.

    ``corrects``: an earlier draft that this one stands for; its paper is kept unless another comes.
    """
    earlier = _locked_draft(person, corrects) if corrects else None
    entry = _checked(person, entry, now)
    if document is None and earlier is None:
        raise Invalid("Choose the paper.", code="order_fields", fields={"document": "missing"})
    if predecessor:
        queries.by_reference(person, predecessor)  # hers, or not there
    row = earlier or EnteredOrder(id=new_id(to_us(now)))
    row.reference, row.entry = entry.reference, entry.to_json()
    row.follows, row.predecessor = (follows, predecessor) if predecessor else ("", "")
    if document is not None:
        row.document_sha256 = store.put(document.data)
        row.document_name, row.document_type = document.name, document.media_type
        row.document_bytes = len(document.data)
    row.drafted_at, row.drafted_by, row.drafted_by_name = now, actor.id, actor.name
    row.save()
    _note("prefect-order:draft", row, actor, now)
    return row


@transaction.atomic
def confirm_order(*, person: PersonFacts, order: str, actor: Actor, now: datetime) -> EnteredOrder:
    """Put it into force in its dates; what it replaces ends when it begins. ``Conflict`` for a number that stands."""
    row = _locked_draft(person, order)
    entry = _checked(person, entry_from_json(row.entry), now)
    if row.predecessor and row.follows == Follows.REPLACES:
        _end(
            person, row.predecessor, reason=f"replaced by {entry.reference}", at=entry.valid.start, actor=actor, now=now
        )
    if entry.authorises:
        ids = {one.number: str(one.id) for one in queries.cameras_to_name(person)}
        row.authorisation = enter_authorisation(
            actor=actor, reference=entry.reference, department=entry.prefecture,
            purposes={Purpose(one) for one in entry.purposes}, retention_min_days=entry.retention_min_days,
            retention_max_days=entry.retention_max_days, valid_from=entry.valid.start, valid_to=entry.valid.end,
            cameras=[ids[number] for number in entry.cameras], now=now,
        )  # fmt: skip
    if entry.recipients:
        register_order(text=recipients_text(entry), actor=actor, now=now)
    row.state, row.confirmed_at, row.confirmed_by, row.confirmed_by_name = State.CONFIRMED, now, actor.id, actor.name
    row.save()
    _note("prefect-order:confirm", row, actor, now)
    return row


@transaction.atomic
def drop_order(*, person: PersonFacts, order: str, actor: Actor, now: datetime) -> None:
    """A draft is given up. Its line and its paper stay; nothing ever took effect."""
    row = _locked_draft(person, order)
    row.state = State.DROPPED
    row.save(update_fields=["state"])
    _note("prefect-order:drop", row, actor, now)


@transaction.atomic
def withdraw_order(*, person: PersonFacts, reference: str, reason: str, actor: Actor, now: datetime) -> None:
    """The prefect withdrew it: its cameras stop, whom it names sees nothing more, both from now on."""
    if len(reason.strip()) < 4:
        raise Invalid("Say why.", code="reason_empty", fields={"reason": "reason_empty"})
    _end(person, reference, reason=" ".join(reason.split())[:200], at=now, actor=actor, now=now)


@transaction.atomic
def read_order_paper(*, row: EnteredOrder, actor: Actor, now: datetime) -> bytes:
    """The paper as it was kept, with the fact that somebody opened it. ``Corrupt`` when it was changed on disk."""
    data = store.get(row.document_sha256)
    body: dict[str, Json] = {"reference": row.reference, "sha256": row.document_sha256}
    record(actor=actor, name="prefect-order:read", subject=f"prefect-order:{row.id}", body=body, at=now)
    return data


def _end(person: PersonFacts, reference: str, *, reason: str, at: datetime, actor: Actor, now: datetime) -> None:
    standing = queries.by_reference(person, reference)
    if standing.over(now):
        raise Conflict("This order has ended already.", code="authorisation_withdrawn")
    if standing.authorisation is not None:
        withdraw_authorisation(actor=actor, authorisation=standing.authorisation.id, reason=reason, at=at, now=now)
    if standing.named:
        revoke_order(number=reference, reason=reason, at=at, actor=actor, now=now)


def _checked(person: PersonFacts, entry: OrderEntry, now: datetime) -> OrderEntry:
    """The entry with the communes of its cameras; ``Invalid`` or ``Conflict`` when it cannot be."""
    known = {one.number: one.insee for one in queries.cameras_to_name(person)}
    wrong = faults(entry, now)
    if not set(entry.cameras) <= set(known):
        wrong["cameras"] = "unknown-camera"
    if queries.stands(entry.reference):
        wrong["reference"] = "order_twice"
    if wrong:
        raise Invalid("This order does not fit the law or itself.", code="order_fields", fields=wrong)
    return replace(entry, communes=tuple(sorted({known[number] for number in entry.cameras})))


def _locked_draft(person: PersonFacts, order: str) -> EnteredOrder:
    row = queries.one(person, order)
    row = EnteredOrder.objects.select_for_update().get(pk=row.pk)
    if row.state != State.DRAFT:
        raise Conflict("This order is no draft any more.", code="order_no_draft")
    if not queries.within(person, entry_from_json(row.entry).cameras):
        raise Conflict("It names cameras of a commune that is not yours.", code="order_foreign_camera")
    return row


def _note(name: str, row: EnteredOrder, actor: Actor, now: datetime) -> None:
    body: dict[str, Json] = {
        "entry": row.entry, "sha256": row.document_sha256, "follows": row.follows, "predecessor": row.predecessor,
    }  # fmt: skip
    record(actor=actor, name=name, subject=f"prefect-order:{row.id}", body=body, at=now)
