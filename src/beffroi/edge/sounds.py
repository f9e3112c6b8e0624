"""Sounds of the bell: one tone per posture, none like a fire alarm, and voices that the commune records itself.

Fire evacuation sounds in France are two-tone (NF S 32-001); threat alarms are single-frequency (NF S 61-942). The
tones here are single notes with a rhythm of their own per posture, so that they differ for an ear that cannot tell
pitch; a drill's and a test's carry three short low notes before every round. Written as 16-bit mono WAV.
"""

import io
import math
import struct
import wave
from collections.abc import Sequence
from functools import lru_cache

from beffroi.safety.core.words import Nature, Posture

RATE_HZ = 16_000
_Note = tuple[float, float]  # frequency in Hz (0: silence), seconds

RHYTHMS: dict[Posture, Sequence[_Note]] = {
    Posture.SHELTER: [(660.0, 0.8), (0.0, 0.8)],
    Posture.SEAL_IN: [(440.0, 1.6), (0.0, 0.4)],
    Posture.EVACUATE: [(880.0, 0.3), (0.0, 0.3)],
    Posture.ESCAPE_OR_HIDE: [(990.0, 0.12), (0.0, 0.12), (990.0, 0.12), (0.0, 0.6)],
    Posture.TAKE_COVER: [(550.0, 0.2), (0.0, 0.1), (550.0, 0.2), (0.0, 0.1), (550.0, 0.6), (0.0, 0.4)],
    Posture.RELEASED: [(520.0, 3.0), (0.0, 1.0)],
}
_NOT_REAL: Sequence[_Note] = [(220.0, 0.15), (0.0, 0.15)] * 3 + [(0.0, 0.4)]
_HELP: Sequence[_Note] = [(392.0, 0.35), (330.0, 0.55)]
"""Two soft falling notes, once: like a doorbell, like no posture."""
ROUND_SECONDS = 6.0
END_ROUNDS = 4
"""How often a loudspeaker plays the end: some thirty seconds, as the national signal's end and as the screens do."""


@lru_cache(maxsize=32)
def tone(posture: Posture, nature: Nature) -> bytes:
    """One round of the posture's tone as a WAV file, to be played again and again."""
    rhythm = RHYTHMS[posture]
    notes: list[_Note] = [] if nature is Nature.REAL else list(_NOT_REAL)
    length = sum(seconds for _, seconds in notes)
    while length < ROUND_SECONDS:
        notes += rhythm
        length += sum(seconds for _, seconds in rhythm)
    return _wave(notes)


@lru_cache(maxsize=1)
def help_chime() -> bytes:
    """What the tablet plays for a quiet call, as a WAV file."""
    return _wave(_HELP, loudness=0.2)


def _wave(notes: Sequence[_Note], loudness: float = 0.6) -> bytes:
    samples = bytearray()
    for hertz, seconds in notes:
        count = int(seconds * RATE_HZ)
        for n in range(count):
            # 5 ms of rise and fall keep the loudspeaker from clicking.
            edge = min(1.0, n / 80, (count - n) / 80)
            value = loudness * edge * math.sin(2 * math.pi * hertz * n / RATE_HZ) if hertz else 0.0
            samples += struct.pack("<h", int(value * 32_767))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(bytes(samples))
    return out.getvalue()
