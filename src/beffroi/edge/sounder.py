"""Sounders: what makes the tone heard. The edge talks to this port; a failing sounder is said, never hidden."""

import subprocess
import threading
from pathlib import Path
from typing import Protocol

from beffroi.edge.sounds import tone
from beffroi.safety.core.words import Nature, Posture


class Sounder(Protocol):
    """Plays a posture until told to stop."""

    def play(self, posture: Posture, nature: Nature) -> None:
        """Sound this posture over and over; replaces what sounds now. Returns at once."""

    def stop(self) -> None:
        """Be silent."""

    def fault(self) -> str:
        """What is wrong with the sounder, or an empty string."""


class ScreenSounder:
    """No loudspeaker of its own: the room screens sound, from the state they are shown."""

    def __init__(self) -> None:
        self.playing: tuple[Posture, Nature] | None = None

    def play(self, posture: Posture, nature: Nature) -> None:
        self.playing = (posture, nature)

    def stop(self) -> None:
        self.playing = None

    def fault(self) -> str:
        return ""


class CommandSounder:
    """Plays through a program that reads a WAV on standard input, such as ``aplay -q -``.

    A voice recorded by the commune (``voices/<posture>.wav`` in the data folder) is played after each round of the
    tone. One thread plays round after round; a program that fails is tried again every round.
    """

    def __init__(self, command: tuple[str, ...], voices: Path) -> None:
        self._command, self._voices = command, voices
        self._wanted: tuple[Posture, Nature] | None = None
        self._wake = threading.Condition()
        self._fault = ""
        self._process: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._run, name="sounder", daemon=True).start()

    def play(self, posture: Posture, nature: Nature) -> None:
        with self._wake:
            self._wanted = (posture, nature)
            self._cut()
            self._wake.notify()

    def stop(self) -> None:
        with self._wake:
            self._wanted = None
            self._cut()
            self._wake.notify()

    def fault(self) -> str:
        return self._fault

    def _cut(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._wanted is not None, timeout=None)
                wanted = self._wanted
            if wanted is None:
                continue
            for sound in self._round(*wanted):
                if self._wanted != wanted:
                    break
                if not self._play_once(sound):
                    with self._wake:
                        self._wake.wait_for(lambda: self._wanted is None, timeout=1.0)

    def _round(self, posture: Posture, nature: Nature) -> list[bytes]:
        voice = self._voices / f"{nature.value}-{posture.value}.wav"
        return [tone(posture, nature), *([voice.read_bytes()] if voice.exists() else [])]

    def _play_once(self, sound: bytes) -> bool:
        try:
            with self._wake:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
                )
            _, error = self._process.communicate(sound)
        except OSError as failure:
            self._fault = f"{self._command[0]}: {failure.strerror}"
            return False
        cut_short = self._process.returncode < 0
        ok = self._process.returncode == 0 or cut_short
        self._fault = "" if ok else error.decode(errors="replace")[:200].strip() or "the sounder failed"
        return ok
