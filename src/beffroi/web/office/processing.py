"""The entry of the register of processing (GDPR art. 30, law of 6 January 1978 art. 100; R-37), read from the settings.

Nothing of it is typed here: who changes a camera, an order, a convention or the rule of sign-in has changed the entry.
The page, its print and the inspection bundle show the same lines.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from beffroi.governance.core.rights import KEPT_AFTER_ANSWER
from beffroi.governance.queries import control, law
from beffroi.governance.queries import entered_orders as orders
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.media.core.masking import Burnt
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.office.order_words import use_words
from beffroi.web.office.person_words import ROLES
from beffroi.web.shared.convention_words import party_words
from beffroi.web.shared.gate_words import FORCES, PURPOSES

Row = tuple[str, str]


def cameras_of(person: PersonFacts, now: datetime) -> list[CameraFacts]:
    """The cameras in service of the person's communes."""
    known = cameras_in_reach(person)
    return [one for one in sites.cameras() if (known is None or one.id in known) and one.in_service(now)]


def entry(person: PersonFacts, now: datetime) -> list[Row]:
    """What the register says, line by line."""
    return [*_who(), *_what(cameras_of(person, now)), *_recipients(person, now), *_kept(person, now), *_secured(now)]


def cameras(person: PersonFacts, now: datetime) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Camera by camera: where, what for, how long, under which order."""
    head = (_("Camera"), _("Place"), _("Purposes"), _("Days kept"), _("Order"))
    rows: list[Sequence[str]] = []
    for one in cameras_of(person, now):
        order = one.authorisation_at(now)
        under = order.reference if order is not None and order.in_force(now) else _("none in force")
        purposes = ", ".join(str(PURPOSES[purpose]) for purpose in sorted(one.purposes))
        rows.append((f"{one.number} · {one.name}", one.site, purposes, str(one.retention_days), under))
    return head, rows


def _who() -> Iterator[Row]:
    yield _("Controller"), settings.BEFFROI_CENTRE
    yield _("Contact of the data protection officer"), getattr(settings, "BEFFROI_CONTACT", "") or "—"
    yield _("Processing"), _("Video protection of the public road (CSI L251-1 and following)")


def _what(found: list[CameraFacts]) -> Iterator[Row]:
    for purpose in sorted({purpose for one in found for purpose in one.purposes}):
        yield _("Purpose"), str(PURPOSES[purpose])
    yield _("Persons concerned"), _("Whoever passes in view of a camera; the agents who look")
    yield _("Data"), _("Pictures without sound, place, day and hour, log of acts. No biometrics, no plates.")
    yield _("Cameras in service"), str(len(found))
    roads = sum(1 for one in found if one.public_road)
    yield _("Of these, on the public road"), str(roads)
    said = [one.mask.burnt for one in found if one.mask is not None and one.mask.burnt is not None]
    if said:
        counts = {"same": said.count(Burnt.SAME), "differs": said.count(Burnt.DIFFERS)}
        counts["other"] = len(said) - counts["same"] - counts["differs"]
        yield (
            _("Dwelling masks, read back from the cameras"),
            _("%(same)d hide the dwellings, %(differs)d do not, of %(other)d it is not known") % counts,
        )


def _recipients(person: PersonFacts, now: datetime) -> Iterator[Row]:
    for order in orders.standing(person):
        if order.over(now) or now not in order.entry.valid:
            continue
        for line in order.entry.recipients:
            named = " · ".join(part for part in (str(FORCES[line.force]), line.unit, ", ".join(line.persons)) if part)
            said = f"{order.reference}: {named} ({use_words(line.uses)}, {order.entry.recipient_days} d)"
            yield _("Recipients, by prefect’s order"), said
    for text in law.conventions():
        if text.in_force(now):
            parties = ", ".join(party_words(name) for name in text.convention.parties.names)
            yield _("Recipients, by convention"), f"{text.reference} v{text.version}: {parties}"
    yield _("Recipients, by requisition"), _("Judicial authority, on written requisition, under the register’s number")
    units = {f"{one.organisation} — {one.unit}" for one in control.persons_in_reach(person, now)}
    for unit in sorted(units):
        yield _("Units with persons here"), unit
    yield _("Transfers outside the European Union"), _("none")


def _kept(person: PersonFacts, now: datetime) -> Iterator[Row]:
    days = sorted({one.retention_days for one in cameras_of(person, now)})
    yield _("Days kept"), ", ".join(str(one) for one in days) or "—"
    yield _("Log"), _("Looks three years, technical lines one year (R-27)")
    yield _("Requests of persons"), _("Name and contact one year after the answer") + f" ({KEPT_AFTER_ANSWER.days} d)"


def _secured(now: datetime) -> Iterator[Row]:
    rule = people.sign_in_rule()
    asked = [str(FORCES[one.value]) for one in sorted(rule.forces)] + [str(ROLES[one]) for one in sorted(rule.roles)]
    yield _("Security"), _("Named accounts, individual clearances, tickets of sixty seconds, signed and chained log")
    yield _("Second factor asked of"), ", ".join(asked) or _("nobody")
    minutes = {"step_up": rule.step_up_minutes, "lock": rule.lock_minutes}
    said = (
        _("Before extraction and emergency access, older than %(step_up)s min; pages lock after %(lock)s min") % minutes
    )
    yield _("Fresh proof of identity"), said
    yield _("Networks in which cameras may be"), ", ".join(sites.networks_in_force())
    for paper in control.papers():
        if paper.kind == "dpia":
            yield _("Impact assessment"), f"{paper.reference} ({paper.dated:%d/%m/%Y})"
