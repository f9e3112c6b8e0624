"""One sealed package for the module that asks for it, and copies of its folder to spoil."""

import shutil
from pathlib import Path

import pytest

from beffroi.governance.files import bags
from tests.unit.governance import evidence_packages as made


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vault = tmp_path_factory.mktemp("vault")
    made.make(vault)
    return vault / made.NAME / "package.zip"


@pytest.fixture(scope="module")
def original(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bags.unpack(package, tmp_path_factory.mktemp("original"))


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / made.NAME))
