"""Sounders: what makes the tone heard. The edge talks to this port; a failing sounder is said, never hidden."""

import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from beffroi.edge.sounds import END_ROUNDS, tone
from beffroi.safety.core.words import Nature, Posture


class Sounder(Protocol):
    """Plays a posture until told to stop."""

    def play(self, posture: Posture, nature: Nature) -> None:
        """Sound this posture over and over; replaces what sounds now. Returns at once."""

    def end(self, nature: Nature) -> None:
        """Sound the end of an alert for a while, then be silent; replaces what sounds now. Returns at once."""

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

    def end(self, nature: Nature) -> None:
        self.playing = None

    def stop(self) -> None:
        self.playing = None

    def fault(self) -> str:
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """What is to sound: another order is another sound, even of the same posture."""

    posture: Posture
    nature: Nature
    rounds: int | None = None  # how often; ``None``: until told otherwise


class CommandSounder:
    """Plays through a program that reads a WAV on standard input, such as ``aplay -q -``.

    A voice recorded by the commune (``voices/<nature>-<posture>.wav`` in the data folder) is played after each round of
    the tone. One thread plays round after round; a program that fails is tried again every round.
    """

    def __init__(self, command: tuple[str, ...], voices: Path) -> None:
        self._command, self._voices = command, voices
        self._wanted: _Order | None = None
        self._wake = threading.Condition()
        self._fault = ""
        self._process: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._run, name="sounder", daemon=True).start()

    def play(self, posture: Posture, nature: Nature) -> None:
        self._want(_Order(posture, nature))

    def end(self, nature: Nature) -> None:
        self._want(_Order(Posture.RELEASED, nature, rounds=END_ROUNDS))

    def stop(self) -> None:
        self._want(None)

    def fault(self) -> str:
        return self._fault

    def _want(self, order: _Order | None) -> None:
        with self._wake:
            self._wanted = order
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._wanted is not None, timeout=None)
                order = self._wanted
            if order is not None:
                self._sound(order)

    def _sound(self, order: _Order) -> None:
        """Round after round, as many as were ordered, until something else is."""
        played = 0
        while order.rounds is None or played < order.rounds:
            for sound in self._round(order):
                if not self._play_once(sound, order):
                    with self._wake:
                        self._wake.wait_for(lambda: self._wanted is not order, timeout=1.0)
            if self._wanted is not order:
                return
            played += 1
        with self._wake:
            if self._wanted is order:
                self._wanted = None

    def _round(self, order: _Order) -> list[bytes]:
        sounds = [tone(order.posture, order.nature)]
        try:
            sounds.append((self._voices / f"{order.nature.value}-{order.posture.value}.wav").read_bytes())
        except FileNotFoundError:
            pass  # none was recorded
        except OSError as error:
            self._fault = f"{error.filename}: {error.strerror}"
        return sounds

    def _play_once(self, sound: bytes, order: _Order) -> bool:
        try:
            with self._wake:
                if self._wanted is not order:
                    return True
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
