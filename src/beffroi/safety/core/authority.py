"""Who may do what in an alert: the matrix of research/ppms.md §5.5 as a table, and nothing beside it."""

from enum import StrEnum

from beffroi.safety.core.words import Party, Power


class Act(StrEnum):
    """The acts of an alert that need an authority."""

    TRIGGER = "trigger"
    CHANGE_POSTURE = "change_posture"
    REQUEST_LIFT = "request_lift"
    LIFT = "lift"
    CANCEL = "cancel"
    SEE_NAMES = "see_names"
    SEE_PICTURES = "see_pictures"
    ARM_DRILL = "arm_drill"


_P = Party
MATRIX: dict[Act, dict[Party, Power]] = {
    Act.TRIGGER: {
        _P.ANYONE: Power.DO,
        _P.HEAD: Power.DO,
        _P.OPERATOR: Power.DO,  # relays an order: the authority is a mandatory field
        _P.CHIEF: Power.DO,
        _P.STATE_FORCES: Power.PROPOSE,
        _P.PREFECT_OR_MAYOR: Power.ORDER,
        _P.EDUCATION: Power.ORDER,
    },
    Act.CHANGE_POSTURE: {
        _P.HEAD: Power.DO,
        _P.OPERATOR: Power.PROPOSE,
        _P.CHIEF: Power.DO,
        _P.STATE_FORCES: Power.ORDER,
        _P.PREFECT_OR_MAYOR: Power.ORDER,
        _P.EDUCATION: Power.PROPOSE,
    },
    Act.REQUEST_LIFT: {
        _P.HEAD: Power.DO,
        _P.CHIEF: Power.DO,
        _P.STATE_FORCES: Power.DO,
        _P.PREFECT_OR_MAYOR: Power.DO,
    },
    Act.LIFT: {
        _P.HEAD: Power.FIRST_KEY,
        _P.CHIEF: Power.SECOND_KEY,
        _P.STATE_FORCES: Power.ORDER,
        _P.PREFECT_OR_MAYOR: Power.ORDER,
    },
    Act.CANCEL: {_P.HEAD: Power.FIRST_KEY, _P.OPERATOR: Power.PROPOSE, _P.CHIEF: Power.SECOND_KEY},
    Act.SEE_NAMES: {_P.HEAD: Power.DO, _P.STATE_FORCES: Power.PROPOSE},
    Act.SEE_PICTURES: {
        _P.OPERATOR: Power.DO,
        _P.CHIEF: Power.DO,
        _P.STATE_FORCES: Power.PROPOSE,  # a grant under the convention (G6), never by right
        _P.PREFECT_OR_MAYOR: Power.PROPOSE,
    },
    Act.ARM_DRILL: {_P.HEAD: Power.FIRST_KEY, _P.OPERATOR: Power.SECOND_KEY, _P.CHIEF: Power.SECOND_KEY},
}


def power(party: Party, act: Act) -> Power:
    """What ``party`` may do about ``act``; what the table does not say is ``NONE``."""
    return MATRIX[act].get(party, Power.NONE)


def may_do_alone(party: Party, act: Act) -> bool:
    """Whether one person of this party is enough."""
    return power(party, act) is Power.DO


def may_turn_key(party: Party, act: Act) -> bool:
    """Whether a person of this party may turn one of the two keys."""
    return power(party, act) in (Power.FIRST_KEY, Power.SECOND_KEY)
