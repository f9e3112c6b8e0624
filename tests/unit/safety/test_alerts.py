"""The alert explored: whatever people do in whatever order, the invariants of ppms.md §5.4 hold."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from beffroi.kernel.outcome import Refused
from beffroi.safety.core import alerts
from beffroi.safety.core.alerts import ALL_ZONES, Alert, Trigger, Who
from beffroi.safety.core.authority import MATRIX, Act, Power, power
from beffroi.safety.core.words import (
    ACTIVE,
    DEFAULT_POSTURE,
    FIRST_CALL,
    AlertState,
    Hazard,
    Nature,
    Party,
    Posture,
    Verdict,
)

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ZONES = ("zone-1", "zone-2", "zone-3")
PEOPLE = [
    Who("head", Party.HEAD),
    Who("deputy", Party.HEAD),
    Who("operator", Party.OPERATOR),
    Who("chief", Party.CHIEF, authority="Lieutenant de permanence"),
    Who("second-chief", Party.CHIEF),
    Who("gendarme", Party.STATE_FORCES),
    Who("mayor", Party.PREFECT_OR_MAYOR),
    Who("teacher", Party.ANYONE),
]
WHO = st.sampled_from(PEOPLE)


def trigger(nature=Nature.REAL, sequence=1, hazard=Hazard.INTRUSION):
    return Trigger("button-3", "boot-1", sequence, nature, hazard, "couloir", T0)


def fresh(nature=Nature.REAL):
    return alerts.open_alert(
        trigger(nature), alert_id=f"{nature.prefix}-1", site="ecole", zones=ZONES, posture=Posture.ESCAPE_OR_HIDE
    )


class AlertLife(RuleBasedStateMachine):
    """People act on one alert in any order; refusals change nothing."""

    @initialize(nature=st.sampled_from(list(Nature)))
    def born(self, nature):
        self.alert = fresh(nature)
        self.nature = nature
        self.history = [self.alert]
        self.lifted_by = ()

    def apply(self, after):
        if isinstance(after, Refused):
            assert after.reason
            return
        self.history.append(after)
        self.alert = after

    @rule(sequence=st.integers(1, 4), nature=st.sampled_from(list(Nature)))
    def again(self, sequence, nature):
        before = self.alert
        after = alerts.join(before, trigger(nature, sequence))
        if nature is not before.nature:
            assert isinstance(after, Refused)
        self.apply(after)

    @rule(who=WHO)
    def acknowledge(self, who):
        self.apply(alerts.acknowledge(self.alert, who))

    @rule(who=WHO)
    def take_over(self, who):
        before = self.alert
        self.apply(alerts.take_over(before, who))
        assert (self.alert.state, self.alert.postures, self.alert.keys) == (before.state, before.postures, before.keys)

    @rule(who=WHO)
    def holder_leaves(self, who):
        before = self.alert
        self.apply(alerts.left_alone(before, who.person))
        assert self.alert.state is before.state, "what was done stays done"
        assert self.alert.untaken or self.alert == before

    @rule(verdict=st.sampled_from(list(Verdict)))
    def qualify(self, verdict):
        postures = [self.alert.posture_of(zone) for zone in ZONES]
        self.apply(alerts.qualify(self.alert, verdict))
        assert [self.alert.posture_of(zone) for zone in ZONES] == postures, "verification never stops the alarm"

    @rule()
    def stabilise(self):
        self.apply(alerts.stabilise(self.alert))

    @rule(who=WHO, zone=st.sampled_from([*ZONES, ALL_ZONES, "attic"]), posture=st.sampled_from(list(Posture)))
    def order(self, who, zone, posture):
        after = alerts.order_posture(self.alert, zone=zone, posture=posture, who=who, at=T0)
        if isinstance(after, Alert):
            assert power(who.party, Act.CHANGE_POSTURE) is Power.DO
            assert zone != "attic"
        self.apply(after)

    @rule(who=WHO)
    def ask_lift(self, who):
        self.apply(alerts.request_lift(self.alert, who))

    @rule(who=WHO, act=st.sampled_from([Act.LIFT, Act.CANCEL, Act.TRIGGER]), called_back=st.booleans())
    def key(self, who, act, called_back):
        before = self.alert
        self.apply(alerts.turn_key(before, who, act, called_back=called_back, at=T0))
        if before.duress and who.party is Party.HEAD:
            assert self.alert == before, "what is forced on site counts for nothing"

    @rule()
    def forced(self):
        before = self.alert
        self.apply(alerts.under_duress(before))
        assert self.alert.state is before.state
        assert self.alert.postures == before.postures

    @rule(who=WHO)
    def safe(self, who):
        before = self.alert
        self.apply(alerts.duress_over(before, who))
        if self.alert != before:
            assert power(who.party, Act.LIFT) is Power.SECOND_KEY
            assert who.authority

    @rule(real=st.sampled_from(["REEL-9", "EXERCICE-9"]))
    def interrupted(self, real):
        before = self.alert
        self.apply(alerts.interrupt(before, by=real, at=T0))
        if before.nature is Nature.REAL or real != "REEL-9":
            assert self.alert == before, "nothing but the real interrupts, and nothing interrupts the real"

    @rule(zone=st.sampled_from([*ZONES, ALL_ZONES]))
    def release(self, zone):
        self.apply(alerts.release(self.alert, zone=zone, at=T0 + timedelta(minutes=30)))

    @rule()
    def close(self):
        self.apply(alerts.close(self.alert, at=T0 + timedelta(hours=1)))

    @rule()
    def requalify(self):
        self.apply(alerts.requalify(self.alert, "false_alarm"))

    @invariant()
    def nature_never_changes(self):
        if hasattr(self, "alert"):
            assert self.alert.nature is self.nature
            assert self.alert.id.startswith(self.nature.prefix)
            assert all(one.nature is self.nature for one in self.alert.triggers)

    @invariant()
    def no_trigger_is_lost_or_doubled(self):
        if hasattr(self, "alert"):
            keys = [one.key for one in self.alert.triggers]
            assert len(set(keys)) == len(keys)
            for earlier in self.history:
                assert {one.key for one in earlier.triggers} <= set(keys)

    @invariant()
    def an_end_took_two_persons_of_two_keys(self):
        if not hasattr(self, "alert"):
            return
        if self.alert.interrupted_by:
            assert self.nature is not Nature.REAL
        elif self.alert.state in (AlertState.LIFTING, AlertState.LIFTED, AlertState.CANCELLED):
            assert len({key.person for key in self.alert.keys}) == 2
            assert len({power(key.party, self.alert.keys_for) for key in self.alert.keys}) == 2
            if self.alert.keys_for is Act.LIFT and self.nature is Nature.REAL:
                assert any(key.authority for key in self.alert.keys)

    @invariant()
    def an_active_alert_always_says_what_to_do(self):
        if hasattr(self, "alert") and self.alert.active:
            assert all(self.alert.posture_of(zone) is not Posture.NORMAL for zone in ZONES)

    @invariant()
    def posture_history_only_grows(self):
        for earlier, later in zip(getattr(self, "history", []), getattr(self, "history", [])[1:], strict=False):
            assert later.postures[: len(earlier.postures)] == earlier.postures


AlertLife.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAlertLife = AlertLife.TestCase


def test_an_identifier_that_hides_its_nature_is_refused():
    with pytest.raises(ValueError):
        alerts.open_alert(trigger(Nature.DRILL), alert_id="REEL-1", site="ecole", zones=ZONES, posture=Posture.SHELTER)


def test_one_person_with_two_functions_holds_one_key():
    alert = alerts.request_lift(alerts.acknowledge(fresh(), PEOPLE[2]), PEOPLE[0])
    first = alerts.turn_key(alert, Who("both", Party.HEAD), Act.LIFT)
    second = alerts.turn_key(first, Who("both", Party.CHIEF, "Prefect"), Act.LIFT)
    assert second == Refused("same_person")


def test_a_real_all_clear_names_its_authority():
    alert = alerts.request_lift(alerts.acknowledge(fresh(), PEOPLE[2]), PEOPLE[0])
    first = alerts.turn_key(alert, PEOPLE[0], Act.LIFT)
    assert alerts.turn_key(first, Who("second-chief", Party.CHIEF), Act.LIFT) == Refused("authority_missing")
    lifting = alerts.turn_key(first, PEOPLE[3], Act.LIFT)
    assert lifting.state is AlertState.LIFTING
    partly = alerts.release(lifting, zone="zone-1", at=T0)
    assert partly.active
    assert partly.posture_of("zone-1") is Posture.RELEASED
    assert partly.posture_of("zone-2") is Posture.ESCAPE_OR_HIDE


def test_no_alert_hides_an_older_one():
    drill, real = fresh(Nature.DRILL), fresh(Nature.REAL)
    assert alerts.most_severe_first([drill, real]) == [real, drill]


def test_every_hazard_has_a_posture_and_a_first_call():
    assert set(DEFAULT_POSTURE) == set(FIRST_CALL) == set(Hazard)
    assert DEFAULT_POSTURE[Hazard.BOMB_THREAT] is not Posture.EVACUATE


def test_the_matrix_gives_the_all_clear_to_nobody_alone():
    for act in (Act.LIFT, Act.CANCEL):
        assert Power.DO not in MATRIX[act].values()
    assert set(MATRIX) == set(Act)
    assert ACTIVE.isdisjoint({AlertState.LIFTED, AlertState.CANCELLED, AlertState.CLOSED})
