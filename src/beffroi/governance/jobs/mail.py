"""Reading the centre's mailbox, a handful of messages a turn."""

from datetime import datetime

from beffroi.channels import inbox
from beffroi.governance.actions import mail as acts
from beffroi.governance.core.mail_in import MOST_BYTES
from beffroi.governance.queries import mail as rows
from beffroi.kernel.errors import Unavailable

A_TURN = 20


def try_mailbox() -> str:
    """Open the mailbox now and shut it again, reading nothing: the code of what fails, empty where nothing does. One
    that refused its password is not tried: servers lock whoever tries often."""
    box = rows.entered()
    if box is None or box.trouble == "inbox_refused":
        return box.trouble if box else ""
    try:
        with inbox.opened(acts.address_of(box)):
            return ""
    except Unavailable as error:
        return error.code


def read_mailbox(now: datetime) -> int:
    """Take in what is new; returns how many messages. What fails is said on the page of health and tried again later,
    by the mailbox's own pauses: a server that is asked too often shuts its door."""
    box = rows.due(now)
    if box is None:
        return 0
    taken = 0
    try:
        with inbox.opened(acts.address_of(box)) as there:
            known = acts.opened(box=box.id, validity=there.validity)
            if known is None:
                return 0
            new = there.after(known.last_uid, known.since)
            for uid in new[:A_TURN]:
                taken += bool(acts.take_in(box=known, letter=there.letter(uid, most=MOST_BYTES), uid=uid, now=now))
    except Unavailable as error:
        acts.went_wrong(box=box.id, trouble=error.code, now=now)
        return taken
    acts.went_well(box=box.id, again_at_once=len(new) > A_TURN, now=now)
    return taken
