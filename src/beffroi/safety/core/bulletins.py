"""What an alert from outside (a CAP message) proposes to a commune. It proposes; a person decides (B6, bell.md).

The standing of a message is worked out from all messages of its sender and from the time, never stored: whatever the
order in which they arrive, a cancellation cancels and an update replaces. Only ``Actual`` messages do either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.kernel.digest import sha256
from beffroi.safety.core.cap import Info, Message, MessageType, Status
from beffroi.safety.core.cap_areas import Concern
from beffroi.safety.core.cap_hazards import Recognised, folded, hazard_of
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.words import DEFAULT_POSTURE, Hazard, Posture

MAX_BYTES = 1024 * 1024
NO_END = timedelta(hours=24)
"""How long a message counts that says no end (CAP leaves it to who receives it; design default)."""


class Standing(StrEnum):
    """What a message is worth now."""

    PROPOSES = "proposes"
    NOT_REAL = "not_real"  # exercise, test, draft, between systems
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    EXPIRED = "expired"
    ELSEWHERE = "elsewhere"
    OVER = "over"  # says itself that it is over, or asks for nothing
    SAYS_NOTHING = "says_nothing"  # a cancellation, a receipt, an error, a message without content


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a message proposes now, and why it does or does not."""

    standing: Standing
    recognised: Recognised
    concern: Concern
    info: Info | None
    until: datetime | None
    speaks_of_exercise: bool  # though its status says *Actual*: somebody reads it before anything is relayed


@dataclass(frozen=True, slots=True)
class Ordered:
    """The posture that follows from a hazard in one building; ``by_plan``: its plan says so by name."""

    posture: Posture
    by_plan: bool


def posture_of(plan: Plan | None, hazard: Hazard) -> Ordered:
    """What relaying this hazard orders in a building: what its plan says, else the usual posture, said to be that."""
    if plan is None:
        return Ordered(DEFAULT_POSTURE[hazard], by_plan=False)
    return Ordered(plan.posture_for(hazard), by_plan=hazard in plan.postures)


def proposal(
    message: Message, concerns: Sequence[Concern], others: Iterable[Message], *, now: datetime, language: str = "fr"
) -> Proposal:
    """What ``message`` proposes now. ``concerns`` says of each of its blocks whether it is about here; ``others`` are
    the messages that the same commune received."""
    judged = [
        (_of_block(message, info, about, now), about, info) for info, about in zip(message.infos, concerns, strict=True)
    ]
    order = (Standing.PROPOSES, Standing.OVER, Standing.EXPIRED, Standing.ELSEWHERE)
    judged.sort(key=lambda one: (order.index(one[0]), one[1] is not Concern.HERE, not _speaks(one[2], language)))
    standing, about, info = judged[0] if judged else (Standing.SAYS_NOTHING, Concern.UNKNOWN, None)
    whole = _of_message(message, others)
    return Proposal(
        standing=whole or standing,
        recognised=_recognised([one[2] for one in judged if one[0] is standing]),
        concern=about,
        info=info,
        until=ends_at(message, info) if info else None,
        speaks_of_exercise=message.status is Status.ACTUAL and any(map(_drills, message.infos)),
    )


def replaces(later: Message, earlier: Message) -> bool:
    """Whether ``later`` updates or cancels ``earlier``: a real message of the same sender that names it."""
    if later.status is not Status.ACTUAL or later.message_type not in (MessageType.UPDATE, MessageType.CANCEL):
        return False
    if later.sender != earlier.sender or later.identifier == earlier.identifier or later.sent < earlier.sent:
        return False
    if later.sent == earlier.sent and later.message_type is MessageType.UPDATE:
        return False  # two that name each other would both be gone
    return earlier.identifier in referred(later)


def referred(message: Message) -> frozenset[str]:
    """The identifiers of its own sender that a message refers to; a bare identifier is taken for one."""
    found = set()
    for part in message.references.split():
        sender, *rest = part.split(",")
        if not rest:
            found.add(part)
        elif sender == message.sender:
            found.add(rest[0])
    return frozenset(found)


def name_of(sender: str, identifier: str) -> str:
    """What a message is known by: CAP makes identifiers unique per sender."""
    return sha256(f"{sender}\0{identifier}".encode()).hex()


def ends_at(message: Message, info: Info) -> datetime:
    """Until when a block counts."""
    return info.expires or message.sent + NO_END


def _of_message(message: Message, others: Iterable[Message]) -> Standing | None:
    if message.status is not Status.ACTUAL:
        return Standing.NOT_REAL
    if message.message_type not in (MessageType.ALERT, MessageType.UPDATE) or not message.infos:
        return Standing.SAYS_NOTHING
    after = {one.message_type for one in others if replaces(one, message)}
    if MessageType.CANCEL in after:
        return Standing.CANCELLED
    return Standing.REPLACED if after else None


def _of_block(message: Message, info: Info, about: Concern, now: datetime) -> Standing:
    if about is Concern.ELSEWHERE:
        return Standing.ELSEWHERE
    if ends_at(message, info) <= now:
        return Standing.EXPIRED
    if info.response in ("AllClear", "None") or info.urgency == "Past" or _ends(info):
        return Standing.OVER
    return Standing.PROPOSES


_ENDS = ("fin d alerte", "fin de l alerte", "fin de vigilance", "levee de l alerte", "all clear", "alert is over")
_DRILLS = frozenset({"exercice", "exercise", "drill", "essai", "test"})


def _ends(info: Info) -> bool:
    said = f" {folded(info.event)} {folded(info.headline)} "
    return any(f" {words} " in said for words in _ENDS)


def _drills(info: Info) -> bool:
    said = folded(" ".join((info.event, info.headline, info.description[:2_000], info.instruction[:2_000])))
    return bool(_DRILLS & set(said.split()))


def _recognised(infos: Iterable[Info]) -> Recognised:
    """The surest recognition among blocks that stand alike: the same event is often said in several languages."""
    found = [hazard_of(info) for info in infos]
    order = ("code", "words", "category", "nothing")
    return min(found, key=lambda one: order.index(one.by.value)) if found else hazard_of(EMPTY)


def _speaks(info: Info, language: str) -> bool:
    return info.language.casefold().startswith(language)


EMPTY = Info(language="", event="", category="", response="", urgency="", severity="", certainty="")
