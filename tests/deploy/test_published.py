"""What is published: a wheel and a source archive with the licence and how to cite in them, and nothing that belongs to tests."""

from __future__ import annotations

import email
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: What CFF 1.2.0 asks of every file, and what each author without a person's name must have.
REQUIRED = {"cff-version", "message", "title", "authors"}
TYPES = {
    **dict.fromkeys(("cff-version", "message", "title", "abstract", "version", "license", "type"), str),
    **dict.fromkeys(("authors", "keywords"), list),
}
BUILD = "import sys; from hatchling import build; print(getattr(build, 'build_' + sys.argv[1])(sys.argv[2]))"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """`built("wheel")`, `built("sdist")`: made as a packager makes it; its path."""
    folder = tmp_path_factory.mktemp("dist")

    def make(kind: str) -> Path:
        done = subprocess.run(
            [sys.executable, "-c", BUILD, kind, str(folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return folder / done.stdout.strip().splitlines()[-1]

    return make


def test_the_wheel_carries_licence_and_citation(built):
    with zipfile.ZipFile(built("wheel")) as wheel:
        names = wheel.namelist()
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(wheel.read(info))
        licence = wheel.read(info.replace("METADATA", "licenses/monitor/LICENSE")).decode()
        assert wheel.read("monitor/CITATION.cff").decode() == (ROOT / "monitor" / "CITATION.cff").read_text()
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["monitor/LICENSE"]
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert not any(name.startswith(("tests/", "monitor/training/")) for name in names)


def test_the_source_archive_carries_them_too(built):
    with tarfile.open(built("sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"monitor/LICENSE", "monitor/CITATION.cff", "pyproject.toml", "README.md", "deploy/Dockerfile"} <= names


def test_the_citation_is_whole_and_says_what_the_project_says():
    held = yaml.safe_load((ROOT / "monitor" / "CITATION.cff").read_text(encoding="utf-8"))
    assert set(held) >= REQUIRED
    assert {name: type(value) for name, value in held.items()} == {name: TYPES[name] for name in held}
    assert held["cff-version"] == "1.2.0"
    assert held["type"] == "software"
    assert all(author.get("name") or author.get("family-names") for author in held["authors"])
    assert (held["version"], held["license"]) == (PROJECT["version"], PROJECT["license"])
    assert held["keywords"] == PROJECT["keywords"]
    assert held["abstract"] == PROJECT["description"]
