"""Exports sent in parts: gone on with where they stopped, seen by nobody else, and nothing hostile gets a byte in."""

import base64
import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import Client

from beffroi.audit.models import Fact
from beffroi.governance import jobs, models
from beffroi.governance.core import intake as intake_core
from beffroi.governance.core import uploads as core
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.people.models import SignIn
from tests.conftest import NOW, MakePerson
from tests.media.rtsp import footage
from tests.plane.evidence.conftest import accepted, investigator, officer, village
from tests.surface.desk.test_exports import browser, export

__all__ = ["accepted", "browser", "investigator", "officer", "village"]
pytestmark = pytest.mark.django_db
PART = 1_000


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "PART_BYTES", PART)


class Sender(NamedTuple):
    """One who sends, as the page's script does."""

    client: Client
    requisition: str

    @property
    def page(self) -> str:
        return f"/desk/requisitions/{self.requisition}/exports/"

    def begin(self, length: Any, name: str = "halle.mp4", **headers: str) -> Any:
        given = {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}", "Tus-Resumable": "1.0.0"}
        return self.client.post(
            f"{self.page}uploads/",
            headers={"Accept": "application/json", "Upload-Length": str(length), **given, **headers},
        )

    def patch(self, url: str, part: bytes, offset: Any, digest: str | None = None, **changed: str) -> Any:
        right = "sha256 " + base64.b64encode(hashlib.sha256(part).digest()).decode()
        headers = {"Upload-Offset": str(offset), "Upload-Checksum": right if digest is None else digest}
        kind = changed.pop("kind", "application/offset+octet-stream")
        return self.client.patch(url, part, kind, headers={"Accept": "application/json", **headers, **changed})

    def send(self, data: bytes, name: str = "halle.mp4") -> tuple[str, str]:
        """The whole of it; the address and the chain."""
        url, chain = self.begin(len(data), name)["Location"], core.START
        for at in range(0, len(data), core.PART_BYTES):
            answer = self.patch(url, data[at : at + core.PART_BYTES], at)
            assert answer.status_code == 204, answer.content
            chain = core.chained(chain, hashlib.sha256(data[at : at + core.PART_BYTES]).digest())
        assert answer["Beffroi-Chain"] == chain
        return url, chain


@pytest.fixture
def sender(browser: Client, accepted: models.Requisition) -> Sender:
    return Sender(browser, accepted.id)


def halves(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "uploads").glob("*-*"))


def id_of(url: str) -> str:
    return url.split("/")[-2]


