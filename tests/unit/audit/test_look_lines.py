"""A line of the register of viewings says by itself what the look was for, and whether a file was fetched whole."""

from datetime import UTC, datetime

from beffroi.audit.core.facts import Actor, Fact
from beffroi.audit.core.looks import look_of, totals_of

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
WHO = Actor("p1", "Camille Roux", "PM", "Police municipale")


def fact(name: str, **body: object) -> Fact:
    return Fact("f1", AT, name, "camera:cam-1", WHO, {"look": "l1", **body})  # type: ignore[dict-item]


def test_a_look_by_lease_carries_the_purpose_of_its_shift() -> None:
    basis = {"kind": "duty", "reference": "s1", "reason": "patrouille", "purpose": "L251-2:5"}
    line = look_of(fact("look:begin", mode="live", basis=basis))
    assert (line.kind, line.reason, line.purpose) == ("duty", "patrouille", "L251-2:5")
    before = look_of(fact("look:begin", mode="live", basis={"kind": "duty"}))
    assert before.purpose == "", "a line of before that was written: the access says it"


def test_a_file_is_fetched_whole_or_not_and_a_picture_is_neither() -> None:
    for said in (True, False, None):
        end = fact("look:end", sent_bytes=9, pictures=0, why="idle", **({} if said is None else {"complete": said}))
        assert totals_of([end])["l1"].complete is said
