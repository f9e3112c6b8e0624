"""Answers that come by mail: taken in once, put to their requisition, or left for an officer to say where they belong.

Bytes go to disk first, the row that names them and how far the mailbox was read move in one transaction: whatever stops
in between, no message is lost and none stands here twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.channels.inbox import InboxAddress, Letter
from beffroi.governance import models
from beffroi.governance.actions import notices
from beffroi.governance.actions.requisition_entry import add_paper
from beffroi.governance.actions.requisition_steps import locked, note_event
from beffroi.governance.core.mail_in import AS_IT_CAME, PAPER, Attachment, MailContent, MailState, Thread
from beffroi.governance.core.requisitions import State
from beffroi.governance.core.telling import Channel, Occasion, Recipient, completion_words
from beffroi.governance.documents import store
from beffroi.governance.documents.incoming import read_incoming, shown_name
from beffroi.governance.files import mail_reader, mail_tags
from beffroi.governance.queries import mail as rows
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.delivery import after_failure
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.people.core.facts import PersonFacts

PAUSE = timedelta(seconds=60)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=10)
"""Design defaults: how often the mailbox is read, and how long to wait while it cannot be. A password that was refused
is tried again after the longest: servers lock whoever tries often."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a message is made of before it is written: its parts are on disk."""

    content: MailContent | None
    trouble: str
    digest: str
    parts: tuple[models.IncomingPart, ...]


@transaction.atomic
def set_mailbox(*, address: InboxAddress, insee: str = "", actor: Actor, now: datetime) -> None:
    """Say which mailbox is read from today on, and whose it is (``insee``; empty: the whole centre's); an empty
    password leaves the one that is there. ``Invalid`` names the wrong field."""
    wrong = {name: "missing" for name in ("host", "user", "folder") if not getattr(address, name).strip()}
    row = models.Mailbox.objects.select_for_update().first()
    if not address.password and (row is None or not row.sealed):
        wrong["password"] = "missing"  # noqa: S105  a code
    if wrong:
        raise Invalid("The mailbox is not whole.", code="mailbox_fields", fields=wrong)
    same = row is not None and (row.host, row.user, row.folder) == (address.host, address.user, address.folder)
    if row is None:
        row = models.Mailbox(id=new_id(to_us(now)))
    row.host, row.port, row.starttls = address.host, address.port, address.starttls
    row.user, row.folder, row.insee = address.user, address.folder, insee
    if address.password:
        row.sealed = mail_tags.seal(address.password, mailbox=row.id)
    if not same:
        row.validity, row.last_uid, row.since = None, 0, timezone.localtime(now).date()
    row.trouble, row.trouble_since, row.failures, row.next_at = "", None, 0, now
    row.save()
    body: dict[str, Json] = {"host": row.host, "port": row.port, "user": row.user, "folder": row.folder}
    body["insee"] = row.insee
    record(actor=actor, name="mailbox:set", subject="mailbox", body=body, at=now)


@transaction.atomic
def remove_mailbox(*, actor: Actor, now: datetime) -> None:
    """Read no mailbox any more; what came in stays."""
    row = models.Mailbox.objects.select_for_update().first()
    if row is None:
        raise NotFound("No mailbox is read.", code="no_mailbox")
    record(actor=actor, name="mailbox:remove", subject="mailbox", body={"user": row.user}, at=now)
    row.delete()


def address_of(box: models.Mailbox) -> InboxAddress:
    """Where and by what the mailbox opens. ``Unavailable`` where its password cannot be read."""
    password = mail_tags.unseal(box.sealed, mailbox=box.id)
    return InboxAddress(box.host, box.port, box.starttls, box.user, password, box.folder)


@transaction.atomic
def opened(*, box: str, validity: int) -> models.Mailbox | None:
    """The mailbox answered. Where it counts its messages anew they are looked at again from the day before it was last
    read; those of the same bytes are known. ``None`` where it was removed meanwhile."""
    row = models.Mailbox.objects.select_for_update().filter(pk=box).first()
    if row is None:
        return None
    if row.validity != validity:
        if row.validity is not None and row.read_at is not None:
            row.since = timezone.localtime(row.read_at).date() - timedelta(days=1)
        row.validity, row.last_uid = validity, 0
        row.save(update_fields=["validity", "last_uid", "since"])
    return row


