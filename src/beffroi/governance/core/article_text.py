"""An article of a convention from choices, for whoever writes no text: the lines put at the end of ``grants``. Pure.

The text stays the one thing that is read, compared and signed; this only writes it. What the law asks in any case (the
prefecture's agents named one by one, no copy by a look back, closing with the event) is no choice and is written too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from beffroi.governance.core.convention_text import parse_convention
from beffroi.people.core.roles import Force
from beffroi.sites.core.cameras import INTERIOR_TAGS


class Way(StrEnum):
    """What is opened."""

    LIVE = "live"
    STEER = "steer"  # live, with the camera's controls
    REPLAY = "replay"  # on a judicial case, without a copy


class Occasion(StrEnum):
    """What must be open for live pictures."""

    INCIDENT = "incident"
    CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class Article:
    """What was chosen. ``unit`` empty: every unit of the force; ``cameras`` empty: all on the public road."""

    number: str
    title: str
    force: str
    unit: str
    way: Way
    occasion: Occasion
    purposes: tuple[str, ...]
    cameras: tuple[int, ...]
    minutes: int
    renewable: bool
    approvers: tuple[str, ...]


def with_article(text: str, article: Article) -> str:
    """``text`` with the article at the end of its grants. ``TextFaults`` where ``text`` itself has faults."""
    known = {grant.id for grant in parse_convention(text).grants}
    grants = _grants(text)
    lines = yaml.safe_dump(
        [_grant(article, _free(article, known))],
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=None,
    )
    if grants.flow_style:  # written in brackets: written anew, in lines
        kept = yaml.safe_dump(yaml.safe_load(text[grants.start_mark.index : grants.end_mark.index]), allow_unicode=True)
        column = _column(text, grants.start_mark.index)
        block = "".join(_indented(kept + lines, column + 2))
        return f"{text[: grants.start_mark.index].rstrip()}\n{block}{text[grants.end_mark.index :].lstrip(' ')}"
    end = grants.value[-1].end_mark.index
    line = text.rfind("\n", 0, end) + 1
    end = line if not text[line:end].strip() else end  # the next key keeps its place in its line
    return f"{text[:end].rstrip()}\n{''.join(_indented(lines, grants.start_mark.column))}{text[end:].lstrip(chr(10))}"


def with_version(text: str, version: int) -> str:
    """``text`` as this version; ``TextFaults`` where it has faults."""
    parse_convention(text)
    node = _value(_value(_root(text), "convention"), "version")
    if node is not None:
        return f"{text[: node.start_mark.index]}{version}{text[node.end_mark.index :]}"
    first = _value(_root(text), "convention").value[0][0].start_mark
    return f"{text[: first.index]}version: {version}\n{' ' * first.column}{text[first.index :]}"


def _grant(article: Article, name: str) -> dict[str, Any]:
    prefecture = article.force == Force.PREF.value
    who: dict[str, Any] = {"force": article.force}
    if article.unit:
        who["unit_in"] = [article.unit]
    if prefecture:
        who["named_agents_only"] = True
    grant: dict[str, Any] = {"id": name, "article": article.number}
    grant["title"] = {"fr": article.title, "en": article.title}
    grant["who"] = who
    grant |= _look_back(article) if article.way is Way.REPLAY else _live(article)
    grant["approval"] = {"by": list(article.approvers)}
    grant["notify"] = ["room", "chief", *(["mayor"] if prefecture else [])]
    duties = ["watermark"] + (["no_copy"] if article.way is Way.REPLAY else [])
    grant["obligations"] = duties + (["page_first"] if prefecture else [])
    return grant


def _live(article: Article) -> dict[str, Any]:
    listed = {"cameras": "listed", "numbers": sorted(article.cameras)}
    return {
        "what": {"mode": "live_view", **({"ptz": True} if article.way is Way.STEER else {})},
        "where": listed if article.cameras else {"exclude_tags": sorted(INTERIOR_TAGS)},
        "why": {
            "basis_in": ["ADMIN_POLICE"],
            "purposes": list(article.purposes),
            "event_required": True,
            "event_kind_in": [article.occasion.value],
        },
        "when": {
            "max_duration": _duration(article.minutes),
            "renewable": article.renewable,
            "auto_stop_on": "event_closed",
        },
    }


def _look_back(article: Article) -> dict[str, Any]:
    where: dict[str, Any] = {"cameras": "from_case", "window": "from_case", "margin": "PT10M"}
    if article.cameras:
        where["numbers"] = sorted(article.cameras)
    return {
        "what": {"mode": "replay"},
        "where": where,
        "why": {"basis_in": ["CPP_60_1", "CPP_77_1_1", "CPP_99_3"], "case_required": True},
        "when": {
            "max_duration": _duration(article.minutes),
            "renewable": article.renewable,
            "expires": "P8D",
            "max_window": "PT12H",
            "reach": "P30D",
            "auto_stop_on": "case_closed",
        },
    }


def _free(article: Article, known: set[str]) -> str:
    """A name that no other grant has."""
    stem = re.sub(r"[^a-z0-9]+", "-", article.number.lower()).strip("-")[:30] or "article"
    names = (f"{stem}-{article.way.value}{tail}" for tail in ("", *(f"-{number}" for number in range(2, 1_000))))
    return next(name for name in names if name not in known)


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def _indented(lines: str, columns: int) -> Iterator[str]:
    return (f"{' ' * columns}{line}" for line in lines.splitlines(keepends=True))


def _column(text: str, index: int) -> int:
    """Where the line of this place begins to say something."""
    line = text[text.rfind("\n", 0, index) + 1 :]
    return len(line) - len(line.lstrip(" "))


def _root(text: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)  # ``parse_convention`` has read it
    return node


def _grants(text: str) -> yaml.SequenceNode:
    node = _value(_value(_root(text), "convention"), "grants")
    assert isinstance(node, yaml.SequenceNode)
    return node


def _value(table: Any, name: str) -> Any:
    return next((value for key, value in table.value if key.value == name), None)
