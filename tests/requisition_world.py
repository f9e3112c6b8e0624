"""A village for tests of requisitions: two cameras under an order, keys, a recorder's memory, papers to send."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from beffroi.audit.core.facts import Actor
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing
from beffroi.governance.core.requisition_fields import RequisitionEntry, TypedTime
from beffroi.governance.core.requisitions import Channel
from beffroi.governance.documents import signature
from beffroi.kernel.errors import Conflict, Unavailable
from beffroi.kernel.ids import CameraId, HoldId, RunId
from beffroi.kernel.spans import Span, subtract
from beffroi.media.core.answers import CLOCK_NOT_TRUSTED, HoldResult, LookSession, RecorderStatus, VolumeStatus
from beffroi.media.core.words import Gap, GapCause, Piece, StreamName, Timeline
from beffroi.people.core.roles import Quality
from beffroi.sites import actions as sites
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from tests.conftest import INSEE, NOW

CHIEF = Actor("chief", "Chef de service", "PM", "Police municipale")
SECOND = Actor("second", "Brigadière", "PM", "Police municipale")
HALLE = View(48.5, 2.5, 0, 90, 100)
MAIRIE = View(48.502, 2.504, 180, 90, 100)
SEEN = (48.5004, 2.5)  # by the camera of the Halle
UNSEEN = (48.505, 2.51)  # in the commune, by no camera
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n"

_papers: dict[str, bytes] = {}
"""The certificate for papers, made once a session: RSA keys take their time."""


def make_keys(folder: Path, settings: Any) -> None:
    """Key files in a data folder of this test."""
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    for number, name in enumerate(("secrets", "office", "door", "archive")):
        (keys / f"{name}.key").write_bytes(bytes(range(number, number + 32)))
    settings.BEFFROI_DATA_DIR = folder
    for name in ("papers.key", "papers.crt"):
        if name in _papers:
            (keys / name).write_bytes(_papers[name])
    signature.certificate(NOW)
    _papers.update({name: (keys / name).read_bytes() for name in ("papers.key", "papers.crt")})


def make_village() -> tuple[str, str]:
    """Two cameras that have recorded lawfully for a year; their ids."""
    then = NOW - timedelta(days=400)
    sites.enter_commune(
        actor=CHIEF, insee=INSEE, name="Saint-Aubin-du-Beffroi", department="99", centre=(48.5, 2.5),
        boundary=((48.48, 2.47), (48.48, 2.53), (48.52, 2.53), (48.52, 2.47)), now=then,
    )  # fmt: skip
    site = sites.enter_site(actor=CHIEF, insee=INSEE, name="Centre", kind="public_road", now=then)
    ids = []
    for number, name, view in ((3, "Place de la Halle", HALLE), (7, "Mairie", MAIRIE)):
        camera = sites.add_camera(
            actor=CHIEF, site=site, number=number, name=name, view=view, public_road=True,
            purposes={Purpose.SAFETY_OF_PERSONS, Purpose.TERRORISM}, retention_days=30, tags={"centre"}, now=then,
        )  # fmt: skip
        sites.set_source(
            actor=CHIEF, camera=camera, main_url="rtsp://127.0.0.1:8554/one", sub_url="", username="", password="",
            now=then,
        )  # fmt: skip
        sites.draw_mask(actor=CHIEF, camera=camera, polygons=[], now=then)
        sites.review_mask(actor=SECOND, camera=camera, version=1, now=then + timedelta(days=60))
        ids.append(camera)
    sites.enter_authorisation(
        actor=CHIEF, reference="AP-99-2025-001", department="99",
        purposes={Purpose.SAFETY_OF_PERSONS, Purpose.TERRORISM}, retention_max_days=30,
        valid_from=then, valid_to=NOW + timedelta(days=1_000), cameras=ids, now=then,
    )  # fmt: skip
    for camera in ids:
        sites.commission_camera(actor=CHIEF, camera=camera, now=then + timedelta(days=60))
    return ids[0], ids[1]


@dataclass
class RecorderMemory:
    """What a recorder would say, by values: which spans it has, and which holds it took. ``silent`` answers nothing."""

    has: dict[str, list[Span]] = field(default_factory=dict)
    cause: GapCause = GapCause.CAMERA
    holds: dict[str, tuple[str, Span, bool]] = field(default_factory=dict)
    silent: bool = False
    refuses: bool = False
    clock_trusted: bool = True
    asked: int = 0

    def timeline(self, camera: CameraId, span: Span, stream: StreamName = StreamName.MAIN) -> Timeline:
        self.asked += 1
        if self.silent:
            raise Unavailable("The recorder does not answer.", code="recorder_silent")
        parts = [part for one in self.has.get(camera, []) if (part := one.cut(span)) is not None]
        gaps = [Gap(camera, stream, hole.start_us, hole.end_us, self.cause) for hole in subtract(span, parts)]
        pieces = tuple(Piece(RunId("run"), part.start_us, part.end_us) for part in parts)
        return Timeline(camera, stream, span, pieces, tuple(gaps), ())

    def sessions(self) -> list[LookSession]:
        return []

    def status(self) -> RecorderStatus:
        if self.silent:
            raise Unavailable("The recorder does not answer.", code="recorder_silent")
        notes = () if self.clock_trusted else (CLOCK_NOT_TRUSTED,)
        return RecorderStatus(0, (), (VolumeStatus("v", None, None, None, "good", notes=notes),))

    def set_hold(self, hold: HoldId, camera: CameraId, span: Span, *, reference: str, judicial: bool) -> HoldResult:
        if self.silent:
            raise Unavailable("The recorder does not answer.", code="recorder_silent")
        if self.refuses:
            raise Conflict("The volume is foreign.", code="volume")
        self.holds[hold] = (camera, span, judicial)
        covered = tuple(part for one in self.has.get(camera, []) if (part := one.cut(span)) is not None)
        return HoldResult(hold, 1, covered)

    def release_hold(self, hold: HoldId, *, reason: str) -> None:
        if self.silent:
            raise Unavailable("The recorder does not answer.", code="recorder_silent")
        self.holds.pop(hold, None)


def entry(**changes: Any) -> RequisitionEntry:
    """A requisition as it arrives by mail: flagrance, an OPJ, last night from 21:00 to 21:30 in Paris."""
    texts = {
        "unit_name": "BTA Saint-Aubin", "unit_code": "12345", "department": "99", "officer_name": "Camille Ferrand",
        "rank": "Adjudant", "matricule": "271828", "procedure_number": "12345/00678/2026",
        "offence": "vol à l’arraché", "place": "place de la Halle", "contact": "bta.saint-aubin@gendarmerie.example",
        **changes.pop("texts", {}),
    }  # fmt: skip
    values: dict[str, Any] = {
        "channel": Channel.MAIL,
        "quality": Quality.OPJ,
        "legal_basis": "CPP_60_1",
        "frame": Frame.FLAGRANCY,
        "authorisation_kind": AuthorisationKind.NONE,
        "since": TypedTime(date(2026, 11, 22), time(21, 0)),
        "until": TypedTime(date(2026, 11, 22), time(21, 30)),
        "latitude": SEEN[0],
        "longitude": SEEN[1],
        "things": frozenset({RequestedThing.COPY}),
        **changes,
    }
    return RequisitionEntry(texts=texts, **values)
