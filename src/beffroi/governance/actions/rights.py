"""Acts on requests of persons (R-39). Whoever asks has no account; whoever answers is named, and each answer signed."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.actions.holds import place_hold, release_hold
from beffroi.governance.core import rights as core
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.core.rights import RefusalGround, RightsAct, RightsState, Wish
from beffroi.governance.documents import signature, store
from beffroi.governance.documents.papers import set_paper
from beffroi.governance.documents.rights import RightsAnswer, rights_paper
from beffroi.governance.queries import rights as queries
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.sites import queries as sites

REQUESTER_KEY = "rights"
"""Holds for requests share one cap: over it there is an alarm, never a lost picture."""


@dataclass(frozen=True, slots=True)
class RightsEntry:
    """What a person writes."""

    wish: Wish
    place: str
    span: Span
    description: str
    name: str
    contact: str
    language: str = "fr"


@transaction.atomic
def receive(*, entry: RightsEntry, address: str, now: datetime) -> models.RightsRequest:
    """Take in a request from the public page, start its clock and hold what a camera of that name may have, at once.

    ``Conflict`` ``rights-too-many`` when one address, or all together, asked too often in the last hour; ``Invalid``
    for a span that is empty, too long, to come, or past any retention.
    """
    wrong = core.problems(entry.span, now)
    if wrong:
        raise Invalid("This request cannot be taken.", code="rights-fields", fields=wrong)
    source = _source(address, now)
    hour = now - timedelta(hours=1)
    if queries.taken_since(hour, source) >= core.PER_SOURCE_HOUR or queries.taken_since(hour) >= core.PER_HOUR:
        raise Conflict("Too many requests came in.", code="rights-too-many", hint="Try later, or write to us.")
    row = models.RightsRequest(
        id=new_id(to_us(now)),
        number=core.tracking_number(secrets.randbits(50)),
        wish=entry.wish.value,
        place=entry.place[:200],
        span_from=entry.span.start,
        span_until=entry.span.end,
        description=entry.description[: core.MAX_WORDS],
        name=entry.name[:160],
        contact=entry.contact[:254],
        language=entry.language,
        source=source,
        received_at=now,
        cameras=[str(one.id) for one in sites.cameras() if one.name == entry.place and one.public_road],
    )
    row.due_at = _clock(row).due_at
    row.save(force_insert=True)
    _record(SYSTEM, "rights:receive", row, now, {"wish": row.wish, "due": iso(row.due_at)})
    _hold(row, SYSTEM, now)
    return row


@transaction.atomic
def ask_identity(*, actor: Actor, request: str, now: datetime) -> None:
    """Note that proof of identity was asked for."""
    row = _moved(request, RightsAct.ASK_IDENTITY)
    row.save()
    _record(actor, "rights:ask-identity", row, now, {})


@transaction.atomic
def identify(*, actor: Actor, request: str, shown: str, now: datetime) -> None:
    """The officer saw proof of identity: which, never its copy or number. ``Invalid`` without saying which."""
    row = _moved(request, RightsAct.IDENTIFY)
    row.identity_kind = _said(shown, "shown")[:80]
    row.identified_at, row.identified_by_name = now, actor.name
    row.save()
    _record(actor, "rights:identify", row, now, {"shown": row.identity_kind})


@transaction.atomic
def locate(*, actor: Actor, request: str, cameras: tuple[str, ...], now: datetime) -> None:
    """Say which cameras see the place: the clock is set anew, what they have is held, what others have let go."""
    row = _moved(request, RightsAct.LOCATE)
    known = {str(one.id) for one in sites.cameras(retired=True)}
    if not cameras or not set(cameras) <= known:
        raise Invalid("Choose the cameras that see the place.", code="rights-fields", fields={"cameras": "missing"})
    row.cameras = list(cameras)
    row.due_at = _clock(row).due_at
    row.save()
    _record(actor, "rights:locate", row, now, {"cameras": list(cameras), "due": iso(row.due_at)})
    _release(row, actor, "other cameras", now, keep=frozenset(cameras))
    _hold(row, actor, now)


@transaction.atomic
def appoint(*, actor: Actor, request: str, at: datetime, place: str, words: str = "", now: datetime) -> None:
    """Answer with an appointment to see the pictures on the spot, before they die. The signed paper is made at once."""
    row = _moved(request, RightsAct.APPOINT)
    purge = _clock(row).purge_at
    if at <= now or (purge is not None and at >= purge):
        code = "in-the-past" if at <= now else "after-purge"
        raise Invalid("This appointment does not fit.", code="rights-fields", fields={"at": code})
    row.appointment_at, row.appointment_place = at, _said(place, "place")[:160]
    _answer(row, actor, "rights:appoint", words, now, {"at": iso(at)})


@transaction.atomic
def answer_negative(*, actor: Actor, request: str, words: str = "", now: datetime) -> None:
    """Answer that nothing is kept; what was held is let go."""
    row = _moved(request, RightsAct.ANSWER_NEGATIVE)
    _answer(row, actor, "rights:answer-negative", words, now, {})
    _release(row, actor, "answered: nothing there", now)


@transaction.atomic
def refuse(*, actor: Actor, request: str, ground: RefusalGround, words: str, now: datetime) -> None:
    """Refuse on a ground of the list, in words of one's own besides. ``Invalid`` without them."""
    row = _moved(request, RightsAct.REFUSE)
    row.ground = ground.value
    _answer(row, actor, "rights:refuse", _said(words, "words"), now, {"ground": ground.value})
    _release(row, actor, f"refused: {ground.value}", now)


