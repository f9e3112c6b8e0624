"""Founding a centre from one file: every fault by its place, twice the same, passwords kept sealed."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from beffroi.audit.models import Fact
from beffroi.config.founding.found import found
from beffroi.config.founding.sheet import read_sheet
from beffroi.kernel.errors import Invalid
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from tests.conftest import NOW

EXAMPLE = Path(__file__).parents[3] / "docs" / "guide" / "founding-example.yaml"
pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(data_dir):
    (data_dir / "keys" / "secrets.key").write_bytes(bytes(32))


def changed(tmp_path, change):
    data = yaml.safe_load(EXAMPLE.read_text())
    change(data)
    path = tmp_path / "sheet.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True))
    return path


def test_the_example_founds_a_centre_whose_camera_records(keys, monkeypatch):
    monkeypatch.setenv("CAMERA_1_PASSWORD", "s3cret-of-camera")
    said = []
    passwords = found(read_sheet(EXAMPLE), now=NOW, say=said.append)
    assert set(passwords) == {"cheffe", "garde", "mairie", "technicien"}
    assert len(set(passwords.values())) == 4
    camera = sites.by_number(1)
    assert camera.commissioned_at == NOW
    assert camera.insee == "99200"
    assert sites.networks_in_force() == ("192.0.2.0/24",), "else the recorder would not call the camera"
    assert Role.CHIEF in next(one for one in people.persons(now=NOW) if one.name == "Lucie Brandt").roles
    assert not Fact.objects.filter(body__contains="s3cret").exists()
    assert not any("s3cret" in line for line in said)
    facts = Fact.objects.count()
    assert found(read_sheet(EXAMPLE), now=NOW, say=said.append) == {}
    assert Fact.objects.count() == facts, "a second time enters nothing"


def test_a_missing_camera_password_stops_before_the_camera_records(keys, monkeypatch):
    monkeypatch.delenv("CAMERA_1_PASSWORD", raising=False)
    with pytest.raises(Invalid, match="CAMERA_1_PASSWORD"):
        found(read_sheet(EXAMPLE), now=NOW, say=lambda line: None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d["commune"].update(insee="1"), "commune.insee"),
        (lambda d: d["persons"][0].update(roles=["king"]), "persons.0.roles"),
        (lambda d: d["persons"][0].update(unit="Garde royale"), "Garde royale"),
        (lambda d: d["persons"][1].update(account="cheffe"), "same account"),
        (lambda d: d["cameras"][0].update(url="rtsp://user:pass@192.0.2.1/"), "cameras.0.url"),
        (lambda d: d["cameras"][0].update(url="file:///etc/passwd"), "cameras.0.url"),
        (lambda d: d["cameras"][0].update(retention_days=32), "retention_days"),
        (lambda d: d["cameras"][0].update(purposes=["fun"]), "purposes"),
        (lambda d: d["cameras"].append(deepcopy(d["cameras"][0])), "same number"),
        (lambda d: d["masks"].update(reviewed_by="technicien"), "R-05"),
        (lambda d: d.pop("networks"), "camera 1 at 192.0.2.10 is in no declared network"),
        (lambda d: d["networks"][0].update(network="0.0.0.0/0"), "cannot be declared"),
        (lambda d: d.update(colour="blue"), "colour"),
        (lambda d: d.pop("units"), "units"),
    ],
)
def test_each_fault_is_named_by_its_place(tmp_path, change, place):
    with pytest.raises(Invalid, match=place):
        read_sheet(changed(tmp_path, change))


@pytest.mark.parametrize(
    "text", ["", "[]", "a: [", "a: &x [1]\nb: *x", "\x00", "commune: !!python/object:os.system x", "a" * 600_000]
)
def test_what_is_no_sheet_is_refused(tmp_path, text):
    path = tmp_path / "sheet.yaml"
    path.write_text(text)
    with pytest.raises(Invalid):
        read_sheet(path)
    with pytest.raises(Invalid):
        read_sheet(tmp_path / "absent.yaml")
