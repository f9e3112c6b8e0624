"""A shift lease opens live pictures only while the office is silent, only in its browser, and is logged (I14)."""

import secrets

import aiohttp
import pytest

from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.leases import ShiftLease, seal_lease
from beffroi.media.core.tickets import Mode, read_ticket
from tests.media.door.front import CLOCK, Front, browser
from tests.waiting import until_async

HOUR_US = 3_600_000_000


def lease_for(front: Front, binding: str, *, key: SigningKey | None = None, age_us: int = 0) -> str:
    now_us = CLOCK.now_us() - age_us
    lease = ShiftLease(
        id=secrets.token_hex(8),
        grant="duty-1",
        person="person-1",
        person_name="Camille Roux",
        force="PM",
        cameras=(CameraId("cam-1"), CameraId("cam-2")),
        binding=binding,
        shift="shift-1",
        article="CSI L251-3",
        reason="patrol",
        issued_us=now_us,
        until_us=now_us + 8 * HOUR_US,
        purpose="L251-2:5",
    )
    return seal_lease(lease, key or front.office_key)


async def ask(front: Front, session: aiohttp.ClientSession, lease: str, camera: str = "cam-1") -> tuple[int, dict]:
    body = {"lease": lease, "camera": camera}
    async with session.post(f"{front.url}/door/lease", json=body, headers=front.origin) as answer:
        return answer.status, await answer.json()


async def silent(front: Front, session: aiohttp.ClientSession) -> bool:
    async with session.get(f"{front.url}/door/office") as answer:
        return bool((await answer.json())["silent"])


async def test_a_lease_gives_live_tickets_while_the_office_is_silent(front: Front) -> None:
    session, binding = await browser(front)
    async with session:
        front.client().heartbeat([], duty=["duty-1"])
        assert await until_async(lambda: silent(front, session), timeout=30)
        status, data = await ask(front, session, lease_for(front, binding))
        assert status == 200
        ticket = read_ticket(data["ticket"], [VerifyKey(front.door_key.public_bytes)])
        assert (ticket.mode, ticket.cameras, ticket.grant) == (Mode.LIVE, ("cam-1",), "duty-1")
        assert ticket.expires_us - ticket.issued_us <= 60_000_000
        used = [line for line in front.client().journal(0, limit=5_000) if line.name == "lease:use"]
        said = {name: used[-1].body[name] for name in ("shift", "article", "purpose", "reason")}
        assert said == {"shift": "shift-1", "article": "CSI L251-3", "purpose": "L251-2:5", "reason": "patrol"}
        assert ticket.basis.purpose == "L251-2:5", "the look says what it is for"


async def test_a_lease_opens_nothing_while_the_office_beats(front: Front) -> None:
    session, binding = await browser(front)
    async with session:
        front.client().heartbeat([], duty=["duty-1"])
        assert not await silent(front, session)
        status, data = await ask(front, session, lease_for(front, binding))
        assert (status, data["code"]) == (409, "office_present")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("forged", (403, "lease_forged")),
        ("elsewhere", (403, "lease_elsewhere")),
        ("expired", (403, "lease_expired")),
        ("camera", (404, "not_found")),
        ("malformed", (403, "lease_malformed")),
    ],
)
async def test_a_wrong_lease_opens_nothing(front: Front, kind: str, expected: tuple[int, str]) -> None:
    session, binding = await browser(front)
    async with session:
        assert await until_async(lambda: silent(front, session), timeout=30)
        lease = lease_for(
            front,
            secrets.token_hex(32) if kind == "elsewhere" else binding,
            key=SigningKey(secrets.token_bytes(32)) if kind == "forged" else None,
            age_us=9 * HOUR_US if kind == "expired" else 0,
        )
        camera = "cam-9" if kind == "camera" else "cam-1"
        status, data = await ask(front, session, "bl1.x.y" if kind == "malformed" else lease, camera)
        assert (status, data["code"]) == expected


def test_no_lease_is_longer_than_twelve_hours() -> None:
    lease = ShiftLease("i", "g", "p", "n", "PM", (), "0" * 64, "s", "a", "r", 0, 12 * HOUR_US + 1)
    with pytest.raises(ValueError, match="12 hours"):
        seal_lease(lease, SigningKey(bytes(32)))
