"""Guests come in: a link to the unit's own mailbox, or an officer's call back and a code dictated on the telephone.

Links and codes work once, are kept as digests, and are blanked in the outbox once the mail has left. Nobody learns
here which units are registered beyond those the form offers.
"""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.actions import notices
from beffroi.governance.actions.requisition_answers import TimelineSource
from beffroi.governance.actions.requisitions import submit
from beffroi.governance.core import guests as core
from beffroi.governance.core.guests import Method, VisitState
from beffroi.governance.core.requisition_fields import RequisitionEntry
from beffroi.governance.core.telling import Channel, Recipient, guest_words
from beffroi.governance.documents.incoming import IncomingDocument
from beffroi.governance.models import GuestVisit, Requisition
from beffroi.governance.queries.guests import concerned
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Quality


@transaction.atomic
def ask(
    *,
    unit: str,
    name: str,
    rank: str,
    matricule: str,
    quality: Quality,
    method: Method,
    language: str,
    insee: str = "",
    now: datetime,
) -> str:
    """A guest asks to come in; returns the visit's id, which opens nothing. By mailbox, a link leaves for the unit.

    ``Invalid`` for a unit that is not registered or has no mailbox; ``Conflict`` when too many asked in its name.
    """
    found = next((one for one in people.units() if one.id == unit and one.force in core.FORCES), None)
    if found is None or (method is Method.MAILBOX and not found.email):
        raise Invalid("This unit cannot be verified so.", code="guest_unit", fields={"unit": "guest_unit"})
    if core.too_many(list(GuestVisit.objects.filter(unit=unit).values_list("asked_at", flat=True)), now):
        raise Conflict(
            "This unit asked too often within the hour.", code="guest_too_many", hint="Telephone the centre."
        )
    row = GuestVisit.objects.create(
        id=new_id(to_us(now)), unit=found.id, unit_name=found.name, force=found.force.value, insee=insee,
        name=name.strip(), rank=rank.strip(), matricule=matricule.strip(), quality=quality.value, method=method.value,
        state=VisitState.ASKED.value, asked_at=now,
    )  # fmt: skip
    body: dict[str, Json] = {"unit": row.unit_name, "method": row.method, "matricule": row.matricule}
    record(actor=actor_of(row), name="guest:ask", subject=f"guest:{row.id}", body=body, at=now)
    if method is Method.MAILBOX:
        _send_link(row, found.email, language, now)
    return row.id


@transaction.atomic
def ask_again(*, number: str, language: str, now: datetime) -> bool:
    """A new link for the guest of this requisition, to the same mailbox; whether there was one (pages never say)."""
    row = GuestVisit.objects.select_for_update().filter(requisition__number=number.strip(), until__gt=now).first()
    mailbox = people.mailbox_of(row.unit) if row else ""
    if row is None or not mailbox:
        return False
    sent = GuestVisit.objects.filter(unit=row.unit).exclude(secret_at=None).values_list("secret_at", flat=True)
    if core.too_many([at for at in sent if at is not None], now):
        return False
    _send_link(row, mailbox, language, now)
    return True


@transaction.atomic
def open_link(*, link: str, now: datetime) -> str:
    """Use a mailed link, once; the id of the visit that is now verified. ``NotFound`` for any that does not work."""
    row = GuestVisit.objects.select_for_update().filter(secret=_digest(f"link:{link}")).first()
    if row is None or not link or row.secret_until is None or now >= row.secret_until:
        raise NotFound("This link does not work any more.", code="guest_link", hint="Ask for a new one.")
    _verify(row, actor_of(row), now)
    return row.id


def link_works(link: str, now: datetime) -> bool:
    """Whether the link would open; asking does not use it up (mail filters follow links)."""
    return bool(link) and GuestVisit.objects.filter(secret=_digest(f"link:{link}"), secret_until__gt=now).exists()


