"""Persons on a real database: what they hold, from when to when, and what their leaving ends."""

from datetime import timedelta

import pytest

from beffroi.audit import queries as audit
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.people import actions, queries
from beffroi.people.core.roles import Force, Quality, Role
from tests.conftest import INSEE, NOW, PASSWORD, MakePerson

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_person_is_what_her_papers_say(make_person: MakePerson) -> None:
    person = make_person(Role.INVESTIGATOR, name="A. Morel")
    assert (person.force, person.quality, person.roles) == (Force.GN, Quality.OPJ, {Role.INVESTIGATOR})
    assert person.territory == {INSEE}
    assert person.clearance_for(INSEE, NOW) is not None
    assert person.clearance_for("75056", NOW) is None
    assert queries.actor(person.id).force == "GN"
    assert queries.actor_of(person).name == "A. Morel"


def test_roles_count_from_their_first_to_before_their_last_instant(make_person: MakePerson) -> None:
    person = make_person()
    actions.grant_role(person=person.id, role=Role.CHIEF, start=NOW + DAY, until=NOW + 2 * DAY, actor=SYSTEM, now=NOW)
    seen = [
        queries.person_facts(person.id, NOW + after).roles for after in (0 * DAY, DAY, 2 * DAY - DAY / 86400, 2 * DAY)
    ]
    assert seen == [frozenset(), {Role.CHIEF}, {Role.CHIEF}, frozenset()]


def test_a_role_taken_back_is_gone_at_once(make_person: MakePerson) -> None:
    person = make_person(Role.CHIEF)
    actions.withdraw_role(person=person.id, role=Role.CHIEF, actor=SYSTEM, now=NOW)
    assert queries.person_facts(person.id, NOW).roles == frozenset()
    with pytest.raises(Conflict):
        actions.withdraw_role(person=person.id, role=Role.CHIEF, actor=SYSTEM, now=NOW)


def test_a_withdrawn_clearance_covers_nothing(make_person: MakePerson) -> None:
    person = make_person(Role.VIDEO_OFFICER)
    (clearance,) = person.clearances
    actions.withdraw_clearance(clearance=clearance.id, reason="départ", actor=SYSTEM, now=NOW)
    after = queries.person_facts(person.id, NOW)
    assert after.clearance_for(INSEE, NOW) is None
    assert after.territory == frozenset()
    assert after.clearances[0].withdrawn_at == NOW
    with pytest.raises(Conflict):
        actions.withdraw_clearance(clearance=clearance.id, reason="départ", actor=SYSTEM, now=NOW)


def test_a_clearance_names_its_issuer_and_its_communes(make_person: MakePerson) -> None:
    person = make_person()
    for issuer, territory in (("", [INSEE]), ("Maire", [])):
        with pytest.raises(Invalid):
            actions.grant_clearance(
                person=person.id, reference="R", issuer=issuer, territory=territory, actor=SYSTEM, now=NOW
            )


def test_an_approval_in_force_is_preferred_and_can_be_suspended(make_person: MakePerson) -> None:
    person = make_person()
    given = {"person": person.id, "issuer": "Préfet", "department": "99", "actor": SYSTEM, "now": NOW}
    actions.grant_approval(reference="OLD", start=NOW - 900 * DAY, until=NOW - DAY, **given)  # type: ignore[arg-type]
    current = actions.grant_approval(reference="NEW", start=NOW - 30 * DAY, **given)  # type: ignore[arg-type]
    approval = queries.person_facts(person.id, NOW).approval
    assert approval is not None
    assert (approval.reference, approval.holds(NOW)) == ("NEW", True)
    actions.suspend_approval(approval=current, reason="enquête", actor=SYSTEM, now=NOW)
    suspended = queries.person_facts(person.id, NOW).approval
    assert suspended is not None
    assert not suspended.holds(NOW)


def test_a_training_is_entered_with_its_term(make_person: MakePerson) -> None:
    person = make_person()
    actions.enter_training(person=person.id, reference="CNFPT 12", until=NOW + DAY, actor=SYSTEM, now=NOW)
    training = queries.person_facts(person.id, NOW).training
    assert training is not None
    assert (training.holds(NOW), training.holds(NOW + DAY)) == (True, False)


def test_a_term_that_ends_before_it_starts_is_refused(make_person: MakePerson) -> None:
    person = make_person()
    with pytest.raises(Invalid):
        actions.grant_role(person=person.id, role=Role.CHIEF, start=NOW, until=NOW, actor=SYSTEM, now=NOW)


def test_whoever_leaves_holds_nothing_any_more(make_person: MakePerson) -> None:
    person = make_person(Role.CHIEF, account="chef")
    actions.end_duty(person=person.id, reason="mutation", actor=SYSTEM, now=NOW)
    after = queries.person_facts(person.id, NOW)
    assert (after.roles, after.territory, after.clearances) == (frozenset(), frozenset(), ())
    assert person.id not in {one.id for one in queries.persons(now=NOW)}
    assert person.id in {one.id for one in queries.persons(now=NOW, ended=True)}
    with pytest.raises(Conflict):
        actions.end_duty(person=person.id, reason="mutation", actor=SYSTEM, now=NOW)


def test_persons_are_found_by_role_and_body(make_person: MakePerson) -> None:
    chief, investigator = make_person(Role.CHIEF), make_person(Role.INVESTIGATOR)
    assert [one.id for one in queries.persons(now=NOW, role=Role.CHIEF)] == [chief.id]
    assert [one.id for one in queries.persons(now=NOW, force=Force.GN)] == [investigator.id]


def test_account_names_are_taken_once_and_weak_passwords_refused(make_person: MakePerson) -> None:
    make_person(Role.CHIEF, account="chef")
    other = make_person(Role.DPO)
    with pytest.raises(Conflict):
        actions.open_account(person=other.id, username="CHEF ", password=PASSWORD, actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid) as refused:
        actions.open_account(person=other.id, username="dpo", password="password", actor=SYSTEM, now=NOW)
    assert "password" in refused.value.fields
    assert queries.language_of(other.id) == ""
    with pytest.raises(NotFound):
        queries.username_of(other.id)


def test_nobody_unknown_is_known() -> None:
    for ask in (
        lambda: queries.person_facts("nobody", NOW),
        lambda: queries.actor("nobody"),
        lambda: actions.end_duty(person="nobody", reason="", actor=SYSTEM, now=NOW),
        lambda: actions.withdraw_clearance(clearance="none", reason="", actor=SYSTEM, now=NOW),
        lambda: actions.suspend_approval(approval="none", reason="", actor=SYSTEM, now=NOW),
        lambda: actions.set_password(person="nobody", password=PASSWORD, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(NotFound):
            ask()


def test_every_act_on_a_person_leaves_its_fact(make_person: MakePerson) -> None:
    person = make_person(Role.CHIEF, account="chef")
    actions.end_duty(person=person.id, reason="mutation", actor=SYSTEM, now=NOW)
    names = {line.fact.name for line in audit.facts(subject=f"person:{person.id}")}
    assert names == {"person:create", "role:grant", "clearance:grant", "account:open", "person:end-duty"}
    (opened,) = audit.facts(name="account:open")
    assert PASSWORD not in str(opened.fact.body)
