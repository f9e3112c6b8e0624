"""The seven properties of the convention's model (docs/design/gates.md), as sentences, by Hypothesis."""

from dataclasses import replace
from datetime import datetime, timedelta

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.governance.core.codec import from_json, outcome_from_json, outcome_to_json, to_json
from beffroi.governance.core.context import AccessContext, AccessRequest, Ground, Viewer
from beffroi.governance.core.conventions import Convention, Grant
from beffroi.governance.core.gate_b import approvers_of, decide, floor, until_of
from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.outcome import Allowed, Refused
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people.core.roles import Force, Quality, Role
from tests.unit.governance.samples import (
    BRIGADE,
    CENTRE,
    NOW,
    ORDER,
    PACK,
    camera,
    case,
    convention,
    gendarme,
    incident,
    licence,
    officer,
    prefect_agent,
    shift,
)

MODELS = ("petite-commune", "ville-tenue", "centre-partage")
GRANTS = tuple(grant for name in MODELS for grant in convention(name).grants)
minutes = st.integers(-60 * 24 * 40, 60 * 24 * 10).map(lambda count: timedelta(minutes=count))
instants = minutes.map(lambda by: NOW + by)
spans = st.tuples(instants, st.integers(1, 60 * 24 * 3)).map(
    lambda pair: Span(pair[0], pair[0] + timedelta(minutes=pair[1]))
)
ids = st.sampled_from(("c1", "c2", "c3"))
licences = st.builds(
    lambda start, end, suspended: licence(valid_from=start, valid_to=end, suspended=suspended),
    instants,
    st.none() | instants,
    st.booleans(),
)
viewers = st.builds(
    lambda base, **changes: replace(base, **changes),
    st.sampled_from((gendarme(), officer(), prefect_agent(), gendarme(unit=CENTRE), prefect_agent(matricule="X"))),
    quality=st.sampled_from(tuple(Quality)),
    territory=st.frozensets(st.sampled_from(("99123", "99124")), max_size=2),
    clearances=st.lists(licences, max_size=2).map(tuple) | st.just((licence(),)),
    on_duty=st.booleans(),
    roles=st.frozensets(st.sampled_from(tuple(Role)), max_size=2),
)
cameras = st.builds(
    lambda name, **changes: camera(name, **changes),
    ids,
    insee=st.sampled_from(("99123", "99123", "99124")),
    tags=st.frozensets(st.sampled_from(("voie_publique", "centre", "orientable", "ppms")), max_size=3),
    authorised=st.none() | spans | st.just(Span(NOW - timedelta(days=300), NOW + timedelta(days=300))),
)
grounds = st.one_of(
    st.none(),
    st.builds(
        lambda base, **changes: replace(base, **changes),
        st.sampled_from((incident(), case(), shift(), incident(kind="requisition", approved_by_law=True))),
        opened_at=instants,
        closed_at=st.none() | instants,
        units=st.sampled_from((frozenset[str](), frozenset({BRIGADE}))),
    ),
    st.sampled_from((incident(), case(), shift())),
)
requests = st.builds(
    AccessRequest,
    mode=st.sampled_from(tuple(Mode)),
    cameras=st.lists(ids, max_size=3, unique=True).map(tuple),
    span=st.none() | spans,
    until=st.integers(-60, 60 * 24 * 2).map(lambda count: NOW + timedelta(minutes=count)),
    purpose=st.sampled_from(("", "L251-2:5", "L251-2:6", "L251-2:7", "L251-2:99")),
    legal_basis=st.sampled_from(("DUTY", "ADMIN_POLICE", "CPP_60_1", "CPP_77_1_1", "NONE")),
    reason=st.sampled_from(("", "motif", "Rixe signalée place de la mairie, plusieurs personnes")),
    emergency=st.booleans(),
)
grants = st.builds(
    lambda base, **changes: replace(base, **changes),
    st.sampled_from(GRANTS),
    id=st.sampled_from(("GA", "GB", "GC")),
)
conventions = st.builds(
    lambda base, given_grants, valid, suspended: replace(base, grants=given_grants, valid=valid, suspended=suspended),
    st.sampled_from(tuple(convention(name) for name in MODELS)),
    st.lists(grants, max_size=4).map(tuple),
    spans | st.just(convention().valid),
    st.booleans(),
)


