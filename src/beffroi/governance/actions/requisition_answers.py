"""The first answer without pictures, and the check by gate A. The recorder is asked before the transaction begins."""

from datetime import datetime
from typing import Protocol

from django.db import transaction

from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.actions.decisions import ask_gate_a
from beffroi.governance.actions.requisition_steps import locked, note_event, step
from beffroi.governance.core.answers import Answer, AnswerLine, AskedCamera, answer, answer_to_json, line_of
from beffroi.governance.core.requisitions import Act, State
from beffroi.governance.queries import requisitions as rows
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId, new_id
from beffroi.kernel.outcome import Outcome
from beffroi.kernel.spans import Span
from beffroi.media.core.words import Timeline
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.coverage import PlaceClass, sees


class TimelineSource(Protocol):
    """What of the recorder a first answer needs; ``media.client.RecorderClient`` is it."""

    def timeline(self, camera: CameraId, span: Span) -> Timeline:
        """What exists and what does not, without a picture."""


def first_answer(
    *, actor: Actor, requisition: str, recorder: TimelineSource | None, now: datetime
) -> models.FirstAnswer | None:
    """Say covered or not, recorded or not, kept until when. A recorder that does not answer makes *unknown* (I9).

    ``None`` where no span is known yet: there is nothing to look for.
    """
    row = rows.by_id(requisition)
    value = work_out(row, recorder, now)
    return None if value is None else _write(actor, requisition, value, now)


def work_out(row: models.Requisition, recorder: TimelineSource | None, now: datetime) -> Answer | None:
    """The answer as it would be now; writes nothing."""
    span = rows.span_of(row)
    if span is None:
        return None
    wanted = {one.camera for one in row.cameras.all()}
    cameras = [camera for camera in sites.cameras(retired=True) if camera.id in wanted]
    located = row.latitude is not None or row.place_class != PlaceClass.UNKNOWN or bool(cameras)
    lines: list[AnswerLine] = []
    silent = recorder is None
    for camera in cameras:
        timeline: Timeline | None = None
        if recorder is not None and not silent:
            try:
                timeline = recorder.timeline(CameraId(camera.id), span)
            except BeffroiError:
                silent = True  # one that does not answer is not asked ten times more
        lines.append(line_of(_asked(camera, row, span), span, timeline, now))
    return answer(lines, now, located=located)


@transaction.atomic
def check(*, actor: Actor, person: PersonFacts, requisition: str, now: datetime) -> Outcome:
    """Ask gate A and put the answer on record with the trace of every rule. Refuses nothing: a person decides.

    ``person`` is who would execute it.
    """
    row = locked(requisition)
    outcome = ask_gate_a(facts=rows.facts_of(rows.by_id(requisition)), executor=person, now=now)
    failed = [one.rule for one in outcome.trace if not one.held]
    step(row, Act.CHECK, actor=actor, now=now, to_requester=False, body={"allowed": outcome.ok, "failed": failed})
    row.save(update_fields=["state"])
    return outcome


@transaction.atomic
def _write(actor: Actor, requisition: str, value: Answer, now: datetime) -> models.FirstAnswer:
    row = locked(requisition)
    fact = note_event(
        row,
        "first-answer",
        before=State(row.state),
        actor=actor,
        now=now,
        note=value.verdict.value,
        body={
            "verdict": value.verdict.value,
            "kept_until": iso(value.kept_until) if value.kept_until else "",
            "lines": [[line.camera.id, line.state.value] for line in value.lines],
        },
    )
    return models.FirstAnswer.objects.create(
        id=new_id(to_us(now)),
        requisition=row,
        at=now,
        verdict=value.verdict,
        kept_until=value.kept_until,
        lines=answer_to_json(value),
        fact=fact,
    )


def _asked(camera: CameraFacts, row: models.Requisition, span: Span) -> AskedCamera:
    order = camera.authorisation_at(span.start)
    sees_place = None
    if row.latitude is not None and row.longitude is not None:
        sees_place = sees(camera.view, (row.latitude, row.longitude))
    return AskedCamera(
        id=camera.id,
        number=camera.number,
        name=camera.name,
        retention_days=camera.retention_days,
        in_service=camera.in_service(span.start) or camera.in_service(span.end),
        authorised=order is not None and order.in_force(span.start),
        sees_place=sees_place,
    )
