"""Who may be what: forces, judicial qualities and roles of the commune and its partners (research/law.md §8, §10)."""

from enum import StrEnum


class Force(StrEnum):
    """The body a person belongs to."""

    PM = "PM"  # municipal police
    GN = "GN"  # gendarmerie
    PN = "PN"  # national police
    PREF = "PREF"  # prefecture
    MAIRE = "MAIRE"  # mayor and deputies
    DPO = "DPO"
    SCHOOL = "SCHOOL"
    TECH = "TECH"  # maintenance
    SDIS = "SDIS"  # fire and rescue
    CONTROL = "CONTROL"  # CNIL, departmental commission


class Quality(StrEnum):
    """Judicial quality of a requester (CPP 16–21-3)."""

    NONE = ""
    OPJ = "OPJ"
    APJ = "APJ"
    ASSISTANT = "assistant_enquete"
    PROSECUTOR = "procureur"
    JUDGE = "juge_instruction"


class Role(StrEnum):
    """What a person does here; permissions hang on roles, pictures never do (they need a gate)."""

    DUTY_OFFICER = "duty_officer"
    VIDEO_OFFICER = "video_officer"
    CHIEF = "chief"
    MAYOR = "mayor"
    INVESTIGATOR = "investigator"
    OPERATIONS_CENTRE = "operations_centre"
    PREFECTURE_DUTY = "prefecture_duty"
    DPO = "dpo"
    SCHOOL_HEAD = "school_head"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"  # persons and accounts, no pictures


WHOLE_CENTRE = frozenset({Role.DPO, Role.ADMINISTRATOR})
"""Roles that reach beyond one commune: only an administrator gives or takes them."""
