"""How long to wait before a camera is asked again. Pure: the chance is passed in."""

from dataclasses import dataclass

FIRST_S = 0.5
MOST_S = 5.0  # a camera that is back is recorded within 10 s: this, and the time to connect
REFUSED_FIRST_S = 10.0
REFUSED_MOST_S = 300.0  # a wrong password is not tried often: cameras lock accounts


@dataclass(slots=True)
class Backoff:
    """Doubling waits with jitter, one row for failures and one for refused passwords."""

    failures: int = 0
    refusals: int = 0

    def good(self) -> None:
        """Pictures came: begin anew."""
        self.failures = self.refusals = 0

    def failed(self, chance: float) -> float:
        """Seconds to wait after a failure; ``chance`` is in [0, 1)."""
        self.failures += 1
        return _jittered(min(MOST_S, FIRST_S * 2 ** min(self.failures - 1, 16)), chance)

    def refused(self, chance: float) -> float:
        """Seconds to wait after a refused password."""
        self.refusals += 1
        return _jittered(min(REFUSED_MOST_S, REFUSED_FIRST_S * 2 ** min(self.refusals - 1, 16)), chance)


def _jittered(most: float, chance: float) -> float:
    """Between half and all of ``most``: cameras behind one switch do not come back in step."""
    return most * (0.5 + chance / 2)
