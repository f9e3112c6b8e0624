"""The village of requisitions, and who works there: as the requisitions' own tests have them."""

from tests.plane.requisitions.conftest import actor_of, investigator, officer, recorder, village

__all__ = ["actor_of", "investigator", "officer", "recorder", "village"]
