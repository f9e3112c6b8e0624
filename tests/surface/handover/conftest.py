"""A finished package, the officer who hands it over and the investigator who asked."""

from tests.plane.evidence.conftest import accepted, investigator, officer, village

__all__ = ["accepted", "investigator", "officer", "village"]
