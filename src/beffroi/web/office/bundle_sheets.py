"""The tables of an inspection bundle in the reader's words. ``config/worker.py`` hands this to the reconciler."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from beffroi.audit import anomalies
from beffroi.audit import queries as audit
from beffroi.governance.core.answers import expiry
from beffroi.governance.core.sheets import Sheet
from beffroi.governance.queries import control, law
from beffroi.governance.queries import rights as requests
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.governance.queries.registers import COLUMNS, Filters, Register, at, register
from beffroi.kernel.clock import iso
from beffroi.media.core.answers import RecorderStatus
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.sites.core.authorisations import RENEWAL_MONTHS, months_before
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.office import processing, rule_words
from beffroi.web.office.views import anomalies as unusual
from beffroi.web.office.views import looks, registers
from beffroi.web.shared.gate_words import titled
from beffroi.web.shared.rights_words import STATES, WISHES

Rows = list[Sequence[str]]


def sheets(person: PersonFacts, status: RecorderStatus | None, language: str, now: datetime) -> Iterator[Sheet]:
    """Every table, one after the other, in ``language``."""
    with translation.override(language):
        found = [
            *_registers(person), _viewings(person), *_unusual(person, now), _rights(person), *_processing(person, now),
            _rules(person, status, now), _authorisations(person, now), _due(person, now),
            _retention(person, status, now),
        ]  # fmt: skip
    yield from found


def _cameras(person: PersonFacts) -> list[CameraFacts]:
    """The cameras of the person's communes, retired ones included."""
    known = cameras_in_reach(person)
    return [one for one in sites.cameras(retired=True) if known is None or one.id in known]


def _sheet(path: str, title: str, head: Sequence[object], rows: Sequence[Sequence[str]], note: str = "") -> Sheet:
    return Sheet(path, title, tuple(str(one) for one in head), tuple(tuple(str(c) for c in row) for row in rows), note)


def _registers(person: PersonFacts) -> Iterator[Sheet]:
    for kind in Register:
        lines = registers.shown(kind, register(person, kind, Filters()))
        head = [registers.HEADS[one] for one in COLUMNS[kind]]
        yield _sheet(f"registers/{kind.value}", str(registers.TITLES[kind]), head, lines)


def _viewings(person: PersonFacts) -> Sheet:
    known = cameras_in_reach(person)
    cameras = {str(one.id): f"{one.number} — {one.name}" for one in sites.cameras(retired=True)}
    lines = audit.look_register(audit.LookFilter(), limit=looks.CSV_LIMIT)
    rows = list(looks.table([line for line in lines if known is None or line.camera in known], cameras))
    return _sheet("registers/viewings", _("Register of viewings"), looks.heads(), rows)


def _unusual(person: PersonFacts, now: datetime) -> Iterator[Sheet]:
    """A year of acts out of the ordinary, where the DPO asks for the bundle: nobody else reads that list."""
    if Role.DPO in person.roles:
        lines = anomalies.found(since=now - anomalies.LONGEST, until=now, now=now)
        rows = list(unusual.table(lines))
        yield _sheet("registers/anomalies", _("Out of the ordinary"), unusual.HEADS, rows)


def _rights(person: PersonFacts) -> Sheet:
    """Numbers, days and answers: never who asked."""
    head = [_("Number"), _("Received"), _("Due"), _("Wish"), _("State"), _("Ground"), _("Answered")]
    rows = [
        (row.number, at(row.received_at), at(row.due_at), str(WISHES[row.wish]), str(STATES[row.state][0]),
         row.ground, at(row.answered_at))
        for row in requests.register(person)
    ]  # fmt: skip
    return _sheet("registers/rights", _("Requests of persons"), head, rows)


def _processing(person: PersonFacts, now: datetime) -> Iterator[Sheet]:
    """The register of processing (LIL 100, RGPD 30), as its page shows it at this moment."""
    lines = processing.entry(person, now)
    yield _sheet("registers/processing", _("Entry of the processing register"), (_("What"), _("Value")), lines)
    head, rows = processing.cameras(person, now)
    yield _sheet("registers/processing-cameras", _("Camera by camera"), head, rows)


