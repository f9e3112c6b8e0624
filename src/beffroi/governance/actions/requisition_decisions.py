"""A person decides: accept, accept in part, answer that there is nothing, refuse. The software never does.

Gate A has said before what the law says. To accept against R-19 takes the video officer, a reason, and leaves an
alarm; no other rule can be overridden.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.actions.decisions import ask_gate_a
from beffroi.governance.actions.holds import regularise_for, release_for
from beffroi.governance.actions.requisition_steps import locked, step
from beffroi.governance.core.requisition_decisions import GROUNDS, Ground, blocking, may_be_overridden, result_of
from beffroi.governance.core.requisition_fields import has_control
from beffroi.governance.core.requisitions import DECISIONS, Act, State, open_acts
from beffroi.governance.queries import requisitions as rows
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.kernel.ids import new_id
from beffroi.kernel.outcome import Outcome
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role

LONGEST_WORDS = 2_000


@transaction.atomic
def decide(
    *,
    actor: Actor,
    person: PersonFacts,
    requisition: str,
    act: Act,
    ground: Ground,
    words: str = "",
    override_reason: str = "",
    granted: Collection[str] = (),
    now: datetime,
) -> models.RequisitionDecision:
    """Answer a checked requisition. ``granted`` are the camera ids of a partial acceptance.

    Gate A is asked once more, for the person who decides: the one who checked may have been another.

    ``Conflict`` where its state does not allow the act; ``Forbidden`` where the decider is its requester, or gate A
    blocks and may not be overridden; ``Invalid`` names the field.
    """
    row = locked(requisition)
    _may_decide(row, person, act)
    words = _words(words)
    cameras = _granted(row, act, ground, words, granted)
    if not acts_fit(row, act):
        step(row, act, actor=actor, now=now)  # raises, saying what fits
    outcome = ask_gate_a(facts=rows.facts_of(rows.by_id(requisition)), executor=person, now=now)
    decision = rows.gate_decision(row.number)
    override = _override(person, act, outcome, override_reason)
    result = result_of(act, ground)
    body: dict[str, Json] = {
        "result": result.value, "ground": ground.value, "gate": outcome.ok, "override": override,
        "cameras": sorted(cameras), "failed": sorted(blocking(outcome)),
    }  # fmt: skip
    fact = step(row, act, actor=actor, now=now, note=words, body=body)
    row.result = result
    row.decided_at = now
    if act in {Act.ANSWER_NEGATIVE, Act.REFUSE}:
        row.answered_at = row.answered_at or now
        release_for(actor=actor, requisition=row.id, reason=f"{act.value} {row.number}", now=now)
    row.save()
    _grant(row, cameras)
    if row.state == State.ACCEPTED:
        regularise_for(actor=actor, requisition=row.id, now=now)
    return models.RequisitionDecision.objects.create(
        id=new_id(to_us(now)),
        requisition=row,
        act=act,
        result=result,
        ground=ground.value,
        words=words,
        article=getattr(outcome, "article", ""),
        gate_ok=outcome.ok,
        override_reason=override,
        gate_decision=decision.id if decision else "",
        by=actor.id,
        by_name=actor.name,
        at=now,
        fact=fact,
    )


def _may_decide(row: models.Requisition, person: PersonFacts, act: Act) -> None:
    if act not in DECISIONS:
        raise Conflict("This is no decision.", code="requisition-state")
    if row.requester and row.requester == person.id:
        raise Forbidden("Nobody decides on her own requisition.", code="requester-decides", article="R-22")


def _grant(row: models.Requisition, cameras: Collection[str]) -> None:
    row.cameras.update(granted=False)
    row.cameras.filter(camera__in=cameras).update(granted=True)


def acts_fit(row: models.Requisition, act: Act) -> bool:
    """Whether the act fits the row's state."""
    return act in open_acts(State(row.state), rows.things_of(row))


def _granted(row: models.Requisition, act: Act, ground: Ground, words: str, granted: Collection[str]) -> frozenset[str]:
    wrong: dict[str, str] = {}
    asked = frozenset(row.cameras.values_list("camera", flat=True))
    if ground not in GROUNDS[act]:
        wrong["ground"] = "not-of-act"
    elif ground is Ground.OTHER and not words:
        wrong["words"] = "missing"
    chosen = frozenset(granted) if act is Act.ACCEPT_PARTLY else (asked if act is Act.ACCEPT else frozenset())
    if not chosen <= asked:
        wrong["granted"] = "out-of-scope"  # never more than was asked
    elif act in {Act.ACCEPT, Act.ACCEPT_PARTLY} and not chosen:
        wrong["granted"] = "missing"
    if wrong:
        raise Invalid("This decision is not complete.", code="decision-fields", fields=wrong)
    return chosen


def _override(person: PersonFacts, act: Act, outcome: Outcome, reason: str) -> str:
    if act not in {Act.ACCEPT, Act.ACCEPT_PARTLY} or outcome.ok:
        return ""
    article = getattr(outcome, "article", "")
    if not may_be_overridden(outcome) or Role.VIDEO_OFFICER not in person.roles:
        raise Forbidden(
            "The law does not allow this requisition to be accepted as it stands.",
            code="gate-refused",
            article=article,
            hint="Ask for what is missing, or answer otherwise.",
        )
    reason = _words(reason)
    if not reason:
        raise Invalid(
            "To accept against a rule takes a reason.", code="decision-fields", fields={"override_reason": "missing"}
        )
    return reason


def _words(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST_WORDS:
        raise Invalid("These words are too many.", code="decision-fields", fields={"words": "too-long"})
    if has_control(text):
        raise Invalid("Control characters.", code="decision-fields", fields={"words": "control-characters"})
    return text
