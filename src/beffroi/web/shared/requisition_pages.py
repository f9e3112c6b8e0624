"""What the pages of requisitions at desk and counter have in common: the form's round trip, the map, papers, strips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import papers
from beffroi.governance.core.answers import Answer, AnswerLine
from beffroi.governance.core.codec import outcome_from_json
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.core.mail_in import MAIL_KINDS
from beffroi.governance.core.requisitions import State
from beffroi.governance.queries import holds, law
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.kernel.spans import Span
from beffroi.media.client import RecorderClient
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.web.shared import recorder
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.place_map import HEIGHT, WIDTH, draw_svg, frame_of
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.requisition_forms import RequisitionForm, suggested

_STRIP = 1000.0
"""Width of a strip in its own units."""

STEPS = (State.RECEIVED, State.CHECKED, State.ACCEPTED, State.PACKAGED, State.HANDED_OVER, State.ACKNOWLEDGED)
"""The way a requisition takes when it is answered with pictures."""


@dataclass(frozen=True, slots=True)
class StripPart:
    """One piece of a strip: where it begins, how long it is, and what it says."""

    kind: str
    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the first answer with its words and its drawing."""

    line: AnswerLine
    state: Any
    parts: tuple[StripPart, ...]
    causes: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule of the trace with its title and the reason in words."""

    rule: str
    source: str
    title: str
    held: bool
    severity: str
    reason: str


def recorder_or_none() -> RecorderClient | None:
    """The recorder's client; ``None`` where none is configured: the answer is then *unknown* (I9)."""
    if not settings.BEFFROI_RECORDING:
        return None
    try:
        return recorder.client()
    except (ImportError, Invalid):
        return None


def form_of(
    request: OfficeRequest,
    *,
    counter: bool,
    initial: Mapping[str, Any] | None = None,
    person: PersonFacts | None = None,
) -> RequisitionForm:
    """The form, bound to what was sent; for a guest as ``person``."""
    sent, person = request.method == "POST", person or request.person
    return RequisitionForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=None if sent else {"received_at": request.now, **(initial or {})},
        cameras=sites.cameras_visible_to(person),
        person=person.id,
        now=request.now,
        counter=counter,
    )


def looks_for_cameras(request: OfficeRequest) -> bool:
    """Whether the map or "find the cameras" was clicked, and not the button that sends."""
    return "pin.x" in request.POST or "find" in request.POST


def with_cameras_found(request: OfficeRequest, form: RequisitionForm) -> RequisitionForm:
    """The same form with the clicked place and the cameras that see it, or whose names are in the place, ticked."""
    form.keep_upload()
    known = {camera.id for camera in form.known}
    ticked = [one for one in request.POST.getlist("cameras") if one in known]
    changes: dict[str, Any] = {}
    pin = form.position
    x, y = request.POST.get("pin.x", ""), request.POST.get("pin.y", "")
    if x.isdecimal() and y.isdecimal() and (int(x), int(y)) != (0, 0):
        pin = frame_of(form.known, _middle()).place_of(min(int(x), WIDTH), min(int(y), HEIGHT))
        changes["pin"] = f"{pin[0]},{pin[1]}"
        ticked = []
    found: list[str] = [camera.id for camera in sites.covering(*pin, request.now) if camera.id in known] if pin else []
    found = found or suggested(request.POST.get("place", ""), form.known)
    changes["cameras"] = list(dict.fromkeys([*ticked, *found]))
    return form.with_changes(**changes)


def map_response(request: OfficeRequest, person: PersonFacts | None = None) -> HttpResponse:
    """The map as an image, with the cameras of ``?c=`` chosen and ``?pin=`` stuck in; for a guest as ``person``."""
    person = person or request.person
    cameras = sites.cameras_visible_to(person)
    pin = None
    parts = request.GET.get("pin", "").split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            pin = (latitude, longitude)
    except ValueError:
        pin = None
    plan: Mapping[str, Any] = next((one.plan for one in sites.communes() if one.insee in person.territory), {})
    chosen = set(request.GET.get("c", "").split(","))
    svg = draw_svg(frame_of(cameras, _middle()), plan, cameras, chosen=chosen, pin=pin)
    return HttpResponse(svg, content_type="image/svg+xml")


def map_query(form: RequisitionForm) -> str:
    """The query that shows the form's choice on the map."""
    chosen = form.data.getlist("cameras") if form.is_bound and hasattr(form.data, "getlist") else []
    ids = [one for one in chosen if one in {camera.id for camera in form.known}]
    pin = form.position
    return f"c={','.join(ids)}&pin={f'{pin[0]},{pin[1]}' if pin else ''}"