@transaction.atomic
def went_well(*, box: str, again_at_once: bool, now: datetime) -> None:
    """Everything that was there was read, or a handful of it."""
    row = models.Mailbox.objects.select_for_update().filter(pk=box).first()
    if row is None:
        return
    if row.trouble:
        record(actor=SYSTEM, name="mailbox:well", subject="mailbox", body={"after": row.failures}, at=now)
    row.read_at, row.trouble, row.trouble_since, row.failures = now, "", None, 0
    row.next_at = now if again_at_once else now + PAUSE
    row.save(update_fields=["read_at", "trouble", "trouble_since", "failures", "next_at"])


@transaction.atomic
def went_wrong(*, box: str, trouble: str, now: datetime) -> None:
    """It could not be read: said on the page of health, and tried again."""
    row = models.Mailbox.objects.select_for_update().filter(pk=box).first()
    if row is None:
        return
    pause = after_failure(row.failures, first=FIRST_RETRY, longest=LONGEST_RETRY)
    row.next_at = now + (LONGEST_RETRY if trouble == "inbox_refused" else pause)
    if not row.trouble:
        row.trouble_since = now
        record(actor=SYSTEM, name="mailbox:trouble", subject="mailbox", body={"trouble": trouble}, at=now)
    row.trouble, row.failures = trouble[:40], row.failures + 1
    row.save(update_fields=["trouble", "trouble_since", "failures", "next_at"])


def take_in(*, box: models.Mailbox, letter: Letter | None, uid: int, now: datetime) -> str:
    """Take one message in; its id, or nothing where it is known or gone. It goes to the requisition it answers or whose
    tag it carries; else it waits for an officer."""
    digest = sha256(letter.raw).hex() if letter else ""
    if letter is None or rows.seen_before(digest):
        _read_to(box, uid)
        return ""
    store.put(letter.raw)
    found = _found(letter, digest)
    return _taken(box, letter, found, now)


@transaction.atomic
def assign(*, mail: str, requisition: str, actor: Actor, now: datetime) -> None:
    """An officer says to which requisition it belongs."""
    row = _waiting(mail)
    row.thread, row.reason = Thread.OFFICER.value, ""
    row.settled_at, row.settled_by, row.settled_by_name = now, actor.id, actor.name
    _attach(row, locked(requisition), actor, now)
    row.save()


@transaction.atomic
def dismiss(*, mail: str, reason: str, actor: Actor, now: datetime) -> None:
    """It belongs to no requisition: what it says is blanked and its bytes go; its digest stays."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Invalid("Say why.", code="reason_missing", fields={"reason": "missing"})
    row = _waiting(mail)
    digests = {row.sha256, *row.parts.values_list("sha256", flat=True)}
    gone = digests - rows.in_use(digests, row.id)
    body: dict[str, Json] = {"sha256": row.sha256, "reason": reason}
    record(actor=actor, name="mail:dismiss", subject=f"mail:{row.id}", body=body, at=now)
    row.parts.all().delete()
    row.sender = row.sender_name = row.subject = row.text = ""
    row.state, row.reason = MailState.DISMISSED.value, reason
    row.settled_at, row.settled_by, row.settled_by_name = now, actor.id, actor.name
    row.save()
    for one in sorted(gone):
        transaction.on_commit(partial(store.drop, one))


@transaction.atomic
def take_note(*, mail: str, requisition: str, actor: Actor, now: datetime) -> None:
    """An officer has read what came in by itself. ``NotFound`` for another requisition's."""
    row = models.IncomingMail.objects.select_for_update().filter(pk=mail, requisition=requisition).first()
    if row is None:
        raise NotFound("There is no such message.", code="no_such_mail")
    if row.settled_at is None:
        row.settled_at, row.settled_by, row.settled_by_name = now, actor.id, actor.name
        row.save(update_fields=["settled_at", "settled_by", "settled_by_name"])
        record(actor=actor, name="mail:note", subject=f"mail:{row.id}", body={}, at=now)


@transaction.atomic
def read_part(
    *, mail: str, part: str, person: PersonFacts, actor: Actor, now: datetime
) -> tuple[models.IncomingPart, bytes]:
    """The bytes of an attachment that waits, with the fact that somebody opened it."""
    row, found = rows.part(person, mail, part)
    data = store.get(found.sha256)
    record(actor=actor, name="mail:read", subject=f"mail:{row.id}", body={"sha256": found.sha256}, at=now)
    return found, data


