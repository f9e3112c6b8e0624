"""R-43: a commune that takes its agreement back is seen no more from that instant."""

from datetime import timedelta

import pytest

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance.actions import orders
from beffroi.governance.queries import law
from tests.conftest import INSEE, NOW

LATER = NOW + timedelta(days=3)


@pytest.mark.django_db
def test_consent_holds_until_the_instant_it_is_withdrawn() -> None:
    assert law.consents(NOW) == frozenset()
    orders.give_consent(insee=INSEE, reference="délibération 12", actor=SYSTEM, now=NOW)
    assert law.consents(NOW) == {INSEE}
    orders.withdraw_consent(insee=INSEE, actor=SYSTEM, now=LATER)
    assert law.consents(LATER - timedelta(microseconds=1)) == {INSEE}
    assert law.consents(LATER) == frozenset()
    assert Fact.objects.filter(name__in=("consent:give", "consent:withdraw")).count() == 2
