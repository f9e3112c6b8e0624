"""From an order to a sealed package in the vault: fetch, describe, chain, set the papers, seal, pack, check, publish.

No database here: everything the package says comes in with the order. What is left half-way by a crash is a working
folder that the next try clears; a package appears in the vault under its name only when it is whole and checked.
"""

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from beffroi.governance.core import evidence
from beffroi.governance.core.evidence import CameraSheet, ExternalSheet, GapSheet, VideoSheet
from beffroi.governance.core.evidence_custody import CustodyActor, CustodyEvent, chained_lines
from beffroi.governance.core.intake import TakenFile
from beffroi.governance.files import bags, slips
from beffroi.governance.files.bags import BagWriter
from beffroi.governance.files.exports import Exports
from beffroi.governance.files.fetching import Counter, ExtractionSource, Fetch, Progress
from beffroi.governance.files.stamps import Stamper
from beffroi.governance.files.verifier.stamp import pem_certificates, read_stamp
from beffroi.governance.files.verifier.standalone import standalone
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock, from_us, parse_utc
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts

PLAYER = Path(__file__).parent / "player"
PLAYER_FILES = (
    "index.html",
    "player.css",
    "player.js",
    "verify.js",
    "sha256.js",
    "texts.js",
    "LISEZ-MOI.txt",
    "README.txt",
)
SPARE_BYTES = 64 * 1024 * 1024
RECORDER = CustodyActor(id="recorder", name="Beffroi recorder")
PROGRAM = CustodyActor(id="system", name="Beffroi")
CLOCK_SOURCE = "system clock of the recorder host, UTC"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the centre's log proves of the events: salted facts with their paths, under one checkpoint."""

    checkpoint: str  # signed note
    facts: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """Everything a package says that does not come from the recorder."""

    heading: slips.Heading
    asked: Span
    cameras: tuple[CameraSheet, ...]
    insee: str
    requested_by: CustodyActor
    basis: str
    requisition: str
    decision: str
    persons: tuple[tuple[PersonFacts, str], ...]
    events: tuple[CustodyEvent, ...]
    proofs: Proofs
    request_document: bytes | None
    request_sha256: str
    taken: tuple[TakenFile, ...] = ()  # exports of another video system; then the recorder is not asked


@dataclass(frozen=True, slots=True)
class BuiltPackage:
    """A package that lies in the vault, whole and checked."""

    zip_sha256: str
    zip_bytes: int
    seal_sha256: str
    stamped_at: datetime
    videos: tuple[VideoSheet, ...]
    gaps: tuple[GapSheet, ...]


def build(
    order: PackageOrder,
    *,
    source: ExtractionSource,
    ticket: Callable[[str], str],
    vault: Path,
    stamper: Stamper,
    key: SigningKey,
    clock: Clock,
    progress: Progress,
) -> BuiltPackage:
    """Make the package of ``order`` in ``vault``. ``ticket(camera)`` gives a fresh ticket; ``progress(done, total)``
    counts bytes. Errors say which camera, segment or file; nothing half-made keeps the package's name."""
    name = order.heading.package
    vault.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = bags.clear_work(vault, name)
    fetch: Fetch | Exports
    if order.taken:
        fetch = Exports(order.cameras, order.asked, order.taken)
    else:
        fetch = Fetch(order.cameras, order.asked, source, ticket, clock)
    _want_room(vault, 2 * fetch.length + SPARE_BYTES)
    done = Counter(3 * fetch.length, progress)  # fetched, packed, read back
    try:
        bag = BagWriter(work / name)
        videos, gaps = fetch.into(bag, done)
        if not videos:
            raise Conflict(
                "There is no picture in the span asked for.",
                code="no_pictures",
                hint="Answer the requisition as negative; the gaps say why.",
            )
        order = replace(order, heading=replace(order.heading, synthetic=any(video.synthetic for video in videos)))
        built_at = clock.now()
        _describe(bag, order, videos, gaps, built_at)
        _chain(bag, order, videos, key, built_at)
        _papers(bag, order, videos, gaps, built_at)
        _player(bag, order, videos, gaps)
        if stamper.authority_pem:
            bag.write("data/metadata/stamp-authority.pem", stamper.authority_pem)
        seal = bag.seal(_info(order, stamper, built_at), stamper, built_at)
        digest, size = bags.write_zip(bag.folder, bag.files, work / bags.ZIP_NAME, name, done.add)
        roots = pem_certificates(stamper.authority_pem) if stamper.authority_pem else None
        bags.check_before_delivery(work / bags.ZIP_NAME, roots, done.add)
        stamp = read_stamp(
            (bag.folder / evidence.STAMP).read_bytes(), (bag.folder / evidence.TAG_MANIFEST).read_bytes()
        )
        shutil.rmtree(bag.folder)
        bags.publish(work, vault / name)
    except OSError as error:
        raise _disk(error, vault) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)  # gone already when the package was published
    return BuiltPackage(digest, size, seal, stamp.time or built_at, tuple(videos), tuple(gaps))


