"""Facts: one byte form, nothing of a person in the entry, and a salt that hides what is easy to guess."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.audit.core import chain, facts
from beffroi.audit.core.facts import Actor, Fact
from beffroi.audit.core.names import LOOKS, NAMES
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import GENESIS
from beffroi.kernel.ids import new_id

NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
FACT = Fact(new_id(to_us(NOW)), NOW, "look:begin", "camera:7", Actor("p1", "A. Martin", "PM", "Poste", "1"), {"n": 1})
SALT = bytes(32)


@pytest.mark.parametrize(
    "other",
    [
        replace(FACT, id=new_id(to_us(NOW))),
        replace(FACT, at=NOW + timedelta(microseconds=1)),
        replace(FACT, name="look:end"),
        replace(FACT, subject="camera:8"),
        replace(FACT, actor=replace(FACT.actor, name="B. Martin")),
        replace(FACT, actor=replace(FACT.actor, station="2")),
        replace(FACT, body={"n": 2}),
    ],
)
def test_every_part_of_a_fact_is_committed_to(other: Fact) -> None:
    assert facts.commitment(other, SALT) != facts.commitment(FACT, SALT)


def test_the_same_fact_under_another_salt_cannot_be_recognised() -> None:
    assert facts.commitment(FACT, b"\x01" * 32) != facts.commitment(FACT, SALT)


def test_the_entry_names_no_person_and_no_camera() -> None:
    entry = facts.entry_bytes(FACT.id, FACT.name, facts.commitment(FACT, SALT)).decode()
    assert "Martin" not in entry
    assert "camera" not in entry


def test_an_identifier_tells_its_millisecond() -> None:
    assert facts.agrees_with_id(FACT.id, NOW)
    assert not facts.agrees_with_id(FACT.id, NOW + timedelta(milliseconds=1))
    assert not facts.agrees_with_id("not an id", NOW)


@pytest.mark.parametrize("name", ["look", "look:", ":begin", "Look:begin", "look:begin now", "a:b:c", "a_b:c"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert not facts.is_name(name)


def test_all_names_have_the_form_and_a_meaning() -> None:
    assert all(facts.is_name(name) and meaning for name, meaning in NAMES.items())
    assert set(LOOKS) <= NAMES.keys()


def test_a_body_is_an_object() -> None:
    assert facts.read_body('{"a":1}') == {"a": 1}
    with pytest.raises(ValueError, match="object"):
        facts.read_body("[]")


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20), st.data())
def test_the_chain_finds_where_it_was_broken(leaves: list[bytes], data: st.DataObject) -> None:
    links = list(zip(leaves, chain.heads(GENESIS, leaves), strict=True))
    assert chain.first_break(GENESIS, links) is None
    at = data.draw(st.integers(0, len(leaves) - 1))
    links[at] = (bytes(byte ^ 1 for byte in links[at][0]), links[at][1])
    assert chain.first_break(GENESIS, links) == at
