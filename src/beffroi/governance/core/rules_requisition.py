"""The rules gate A asks, by the name a law pack gives them (research/law.md §2, R-19 … R-24). Pure.

A predicate takes the requisition, the executor, its rule, the time and the pack; it returns an empty string when the
rule holds, else the stable code of the reason.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta

from beffroi.governance.core.context import Viewer
from beffroi.governance.core.law import LawPack, Rule
from beffroi.governance.core.requisition_facts import AuthorisationKind, RequisitionFacts
from beffroi.people.core.roles import Quality

Predicate = Callable[[RequisitionFacts, Viewer, Rule, datetime, LawPack], str]


def missing_fields(facts: RequisitionFacts) -> tuple[str, ...]:
    """The names of the fields the law needs and that are empty, in the order of the form."""
    required: tuple[tuple[str, object], ...] = (
        ("requesting_unit", facts.requesting_unit.strip()),
        ("officer_name", facts.officer_name.strip()),
        ("officer_quality", facts.officer_quality.value),
        ("officer_matricule", facts.officer_matricule.strip()),
        ("procedure_number", facts.procedure_number.strip()),
        ("legal_basis", facts.legal_basis),
        ("frame", facts.frame.value),
        ("offence", facts.offence.strip()),
        ("place", facts.place.strip() or facts.cameras),
        ("span", facts.span),
        ("things", facts.things),
        ("document", facts.document_sha256 or facts.requester_person),
    )
    return tuple(name for name, value in required if not value)


def fields_complete(facts: RequisitionFacts, _who: Viewer, _rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """R-19: nothing the law needs is missing. The code names the first missing field."""
    missing = missing_fields(facts)
    return f"missing:{missing[0]}" if missing else ""


def basis_in_force(facts: RequisitionFacts, _who: Viewer, _rule: Rule, _now: datetime, pack: LawPack) -> str:
    """R-19: the basis is a judicial one, in force when the requisition was received (codes change their numbers)."""
    basis = pack.basis(facts.legal_basis, facts.received_at)
    return "" if basis is not None and basis.judicial else "basis_not_in_force"


def frame_matches_basis(facts: RequisitionFacts, _who: Viewer, _rule: Rule, _now: datetime, pack: LawPack) -> str:
    """R-19: flagrance for 60-1, preliminary for 77-1-1, judicial investigation for 99-3."""
    basis = pack.basis(facts.legal_basis, facts.received_at)
    if basis is None or not facts.frame.value:
        return ""  # said by other rules already
    return "" if facts.frame.value in basis.frames else "frame_not_of_basis"


def quality_matches_basis(facts: RequisitionFacts, _who: Viewer, _rule: Rule, _now: datetime, pack: LawPack) -> str:
    """R-19: OPJ, APJ under an OPJ, magistrate … as the basis allows."""
    basis, quality = pack.basis(facts.legal_basis, facts.received_at), facts.officer_quality
    if basis is None or quality is Quality.NONE:
        return ""
    if quality.value not in basis.qualities:
        return "quality_not_of_basis"
    under_control = {"CPP_60_1", "CPP_74", "CPP_74_1"}
    if quality is Quality.APJ and facts.legal_basis in under_control and not facts.supervising_opj.strip():
        return "apj_without_opj"
    return ""


def magistrate_authorised(facts: RequisitionFacts, _who: Viewer, rule: Rule, _now: datetime, pack: LawPack) -> str:
    """R-19: 77-1-1 takes the prosecutor's specific authorisation or general instruction, 99-3 a rogatory commission."""
    basis = pack.basis(facts.legal_basis, facts.received_at)
    magistrates = {Quality.PROSECUTOR, Quality.JUDGE}
    if basis is None or not basis.authorisations or facts.officer_quality in magistrates:
        return ""
    kind = facts.authorisation
    if kind.value not in basis.authorisations:
        rogatory = AuthorisationKind.ROGATORY.value in basis.authorisations
        return "no_rogatory_commission" if rogatory else "no_prosecutor_authorisation"
    if not facts.magistrate.strip() or not facts.authorisation_reference.strip():
        return "magistrate_not_named"
    if facts.authorised_on is None:
        return "authorisation_not_dated"
    given = datetime.combine(facts.authorised_on, time(), UTC) - timedelta(days=1)  # the day began somewhere on earth
    if given > facts.received_at:
        return "authorisation_after_receipt"
    return _general_instruction(facts, rule) if kind is AuthorisationKind.GENERAL else ""


def _general_instruction(facts: RequisitionFacts, rule: Rule) -> str:
    """CPP 39-3: a general instruction has a term and may list offences."""
    assert facts.authorised_on is not None
    longest = facts.authorised_on + timedelta(days=31 * rule.number("instruction_months"))
    end = min(facts.authorised_until, longest) if facts.authorised_until else longest
    if facts.received_at.date() > end:
        return "instruction_expired"
    if facts.instruction_offences and facts.natinf not in facts.instruction_offences:
        return "offence_not_in_instruction"
    return ""


def scope_bounded(facts: RequisitionFacts, _who: Viewer, rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """R-20: a span longer than the default is questioned, not refused."""
    longest = timedelta(hours=rule.number("max_hours"))
    return "span_very_long" if facts.span is not None and facts.span.duration > longest else ""


def cameras_known(facts: RequisitionFacts, _who: Viewer, _rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """The cameras asked for exist here and are authorised; the answer for the others is negative, not a refusal."""
    return "" if facts.known_cameras.issuperset(facts.cameras) else "camera_unknown"


def executor_cleared(_facts: RequisitionFacts, who: Viewer, _rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-22: whoever searches and extracts holds a clearance in force."""
    if not who.clearances:
        return "executor_without_clearance"
    held = any(one.valid(now) and one.issuer and one.reference for one in who.clearances)
    return "" if held else "executor_clearance_not_in_force"


def executor_is_not_requester(facts: RequisitionFacts, who: Viewer, _rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """Requester ≠ executor, by person and by matricule. The typist of a paper requisition may execute it."""
    same = who.id == facts.requester_person or (
        bool(who.matricule) and who.matricule == facts.officer_matricule.strip()
    )
    return "executor_is_requester" if same else ""


def answered_in_time(facts: RequisitionFacts, _who: Viewer, rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-23: the clock of "meilleurs délais"."""
    return "late" if now - facts.received_at > timedelta(hours=rule.number("hours")) else ""


def reuse_is_new_requisition(facts: RequisitionFacts, _who: Viewer, _rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """R-24: footage held for one case serves another only under that other case's own procedure number."""
    reused, own = facts.reuse_of_case.strip(), facts.procedure_number.strip()
    return "reuse_without_own_procedure" if reused and (not own or reused == own) else ""


REQUISITION_PREDICATES: Mapping[str, Predicate] = {
    predicate.__name__: predicate
    for predicate in (
        fields_complete,
        basis_in_force,
        frame_matches_basis,
        quality_matches_basis,
        magistrate_authorised,
        scope_bounded,
        cameras_known,
        executor_cleared,
        executor_is_not_requester,
        answered_in_time,
        reuse_is_new_requisition,
    )
}
