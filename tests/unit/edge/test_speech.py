"""What the box says: in the language set for its building, complete, and in sentences where a person asked."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import beffroi.edge
from beffroi.edge import pages
from beffroi.edge.texts import POSTURES, ROLES, TEXTS
from beffroi.safety.core import alerts
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.events import Kind
from beffroi.safety.core.plans import TEACHER, Instruction, MissionKind
from beffroi.safety.core.words import Hazard, Posture
from tests.unit.edge.test_engine import PLAN, box  # noqa: F401  box is a fixture

FOLDER = Path(beffroi.edge.__file__).parent
FOR_DEVICES = {
    *("press_forged", "press_malformed", "press_replayed", "too_large", "not_json", "form_malformed", "not_a_drill"),
    *("edge_settings", "centre_unreachable", "centre_refused", "centre_forged", "centre_malformed", "line_unreachable"),
}


def test_every_failure_that_a_person_can_meet_is_said_in_both_languages():
    raised = set()
    for path in FOLDER.glob("*.py"):
        raised |= set(re.findall(r'code="([a-z_]+)"', path.read_text()))
    assert raised - FOR_DEVICES <= pages.FAULTS
    keys = {"not_in_this_state", "same_person", "same_key"}
    source = Path(alerts.__file__).read_text()
    assert keys <= pages.FAULTS
    assert all(f'"{key}"' in source for key in keys), "the alert's rules still give these reasons"
    for language, words in TEXTS.items():
        assert words.keys() >= pages.FAULTS, language


def test_the_language_of_the_building_is_kept_over_a_restart(box):  # noqa: F811
    assert box.edge.language == "fr"
    box.edge.speak("de")
    assert box.edge.language == "fr"
    box.edge.speak("en")
    box.restart()
    assert box.edge.language == "en"


def test_the_screen_shows_the_steps_of_the_plan_and_the_usual_ones_where_it_has_none(box):  # noqa: F811
    box.edge.trigger(box.press(hazard=Hazard.TOXIC_CLOUD))
    alert = box.edge.active()[0].alert
    own = Instruction(None, Posture.SEAL_IN, TEACHER, ("Baissez les volets <verts>",))
    told = pages.banner("fr", alert, "z1", replace(PLAN, instructions=(own,)))
    assert "Baissez les volets &lt;verts&gt;" in told
    assert "Calfeutrez" not in told
    assert "Calfeutrez" in pages.banner("fr", alert, "z1", PLAN)
    assert "Seal the gaps" in pages.banner("en", alert, "z1", PLAN)


def test_the_crisis_cell_sees_what_everybody_does_its_own_steps_first(box):  # noqa: F811
    alert = box.edge.trigger(box.press(hazard=Hazard.TOXIC_CLOUD))
    steps = (
        (Posture.SEAL_IN, TEACHER, "Calfeutrez"),
        (Posture.SEAL_IN, "cut_offs", "Coupez le <gaz>"),
        (Posture.SEAL_IN, "crisis_cell", "Notez les heures"),
        (Posture.EVACUATE, "head", "Prenez la mallette"),
        (Posture.EVACUATE, "gardienne", "Ouvrez la grille"),
    )
    plan = replace(PLAN, instructions=tuple(Instruction(None, posture, role, (line,)) for posture, role, line in steps))
    told = pages.cell_roles("fr", box.edge.files()[alert].alert, plan)
    assert re.findall(r"<h3>(.*?)</h3>|<li>(.*?)</li>", told) == [
        ("Cellule de crise", ""), ("", "Notez les heures"), ("Coupures", ""), ("", "Coupez le &lt;gaz&gt;"),
    ]  # fmt: skip
    box.edge.act(Kind.POSTURE, alert, {"person": "h", "party": "head", "zone": "z1", "posture": "evacuate"})
    both = pages.cell_roles("en", box.edge.files()[alert].alert, plan)
    evacuate = POSTURES["en"][Posture.EVACUATE][0]
    assert f"<h3>Head · {evacuate}</h3>" in both
    assert f"<h3>gardienne · {evacuate}</h3>" in both, "a role of the plan's own words"
    assert ALL_ZONES not in both
    assert pages.cell_roles("fr", box.edge.files()[alert].alert, replace(plan, instructions=())) == ""
    assert {mission.value for mission in MissionKind} == set(ROLES["fr"]) == set(ROLES["en"])


def test_the_end_is_shown_for_a_quarter_of_an_hour_and_calm_after_it(box):  # noqa: F811
    real = box.edge.trigger(box.press())
    assert box.edge.just_ended(timedelta(minutes=15)) is None
    head, chief = {"person": "h", "party": "head"}, {"person": "c", "party": "chief", "call_back": "Mme A."}
    for who in (head, chief):
        box.edge.act(Kind.KEY, real, {**who, "act": "cancel"})
    over = box.edge.just_ended(timedelta(minutes=15))
    assert over is not None
    assert TEXTS["fr"]["over_false"] in pages.banner("fr", over.alert, "z1", PLAN)
    box.clock.advance(timedelta(minutes=16))
    assert box.edge.just_ended(timedelta(minutes=15)) is None
