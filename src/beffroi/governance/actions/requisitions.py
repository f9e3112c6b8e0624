"""Acts on requisitions as pages and other parts call them: enter, submit, check, ask, decide, hand on, close.

A page makes one call; what belongs together (register, hold, first answer, paper) happens in it, each part in a
transaction of its own, so that a recorder or a printer that fails never loses a requisition.
"""

import logging
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record_refusal
from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.actions import mail, papers
from beffroi.governance.actions.extractions import request_extraction
from beffroi.governance.actions.holds import release_for
from beffroi.governance.actions.requisition_answers import TimelineSource, check, first_answer
from beffroi.governance.actions.requisition_decisions import LONGEST_WORDS, decide
from beffroi.governance.actions.requisition_entry import complete, receive
from beffroi.governance.actions.requisition_steps import locked, step
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisition_fields import RequisitionEntry, has_control
from beffroi.governance.core.requisitions import HANDED_OVER_THINGS, Act, Result
from beffroi.governance.documents.incoming import IncomingDocument
from beffroi.governance.queries import intake
from beffroi.governance.queries import requisitions as rows
from beffroi.kernel.errors import BeffroiError, Forbidden, Invalid, NotFound
from beffroi.kernel.outcome import Outcome
from beffroi.people.core.facts import PersonFacts

log = logging.getLogger(__name__)


def enter(
    *,
    actor: Actor,
    person: PersonFacts,
    entry: RequisitionEntry,
    document: IncomingDocument | None,
    recorder: TimelineSource | None,
    now: datetime,
) -> models.Requisition:
    """An officer enters a paper: registered, held, answered without pictures, checked, acknowledged on paper."""
    row = receive(actor=actor, person=person, entry=entry, document=document, now=now)
    _answer(actor, row.id, recorder, now)
    check(actor=actor, person=person, requisition=row.id, now=now)
    return row


def submit(
    *,
    actor: Actor,
    person: PersonFacts,
    entry: RequisitionEntry,
    document: IncomingDocument | None,
    recorder: TimelineSource | None,
    key: str = "",
    now: datetime,
) -> models.Requisition:
    """An investigator submits at the counter: the same, but the rules wait for whoever will execute it.

    ``key``: what may be entered once only (``Conflict``)."""
    row = receive(actor=actor, person=person, entry=entry, document=document, key=key, now=now)
    _answer(actor, row.id, recorder, now)
    return row


def resubmit(
    *,
    actor: Actor,
    person: PersonFacts,
    requisition: str,
    entry: RequisitionEntry,
    document: IncomingDocument | None,
    recorder: TimelineSource | None,
    now: datetime,
) -> None:
    """Complete or amend, and answer anew."""
    complete(actor=actor, person=person, requisition=requisition, entry=entry, document=document, now=now)
    _answer(actor, requisition, recorder, now)


def recheck(
    *, actor: Actor, person: PersonFacts, requisition: str, recorder: TimelineSource | None, now: datetime
) -> Outcome:
    """Ask the recorder and the rules again."""
    _answer(actor, requisition, recorder, now)
    return check(actor=actor, person=person, requisition=requisition, now=now)


def answer(
    *,
    actor: Actor,
    person: PersonFacts,
    requisition: str,
    act: Act,
    ground: Ground,
    words: str = "",
    override_reason: str = "",
    granted: Collection[str] = (),
    now: datetime,
) -> models.RequisitionDecision:
    """A person decides; what was accepted is asked of the recorder as a package, and the paper is made.

    Yes and package are one act: who may not extract (``Forbidden``, ``decider-may-not-extract``, with the gate's
    article) has decided nothing, and the requisition waits for somebody who may. ``extract`` asks for another.
    """
    try:
        with transaction.atomic():
            made = decide(
                actor=actor, person=person, requisition=requisition, act=act, ground=ground, words=words,
                override_reason=override_reason, granted=granted, now=now,
            )  # fmt: skip
            positive = made.result in {Result.POSITIVE, Result.PARTIAL}
            if settings.BEFFROI_RECORDING and positive and wants_package(requisition):
                _extract_with_it(actor=actor, requisition=requisition, now=now)
    except Forbidden as error:
        number = rows.by_id(requisition).number
        body = {"act": act.value, "code": error.code, "article": error.article}
        record_refusal(actor=actor, name="requisition:blocked", subject=f"requisition:{number}", body=body, at=now)
        raise
    try:
        papers.paper_of_decision(actor=actor, decision=made.id, now=now)
    except BeffroiError:
        log.exception("the paper of decision %s waits for the next turn", made.id)
    return made


