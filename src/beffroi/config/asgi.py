"""The office as an ASGI application: ``uvicorn beffroi.config.asgi:application``."""

import os

from django.core.asgi import get_asgi_application

from beffroi.config.heartbeat import with_heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")

application = with_heartbeat(get_asgi_application())