@transaction.atomic
def called_back(*, visit: str, number: str, note: str, actor: Actor, now: datetime) -> str:
    """An officer has called the unit back at a number the centre knew; the code to dictate. ``Conflict`` when the
    guest is in already; ``Invalid`` without the number."""
    row = _to_call(visit, actor, now)
    if row.state != VisitState.ASKED:
        raise Conflict("This guest has been answered.", code="guest_answered")
    _check_number(number)
    code = _dictated(row, now)
    row.called_number, row.called_note = " ".join(number.split())[:40], " ".join(note.split())[:300]
    row.called_by, row.called_by_name = actor.id, actor.name
    row.save()
    body: dict[str, Json] = {"number": row.called_number, "note": row.called_note}
    record(actor=actor, name="guest:call-back", subject=f"guest:{row.id}", body=body, at=now)
    return code


@transaction.atomic
def told_of_package(*, visit: str, number: str, note: str, actor: Actor, now: datetime) -> str:
    """An officer has telephoned the unit of a guest whom no mail reaches: her package is there. The code to dictate, by
    which she comes back. ``Conflict`` when her requisition is out of her sight; ``Invalid`` without the number."""
    row = GuestVisit.objects.select_for_update().filter(pk=visit).first()
    if row is None or not concerned(row.insee, people.person_facts(actor.id, now)):
        raise NotFound("There is no such guest.", code="no_such_guest")
    if row.state != VisitState.VERIFIED or row.requisition_id is None or row.until is None or now >= row.until:
        raise Conflict("This guest has been answered.", code="guest_answered")
    _check_number(number)
    code = _dictated(row, now)
    row.told_at = now
    row.save()
    body: dict[str, Json] = {"number": " ".join(number.split())[:40], "note": " ".join(note.split())[:300]}
    record(actor=actor, name="guest:tell", subject=f"guest:{row.id}", body=body, at=now)
    return code


def come_again(*, number: str, code: str, now: datetime) -> str:
    """A guest is back with the code that was dictated: the id of the visit. ``Forbidden`` for a wrong or late one, for
    any number; five wrong ones end the code."""
    visit = _try_return(number.strip(), core.typed_code(code), now)
    if not visit:
        raise Forbidden("This code does not open.", code="guest_code", hint="Ask the officer on the telephone.")
    return visit


@transaction.atomic
def refuse(*, visit: str, note: str, actor: Actor, now: datetime) -> None:
    """The officer could not confirm this guest. ``NotFound``; ``Conflict`` when answered before."""
    row = _to_call(visit, actor, now)
    if row.state != VisitState.ASKED:
        raise Conflict("This guest has been answered.", code="guest_answered")
    row.state, row.secret = VisitState.REFUSED.value, ""
    row.save(update_fields=["state", "secret"])
    record(actor=actor, name="guest:refuse", subject=f"guest:{row.id}", body={"note": note[:300]}, at=now)


def give_code(*, visit: str, code: str, now: datetime) -> None:
    """The guest types the dictated code. ``Forbidden`` for a wrong or late one; five wrong ones end the visit."""
    if not _try_code(visit, core.typed_code(code), now):
        raise Forbidden("This code does not open.", code="guest_code", hint="Ask the officer on the telephone.")


def enter(
    *,
    visit: str,
    person: PersonFacts,
    entry: RequisitionEntry,
    document: IncomingDocument | None,
    recorder: TimelineSource | None,
    now: datetime,
) -> Requisition:
    """The guest's one requisition. The visit is its key: sent again, by a second click or from another tab, even at the
    same moment, it is the first one that is given back, and no second stands in the register."""
    key = f"guest:{visit}"
    found = Requisition.objects.filter(entry_key=key).first()
    if found is None:
        try:
            found = submit(
                actor=actor(visit), person=person, entry=entry, document=document, recorder=recorder, key=key, now=now
            )
        except Conflict:
            found = Requisition.objects.filter(entry_key=key).first()
            if found is None:
                raise
    _attach(visit, found, now)
    return found


@transaction.atomic
def _attach(visit: str, made: Requisition, now: datetime) -> None:
    row = GuestVisit.objects.select_for_update().get(pk=visit)
    if row.requisition_id:
        return
    row.requisition, row.until = made, now + core.TERM
    row.save(update_fields=["requisition", "until"])
    record(actor=actor_of(row), name="guest:enter", subject=f"guest:{row.id}", body={"number": made.number}, at=now)


def actor_of(row: GuestVisit) -> Actor:
    """Who acts, for the log."""
    return Actor(row.id, f"{row.rank} {row.name}".strip(), row.force, row.unit_name, "guest")


