"""What the door is made of, and how each of its routes is guarded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.archive import masks_file
from beffroi.media.archive.control import WriterControl
from beffroi.media.core.calls import CallGate
from beffroi.media.core.looks import LineName
from beffroi.media.core.settings import key_id
from beffroi.media.core.tickets import Ticket
from beffroi.media.core.words import ArchiveReader
from beffroi.media.door.admission import Admission
from beffroi.media.door.archive import Archive
from beffroi.media.door.asgi import Request
from beffroi.media.door.beats import Beats
from beffroi.media.door.journal import DoorJournal
from beffroi.media.door.kept_grids import KeptGrids
from beffroi.media.door.kept_pictures import KeptPictures, destroyed
from beffroi.media.door.looks import Looks
from beffroi.media.door.sayings import Sayings
from beffroi.media.door.steering import Steering
from beffroi.media.export.plans import Extraction
from beffroi.media.live.feeds import Feeds
from beffroi.media.onvif import heard_file
from beffroi.media.onvif.steered import SteeredCameras
from beffroi.media.onvif.trials import Trials
from beffroi.media.replay.sight_file import FILE
from beffroi.media.replay.stills import ScreenMaker, StillMaker

SEARCH_PATIENCE_S = 30.0
"""For one key frame of a movement search, whose process yields to everything else."""


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Where the door finds what it needs."""

    journal: Path  # DATA/recorder/door-journal.jsonl
    vault: Path  # DATA/vault
    keys: Path  # DATA/keys: camera passwords are opened with one of them
    cameras: Path  # DATA/recorder/cameras.json: the last good settings
    run_folder: Path  # sockets: writer.sock, live-N.sock, taps.json
    own_key: SigningKey
    office_keys: tuple[bytes, ...]  # public halves
    open_reader: Callable[[], ArchiveReader]
    max_conversions: int = 2


@dataclass(slots=True)
class OpenedPackage:
    """A package that one browser may download for a while."""

    ticket: Ticket
    until_boot_us: int  # on the clock that runs from the machine's start: no setting of the wall clock lengthens it


@dataclass(slots=True)
class KeptExtraction:
    """An extraction whose pieces may still be fetched."""

    extraction: Extraction
    look: str
    until_us: int


@dataclass(slots=True)
class Door:
    """Everything a handler needs."""

    clock: Clock
    public_key: bytes
    beats: Beats
    admission: Admission
    journal: DoorJournal
    looks: Looks
    archive: Archive
    feeds: Feeds
    stills: StillMaker
    previews: StillMaker
    grids: StillMaker
    kept_grids: KeptGrids
    pictures: KeptPictures
    screens: ScreenMaker
    control: WriterControl
    calls: CallGate
    vault: Path
    trials: Trials
    steering: Steering
    devices: SteeredCameras
    sights: Path  # DATA/recorder/sight.json
    heard: Path  # DATA/recorder/heard.json
    masks: Path  # DATA/recorder/masks.json
    sayings: Sayings
    packages: dict[tuple[str, str], OpenedPackage] = field(default_factory=dict)
    extractions: dict[str, KeptExtraction] = field(default_factory=dict)
    discovering: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    searching: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def open(cls, settings: DoorSettings, clock: Clock) -> "Door":
        """Open journal and archive. ``Conflict`` when another door has the journal."""
        journal = DoorJournal(settings.journal, settings.own_key, clock)
        beats = Beats(clock)
        said = journal.newest(LineName.DUTY)
        beats.recall(said.body if said else None)
        office = tuple(VerifyKey(key) for key in settings.office_keys)
        looks = Looks(journal, clock)
        heard, masks = (settings.cameras.with_name(file) for file in (heard_file.FILE, masks_file.FILE))
        steered = SteeredCameras(settings.cameras, lambda: office, settings.keys, clock)
        return cls(
            clock=clock,
            public_key=settings.own_key.public_bytes,
            beats=beats,
            admission=Admission(office, settings.own_key, clock, beats),
            journal=journal,
            looks=looks,
            archive=Archive(settings.open_reader),
            feeds=Feeds(settings.run_folder, max_conversions=settings.max_conversions),
            stills=StillMaker(),
            previews=StillMaker(program="preview"),
            grids=StillMaker(program="grid", timeout_s=SEARCH_PATIENCE_S),
            kept_grids=KeptGrids(clock),
            pictures=KeptPictures(clock),
            screens=ScreenMaker(processes=settings.max_conversions),
            control=WriterControl(settings.run_folder / "writer.sock"),
            calls=CallGate({key_id(key): VerifyKey(key) for key in settings.office_keys}),
            vault=settings.vault,
            trials=Trials(settings.keys, clock),
            steering=Steering(steered, looks, clock),
            devices=SteeredCameras(settings.cameras, lambda: office, settings.keys, clock),
            sights=settings.cameras.with_name(FILE),
            heard=heard,
            masks=masks,
            sayings=Sayings(
                journal, (heard, LineName.DEVICE, heard_file.said), (masks, LineName.MASK, masks_file.said)
            ),
        )

    def refuse(self, error: BeffroiError, request: Request, *, route: str, camera: str = "", ticket: str = "") -> None:
        """Leave a trace of a refused look (I2), with the person where ``ticket`` is one of this centre."""
        known = self.admission.known(ticket)
        self.looks.refuse(error, route=route, camera=camera, peer=request.peer, ticket=known)

    async def keep(self) -> None:
        """Once a second: end what fell silent, take in what cameras told. Runs until cancelled."""
        while True:
            await asyncio.sleep(1)
            self.tick()
            await self.sayings.look()
            await self.forget_destroyed()

    async def forget_destroyed(self) -> None:
        """Once a minute: nothing made of a picture stays that the catalogue has no more."""
        places = self.pictures.due()
        if places:
            self.pictures.forget(await self.archive.ask(lambda reader: destroyed(reader, places)))

    def tick(self) -> None:
        """End looks, downloads and extractions whose time is over."""
        now_us = self.clock.now_us()
        self.looks.tick()
        self.trials.tick()
        self.kept_grids.tick()
        self.steering.tick()
        for key in [key for key, one in self.packages.items() if one.until_boot_us < self.clock.since_boot_us()]:
            del self.packages[key]
        for id_ in [id_ for id_, one in self.extractions.items() if one.until_us < now_us]:
            self.forget_extraction(id_, "idle")

    def forget_extraction(self, id_: str, why: str) -> None:
        """Close an extraction and write the totals of its look."""
        kept = self.extractions.pop(id_, None)
        if kept is not None:
            self.looks.end_by_id(kept.look, why)

    async def close(self) -> None:
        """Stop: end all looks, write their totals, let everything go."""
        self.stopping.set()
        for id_ in list(self.extractions):
            self.forget_extraction(id_, "door stopped")
        self.looks.close()
        await self.trials.close()
        await self.stills.close()
        await self.previews.close()
        await self.grids.close()
        await self.screens.close()
        self.archive.close()
        self.control.close()
        await asyncio.to_thread(self.journal.close)
