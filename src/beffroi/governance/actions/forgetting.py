"""What is kept of persons no longer than it serves: messages a year, guests who never came in a month.

Who was told of an access, and that a guest asked, stays in the log for its own term (R-27). Both times
are design defaults.
"""

from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.core.guests import VisitState
from beffroi.governance.models import GuestVisit, Notice
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso

NOTICES_KEPT = timedelta(days=366)
VISITS_KEPT = timedelta(days=31)


@transaction.atomic
def forget_told(*, now: datetime) -> int:
    """Delete old messages and the visits of guests who sent nothing; returns how many."""
    notices, _ = Notice.objects.filter(made_at__lt=now - NOTICES_KEPT).delete()
    never = GuestVisit.objects.filter(requisition=None, asked_at__lt=now - VISITS_KEPT)
    visits, _ = never.exclude(state=VisitState.VERIFIED.value, until__gt=now).delete()
    if notices or visits:
        body: dict[str, Json] = {"notices": notices, "visits": visits, "before": iso(now - NOTICES_KEPT)}
        record(actor=SYSTEM, name="notice:forget", subject="notices", body=body, at=now)
    return notices + visits
