"""What the room is told of a camera: from durable bytes, with its cause, and never a guess (I5, I9)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import to_us
from beffroi.media.core.answers import CameraStatus, RecorderStatus
from beffroi.media.core.words import Gap, GapCause, StreamName
from beffroi.sites.core.coverage import View, sees
from beffroi.web.desk.plan import Projection, draw
from beffroi.web.desk.telling import LABELS, sentence_of
from beffroi.web.shared.camera_states import SILENCE, StateKind, state_of
from beffroi.web.shared.camera_words import FAILURES
from tests.unit.sites.test_authorisations import CAMERA, NOW

INSIDE = replace(CAMERA, tags=frozenset({"ppms"}))


def line(**given) -> CameraStatus:
    last = given.pop("last", NOW)
    return CameraStatus(
        camera=CAMERA.id,
        stream=given.pop("stream", StreamName.MAIN),
        recording=given.pop("recording", True),
        durable_until_us=to_us(last) if last else None,
        oldest_us=to_us(NOW - timedelta(days=20)),
        gap=given.pop("gap", None),
        stored_bytes=1_000,
        clock_offset_us=0,
        codec="avc1.640028",
    )


def status(*lines: CameraStatus) -> RecorderStatus:
    return RecorderStatus(to_us(NOW), lines, ())


def gap(cause: GapCause) -> Gap:
    return Gap(CAMERA.id, StreamName.MAIN, to_us(NOW), None, cause)


@pytest.mark.parametrize(
    ("camera", "recorder", "kind"),
    [
        (CAMERA, status(line()), StateKind.RECORDING),
        (CAMERA, None, StateKind.UNKNOWN),
        (CAMERA, status(), StateKind.WAITING),
        (CAMERA, status(line(last=None, recording=False)), StateKind.WAITING),
        (CAMERA, status(line(stream=StreamName.SUB)), StateKind.WAITING),
        (CAMERA, status(line(recording=False, gap=gap(GapCause.NETWORK))), StateKind.SILENT),
        (INSIDE, status(line(recording=False, gap=gap(GapCause.SCHEDULE))), StateKind.RESTING),
        (CAMERA, status(line(recording=False, gap=gap(GapCause.SCHEDULE))), StateKind.SILENT),
        (CAMERA, status(line(last=NOW - SILENCE)), StateKind.SILENT),
        (CAMERA, status(line(last=NOW - SILENCE + timedelta(seconds=1))), StateKind.RECORDING),
        (replace(CAMERA, suspended_reason="Travaux"), status(line()), StateKind.SUSPENDED),
        (replace(CAMERA, commissioned_at=None), status(line()), StateKind.UNCOMMISSIONED),
        (replace(CAMERA, authorisations=()), status(line()), StateKind.UNLAWFUL),
        (replace(CAMERA, mask=None), None, StateKind.UNLAWFUL),
    ],
)
def test_each_state_from_what_is_known(camera, recorder, kind):
    state = state_of(camera, recorder, NOW)
    assert state.kind is kind
    assert kind in LABELS
    assert bool(sentence_of(state)) == (kind is not StateKind.RECORDING)


@given(
    st.sampled_from([cause for cause in GapCause if cause is not GapCause.SCHEDULE]),
    st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_a_silent_camera_says_since_when_and_why(cause, ago):
    state = state_of(CAMERA, status(line(recording=False, last=NOW - ago, gap=gap(cause))), NOW)
    assert (state.kind, state.cause, state.level) == (StateKind.SILENT, cause, "bad")
    assert sentence_of(state)


@pytest.mark.parametrize("code", ["password_refused", "unreadable", "refused"])
def test_a_camera_that_never_gave_a_picture_says_what_the_recorder_met(code):
    never = Gap(CAMERA.id, StreamName.MAIN, to_us(NOW), None, GapCause.CAMERA, code)
    state = state_of(CAMERA, status(line(last=None, recording=False, gap=never)), NOW)
    assert (state.kind, state.since, state.level) == (StateKind.SILENT, None, "bad")
    assert str(FAILURES[code]) in sentence_of(state)


def test_recording_by_settings_alone_is_silence():
    """The recorder says it records, but its last byte is old: what is on the disk counts."""
    state = state_of(CAMERA, status(line(recording=True, last=NOW - timedelta(minutes=5))), NOW)
    assert (state.kind, state.cause) == (StateKind.SILENT, GapCause.UNKNOWN)


@given(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_the_drawing_keeps_distances(north, east):
    projection = Projection((48.5, 2.5))
    x, y = projection.xy((48.5 + north, 2.5 + east))
    reach = (x * x + y * y) ** 0.5  # of coordinates drawn to a tenth of a metre
    view = View(48.5, 2.5, 0, 360, max(reach * 1.005 + 0.15, 1.0))
    assert sees(view, (48.5 + north, 2.5 + east))


def test_a_commune_without_a_plan_is_drawn_empty():
    drawing = draw({}, Projection((48.5, 2.5)), [])
    assert drawing.shapes == ()
    assert drawing.view_box == "-500 -400 1000 800"
