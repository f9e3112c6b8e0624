"""The key of camera secrets is changed: everything opens before, during and after, and nothing needs the old one."""

from pathlib import Path

import pytest

from beffroi.audit.models import Fact
from beffroi.config.setup import KEYS
from beffroi.kernel.errors import Invalid
from beffroi.media.archive.settings_file import camera_keys
from beffroi.media.core.secrets import open_secret
from beffroi.sites import queries
from beffroi.sites.actions.sealing import change_camera_key, forget_old_keys
from beffroi.sites.files import camera_key, secrets_key
from beffroi.sites.jobs import _settings
from beffroi.sites.models import Camera
from tests.conftest import NOW
from tests.plane.sites.conftest import CHIEF


def test_a_changed_key_opens_everything_and_the_old_one_nothing(lawful: str, keys: Path) -> None:
    before, old = Camera.objects.get(pk=lawful), secrets_key()
    held_by_recorder = _settings(NOW)
    assert change_camera_key(actor=CHIEF, now=NOW) == 1
    after = Camera.objects.get(pk=lawful)
    assert after.password_sealed != before.password_sealed
    for sealed in (before.password_sealed, after.password_sealed):
        assert open_secret(camera_keys(keys), sealed, camera=lawful) == "very secret", "the recorder reads both"
    assert not forget_old_keys(recorder=held_by_recorder, actor=CHIEF, now=NOW), "its copy still needs the old key"
    assert len(camera_key()) == 64
    assert forget_old_keys(recorder=_settings(NOW), actor=CHIEF, now=NOW)
    assert open_secret(camera_key(), after.password_sealed, camera=lawful) == "very secret"
    for sealed in (after.password_sealed, after.main_url_sealed, after.username_sealed):
        with pytest.raises(Invalid):
            open_secret(old, sealed, camera=lawful)
    assert secrets_key() == old, "papers and second factors hang on it"
    assert (keys / "camera.key").stat().st_mode & 0o777 == 0o600
    assert "secrets" in KEYS
    told = {fact.name for fact in Fact.objects.filter(subject="secrets:cameras")}
    assert told == {"secrets:rotate", "secrets:forget"}
    assert queries.sources()[lawful].password == after.password_sealed


def test_a_secret_that_cannot_be_read_changes_nothing_else(lawful: str, keys: Path) -> None:
    Camera.objects.filter(pk=lawful).update(password_sealed="bs1.AAAA")
    before = Camera.objects.get(pk=lawful)
    with pytest.raises(Invalid, match="cannot be read"):
        change_camera_key(actor=CHIEF, now=NOW)
    assert Camera.objects.get(pk=lawful).main_url_sealed == before.main_url_sealed
    assert open_secret(camera_key(), before.main_url_sealed, camera=lawful), "every old key still stands in the ring"
    assert not forget_old_keys(recorder=None, actor=CHIEF, now=NOW)