def _extract_with_it(*, actor: Actor, requisition: str, now: datetime) -> None:
    try:
        extract(actor=actor, requisition=requisition, now=now)
    except Forbidden as error:
        raise Forbidden(
            "Nothing was decided: whoever accepts also extracts, and the law does not let you extract this.",
            code="decider-may-not-extract",
            article=error.article,
            hint="Let somebody decide who holds clearance and approval.",
        ) from error


def wants_package(requisition: str) -> bool:
    """Whether something of it leaves in a package."""
    return bool(rows.things_of(rows.by_id(requisition)) & HANDED_OVER_THINGS)


def extract(*, actor: Actor, requisition: str, now: datetime) -> str:
    """Ask for the package of exactly what was granted; returns the extraction's id.

    It is made of the exports that were taken in for it, where there are any, else of the recorder's pictures.
    """
    row = rows.by_id(requisition)
    cameras = tuple(one.camera for one in row.cameras.all() if one.granted)
    made = request_extraction(
        actor=actor, requisition=requisition, cameras=cameras, span=rows.span_of(row), intake=intake.ready(requisition),
        now=now,
    )  # fmt: skip
    return str(made.id)


@transaction.atomic
def ask_completion(*, actor: Actor, requisition: str, what: str, now: datetime) -> None:
    """Say to the requester what is missing; the unit's mailbox is told that something is. ``Invalid`` for empty
    words."""
    row = locked(requisition)
    what = said(what, "asked")
    step(row, Act.ASK_COMPLETION, actor=actor, now=now, note=what)
    row.asked = what
    row.save(update_fields=["state", "asked"])
    mail.tell_completion(requisition=row, event=row.events.count(), now=now)


@transaction.atomic
def withdraw(*, actor: Actor, requisition: str, why: str, now: datetime) -> None:
    """Its requester takes it back; its holds go."""
    row = locked(requisition)
    why = said(why, "why")
    step(row, Act.WITHDRAW, actor=actor, now=now, note=why)
    row.save(update_fields=["state"])
    release_for(actor=actor, requisition=row.id, reason=f"withdrawn {row.number}", now=now)


@transaction.atomic
def assign(*, actor: Actor, requisition: str, officer: PersonFacts, now: datetime) -> None:
    """Let an officer of the centre see a confidential requisition (CPP 11)."""
    row = locked(requisition)
    _, new = models.RequisitionOfficer.objects.get_or_create(
        requisition=row,
        person=officer.id,
        defaults={"name": officer.called, "assigned_at": now, "assigned_by": actor.id},
    )
    if new:
        step(row, Act.ASSIGN, actor=actor, now=now, note=officer.called, to_requester=False)


def said(text: str, field: str) -> str:
    """Words of a person: single-spaced, not empty, not endless, without control characters; ``Invalid``."""
    text = " ".join(text.split())
    code = "missing" if not text else "too-long" if len(text) > LONGEST_WORDS else ""
    code = code or ("control-characters" if has_control(text) else "")
    if code:
        raise Invalid("Say it in a few words.", code="words", fields={field: code})
    return text


def _answer(actor: Actor, requisition: str, recorder: TimelineSource | None, now: datetime) -> None:
    made = first_answer(actor=actor, requisition=requisition, recorder=recorder, now=now)
    if made is None:
        return
    try:
        papers.paper_of_answer(actor=actor, answer=made.id, now=now)
    except NotFound:
        raise
    except BeffroiError:
        log.exception("the acknowledgement of %s waits for the next turn", requisition)
