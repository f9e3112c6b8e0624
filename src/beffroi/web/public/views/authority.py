"""How phones and desks come to trust this centre's own authority: its certificate, its fingerprint, the steps.

Open to everybody, over plain HTTP too: whoever reads it compares the fingerprint with the one on paper.
"""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from beffroi.kernel.errors import NotFound


def _root() -> x509.Certificate | None:
    """The authority's certificate; ``None`` where this centre has none of its own."""
    path: Path | None = settings.BEFFROI_AUTHORITY
    if path is None or not path.exists():
        return None
    return x509.load_pem_x509_certificate(path.read_bytes())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The steps for each kind of device."""
    root = _root()
    context: dict[str, object] = {"there": root is not None}
    if root is not None:
        constraints = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        until: datetime = root.not_valid_after_utc
        context |= {
            "fingerprint": root.fingerprint(SHA256()).hex(":").upper(),
            "subject": root.subject.rfc4514_string().removeprefix("CN="),
            "until": until,
            "good_for": [str(one.value) for one in constraints],
        }
    return render(request, "public/authority.html", context)


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The certificate as devices install it (DER)."""
    found = _root()
    if found is None:
        raise NotFound("This centre has no authority of its own.", code="no_authority")
    return HttpResponse(
        found.public_bytes(Encoding.DER),
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": 'attachment; filename="beffroi-authority.crt"'},
    )
