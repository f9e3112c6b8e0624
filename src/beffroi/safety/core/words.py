"""The words of the bell (research/ppms.md §5, §10). One word per idea; French terms where the law has them."""

from enum import StrEnum


class Nature(StrEnum):
    """Real, drill or technical test: fixed at birth, part of every identifier (I8). There is no act that changes it."""

    REAL = "reel"
    DRILL = "exercice"
    TEST = "essai"

    @property
    def prefix(self) -> str:
        """What every identifier of an alert of this nature begins with."""
        return {"reel": "REEL", "exercice": "EXERCICE", "essai": "ESSAI"}[self.value]


class Posture(StrEnum):
    """What people are to do. Not the same as the hazard; it can change during an event, zone by zone."""

    NORMAL = "normal"
    SHELTER = "shelter"
    SEAL_IN = "seal_in"
    EVACUATE = "evacuate"
    ESCAPE_OR_HIDE = "escape_or_hide"
    TAKE_COVER = "take_cover"
    RELEASED = "released"


class Hazard(StrEnum):
    """What happens (ppms.md §1.3)."""

    INTRUSION = "intrusion"
    VIOLENCE_NEARBY = "violence_nearby"
    BOMB_THREAT = "bomb_threat"
    EARTHQUAKE = "earthquake"
    FLOOD = "flood"
    STORM = "storm"
    TOXIC_CLOUD = "toxic_cloud"
    NUCLEAR = "nuclear"
    DAM_FAILURE = "dam_failure"
    OTHER = "other"


DEFAULT_POSTURE: dict[Hazard, Posture] = {
    Hazard.INTRUSION: Posture.ESCAPE_OR_HIDE,
    Hazard.VIOLENCE_NEARBY: Posture.SHELTER,
    # Never an evacuation on a message alone: a person verifies first (hundreds of hoaxes since October 2023).
    Hazard.BOMB_THREAT: Posture.SHELTER,
    Hazard.EARTHQUAKE: Posture.TAKE_COVER,
    Hazard.FLOOD: Posture.SHELTER,
    Hazard.STORM: Posture.SHELTER,
    Hazard.TOXIC_CLOUD: Posture.SEAL_IN,
    Hazard.NUCLEAR: Posture.SEAL_IN,
    Hazard.DAM_FAILURE: Posture.EVACUATE,
    Hazard.OTHER: Posture.SHELTER,
}
"""The posture ordered at the trigger when the site's plan says nothing else."""

FIRST_CALL: dict[Hazard, str] = {
    Hazard.INTRUSION: "17",
    Hazard.VIOLENCE_NEARBY: "17",
    Hazard.BOMB_THREAT: "17",
    Hazard.EARTHQUAKE: "18",
    Hazard.FLOOD: "18",
    Hazard.STORM: "18",
    Hazard.TOXIC_CLOUD: "18",
    Hazard.NUCLEAR: "18",
    Hazard.DAM_FAILURE: "18",
    Hazard.OTHER: "112",
}


class AlertState(StrEnum):
    """The life of an alert (ppms.md §5.2)."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    QUALIFIED = "qualified"
    STABILISED = "stabilised"
    LIFT_REQUESTED = "lift_requested"
    LIFTING = "lifting"
    LIFTED = "lifted"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    REVIEWED = "reviewed"


ACTIVE = frozenset(
    {
        AlertState.TRIGGERED,
        AlertState.ACKNOWLEDGED,
        AlertState.QUALIFIED,
        AlertState.STABILISED,
        AlertState.LIFT_REQUESTED,
        AlertState.LIFTING,
    }
)


class Verdict(StrEnum):
    """What the verification (levée de doute) found. It never blocks the alarm."""

    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    PROBABLY_FALSE = "probably_false"


class Party(StrEnum):
    """Who acts in an alert (columns of the authority matrix, ppms.md §5.5)."""

    ANYONE = "anyone_with_a_trigger"
    HEAD = "head"
    OPERATOR = "operator"
    CHIEF = "chief"
    STATE_FORCES = "state_forces"
    PREFECT_OR_MAYOR = "prefect_or_mayor"
    EDUCATION = "education"


class Power(StrEnum):
    """What a party may do about an act: do it, hold one of its two keys, order it, propose it, or nothing."""

    DO = "do"
    FIRST_KEY = "first_key"
    SECOND_KEY = "second_key"
    ORDER = "order"  # someone who may do it does it, and writes this authority down
    PROPOSE = "propose"
    NONE = "none"
