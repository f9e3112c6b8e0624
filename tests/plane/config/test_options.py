"""The one configuration file: documented, at most 25 keys, wrong ones named, the environment above the file."""

from pathlib import Path

import pytest

from beffroi.config.options import Options, load_options
from beffroi.config.setup import environment, only_instance, prepare
from beffroi.kernel.errors import Conflict, Invalid

REFERENCE = Path(__file__).parents[3] / "docs/reference/configuration.md"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for key in [key for key in os.environ if key.startswith("BEFFROI_")]:
        monkeypatch.delenv(key)
    monkeypatch.chdir(tmp_path)


def test_at_most_twenty_five_keys_and_each_is_documented() -> None:
    keys = set(Options.model_fields)
    assert len(keys) <= 25
    text = REFERENCE.read_text()
    assert {key for key in keys if f"`{key}`" not in text} == set()
    assert all(field.description for field in Options.model_fields.values())


def test_command_line_over_environment_over_file_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_options().port == 8000
    file = tmp_path / "beffroi.toml"
    file.write_text('port = 8100\nhosts = ["video.saint-aubin.invalid"]\n')
    assert load_options().port == 8100
    assert load_options(file).hosts == ["video.saint-aubin.invalid"]
    monkeypatch.setenv("BEFFROI_PORT", "8200")
    monkeypatch.setenv("BEFFROI_HOSTS", "a.invalid, b.invalid")
    assert load_options(file).port == 8200
    assert load_options(file).hosts == ["a.invalid", "b.invalid"]
    assert load_options(file, port=8300).port == 8300


@pytest.mark.parametrize(
    ("text", "key"), [("prot = 8000", "prot"), ("port = 70000", "port"), ('log_level = "loud"', "log_level")]
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(Invalid, match=rf"{key}: .*wrong\.toml") as refused:
        load_options(file)
    assert key in refused.value.fields


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no configuration file"):
        load_options(tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("port = = 8")
    with pytest.raises(Invalid, match="is not TOML"):
        load_options(tmp_path / "broken.toml")


def test_a_data_folder_that_cannot_be_made_is_named_with_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for data, why in ((tmp_path / "file", "File exists"), (tmp_path / "file" / "below", "Not a directory")):
        with pytest.raises(Conflict, match=f"{data}: {why}.*--data"), only_instance(data):
            pass


def test_what_the_file_says_of_disks_reaches_the_recorder_which_is_not_given_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "elsewhere.toml"
    file.write_text(
        'volumes = ["/srv/one, two", "beside"]\nemergency_volume = "/srv/emergency"\n'
        "keep_free_gb = 7.5\nvolume_quota_gb = 900\ncamera_quota_gb = 12.25\n"
    )
    options = load_options(file, data=tmp_path / "data", run=tmp_path / "run")
    for key, value in environment(options, prepare(options)).items():
        if key.startswith("BEFFROI_"):
            monkeypatch.setenv(key, value)
    monkeypatch.delenv("BEFFROI_SECRET_KEY")
    part = load_options(data=tmp_path / "data")
    assert part.storage == options.storage
    assert part.storage.volumes == ("/srv/one, two", str(tmp_path / "beside"))
    assert part.storage.emergency == "/srv/emergency"


def test_every_key_reaches_the_parts_which_are_not_given_the_file(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.toml"
    file.write_text(
        'tsa_url = "http://tsa.invalid"\nsmtp_url = "smtp://mail.invalid"\nmail_from = "a@b.invalid"\n'
        'sms_url = "http://sms.invalid"\ndatabase_url = "postgresql://db.invalid/x"\nplain_port = 8081\n'
        'certificate_key = "key.pem"\npublic_url = "http://video.invalid"\n'
    )
    options = load_options(file, data=tmp_path / "data", run=tmp_path / "run")
    told = environment(options, prepare(options))
    elsewhere = {"outer", "certificate"}  # put in only where they are set
    assert {key for key in Options.model_fields if f"BEFFROI_{key.upper()}" not in told} - elsewhere == set()
