"""Enter a year of closed requisitions by the same acts as any other, each at its own time.

Somebody signs in while they are entered. A write of SQLite locks out every other, and who waits asks again ten times a
second at most: so after each entry the database is left alone for as long as the entry took, and never less than two
such asks apart. No entry runs at low priority, for then others wait for a lock whose holder waits for the processor.

Requisitions of the past ask to *view* pictures on the spot: a package of footage that never existed would be a lie in
the log.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from io import BytesIO

from django.db import transaction
from PIL import Image, ImageDraw, ImageFont

from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.config.demo.stories import ZONE, Story, stories
from beffroi.governance.actions import holds as hold_acts
from beffroi.governance.actions import outcomes, requisition_answers, requisition_decisions, requisition_entry
from beffroi.governance.actions.requisition_progress import advance
from beffroi.governance.actions.requisitions import ask_completion
from beffroi.governance.core.answers import Verdict
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.core.requisition_decisions import Ground, propose
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing
from beffroi.governance.core.requisition_fields import RequisitionEntry, Twice, TypedTime
from beffroi.governance.core.requisitions import Act, Channel
from beffroi.governance.documents.incoming import IncomingDocument, read_incoming
from beffroi.governance.queries import holds as hold_queries
from beffroi.governance.queries import requisitions as requisition_queries
from beffroi.kernel.clock import Clock, to_us
from beffroi.kernel.ids import CameraId, HoldId, RunId
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import HoldResult
from beffroi.media.core.words import Gap, GapCause, Piece, StreamName, Timeline
from beffroi.people import queries as person_queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Quality
from beffroi.sites import queries as sites
from beffroi.sites.core.coverage import PlaceClass

FRAMES = {"CPP_60_1": Frame.FLAGRANCY, "CPP_77_1_1": Frame.PRELIMINARY, "CPP_99_3": Frame.INVESTIGATION}
LEAST_REST_S = 0.2


class RecorderThen:
    """What the recorder would have answered at ``now``: everything recorded, for as long as it is kept."""

    def __init__(self, now: datetime, days: Mapping[CameraId, int]) -> None:
        self._now, self._days = now, days

    def timeline(self, camera: CameraId, span: Span) -> Timeline:
        """Recorded where the term had not run out; else a gap of cause ``retention``."""
        kept_from = self._now - timedelta(days=self._days[camera])
        edge = min(max(kept_from, span.start), span.end)
        run = RunId("demonstration")
        gap = Gap(camera, StreamName.MAIN, span.start_us, to_us(edge), GapCause.RETENTION)
        pieces = (Piece(run, to_us(edge), span.end_us),) if edge < span.end else ()
        return Timeline(camera, StreamName.MAIN, span, pieces, (gap,) if span.start < edge else (), ())


def write(ids: Mapping[str, str], now: datetime, *, clock: Clock, rest: Callable[[float], object]) -> int:
    """Enter the year, once, with a ``rest`` of some seconds after each entry; returns how many requisitions it made."""
    chief = person_queries.person_facts(ids["chef"], now)
    if requisition_queries.inbox(chief, now, closed=True, limit=1):
        return 0
    cameras = sites.cameras()
    days = {camera.id: camera.retention_days for camera in cameras}
    guard, officer = (person_queries.person_facts(ids[name], now) for name in ("garde", "referent"))
    count = 0
    for story in stories(now, cameras):
        count += 1
        began = clock.monotonic_ns()
        with transaction.atomic():  # one at a time: the pages are in use already
            _enter(story, count, guard, officer, days)
        rest(max(LEAST_REST_S, (clock.monotonic_ns() - began) / 1e9))
    return count


def _enter(story: Story, count: int, guard: PersonFacts, officer: PersonFacts, days: Mapping[CameraId, int]) -> None:
    typed = story.received + timedelta(minutes=6)
    guard_acts, officer_acts = person_queries.actor_of(guard), person_queries.actor_of(officer)
    document = _paper(story, count)
    row = requisition_entry.receive(
        actor=guard_acts, person=guard, entry=_entry(story, count), document=document, now=typed
    )
    first = story.received + story.first_look
    requisition_answers.first_answer(
        actor=guard_acts, requisition=row.id, recorder=RecorderThen(first, days), now=max(first, typed)
    )
    decided = max(story.received + story.answered, first, typed) + timedelta(minutes=1)
    outcome = requisition_answers.check(actor=officer_acts, person=officer, requisition=row.id, now=decided)
    answer = requisition_queries.latest_answer(requisition_queries.by_id(row.id))
    verdict = answer.verdict if answer is not None else Verdict.NOT_COVERED
    proposal = propose(outcome, Verdict.NOT_COVERED if verdict is Verdict.UNKNOWN else verdict)
    if proposal.act is Act.ASK_COMPLETION:
        ask_completion(actor=officer_acts, requisition=row.id, what="L’autorisation du magistrat.", now=decided)
        proposal = propose(None, None)
    act, ground = (
        (proposal.act, proposal.ground) if proposal.act not in (None, Act.CHECK) else (Act.REFUSE, Ground.INCOMPLETE)
    )
    if act is Act.ACCEPT_PARTLY or (act is Act.ACCEPT and not story.cameras):
        act, ground = (Act.ACCEPT, Ground.NONE) if story.cameras else (Act.ANSWER_NEGATIVE, Ground.NOT_COVERED)
    requisition_decisions.decide(
        actor=officer_acts, person=officer, requisition=row.id, act=act or Act.REFUSE, ground=ground, now=decided
    )
    _settle_holds(row.id, guard_acts, decided)
    closed = story.received + story.closed
    advance(actor=officer_acts, requisition=row.id, act=Act.CLOSE, now=max(closed, decided))
    _settle_holds(row.id, guard_acts, max(closed, decided))
    _outcome(story, row.id, guard_acts, max(closed, decided) + timedelta(days=2), positive=act is Act.ACCEPT)


def _outcome(story: Story, requisition: str, actor: Actor, now: datetime, *, positive: bool) -> None:
    """A string of facts is one requisition and several facts; whether pictures helped is said later, or never."""
    if story.second_fact:
        outcomes.add_fact(
            actor=actor,
            requisition=requisition,
            nature=story.offence,
            committed_on=story.span.start.astimezone(ZONE).date(),
            place=story.place,
            place_class=story.place_class,
            now=now,
        )
    if positive and story.helped is not None:
        outcomes.record_outcome(actor=actor, requisition=requisition, helped=story.helped, now=now)


def _settle_holds(requisition: str, actor: Actor, now: datetime) -> None:
    """What the recorder of the time did with the holds: set them, and let them go when they were released."""
    for hold in hold_queries.holds_of(HoldReference.REQUISITION, requisition):
        if hold.released_at is not None:
            continue
        if hold.releasing:
            hold_acts.note_released(actor=SYSTEM, hold=hold.id, now=now)
        elif hold.confirmed_at is None:
            result = HoldResult(HoldId(hold.id), to_us(hold.placed_at), (hold.span,))
            hold_acts.note_confirmed(actor=SYSTEM, hold=hold.id, result=result, now=now)


def _entry(story: Story, count: int) -> RequisitionEntry:
    start, end = (at.astimezone(ZONE) for at in (story.span.start, story.span.end))
    name, code, department = story.unit
    rank, officer = story.officer
    preliminary, rogatory = story.basis == "CPP_77_1_1", story.basis == "CPP_99_3"
    kind = (
        AuthorisationKind.ROGATORY
        if rogatory
        else AuthorisationKind.SPECIFIC
        if preliminary
        else AuthorisationKind.NONE
    )
    apj = story.apj and not rogatory
    texts = {
        "unit_name": name,
        "unit_code": code,
        "department": department,
        "officer_name": officer,
        "rank": rank,
        "matricule": f"{200_000 + hash_of(officer):06d}",
        "supervising_opj": "Major Denis Poulain" if apj else "",
        "contact": f"{code.split()[0].lower()}@gendarmerie.invalid",
        "procedure_number": f"{code.split()[-1]}/{1000 + count:05d}/{story.received.year}",
        "magistrate": "Vice-procureure Nicole Aubert" if preliminary else "Juge Étienne Sorel" if rogatory else "",
        "authorisation_reference": f"{'CR' if rogatory else 'SOIT-TRANSMIS'} {count:03d}/{story.received.year}"
        if kind
        else "",
        "offence": story.offence,
        "natinf": story.natinf,
        "place": story.place,
    }
    return RequisitionEntry(
        channel=Channel.VISIT if count % 7 == 0 else Channel.MAIL,
        texts=texts,
        quality=Quality.APJ if apj else Quality.OPJ,
        legal_basis=story.basis,
        frame=FRAMES[story.basis],
        authorisation_kind=kind,
        authorisation_date=story.received.date() if kind else None,
        since=TypedTime(start.date(), start.time(), _twice(start)),
        until=TypedTime(end.date(), end.time(), _twice(end)),
        cameras=story.cameras,
        latitude=story.position[0] if story.position else None,
        longitude=story.position[1] if story.position else None,
        committed_on=start.date(),
        things=frozenset({RequestedThing.VIEW}),
        received_at=story.received,
        place_class=PlaceClass.UNKNOWN,
        has_document=True,
    )


def _twice(local: datetime) -> Twice:
    """Which of two hours, on the night when clocks go back."""
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return Twice.NOT_SAID
    return Twice.SECOND if local.fold else Twice.FIRST


def hash_of(name: str) -> int:
    """A number that is always the same for a name."""
    return sum(ord(letter) * (place + 7) for place, letter in enumerate(name)) % 99_999


def _paper(story: Story, count: int) -> IncomingDocument:
    """The paper as a scanner gives it: one page, said to be of the demonstration."""
    page = Image.new("1", (420, 594), 1)
    draw = ImageDraw.Draw(page)
    lines = (
        "DEMONSTRATION", "", story.unit[0], f"{story.officer[0]} {story.officer[1]}", "", "REQUISITION",
        f"N {count:03d}", f"{story.span.start:%d/%m/%Y %H:%M} - {story.span.end:%H:%M} UTC", story.place,
    )  # fmt: skip
    for n, line in enumerate(lines):
        plain = line.encode("ascii", "replace").decode().replace("?", "e")
        draw.text((40, 50 + n * 26), plain, font=ImageFont.load_default(16), fill=0)
    data = BytesIO()
    page.save(data, "PDF", resolution=72)
    return read_incoming(f"requisition-{count:03d}.pdf", data.getvalue())
