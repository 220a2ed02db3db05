"""The package as others get it: what is in the files, and that it says what it is."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import filmgate

FOLDER = Path(__file__).parents[1]
DIST = os.environ.get("FILMGATE_DIST")
SOURCES = sorted(path.relative_to(FOLDER / "src").as_posix() for path in (FOLDER / "src").rglob("*.py"))


@pytest.mark.skipif(DIST is None, reason="npm run check:python builds it")
def test_the_files_hold_the_package_and_nothing_else() -> None:
    (wheel,) = Path(str(DIST)).glob("*.whl")
    (sdist,) = Path(str(DIST)).glob("*.tar.gz")
    package = {*SOURCES, "filmgate/py.typed"}
    with zipfile.ZipFile(wheel) as files:
        names = {name for name in files.namelist() if ".dist-info/" not in name}
        metadata = [name for name in files.namelist() if name.endswith((".dist-info/METADATA", "/LICENSE"))]
    assert names == package
    assert len(metadata) == 2
    with tarfile.open(sdist) as files_of_sdist:
        inside = {name.split("/", 1)[1] for name in files_of_sdist.getnames()}
    expected = {f"src/{name}" for name in package} | {"README.md", "LICENSE", "pyproject.toml", "PKG-INFO"}
    assert inside - {".gitignore"} == expected


@pytest.mark.skipif(DIST is None, reason="npm run check:python installs it")
def test_what_is_tested_is_what_was_installed() -> None:
    assert FOLDER not in Path(filmgate.__file__).parents
    metadata = importlib.metadata.metadata("filmgate")
    assert metadata["Version"] == filmgate.__version__
    needs = [need.split(";")[0] for need in importlib.metadata.requires("filmgate") or []]
    assert [need.split(">")[0].split("<")[0] for need in needs] == ["httpx", "typing-extensions"]
    assert metadata["License-Expression"] == "MIT"


def test_names_what_callers_may_rely_on() -> None:
    assert sorted(filmgate.__all__, key=str.casefold) == sorted(set(filmgate.__all__), key=str.casefold)
    assert all(hasattr(filmgate, name) for name in filmgate.__all__)


def test_licence_and_version_are_those_of_the_whole() -> None:
    whole = json.loads((FOLDER.parents[1] / "package.json").read_text("utf-8"))
    assert filmgate.__version__ == whole["version"]
    assert (FOLDER / "LICENSE").read_text() == (FOLDER.parents[1] / "LICENSE").read_text()


def test_is_imported_without_a_warning_and_quickly_enough_to_be_a_script() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import filmgate; print(filmgate.__version__)"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert run.stdout.strip() == filmgate.__version__
