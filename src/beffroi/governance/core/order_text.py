"""From the YAML text of a prefect's order (CSI L252-3) to values, with every fault at once. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from beffroi.governance.core.convention_text import PURPOSES
from beffroi.governance.core.orders import Order, Recipient
from beffroi.governance.core.yaml_nodes import Table, TextFaults, parse
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Force

RECIPIENTS = tuple(sorted(force.value for force in (Force.GN, Force.PN, Force.SDIS, Force.PREF, Force.PM)))
USES = ("live_view", "replay")
MAX_RECIPIENT_DAYS = 30  # L252-3: one month from transmission; the calendar month is checked where copies live
ZONE = ZoneInfo("Europe/Paris")


def parse_order(text: str) -> Order:
    """The order in ``text``; ``TextFaults`` with every fault, its line and its remedy."""
    top = parse(text)
    body = top.table("order", required=True)
    top.done()
    if body is None:
        raise TextFaults(top.faults)
    order = _order(body)
    if body.faults or order is None:
        raise TextFaults(body.faults)
    return order


def _order(body: Table) -> Order | None:
    number = body.text("number", required=True)
    prefecture = body.text("prefecture", required=True)
    signed = body.day("signed_on", required=True)
    first, last = body.day("from", required=True), body.day("to", required=True)
    communes = frozenset(body.words("communes", required=True))
    numbers = frozenset(body.integers("cameras"))
    purposes = frozenset(body.words("purposes", required=True, among=PURPOSES))
    recipients = tuple(_recipient(table) for table in body.tables("recipients", required=True))
    least, most, theirs = _retention(body)
    waived = body.flag("doubt_waived")
    body.done()
    if first is None or last is None or signed is None:
        return None
    if last < first:
        body.fault("to", "ends_before_it_begins", str(last), f"Write a day after {first}.")
        return None
    valid = span_of_days(first, last)
    return Order(
        number=number,
        prefecture=prefecture,
        signed_on=_start(datetime.combine(signed, time())),
        valid=valid,
        purposes=purposes,
        recipients=recipients,
        cameras=numbers,
        communes=communes,
        retention_min_days=least,
        retention_max_days=most,
        recipient_retention_days=theirs,
        doubt_waived=waived,
    )


def span_of_days(first: date, last: date) -> Span:
    """From midnight of the first day to the midnight that ends the last one."""
    return Span(_start(datetime.combine(first, time())), _start(datetime.combine(last + timedelta(days=1), time())))


def _start(local: datetime) -> datetime:
    return local.replace(tzinfo=ZONE).astimezone(UTC)


def _retention(body: Table) -> tuple[int, int, int]:
    table = body.table("retention", required=True)
    if table is None:
        return 0, 30, MAX_RECIPIENT_DAYS
    least = table.integer("min_days", default=0, most=31)
    most = table.integer("max_days", default=30, least=1, most=31)
    theirs = table.integer("recipient_days", default=MAX_RECIPIENT_DAYS, least=1, most=31)
    table.done()
    if least > most:
        table.fault("min_days", "contradiction", f"{least} > {most}", "The minimum is not above the maximum.")
    return least, most, theirs


def _recipient(table: Table) -> Recipient:
    recipient = Recipient(
        force=table.text("force", required=True, among=RECIPIENTS),
        unit=table.text("unit"),
        persons=frozenset(table.words("persons")),
        uses=frozenset(table.words("uses", among=USES)) or frozenset(USES),
    )
    table.done()
    if recipient.force == Force.PREF.value and not recipient.persons:
        table.fault("persons", "below_the_law", "PREF", "Agents of the prefecture are named one by one.")
    return recipient
