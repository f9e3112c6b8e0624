"""The only reader of communes, sites, cameras and orders. Rows leave as values; addresses and passwords never do."""

from beffroi.sites.queries.facts import (
    by_number,
    camera,
    camera_ids_of,
    camera_kept_by,
    camera_visible_to,
    cameras,
    cameras_kept_by,
    cameras_visible_to,
    communes_kept_by,
)
from beffroi.sites.queries.hanging import AcknowledgementFacts, acknowledged, equipment, hangs_on, taken_up
from beffroi.sites.queries.orders import authorisations
from beffroi.sites.queries.places import CommuneFacts, SiteFacts, commune, communes, sites
from beffroi.sites.queries.recording import (
    NetworkFacts,
    Source,
    TrialFacts,
    cut_off_by,
    devices_to_ask,
    networks,
    networks_in_force,
    pushed,
    sources,
    trial_of,
)
from beffroi.sites.queries.standing import PlacementFacts, covering, place_class, placements

__all__ = [
    "AcknowledgementFacts",
    "CommuneFacts",
    "NetworkFacts",
    "PlacementFacts",
    "SiteFacts",
    "Source",
    "TrialFacts",
    "acknowledged",
    "authorisations",
    "by_number",
    "camera",
    "camera_ids_of",
    "camera_kept_by",
    "camera_visible_to",
    "cameras",
    "cameras_kept_by",
    "cameras_visible_to",
    "commune",
    "communes",
    "communes_kept_by",
    "covering",
    "cut_off_by",
    "devices_to_ask",
    "equipment",
    "hangs_on",
    "networks",
    "networks_in_force",
    "place_class",
    "placements",
    "pushed",
    "sites",
    "sources",
    "taken_up",
    "trial_of",
]