def actor(visit: str) -> Actor:
    """The same by the visit's id."""
    return actor_of(GuestVisit.objects.get(pk=visit))


@transaction.atomic
def _try_code(visit: str, code: str, now: datetime) -> bool:
    row = GuestVisit.objects.select_for_update().filter(pk=visit, state=VisitState.ASKED.value).first()
    if row is None or not row.secret or row.secret_until is None or now >= row.secret_until:
        return False
    if secrets.compare_digest(row.secret, _digest(f"{row.id}:{code}")):
        _verify(row, actor_of(row), now)
        return True
    row.attempts += 1
    if row.attempts >= core.MOST_ATTEMPTS:
        row.state, row.secret = VisitState.REFUSED.value, ""
        record(actor=SYSTEM, name="guest:refuse", subject=f"guest:{row.id}", body={"note": "wrong codes"}, at=now)
    row.save(update_fields=["attempts", "state", "secret"])
    return False


@transaction.atomic
def _try_return(number: str, code: str, now: datetime) -> str:
    known = GuestVisit.objects.select_for_update().filter(requisition__number=number, state=VisitState.VERIFIED.value)
    row = known.filter(until__gt=now, secret_until__gt=now).exclude(secret="").first()
    if row is None:
        return ""
    if secrets.compare_digest(row.secret, _digest(f"{row.id}:{code}")):
        row.secret, row.secret_until = "", None
        record(actor=actor_of(row), name="guest:return", subject=f"guest:{row.id}", body={}, at=now)
    else:
        row.attempts += 1
        row.secret = "" if row.attempts >= core.MOST_ATTEMPTS else row.secret
    row.save(update_fields=["secret", "secret_until", "attempts"])
    return row.id if row.secret_until is None else ""


def _check_number(number: str) -> None:
    if sum(letter.isdigit() for letter in number) < 4:
        raise Invalid("Say which number you called.", code="guest_number", fields={"number": "guest_number"})


def _dictated(row: GuestVisit, now: datetime) -> str:
    """A fresh code for this visit; only its digest stays."""
    code = "".join(secrets.choice(core.CODE_LETTERS) for _ in range(core.CODE_LENGTH))
    row.secret, row.secret_at, row.secret_until = _digest(f"{row.id}:{code}"), now, now + core.CODE_LIFE
    row.attempts = 0
    return code


def _to_call(visit: str, actor: Actor, now: datetime) -> GuestVisit:
    """The guest, locked, for an officer of the room concerned; ``NotFound`` for every other."""
    row = GuestVisit.objects.select_for_update().filter(pk=visit, method=Method.CALL_BACK.value).first()
    if row is None or not concerned(row.insee, people.person_facts(actor.id, now)):
        raise NotFound("There is no such guest.", code="no_such_guest")
    return row


def _send_link(row: GuestVisit, mailbox: str, language: str, now: datetime) -> None:
    link = secrets.token_urlsafe(32)
    row.secret, row.secret_at, row.secret_until = _digest(f"link:{link}"), now, now + core.LINK_LIFE
    row.save(update_fields=["secret", "secret_at", "secret_until"])
    address = settings.BEFFROI_LINKS["guest"].format(link)
    title, text = guest_words(
        f"{row.rank} {row.name}".strip(), address, centre=settings.BEFFROI_CENTRE, language=language
    )
    to = Recipient("guest", "", row.unit_name, Channel.EMAIL, mailbox, language)
    notices.write_secret(subject=f"guest:{row.id}:{row.secret[:16]}", to=to, title=title, text=text, now=now)


def _verify(row: GuestVisit, actor: Actor, now: datetime) -> None:
    row.secret, row.secret_until = "", None
    if row.state != VisitState.VERIFIED:
        row.state, row.verified_at, row.until = VisitState.VERIFIED.value, now, now + core.ENTER_WITHIN
    row.save()
    body: dict[str, Json] = {"method": row.method, "called_by": row.called_by_name, "number": row.called_number}
    record(actor=actor, name="guest:verify", subject=f"guest:{row.id}", body=body, at=now)


def _digest(text: str) -> str:
    return sha256(text.encode()).hex()
