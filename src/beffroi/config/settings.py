"""Django's settings, from one TOML file (≤ 25 keys, docs/reference/configuration.md) and the environment."""

import os
from pathlib import Path

BEFFROI_DATA_DIR = Path(os.environ.get("BEFFROI_DATA", "data")).absolute()

SECRET_KEY = os.environ.get("BEFFROI_SECRET_KEY", "only-for-checks-and-tests")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "beffroi.audit",
    "beffroi.people",
    "beffroi.sites",
    "beffroi.operations",
    "beffroi.governance",
    "beffroi.insight",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BEFFROI_DATA_DIR / "office.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
        },
    }
}
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
