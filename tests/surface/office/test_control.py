"""The rule table and the inspection bundle through the pages, the worker's reconciler and the command line (J6)."""

import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from beffroi.audit import jobs as audit
from beffroi.audit.core.checkpoints import NoteKey
from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.files import log_key
from beffroi.audit.models import Fact
from beffroi.config.commands.audit import app
from beffroi.governance import models
from beffroi.governance.actions import control as acts
from beffroi.governance.files.inspection_check import check_bundle
from beffroi.governance.jobs import reconcile_bundles
from beffroi.people.core.roles import Role
from beffroi.web.office.bundle_sheets import sheets
from tests.conftest import NOW, MakePerson
from tests.surface.office.control_world import StatusOf, recorded, use_recorder, village


@pytest.fixture
def recorder(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> StatusOf:
    cameras = village(tmp_path, settings)
    source = StatusOf(recorded(*cameras))
    use_recorder(monkeypatch, source)
    return source


@pytest.fixture
def dpo(recorder: StatusOf, make_person: MakePerson, client_of: Any) -> Any:
    return client_of(make_person(Role.DPO, name="Inès Castel"))


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.INVESTIGATOR, Role.TECHNICIAN])
def test_others_find_nothing(recorder: StatusOf, make_person: MakePerson, client_of: Any, role: Role) -> None:
    browser = client_of(make_person(role))
    for path in ("rules/", "rules/paper/", "inspection/", "inspection/bundles/", "inspection/x/", "rights/"):
        assert browser.get(f"/office/{path}").status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_rule_stands_on_the_page(dpo: Any, language: str) -> None:
    dpo.cookies["beffroi_language"] = language
    page = dpo.get("/office/rules/").content.decode()
    for number in range(1, 47):
        assert f'id="R-{number:02}"' in page
    assert ("pas encore appliquée" if language == "fr" else "not enforced yet") in page
    assert "cameras_authorised" in page
    assert Fact.objects.filter(name="rules:read").count() == 1


def test_a_camera_that_kept_too_long_is_named_and_a_silent_recorder_is_unknown(dpo: Any, recorder: StatusOf) -> None:
    cameras = [one.camera for one in recorder.said.cameras] if recorder.said else []
    recorder.said = recorded(*cameras, days=40)
    page = dpo.get("/office/rules/?standing=fails").content.decode()
    assert 'id="R-08"' in page
    assert "3 · Place de la Halle" in page
    recorder.said = None
    assert 'id="R-08"' in dpo.get("/office/rules/?standing=unknown").content.decode()
    assert 'id="R-08"' not in dpo.get("/office/rules/?standing=holds").content.decode()


def test_a_paper_entered_moves_its_rule(dpo: Any) -> None:
    assert 'id="R-36"' in dpo.get("/office/rules/?standing=fails").content.decode()
    wrong = dpo.post("/office/rules/paper/", {"kind": "panel", "reference": "P", "dated": "2027-01-01"})
    assert wrong.status_code == 422
    given = {"kind": "dpia", "reference": "AIPD 2026", "dated": "2026-11-22"}
    assert dpo.post("/office/rules/paper/", given).status_code == 302
    page = dpo.get("/office/rules/?standing=holds").content.decode()
    assert 'id="R-36"' in page
    assert "AIPD 2026" in page
    assert Fact.objects.filter(name="compliance:enter").count() == 1


def test_the_mayor_reads_and_may_not_enter(recorder: StatusOf, make_person: MakePerson, client_of: Any) -> None:
    mayor = client_of(make_person(Role.MAYOR))
    assert "/office/rules/paper/" not in mayor.get("/office/rules/").content.decode()
    assert mayor.post("/office/rules/paper/", {}).status_code == 404


def _made(dpo: Any, recorder: StatusOf, seed: str = "LIL 2026/41") -> models.InspectionBundle:
    given = {"for_whom": "CNIL, contrôle 2026-117", "seed": seed}
    assert dpo.post("/office/inspection/make/", given).status_code == 302
    assert "hx-get" in dpo.get("/office/inspection/").content.decode()
    assert reconcile_bundles(recorder, sheets, NOW) == 1
    return models.InspectionBundle.objects.get()


def test_one_click_makes_a_bundle_that_a_stranger_verifies(dpo: Any, recorder: StatusOf, tmp_path: Path) -> None:
    audit.sequence(NOW)
    assert dpo.post("/office/audit/verify/").status_code == 302
    audit.sequence(NOW)
    row = _made(dpo, recorder)
    assert row.state == "built", row.failure
    assert "hx-get" not in dpo.get("/office/inspection/bundles/").content.decode()
    answer = dpo.get(f"/office/inspection/{row.id}/")
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)
    report = check_bundle(path, key=log_key())
    assert report.faults == []
    assert report.sampled == min(row.sample, report.log_size) > 10
    assert report.earlier == 1, "the checkpoint kept before the log grew"
    names = {name.partition("/")[2] for name in zipfile.ZipFile(BytesIO(answer.content)).namelist()}
    for stem in (
        "registers/requisitions", "registers/viewings", "registers/extractions", "registers/destructions",
        "registers/relays", "registers/holds", "registers/processing", "registers/rights", "registers/anomalies",
        "rules/rules", "law/authorisations", "law/due-dates", "retention/retention",
    ):  # fmt: skip
        assert {f"{stem}.csv", f"{stem}.pdf"} <= names
    assert {"LISEZ-MOI.txt", "README.txt", "manifest-sha256.txt", "manifest-sha256.txt.tsr"} <= names
    facts = set(Fact.objects.filter(name__startswith="bundle:").values_list("name", flat=True))
    assert facts == {"bundle:request", "bundle:build", "bundle:read"}


