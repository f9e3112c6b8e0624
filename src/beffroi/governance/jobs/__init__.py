"""Reconcilers of the governance plane: state in the database, act, state."""

from beffroi.governance.jobs.access import expire_grants as expire_grants
from beffroi.governance.jobs.access import stop_idle as stop_idle
from beffroi.governance.jobs.calls import call_next as call_next
from beffroi.governance.jobs.extractions import reconcile_copies as reconcile_copies
from beffroi.governance.jobs.extractions import reconcile_extractions as reconcile_extractions
from beffroi.governance.jobs.holds import reconcile_holds as reconcile_holds
from beffroi.governance.jobs.holds import settle_elsewhere as settle_elsewhere
from beffroi.governance.jobs.inspection import forget_rights as forget_rights
from beffroi.governance.jobs.inspection import reconcile_bundles as reconcile_bundles
from beffroi.governance.jobs.intake import drop_outlived_intake as drop_outlived_intake
from beffroi.governance.jobs.mail import read_mailbox as read_mailbox
from beffroi.governance.jobs.notices import forget_told as forget_told
from beffroi.governance.jobs.notices import send_notices as send_notices
from beffroi.governance.jobs.notices import tell_late_reviews as tell_late_reviews
from beffroi.governance.jobs.reminders import ask_outcomes as ask_outcomes
from beffroi.governance.jobs.reminders import mail_renewals as mail_renewals
from beffroi.governance.jobs.reminders import make_papers as make_papers
