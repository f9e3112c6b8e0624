"""The review is computed from the log alone; what nobody heard is unknown, never zero."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from beffroi.kernel.clock import SystemClock, to_us
from beffroi.safety.core.events import Event, Kind, fold
from beffroi.safety.core.follow_up import FollowUp
from beffroi.safety.core.plans import Group
from beffroi.safety.core.report import review
from beffroi.safety.core.rollcall import LineState
from beffroi.safety.core.sources import Names
from beffroi.safety.documents.review import Paper, review_pdf
from beffroi.safety.documents.review_words import KIND_WORDS, LINE_WORDS, VALUES, WORDS
from tests.unit.safety.test_plans import PLAN

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GROUPS = tuple(Group(f"g{n}", f"Classe {n}", "r1", 20) for n in range(1, 6))
PLAN5 = replace(PLAN, groups=GROUPS)
TRIGGER = {"device": "b", "hazard": "intrusion", "site": "ecole", "posture": "escape_or_hide", "zones": ["z1"]}


def story(*happened):
    events = []
    for number, (seconds, kind, body) in enumerate(happened, start=1):
        at = to_us(T0 + timedelta(seconds=seconds))
        events.append(Event("edge", "b", number, "REEL-1", kind, at, at, body))
    return fold(events)["REEL-1"]


def answer(seconds, group, present=20, missing=0):
    return (seconds, Kind.ROLL_CALL, {"group": group, "present": present, "missing": missing})


def test_what_never_happened_is_unknown():
    found = review(story((0, Kind.TRIGGER, TRIGGER)), PLAN5, now=T0 + timedelta(hours=1))
    assert set(vars_of(found.times)) == {None}
    assert (found.classes, found.answered, len(found.silent)) == (5, 0, 5)


def vars_of(times):
    return [getattr(times, name) for name in times.__slots__]


def test_times_are_differences_between_events():
    file = story(
        (0, Kind.TRIGGER, TRIGGER),
        (1, Kind.SOUND_STARTED, {}),
        (9, Kind.ACKNOWLEDGE, {"person": "op", "party": "operator"}),
        (40, Kind.CALL_MADE, {"number": "17"}),
        answer(60, "g1"),
        answer(61, "g2", present=19, missing=1),
        answer(70, "g3"),
        answer(80, "g1", present=20),
        answer(90, "g4"),
    )
    found = review(file, PLAN5, now=T0 + timedelta(minutes=10))
    seconds = [one.total_seconds() if one is not None else None for one in vars_of(found.times)]
    assert seconds == [1, 9, 40, 90, None, None]
    assert (found.answered, found.present, found.missing) == (4, 79, 1)
    assert found.silent == ("Classe 5",)


def test_a_clock_that_is_behind_gives_no_negative_delay():
    at = to_us(T0)
    events = [
        Event("edge", "b", 1, "REEL-1", Kind.TRIGGER, at, at, TRIGGER),
        Event("centre", "1", 1, "REEL-1", Kind.ACKNOWLEDGE, at - 5, at + 1, {"person": "o", "party": "operator"}),
    ]
    found = review(fold(events)["REEL-1"], None, now=T0)
    assert found.times.to_acknowledge == timedelta(0)
    assert found.classes == 0


def test_every_kind_of_line_has_words_in_both_languages():
    for words, wanted in ((KIND_WORDS, Kind), (LINE_WORDS, LineState)):
        assert all(set(words[language]) == set(wanted) for language in ("fr", "en"))
    assert WORDS["fr"].keys() == WORDS["en"].keys()
    assert VALUES["fr"].keys() == VALUES["en"].keys()


@pytest.mark.parametrize(("room", "shown"), [(True, True), (False, False)])
def test_the_paper_names_people_and_classes_and_keeps_a_duress_from_the_site(room, shown):
    file = story(
        (0, Kind.TRIGGER, TRIGGER | {"device": "page:r1", "place": "Salle 1"}),
        (15, Kind.ESCALATED, {"rung": 2, "text": "Astreinte"}),
        (20, Kind.ACKNOWLEDGE, {"person": "op", "party": "operator"}),
        (30, Kind.DURESS, {"person": "on-site key"}),
        answer(60, "g1", present=19, missing=1),
    )
    names = Names(persons={"op": "Brigadier Test"}, rooms={"r1": "Salle 1"}, groups={"g1": "CE1 B"})
    paper = Paper("École", "1 rue", 3, names, "Centre", ZoneInfo("Europe/Paris"), "fr", room)
    pdf = review_pdf(file, review(file, PLAN5, now=T0), FollowUp(), paper=paper, now=T0)
    text = (
        subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
        .stdout.decode()
        .replace("\u00a0", " ")
    )
    for said in ("Brigadier Test", "page « Salle 1 »", "CE1 B", "transmise — Astreinte", "complet", "sans réponse"):
        assert said in text
    assert "20,0 s" in text, "taken, with a comma as the French write it"
    assert ("contrainte" in text) is shown
    assert ("clé du boîtier" in text) is shown, "a box writes it in its own word"
    assert "on-site key" not in text


def test_the_paper_of_a_drill_says_that_its_call_was_played():
    at = to_us(T0)
    events = [
        Event("edge", "b", 1, "EXERCICE-1", Kind.TRIGGER, at, at, TRIGGER),
        Event("centre", "1", 1, "EXERCICE-1", Kind.CALL_MADE, at, at + 1, {"number": "17", "by": "Brigadier Test"}),
    ]
    file = fold(events)["EXERCICE-1"]
    for language, said in (("fr", "Appel simulé"), ("en", "Simulated call")):
        paper = Paper("École", "", None, Names(), "Centre", ZoneInfo("Europe/Paris"), language, room=True)
        pdf = review_pdf(file, review(file, None, now=T0), FollowUp(), paper=paper, now=T0)
        text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
        assert text.decode().count(said) == 2, "among the times and in the log"


def printed(file, **given):
    """The text of the paper."""
    words = {"names": Names(zones={"z1": "Préau"}, groups={"g1": "CE1 B"}), "language": "fr"} | given
    paper = Paper("École", "1 rue", 3, centre="Centre", zone=ZoneInfo("Europe/Paris"), room=True, **words)
    pdf = review_pdf(file, review(file, PLAN5, now=T0), FollowUp(), paper=paper, now=T0)
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def test_the_paper_has_the_apostrophes_of_a_printed_page_and_no_wrong_plural():
    text = printed(story((0, Kind.TRIGGER, TRIGGER), answer(20, "g1", present=1)))
    assert "s’échapper ou s’enfermer" in text
    assert "'" not in text
    assert "CE1 B : présents 1, manquants 0, blessés 0" in text


def test_lines_of_more_than_one_day_carry_their_day():
    short = story((0, Kind.TRIGGER, TRIGGER), (60, Kind.NOTE, {"text": "le portail"}))
    long = story((0, Kind.TRIGGER, TRIGGER), (86_400, Kind.NOTE, {"text": "le portail"}))
    assert re.search(r"^ *10:01:00 +Note", printed(short), re.MULTILINE)
    assert re.search(r"^ *24/11 10:00:00 +Note", printed(long), re.MULTILINE)


def test_the_paper_of_a_drill_says_what_it_was_for_and_who_had_been_told():
    at = to_us(T0)
    file = fold([Event("edge", "b", 1, "EXERCICE-1", Kind.TRIGGER, at, at, TRIGGER)])["EXERCICE-1"]
    text = printed(file, objectives="Appel en cinq minutes", informed="Maire, parents")
    assert re.search(r"Objectifs de l’exercice +Appel en cinq minutes", text)
    assert re.search(r"Avaient été prévenus +Maire, parents", text)


def test_a_thousand_lines_are_set_within_two_minutes():
    file = story((0, Kind.TRIGGER, TRIGGER), *(answer(n, f"g{n % 5 + 1}") for n in range(1, 1_000)))
    begun = SystemClock().monotonic_ns()
    text = printed(file)
    assert SystemClock().monotonic_ns() - begun < 120e9
    assert text.count("Recensement —") == 999
