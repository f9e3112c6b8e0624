"""One table of questions, three conventions, three columns of answers, and no code between them (I7).

``golden_answers.txt`` holds the columns as they were read by a person; ``BEFFROI_GOLDEN=1`` writes it anew.
"""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from beffroi.governance.core.context import AccessContext, Viewer
from beffroi.governance.core.gate_b import approvers_of, decide
from beffroi.kernel.outcome import Allowed
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people.core.roles import Quality
from tests.unit.governance.samples import (
    CENTRE,
    HOUR,
    NOW,
    PACK,
    camera,
    case,
    convention,
    gendarme,
    incident,
    prefect_agent,
    relay,
    replay,
    request,
)

GOLDEN = Path(__file__).parent / "golden_answers.txt"
MODELS = ("petite-commune", "ville-tenue", "centre-partage")
NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=NOW.tzinfo)  # three in the morning in Paris
WHO: dict[str, Viewer] = {
    "brigade OPJ": gendarme(),
    "brigade APJ": gendarme(quality=Quality.APJ),
    "centre": gendarme(unit=CENTRE, quality=Quality.NONE),
    "prefecture": prefect_agent(),
    "other brigade": gendarme(unit="Brigade d'une autre compagnie"),
}
FLAT = replace(replay().request, cameras=("c1",))


def _questions() -> dict[str, tuple[AccessContext, datetime]]:
    found: dict[str, tuple[AccessContext, datetime]] = {}
    for name, viewer in WHO.items():
        for purpose in ("L251-2:5", "L251-2:6", "L251-2:7", "L251-2:8"):
            for hours in (1, 3):
                asked = request(purpose=purpose, until=NOW + hours * HOUR)
                found[f"{name} live {hours} h {purpose}"] = (relay(viewer=viewer, request=asked), NOW)
        found[f"{name} live at night"] = (
            relay(
                viewer=viewer,
                request=request(purpose="L251-2:6" if "pref" in name else "L251-2:5", until=NIGHT + HOUR),
                ground=incident(opened_at=NIGHT - HOUR),
            ),
            NIGHT,
        )
        elsewhere = relay(viewer=viewer, request=request(cameras=("c7",)), cameras=(camera("c7"),))
        found[f"{name} live camera outside the incident"] = (elsewhere, NOW)
        found[f"{name} moves camera"] = (
            relay(
                viewer=viewer,
                request=request(mode=Mode.PTZ),
                cameras=(camera(tags=frozenset({"orientable", "centre"})),),
            ),
            NOW,
        )
        urgent = request(emergency=True, reason="Personne en danger immédiat au bord de la rivière")
        found[f"{name} break-glass"] = (relay(viewer=viewer, request=urgent), NOW)
        found[f"{name} replay of incident"] = (
            relay(viewer=viewer, request=request(mode=Mode.REPLAY, span=Span(NOW - HOUR / 2, NOW - HOUR / 3))),
            NOW,
        )
        for basis in ("CPP_60_1", "CPP_77_1_1", "CPP_99_3"):
            asked = replace(FLAT, legal_basis=basis)
            found[f"{name} replay {basis}"] = (
                replay(viewer=viewer, request=asked, ground=case(legal_basis=basis)),
                NOW,
            )
        for days in (3, 5, 10):
            old = case(opened_at=NOW - timedelta(days=days))
            found[f"{name} replay case of {days} days"] = (replay(viewer=viewer, ground=old), NOW)
        wide = replace(FLAT, span=Span(NOW - 30 * HOUR - timedelta(minutes=20), NOW - 28 * HOUR))
        found[f"{name} replay 20 min too early"] = (replay(viewer=viewer, request=wide), NOW)
        far = case(span=Span(NOW - 20 * 24 * HOUR, NOW - 19 * 24 * HOUR))
        assert far.span is not None
        past = replace(FLAT, span=Span(far.span.start, far.span.start + HOUR))
        found[f"{name} replay twenty days back"] = (replay(viewer=viewer, request=past, ground=far), NOW)
    return found


def _answer(context: AccessContext, model: str, now: datetime) -> str:
    outcome = decide(replace(context, conventions=(convention(model),)), PACK, now)
    if isinstance(outcome, Allowed):
        return f"{outcome.article.split('(')[-1].rstrip(')')}{'*' if not approvers_of(outcome) else ''}"
    return f"no: {outcome.reason}"


def _table() -> str:
    rows = [
        f"{question:50} | " + " | ".join(f"{_answer(context, model, now):32}" for model in MODELS).rstrip()
        for question, (context, now) in _questions().items()
    ]
    head = f"{'question (* opens without approval)':50} | " + " | ".join(f"{model:32}" for model in MODELS).rstrip()
    return "\n".join([head, *rows]) + "\n"


def test_each_convention_gives_its_own_answers() -> None:
    columns = {model: [_answer(one, model, now) for one, now in _questions().values()] for model in MODELS}
    assert len(_questions()) >= 100
    for one, other in ((0, 1), (0, 2), (1, 2)):
        pairs = zip(columns[MODELS[one]], columns[MODELS[other]], strict=True)
        assert sum(left[:3] != right[:3] for left, right in pairs) >= 5
    assert all(any(not answer.startswith("no") for answer in column) for column in columns.values())


def test_the_answers_are_those_that_were_read_and_kept() -> None:
    if os.environ.get("BEFFROI_GOLDEN"):
        GOLDEN.write_text(_table(), "utf-8")
    assert GOLDEN.read_text("utf-8") == _table()
