"""The same commune as the plane's tests."""

from tests.plane.governance.conftest import cameras, convention, incident, shift, world

__all__ = ["cameras", "convention", "incident", "shift", "world"]
