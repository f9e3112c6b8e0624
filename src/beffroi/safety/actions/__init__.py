"""The only writers of the bell."""

from beffroi.safety.actions.alerts import act, relay_order
from beffroi.safety.actions.buildings import (
    appoint,
    choose_language,
    enter_building,
    import_plan,
    pair_edge,
    put_plan_in_force,
)
from beffroi.safety.actions.exchange import exchange
from beffroi.safety.actions.notices import add_contact

__all__ = [
    "act",
    "add_contact",
    "appoint",
    "choose_language",
    "enter_building",
    "exchange",
    "import_plan",
    "pair_edge",
    "put_plan_in_force",
    "relay_order",
]
