"""Words of requisitions in the user's language: states, acts, fields and what is wrong with them."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.answers import LineState, Verdict
from beffroi.governance.core.holds import HoldState
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing
from beffroi.governance.core.requisitions import Act, Channel, Delivery, Helped, Result, State
from beffroi.governance.queries.holds import HoldFacts
from beffroi.media.core.words import GapCause
from beffroi.people.core.roles import Quality
from beffroi.sites.core.coverage import PlaceClass

STATES: dict[State, Promise] = {
    State.RECEIVED: _("Received"),
    State.CHECKED: _("Checked"),
    State.INCOMPLETE: _("Incomplete"),
    State.ACCEPTED: _("Being searched"),
    State.NEGATIVE: _("Negative answer"),
    State.REFUSED: _("Cannot be executed"),
    State.PACKAGED: _("Packaged"),
    State.HANDED_OVER: _("Handed over"),
    State.ACKNOWLEDGED: _("Receipt given"),
    State.CLOSED: _("Closed"),
    State.PURGED: _("Local copies destroyed"),
    State.WITHDRAWN: _("Withdrawn"),
}

STATE_LEVELS: dict[State, str] = {
    State.RECEIVED: "warn", State.CHECKED: "info", State.INCOMPLETE: "warn", State.ACCEPTED: "info",
    State.NEGATIVE: "", State.REFUSED: "bad", State.PACKAGED: "good", State.HANDED_OVER: "good",
    State.ACKNOWLEDGED: "good", State.CLOSED: "", State.PURGED: "", State.WITHDRAWN: "",
}  # fmt: skip

ACTS: dict[str, Promise] = {
    "receive": _("Entered in the register"),
    "first-answer": _("First answer, without pictures"),
    "mail": _("Came in by mail"),
    Act.CHECK.value: _("Rules checked"),
    Act.ASK_COMPLETION.value: _("Completion asked for"),
    Act.COMPLETE.value: _("Completed"),
    Act.AMEND.value: _("Amended"),
    Act.ACCEPT.value: _("Accepted"),
    Act.ACCEPT_PARTLY.value: _("Accepted in part"),
    Act.ANSWER_NEGATIVE.value: _("Negative answer"),
    Act.REFUSE.value: _("Refused"),
    Act.WITHDRAW.value: _("Withdrawn"),
    Act.PACKAGE.value: _("Package made"),
    Act.HAND_OVER.value: _("Handed over"),
    Act.ACKNOWLEDGE.value: _("Receipt confirmed"),
    Act.RECORD_OUTCOME.value: _("Outcome recorded"),
    Act.CLOSE.value: _("Closed"),
    Act.PURGE_COPIES.value: _("Local copies destroyed"),
    Act.ASSIGN.value: _("Officer assigned"),
    Act.REMIND.value: _("Reminder: did the images help?"),
}

PAPERS: dict[str, Promise] = {
    "acknowledgement": _("Acknowledgement of receipt"),
    "mail": _("Message as it came, unopened"),
    "partial": _("Partial answer"),
    "negative": _("Negative answer"),
    "refusal": _("Refusal, with its ground"),
}
"""Papers of the centre; a paper that came in keeps the name it came with."""

RESULTS: dict[Result, Promise] = {
    Result.POSITIVE: _("Positive"),
    Result.PARTIAL: _("Partial"),
    Result.NEGATIVE: _("Negative"),
    Result.OVERWRITTEN: _("Images overwritten"),
    Result.REFUSED: _("Cannot be executed"),
}

VERDICTS: dict[Verdict, Promise] = {
    Verdict.COVERED: _("Covered and recorded"),
    Verdict.PARTLY: _("Covered, recorded in part"),
    Verdict.NOT_COVERED: _("Not covered"),
    Verdict.OVERWRITTEN: _("Covered, but the images have been destroyed at their term"),
    Verdict.NOT_RECORDED: _("Covered, but nothing was recorded"),
    Verdict.UNKNOWN: _("Unknown for now"),
}

VERDICT_LEVELS: dict[Verdict, str] = {
    Verdict.COVERED: "good", Verdict.PARTLY: "warn", Verdict.NOT_COVERED: "bad", Verdict.OVERWRITTEN: "bad",
    Verdict.NOT_RECORDED: "bad", Verdict.UNKNOWN: "info",
}  # fmt: skip

LINE_STATES: dict[LineState, Promise] = {
    LineState.RECORDED: _("Recorded"),
    LineState.PARTLY: _("Recorded in part"),
    LineState.OVERWRITTEN: _("Destroyed at its term"),
    LineState.NOT_RECORDED: _("Not recorded"),
    LineState.NOT_AUTHORISED: _("Not authorised at that date"),
    LineState.NOT_IN_SERVICE: _("Not in service at that date"),
    LineState.UNKNOWN: _("Unknown: the recorder does not answer"),
}

CAUSES: dict[GapCause, Promise] = {
    GapCause.CAMERA: _("camera"),
    GapCause.NETWORK: _("network"),
    GapCause.POWER: _("power"),
    GapCause.STORAGE: _("storage"),
    GapCause.CLOCK: _("clock"),
    GapCause.SCHEDULE: _("schedule"),
    GapCause.PRIVACY: _("dwelling mask missing or not reviewed"),
    GapCause.RETENTION: _("end of retention"),
    GapCause.ORDER: _("not covered by a prefect’s order"),
    GapCause.MAINTENANCE: _("maintenance"),
    GapCause.RECORDER: _("recorder stopped"),
    GapCause.UNKNOWN: _("cause unknown"),
}

HOLD_STATES: dict[HoldState, Promise] = {
    HoldState.PENDING: _("Pending: not safe yet"),
    HoldState.CONFIRMED: _("Held on the recorder"),
    HoldState.FAILED: _("Refused by the recorder"),
    HoldState.RELEASING: _("Being released"),
    HoldState.RELEASED: _("Released"),
}

HOLD_STATES_ELSEWHERE: dict[HoldState, Promise] = {
    HoldState.PENDING: _("The keeper of the other system is to save it"),
    HoldState.CONFIRMED: _("Saved in the other system"),
}
"""Where another system records: nothing here sets a hold, a person does."""

HOLD_LEVELS: dict[HoldState, str] = {
    HoldState.PENDING: "warn", HoldState.CONFIRMED: "good", HoldState.FAILED: "bad", HoldState.RELEASING: "warn",
    HoldState.RELEASED: "",
}  # fmt: skip


def shown_holds(found: Iterable[HoldFacts]) -> dict[str, Any]:
    """Holds with their words and level; ``holds_wait``: the recorder has not answered yet for one, so look again."""
    rows = [(one, HOLD_STATES[one.state], HOLD_LEVELS[one.state]) for one in found]
    return {"holds": rows, "holds_wait": any(one.state is HoldState.PENDING for one, *_words in rows)}


CHANNELS: dict[Channel, Promise] = {
    Channel.MAIL: _("By mail"),
    Channel.VISIT: _("On a visit"),
    Channel.PHONE: _("By telephone, paper to follow"),
    Channel.COUNTER: _("Through the counter"),
}

QUALITIES: dict[Quality, Promise] = {
    Quality.OPJ: _("Senior judicial police officer (OPJ)"),
    Quality.APJ: _("Junior judicial police officer (APJ)"),
    Quality.ASSISTANT: _("Investigation assistant"),
    Quality.PROSECUTOR: _("Public prosecutor"),
    Quality.JUDGE: _("Investigating judge"),
}

FRAMES: dict[Frame, Promise] = {
    Frame.FLAGRANCY: _("Flagrante delicto"),
    Frame.PRELIMINARY: _("Preliminary inquiry"),
    Frame.INVESTIGATION: _("Judicial investigation"),
    Frame.DEATH: _("Inquiry into the causes of a death"),
    Frame.DISAPPEARANCE: _("Disquieting disappearance"),
}

AUTHORISATIONS: dict[AuthorisationKind, Promise] = {
    AuthorisationKind.SPECIFIC: _("Prosecutor’s specific authorisation"),
    AuthorisationKind.GENERAL: _("Prosecutor’s general instruction"),
    AuthorisationKind.ROGATORY: _("Letters rogatory"),
}

THINGS: dict[RequestedThing, Promise] = {
    RequestedThing.COPY: _("Copy of the recordings"),
    RequestedThing.VIEW: _("Viewing"),
    RequestedThing.HOLD: _("Preservation"),
    RequestedThing.STILL: _("Still pictures"),
    RequestedThing.PLAN: _("Plan of the cameras"),
}

DELIVERIES: dict[Delivery, Promise] = {
    Delivery.PLATFORM: _("Download from the counter"),
    Delivery.MEDIUM: _("On a medium, by mail"),
    Delivery.IN_PERSON: _("In person, against signature"),
}

PLACE_CLASSES: dict[PlaceClass, Promise] = {
    PlaceClass.UNKNOWN: _("Not known: work it out from the map or the cameras"),
    PlaceClass.COVERED: _("In the covered sector"),
    PlaceClass.UNCOVERED: _("In the commune, not covered"),
    PlaceClass.OUTSIDE: _("Outside the commune"),
}

HELPED: dict[Helped, Promise] = {
    Helped.YES: _("Yes, the images helped"),
    Helped.NO: _("No, they did not help"),
    Helped.UNKNOWN: _("Not known"),
}

GROUNDS: dict[Ground, Promise] = {
    Ground.NOT_COVERED: _("The place is not covered"),
    Ground.OVERWRITTEN: _("The images have been destroyed at their term"),
    Ground.NOT_RECORDED: _("Nothing was recorded"),
    Ground.NOT_AUTHORISED: _("No prefectoral order covered the camera"),
    Ground.WRONG_QUALITY: _("The requester’s quality does not fit the legal basis"),
    Ground.NO_AUTHORISATION: _("The magistrate’s authorisation is missing or no longer valid"),
    Ground.WRONG_FRAME: _("The frame of the inquiry does not fit the legal basis"),
    Ground.INCOMPLETE: _("Still incomplete"),
    Ground.OUT_OF_SCOPE: _("Beyond the authorised cameras or period"),
    Ground.PART_ONLY: _("Only part of the images exists or may be handed over"),
    Ground.OTHER: _("Other: say it in your own words"),
}

REASONS: dict[str, Promise] = {
    "basis_not_in_force": _("This legal basis is not in force on that date."),
    "frame_not_of_basis": _("The frame of the inquiry does not fit the legal basis."),
    "quality_not_of_basis": _("The requester’s quality does not allow this legal basis."),
    "apj_without_opj": _("An APJ acts under the control of an OPJ, who is not named."),
    "no_prosecutor_authorisation": _("The prosecutor’s authorisation is missing."),
    "no_rogatory_commission": _("The letters rogatory are missing."),
    "magistrate_not_named": _("The magistrate or the reference of the authorisation is not given."),
    "authorisation_not_dated": _("The authorisation has no date."),
    "authorisation_after_receipt": _("The authorisation is later than the requisition."),
    "instruction_expired": _("The general instruction has expired."),
    "offence_not_in_instruction": _("The offence is not in the general instruction."),
    "span_very_long": _("The period is very long."),
    "camera_unknown": _("A camera asked for is unknown or was not authorised then."),
    "executor_without_clearance": _("You hold no clearance: somebody who does must execute this."),
    "executor_clearance_not_in_force": _("Your clearance is not in force."),
    "executor_is_requester": _("Nobody executes her own requisition."),
    "late": _("The answer is late."),
    "reuse_without_own_procedure": _("Footage held for another case takes a procedure number of its own."),
}

MISSING: dict[str, Promise] = {
    "requesting_unit": _("the requesting unit"),
    "officer_name": _("the requester’s name"),
    "officer_quality": _("the requester’s quality"),
    "officer_matricule": _("the requester’s service number"),
    "procedure_number": _("the procedure number"),
    "legal_basis": _("the legal basis"),
    "frame": _("the frame of the inquiry"),
    "offence": _("the nature of the offence"),
    "place": _("the place"),
    "span": _("the period"),
    "things": _("what is asked for"),
    "document": _("the requisition itself"),
}

FIELD_PROBLEMS: dict[str, Promise] = {
    "missing": _("This is needed."),
    "no-quality": _("Your account has no judicial quality: the centre must enter it before you can ask."),
    "too-long": _("This is too long; it was cut to what can be kept."),
    "control-characters": _("There are invisible characters in it: type it again."),
    "in-the-future": _("This lies in the future."),
    "cannot-be": _("This date cannot be right."),
    "too-old": _("This is more than a year ago."),
    "before-start": _("This must come after the beginning."),
    "too-long-span": _("This is more than seven days: split it into several requisitions."),
    "not-that-night": _("That time did not exist: clocks went forward that night."),
    "twice": _("That time was there twice, because clocks went back: say which one below."),
    "no-zone": _("This time zone is not known here."),
    "not-a-department": _("This is not the number of a département."),
    "not-a-number": _("Digits only."),
    "not-a-procedure-number": _("Write it as the unit does: unit/number/year."),
    "too-many": _("These are too many."),
    "half-a-position": _("Half of the position is missing: click on the map again."),
    "not-on-earth": _("There is no such position: click on the map again."),
    "out-of-range": _("This is out of range."),
    "unknown-camera": _("One of these cameras does not exist here."),
    "typist-is-requester": _("This is your own number: whoever types a requisition is not its requester."),
    "empty": _("The file is empty."),
    "too-large": _("The file is larger than 20 MB."),
    "not-a-document": _("This is neither a PDF nor a JPEG or PNG picture."),
    "cut-short": _("This PDF has no end: it was cut on its way. Ask for it again."),
    "not-of-act": _("This ground does not fit this answer."),
    "out-of-scope": _("Only cameras that were asked for can be granted."),
}

SENTENCES: dict[str, str | Promise] = {
    "no-such-requisition": _("There is no such requisition."),
    "no-such-document": _("There is no such paper."),
    "no-such-hold": _("There is no such hold."),
    "no-such-fact": _("There is no such fact."),
    "requisition-state": _("The requisition has moved on: this act does not fit its state any more."),
    "requisition-unchecked": _("The rules have not been asked yet: check the requisition first."),
    "requisition-fields": _("Some fields of the requisition cannot be read."),
    "requester-decides": _("Nobody decides on her own requisition."),
    "gate-refused": _("The law does not allow this requisition to be accepted as it stands."),
    "decider-may-not-extract": _(
        "Nothing was decided: whoever accepts also extracts, and the law does not let you extract this."
    ),
    "decision-fields": _("This decision is not complete."),
    "hold-released": _("This hold has been released already."),
    "hold-fields": _("This hold cannot be placed."),
    "keeper-fields": _("Say who keeps it, and the address."),
    "words": _("Say it in a few words."),
    "document-missing": _("This paper is not in the store."),
    "document-changed": _("This paper was changed on disk."),
}


def reason_words(reason: str) -> str:
    """The words of a rule's reason; a missing field is named."""
    if reason.startswith("missing:"):
        field = reason.removeprefix("missing:")
        return str(_("Missing:")) + f" {MISSING.get(field, field)}"
    return str(REASONS.get(reason, reason))
