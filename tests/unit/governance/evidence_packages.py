"""Small packages for tests, made by the real writer from a source in memory that behaves as the recorder does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from beffroi.governance.core.evidence import CameraSheet
from beffroi.governance.core.evidence_custody import CustodyActor, CustodyEvent
from beffroi.governance.files.packages import BuiltPackage, PackageOrder, Proofs, build
from beffroi.governance.files.slips import Heading
from beffroi.governance.files.stamps import OwnAuthority, create_authority
from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.digest import sha256
from beffroi.kernel.ids import CameraId, PersonId, RunId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import ExtractionPlan, FragmentDigest, PiecePlan
from beffroi.media.core.boxes import box
from beffroi.media.core.stamp import RANDOM_ACCESS, Stamp, encode_stamp
from beffroi.media.core.words import Gap, GapCause, StreamName
from beffroi.people.core.facts import ClearanceFacts, PersonFacts, Term
from beffroi.people.core.roles import Force, Quality

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
START = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
ASKED = Span(START, START + timedelta(seconds=10))
KEY = SigningKey(bytes(range(32)))
NAME = "99123-2026-000017"
CAMERAS = (
    CameraSheet("cam-a", 7, "Place de l'Église", "99123", "48.500000", "2.500000", "AP-2025-12", 30),
    CameraSheet("cam-b", 12, "Rue du Lavoir", "99123", "48.501000", "2.501000", "AP-2025-12", 30),
)


@dataclass
class MemorySource:
    """Fragments in memory, planned and read as ``RecorderClient`` does it. ``broken`` raises while reading."""

    seconds: int = 8
    size: int = 700
    broken: BaseException | None = None
    ended: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    _parts: dict[str, list[bytes]] = field(default_factory=dict)

    def plan_extraction(self, ticket: str, camera: CameraId, span: Span) -> ExtractionPlan:
        self.tickets.append(ticket)
        init = box(b"ftyp", b"isom") + box(b"moov", camera.encode() * 3)
        fragments, previous = [], bytes(32)
        for number in range(self.seconds):
            at = span.start_us + number * 1_000_000
            stamp = Stamp(number + 1, at, at + 1_000_000, at, 0, 12_000, 4_000, 25, RANDOM_ACCESS, previous)
            body = bytes((number * 7 + place) % 256 for place in range(self.size))
            fragments.append(encode_stamp(stamp) + box(b"moof", b"x") + box(b"mdat", body))
            previous = sha256(fragments[-1])
        self._parts[camera] = [init, *fragments]
        end_us = span.start_us + self.seconds * 1_000_000
        piece = PiecePlan(
            0, RunId(f"run-{camera}"), "avc1.640028", 1280, 720, span.start_us, end_us,
            sum(map(len, self._parts[camera])), len(init), sha256(init).hex(),
            tuple(FragmentDigest(len(one), sha256(one).hex()) for one in fragments),
            25 * self.seconds, True, "", 12_000, 4_000,
        )  # fmt: skip
        pieces = (piece,) if self.seconds else ()
        gap = Gap(camera, StreamName.MAIN, end_us, None, GapCause.NETWORK, "link down")
        return ExtractionPlan(f"x-{camera}", camera, StreamName.MAIN, span, pieces, (gap,))

    def piece(self, plan: ExtractionPlan, number: int) -> Iterator[bytes]:
        for place, part in enumerate(self._parts[plan.camera]):
            if self.broken is not None and place == 3:
                raise self.broken
            yield part

    def end_extraction(self, plan: ExtractionPlan) -> None:
        self.ended.append(plan.id)


def executor() -> PersonFacts:
    """An agent of the centre with a clearance."""
    clearance = ClearanceFacts("c-1", "HAB-2026-3", "Maire", frozenset({"99123"}), Term(NOW - timedelta(days=90)))
    return PersonFacts(
        PersonId("p-1"), "Camille Aubin", "Brigadière", "M0007", Force.PM, "Police municipale", "u-1", "Commune",
        Quality.NONE, frozenset(), frozenset({"99123"}), (clearance,),
    )  # fmt: skip


def order(language: str = "fr", cameras: tuple[CameraSheet, ...] = CAMERAS, asked: Span = ASKED) -> PackageOrder:
    """An order as the office gathers it."""
    actor = CustodyActor("p-1", "Brigadière Camille Aubin", "M0007", "PM", "Police municipale", "c-1")
    return PackageOrder(
        heading=Heading(
            NAME, "Saint-Aubin-du-Beffroi", "2026-0042", "12345/00042/2026", "CPP 60-1", "BTA de Saint-Aubin",
            "Brigadière Camille Aubin", asked, "Europe/Paris", False, language,
        ),
        asked=asked,
        cameras=cameras,
        insee="99123",
        requested_by=actor,
        basis="CPP 60-1",
        requisition="2026-0042",
        decision="d-1",
        persons=((executor(), "extracted"),),
        events=(
            CustodyEvent(NOW - timedelta(hours=1), actor, "hold", {"camera": "cam-a"}, requisition="2026-0042"),
            CustodyEvent(NOW - timedelta(hours=2), actor, "receive", {"subject": "requisition:2026-0042"}),
        ),
        proofs=Proofs("", ()),
        request_document=b"%PDF-1.7 not really",
        request_sha256=sha256(b"%PDF-1.7 not really").hex(),
    )  # fmt: skip


@cache
def authority_folder() -> Path:
    """Keys of one authority for all tests: they take their time."""
    folder = Path(mkdtemp(prefix="beffroi-tsa-"))
    create_authority(folder, organisation="Saint-Aubin-du-Beffroi", now=NOW)
    return folder


def authority() -> OwnAuthority:
    """The authority of all tests."""
    return OwnAuthority(authority_folder())


def make(
    vault: Path,
    source: MemorySource | None = None,
    wanted: PackageOrder | None = None,
    clock: ManualClock | None = None,
) -> BuiltPackage:
    """A finished package at ``vault/NAME/package.zip``."""
    return build(
        wanted or order(),
        source=source or MemorySource(),
        ticket=lambda camera: f"ticket-{camera}",
        vault=vault,
        stamper=authority(),
        key=KEY,
        clock=clock or ManualClock(NOW),
        progress=lambda done, total: None,
    )


SPAN_US = (to_us(START), to_us(START) + 10_000_000)


def codes(report: dict, level: str = "bad") -> list[tuple[str, str]]:
    return [(one["code"], one["where"]) for one in report["findings"] if one["level"] == level]


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(data))
