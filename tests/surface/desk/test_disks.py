"""The recorder’s disks on the health page, in the metrics, on the fault sheet; unknown is neither green nor red."""

import pytest
from django.urls import reverse
from django.utils import translation

from beffroi.media.core.disk_health import Sign, Unreadable
from beffroi.media.core.sight import Trouble
from beffroi.media.core.words import GapCause
from beffroi.web.shared.camera_states import CameraState, StateKind
from beffroi.web.shared.disk_words import FIGURES, SIGNS, UNREADABLE, disk_lines
from beffroi.web.technical.views.fault_sheet import of_disks
from tests.surface.desk.recorder import Troubled, Worn


def test_every_sign_and_reason_has_its_words():
    assert set(SIGNS) == set(Sign)
    assert set(UNREADABLE) == set(Unreadable)
    assert "celsius" in FIGURES


_SAID = {
    "en": ("itself says that it is failing", "is a virtual disk", "8 sectors in doubt", "Replace it", "97 % worn"),
    "fr": ("annonce lui-même sa défaillance", "disque virtuel", "8 secteurs douteux", "À remplacer", "97 % d’usure"),
}


@pytest.mark.parametrize(("language", "said"), _SAID.items())
def test_the_health_page_says_how_each_disk_is(browser, settings, language, said):
    settings.BEFFROI_RECORDER = "tests.surface.desk.recorder.Worn"
    browser.cookies["beffroi_language"] = language
    page = browser.get(reverse("desk:health")).content.decode()
    for words in (*said, "sda · MADE UP 4000 · X1"):
        assert words in page, words
    assert "sdb, vdc, nvme0n1, sda · " in page, "which disks a volume's figures are of"
    rows = page.split("<tr>")
    assert sum('<th scope="row">sda' in row for row in rows) == 1, "of two volumes, one disk"
    (unknown,) = (row for row in rows if '<th scope="row">vdc' in row)
    assert "badge good" not in unknown
    assert "badge bad" not in unknown
    (well,) = (row for row in rows if '<th scope="row">sdb' in row)
    assert "badge good" in well


def test_metrics_tell_of_disks_and_leave_out_what_is_unknown(client, settings, tmp_path):
    settings.BEFFROI_RECORDER = "tests.surface.desk.recorder.Worn"
    settings.BEFFROI_RECORDING = True
    settings.BEFFROI_DATA_DIR = tmp_path
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "metrics.token").write_text("t")
    text = client.get("/metrics", headers={"authorization": "Bearer t"}).content.decode()
    assert 'beffroi_disk_trouble{disk="sda",sign="failing"} 1.0' in text
    assert 'beffroi_disk_trouble{disk="sdb",sign="failing"} 0.0' in text
    assert 'beffroi_disk_reading{disk="sda",of="pending"} 8.0' in text
    assert 'beffroi_disk_readable{disk="vdc"} 0.0' in text
    assert 'beffroi_disk_trouble{disk="vdc"' not in text


def test_the_fault_sheet_names_the_disks_where_one_is_not_well():
    with translation.override("fr"):
        (section,) = of_disks(Worn().status(), [])
    assert section["title"] == "Disques de l’enregistreur"
    name, words = section["rows"][0]
    assert name == "sda · MADE UP 4000 · X1"
    assert "défaillance" in words
    assert len(section["rows"]) == 4
    assert disk_lines(None) == disk_lines(Troubled().status()) == []
    assert of_disks(None, [("", CameraState(StateKind.SILENT, cause=GapCause.STORAGE, trouble=Trouble.BLACK))]) == []