def _want_room(vault: Path, wanted: int) -> None:
    free = shutil.disk_usage(vault).free
    if free < wanted:
        raise Unavailable(
            f"The vault has {free // 1_000_000} MB free; this package needs {wanted // 1_000_000} MB while it is made.",
            code="disk_full",
            hint="Make room in the data folder, then try again.",
        )


def _disk(error: OSError, vault: Path) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            f"The disk of the vault {vault} is full.",
            code="disk_full",
            hint="Make room in the data folder, then try again.",
        )
    return Unavailable(
        f"The vault cannot be written: {error.strerror or error} ({error.filename or vault}).",
        code="vault_unwritable",
        hint="See the disk and the rights on the data folder, then try again.",
    )


def _describe(
    bag: BagWriter, order: PackageOrder, videos: list[VideoSheet], gaps: list[GapSheet], built_at: datetime
) -> None:
    package = order.heading.package
    texts: dict[str, Json] = {
        "recording": evidence.recording_json(package, order.asked, order.cameras, videos),
        "camera": evidence.camera_json(order.cameras),
        "timesync": evidence.timesync_json(videos, built_at=built_at, clock_source=CLOCK_SOURCE),
        "gaps": evidence.gaps_json(gaps),
        "masks": evidence.masks_json(videos),
        "authenticity": evidence.authenticity_json(videos),
    }
    for name, value in texts.items():
        bag.write(f"data/metadata/{name}.json", evidence.json_text(value).encode())


def _chain(bag: BagWriter, order: PackageOrder, videos: list[VideoSheet], key: SigningKey, built_at: datetime) -> None:
    """The custody chain: what the log knows, what the recorder and this program did, signed by the centre."""
    events = list(order.events)
    for video in videos:
        thing: dict[str, Json] = {"evidence_id": video.file, "camera": evidence.label(video.camera), "run": video.run}
        stated: dict[str, Json] = {"start_us": video.start_us, "end_us": video.end_us}
        if video.external is None:
            events.append(CustodyEvent(from_us(video.end_us), RECORDER, "record", thing, detail=stated))
        else:
            events.append(_taken_in(video.external, thing, stated, video.sha256))
        events.append(
            CustodyEvent(
                built_at,
                order.requested_by,
                "extract",
                thing,
                basis=order.basis,
                requisition=order.requisition,
                recipient=order.heading.recipient,
                decision=order.decision,
                sha256_after=video.sha256,
                detail={"by": "Beffroi", "copy": "bytes, unchanged"},
            )
        )
    packed: dict[str, Json] = {"evidence_id": order.heading.package}
    events.append(
        CustodyEvent(
            built_at, PROGRAM, "package", packed, basis=order.basis, requisition=order.requisition,
            recipient=order.heading.recipient, decision=order.decision,
        )
    )  # fmt: skip
    bag.write("data/custody/events.jsonl", chained_lines(events, key.sign))
    bag.write("data/custody/office-key.txt", f"{key.public_bytes.hex()}\n".encode())
    proofs: Json = {"facts": order.proofs.facts}
    bag.write("data/custody/proofs.json", evidence.json_text(proofs).encode())
    if order.proofs.checkpoint:
        bag.write("data/custody/checkpoint", order.proofs.checkpoint.encode())


