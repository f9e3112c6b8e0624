"""The hours of a camera inside a building: set on its page by the chief, shown wherever it is named."""

from dataclasses import replace

import pytest
from django.utils.translation import override

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import to_us
from beffroi.media.core.answers import CameraStatus, RecorderStatus
from beffroi.media.core.hours import CLOCK_UNSURE, Period
from beffroi.media.core.words import Gap, GapCause, StreamName
from beffroi.people.core.roles import Role
from beffroi.safety import actions as bell
from beffroi.sites.models import Camera
from beffroi.sites.queries import camera as camera_facts
from beffroi.web.desk.telling import sentence_of
from beffroi.web.shared.camera_states import StateKind, state_of
from tests.conftest import INSEE, NOW
from tests.surface.desk.conftest import cameras as cameras  # fixtures
from tests.surface.desk.conftest import keys as keys
from tests.surface.desk.conftest import silent_recorder as silent_recorder

pytestmark = pytest.mark.django_db
NEVER = "jamais enregistrée, sauf alerte réelle"


@pytest.fixture
def hall(cameras, silent_recorder):
    Camera.objects.filter(id=cameras[0]).update(tags=["erp_interieur"])
    return cameras[0]


def test_the_chief_sets_them_and_every_page_that_names_the_camera_says_them(hall, make_person, client_of):
    building = bell.enter_building(actor=SYSTEM, insee=INSEE, name="École", kind="school", cameras=[hall], now=NOW)
    chief = client_of(make_person(Role.CHIEF))
    pages = [f"/technical/cameras/{hall}/", f"/desk/cameras/{hall}/", f"/building/{building}/"]
    pages.append(f"/building/{building}/levels/")
    for page in pages:
        assert NEVER in chief.get(page).content.decode(), page
    sent = {"day_0": "7h30-8h20, 22:00-06:00", "day_6": "0:00–24:00"}
    assert chief.post(f"/technical/cameras/{hall}/hours/", sent).status_code == 302
    said = (Period(0, 450, 500), Period(0, 1320, 1440), Period(1, 0, 360), Period(6, 0, 1440))
    assert camera_facts(hall).periods == said
    for page in pages:
        text = chief.get(page).content.decode()
        assert NEVER not in text, page
        assert "Lundi 07:30-08:20, 22:00-24:00" in text, page
    assert 'value="07:30-08:20, 22:00-24:00"' in chief.get(pages[0]).content.decode(), "what is set can be changed"


@pytest.mark.parametrize("text", ["8-9", "25:00-26:00", "8:00-8:00", "8:70-9:00", "24:00-3:00", "x", "1:00-2:00," * 9])
def test_what_cannot_be_read_comes_back_beside_its_day_and_changes_nothing(hall, make_person, client_of, text):
    answer = client_of(make_person(Role.CHIEF)).post(f"/technical/cameras/{hall}/hours/", {"day_2": text})
    assert answer.status_code == 422
    assert 'id="hours_day_2_error"' in answer.content.decode()
    assert camera_facts(hall).periods == ()


def test_neither_for_maintenance_nor_for_a_camera_of_the_street(hall, cameras, make_person, client_of):
    assert client_of(make_person(Role.TECHNICIAN)).post(f"/technical/cameras/{hall}/hours/", {}).status_code == 404
    assert client_of(make_person(Role.CHIEF)).post(f"/technical/cameras/{cameras[1]}/hours/", {}).status_code == 404


def test_what_rests_is_no_failure_and_says_so(hall, make_person, client_of):
    gap = Gap(hall, StreamName.MAIN, to_us(NOW) - 60_000_000, None, GapCause.SCHEDULE, CLOCK_UNSURE)
    line = CameraStatus(hall, StreamName.MAIN, False, None, None, gap, 0, 0, "")
    state = state_of(camera_facts(hall), RecorderStatus(at_us=to_us(NOW), cameras=(line,), volumes=()), NOW)
    assert (state.kind, state.level) == (StateKind.RESTING, "")
    with override("fr"):
        assert "l’horloge de l’enregistreur n’est pas sûre" in sentence_of(state)
    hours = replace(state, detail="hours")
    with override("fr"):
        assert "pas enregistrée à cette heure" in sentence_of(hours)
