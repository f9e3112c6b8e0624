"""The register of relays: live pictures and look-backs that partners were given under the convention."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from beffroi.governance import models
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force
from beffroi.sites import queries as sites

LIMIT = 20_000
COLUMNS = (
    "asked", "opened", "until", "ended", "person", "unit", "mode", "cameras", "ground", "article", "reason",
    "emergency", "decided", "state",
)  # fmt: skip


def relays(person: PersonFacts, *, limit: int = LIMIT) -> list[Sequence[str]]:
    """One line an access asked for by somebody who is not the commune's, refused ones included, newest first."""
    known = cameras_in_reach(person)
    names = {str(one.id): f"{one.number} · {one.name}" for one in sites.cameras(retired=True)}
    rows = models.AccessGrant.objects.exclude(force=Force.PM.value).exclude(mode__in=("extract", "package"))
    lines: list[Sequence[str]] = []
    for row in rows.order_by("-requested_at", "-id").iterator(chunk_size=500):
        if known is not None and not known.intersection(row.cameras):
            continue
        lines.append(
            (
                at(row.requested_at), at(row.opened_at), at(row.until), at(row.stopped_at or row.ended_at),
                row.person_name, f"{row.force} {row.unit}".strip(), row.mode,
                "; ".join(names.get(one, one) for one in row.cameras), row.basis_label or row.basis_kind, row.article,
                row.reason, "×" if row.emergency else "", row.decided_by_name, row.state,
            )
        )  # fmt: skip
        if len(lines) >= limit:
            break
    return lines


def at(moment: datetime | None) -> str:
    """A time in the centre's zone with its offset (I10)."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    offset = f"{local:%z}"
    return f"{local:%d/%m/%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"