def _taken_in(external: ExternalSheet, thing: dict[str, Json], stated: dict[str, Json], digest: str) -> CustodyEvent:
    """The moment from which the centre answers for the file."""
    detail: dict[str, Json] = {
        **stated, "provenance": "external", "system": external.system, "handed_by": external.handed_by,
        "name": external.name, "clock": external.clock,
    }  # fmt: skip
    actor = CustodyActor(id="", name=external.taken_by)
    return CustodyEvent(parse_utc(external.taken_at), actor, "take-in", thing, sha256_after=digest, detail=detail)


def _papers(
    bag: BagWriter, order: PackageOrder, videos: list[VideoSheet], gaps: list[GapSheet], built_at: datetime
) -> None:
    slip = slips.slip(order.heading, tuple(videos), tuple(gaps), made_at=built_at)
    bag.write("data/legal/bordereau_remise.pdf", slip)
    attestation = slips.clearance(order.heading, order.persons, insee=order.insee, at=built_at)
    bag.write("data/legal/attestation_habilitation.pdf", attestation)
    if order.request_document is not None:
        bag.write("data/legal/requisition.pdf", order.request_document)
    elif order.request_sha256:
        bag.write("data/legal/requisition.sha256", f"{order.request_sha256}\n".encode())


def _player(bag: BagWriter, order: PackageOrder, videos: list[VideoSheet], gaps: list[GapSheet]) -> None:
    for name in PLAYER_FILES:
        bag.write(f"data/player/{name}", (PLAYER / name).read_bytes())
    bag.write("data/player/verify.py", standalone())
    kinds = {
        "bordereau_remise.pdf": "slip",
        "attestation_habilitation.pdf": "clearance",
        "requisition.pdf": "requisition",
    }
    about: Json = {
        "package": order.heading.package,
        "zone": order.heading.zone,
        "asked": {"start_us": order.asked.start_us, "end_us": order.asked.end_us},
        "videos": [
            {
                "file": video.file,
                "camera": evidence.label(video.camera),
                "codec": video.codec,
                "start_us": video.start_us,
                "end_us": video.end_us,
                "synthetic": video.synthetic,
                "mask_version": video.mask_version,
                "external": video.external is not None,
            }
            for video in videos
        ],
        "gaps": [
            {"camera": evidence.label(g.camera), "start_us": g.start_us, "end_us": g.end_us, "cause": g.cause}
            for g in gaps
        ],
        "papers": [
            {"file": f"data/legal/{n}", "kind": kind} for n, kind in kinds.items() if f"data/legal/{n}" in bag.files
        ],
    }
    text = json.dumps(about, ensure_ascii=True, indent=1)
    bag.write("data/player/package.js", f'"use strict";\nwindow.BEFFROI_PACKAGE = {text};\n'.encode())


def _info(order: PackageOrder, stamper: Stamper, built_at: datetime) -> list[tuple[str, str]]:
    heading = order.heading
    return [
        ("Source-Organization", heading.centre),
        ("Bagging-Date", built_at.date().isoformat()),
        ("External-Identifier", heading.package),
        ("External-Description", f"{heading.requisition} {heading.procedure}".strip()),
        ("BagIt-Profile-Identifier", evidence.PROFILE_IDENTIFIER),
        ("Beffroi-Profile", evidence.PROFILE),
        ("Beffroi-Stamp", stamper.kind.value),
        ("Bag-Software-Agent", "Beffroi"),
    ]


def verifier_sha256() -> str:
    """Digest of ``verify.py`` as it is shipped, for the slip."""
    return sha256(standalone()).hex()
