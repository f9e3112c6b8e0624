"""Which hazard of the plan a CAP message speaks of: by its code, by its words, by its category, in this order.

Codes are those of feeds that name their code list (SAME of North America, the awareness types of Europe's weather
services); French alerts (FR-Alert, sirens, prefects) have none and are known by their words. What no table knows is
``OTHER``, and the page says by what it was recognised: the person who decides chooses the hazard, not this table.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from beffroi.safety.core.cap import Info
from beffroi.safety.core.words import Hazard


class FoundBy(StrEnum):
    """What a hazard was recognised by, the surest first."""

    CODE = "code"
    WORDS = "words"
    CATEGORY = "category"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A hazard, and how far that can be trusted."""

    hazard: Hazard
    by: FoundBy


SAME: dict[Hazard, frozenset[str]] = {
    Hazard.STORM: frozenset({"TOA", "TOR", "SVA", "SVR", "SVS", "SMW", "HUA", "HUW", "TRA", "TRW", "HWA", "HWW"})
    | {"EWW", "BZW", "WSA", "WSW", "SQW", "DSW"},
    Hazard.FLOOD: frozenset({"FFA", "FFS", "FFW", "FLA", "FLS", "FLW", "CFA", "CFW", "SSA", "SSW", "TSA", "TSW"}),
    Hazard.EARTHQUAKE: frozenset({"EQW", "EQE"}),
    Hazard.NUCLEAR: frozenset({"NUW", "RHW"}),
    Hazard.TOXIC_CLOUD: frozenset({"HMW", "CHW"}),
    Hazard.DAM_FAILURE: frozenset({"DBW", "DBA"}),
    Hazard.VIOLENCE_NEARBY: frozenset({"CDW", "LEW"}),
}
AWARENESS: dict[Hazard, frozenset[str]] = {
    Hazard.STORM: frozenset({"1", "2", "3", "10"}),  # wind, snow and ice, thunderstorm, rain
    Hazard.FLOOD: frozenset({"7", "12", "13"}),  # coastal event, flooding, rain and flood
    Hazard.OTHER: frozenset({"4", "5", "6", "8", "9"}),  # fog, heat, cold, forest fire, avalanches
}
CATEGORIES = {"Met": Hazard.STORM, "CBRNE": Hazard.TOXIC_CLOUD}
"""The categories that mean one hazard; *Geo* is as well a landslide, *Security* may be anything."""

WORDS: tuple[tuple[Hazard, str], ...] = (
    (Hazard.NUCLEAR, r"nucle(?:ar|air)\w*|radiolog\w*|radioacti\w*|comprimes? d iode"),
    (Hazard.DAM_FAILURE, r"(?:rupture|breche)s? (?:\w+ ){1,2}(?:barrage|digue)s?"),
    (Hazard.DAM_FAILURE, r"(?:dam|dike|levee) (?:fail|br|burst|collaps)\w*"),
    (Hazard.BOMB_THREAT, r"bombes?|bombs?|(?:colis|objet) suspect|suspicious (?:package|item)|explosive device"),
    (Hazard.TOXIC_CLOUD, r"toxi\w*|chimi\w*|chemical\w*|hazardous material\w*|hazmat|matieres dangereuses"),
    (Hazard.TOXIC_CLOUD, r"industriel\w*|seveso|ammonia\w*|chlor\w*|fuites? de gaz|gas leak|fumees?|smoke"),
    (Hazard.EARTHQUAKE, r"earthquake\w*|seism\w*|sismi\w*|tremblements? de terre|secousses?"),
    (Hazard.FLOOD, r"inond\w*|crues?|submersion\w*|flood\w*|tsunami\w*|raz de maree|storm surge|coastal\w*"),
    (Hazard.INTRUSION, r"intrusions?|intruders?"),
    (Hazard.VIOLENCE_NEARBY, r"attentats?|attaques?|attack\w*|terroris\w*|tireurs?|shooters?|shootings?"),
    (Hazard.VIOLENCE_NEARBY, r"fusillades?|emeutes?|riots?|civil (?:danger|disturbance|emergency)"),
    (Hazard.VIOLENCE_NEARBY, r"individus? armes?|gunman|armed person"),
    (Hazard.STORM, r"tempetes?|\w*storms?|vents?|winds?|orages?|tornad\w*|cyclon\w*|hurricanes?|ouragans?"),
    (Hazard.STORM, r"typhoons?|grele|hail|neiges?|snow\w*|verglas|ice|icy|blizzards?|pluies?|rain\w*"),
    (Hazard.STORM, r"rafales?|gusts?|squalls?"),
)
"""Words of events in French and English, folded by ``folded``; the first that fits wins, the graver before the rest."""
_WORDS = tuple((hazard, re.compile(rf"\b(?:{words})\b")) for hazard, words in WORDS)


def folded(text: str) -> str:
    """Small letters without accents, marks as single blanks: what words are looked for in."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    return " ".join(kept.split())


def hazard_of(info: Info) -> Recognised:
    """The hazard of one block."""
    by_code = _coded(info)
    if by_code is not None:
        return Recognised(by_code, FoundBy.CODE)
    for text in (info.event, " ".join(value for _, value in info.event_codes), info.headline):
        hazard = _worded(text)
        if hazard is not None:
            return Recognised(hazard, FoundBy.WORDS)
    hazard = CATEGORIES.get(info.category)
    return Recognised(hazard, FoundBy.CATEGORY) if hazard else Recognised(Hazard.OTHER, FoundBy.NOTHING)


def _coded(info: Info) -> Hazard | None:
    for name, value in info.event_codes:
        if folded(name) == "same":
            found = next((hazard for hazard, codes in SAME.items() if value.strip().upper() in codes), None)
            if found:
                return found
    for name, value in info.parameters:
        if folded(name) == "awareness type":
            number = value.partition(";")[0].strip()
            return next((hazard for hazard, codes in AWARENESS.items() if number in codes), None)
    return None


def _worded(text: str) -> Hazard | None:
    plain = folded(text[:2_000])
    return next((hazard for hazard, words in _WORDS if words.search(plain)), None)
