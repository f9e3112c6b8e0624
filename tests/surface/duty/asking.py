"""A person of the operations centre asks, or is given, live pictures of an incident."""

from datetime import timedelta

from beffroi.governance.actions import access
from beffroi.governance.queries.access import GrantFacts
from beffroi.media.core.tickets import Mode
from beffroi.people.core.facts import PersonFacts
from beffroi.people.queries import actor_of
from tests.conftest import NOW

LASTING = timedelta(minutes=30)


def ask_live(who: PersonFacts, incident: str, camera: str) -> GrantFacts:
    """Under the convention's article 12: waits for a person of the room."""
    grant = access.request_access(
        mode=Mode.RELAY,
        cameras=[camera],
        ground_kind="incident",
        ground=incident,
        purpose="L251-2:5",
        legal_basis="ADMIN_POLICE",
        reason="Guidage de la patrouille vers la place",
        duration=LASTING,
        actor=actor_of(who),
        now=NOW,
    )
    assert grant.state == "requested", (grant.refusal, grant.article)
    return grant


def open_relay(giver: PersonFacts, taker: PersonFacts, incident: str, camera: str) -> GrantFacts:
    """The room opens it by itself."""
    grant = access.offer_relay(
        person=taker.id,
        incident=incident,
        cameras=[camera],
        duration=LASTING,
        reason="Renfort demandé sur la place",
        actor=actor_of(giver),
        now=NOW,
    )
    assert grant.state == "active", (grant.refusal, grant.article)
    return grant
