"""Cases: what a replay under the convention hangs on."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.models import AccessGrant, Case
from beffroi.governance.queries import cases, law
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.people import queries as people
from beffroi.sites import queries as sites


@transaction.atomic
def open_case(
    *,
    number: str,
    legal_basis: str,
    unit: str,
    force: str,
    cameras: Sequence[str],
    span: Span,
    requisition: str = "",
    incident: str = "",
    title: str = "",
    actor: Actor,
    now: datetime,
) -> cases.CaseFacts:
    """Open a case: procedure number, judicial basis in force, cameras and span.

    ``Invalid`` names what is wrong, field by field; ``Conflict`` when the unit has this number already.
    """
    number, chosen = " ".join(number.split()), tuple(dict.fromkeys(cameras))
    _check(number, legal_basis, unit, chosen, span, now)
    if Case.objects.filter(unit=unit, number=number).exists():
        raise Conflict(f"The unit has a case {number} already.", code="case_exists")
    row = Case(
        id=new_id(to_us(now)),
        number=number,
        title=title.strip()[:200],
        legal_basis=legal_basis,
        force=force,
        unit=unit,
        cameras=list(chosen),
        footage_from=span.start,
        footage_until=span.end,
        opened_at=now,
        opened_by=actor.id,
        requisition=requisition,
        incident=incident,
    )
    row.save(force_insert=True)
    body: dict[str, Json] = {
        "number": number,
        "basis": legal_basis,
        "unit": unit,
        "cameras": list(chosen),
        "span": [iso(span.start), iso(span.end)],
        "requisition": requisition,
        "incident": incident,
    }
    record(actor=actor, name="case:open", subject=f"case:{row.id}", body=body, at=now)
    return cases.fact_of(row)


@transaction.atomic
def close_case(*, case: str, actor: Actor, now: datetime) -> None:
    """Close a case and end every access that hangs on it. Its unit or an officer of the centre may."""
    row = Case.objects.select_for_update().filter(pk=case).first()
    if row is None:
        raise NotFound("There is no such case.", code="no_such_case")
    cases.case_visible_to(people.person_facts(actor.id, now), case)
    if row.closed_at is not None:
        raise Conflict("This case is closed already.", code="case_closed")
    row.closed_at, row.closed_by = now, actor.id
    row.save(update_fields=["closed_at", "closed_by"])
    record(actor=actor, name="case:close", subject=f"case:{row.id}", body={"number": row.number}, at=now)
    hanging = AccessGrant.objects.select_for_update().filter(
        basis_kind="case", basis_reference=row.id, state=AccessGrant.State.ACTIVE
    )
    for grant in hanging:
        grant.state, grant.ended_at = AccessGrant.State.ENDED, now
        grant.save(update_fields=["state", "ended_at"])
        record(actor=actor, name="access:end", subject=f"access:{grant.id}", body={"why": "case_closed"}, at=now)


def _check(number: str, legal_basis: str, unit: str, cameras: Sequence[str], span: Span, now: datetime) -> None:
    basis = law.law_pack(now).basis(legal_basis, now)
    wrong = {
        "number": "case_number" if not 3 <= len(number) <= 64 else "",
        "legal_basis": "basis_not_in_force" if basis is None or not basis.judicial else "",
        "cameras": "camera_unknown"
        if not cameras or not {one.id for one in sites.cameras()}.issuperset(cameras)
        else "",
        "span": "span_in_future" if span.start >= now else "",
        "unit": "unit_empty" if not unit.strip() else "",
    }
    fields = {name: code for name, code in wrong.items() if code}
    if fields:
        raise Invalid("This case cannot be opened as it stands.", code="case_invalid", fields=fields)
