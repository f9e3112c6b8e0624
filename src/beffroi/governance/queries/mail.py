"""The only reader of the mailbox and of what came in by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from beffroi.governance.core.guests import VisitState
from beffroi.governance.core.mail_in import MailContent, MailState, number_in
from beffroi.governance.files.mail_tags import tag_key
from beffroi.governance.models import GuestVisit, IncomingMail, IncomingPart, Mailbox, Notice, Requisition
from beffroi.governance.queries import requisitions
from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites

MailRow = IncomingMail
PartRow = IncomingPart
SHOWN = 200


@dataclass(frozen=True, slots=True)
class MailboxFacts:
    """The mailbox as pages show it; never its password."""

    host: str
    port: int
    starttls: bool
    user: str
    folder: str
    insee: str
    read_at: datetime | None
    trouble: str
    trouble_since: datetime | None
    failures: int
    next_at: datetime


def mailbox() -> MailboxFacts | None:
    """The mailbox that is read; ``None`` where none was entered."""
    row = Mailbox.objects.first()
    if row is None:
        return None
    return MailboxFacts(
        row.host, row.port, row.starttls, row.user, row.folder, row.insee, row.read_at, row.trouble, row.trouble_since,
        row.failures, row.next_at,
    )  # fmt: skip


def entered() -> Mailbox | None:
    """The mailbox itself, with its sealed password; for what opens it."""
    return Mailbox.objects.first()


def due(now: datetime) -> Mailbox | None:
    """The mailbox, where its turn has come."""
    return Mailbox.objects.filter(next_at__lte=now).first()


def seen_before(digest: str) -> bool:
    """Whether a message of the very same bytes was: a mailbox that was rebuilt counts its messages anew."""
    return IncomingMail.objects.filter(sha256=digest).exists()


def requisition_answered(content: MailContent) -> Requisition | None:
    """The requisition of the mail of ours that this one answers."""
    ids = [found for one in content.answers if (found := _id(one.partition("@")[0]))]
    for subject in Notice.objects.filter(pk__in=ids, channel="email").values_list("subject", flat=True):
        about, _, rest = subject.partition(":")
        which = rest.partition(":")[0]
        if about == "unit":
            return Requisition.objects.filter(pk=which).first()
        if about == "guest":
            visit = GuestVisit.objects.filter(pk=which, state=VisitState.VERIFIED.value).first()
            if visit is not None and visit.requisition is not None:
                return visit.requisition
    return None


def requisition_tagged(content: MailContent) -> Requisition | None:
    """The requisition whose tag it carries, in its subject or in an address it was sent to."""
    number = number_in([content.subject, *content.recipients], tag_key())
    return Requisition.objects.filter(number=number).first() if number else None


def to_assign(person: PersonFacts) -> list[IncomingMail]:
    """Messages that belong to no requisition yet and are for this decider, the oldest first."""
    rows = _tray(person).prefetch_related("parts")
    return list(rows.order_by("arrived_at", "uid")[:SHOWN])


def _tray(person: PersonFacts) -> QuerySet[IncomingMail]:
    """What waits in a mailbox of her commune; what waits in the whole centre's where she answers for all of it. A
    stranger may have written to one commune what is no other's business."""
    here = {one.insee for one in sites.communes()}
    rows = IncomingMail.objects.filter(state=MailState.WAITING.value)
    if len(here) < 2:
        return rows
    own = Q(insee=people.home_of(person.id)) & ~Q(insee="")
    return rows.filter(own | Q(insee="")) if here <= person.territory else rows.filter(own)


def to_note(person: PersonFacts) -> list[IncomingMail]:
    """Messages that found their requisition by themselves and that nobody has taken note of, the oldest first."""
    rows = IncomingMail.objects.filter(state=MailState.ASSIGNED.value, settled_at=None)
    mine = rows.filter(requisition__in=requisitions.desk_rows(person)).select_related("requisition")
    return list(mine.order_by("arrived_at", "uid")[:SHOWN])


def in_use_at_all() -> bool:
    """Whether a mailbox is read, or messages came in while one was."""
    return Mailbox.objects.exists() or IncomingMail.objects.exists()


def to_settle(person: PersonFacts) -> int:
    """How many messages wait for somebody: those without a requisition, and those nobody has taken note of."""
    found = IncomingMail.objects.filter(settled_at=None, requisition__isnull=False)
    named = list(found.values_list("requisition", flat=True))  # few: asked first, so that ten years are not read
    mine = set(requisitions.desk_rows(person).filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    return _tray(person).count() + sum(1 for one in named if one in mine)


def waiting(person: PersonFacts, mail: str) -> IncomingMail:
    """One message that is not assigned and is for this decider; ``NotFound`` for every other."""
    found = _tray(person).filter(pk=mail).prefetch_related("parts").first()
    if found is None:
        raise NotFound("There is no such message.", code="no_such_mail")
    return found


def part(person: PersonFacts, mail: str, part_id: str) -> tuple[IncomingMail, IncomingPart]:
    """One attachment of a message that is not assigned; ``NotFound`` where it was not taken as a paper."""
    row = waiting(person, mail)
    found = next((one for one in row.parts.all() if one.id == part_id and not one.trouble), None)
    if found is None:
        raise NotFound("There is no such attachment.", code="no-such-document")
    return row, found


def of_requisition(row: Requisition) -> list[IncomingMail]:
    """What came in by mail about a requisition the reader may see, the newest first."""
    rows = IncomingMail.objects.filter(requisition=row).prefetch_related("parts")
    return list(rows.order_by("-arrived_at", "-uid"))


def mailbox_of(row: Requisition) -> str:
    """The registered mailbox of whoever asks; empty where none is known."""
    visit = GuestVisit.objects.filter(requisition=row).first()
    unit = visit.unit if visit is not None else row.requester_unit
    return people.mailbox_of(unit) if unit else ""


def in_use(digests: Iterable[str], besides: str) -> set[str]:
    """Those of the digests whose bytes something else than this message still names."""
    wanted = list(digests)
    held = set(IncomingMail.objects.filter(sha256__in=wanted).exclude(pk=besides).values_list("sha256", flat=True))
    held |= set(IncomingPart.objects.filter(sha256__in=wanted).exclude(mail=besides).values_list("sha256", flat=True))
    return held | requisitions.papers_named(wanted)


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
