"""SOAP 1.2 as ONVIF devices speak it: envelope with user token, faults, empty and foreign answers. Pure.

The token's digest covers the time at the camera: a device whose clock is wrong refuses good passwords, so its own clock
is asked first (that call needs no password) and the token is made in the camera's time.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from beffroi.media.onvif.documents import Element, first, parse, text
from beffroi.media.onvif.failures import OnvifFailed

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_REFUSALS = ("NotAuthorized", "Sender not Authorized", "FailedAuthentication", "InvalidSecurity")


@dataclass(frozen=True, slots=True)
class Token:
    """What signs one call. ``at`` is the camera's own time."""

    username: str
    password: str
    nonce: bytes
    at: datetime


def envelope(body: str, *, token: Token | None = None, action: str = "", to: str = "") -> bytes:
    """A request. ``body`` is XML of our own; what came from outside was escaped by whoever made it."""
    head = _security(token) if token is not None else ""
    if action:
        head += (
            f'<a:Action xmlns:a="{_ADDRESSING}">{escape(action)}</a:Action>'
            f'<a:To xmlns:a="{_ADDRESSING}">{escape(to)}</a:To>'
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}">'
        f"<s:Header>{head}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def answer(status: int, body: bytes, wanted: str) -> Element:
    """The element ``wanted`` in an answer; ``OnvifFailed`` says what came instead."""
    if status == 401 and not body.strip():
        raise OnvifFailed("password_refused", "the camera refuses user or password", refused=True)
    if status == 404:
        raise OnvifFailed("onvif_absent", "the camera has no ONVIF service at this address")
    try:
        root = parse(body)
    except OnvifFailed:
        if status in {401, 403}:
            raise OnvifFailed("password_refused", "the camera refuses user or password", refused=True) from None
        raise
    fault = first(root, "Fault")
    if fault is not None:
        raise _failure(fault)
    found = first(root, wanted)
    if found is None:
        if status in {401, 403}:
            raise OnvifFailed("password_refused", "the camera refuses user or password", refused=True)
        raise OnvifFailed("onvif_empty", "the camera's answer does not hold what was asked")
    return found


def _failure(fault: Element) -> OnvifFailed:
    codes = " ".join(
        one.text or "" for one in fault.iter() if one.tag and str(one.tag).endswith(("Value", "faultcode"))
    )
    reason = text(fault, "Text") or text(fault, "faultstring")
    if any(one in codes or one in reason for one in _REFUSALS):
        return OnvifFailed("password_refused", "the camera refuses user or password", refused=True)
    if "ActionNotSupported" in codes or "OptionalActionNotImplemented" in codes:
        return OnvifFailed("onvif_unsupported", "the camera cannot do this")
    return OnvifFailed("onvif_fault", "the camera answers that it cannot do what was asked")


def _security(token: Token) -> str:
    created = token.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    # The profile of OASIS asks for SHA-1; it keeps the password from the wire and protects nothing else.
    digest = hashlib.sha1(token.nonce + created.encode() + token.password.encode(), usedforsecurity=False).digest()
    return (
        f'<w:Security xmlns:w="{_SECURITY}" xmlns:s="{_SOAP}" s:mustUnderstand="1"><w:UsernameToken>'
        f"<w:Username>{escape(token.username)}</w:Username>"
        f'<w:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(token.nonce).decode()}</w:Nonce>'
        f'<u:Created xmlns:u="{_UTILITY}">{created}</u:Created></w:UsernameToken></w:Security>'
    )
