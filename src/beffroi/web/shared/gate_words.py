"""What gates say, in the user's language: reasons, purposes, legal bases, obligations, parties."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

PURPOSES: dict[str, Promise] = {
    "L251-2:1": _("protection of public buildings (1°)"),
    "L251-2:2": _("protection of defence installations (2°)"),
    "L251-2:3": _("traffic flow (3°)"),
    "L251-2:4": _("traffic offences (4°)"),
    "L251-2:5": _("safety of persons and property (5°)"),
    "L251-2:6": _("prevention of terrorism (6°)"),
    "L251-2:7": _("natural or technological risks (7°)"),
    "L251-2:8": _("rescue and fire (8°)"),
    "L251-2:9": _("amusement parks (9°)"),
    "L251-2:10": _("motor insurance (10°)"),
    "L251-2:11": _("fly-tipping (11°)"),
}

REASONS: dict[str, Promise] = {
    # cameras and purposes
    "camera_unknown": _("One of the cameras does not exist here."),
    "camera_not_authorised": _("One of the cameras stands under no prefect’s authorisation."),
    "authorisation_not_in_force": _("The prefect’s authorisation of a camera is not in force."),
    "no_purpose": _("No purpose is named."),
    "purpose_unknown": _("This purpose is not one of the law’s."),
    "purpose_not_of_camera": _("A camera does not serve this purpose."),
    "interior_camera": _("Cameras inside buildings stay closed."),
    # the person
    "person_not_named": _("The person is not named one by one."),
    "no_clearance": _("The person has no individual clearance."),
    "clearance_not_in_force": _("The person’s clearance is not in force."),
    "no_approval": _("The operator has no prefect’s approval."),
    "approval_not_in_force": _("The operator’s approval is not in force."),
    "approval_review_overdue": _("The operator’s approval was not reviewed within five years."),
    "approval_elsewhere": _("The operator’s approval holds in another département."),
    "judicial_act_by_operator": _("An operator who is no police officer does not extract for an inquiry."),
    "training_not_in_force": _("The training certificate is not in force."),
    "outside_territory": _("A camera lies outside the person’s territory."),
    "commune_has_not_agreed": _("The camera’s commune has not agreed."),
    # the request
    "basis_not_in_force": _("The legal basis is not in force."),
    "no_reason": _("The reason does not say why, in words of its own."),
    "no_time_left": _("There is no time left."),
    "no_span": _("No span of recording is named."),
    "live_has_no_span": _("Live pictures have no span."),
    "span_in_future": _("The span has not come yet."),
    "relay_only": _("Others than the commune’s own agents get live pictures as a relay only."),
    "relay_too_long": _("A relay is asked for too long."),
    "emergency_without_reason": _("An emergency takes a reason in full words."),
    "emergency_too_long": _("An emergency access lasts two hours at most."),
    # the ground
    "no_ground": _("It hangs on no shift, incident or case."),
    "duty_not_open": _("The shift is over."),
    "incident_not_open": _("The incident is closed."),
    "case_not_open": _("The case is closed."),
    "alert_not_open": _("The alert is over, and the minutes after it."),
    "requisition_not_open": _("The requisition is closed."),
    "ground_of_another_unit": _("The case is another unit’s."),
    "not_on_duty": _("The person is not on duty."),
    "look_back_needs_incident": _("A look back hangs on an incident."),
    "span_before_incident": _("The span lies too long before the incident."),
    "no_accepted_requisition": _("There is no accepted requisition."),
    "camera_outside_requisition": _("A camera is not one of the requisition’s."),
    "span_outside_requisition": _("The span goes beyond the requisition’s."),
    "no_package": _("There is no such package."),
    # the prefect's order
    "no_order": _("No prefect’s order names recipients here."),
    "recipient_not_in_order": _("The prefect’s order does not name this service or person."),
    "order_not_in_force": _("The prefect’s order is not in force."),
    "use_not_in_order": _("The prefect’s order does not give this kind of access."),
    "purpose_not_in_order": _("The prefect’s order does not name this purpose."),
    "camera_not_in_order": _("The prefect’s order does not cover a camera."),
    # the convention
    "no_convention": _("No convention is in force."),
    "convention_not_in_force": _("The convention is not in force: suspended, ended or not begun."),
    "no_grant": _("The convention gives this service nothing of the kind."),
    "unit_not_agreed": _("The convention does not name this unit."),
    "quality_not_agreed": _("The convention asks for another judicial quality."),
    "person_not_agreed": _("The convention does not name this person."),
    "ptz_not_agreed": _("The convention does not let this service move cameras."),
    "copy_not_agreed": _("The convention gives no copy here."),
    "basis_not_agreed": _("The convention does not give this on that legal basis."),
    "purpose_not_agreed": _("The convention does not give this for that purpose."),
    "requisition_required": _("The convention asks for a requisition."),
    "case_required": _("The convention asks for a case."),
    "event_required": _("The convention asks for an open incident."),
    "event_of_another_kind": _("The convention asks for an event of another kind."),
    "basis_is_not_the_case's": _("The case was opened on another legal basis."),
    "commune_not_agreed": _("The convention does not cover that commune."),
    "camera_not_agreed": _("The convention does not cover one of the cameras."),
    "camera_excluded": _("The convention leaves one of the cameras out."),
    "camera_outside_case": _("A camera is not one of the case’s or incident’s."),
    "case_has_no_span": _("The case names no span."),
    "span_outside_case": _("The span goes beyond the case’s."),
    "beyond_reach": _("The convention does not reach so far back."),
    "window_too_long": _("The span is longer than the convention allows at once."),
    "emergency_not_agreed": _("The convention knows no emergency access here."),
    "outside_hours": _("The convention does not give this at this hour."),
    "ground_too_old": _("The case was opened too long ago for the convention."),
    "refused_by_person": _("A person of the centre refused it."),
}

APPROVERS: dict[str, Promise] = {
    "duty_officer": _("the officer on duty"),
    "video_officer": _("the video officer"),
    "chief": _("the chief of the municipal police"),
    "mayor": _("the mayor"),
}

NOTIFIED: dict[str, Promise] = {
    "room": _("the room"),
    "chief": _("the chief of the municipal police"),
    "mayor": _("the mayor"),
    "dpo": _("the data protection officer"),
    "unit": _("the unit"),
}

OBLIGATIONS: dict[str, Promise] = {
    "watermark": _("name, unit, file and hour stand over the picture"),
    "no_copy": _("no copy is taken"),
    "discharge_signed": _("a receipt is signed"),
    "attest_clearance": _("the proof of clearance goes with it"),
    "report_after": _("a report follows"),
    "page_first": _("a page without pictures comes first"),
}

FORCES: dict[str, Promise] = {
    "PM": _("municipal police"),
    "GN": _("gendarmerie"),
    "PN": _("national police"),
    "PREF": _("prefecture"),
    "MAIRE": _("town hall"),
    "SDIS": _("fire and rescue"),
    "DPO": _("data protection officer"),
    "SCHOOL": _("school"),
    "TECH": _("maintenance"),
    "CONTROL": _("control authority"),
}

QUALITIES: dict[str, Promise] = {
    "OPJ": _("senior judicial police officer (OPJ)"),
    "APJ": _("junior judicial police officer (APJ)"),
    "assistant_enquete": _("investigation assistant"),
    "procureur": _("public prosecutor"),
    "juge_instruction": _("investigating judge"),
}

BASES: dict[str, Promise] = {
    "ADMIN_POLICE": _("administrative police (CSI L252-3)"),
    "CPP_60_1": _("flagrante delicto (CPP 60-1)"),
    "CPP_77_1_1": _("preliminary inquiry (CPP 77-1-1)"),
    "CPP_99_3": _("judicial investigation (CPP 99-3)"),
    "CPP_74": _("causes of a death (CPP 74)"),
    "CPP_74_1": _("disquieting disappearance (CPP 74-1)"),
    "EMERGENCY_LIFE": _("protecting a person’s life (GDPR 6 § 1 d)"),
    "DUTY": _("duty of the commune’s own agents (CSI R253-3)"),
}

STATES: dict[str, tuple[Promise, str]] = {
    "requested": (_("waiting for an answer"), "warn"),
    "active": (_("open"), "good"),
    "refused": (_("refused"), "bad"),
    "withdrawn": (_("withdrawn"), ""),
    "stopped": (_("stopped"), "bad"),
    "ended": (_("ended"), ""),
}


def reason(code: str) -> str:
    """The sentence of a reason; the code itself where it has none."""
    return str(REASONS.get(code, code))


def listed(values: list[str]) -> str:
    """``a, b and c`` in the user's language."""
    if len(values) < 2:
        return "".join(values)
    return _t("%(first)s and %(last)s") % {"first": ", ".join(values[:-1]), "last": values[-1]}


def either(values: list[str]) -> str:
    """``a, b or c`` in the user's language."""
    if len(values) < 2:
        return "".join(values)
    return _t("%(first)s or %(last)s") % {"first": ", ".join(values[:-1]), "last": values[-1]}


def titled(pairs: tuple[tuple[str, str], ...], otherwise: str = "") -> str:
    """The words of a text given in several languages, in the user's."""
    words = dict(pairs)
    return words.get((get_language() or "fr")[:2]) or words.get("fr") or otherwise
