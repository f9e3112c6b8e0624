"""An article made of choices is one that the reader of conventions takes without a fault, and changes nothing else."""

from datetime import timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.governance.core.article_text import Article, Occasion, Way, with_article, with_version
from beffroi.governance.core.convention_text import APPROVERS, PURPOSES, parse_convention
from beffroi.governance.core.conventions import Use
from beffroi.governance.core.yaml_nodes import TextFaults
from beffroi.governance.files.texts import model_convention, model_conventions

CRISIS = Article(
    number="article 17",
    title="Place de la mairie en crise",
    force="PREF",
    unit="Cabinet du préfet",
    way=Way.LIVE,
    occasion=Occasion.CRISIS,
    purposes=("L251-2:6", "L251-2:7"),
    cameras=(1,),
    minutes=120,
    renewable=False,
    approvers=("duty_officer", "chief"),
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)
ARTICLES = st.builds(
    Article,
    number=WORDS,
    title=WORDS,
    force=st.sampled_from(["GN", "PN", "PREF", "SDIS"]),
    unit=st.just("") | WORDS,
    way=st.sampled_from(Way),
    occasion=st.sampled_from(Occasion),
    purposes=st.lists(st.sampled_from(PURPOSES), min_size=1, unique=True).map(tuple),
    cameras=st.lists(st.integers(1, 300), unique=True, max_size=5).map(tuple),
    minutes=st.integers(1, 720),
    renewable=st.booleans(),
    approvers=st.lists(st.sampled_from(APPROVERS), min_size=1, unique=True).map(tuple),
)


def test_the_prefectures_officer_on_one_square_in_a_crisis_for_two_hours() -> None:
    before = parse_convention(model_convention("petite-commune"))
    after = parse_convention(with_article(model_convention("petite-commune"), CRISIS))
    (added,) = after.grants[len(before.grants) :]
    assert (added.article, added.who.force, added.who.unit_in) == ("article 17", "PREF", {"Cabinet du préfet"})
    assert added.who.named_agents_only, "the law asks it, so nobody is asked"
    assert added.what.mode is Use.LIVE_VIEW
    assert not added.what.ptz
    assert added.where.numbers == {1}
    assert added.why.event_required
    assert added.why.event_kind_in == {"crisis"}
    assert (added.when.max_duration, added.when.auto_stop_on) == (timedelta(hours=2), "event_closed")
    assert added.approval.by == ("duty_officer", "chief")
    assert "page_first" in added.obligations


@pytest.mark.parametrize("model", sorted(model_conventions()))
@settings(max_examples=12, deadline=None)  # reading a convention takes some hundredths of a second
@given(article=ARTICLES)
def test_whatever_is_chosen_is_read_without_a_fault_and_nothing_else_changes(model: str, article: Article) -> None:
    before = parse_convention(model_convention(model))
    text = with_article(model_convention(model), article)
    after = parse_convention(text)
    assert [one.id for one in after.grants[:-1]] == [one.id for one in before.grants]
    assert [(one.who, one.what, one.where, one.why, one.when) for one in after.grants[:-1]] == [
        (one.who, one.what, one.where, one.why, one.when) for one in before.grants
    ]
    assert after.grants[-1].when.max_duration == timedelta(minutes=article.minutes)
    assert dict(after.grants[-1].title)["fr"] == article.title
    assert text.startswith(model_convention(model).rstrip()), "not a letter of the text before it moved"


def test_two_articles_of_one_number_have_names_of_their_own() -> None:
    again = with_article(with_article(model_convention("petite-commune"), CRISIS), CRISIS_ELSEWHERE)
    assert [one.id for one in parse_convention(again).grants][-2:] == ["article-17-live", "article-17-live-2"]


CRISIS_ELSEWHERE = Article(
    CRISIS.number, "Gare", "PREF", "", Way.LIVE, Occasion.CRISIS, ("L251-2:6",), (5, 2), 45, True, ("mayor",)
)


def test_keys_after_the_grants_and_grants_in_brackets_stay_what_they_were() -> None:
    text = model_convention("petite-commune")
    lines = text.splitlines(keepends=True)
    moved = [line for line in lines if line.startswith("  staffing:")]
    later = "".join(line for line in lines if line not in moved).rstrip() + "\n  # who is there\n" + moved[0]
    read = parse_convention(with_article(later, CRISIS))
    assert (read.staffing, len(read.grants)) == ("solo", len(parse_convention(text).grants) + 1)
    body = yaml.safe_load(text)["convention"]
    short = f"convention: {yaml.safe_dump(body, default_flow_style=True, width=10_000, allow_unicode=True)}"
    assert len(parse_convention(with_article(_grants_in_brackets(body), CRISIS)).grants) == len(body["grants"]) + 1
    assert parse_convention(short).grants


def _grants_in_brackets(body: dict) -> str:
    rest = yaml.safe_dump({key: value for key, value in body.items() if key != "grants"}, allow_unicode=True)
    grants = yaml.safe_dump(body["grants"], default_flow_style=True, width=10_000, allow_unicode=True).strip()
    return "convention:\n" + "".join(f"  {line}\n" for line in [*rest.splitlines(), f"grants: {grants}"])


def test_a_text_with_faults_is_not_written_into() -> None:
    with pytest.raises(TextFaults):
        with_article("convention: {}", CRISIS)


@pytest.mark.parametrize("version", [2, 17])
def test_the_next_version_is_the_same_text_but_for_its_number(version: int) -> None:
    text = model_convention("petite-commune")
    assert with_version(text, version) == text.replace("version: 1", f"version: {version}")
    silent = text.replace("  version: 1\n", "")
    assert parse_convention(with_version(silent, version)).version == version
