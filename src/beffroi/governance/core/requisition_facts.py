"""A requisition as the law reads it: the fields of research/law.md §2.1, as values. Pure.

The rows, pages and states of a requisition live elsewhere; gate A sees only this.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Quality


class Frame(StrEnum):
    """The frame of the inquiry; it must match the legal basis (R-19)."""

    FLAGRANCY = "flagrance"  # CPP 53 ff.
    PRELIMINARY = "preliminaire"  # CPP 75 ff.
    INVESTIGATION = "information"  # judicial investigation, CPP 79 ff.
    DEATH = "mort_inconnue"  # CPP 74
    DISAPPEARANCE = "disparition"  # CPP 74-1
    UNKNOWN = ""


class AuthorisationKind(StrEnum):
    """What the magistrate gave."""

    NONE = ""
    SPECIFIC = "specifique"  # the prosecutor, for this inquiry (CPP 77-1-1)
    GENERAL = "generale"  # the prosecutor's general instruction (CPP 39-3, 77-1-1)
    ROGATORY = "commission_rogatoire"  # the investigating judge (CPP 99-3)


class RequestedThing(StrEnum):
    """What is asked for."""

    VIEW = "visionnage"
    COPY = "copie"
    HOLD = "conservation"
    STILL = "photo"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class RequisitionFacts:
    """One requisition at the moment it is decided. Empty strings mean "not given", never "does not matter"."""

    number: str  # ours: <insee>-<year>-<seq>
    requesting_unit: str
    officer_name: str
    officer_rank: str
    officer_quality: Quality
    officer_matricule: str  # NIGEND or RIO
    procedure_number: str  # unit/number/year
    legal_basis: str  # a LegalBasis id of the law pack: CPP_60_1, CPP_77_1_1, CPP_99_3 …
    frame: Frame
    offence: str
    place: str
    cameras: tuple[str, ...]  # camera ids asked for, or found to cover the place
    span: Span | None
    things: frozenset[RequestedThing]
    delivery: str
    document_sha256: str
    received_at: datetime
    typed_by: str  # person id of whoever entered it
    requester_person: str = ""  # person id, when the requester has an account here
    supervising_opj: str = ""  # name of the OPJ an APJ acts under
    magistrate: str = ""
    authorisation: AuthorisationKind = AuthorisationKind.NONE
    authorisation_reference: str = ""
    authorised_on: date | None = None
    authorised_until: date | None = None  # end of a general instruction
    natinf: str = ""
    instruction_offences: frozenset[str] = field(default_factory=frozenset)  # NATINF codes; empty: all of item 1°
    known_cameras: frozenset[str] = field(default_factory=frozenset)  # of those asked, the ones that are authorised
    reuse_of_case: str = ""  # another procedure whose held footage is asked for
