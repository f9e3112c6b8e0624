"""The ways out of the bell's notices, as the configuration sets them up. What is not set up is absent, and said."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.conf import settings

from beffroi.channels import Channel
from beffroi.channels.mail import Mail
from beffroi.channels.push import CURVE, Push
from beffroi.channels.sms import Sms
from beffroi.kernel.clock import SystemClock


def channels() -> dict[str, Channel]:
    """Channel by name. Web Push needs nothing but a key of our own, made at first use."""
    found: dict[str, Channel] = {"push": Push(push_key(), f"mailto:{settings.BEFFROI_MAIL_FROM}", SystemClock())}
    if settings.BEFFROI_SMTP_URL:
        found["email"] = Mail(settings.BEFFROI_SMTP_URL, settings.BEFFROI_MAIL_FROM)
    if settings.BEFFROI_SMS_URL:
        found["sms"] = Sms(settings.BEFFROI_SMS_URL)
    return found


def push_key() -> ec.EllipticCurvePrivateKey:
    """The centre's VAPID key (RFC 8292), in ``keys/push.pem`` (0600)."""
    path = Path(settings.BEFFROI_DATA_DIR) / "keys" / "push.pem"
    if not path.exists():
        pem = ec.generate_private_key(CURVE).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
