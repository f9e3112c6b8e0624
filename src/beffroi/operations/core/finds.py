"""What the commune's own agents find while they watch, on nobody's request: the other half of what a centre is for."""

from enum import StrEnum


class FindKind(StrEnum):
    """What was found. Never who found how much: no figure is kept per agent."""

    MISSING_PERSON = "missing_person"
    PERSON_IN_DANGER = "person_in_danger"
    OFFENCE = "offence"
    FLY_TIPPING = "fly_tipping"
    ACCIDENT = "accident"
    DAMAGE = "damage"
    OTHER = "other"
