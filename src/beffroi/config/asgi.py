"""The office as an ASGI application: ``uvicorn beffroi.config.asgi:application``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")

application = get_asgi_application()
