"""The ways out of the bell's notices, as the configuration sets them up. What is not set up is absent, and said."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from beffroi.channels import Channel
from beffroi.channels.mail import Mail
from beffroi.channels.push import Push, own_key
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
    """The centre's VAPID key, in ``keys/push.pem``."""
    return own_key(Path(settings.BEFFROI_DATA_DIR) / "keys" / "push.pem")