def paper_response(request: OfficeRequest, document: queries.PaperRow, *, actor: Actor | None = None) -> HttpResponse:
    """A stored paper as a download; a browser never opens what came from outside by itself."""
    data = papers.read_paper(actor=actor or request.actor, document=document, now=request.now)
    return download(data, document.name, document.media_type)


def download(data: bytes, called: str, media_type: str) -> HttpResponse:
    """What came from outside: handed to the disk, never opened by the browser."""
    response = HttpResponse(data, content_type=media_type)
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in called)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def shown_answer(answer: Answer | None, span: Span | None) -> list[ShownLine]:
    """The lines of a first answer, each with a strip over the span asked for."""
    if answer is None or span is None:
        return []
    return [
        ShownLine(
            line,
            words.LINE_STATES[line.state],
            tuple(_parts(line, span)),
            tuple(dict.fromkeys(words.CAUSES[one.cause] for one in line.missing)),
        )
        for line in answer.lines
    ]


def shown_trace(decision: queries.GateRow | None, language: str) -> list[ShownRule]:
    """The rules as they were asked, with the titles of the pack they came from."""
    if decision is None:
        return []
    try:
        pack = law.law_pack_named(decision.pack, decision.pack_digest)
    except NotFound:
        pack = None
    shown = []
    for one in outcome_from_json(decision.outcome).trace:
        rule = pack.rule(one.rule) if pack else None
        title = dict(rule.title).get(language, one.rule) if rule else one.rule
        shown.append(
            ShownRule(one.rule, one.source, title, one.held, one.severity.value, words.reason_words(one.reason))
        )
    return shown


def common_context(row: queries.RequisitionRow, *, desk: bool = False) -> dict[str, Any]:
    """What both the desk's and the counter's page of one requisition show; what came by mail is the desk's alone."""
    state = State(row.state)
    span = queries.span_of(row)
    answer = queries.latest_answer(row)
    basis = row.legal_basis.replace("_", " ", 1).replace("_", "-")
    return {
        "row": row,
        "state": words.STATES[state],
        "state_level": words.STATE_LEVELS[state],
        "basis": basis,
        "frame": next((said for key, said in words.FRAMES.items() if key.value == row.frame), ""),
        "quality": next((said for key, said in words.QUALITIES.items() if key.value == row.quality), ""),
        "channel": next((said for key, said in words.CHANNELS.items() if key.value == row.channel), ""),
        "authorisation": next(
            (said for key, said in words.AUTHORISATIONS.items() if key.value == row.authorisation_kind), ""
        ),
        "things": [words.THINGS[one] for one in sorted(queries.things_of(row))],
        "span": span,
        "answer": answer,
        "verdict": words.VERDICTS[answer.verdict] if answer else "",
        "verdict_level": words.VERDICT_LEVELS[answer.verdict] if answer else "",
        "lines": shown_answer(answer, span),
        **words.shown_holds(holds.holds_of(HoldReference.REQUISITION, row.id)),
        "steps": _steps(state),
        "papers": [
            (one, words.PAPERS.get(one.kind, one.name))
            for one in row.documents.all()
            if desk or one.kind not in MAIL_KINDS
        ],
    }


def history(row: queries.RequisitionRow, *, to_requester: bool) -> list[tuple[queries.EventRow, Any]]:
    """The steps taken, newest first, with their words; the requester sees those meant for her."""
    events: Sequence[queries.EventRow] = list(row.events.all())
    return [
        (event, words.ACTS.get(event.act, event.act))
        for event in reversed(events)
        if event.to_requester or not to_requester
    ]


def _steps(state: State) -> list[tuple[Any, str]]:
    """The usual way with what is done and where it stands; empty for one that went another way."""
    if state not in STEPS:
        return []
    here = STEPS.index(state)
    return [
        (words.STATES[one], "done" if place < here else "now" if place == here else "")
        for place, one in enumerate(STEPS)
    ]


def _parts(line: AnswerLine, span: Span) -> list[StripPart]:
    whole = span.duration.total_seconds()

    def part(kind: str, one: Span, said: str) -> StripPart:
        start = (one.start - span.start).total_seconds() / whole * _STRIP
        return StripPart(kind, round(start, 2), round(one.duration.total_seconds() / whole * _STRIP, 2), said)

    recorded = [part("recorded", one, str(words.LINE_STATES[line.state])) for one in line.recorded]
    return recorded + [part("gap", one.span, str(words.CAUSES[one.cause])) for one in line.missing]


def _middle() -> tuple[float, float]:
    communes = sites.communes()
    return (communes[0].latitude, communes[0].longitude) if communes else (46.6, 2.4)