@pytest.mark.media
def test_a_file_in_parts_is_taken_in_as_the_file_it_is(
    sender: Sender,
    accepted: models.Requisition,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(core, "PART_BYTES", 1 << 20)
    data = footage("02-carpark").read_bytes()
    url, chain = sender.send(data)
    assert "halle.mp4 · complet" in sender.client.get(sender.page).content.decode()
    wrong = export(accepted, b"", start="2020-01-01T00:00:00", upload=id_of(url), chain=chain) | {"file": ""}
    answer = sender.client.post(sender.page, wrong)
    assert (answer.status_code, "hors de la période" in answer.content.decode()) == (422, True)
    assert halves(tmp_path) == [id_of(url)], "what was typed is corrected; nothing is sent again"
    with django_capture_on_commit_callbacks(execute=True):
        right = export(accepted, b"", upload=id_of(url), chain="") | {"file": ""}
        assert sender.client.post(sender.page, right).status_code == 302
    taken = models.Intake.objects.get()
    assert (taken.sha256, taken.name) == (hashlib.sha256(data).hexdigest(), "halle.mp4")
    assert (tmp_path / "intake" / taken.id).read_bytes() == data
    assert (tmp_path / "intake" / taken.id).stat().st_mode & 0o077 == 0
    assert (halves(tmp_path), models.Upload.objects.count()) == ([], 0)


def test_an_upload_goes_on_where_it_stopped(sender: Sender) -> None:
    data = bytes(range(256)) * 10
    url = sender.begin(len(data))["Location"]
    assert sender.patch(url, data[:PART], 0)["Upload-Offset"] == "1000"
    # The answer was lost: the part comes again, is refused, and the page asks how far it is.
    assert sender.patch(url, data[:PART], 0).status_code == 409
    told = sender.client.head(url)
    assert (told["Upload-Offset"], told["Upload-Length"], told["Tus-Resumable"]) == ("1000", "2560", "1.0.0")
    assert told["Beffroi-Chain"] == core.chained(core.START, hashlib.sha256(data[:PART]).digest())
    assert sender.patch(url, data[PART : 2 * PART], PART).status_code == 204
    assert sender.patch(url, data[2 * PART :], 2 * PART)["Upload-Offset"] == "2560"
    assert sender.patch(url, b"x", 2560).status_code == 422, "whole is whole"


def test_a_length_that_cannot_be_is_refused(sender: Sender) -> None:
    for length in (0, -1, "", "x", "1e3", "²", "9" * 400, (8 << 30) + 1):
        assert sender.begin(length).status_code == 422, length
    assert not models.Upload.objects.exists()


def test_hostile_parts_leave_no_byte(sender: Sender, tmp_path: Path) -> None:
    url = sender.begin(2_500)["Location"]
    part = b"p" * PART
    assert sender.patch(url, part, 0).status_code == 204
    tries: list[tuple[int, dict[str, Any]]] = [
        *((409, {"offset": offset}) for offset in (0, 999, 1001, -1, "", "x", "9" * 30, 2_000)),
        *((422, {"part": b"q" * size}) for size in (1, 999, 1_001, 2_500)),
        *((422, {"digest": said}) for said in ("", "sha256", "sha256 AAAA", "sha1 " + "A" * 28, "sha256 " + "é" * 44)),
        (422, {"digest": "sha256 " + base64.b64encode(hashlib.sha256(b"another").digest()).decode()}),
        (415, {"kind": "multipart/form-data; boundary=x"}),
        (412, {"Tus-Resumable": "0.2.2"}),
    ]
    for status, changed in tries:
        given: dict[str, Any] = {"part": part, "offset": PART} | changed
        answer = sender.patch(url, **given)
        assert answer.status_code == status, (changed, answer.content)
    assert sender.client.head(url)["Upload-Offset"] == "1000"
    assert (tmp_path / "uploads" / id_of(url)).read_bytes() == part
    assert (tmp_path / "uploads" / id_of(url)).stat().st_mode & 0o077 == 0
    for name in ("../../keys/office.key", "%2e%2e%2fkeys", "x", id_of(url).upper() + "x"):
        assert sender.patch(f"{sender.page}uploads/{name}/", part, 0).status_code == 404, name


def test_names_are_texts_and_no_paths(sender: Sender, tmp_path: Path) -> None:
    for name in ("../../../etc/passwd", "<script>alert(1)</script>"):
        assert sender.begin(5, name).status_code == 201
    page = sender.client.get(sender.page).content.decode()
    assert "<script>alert" not in page
    assert sender.begin(5, **{"Upload-Metadata": "filename ***, x"}).status_code == 201
    assert halves(tmp_path) == []


def test_nobody_else_sees_or_touches_it(
    sender: Sender, make_person: MakePerson, client_of: Callable[[PersonFacts], Client]
) -> None:
    url = sender.begin(5, "secret-name.mp4")["Location"]
    chief = Sender(client_of(make_person(Role.CHIEF)), sender.requisition)
    assert "secret-name" not in chief.client.get(chief.page).content.decode()
    assert chief.client.head(url).status_code == 404
    assert chief.patch(url, b"12345", 0).status_code == 404
    assert chief.client.delete(url).status_code == chief.client.post(url).status_code == 404
    assert chief.patch(url.replace(sender.requisition, "elsewhere"), b"12345", 0).status_code == 404
    answer = chief.client.post(chief.page, {"upload": id_of(url)})
    assert (answer.status_code, models.Intake.objects.count()) == (422, 0)
    assert sender.client.delete(url).status_code == 204
    assert sender.client.head(url).status_code == 404
    assert sorted(Fact.objects.filter(name__startswith="upload:").values_list("name", flat=True)) == [
        "upload:begin",
        "upload:drop",
    ]


def test_disks_and_persons_have_bounds(
    sender: Sender, accepted: models.Requisition, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = intake_core.SPARE_BYTES + 100
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(room, 0, room))  # type: ignore[attr-defined]
    assert sender.begin(101).status_code == 503
    assert sender.begin(60).status_code == 201
    assert sender.begin(60).status_code == 503, "what was announced is reckoned with"
    assert [sender.begin(5).status_code for _ in range(3)] == [201, 201, 409]
    models.Requisition.objects.filter(pk=accepted.pk).update(state="closed")
    assert sender.begin(5).status_code == 409


@pytest.mark.parametrize("chain", ["", "f" * 64])
def test_what_is_no_video_or_not_what_was_sent_leaves_nothing(
    sender: Sender,
    accepted: models.Requisition,
    tmp_path: Path,
    chain: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    url, _ = sender.send(b"no video")
    with django_capture_on_commit_callbacks(execute=True):
        answer = sender.client.post(sender.page, export(accepted, b"", upload=id_of(url), chain=chain) | {"file": ""})
    assert answer.status_code == 422
    assert ("n’est pas le fichier envoyé" if chain else "pas une vidéo lisible") in answer.content.decode()
    assert (halves(tmp_path), models.Upload.objects.count(), models.Intake.objects.count()) == ([], 0, 0)
    assert list((tmp_path / "intake").iterdir()) == []


def test_a_half_is_not_taken_in(sender: Sender, accepted: models.Requisition) -> None:
    url = sender.begin(1_500)["Location"]
    sender.patch(url, b"x" * PART, 0)
    answer = sender.client.post(sender.page, export(accepted, b"", upload=id_of(url)) | {"file": ""})
    assert (answer.status_code, models.Intake.objects.count()) == (422, 0)
    assert sender.client.post(sender.page, export(accepted, b"") | {"file": ""}).status_code == 422


def test_what_nobody_goes_on_with_is_destroyed_after_a_day(
    sender: Sender, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    url = sender.begin(1_500)["Location"]
    sender.patch(url, b"x" * PART, 0)
    lost = tmp_path / "uploads" / "01a2-lost"
    lost.write_bytes(b"of no row")
    os.utime(lost, 2 * ((NOW + timedelta(hours=22, minutes=30)).timestamp(),))
    assert jobs.drop_outlived_intake(NOW + timedelta(hours=23)) == 0
    assert len(halves(tmp_path)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.drop_outlived_intake(NOW + timedelta(hours=24)) >= 2
    assert (halves(tmp_path), models.Upload.objects.count()) == ([], 0)


def test_parts_are_no_sign_of_life_and_go_through_while_the_page_is_locked(sender: Sender, settings: Any) -> None:
    url = sender.begin(2_500)["Location"]
    seen = SignIn.objects.get().seen_at
    settings.BEFFROI_CLOCK = ManualClock(NOW + timedelta(minutes=10))
    assert sender.patch(url, b"x" * PART, 0).status_code == 204
    assert SignIn.objects.get().seen_at == seen
    sender.client.post("/account/lock/")
    assert sender.client.get(sender.page).status_code == 423
    assert sender.begin(5).status_code == 423
    assert sender.patch(url, b"x" * PART, PART).status_code == 204
    assert sender.client.get(sender.page).status_code == 423
