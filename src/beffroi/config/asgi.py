"""The office as an ASGI application: ``uvicorn beffroi.config.asgi:application``."""

import os

from django.core.asgi import get_asgi_application
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from beffroi.config.bounds import with_bounds
from beffroi.config.heartbeat import with_heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")

office = get_asgi_application()
_serious = [str(one) for one in run_checks() if one.is_serious() and not one.is_silenced()]
if _serious:
    raise ImproperlyConfigured("The office does not start:\n" + "\n".join(_serious))

application = with_bounds(with_heartbeat(office))
