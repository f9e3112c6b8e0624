"""The only writers of shifts, rota, incidents, logbook and bookmarks."""

from beffroi.operations.actions.incidents import (
    bookmark,
    close_incident,
    give_reason,
    link_camera,
    note,
    open_incident,
    reach_back,
)
from beffroi.operations.actions.shifts import begin_shift, end_shift, set_rota

__all__ = [
    "begin_shift",
    "bookmark",
    "close_incident",
    "end_shift",
    "give_reason",
    "link_camera",
    "note",
    "open_incident",
    "reach_back",
    "set_rota",
]