def _rules(person: PersonFacts, status: RecorderStatus | None, now: datetime) -> Sheet:
    head = [
        _("Rule"), _("What it asks"), _("Source"), _("Does"), _("Design default"), _("How it is kept"), _("Where"),
        _("Test"), _("Standing"), _("Evidence"),
    ]  # fmt: skip
    rows = [
        (
            line.rule.id, titled(line.rule.title, line.rule.id), line.rule.source,
            str(rule_words.SEVERITIES[line.rule.severity]), "×" if line.rule.design_default else "",
            str(rule_words.WAYS[line.way]), line.place, " ".join(line.rule.tests),
            str(rule_words.STANDINGS[line.standing][0]), "; ".join(rule_words.sentence(one) for one in line.evidence),
        )
        for line in control.rule_table(person, status, now)
    ]  # fmt: skip
    pack = law.law_pack(now)
    return _sheet("rules/rules", _("Rule table"), head, rows, f"{pack.id} {pack.version} {pack.digest}")


def _authorisations(person: PersonFacts, now: datetime) -> Sheet:
    head = [_("Order"), _("Department"), _("From"), _("Until"), _("In force"), _("Days kept"), _("Cameras")]
    cameras = _cameras(person)
    rows = []
    for order in sites.authorisations():
        named = [str(one.number) for one in cameras if order.id in {held.id for held in one.authorisations}]
        if not named and cameras_in_reach(person) is not None:
            continue
        days = f"{order.retention_min_days}–{order.retention_max_days}"
        said = _("yes") if order.in_force(now) else _("no")
        rows.append(
            (order.reference, order.department, at(order.valid_from), at(order.valid_to), said, days, ", ".join(named))
        )
    return _sheet("law/authorisations", _("Authorisations"), head, rows)


def _due(person: PersonFacts, now: datetime) -> Sheet:
    """What ends when: authorisations with their three alarms, orders, conventions, clearances."""
    rows: list[tuple[datetime, str, str]] = []
    named = {order.id for one in _cameras(person) for order in one.authorisations}
    for order in sites.authorisations():
        if order.in_force(now) and order.id in named:
            rows.append((order.valid_to, _("End of the authorisation"), order.reference))
            rows += [
                (months_before(order.valid_to, months), _("Renewal alarm"), f"{order.reference} T-{months}")
                for months in RENEWAL_MONTHS
            ]
    rows += [(one.valid.end, _("End of the order"), one.number) for one in law.orders_for_gates(now)]
    for text in law.conventions():
        span = text.force_span(now)
        if span is not None and text.in_force(now):
            rows.append((span.end, _("End of the convention"), f"{text.reference} v{text.version}"))
    for one in control.persons_in_reach(person, now):
        for held in one.clearances:
            if held.holds(now) and held.term.until is not None:
                rows.append((held.term.until, _("End of the clearance"), f"{held.reference} · {one.called}"))
    lines = [(at(when), what, which) for when, what, which in sorted(rows)]
    return _sheet("law/due-dates", _("Due dates"), (_("When"), _("What"), _("Which")), lines)


def _retention(person: PersonFacts, status: RecorderStatus | None, now: datetime) -> Sheet:
    head = [
        _("Camera"),
        _("Days kept"),
        _("Authorised at most"),
        _("Oldest footage"),
        _("To be gone on"),
        _("Standing"),
    ]
    rows = []
    for line in control.retention(person, status, now):
        dies = expiry(line.oldest, line.days) if line.oldest else None
        if line.unknown:
            said = _("unknown: the recorder does not answer")
        elif dies is None:
            said = _("nothing is kept")
        else:
            said = _("within its term") if now < dies else _("past its term: see holds")
        most = "" if line.authorised_days is None else str(line.authorised_days)
        rows.append((line.camera, str(line.days), most, at(line.oldest), at(dies), said))
    return _sheet("retention/retention", _("Retention, by the recorder"), head, rows, iso(now))
