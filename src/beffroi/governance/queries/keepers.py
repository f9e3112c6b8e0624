"""The only reader of who keeps the other video system, and of what that person was told."""

from collections.abc import Iterable
from dataclasses import dataclass

from beffroi.governance.core.keeper_words import Duty
from beffroi.governance.models import ElsewhereKeeper
from beffroi.governance.queries import notices
from beffroi.governance.queries.notices import NoticeFacts


@dataclass(frozen=True, slots=True)
class KeeperFacts:
    """Who keeps it."""

    name: str
    email: str


def keeper() -> KeeperFacts | None:
    """Who is told; ``None`` where nobody was entered."""
    row = ElsewhereKeeper.objects.first()
    return KeeperFacts(row.name, row.email) if row else None


def subject_of(hold: str, duty: Duty) -> str:
    """What the mail about this duty of a hold is about."""
    return f"hold:{hold}:{duty.value}"


def told(holds: Iterable[str]) -> dict[str, list[NoticeFacts]]:
    """By hold, the mails to the keeper, and how far each has come."""
    subjects = {subject_of(one, duty): one for one in holds for duty in Duty}
    found: dict[str, list[NoticeFacts]] = {}
    for notice in notices.about(subjects):
        found.setdefault(subjects[notice.subject], []).append(notice)
    return found


def was_told(hold: str) -> bool:
    """Whether the keeper was ever asked to save it: only then is there something to let go."""
    return bool(notices.about([subject_of(hold, Duty.SAVE)]))
