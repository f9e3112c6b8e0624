"""The only writers of communes, sites, cameras, masks and authorisations."""

from beffroi.sites.actions.cameras import (
    accept_view,
    add_camera,
    amend_camera,
    commission_camera,
    move_camera,
    resume_camera,
    retire_camera,
    set_source,
    suspend_camera,
    watch_picture,
)
from beffroi.sites.actions.hours import set_hours
from beffroi.sites.actions.networks import declare_network, withdraw_network
from beffroi.sites.actions.orders import (
    cover_cameras,
    draw_mask,
    enter_authorisation,
    review_mask,
    withdraw_authorisation,
)
from beffroi.sites.actions.places import enter_commune, enter_site
from beffroi.sites.actions.pushes import note_push
from beffroi.sites.actions.trials import add_tried_camera, begin_trial, look_at_camera, replace_device

__all__ = [
    "accept_view",
    "add_camera",
    "add_tried_camera",
    "amend_camera",
    "begin_trial",
    "commission_camera",
    "cover_cameras",
    "declare_network",
    "draw_mask",
    "enter_authorisation",
    "enter_commune",
    "enter_site",
    "look_at_camera",
    "move_camera",
    "note_push",
    "replace_device",
    "resume_camera",
    "retire_camera",
    "review_mask",
    "set_hours",
    "set_source",
    "suspend_camera",
    "watch_picture",
    "withdraw_authorisation",
    "withdraw_network",
]
