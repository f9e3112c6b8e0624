"""What an alert from outside proposes: hazards by code and word, areas, standing in every order of arrival."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.safety.core import cap
from beffroi.safety.core.bulletins import NO_END, Standing, posture_of, proposal, replaces
from beffroi.safety.core.cap import Area, Info, MessageType, Status
from beffroi.safety.core.cap_areas import Concern, Place, concern, inside
from beffroi.safety.core.cap_hazards import FoundBy, hazard_of
from beffroi.safety.core.words import DEFAULT_POSTURE, Hazard, Posture
from tests.unit.safety.test_cap import ATTACKS, CORPUS, NOT_CAP
from tests.unit.safety.test_plans import PLAN

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = Place("26166", "Saint-Aubin", ((44.48, 4.72),), ((44.47, 4.71), (44.47, 4.73), (44.49, 4.73), (44.49, 4.71)))
INFO = Info("fr-FR", "Accident industriel", "CBRNE", "Shelter", "Immediate", "Severe", "Observed")


def message(identifier="A-1", info=INFO, **changed):
    given = {
        "sender": "prefecture@drome.example",
        "sent": NOW - timedelta(minutes=5),
        "status": Status.ACTUAL,
        "message_type": MessageType.ALERT,
        "scope": "Public",
        "infos": (info,),
    }
    return cap.Message(identifier=identifier, **(given | changed))


def follows(earlier, kind, identifier="A-2", **changed):
    references = f"{earlier.sender},{earlier.identifier},{cap.stamp(earlier.sent)}"
    given = {"message_type": kind, "references": references, "sent": NOW - timedelta(minutes=1)}
    return message(identifier, **(given | changed))


def standing(one, *others, about=Concern.HERE, now=NOW):
    return proposal(one, [about] * len(one.infos), others, now=now).standing


@pytest.mark.parametrize(
    ("event", "hazard"),
    [
        ("Nuage toxique", Hazard.TOXIC_CLOUD),
        ("Accident industriel : fuite d’ammoniac", Hazard.TOXIC_CLOUD),
        ("Rejet radioactif", Hazard.NUCLEAR),
        ("Nuclear Power Plant Warning", Hazard.NUCLEAR),
        ("Rupture du barrage de Vouglans", Hazard.DAM_FAILURE),
        ("Barrage routier", Hazard.OTHER),
        ("Dam failure", Hazard.DAM_FAILURE),
        ("Séisme", Hazard.EARTHQUAKE),
        ("Tremblement de terre", Hazard.EARTHQUAKE),
        ("Crues", Hazard.FLOOD),
        ("Pluie-inondation", Hazard.FLOOD),
        ("Vague de chaleur", Hazard.OTHER),
        ("Flash Flood Watch", Hazard.FLOOD),
        ("Thunderstorms/Squall lines", Hazard.STORM),
        ("Vigilance rouge VENT VIOLENT", Hazard.STORM),
        ("Événement en cours", Hazard.OTHER),
        ("Attentat", Hazard.VIOLENCE_NEARBY),
        ("Alerte à la bombe", Hazard.BOMB_THREAT),
        ("Intrusion", Hazard.INTRUSION),
        ("Enlèvement", Hazard.OTHER),
    ],
)
def test_the_words_of_french_and_english_events_are_known(event, hazard):
    found = hazard_of(replace(INFO, event=event, category="Other"))
    assert found.hazard is hazard
    assert found.by is (FoundBy.NOTHING if hazard is Hazard.OTHER else FoundBy.WORDS)


def test_a_code_comes_before_words_and_words_before_the_category():
    coded = replace(INFO, event="Storm", event_codes=(("SAME", "TSW"),))
    assert hazard_of(coded).hazard is Hazard.FLOOD
    european = replace(INFO, event="Warning", parameters=(("awareness_type", "1; Wind"),))
    assert (hazard_of(european).hazard, hazard_of(european).by) == (Hazard.STORM, FoundBy.CODE)
    assert hazard_of(replace(INFO, event="?", category="CBRNE")).by is FoundBy.CATEGORY
    assert hazard_of(replace(INFO, event="?", category="Geo")).hazard is Hazard.OTHER


def test_the_posture_is_the_plans_and_what_it_does_not_say_is_said_to_be_usual():
    plan = replace(PLAN, postures={Hazard.FLOOD: Posture.EVACUATE})
    assert posture_of(plan, Hazard.FLOOD).posture is Posture.EVACUATE
    assert posture_of(plan, Hazard.FLOOD).by_plan
    usual = posture_of(plan, Hazard.STORM)
    assert (usual.posture, usual.by_plan) == (DEFAULT_POSTURE[Hazard.STORM], False)
    assert not posture_of(None, Hazard.FLOOD).by_plan


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (Area("Commune de SAINT-AUBIN et environs"), Concern.HERE),
        (Area("France entière"), Concern.HERE),
        (Area("Zone A", geocodes=(("INSEE", "26166"),)), Concern.HERE),
        (Area("Zone A", geocodes=(("INSEE", "59350"),)), Concern.ELSEWHERE),
        (Area("Drôme", geocodes=(("code_departement", "26"),)), Concern.HERE),
        (Area("Nord", geocodes=(("ISO 3166-2", "FR-59"),)), Concern.ELSEWHERE),
        (Area("Zone A", geocodes=(("EMMA_ID", "FR433"),)), Concern.UNKNOWN),
        (Area("Vallée du Rhône"), Concern.UNKNOWN),
        (Area("Autour de l’usine", circles=("44.50,4.72 5",)), Concern.HERE),
        (Area("Dans un coin de la commune", circles=("44.475,4.715 0.1",)), Concern.HERE),
        (Area("Ailleurs", circles=("50.63,3.06 20",)), Concern.ELSEWHERE),
        (Area("Large", polygons=("44,4 44,5 45,5 45,4 44,4",)), Concern.HERE),
        (Area("Loin", polygons=("50,3 50,4 51,4 50,3",)), Concern.ELSEWHERE),
        (Area("Illisible", polygons=("44,4 quatre,5",)), Concern.UNKNOWN),
        (Area("Nulle part sur terre", circles=("120,4 5",)), Concern.UNKNOWN),
    ],
)
def test_only_what_is_positively_elsewhere_is_elsewhere(area, expected):
    assert concern([area], HERE) is expected
    assert concern([Area("Loin", circles=("50.63,3.06 20",)), area], HERE) is expected
    assert concern([], HERE) is Concern.UNKNOWN


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_no_text_of_a_stranger_breaks_the_judgement(shape, name, kind, value):
    area = Area(name, (shape,), (shape,), ((kind, value),))
    assert concern([area], HERE) in set(Concern)
    assert hazard_of(replace(INFO, event=name, headline=shape, event_codes=((kind, value),))).hazard in set(Hazard)


@given(st.floats(-80, 80), st.floats(-170, 170), st.floats(0.01, 5))
def test_a_square_holds_its_middle_and_nothing_beside_it(latitude, longitude, half):
    corners = [(latitude + a * half, longitude + b * half) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    assert inside((latitude, longitude), corners)
    assert not inside((latitude + 2 * half, longitude), corners)
    assert not inside((latitude, longitude - 2 * half), corners)


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.ACTUAL])
@pytest.mark.parametrize("kind", list(MessageType))
def test_what_is_not_actual_proposes_nothing_and_cancels_nothing(status, kind):
    real = message()
    other = follows(real, kind, status=status)
    assert standing(other) is Standing.NOT_REAL
    assert standing(real, other) is Standing.PROPOSES


def test_a_cancellation_cancels_and_an_update_replaces_its_own_senders_message_only():
    first = message()
    update, cancel = follows(first, MessageType.UPDATE), follows(first, MessageType.CANCEL, "A-3")
    assert standing(first, update) is Standing.REPLACED
    assert standing(first, update, cancel) is Standing.CANCELLED
    assert standing(update, first) is Standing.PROPOSES
    assert standing(cancel, first) is Standing.SAYS_NOTHING
    assert standing(first, follows(first, MessageType.CANCEL, sender="farceur@ailleurs.example")) is Standing.PROPOSES
    assert standing(first, follows(first, MessageType.CANCEL, references="prefecture@drome.example,B-9,x")) is (
        Standing.PROPOSES
    )
    assert standing(first, first) is Standing.PROPOSES


def test_two_updates_that_name_each_other_do_not_both_vanish():
    first = message("A-1", message_type=MessageType.UPDATE, references="A-2")
    second = message("A-2", message_type=MessageType.UPDATE, references="A-1")
    assert not replaces(first, second)
    assert not replaces(second, first)


@given(st.permutations(range(3)), st.sampled_from(list(itertools.product(MessageType, Status))))
def test_the_order_of_arrival_changes_nothing(order, made):
    kind, status = made
    first = message()
    known = [first, follows(first, kind, status=status), follows(first, MessageType.UPDATE, "A-3")]
    arrived = [known[n] for n in order]
    assert [standing(one, *known) for one in known] == [standing(one, *arrived) for one in known]


def test_time_place_and_ends_are_said():
    timed = message(info=replace(INFO, expires=NOW + timedelta(hours=1)))
    assert standing(timed) is Standing.PROPOSES
    assert standing(timed, now=NOW + timedelta(hours=1)) is Standing.EXPIRED
    assert standing(message(), now=message().sent + NO_END - timedelta(seconds=1)) is Standing.PROPOSES
    assert standing(message(), now=message().sent + NO_END) is Standing.EXPIRED
    assert standing(message(), about=Concern.ELSEWHERE) is Standing.ELSEWHERE
    assert standing(message(), about=Concern.UNKNOWN) is Standing.PROPOSES
    assert standing(message(info=replace(INFO, response="AllClear"))) is Standing.OVER
    assert standing(message(info=replace(INFO, headline="FIN D’ALERTE : inondation"))) is Standing.OVER
    assert standing(message(infos=())) is Standing.SAYS_NOTHING


def test_the_block_that_is_about_here_speaks_in_the_readers_language():
    english = replace(INFO, language="en-GB", event="Flood", category="Met")
    french = replace(INFO, event="Inondation", category="Met")
    far = replace(INFO, event="Séisme")
    one = message(infos=(far, english, french))
    about = [Concern.ELSEWHERE, Concern.HERE, Concern.HERE]
    for language, info in (("fr", french), ("en", english)):
        found = proposal(one, about, (), now=NOW, language=language)
        assert (found.info, found.recognised.hazard) == (info, Hazard.FLOOD)


def test_an_actual_message_that_speaks_of_an_exercise_proposes_and_is_marked():
    said = message(info=replace(INFO, headline="EXERCICE – nuage toxique"))
    found = proposal(said, [Concern.HERE], (), now=NOW)
    assert (found.standing, found.speaks_of_exercise) == (Standing.PROPOSES, True)
    assert not proposal(message(), [Concern.HERE], (), now=NOW).speaks_of_exercise


FEEDS = [one for one in sorted(CORPUS.rglob("*.cap")) + sorted(CORPUS.rglob("*.xml")) if one.name not in ATTACKS]


@pytest.mark.parametrize("path", FEEDS, ids=lambda one: f"{one.parent.name}/{one.name}")
def test_feeds_of_other_continents_are_read_and_are_not_about_here(path):
    if f"{path.parent.name}/{path.name}" in NOT_CAP:
        pytest.skip("not CAP")
    read = cap.read(path.read_bytes())
    about = [concern(info.areas, HERE) for info in read.infos]
    assert Concern.HERE not in about
    found = proposal(read, about, (), now=read.sent + timedelta(minutes=1))
    expected = {
        "earthquake": Hazard.EARTHQUAKE,
        "wcatwc": Hazard.FLOOD,
        "weather": Hazard.FLOOD,
        "canada": Hazard.STORM,
    }
    for name, hazard in expected.items():
        if path.name.startswith(name):
            assert found.recognised.hazard is hazard
