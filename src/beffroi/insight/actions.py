"""The only writer of declared series."""

import re
from datetime import datetime

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import Actor
from beffroi.insight import models
from beffroi.insight.core.series import Series, parse_series
from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Invalid

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@transaction.atomic
def import_series(*, name: str, text: str, actor: Actor, now: datetime) -> Series:
    """Take in a declared series, or a new version of it. ``Invalid`` names each wrong line; nothing is written then."""
    if len(name) > 60 or _NAME.fullmatch(name) is None:
        raise Invalid(
            "The short name of a series has small letters, digits and hyphens.",
            code="series_name",
            fields={"name": "letters"},
        )
    series = parse_series(name, text)
    digest = sha256(text.encode()).hex()
    models.DeclaredSeries.objects.update_or_create(
        name=name, defaults={"text": text, "digest": digest, "imported_at": now, "imported_by": actor.id}
    )
    body: dict[str, Json] = {
        "digest": digest,
        "source": series.source,
        "points": len(series.points),
        "invented": series.invented,
    }
    audit.record(actor=actor, name="series:import", subject=f"series:{name}", body=body, at=now)
    return series