def tell_completion(*, requisition: models.Requisition, event: int, now: datetime) -> int:
    """Tell the unit's mailbox that something is asked for; nothing where none is known. Inside the caller's
    transaction."""
    mailbox = rows.mailbox_of(requisition)
    if not mailbox:
        return 0
    language = settings.LANGUAGE_CODE[:2]
    title, text = completion_words(
        mail_tags.tag(requisition.number), settings.BEFFROI_PUBLIC_URL, centre=settings.BEFFROI_CENTRE,
        answered=rows.mailbox() is not None, language=language,
    )  # fmt: skip
    to = Recipient("unit", "", requisition.unit_name, Channel.EMAIL, mailbox, language)
    subject = f"unit:{requisition.id}:{event}"
    return notices.remind(subject=subject, occasion=Occasion.COMPLETION, to=to, title=title, text=text, now=now)


def _waiting(mail: str) -> models.IncomingMail:
    row = models.IncomingMail.objects.select_for_update().filter(pk=mail).first()
    if row is None:
        raise NotFound("There is no such message.", code="no_such_mail")
    if row.state != MailState.WAITING:
        raise Conflict("Somebody has settled this message meanwhile.", code="mail_settled")
    return row


def _found(letter: Letter, digest: str) -> _Found:
    if not letter.whole:
        head = replace(_head(letter.raw), attachments=())
        return _Found(head, "mail_too_large", digest, ())
    try:
        content = mail_reader.read(letter.raw)
    except Invalid as error:
        return _Found(None, error.code, digest, ())
    return _Found(content, "", digest, tuple(_part(place, one) for place, one in enumerate(content.attachments)))


def _head(raw: bytes) -> MailContent:
    try:
        return mail_reader.read(raw)
    except Invalid:
        return MailContent("", "", "", "", (), (), (), 0)


def _part(place: int, one: Attachment) -> models.IncomingPart:
    part = models.IncomingPart(
        position=place, name=shown_name(one.name), size=len(one.data), sha256=sha256(one.data).hex()
    )
    try:
        paper = read_incoming(one.name, one.data)
    except Invalid as error:
        part.trouble = error.code[:24]  # it stays inside the message, which is kept as it came
    else:
        part.media_type = paper.media_type
        store.put(one.data)
    return part


@transaction.atomic
def _taken(box: models.Mailbox, letter: Letter, found: _Found, now: datetime) -> str:
    _read_to(box, letter.uid)
    content = found.content
    row = models.IncomingMail.objects.create(
        id=new_id(to_us(now)), mailbox=box.id, insee=box.insee, validity=box.validity or 0, uid=letter.uid,
        arrived_at=now, size=letter.size,
        sha256=found.digest, trouble=found.trouble, state=MailState.WAITING.value,
        sender=content.sender if content else "", sender_name=content.sender_name if content else "",
        subject=content.subject if content else "", text=content.text if content else "",
        left_out=content.left_out if content else 0,
    )  # fmt: skip
    for part in found.parts:
        part.id, part.mail = new_id(to_us(now)), row
        part.save(force_insert=True)
    body: dict[str, Json] = {"sha256": row.sha256, "bytes": row.size, "trouble": row.trouble}
    record(actor=SYSTEM, name="mail:receive", subject=f"mail:{row.id}", body=body, at=now)
    to, thread = None, Thread.NONE
    if content is not None:
        to, thread = rows.requisition_answered(content), Thread.REPLY
        if to is None:
            to, thread = rows.requisition_tagged(content), Thread.TAG
    if to is not None:
        row.thread = thread.value
        _attach(row, locked(to.id), SYSTEM, now)
        row.save()
    return row.id


def _attach(row: models.IncomingMail, to: models.Requisition, actor: Actor, now: datetime) -> None:
    """Put it to the requisition: the message as it came and its papers, each with its digest."""
    row.state, row.requisition = MailState.ASSIGNED.value, to
    add_paper(to, AS_IT_CAME, f"{row.id}.eml", "message/rfc822", row.sha256, row.size, actor, now)
    papers = [part for part in row.parts.all() if not part.trouble]
    for part in papers:
        add_paper(to, PAPER, part.name, part.media_type, part.sha256, part.size, actor, now)
    body: dict[str, Json] = {"mail": row.id, "sha256": row.sha256, "by": row.thread, "papers": len(papers)}
    note_event(
        to, "mail", before=State(to.state), actor=actor, now=now, note=row.subject, to_requester=False, body=body
    )


def _read_to(box: models.Mailbox, uid: int) -> None:
    """How far this mailbox was read, as long as it counts as it did."""
    models.Mailbox.objects.filter(pk=box.id, validity=box.validity, last_uid__lt=uid).update(last_uid=uid)
