"""The eleven purposes of CSI L251-2. The values are how conventions and orders name them."""

from enum import StrEnum


class Purpose(StrEnum):
    """Why a camera may look at the public road (CSI L251-2, 1° to 11°)."""

    PUBLIC_BUILDINGS = "L251-2:1"
    DEFENCE = "L251-2:2"
    TRAFFIC_FLOW = "L251-2:3"
    TRAFFIC_OFFENCES = "L251-2:4"
    SAFETY_OF_PERSONS = "L251-2:5"
    TERRORISM = "L251-2:6"
    RISKS = "L251-2:7"
    RESCUE = "L251-2:8"
    AMUSEMENT_PARKS = "L251-2:9"
    MOTOR_INSURANCE = "L251-2:10"
    FLY_TIPPING = "L251-2:11"
