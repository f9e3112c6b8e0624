"""Django's settings, from one TOML file (≤ 25 keys, docs/reference/configuration.md) and the environment."""

import json
import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from beffroi.config import database
from beffroi.kernel.clock import Clock, SystemClock

BEFFROI_DATA_DIR = Path(os.environ.get("BEFFROI_DATA", "data")).absolute()
BEFFROI_CLOCK: Clock = SystemClock()
BEFFROI_RECORDER = "beffroi.config.recorder.recorder_client"
"""Dotted name of what makes the office's ``RecorderClient``; ``web.shared.recorder`` calls it."""
BEFFROI_RECORDING = os.environ.get("BEFFROI_RECORDING", "1") != "0"
"""Whether this centre has a recorder of its own; without one it is the chest alone, on exports of another system."""
BEFFROI_SURFACES = ("account", "desk", "duty", "building", "counter", "office", "technical", "public", "api")
BEFFROI_IDLE_MINUTES = 12 * 60
"""A session without a sign of life for so long, a shift, is over; it locks itself long before (rule of sign-in)."""
BEFFROI_SIGN_IN_RULE: dict[str, Any] = {
    "forces": ["GN", "PN", "PREF", "SDIS", "CONTROL"],
    "roles": ["administrator"],
    "step_up_minutes": 10,
    "lock_minutes": 15,
}
"""Who needs a second factor, and how long a proof and an open page last, until the centre sets its own rule."""
BEFFROI_CENTRE = os.environ.get("BEFFROI_CENTRE", "Saint-Aubin-du-Beffroi")
"""Name of the commune or centre, shown on every page."""
BEFFROI_NOTICE = os.environ.get("BEFFROI_NOTICE", "")
"""A template shown on top of every page (the demonstration village says there who may sign in and how)."""
BEFFROI_LOG_ORIGIN = os.environ.get("BEFFROI_LOG_ORIGIN", "beffroi/saint-aubin-du-beffroi/log")
"""Name of the audit log, first line of each checkpoint: one per centre, never changed."""
BEFFROI_TSA_URL = os.environ.get("BEFFROI_TSA_URL", "")
"""RFC 3161 authority that stamps packages; empty: the centre's own, which proves little."""
BEFFROI_SMTP_URL = os.environ.get("BEFFROI_SMTP_URL", "")
BEFFROI_MAIL_FROM = os.environ.get("BEFFROI_MAIL_FROM", "") or "beffroi@localhost"
BEFFROI_SMS_URL = os.environ.get("BEFFROI_SMS_URL", "")
"""How notices leave; an empty address means that the way is not set up, and the board of an alert says so."""
_PORT = os.environ.get("BEFFROI_PORT", "") or "8000"
BEFFROI_PUBLIC_URL = (os.environ.get("BEFFROI_PUBLIC_URL", "") or f"http://localhost:{_PORT}").rstrip("/")
BEFFROI_LINKS = {
    "access": f"{BEFFROI_PUBLIC_URL}/duty/access/{{}}/",
    "guest": f"{BEFFROI_PUBLIC_URL}/counter/guest/open/{{}}/",
    "crisis": f"{BEFFROI_PUBLIC_URL}/counter/crisis/open/{{}}/",
    "requisition": f"{BEFFROI_PUBLIC_URL}/desk/requisitions/{{}}/",
    "order": f"{BEFFROI_PUBLIC_URL}/office/orders/{{}}/",
    "building": f"{BEFFROI_PUBLIC_URL}/building/{{}}/",
    "alert": f"{BEFFROI_PUBLIC_URL}/building/alerts/{{}}/",
}
"""Where a message leads, by what it is about; planes know no routes."""
BEFFROI_MEDIUM_ROOTS = [
    root for root in os.environ.get("BEFFROI_MEDIUM_ROOTS", "/media/*:/media/*/*:/run/media/*/*").split(":") if root
]
"""Where packages may be copied to: mount points that match a pattern, or folders named without one."""
BEFFROI_AUTHORITY = (
    BEFFROI_DATA_DIR / "tls" / "authority.pem" if os.environ.get("BEFFROI_CERTIFICATE") == "own" else None
)
"""The centre's own authority, given to whoever is to trust this centre."""
BEFFROI_OUTER_SURFACES: list[str] = json.loads(os.environ.get("BEFFROI_OUTER") or "{}").get("surfaces", [])
"""What answers on the outer face; ``web/shared/outside.py``."""
BEFFROI_HTTPS = os.environ.get("BEFFROI_HTTPS", "") == "1"

SECRET_KEY = os.environ.get("BEFFROI_SECRET_KEY", "only-for-checks-and-tests")
DEBUG = False
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    "testserver",
    *filter(None, os.environ.get("BEFFROI_HOSTS", "").split(",")),
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "beffroi.audit",
    "beffroi.people",
    "beffroi.sites",
    "beffroi.operations",
    "beffroi.governance",
    "beffroi.safety",
    "beffroi.insight",
    "beffroi.config",
    "beffroi.web.shared",
    *(f"beffroi.web.{surface}" for surface in BEFFROI_SURFACES),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "beffroi.web.shared.middleware.clock",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "beffroi.web.shared.middleware.headers",
    "beffroi.web.shared.middleware.person",
    "beffroi.web.shared.outside.middleware",
    "beffroi.web.shared.errors.middleware",
    "beffroi.web.shared.sizes.middleware",
]
ROOT_URLCONF = "beffroi.config.urls"
ASGI_APPLICATION = "beffroi.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "beffroi.web.shared.navigation.context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "beffroi.web.shared.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "beffroi.web.shared.forms.Renderer"
DATABASES = database.chosen(os.environ.get("BEFFROI_DATABASE_URL", ""), BEFFROI_DATA_DIR)

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account:sign-in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "beffroi.people.core.sign_in_rule.counted_name"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit log has it
AXES_VERBOSE = False

SESSION_COOKIE_NAME = "beffroi_office"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEFFROI_HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "beffroi_csrf"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = BEFFROI_HTTPS
CSRF_FAILURE_VIEW = "beffroi.web.shared.errors.csrf_failed"
LANGUAGE_COOKIE_NAME = "beffroi_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # a field of ten megabytes is answered by its form, not by a bare 400

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEFFROI_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEFFROI_HTTPS else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],  # 'self' holds for ws: and wss: of the same host (CSP 3 §6.7.2.8)
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = os.environ.get("BEFFROI_LANGUAGE", "fr")
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = None
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = False
SILENCED_SYSTEM_CHECKS = ["axes.W002"]  # its middleware: the sign-in view shows the lock itself, in our own page
