"""The life of a requisition as a table, state × act → state (research/law.md §2.1). Every pair is tested.

A hold is no state: it is placed on receipt and lives beside the requisition (``core/holds.py``). The software never
refuses: ``REFUSE`` and every other answer is the act of a named person.
"""

from enum import StrEnum

from beffroi.governance.core.requisition_facts import RequestedThing
from beffroi.kernel.errors import Conflict


class State(StrEnum):
    """Where a requisition stands."""

    RECEIVED = "received"  # reçue
    CHECKED = "checked"  # contrôlée: first answer and rules of gate A are on record
    INCOMPLETE = "incomplete"  # incomplète: something was asked of the requester
    ACCEPTED = "accepted"  # recherchée: pictures are being extracted
    NEGATIVE = "negative"  # négative, or images écrasées (see Result)
    REFUSED = "refused"  # irrecevable
    PACKAGED = "packaged"  # conditionnée
    HANDED_OVER = "handed_over"  # remise
    ACKNOWLEDGED = "acknowledged"  # accusée
    CLOSED = "closed"  # close
    PURGED = "purged"  # copies locales purgées
    WITHDRAWN = "withdrawn"  # retirée par le requérant


class Act(StrEnum):
    """What a person or a job may do to it; the audit names are ``requisition:<act>``."""

    CHECK = "check"
    ASK_COMPLETION = "ask-completion"
    COMPLETE = "complete"
    AMEND = "amend"
    ACCEPT = "accept"
    ACCEPT_PARTLY = "accept-partly"
    ANSWER_NEGATIVE = "answer-negative"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    PACKAGE = "package"
    HAND_OVER = "hand-over"
    ACKNOWLEDGE = "acknowledge"
    RECORD_OUTCOME = "record-outcome"
    CLOSE = "close"
    PURGE_COPIES = "purge-copies"
    ASSIGN = "assign"
    REMIND = "remind"


class Result(StrEnum):
    """The code that feeds the figures."""

    NONE = ""
    POSITIVE = "positive"
    PARTIAL = "partial"
    NEGATIVE = "negative"
    OVERWRITTEN = "overwritten"
    REFUSED = "refused"


class Channel(StrEnum):
    """How a requisition came. Through the counter its requester types it; else the typist is somebody else."""

    MAIL = "mail"
    COUNTER = "counter"
    VISIT = "visit"
    PHONE = "phone"  # to be confirmed by a document


class Delivery(StrEnum):
    """How the answer leaves."""

    PLATFORM = "platform"
    MEDIUM = "medium"
    IN_PERSON = "in_person"


class Helped(StrEnum):
    """Whether the images helped to clear the fact, as the unit says; *unknown* is an answer (I9)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


OPEN = frozenset({State.RECEIVED, State.CHECKED, State.INCOMPLETE, State.ACCEPTED, State.PACKAGED})
"""States that still wait for something from the centre or the requester."""

ANSWERED = frozenset({State.NEGATIVE, State.REFUSED, State.HANDED_OVER, State.ACKNOWLEDGED, State.CLOSED, State.PURGED})
"""States in which the requester has an answer."""

TABLE: dict[tuple[State, Act], State] = {
    (State.RECEIVED, Act.CHECK): State.CHECKED,
    (State.RECEIVED, Act.AMEND): State.RECEIVED,
    (State.RECEIVED, Act.ASK_COMPLETION): State.INCOMPLETE,
    (State.CHECKED, Act.CHECK): State.CHECKED,
    (State.CHECKED, Act.AMEND): State.RECEIVED,
    (State.CHECKED, Act.ASK_COMPLETION): State.INCOMPLETE,
    (State.CHECKED, Act.ACCEPT): State.ACCEPTED,
    (State.CHECKED, Act.ACCEPT_PARTLY): State.ACCEPTED,
    (State.CHECKED, Act.ANSWER_NEGATIVE): State.NEGATIVE,
    (State.CHECKED, Act.REFUSE): State.REFUSED,
    (State.INCOMPLETE, Act.COMPLETE): State.RECEIVED,
    (State.INCOMPLETE, Act.ASK_COMPLETION): State.INCOMPLETE,
    (State.INCOMPLETE, Act.REFUSE): State.REFUSED,
    (State.INCOMPLETE, Act.REMIND): State.INCOMPLETE,
    (State.ACCEPTED, Act.PACKAGE): State.PACKAGED,
    (State.ACCEPTED, Act.ANSWER_NEGATIVE): State.NEGATIVE,  # the search found nothing, or the pictures are gone
    (State.ACCEPTED, Act.CLOSE): State.CLOSED,  # only where nothing is handed over: see ``next_state``
    (State.PACKAGED, Act.HAND_OVER): State.HANDED_OVER,
    (State.HANDED_OVER, Act.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.HANDED_OVER, Act.REMIND): State.HANDED_OVER,
    (State.ACKNOWLEDGED, Act.CLOSE): State.CLOSED,
    (State.ACKNOWLEDGED, Act.REMIND): State.ACKNOWLEDGED,
    (State.NEGATIVE, Act.CLOSE): State.CLOSED,
    (State.REFUSED, Act.CLOSE): State.CLOSED,
    (State.CLOSED, Act.PURGE_COPIES): State.PURGED,
    (State.CLOSED, Act.REMIND): State.CLOSED,
    (State.PURGED, Act.REMIND): State.PURGED,
    **{
        (state, Act.WITHDRAW): State.WITHDRAWN
        for state in (State.RECEIVED, State.CHECKED, State.INCOMPLETE, State.ACCEPTED)
    },
    **{(state, Act.ASSIGN): state for state in OPEN},
    **{
        (state, Act.RECORD_OUTCOME): state
        for state in (State.NEGATIVE, State.HANDED_OVER, State.ACKNOWLEDGED, State.CLOSED, State.PURGED)
    },
}

DECISIONS = frozenset({Act.ACCEPT, Act.ACCEPT_PARTLY, Act.ANSWER_NEGATIVE, Act.REFUSE})
"""Acts that answer the requester: always a person's."""

HANDED_OVER_THINGS = frozenset({RequestedThing.COPY, RequestedThing.STILL})
"""What leaves in a package; viewing, preservation and plans end without one."""


def next_state(state: State, act: Act, things: frozenset[RequestedThing]) -> State:
    """The state after ``act``; ``Conflict`` where the act does not fit, saying what does."""
    possible = open_acts(state, things)
    if act not in possible:
        raise Conflict(
            f"a requisition that is {state} cannot take the act {act}",
            code="requisition-state",
            hint=f"Possible now: {', '.join(sorted(possible)) or 'nothing'}. Open it again: it may have moved on.",
        )
    return TABLE[state, act]


def open_acts(state: State, things: frozenset[RequestedThing]) -> frozenset[Act]:
    """The acts that fit ``state``: what a page may offer. Closing without a package needs that none was asked for."""
    acts = {act for (at, act) in TABLE if at is state}
    if state is State.ACCEPTED and things & HANDED_OVER_THINGS:
        acts.discard(Act.CLOSE)
    return frozenset(acts)
