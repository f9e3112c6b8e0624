"""The only writers of shifts, rota, incidents, logbook and bookmarks."""

from beffroi.operations.actions.duty import choose_staffing, enter_period, give_over, remove_period, take_over
from beffroi.operations.actions.finds import record_find
from beffroi.operations.actions.incidents import (
    bookmark,
    close_incident,
    declare_crisis,
    give_reason,
    link_camera,
    note,
    open_incident,
    reach_back,
)
from beffroi.operations.actions.shifts import begin_shift, end_elapsed, end_shift, leave, set_rota

__all__ = [
    "begin_shift",
    "bookmark",
    "choose_staffing",
    "close_incident",
    "declare_crisis",
    "end_elapsed",
    "end_shift",
    "enter_period",
    "give_over",
    "give_reason",
    "leave",
    "link_camera",
    "note",
    "open_incident",
    "reach_back",
    "record_find",
    "remove_period",
    "set_rota",
    "take_over",
]