def test_plain_sha256sum_and_openssl_agree(dpo: Any, recorder: StatusOf, tmp_path: Path) -> None:
    row = _made(dpo, recorder)
    zipfile.ZipFile(BytesIO(dpo.get(f"/office/inspection/{row.id}/").content)).extractall(tmp_path)
    root = tmp_path / row.name
    done = subprocess.run(["sha256sum", "-c", "manifest-sha256.txt"], cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    stamp = [
        "openssl", "ts", "-verify", "-data", "manifest-sha256.txt", "-in", "manifest-sha256.txt.tsr", "-CAfile",
        "stamp-authority.pem", "-attime", str(int((NOW + timedelta(minutes=1)).timestamp())),
    ]  # fmt: skip
    checked = subprocess.run(stamp, cwd=root, capture_output=True, check=False, text=True)
    assert checked.returncode == 0, checked.stderr


def test_the_command_says_good_bad_and_unchecked(dpo: Any, recorder: StatusOf, tmp_path: Path) -> None:
    row = _made(dpo, recorder)
    data = bytearray(dpo.get(f"/office/inspection/{row.id}/").content)
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    run = CliRunner().invoke
    good = run(app, ["verify-bundle", str(path), "--key", log_key().to_text(), "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.output)["good"] is True
    data[data.index(b"Halle")] ^= 1
    path.write_bytes(data)
    bad = run(app, ["verify-bundle", str(path)])
    assert bad.exit_code == 1
    assert "BAD" in bad.output
    other = NoteKey("else", bytes(range(32))).to_text()
    assert run(app, ["verify-bundle", str(tmp_path / row.name), "--key", other]).exit_code != 0
    missing = subprocess.run(
        [sys.executable, "-m", "beffroi.config.cli", "audit", "verify-bundle", str(tmp_path / "none.zip")],
        capture_output=True, check=False,
    )  # fmt: skip
    assert missing.returncode == 2


def test_there_is_no_secret_and_no_picture_in_it(dpo: Any, recorder: StatusOf, settings: Any) -> None:
    row = _made(dpo, recorder)
    data = dpo.get(f"/office/inspection/{row.id}/").content
    keys = Path(settings.BEFFROI_DATA_DIR) / "keys"
    for one in keys.glob("*.key"):
        secret = one.read_bytes()
        assert secret not in data
        assert secret.hex().encode() not in data
    assert b"rtsp://" not in data
    assert not [name for name in zipfile.ZipFile(BytesIO(data)).namelist() if name.endswith((".mp4", ".jpg", ".png"))]


def test_a_silent_recorder_is_said_in_the_bundle(dpo: Any, recorder: StatusOf) -> None:
    recorder.said = None
    row = _made(dpo, recorder)
    archive = zipfile.ZipFile(BytesIO(dpo.get(f"/office/inspection/{row.id}/").content))
    proof = archive.read(f"{row.name}/retention/retention.csv").decode("utf-8-sig")
    assert proof.count("inconnu") == 2


def test_bad_seeds_too_many_and_the_term_of_the_file(dpo: Any, recorder: StatusOf) -> None:
    assert dpo.post("/office/inspection/make/", {"for_whom": "CNIL", "seed": "<script>"}).status_code == 422
    assert dpo.post("/office/inspection/make/", {"for_whom": " ", "seed": ""}).status_code == 422
    row = _made(dpo, recorder)
    for _ in range(acts.MAX_WAITING):
        acts.request_bundle(actor=SYSTEM, for_whom="CNIL", now=NOW)
    assert dpo.post("/office/inspection/make/", {"for_whom": "CNIL"}).status_code == 409
    models.InspectionBundle.objects.filter(state="requested").delete()
    reconcile_bundles(recorder, sheets, NOW + acts.KEPT)
    row.refresh_from_db()
    assert row.deleted_at is not None
    assert not (acts.folder(row.name) / "bundle.zip").exists()
    assert dpo.get(f"/office/inspection/{row.id}/").status_code == 404


def test_a_log_without_checkpoint_fails_three_times_and_says_why(
    db: None, tmp_path: Path, settings: Any, make_person: MakePerson
) -> None:
    from tests.requisition_world import make_keys

    make_keys(tmp_path, settings)
    asked = make_person(Role.DPO)
    from beffroi.people import queries as people

    row = acts.request_bundle(actor=people.actor_of(asked), for_whom="CNIL", now=NOW)
    for _ in range(acts.MAX_TRIES):
        assert reconcile_bundles(StatusOf(), sheets, NOW) == 0
    row.refresh_from_db()
    assert row.state == "failed"
    assert "checkpoint" in row.failure
    audit.sequence(NOW)
    assert Fact.objects.filter(name="bundle:fail").count() == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_pasted_checkpoint_is_found_in_the_log_and_a_forged_one_is_refused(dpo: Any, language: str) -> None:
    dpo.cookies["beffroi_language"] = language
    audit.sequence(NOW)
    note = dpo.get("/office/audit/checkpoint.txt").content.decode()
    told = dpo.post("/office/audit/compare/", {"checkpoint": f"BEFFROI1\r\n{'0' * 64}\r\n{note}"})
    assert told.status_code == 200
    assert ("contient sans changement" if language == "fr" else "contains it unchanged") in told.content.decode()
    assert dpo.post("/office/audit/compare/", {"checkpoint": "no checkpoint"}).status_code == 422
    forged = dpo.post("/office/audit/compare/", {"checkpoint": note.replace("\n", "\n1", 1)})
    assert ("ne porte pas" if language == "fr" else "does not bear") in forged.content.decode()
    asked = {json.loads(one.body)["growth"] for one in Fact.objects.filter(name="log:compare")}
    assert asked == {"contained", "forged"}, "whoever asks stands in the log; what is no checkpoint asked nothing"
