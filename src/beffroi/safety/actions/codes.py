"""The second key read out on the telephone when no link joins box and centre (core/phone_code.py)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.kernel.signing import SigningKey
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models, queries
from beffroi.safety.actions.alerts import party_of
from beffroi.safety.core.authority import Act, power
from beffroi.safety.core.phone_code import PURPOSE, REFERENCE_CHARACTERS, code
from beffroi.safety.core.words import Power


@transaction.atomic
def issue_code(
    *,
    actor: Actor,
    person: PersonFacts,
    building: str,
    reference: str,
    act: Act,
    zone: str,
    authority: str,
    key: SigningKey,
    now: datetime,
) -> str:
    """The eight digits to read out: the second key for one alert, one zone, one act, once. They are kept nowhere.

    The alert may be unknown here: the link was cut before it. ``Forbidden`` for who holds no second key, ``Invalid``
    for a reference that is none or an all-clear without authority, ``Conflict`` for a box that never spoke.
    """
    found = queries.building_visible_to(person, building)
    if power(party_of(person), act) is not Power.SECOND_KEY:
        raise Forbidden("You hold no second key.", code="no_power")
    reference = reference.strip().upper()
    if len(reference) != REFERENCE_CHARACTERS or not reference.isalnum():
        raise Invalid("This is no reference.", code="reference_unknown", fields={"reference": "reference_unknown"})
    if act is Act.LIFT and not authority.strip():
        raise Invalid("Say who ordered it.", code="authority_missing", fields={"authority": "authority_missing"})
    edge = models.Edge.objects.select_for_update().filter(building=found.id, withdrawn_at=None).first()
    if edge is None or edge.agreement_key is None:
        raise Conflict("The box of this building has never been heard.", code="code_impossible")
    rows = models.PhoneCode.objects.filter(building=found.id, reference=reference)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    models.PhoneCode.objects.create(
        building_id=found.id,
        reference=reference,
        number=number,
        act=act.value,
        zone=zone[:80],
        authority=authority.strip()[:200],
        person=person.id,
        person_name=person.called,
        issued_at=now,
    )
    body: dict[str, Json] = {
        "reference": reference,
        "number": number,
        "act": act.value,
        "zone": zone,
        "authority": authority.strip()[:200],
    }
    record(actor=actor, name="alert:code", subject=f"building:{found.id}", body=body, at=now)
    secret = key.agree(bytes(edge.agreement_key), purpose=PURPOSE)
    return code(secret, reference=reference, act=act, zone=zone, number=number)