_texts = st.lists(conventions, max_size=2) | st.sampled_from(tuple([convention(name)] for name in MODELS))


@st.composite
def contexts(draw: st.DrawFn) -> AccessContext:
    """Any question, the cameras being some of those asked for; most of them near one that is allowed."""
    request = draw(requests)
    known = {one.id: one for one in draw(st.lists(cameras, max_size=3))}
    near = draw(st.integers(0, 3)) > 0
    if near:
        request = replace(
            request,
            mode=draw(st.sampled_from((Mode.RELAY, Mode.REPLAY, Mode.LIVE))),
            cameras=("c1",),
            reason="Rixe signalée place de la mairie, plusieurs personnes",
            until=NOW + timedelta(minutes=draw(st.integers(1, 700))),
        )
        request = _matching(request, draw)
        known = {"c1": camera()}
    ground: Ground | None = draw(grounds)
    if near:
        ground = {Mode.RELAY: incident(), Mode.LIVE: shift()}.get(request.mode, case())
    return AccessContext(
        request=request,
        viewer=draw(_near_viewers(request)) if near else draw(viewers),
        cameras=tuple(known[one] for one in request.cameras if one in known),
        ground=ground,
        orders=draw(
            st.sampled_from(((ORDER,), (ORDER,), (), (replace(ORDER, valid=Span(NOW, NOW + timedelta(days=1))),)))
        ),
        conventions=tuple(draw(_texts if near else st.lists(conventions, max_size=2))),
        home=draw(st.sampled_from((frozenset[str](), frozenset({"99123"})))),
        consents=draw(st.frozensets(st.sampled_from(("99123", "99124")), max_size=2)),
    )


def _near_viewers(request: AccessRequest) -> st.SearchStrategy[Viewer]:
    near = {Mode.LIVE: (officer(),), Mode.REPLAY: (gendarme(),)}
    return st.sampled_from(near.get(request.mode, (gendarme(), prefect_agent())))


def _matching(request: AccessRequest, draw: st.DrawFn) -> AccessRequest:
    if request.mode is Mode.LIVE:
        return replace(request, span=None, purpose="L251-2:5", legal_basis="DUTY", emergency=False)
    if request.mode is Mode.RELAY:
        purpose = draw(st.sampled_from(("L251-2:5", "L251-2:7")))
        return replace(request, span=None, purpose=purpose, legal_basis="ADMIN_POLICE")
    window = case().span
    assert window is not None
    return replace(request, span=window, purpose="", legal_basis="CPP_60_1")


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_monotonic_whatever_a_convention_allows_the_law_and_the_order_allow_too(context: AccessContext) -> None:
    if decide(context, PACK, NOW).ok:
        assert floor(context, PACK, NOW)


@given(contexts(), conventions)
@settings(max_examples=40, deadline=None)
def test_monotonic_no_convention_lets_through_what_the_floor_refuses(context: AccessContext, more: Convention) -> None:
    if not floor(context, PACK, NOW):
        assert not decide(replace(context, conventions=(*context.conventions, more)), PACK, NOW).ok


