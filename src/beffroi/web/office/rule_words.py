"""The words of the rule table: ways, standings, and a sentence for each piece of evidence."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.rule_table import Standing, Way
from beffroi.governance.core.standing import Evidence
from beffroi.kernel.outcome import Severity

WAYS: dict[Way, Promise] = {
    Way.GATE_A: _("asked at each requisition"),
    Way.GATE_B: _("asked at each access"),
    Way.CODE: _("kept by the program"),
    Way.WATCHED: _("watched here, blocks nothing"),
    Way.NOT_YET: _("not enforced yet"),
}
STANDINGS: dict[Standing, tuple[Promise, str]] = {
    Standing.HOLDS: (_("in order"), "good"),
    Standing.FAILS: (_("fails"), "bad"),
    Standing.UNKNOWN: (_("unknown"), "warn"),
    Standing.EACH_ACT: (_("at each act"), "info"),
    Standing.BUILT_IN: (_("by construction"), "info"),
    Standing.NOT_ENFORCED: (_("not enforced"), ""),
}
SEVERITIES: dict[Severity, Promise] = {
    Severity.BLOCK: _("blocks"),
    Severity.ALARM: _("alarm"),
    Severity.WARN: _("warns"),
}

EVIDENCE: dict[str, Promise] = {
    "cameras_good": _("%(count)s cameras in order"),
    "no_authorisation": _("%(camera)s: no authorisation names it"),
    "authorisation_future": _("%(camera)s: its authorisation has not begun"),
    "authorisation_expired": _("%(camera)s: its authorisation is over"),
    "authorisation_withdrawn": _("%(camera)s: its authorisation was withdrawn"),
    "order_until": _("Order %(order)s until %(at_end)s"),
    "renewal_due": _("Order %(order)s ends on %(at_end)s: renewal due, file four months before"),
    "order_renewed": _("Order %(order)s ends on %(at_end)s; the order that follows it is entered"),
    "no_order_in_force": _("No prefect’s authorisation is in force"),
    "no_purpose": _("%(camera)s: no purpose"),
    "purpose_not_authorised": _("%(camera)s: a purpose that its authorisation lacks"),
    "mask_not_reviewed": _("%(camera)s: dwelling mask not reviewed"),
    "mask_reviewed_by_author": _("%(camera)s: mask reviewed by its own author"),
    "mask_review_before_move": _("%(camera)s: moved since its mask was reviewed"),
    "mask_lost": _("%(camera)s: the camera does not burn in its dwelling mask"),
    "mask_review_old": _("%(camera)s: mask reviewed more than a year ago"),
    "mask_reviewed": _("%(camera)s: reviewed on %(at_reviewed)s"),
    "recorder_silent": _("The recorder does not answer"),
    "stream_not_video": _("%(camera)s: a stream that is not only video (%(codec)s)"),
    "streams_video": _("%(count)s streams kept, video only"),
    "retention_outside_order": _("%(camera)s: days set outside its authorisation"),
    "oldest_within": _("%(camera)s: oldest footage of %(at_oldest)s, to be gone on %(at_dies)s"),
    "oldest_held": _("%(camera)s: footage of %(at_oldest)s is past its term under a judicial hold"),
    "oldest_beyond": _("%(camera)s: footage of %(at_oldest)s should have been gone on %(at_dies)s"),
    "hold_spent": _("%(camera)s: hold from %(at_from)s has no judicial reference and no force past the term"),
    "holds_counted": _("%(count)s holds, %(judicial)s with a judicial reference"),
    "minimum_there": _("%(camera)s: the %(days)s days the order wants are there"),
    "minimum_missing": _("%(camera)s: less than the %(days)s days the order wants"),
    "no_minimum": _("No order sets a minimum"),
    "clock_off": _("%(camera)s: its clock is off by %(seconds)s s"),
    "clocks_within": _("Largest offset: %(milliseconds)s ms"),
    "looks_uncleared": _("%(person)s has an open access without a clearance"),
    "open_accesses": _("%(count)s accesses open now"),
    "person_uncleared": _("%(person)s has no clearance in force: refused at each access"),
    "clearance_ends": _("%(person)s: clearance ends on %(at_end)s"),
    "no_approval": _("%(person)s has no approval in force: refused at each access"),
    "approval_review_overdue": _("%(person)s: approval last reviewed on %(at_reviewed)s"),
    "approvals_asked": _("%(count)s operators need an approval"),
    "no_training": _("%(person)s: no training certificate in force"),
    "persons_asked": _("%(count)s persons work in the room"),
    "partners_ordered": _("%(count)s accesses of partners open under an order"),
    "partners_without_order": _("%(count)s accesses of partners open without an order"),
    "access_beyond_term": _("%(person)s: an access is open past its term"),
    "receipt_late": _("Package %(package)s, given on %(at_given)s, without receipt"),
    "receipt_waits": _("Package %(package)s, given on %(at_given)s, waits for its receipt"),
    "receipts_all": _("No hand-over waits for its receipt"),
    "journal_broken": _("The journal of %(recorder)s is broken"),
    "log_never_verified": _("The log was never verified from here"),
    "log_broken": _("The log was found broken on %(at_verified)s"),
    "log_verified_long_ago": _("Last verified on %(at_verified)s, more than a month ago"),
    "log_good": _("%(entries)s entries verified on %(at_verified)s"),
    "log_term_kept": _("Nothing stands in the log past its term"),
    "log_past_term": _("%(count)s facts stand in the log past their term"),
    "readings_month": _("The log was read %(count)s times in thirty days"),
    "no_dpia": _("No impact assessment is entered"),
    "dpia_dated": _("%(reference)s of %(at_dated)s"),
    "dpia_old": _("%(reference)s of %(at_dated)s is older than three years"),
    "dpia_more_cameras": _("%(count)s cameras came since: more than a tenth"),
    "processing_generated": _("Made from the settings: page, print and each inspection bundle"),
    "no_panel": _("%(place)s: no panel is entered"),
    "panels_there": _("%(count)s places with a panel; the notice is the public page"),
    "rights_late": _("Request %(number)s was due on %(at_due)s"),
    "rights_counted": _("%(count)s requests in a year, %(waiting)s waiting"),
    "convention_until": _("Convention %(convention)s until %(at_end)s"),
    "breakglass_late": _("%(person)s: a second person was due by %(at_due)s"),
    "breakglass_reviewed": _("Every emergency access was reviewed in time"),
    "consent_given": _("Commune %(commune)s has agreed"),
    "consent_none": _("Commune %(commune)s: no agreement entered, seen by its own agents alone"),
    "bundle_never": _("No bundle was made yet"),
    "bundle_made": _("Last made on %(at_made)s"),
    "decisions_year": _("%(count)s decisions in a year"),
}


def sentence(evidence: Evidence) -> str:
    """A piece of evidence in the reader's words; times in the centre's zone."""
    values = {name: _day(value) if name.startswith("at_") else value for name, value in evidence.values.items()}
    return str(EVIDENCE[evidence.code]) % values


def _day(text: str) -> str:
    local = timezone.localtime(datetime.fromisoformat(text))
    return f"{formats.date_format(local, 'd/m/Y H:i')}"
