"""The only writers of the log."""

from beffroi.audit.actions.facts import compare_log, erase_body, note_reading, record, record_refusal, verify_log
from beffroi.audit.actions.journals import pin_source, take_lines, tell_break
from beffroi.audit.actions.lived import keep_lived
from beffroi.audit.actions.sequence import chain_pending

__all__ = [
    "chain_pending",
    "compare_log",
    "erase_body",
    "keep_lived",
    "note_reading",
    "pin_source",
    "record",
    "record_refusal",
    "take_lines",
    "tell_break",
    "verify_log",
]
