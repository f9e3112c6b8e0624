"""Health for machines: ``/healthz`` says that the office answers, ``/metrics`` what its parts report (Prometheus text).

Neither holds anything about a person.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from beffroi.media.core.answers import RecorderStatus
from beffroi.media.core.disk_health import Sign
from beffroi.media.core.sight import Trouble
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.served import served


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the office reads its database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return JsonResponse({"office": "the database does not answer"}, status=503)
    return JsonResponse({"office": "good"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What runs, which reconciler fails, which camera records. An unknown is left out, never shown as zero (I9).

    For whoever shows the token of ``DATA/keys/metrics.token`` (``Authorization: Bearer …``); 404 for everybody else.
    """
    if not _shows_token(request.headers.get("Authorization", "")):
        raise Http404
    registry = CollectorRegistry()
    _worker(registry)
    _parts(registry)
    _cameras(registry)
    _certificates(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _shows_token(authorization: str) -> bool:
    """Whether the caller is the collector of this installation."""
    try:
        token = (settings.BEFFROI_DATA_DIR / "keys" / "metrics.token").read_text().strip()
    except OSError:
        return False
    return bool(token) and constant_time_compare(authorization, f"Bearer {token}")


def _read(name: str) -> dict[str, Any]:
    """A state file of the run folder; empty where there is none."""
    run = os.environ.get("BEFFROI_RUN", "")
    try:
        found: dict[str, Any] = json.loads((Path(run) / name).read_text()) if run else {}
    except (OSError, ValueError):
        return {}
    return found


def _worker(registry: CollectorRegistry) -> None:
    failures = Gauge("beffroi_reconciler_failures", "failures in a row", ["reconciler"], registry=registry)
    runs = Gauge("beffroi_reconciler_runs", "turns since the worker began", ["reconciler"], registry=registry)
    for name, standing in _read("worker.json").items():
        failures.labels(name).set(standing["failures"])
        runs.labels(name).set(standing["runs"])


def _parts(registry: CollectorRegistry) -> None:
    running = Gauge("beffroi_part_running", "1 while the process runs", ["part"], registry=registry)
    restarts = Gauge("beffroi_part_restarts", "times the process was started again", ["part"], registry=registry)
    for name, state in _read("supervisor.json").get("parts", {}).items():
        running.labels(name).set(1 if state["pid"] else 0)
        restarts.labels(name).set(state["restarts"])


def _cameras(registry: CollectorRegistry) -> None:
    if not settings.BEFFROI_RECORDING:
        return
    status = status_or_none()
    answers = Gauge("beffroi_recorder_answers", "1 while the recorder answers", registry=registry)
    answers.set(0 if status is None else 1)
    if status is None:
        return
    recording = Gauge("beffroi_camera_recording", "1 while bytes reach the disk", ["camera"], registry=registry)
    trouble = Gauge(
        "beffroi_camera_picture_trouble", "1 while the picture is frozen, black, white or covered",
        ["camera"], registry=registry,
    )  # fmt: skip
    offset = Gauge("beffroi_camera_clock_offset_seconds", "camera minus recorder", ["camera"], registry=registry)
    for camera in status.cameras:
        if camera.sight is not None:
            trouble.labels(camera.camera).set(1 if camera.sight.trouble not in ("", Trouble.TURNED) else 0)
        recording.labels(camera.camera).set(1 if camera.recording else 0)
        if camera.clock_offset_us:
            offset.labels(camera.camera).set(camera.clock_offset_us / 1_000_000)
    _disks(registry, status)


def _disks(registry: CollectorRegistry, status: RecorderStatus) -> None:
    readable = Gauge("beffroi_disk_readable", "1 while the disk says how it is", ["disk"], registry=registry)
    trouble = Gauge("beffroi_disk_trouble", "1 where something is wrong with it", ["disk", "sign"], registry=registry)
    reading = Gauge("beffroi_disk_reading", "what the disk or the kernel counts", ["disk", "of"], registry=registry)
    for disk in {disk.name: disk for volume in status.volumes for disk in volume.disks or ()}.values():
        readable.labels(disk.name).set(0 if disk.unreadable else 1)
        for sign in Sign if not disk.unreadable else disk.signs:
            trouble.labels(disk.name, str(sign)).set(1 if sign in disk.signs else 0)
        for name, count in disk.figures:
            reading.labels(disk.name, name).set(count)


def _certificates(registry: CollectorRegistry) -> None:
    ends = Gauge("beffroi_certificate_end_seconds", "when the certificate served ends", ["face"], registry=registry)
    trouble = Gauge("beffroi_certificate_trouble", "1 while a new one cannot be taken", ["face"], registry=registry)
    for one in served():
        ends.labels(one.face).set(int(one.ends_at.timestamp()))
        trouble.labels(one.face).set(1 if one.trouble else 0)
