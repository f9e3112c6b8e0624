"""Staffing presets that ship with the program."""

from functools import cache
from importlib.resources import files

import yaml

from beffroi.operations.core.calls import Staffing, parse_staffing

DEFAULT = "solo"
"""What holds until somebody says otherwise: the typical commune."""


@cache
def presets() -> dict[str, Staffing]:
    """Preset by name. ``Corrupt`` where the file is not what it should be."""
    text = (files("beffroi.operations") / "data" / "staffing.yaml").read_text("utf-8")
    return parse_staffing(yaml.safe_load(text))
