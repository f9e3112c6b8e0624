"""Time of a stream (docs/design/time.md): the run's own line, decode times, and which UTC it was. Pure.

Three small machines, one after the other, per stream:
``MediaLine`` turns what the camera says (90 kHz, may jump, may be missing) into a line that only runs on;
``DecodeTimes`` finds decode times where the transport carries presentation times only (RTP, RFC 6184 §5.1);
``WallLine`` says which UTC a point of the line was, from the least delayed unit, turning at 500 ppm at most.
None of them ever asks for a stream to be cut.
"""

from bisect import insort
from collections import deque
from dataclasses import dataclass

HZ = 90_000
JUMP_90K = 3 * HZ  # the camera's clock and ours apart by this much between two units: its clock jumped
DEFAULT_FRAME_90K = HZ // 25
MAX_REORDER = 16
SLEW_PPM = 500
FAR_US = 1_000_000
STALL_US = 1_000_000
FAR_PPM = 500_000  # a camera whose time stamps run at a wrong rate: catch up fast, still never backwards
WINDOW_US = 10_000_000
CLOCK_STEP_US = 1_000_000
_SETTLE_US = 2_000_000


class MediaLine:
    """The run's time line: starts at 0 with its first unit and goes with the camera's time stamps.

    A unit that comes late is no jump (the network stalled, the stamps are right). A jump is a stamp that goes back
    further than any reordering, that runs ahead of the monotonic clock, or that stands still.
    """

    def __init__(self) -> None:
        self._shift: int | None = None  # line minus camera
        self._top = 0
        self._last_ns: int | None = None
        self._top_ns = 0
        self._stuck = 0
        self.frame_90k = DEFAULT_FRAME_90K  # what a missing stamp is replaced by; the caller knows better with time
        self.made = False  # the last answer was made by us, not said by the camera

    def place(self, pts_90k: int | None, received_ns: int) -> int:
        """Presentation time on the run's line. Where the camera's stamp is missing or jumps, time goes on by the
        monotonic clock."""
        if self._last_ns is None:
            self.made = pts_90k is None
            self._shift = None if pts_90k is None else -pts_90k
            self._last_ns = self._top_ns = received_ns
            return 0
        passed = max(0, (received_ns - self._top_ns) * 9 // 100_000)
        goes_on = self._top + max(passed, self.frame_90k)
        at = goes_on if pts_90k is None or self._shift is None else pts_90k + self._shift
        self.made = pts_90k is None or self._shift is None or self._jumps(at, passed)
        if self.made:
            at = goes_on
            self._shift = self._shift if pts_90k is None else at - pts_90k
        self._stuck = 0 if at > self._top else self._stuck + 1
        if at > self._top:
            self._top, self._top_ns = at, received_ns
        self._last_ns = received_ns
        return at

    def _jumps(self, at: int, passed: int) -> bool:
        if at < self._top - JUMP_90K or at > self._top + passed + JUMP_90K:
            return True
        return self._stuck > MAX_REORDER and passed > HZ


class DecodeTimes:
    """Decode times from presentation times in decode order.

    With a reorder depth of R, unit i is decoded at the time at which the (i - R)-th unit in display order is shown;
    the first R units stand one frame apart before. That gives times that rise, and are never after the presentation
    time. Where the camera reorders deeper than it says, the depth grows; times still rise (offsets may then be
    negative, which version 1 of ``trun`` allows).
    """

    def __init__(self, reorder: int) -> None:
        self._shown: list[int] = []  # presentation times not yet used as decode times, in order
        self._owed = min(max(reorder, 0), MAX_REORDER)
        self.reorder = self._owed
        self._first: int | None = None
        self._last: int | None = None

    def place(self, pts: int, frame_90k: int) -> int:
        """The decode time of the next unit, whose presentation time is ``pts``."""
        insort(self._shown, pts)
        if self._first is None:
            self._first = pts
        if self._owed:
            at = self._first - self._owed * frame_90k
            self._owed -= 1
        else:
            at = self._shown.pop(0)
            if self._last is not None and at <= self._last and self.reorder < MAX_REORDER and pts < self._last:
                # A unit is shown before one already decoded was meant to be: the stream reorders deeper than it said.
                self.reorder += 1
                insort(self._shown, at)
        if self._last is not None and at <= self._last:
            at = self._last + 1
        self._last = at
        return at


@dataclass(frozen=True, slots=True)
class WallTime:
    """A point of the line in UTC, and how sure that is."""

    at_us: int
    uncertainty_us: int


class WallLine:
    """Which UTC a point of the run's line was.

    Base: wall clock at the run's start, then the monotonic clock, which never steps. Each unit says "received then,
    stamped so"; the least delayed unit of the last ten seconds is nearest to the truth, and the line turns towards
    it, freely in the first two seconds and by 500 ppm at most after (faster where it is seconds away: the stamps lie).
    """

    def __init__(self, *, wall_us: int, monotonic_ns: int) -> None:
        self._anchor_us, self._anchor_ns = wall_us, monotonic_ns
        self._offset_us: int | None = None  # UTC minus line
        self._window: deque[tuple[int, int]] = deque()  # (received, candidate), candidates rising: a sliding minimum
        self._corrected_us = 0
        self._worst_us = 0
        self._steady_since_us = wall_us
        self.stepped_us = 0  # wall clock minus (base + monotonic), when last seen

    def see(self, at_90k: int, *, wall_us: int, monotonic_ns: int) -> None:
        """Take note of a unit with presentation time ``at_90k`` that came now."""
        received = self._anchor_us + (monotonic_ns - self._anchor_ns) // 1000
        self.stepped_us = wall_us - received
        candidate = received - at_90k * 100 // 9
        window = self._window
        while window and window[-1][1] >= candidate:
            window.pop()
        window.append((received, candidate))
        while window[0][0] < received - WINDOW_US:
            window.popleft()
        best = window[0][1]
        self._worst_us = candidate - best
        if self._offset_us is None:
            self._offset_us, self._corrected_us = best, received
            return
        passed, self._corrected_us = max(0, received - self._corrected_us), received
        if passed > STALL_US:
            self._steady_since_us = received
        wanted = best - self._offset_us
        if received - self._anchor_us > _SETTLE_US:
            # Sooner is believed at once: nothing arrives before it was sent. Later only after ten steady seconds: what
            # comes after a stall is late and will catch up.
            rate = SLEW_PPM if abs(wanted) < FAR_US else FAR_PPM
            allowed = passed * rate // 1_000_000
            later = allowed if received - self._steady_since_us >= WINDOW_US else 0
            wanted = max(-allowed, min(later, wanted))
        self._offset_us += wanted

    def at(self, at_90k: int) -> WallTime:
        """The UTC of ``at_90k``."""
        offset = self._anchor_us if self._offset_us is None else self._offset_us
        off = abs(self._window[0][1] - offset) if self._window else 0
        return WallTime(offset + at_90k * 100 // 9, off + self._worst_us + abs(self.stepped_us))

    @property
    def stepped(self) -> bool:
        """Whether the recorder's wall clock has moved against its monotonic clock by a second or more."""
        return abs(self.stepped_us) >= CLOCK_STEP_US
