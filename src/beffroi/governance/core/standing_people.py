"""Whether the rules on persons, papers, the log and its deadlines hold on this installation now. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from beffroi.governance.core.installation import Installation
from beffroi.governance.core.law import Rule
from beffroi.governance.core.standing import Evidence
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role

DPIA_YEARS = 3
DPIA_GROWTH_PERCENT = 10
SOON = timedelta(days=60)
VERIFIED_WITHIN = timedelta(days=31)
RECEIPT_WITHIN = timedelta(days=15)
"""All five are design defaults, not law."""

ROOM = frozenset({Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF})
PICTURES = ROOM | {Role.INVESTIGATOR, Role.OPERATIONS_CENTRE, Role.PREFECTURE_DUTY}


def clearances(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-11: whoever looks now holds a clearance; whose clearance is over is named (the gate refuses her)."""
    for grant in here.grants:
        if not grant.cleared:
            yield Evidence("looks_uncleared", held=False, values={"person": grant.person_name})
    yield Evidence("open_accesses", held=True, values={"count": str(len(here.grants))})
    for one in _with(here, PICTURES):
        ends = [held.term.until for held in one.clearances if held.holds(now)]
        if not ends:
            yield Evidence("person_uncleared", None, {"person": one.called}, note=True)
        elif all(end is not None and end < now + SOON for end in ends):
            last = max(end for end in ends if end is not None)
            yield Evidence("clearance_ends", None, {"person": one.called, "at_end": last.isoformat()}, note=True)


