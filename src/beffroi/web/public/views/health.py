"""Health for machines: ``/healthz`` says that the office answers, ``/metrics`` what its parts report (Prometheus text).

Neither holds anything about a person.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from beffroi.web.shared.recorder import status_or_none


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
    """What runs, which reconciler fails, which camera records. An unknown is left out, never shown as zero (I9)."""
    registry = CollectorRegistry()
    _worker(registry)
    _parts(registry)
    _cameras(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


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
    status = status_or_none()
    answers = Gauge("beffroi_recorder_answers", "1 while the recorder answers", registry=registry)
    answers.set(0 if status is None else 1)
    if status is None:
        return
    recording = Gauge("beffroi_camera_recording", "1 while bytes reach the disk", ["camera"], registry=registry)
    for camera in status.cameras:
        recording.labels(camera.camera).set(1 if camera.recording else 0)
