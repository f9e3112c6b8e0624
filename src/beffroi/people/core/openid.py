"""OpenID Connect: what a provider says of itself, and whether a token it gave is right. Pure: documents come in.

The signature is checked by PyJWT with an asymmetric algorithm only; every claim is checked here against the time that
comes in (I10). A token wrong in one thing is refused, and the fact says in which.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from jwt import PyJWK
from jwt.api_jws import PyJWS

from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures only a provider can make. ``none`` and those by a shared secret are not among them."""
LEEWAY = timedelta(seconds=60)
SUBJECT_MAX = 255
_SIGNATURES = PyJWS()
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider by its discovery document (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    posts_secret: bool  # client_secret_post, where it does not take client_secret_basic


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a provider, kept by the browser's session until its answer."""

    state: str
    nonce: str
    verifier: str


def provider_address(text: str) -> str:
    """An issuer as an administrator types it; ``Invalid`` unless HTTPS (or this very machine)."""
    issuer = text.strip()
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not host or not safe or parts.query or parts.fragment or parts.username or len(issuer) > SUBJECT_MAX:
        raise Invalid("The address of a provider is https://…, without query.", code="provider_address")
    return issuer


def read_discovery(issuer: str, document: object) -> Provider:
    """The provider's endpoints; ``Invalid`` where the document is another's or names unsafe addresses."""
    if not isinstance(document, Mapping) or document.get("issuer") != issuer:
        raise Invalid("This address answers for another issuer.", code="provider_issuer")
    endpoints = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        value = document.get(name)
        try:
            endpoints[name] = provider_address(value.partition("?")[0]) if isinstance(value, str) else ""
        except Invalid:
            endpoints[name] = ""
        if not endpoints[name] or not isinstance(value, str):
            raise Invalid(f"The provider names no safe {name}.", code="provider_document")
        endpoints[name] = value
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    posts = isinstance(methods, list) and "client_secret_basic" not in methods
    return Provider(issuer=issuer, posts_secret=posts, **endpoints)


def authorization_address(provider: Provider, asked: Asked, *, client: str, back: str, acr: str) -> str:
    """Where the browser is sent: code flow with state, nonce and PKCE (RFC 7636, S256)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "scope": "openid",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"acr_values": acr} if acr else {}),
    }
    mark = "&" if "?" in provider.authorization_endpoint else "?"
    return f"{provider.authorization_endpoint}{mark}{urlencode(query)}"


def subject_of(token: object, keys: object, *, issuer: str, client: str, nonce: str, acr: str, now: datetime) -> str:
    """Whom an ID token is about (OpenID Connect Core 1.0 §3.1.3.7); ``Invalid`` with a code for what is wrong."""
    claims = _signed(token, keys)
    if claims.get("iss") != issuer:
        raise _wrong("iss")
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if client not in several or (len(several) > 1 and claims.get("azp") != client):
        raise _wrong("aud")
    if claims.get("azp", client) != client:
        raise _wrong("azp")
    at = to_us(now) / 1_000_000
    if not _number(claims.get("exp")) or at >= claims["exp"] + LEEWAY.total_seconds():
        raise _wrong("exp")
    if not _number(claims.get("iat")) or claims["iat"] > at + LEEWAY.total_seconds():
        raise _wrong("iat")
    if _number(claims.get("nbf")) and claims["nbf"] > at + LEEWAY.total_seconds():
        raise _wrong("nbf")
    if not nonce or claims.get("nonce") != nonce:
        raise _wrong("nonce")
    if acr and claims.get("acr") not in acr.split():
        raise _wrong("acr")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX or "\x00" in subject:
        raise _wrong("sub")
    return subject


def _signed(token: object, keys: object) -> dict[str, Any]:
    """The claims, if a key of the provider signed them."""
    if not isinstance(token, str):
        raise _wrong("token")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise _wrong("token") from error
    if header.get("alg") not in ALGORITHMS:
        raise _wrong("alg")
    listed = keys.get("keys") if isinstance(keys, Mapping) else None
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, Mapping) or one.get("use", "sig") != "sig":
            continue
        if header.get("kid") is not None and one.get("kid") not in (None, header["kid"]):
            continue
        try:
            key = PyJWK.from_dict(dict(one), algorithm=header["alg"])
            claims: dict[str, Any] = json.loads(
                _SIGNATURES.decode_complete(token, key, algorithms=[header["alg"]])["payload"]
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            continue
        if isinstance(claims, dict):
            return claims
    raise _wrong("signature")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(what: str) -> Invalid:
    return Invalid(f"The provider's token is wrong: {what}.", code=f"token_{what}")
