"""Documents that identity providers give: small JSON over HTTP, without redirects, within seconds."""

import base64
import json
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from beffroi.kernel.errors import Unavailable
from beffroi.people.core.openid import Asked, Provider

PATIENCE_SECONDS = 5
MAX_BYTES = 256 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A provider that sends us elsewhere is not followed: its documents stand where discovery says."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Never."""


def fetch(address: str, *, form: dict[str, str] | None = None, basic: tuple[str, str] | None = None) -> Any:
    """A JSON document; ``Unavailable`` for no answer, a wrong status, a redirect, rubbish, or too much of it."""
    request = urllib.request.Request(  # noqa: S310  core.openid lets https (and this machine's http) through only
        address,
        data=urlencode(form).encode() if form is not None else None,
        headers={"Accept": "application/json"},
    )
    if basic is not None:
        plain = ":".join(quote(part, safe="") for part in basic)
        request.add_header("Authorization", f"Basic {base64.b64encode(plain.encode()).decode()}")
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
            raw = answer.read(MAX_BYTES + 1)
            if answer.status != HTTPStatus.OK or len(raw) > MAX_BYTES:
                raise ValueError("status or size")
            return json.loads(raw)
    except (OSError, ValueError, RecursionError, urllib.error.URLError) as error:
        raise Unavailable(
            "The identity provider does not answer as it should.",
            code="provider_silent",
            hint="Try again, or sign in with your password.",
        ) from error


def exchange(provider: Provider, asked: Asked, *, client: str, secret: str, back: str, code: str) -> Any:
    """What the provider gives for a code (RFC 6749 §4.1.3)."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier}
    if provider.posts_secret or not secret:
        form |= {"client_id": client, **({"client_secret": secret} if secret else {})}
        return fetch(provider.token_endpoint, form=form)
    return fetch(provider.token_endpoint, form=form, basic=(client, secret))