@transaction.atomic
def withdraw(*, actor: Actor, request: str, now: datetime) -> None:
    """The person no longer asks."""
    row = _moved(request, RightsAct.WITHDRAW)
    row.save()
    _record(actor, "rights:withdraw", row, now, {})
    _release(row, actor, "withdrawn", now)


@transaction.atomic
def close(*, actor: Actor, request: str, now: datetime) -> None:
    """The matter is over: the person has seen them, or the answer left."""
    row = _moved(request, RightsAct.CLOSE)
    row.save()
    _record(actor, "rights:close", row, now, {})
    _release(row, actor, "closed", now)


@transaction.atomic
def read_answer(*, actor: Actor, request: models.RightsRequest, now: datetime) -> bytes:
    """The signed paper, with the fact that it was opened. ``NotFound`` before the answer."""
    if not request.paper_sha256:
        raise NotFound("There is no paper yet.", code="no-such-rights-paper")
    data = store.get(request.paper_sha256)
    _record(actor, "rights:paper-read", request, now, {"sha256": request.paper_sha256})
    return data


@transaction.atomic
def forget(*, request: str, now: datetime) -> None:
    """Blank the person in an old request; number, dates, state and ground stay for the register."""
    row = _locked(request)
    for field in ("name", "contact", "description", "words", "identity_kind", "appointment_place", "source", "place"):
        setattr(row, field, "")
    row.forgotten_at = now
    row.save()
    _record(SYSTEM, "rights:forget", row, now, {})


@transaction.atomic
def drop_source(*, request: str) -> None:
    """The rate needs a day at most; then the digest of the address goes. Leaves no fact: nothing was decided."""
    models.RightsRequest.objects.filter(pk=request).update(source="")


def _locked(request: str) -> models.RightsRequest:
    row = models.RightsRequest.objects.select_for_update().filter(pk=request).first()
    if row is None:
        raise NotFound("There is no such request.", code="no-such-rights-request")
    return row


def _moved(request: str, act: RightsAct) -> models.RightsRequest:
    row = _locked(request)
    row.state = core.next_state(RightsState(row.state), act)
    return row


def _said(text: str, field: str) -> str:
    plain = " ".join(text.split())[:1000]
    if not plain:
        raise Invalid("Something is missing.", code="rights-fields", fields={field: "missing"})
    return plain


def _clock(row: models.RightsRequest) -> core.Clock:
    days = [one.retention_days for one in sites.cameras(retired=True) if str(one.id) in row.cameras]
    return core.clock_of(row.received_at, Span(row.span_from, row.span_until), min(days, default=None))


def _hold(row: models.RightsRequest, actor: Actor, now: datetime) -> None:
    held = {one.camera for one in queries.holds_of(row.id) if one.id in queries.live_holds_of(row.id)}
    for camera in row.cameras:
        if camera not in held:
            place_hold(
                actor=actor, camera=camera, span=Span(row.span_from, row.span_until), kind=HoldReference.RIGHTS,
                reference=row.id, label=row.number, reason=f"{row.number}", requester_key=REQUESTER_KEY, now=now,
            )  # fmt: skip


def _release(
    row: models.RightsRequest, actor: Actor, reason: str, now: datetime, *, keep: frozenset[str] = frozenset()
) -> None:
    live = set(queries.live_holds_of(row.id))
    for hold in queries.holds_of(row.id):
        if hold.id in live and hold.camera not in keep:
            release_hold(actor=actor, hold=hold.id, reason=reason, now=now)


def _answer(
    row: models.RightsRequest, actor: Actor, name: str, words: str, now: datetime, more: Mapping[str, Json]
) -> None:
    row.words = " ".join(words.split())[:1000]
    row.answered_at, row.answered_by_name = row.answered_at or now, actor.name
    row.answer_fact = _record(actor, name, row, now, more)
    row.paper_sha256 = store.put(_paper(row, actor, now))
    row.save()
    _record(actor, "rights:paper", row, now, {"sha256": row.paper_sha256, "about": row.answer_fact})


def _paper(row: models.RightsRequest, actor: Actor, now: datetime) -> bytes:
    appointed = row.state == RightsState.APPOINTED and row.appointment_at is not None
    answer = RightsAnswer(
        number=row.number,
        name=row.name,
        place=row.place,
        span=Span(row.span_from, row.span_until),
        zone=settings.TIME_ZONE,
        received_at=row.received_at,
        state=RightsState(row.state),
        words=row.words,
        by=actor.name,
        ground=RefusalGround(row.ground) if row.ground else None,
        appointment=(row.appointment_at, row.appointment_place) if appointed and row.appointment_at else None,
    )
    data = rights_paper(
        answer, centre=settings.BEFFROI_CENTRE, now=now, fact=row.answer_fact,
        fingerprint=signature.fingerprint(now), language=row.language,
    )  # fmt: skip
    pdf = set_paper("paper", data, language=row.language)
    return signature.sign(pdf, reason=str(data["title"]), place=settings.BEFFROI_CENTRE, now=now)


def _source(address: str, now: datetime) -> str:
    """A digest of the address under a key of the day: enough to count, useless to find anybody later."""
    message = f"rights {now:%Y-%m-%d} {address}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()[:32]


def _record(actor: Actor, name: str, row: models.RightsRequest, now: datetime, more: Mapping[str, Json]) -> str:
    """The log names the request by its number and never the person who asks: her file is forgotten on its own day."""
    return record(actor=actor, name=name, subject=f"rights:{row.number}", body=dict(more), at=now)
