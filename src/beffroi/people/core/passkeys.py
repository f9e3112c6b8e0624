"""Passkeys (WebAuthn level 2) over the fido2 library: what is asked of the browser and whether its answer is right.

Pure: the challenge comes in from outside, states and answers are plain JSON. User verification (finger, PIN) is always
asked for, so that a passkey is two factors in itself. No attestation: whose make the key is does not matter here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.errors import Invalid

CHALLENGE_BYTES = 32
VERIFIED = UserVerificationRequirement.REQUIRED
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """The centre as the browser knows it: a passkey made for one name is of no use under another."""

    domain: str
    origin: str

    def server(self) -> Fido2Server:
        """The library's side of it."""
        entity = PublicKeyCredentialRpEntity(id=self.domain, name="Beffroi")
        return Fido2Server(entity, verify_origin=lambda origin: origin == self.origin)


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of a passkey: its id, its public key, and how often it says it was used."""

    credential: str
    public: str
    uses: int


def creation(
    site: Site, *, handle: str, username: str, name: str, known: Sequence[str], challenge: bytes
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser is asked in order to make a passkey, and the state that its answer is checked against."""
    user = PublicKeyCredentialUserEntity(id=handle.encode(), name=username, display_name=name)
    there = [_descriptor(one) for one in known]
    options, state = site.server().register_begin(
        user,
        there,
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=VERIFIED,
        challenge=challenge,
    )
    return dict(options.public_key), dict(state)


def created(site: Site, state: Answer, answer: Answer) -> Passkey:
    """The passkey that the browser made; ``Invalid`` for any answer but the right one."""
    try:
        data = site.server().register_complete(state, RegistrationResponse.from_dict(answer))
        credential = data.credential_data
        if credential is None:
            raise ValueError("no credential")
        return Passkey(b64(credential.credential_id), b64(bytes(credential)), data.counter)
    except _WRONG as error:
        raise _invalid() from error


def request(site: Site, *, known: Sequence[str], challenge: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser is asked in order to use a passkey: one of ``known``, or any it has for this site."""
    there = [_descriptor(one) for one in known]
    options, state = site.server().authenticate_begin(there or None, user_verification=VERIFIED, challenge=challenge)
    return dict(options.public_key), dict(state)


def credential_of(answer: Answer) -> str:
    """Which passkey an answer says it is; ``Invalid`` where it does not say."""
    given = answer.get("rawId") or answer.get("id")
    if not isinstance(given, str) or not given:
        raise _invalid()
    return given.rstrip("=")


def used(site: Site, state: Answer, passkey: Passkey, answer: Answer) -> Passkey:
    """The passkey with its new counter; ``Invalid`` for a wrong answer and for a counter that went back (a copy)."""
    try:
        known = AttestedCredentialData(unb64(passkey.public))
        parsed = AuthenticationResponse.from_dict(answer)
        site.server().authenticate_complete(state, [known], parsed)
        counter = parsed.response.authenticator_data.counter
    except _WRONG as error:
        raise _invalid() from error
    if (counter or passkey.uses) and counter <= passkey.uses:
        raise Invalid("This passkey counts backwards: it may be a copy.", code="passkey_copied")
    return Passkey(passkey.credential, passkey.public, counter)


_WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError, NotImplementedError, OverflowError)
"""What the library raises on rubbish; nothing of it is worth telling apart."""


def _descriptor(credential: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=unb64(credential))


def _invalid() -> Invalid:
    return Invalid("This passkey was not accepted.", code="passkey_wrong")