def approvals(here: Installation, rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-12: whoever works in the room and is no police officer has an approval in force, reviewed in time."""
    asked = 0
    for one in _with(here, ROOM):
        rank = one.rank.strip().lower()
        if one.force is not Force.PM or (rank and any(rank.startswith(word) for word in rule.words("police_ranks"))):
            continue
        asked += 1
        approval = one.approval
        if approval is None or not approval.holds(now):
            yield Evidence("no_approval", None, {"person": one.called}, note=True)  # the gate refuses
        elif approval.reviewed_at + timedelta(days=365 * rule.number("review_years")) <= now:
            values = {"person": one.called, "at_reviewed": approval.reviewed_at.isoformat()}
            yield Evidence("approval_review_overdue", None, values, note=True)
    yield Evidence("approvals_asked", held=True, values={"count": str(asked)})


def trainings(here: Installation, rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-13: certificates of those whom the pack names."""
    for one in _with(here, ROOM):
        if one.force.value in rule.words("forces") and (one.training is None or not one.training.holds(now)):
            yield Evidence("no_training", held=False, values={"person": one.called})
    yield Evidence("persons_asked", held=True, values={"count": str(len(_with(here, ROOM)))})


def orders(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-16: no access of a partner is open without an order naming recipients."""
    for number, end in here.orders:
        yield Evidence("order_until", None, {"order": number, "at_end": end.isoformat()}, note=True)
    partners = [one for one in here.grants if one.force != Force.PM.value and one.mode in {"live", "relay", "replay"}]
    held = bool(here.orders) or not partners
    yield Evidence("partners_ordered" if held else "partners_without_order", held, {"count": str(len(partners))})


def open_accesses_end(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-17: each open access has an end, and the end has not passed."""
    for grant in here.grants:
        if grant.until is None or grant.until <= now:
            yield Evidence("access_beyond_term", held=False, values={"person": grant.person_name})
    yield Evidence("open_accesses", held=True, values={"count": str(len(here.grants))})


def receipts(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-21: hand-overs wait for their receipt a fortnight at most."""
    for package, given in here.unreceipted:
        late = given + RECEIPT_WITHIN <= now
        values = {"package": package, "at_given": given.isoformat()}
        yield Evidence("receipt_late" if late else "receipt_waits", not late, values)
    if not here.unreceipted:
        yield Evidence("receipts_all", held=True)


def log_whole(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-26: the log was verified lately, and was whole."""
    log = here.log
    for source in log.journals_broken:
        yield Evidence("journal_broken", held=False, values={"recorder": source})
    if log.good is None or log.verified_at is None:
        yield Evidence("log_never_verified", held=None)
        return
    values = {"entries": str(log.entries), "at_verified": log.verified_at.isoformat()}
    if not log.good:
        yield Evidence("log_broken", held=False, values=values)
    elif now - log.verified_at > VERIFIED_WITHIN:
        yield Evidence("log_verified_long_ago", None, values)
    else:
        yield Evidence("log_good", held=True, values=values)


def log_forgets(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-27: nothing stands in the log past its term."""
    held = here.log.past_term == 0
    yield Evidence("log_term_kept" if held else "log_past_term", held, {"count": str(here.log.past_term)})


def log_readings(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-28: how often the log was read in thirty days; each reading is a fact."""
    yield Evidence("readings_month", None, {"count": str(here.log.readings)}, note=True)


def impact_assessment(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-36: an assessment younger than three years, and no more than a tenth of cameras new since."""
    papers = sorted((one for one in here.papers if one.kind == "dpia"), key=lambda one: one.dated)
    if not papers:
        yield Evidence("no_dpia", held=False)
        return
    last = papers[-1]
    values = {"reference": last.reference, "at_dated": last.dated.isoformat()}
    young = now < last.dated + timedelta(days=365 * DPIA_YEARS)
    yield Evidence("dpia_dated" if young else "dpia_old", young, values)
    cameras = here.in_service(now)
    new = [one for one in cameras if one.commissioned_at is not None and one.commissioned_at > last.dated]
    if len(new) * 100 > DPIA_GROWTH_PERCENT * max(1, len(cameras) - len(new)):
        yield Evidence("dpia_more_cameras", held=False, values={"count": str(len(new))})


def processing_entry(_here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-37: the entry is made from the configuration each time it is asked for, so it cannot lag behind."""
    yield Evidence("processing_generated", held=True)


def panels(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-38: a panel is entered for each place filmed on the public road; the notice is the public page."""
    standing = {one.site for one in here.papers if one.kind == "panel"}
    places = sorted({one.site for one in here.in_service(now) if one.public_road})
    for place in places:
        if place not in standing:
            yield Evidence("no_panel", held=False, values={"place": place})
    there = sum(1 for place in places if place in standing)
    yield Evidence("panels_there", held=True, values={"count": str(there)})


def rights(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-39: every request of a person answered by its day."""
    for one in here.rights:
        if (one.answered_at or now) > one.due_at:
            values = {"number": one.number, "at_due": one.due_at.isoformat()}
            yield Evidence("rights_late", held=False, values=values)
    waiting = sum(1 for one in here.rights if one.answered_at is None)
    yield Evidence("rights_counted", held=True, values={"count": str(len(here.rights)), "waiting": str(waiting)})


def conventions(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-40: nothing is used past its term."""
    for reference, end in here.conventions:
        yield Evidence("convention_until", None, {"convention": reference, "at_end": end.isoformat()}, note=True)
    yield from open_accesses_end(here, _rule, now)


def breakglass(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-41: a second person looked at each break-glass access in time."""
    for person, due in here.breakglass_late:
        yield Evidence("breakglass_late", held=False, values={"person": person, "at_due": due.isoformat()})
    if not here.breakglass_late:
        yield Evidence("breakglass_reviewed", held=True)


def consents(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-43: which communes agreed; without one the gate lets nobody of elsewhere see."""
    communes = sorted({one.insee for one in here.in_service(now)})
    for insee in communes:
        given = insee in here.consents
        yield Evidence("consent_given" if given else "consent_none", None, {"commune": insee}, note=True)


def bundle(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-46: a bundle can be made at any time; the newest shows it."""
    if here.bundle_at is None:
        yield Evidence("bundle_never", held=None)
    else:
        yield Evidence("bundle_made", held=True, values={"at_made": here.bundle_at.isoformat()})


def _with(here: Installation, roles: frozenset[Role]) -> tuple[PersonFacts, ...]:
    return tuple(one for one in here.persons if one.roles & roles)
