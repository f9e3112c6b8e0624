"""Second factors: codes of an authenticator app (RFC 6238) and recovery codes. Pure: the time and the secret come in.

A code is good for its half minute and one before and after, and once: the step it stands for is remembered.
"""

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from beffroi.kernel.clock import to_us

DIGITS = 6
STEP_US = 30_000_000
DRIFT = 1
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_CHARACTERS = 16
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1: codes are written on paper and typed in a hurry. 31 letters, 79 bits a code."""


class FactorKind(StrEnum):
    """What proves that it is she. The words stand in facts and in the list of sessions."""

    PASSWORD = "password"  # noqa: S105  a word, not one
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    PROVIDER = "provider"
    PROVIDER_STRONG = "provider-strong"


def _app(secret: bytes) -> TOTP:
    # SHA-1 as every authenticator app has it; its weakness (collisions) does not touch HMAC.
    return TOTP(secret, DIGITS, SHA1(), 30, enforce_key_length=False)  # noqa: S303  see above


def step_of(now: datetime) -> int:
    """The half minute that ``now`` lies in, counted from 1970."""
    return to_us(now) // STEP_US


def code_at(secret: bytes, step: int) -> str:
    """What the app shows during a step."""
    return _app(secret).generate(step * 30).decode()


def matching_step(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """The step whose code this is, later than ``after`` (the last one used); ``None`` where there is none."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    around = step_of(now)
    for step in range(around - DRIFT, around + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step), typed):
            return step
    return None


def app_address(secret: bytes, *, account: str, centre: str) -> str:
    """The ``otpauth:`` address that the QR code holds."""
    return _app(secret).get_provisioning_uri(account, centre)


def written(code: str) -> str:
    """A recovery code as shown: in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def recovery_digest(typed: str) -> str:
    """What is kept of a recovery code, however it was typed. Plain SHA-256: 79 bits leave nothing to guess."""
    code = "".join(letter for letter in typed.lower() if letter in RECOVERY_ALPHABET)
    return hashlib.sha256(code.encode()).hexdigest()


def looks_like_recovery(typed: str) -> bool:
    """Whether this is a recovery code rather than one of an app."""
    return sum(letter in RECOVERY_ALPHABET for letter in typed.lower()) == RECOVERY_CHARACTERS