@given(contexts(), conventions)
@settings(max_examples=40, deadline=None)
def test_adding_a_grant_never_takes_a_right_away(context: AccessContext, more: Convention) -> None:
    if decide(context, PACK, NOW).ok:
        assert decide(replace(context, conventions=(*context.conventions, more)), PACK, NOW).ok


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_deny_by_default_without_a_convention_nobody_from_outside_gets_pictures(context: AccessContext) -> None:
    bare = replace(context, conventions=())
    if bare.under_convention:
        assert not decide(bare, PACK, NOW).ok


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_no_orphan_every_access_has_one_article_one_ground_and_one_basis(context: AccessContext) -> None:
    outcome = decide(context, PACK, NOW)
    if isinstance(outcome, Allowed):
        assert outcome.article
        assert context.ground is not None
        assert PACK.basis(context.request.legal_basis, NOW) is not None
        granted = [one for one in outcome.trace if ":" in one.rule and one.held]
        assert len(granted) == (1 if context.under_convention else 0)
    else:
        assert isinstance(outcome, Refused)
        assert outcome.reason


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_no_silent_every_access_from_outside_is_seen_in_the_room_and_can_be_stopped_there(
    context: AccessContext,
) -> None:
    outcome = decide(context, PACK, NOW)
    if isinstance(outcome, Allowed) and context.under_convention:
        assert {"visible_in_room", "heartbeat", "notify:room", "watermark", "log:full"} <= set(outcome.obligations)
        assert context.request.mode is not Mode.LIVE


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_expiry_total_every_access_ends_and_no_later_than_any_text_or_ground(context: AccessContext) -> None:
    outcome = decide(context, PACK, NOW)
    if isinstance(outcome, Allowed):
        end = until_of(outcome)
        assert NOW < end <= context.request.until
        assert end <= max(
            (one.valid_to or datetime.max.replace(tzinfo=NOW.tzinfo)) for one in context.viewer.clearances
        )
        for one in context.cameras:
            assert one.authorised is not None
            assert end <= one.authorised.end
        assert not decide(context, PACK, end).ok or context.request.until > end


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_territory_no_commune_is_seen_without_competence_and_agreement(context: AccessContext) -> None:
    if decide(context, PACK, NOW).ok:
        for one in context.cameras:
            assert one.insee in context.viewer.territory
            if context.own:
                assert one.insee in context.home | context.consents
            else:
                assert any(one.insee in text.parties.communes for text in context.conventions if text.in_force(NOW))


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_separation_whoever_needs_a_yes_never_gets_it_from_the_gate_alone(context: AccessContext) -> None:
    outcome = decide(context, PACK, NOW)
    if isinstance(outcome, Allowed) and context.under_convention and not context.request.emergency:
        grant = _grant_of(context, outcome)
        assert approvers_of(outcome) == grant.approval.by
        assert grant.approval.by or grant.approval.automatic


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_break_glass_lifts_the_approval_and_never_anything_else(context: AccessContext) -> None:
    urgent = replace(context, request=replace(context.request, emergency=True))
    calm = replace(context, request=replace(context.request, emergency=False))
    if decide(urgent, PACK, NOW).ok:
        assert decide(calm, PACK, NOW).ok


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_replayable_a_decision_taken_again_from_its_stored_inputs_is_identical(context: AccessContext) -> None:
    stored = to_json(context)
    canonical_bytes(stored)
    again = from_json(AccessContext, stored)
    assert again == context
    first, second = decide(context, PACK, NOW), decide(again, PACK, NOW)
    assert first == second
    assert first.trace == second.trace
    assert outcome_from_json(outcome_to_json(first)) == first
    assert outcome_from_json(outcome_to_json(first)).trace == first.trace


@given(contexts())
@settings(max_examples=40, deadline=None)
def test_the_trace_names_every_rule_the_pack_asks(context: AccessContext) -> None:
    asked = [rule.id for rule in PACK.asked("access", NOW)]
    assert [one.rule for one in decide(context, PACK, NOW).trace][: len(asked)] == asked


KINDS = {
    "a relay": lambda one: one.under_convention and one.request.mode is Mode.RELAY,
    "a replay": lambda one: one.under_convention and one.request.mode is Mode.REPLAY,
    "an agent of the prefecture": lambda one: one.viewer.force is Force.PREF,
    "an own agent": lambda one: one.own,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_questions_above_are_not_all_refused(kind: str) -> None:
    """Otherwise the properties would say nothing."""
    hypothesis.find(
        contexts(),
        lambda one: KINDS[kind](one) and decide(one, PACK, NOW).ok,
        settings=settings(max_examples=3_000, database=None, deadline=None, phases=[hypothesis.Phase.generate]),
    )


def _grant_of(context: AccessContext, outcome: Allowed) -> Grant:
    for one in context.conventions:
        for grant in one.grants:
            if outcome.article.startswith(one.id) and outcome.article.endswith(f"({grant.id})"):
                held = [line.rule for line in outcome.trace if line.held and line.rule == f"{one.id}:{grant.id}"]
                if held and grant.approval.by == approvers_of(outcome):
                    return grant
    raise AssertionError(outcome.article)
