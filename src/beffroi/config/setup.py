"""First start: data folder, keys, secret, database. Every step may be done again and changes nothing then."""

import fcntl
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from beffroi.config.options import Options
from beffroi.config.tls.authority import names_of
from beffroi.config.tls.store import Serving, serving_of
from beffroi.kernel.errors import Conflict, Invalid, Unavailable

KEYS = ("office", "door", "archive", "secrets")
SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes; the longest name in the run folder is 15


def prepare(options: Options) -> Path:
    """Make folders and keys where they are missing; returns the run folder. Raises ``Invalid``, ``Unavailable``."""
    data = options.data
    try:
        for folder in (data, data / "keys", data / "vault", data / "logs", data / "recorder"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in KEYS:
            _make_key(data / "keys" / f"{name}.key", secrets.token_bytes(32))
        _make_key(data / "keys" / "session.key", secrets.token_urlsafe(48).encode())
        _make_key(data / "keys" / "metrics.token", secrets.token_urlsafe(32).encode())
    except OSError as error:
        raise Unavailable(
            f"The data folder {data} cannot be written: {error.strerror}.",
            hint="Choose another with --data, or give this user the right to write there.",
        ) from error
    return run_folder(options)


def _make_key(path: Path, content: bytes) -> None:
    """Write a key with mode 0600 unless it is there; it is never overwritten."""
    if path.exists():
        return
    beside = path.with_suffix(f".{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)


def run_folder(options: Options) -> Path:
    """The folder of sockets: short whatever the data folder's path, private, the same at each start."""
    if options.run is not None:
        folder = options.run.absolute()
    else:
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        mark = hashlib.sha256(str(options.data.resolve()).encode()).hexdigest()[:10]
        folder = base / f"beffroi-{os.getuid()}-{mark}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise Unavailable(
            f"The run folder {folder} belongs to, or is open to, somebody else.",
            hint="Remove it, or name another with the key run.",
        )
    if len(str(folder)) > SOCKET_PATH_MAX - 20:
        raise Invalid(f"The path of the run folder is too long for sockets: {folder}.", hint="Set the key run.")
    return folder


def environment(options: Options, run: Path) -> dict[str, str]:
    """What every part finds in its environment (docs/design/shape.md)."""
    secret = (options.data / "keys" / "session.key").read_text()
    given = {
        "BEFFROI_DATA": str(options.data),
        "BEFFROI_RUN": str(run),
        "BEFFROI_PORT": str(options.port),
        "BEFFROI_HOST": options.host,
        "BEFFROI_SECRET_KEY": secret,
        "BEFFROI_DEMO": "1" if options.demo else "0",
        "BEFFROI_RECORDING": "1" if options.recording else "0",
        "BEFFROI_LANGUAGE": options.language,
        "BEFFROI_LOG_LEVEL": options.log_level,
        "BEFFROI_INGEST_WORKERS": str(options.ingest_workers),
        "BEFFROI_KEEP_FREE_GB": str(options.keep_free_gb),
        "BEFFROI_VOLUME_QUOTA_GB": str(options.volume_quota_gb),
        "BEFFROI_CAMERA_QUOTA_GB": str(options.camera_quota_gb),
        "BEFFROI_VOLUMES": json.dumps(list(options.storage.volumes)),
        "BEFFROI_EMERGENCY_VOLUME": options.storage.emergency,
        "DJANGO_SETTINGS_MODULE": "beffroi.config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    optional = {
        "BEFFROI_TSA_URL": options.tsa_url,
        "BEFFROI_SMTP_URL": options.smtp_url,
        "BEFFROI_MAIL_FROM": options.mail_from,
        "BEFFROI_SMS_URL": options.sms_url,
        "BEFFROI_DATABASE_URL": options.database_url,
        "BEFFROI_PUBLIC_URL": options.public_url,
        "BEFFROI_HOSTS": ",".join(answered(options)),
        "BEFFROI_HTTPS": "1" if options.certificate or options.public_url.startswith("https:") else "",
        "BEFFROI_CERTIFICATE": options.certificate,
        "BEFFROI_CERTIFICATE_KEY": str(options.certificate_key or ""),
        "BEFFROI_PLAIN_PORT": str(options.plain_port or ""),
        "BEFFROI_OUTER": options.outer.model_dump_json() if options.outer is not None else "",
    }
    return given | {key: value for key, value in optional.items() if value}


def inner_tls(options: Options) -> Serving | None:
    """The certificate of the inner face; ``None`` for plain HTTP."""
    return serving_of(options.data, options.certificate, options.certificate_key)


def outer_tls(options: Options) -> Serving | None:
    """The certificate of the outer face: its own, else the inner one's."""
    if options.outer is None or not options.outer.certificate:
        return inner_tls(options)
    return serving_of(options.data, options.outer.certificate, options.outer.certificate_key)


def answered(options: Options) -> list[str]:
    """The host names that are answered: those of the configuration and those of the certificates."""
    served = [one for one in (inner_tls(options), outer_tls(options)) if one is not None]
    named = urlsplit(options.public_url).hostname
    found = [*options.hosts, *([named] if named else [])]
    found += [name for one in served for name in names_of(one.certificate())]
    return list(dict.fromkeys(f"[{name}]" if ":" in name else name.removeprefix("*") for name in found))


def typed_url(options: Options) -> str:
    """The address that people type: the configuration's, else the certificate's first name, else localhost."""
    if options.public_url:
        return options.public_url
    tls = inner_tls(options)
    if tls is None:
        return f"http://localhost:{options.port}"
    name = next(iter(names_of(tls.certificate())), "localhost").removeprefix("*.")
    return f"https://{name}" + (f":{options.port}" if options.port != 443 else "")


def prepare_database() -> None:
    """Bring the office's database to this version. Django must be set up (``start_django``)."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def start_django(options: Options, run: Path) -> None:
    """Set Django up in this process for the data folder of ``options``."""
    import django

    os.environ.update(environment(options, run))
    django.setup()


@contextmanager
def only_instance(data: Path) -> Iterator[None]:
    """Hold the data folder's lock; ``Conflict`` names the process that has it already, or why there is no folder."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = (data / "lock").open("a+")
    except OSError as error:
        raise Conflict(
            f"Nothing can be kept in {data}: {error.strerror}.",
            hint="Choose with --data a folder that this user may write to.",
        ) from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            owner = file.read().strip()
            raise Conflict(
                f"Beffroi already runs on {data}" + (f" (process {owner})." if owner else "."),
                hint="Stop it first (Ctrl-C there), or choose another folder with --data.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
