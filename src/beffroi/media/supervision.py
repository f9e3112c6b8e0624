"""Looks after the cameras: their pictures are glanced at, their events heard, their masks read back.

``python -m beffroi.media.supervision``, a process of the recorder. One for all, because an interpreter costs more than
what it does here; each task has a thread of its own, and each camera's events and masks have one: what falls is told
and taken up again, and the others go on. What cameras send is parsed here, not beside the door or the archive. It runs
while some camera has need of it.
"""

import os
import resource
import signal
import sys
import threading
from pathlib import Path

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.media.archive.kept import KeptThread
from beffroi.media.archive.lifeline import arguments_of, begin
from beffroi.media.archive.settings_file import FollowedSettings
from beffroi.media.core.settings import RecorderSettings
from beffroi.media.replay.watcher import watch

LOOK_S = 1.0
_NICE = 10
_MEMORY_BYTES = 4 * 1024**3
_STOP_S = 3.0


def needed(settings: RecorderSettings | None) -> bool:
    """Whether any camera is to be looked after."""
    return settings is not None and any(one.enabled and (one.watched or one.device) for one in settings.cameras)


class Supervision:
    """The tasks, kept."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._settings = FollowedSettings(data)
        self.stopping = threading.Event()

    def serve(self) -> None:
        """Until ``stopping``."""
        kept: dict[str, KeptThread] = {}
        while not self.stopping.wait(LOOK_S):
            if self._settings.look() and self._settings.now is not None:
                cameras = [one for one in self._settings.now.cameras if one.enabled]
                if "watcher" not in kept and any(one.watched for one in cameras):
                    kept["watcher"] = KeptThread("watcher", self._watch, self._clock)
                if "listener" not in kept and any(one.device for one in cameras):
                    kept["listener"] = KeptThread("listener", self._listen, self._clock)
                    kept["masks"] = KeptThread("masks", self._mask, self._clock)
            for one in kept.values():
                one.look()
        for one in kept.values():
            one.join(_STOP_S)

    def _watch(self) -> None:
        os.nice(_NICE)  # of this thread and the decoder it starts: looking yields to all else
        watch(self._data, self._clock, self.stopping)

    def _listen(self) -> None:
        from beffroi.media.onvif.listener import listen  # 8 MB with its readers of XML: only where a camera is a device

        listen(self._data, self._clock, self.stopping)

    def _mask(self) -> None:
        from beffroi.media.onvif.masking import keep_masks  # as above

        keep_masks(self._data, self._clock, self.stopping)


def main(argv: list[str] | None = None) -> int:
    """Look after the cameras until SIGTERM or SIGINT."""
    arguments = begin(arguments_of("beffroi-supervision"), argv)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    supervision = Supervision(arguments.data, SystemClock())
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: supervision.stopping.set())
    supervision.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
