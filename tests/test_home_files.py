"""Only regular files of the home are read: whatever else lies there is told as a problem of that file, and hangs nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.core.errors import LibraryError, SettingError
from monitor.home_files import MOST_BYTES, UnreadableError, read_text, sqlite_path, sqlite_url, yaml_paths
from monitor.library.live import _stamps
from monitor.library.load import Library, read_folder
from monitor.settings import load
from monitor.storage.store import open_store


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        there = Path.cwd()
        os.chdir(path.parent)  # the name of a socket is short
        try:
            sock.bind(path.name)
        finally:
            os.chdir(there)


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)


#: What lies there, and words of the sentence on it.
ODD = {
    "pipe": (pipe, "is a pipe"),
    "socket": (listening, "is a socket"),
    "folder": (Path.mkdir, "is a folder"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a device"),
    "link to nothing": (lambda path: path.symlink_to("nowhere.yaml"), "leads to a file that is not there"),
    "link to itself": (lambda path: path.symlink_to(path.name), "cannot be read"),
    "no text": (lambda path: path.write_bytes(b"id: \xff"), "cannot be read as text in UTF-8"),
    "endless": (too_large, "is no file of at most 10 MB"),
}


@pytest.fixture(params=ODD)
def odd(request, tmp_path) -> tuple[Path, str]:
    folder = tmp_path / "folder"
    folder.mkdir()
    make, said = ODD[request.param]
    make(folder / "odd.yaml")
    return folder / "odd.yaml", said


def test_it_is_told_and_not_waited_for(odd):
    path, said = odd
    with pytest.raises(UnreadableError, match=said):
        read_text(path)


def test_rules_tell_every_one_of_them(odd):
    path, said = odd
    (path.parent / "second.yaml").symlink_to("nowhere")
    with pytest.raises(LibraryError, match=said) as told:
        read_folder(path.parent)
    assert [Path(problem.path).name for problem in told.value.problems] == ["odd.yaml", "second.yaml"]


def test_a_sheet_stops_its_own_study_only(odd):
    path, said = odd
    library = Library(path.parent, {})
    assert said in library.broken()["odd"][0].what
    assert library.study("keio-ips-sci")
    with pytest.raises(LibraryError, match=said):
        Library.single(path)


def test_settings_are_read_from_a_file_only(odd):
    path, said = odd
    (path.parent / "hypewatch.toml").symlink_to(path)
    with pytest.raises(SettingError, match=said):
        load({"HYPEWATCH_HOME": str(path.parent)})


def test_what_may_not_be_read_is_told_with_what_opens_it(tmp_path, monkeypatch):
    """Root reads everything, so the refusal is played."""
    path = tmp_path / "closed.yaml"
    path.write_text("id: closed")

    def refused(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(UnreadableError, match=r"may not be read by you: `chmod u\+r "):
        read_text(path)


def test_a_folder_that_is_none_is_told(tmp_path):
    assert yaml_paths(tmp_path / "none") == []
    (tmp_path / "rules").write_text("")
    with pytest.raises(LibraryError, match="is a file and not a folder"):
        read_folder(tmp_path / "rules")
    library = Library(tmp_path / "rules", {})
    assert "is a file and not a folder" in library.broken()["rules"][0].what


def test_an_editors_own_link_is_no_rule(tmp_path):
    (tmp_path / ".#mine.yaml").symlink_to("ada@desk.123")
    assert read_folder(tmp_path) == {}


def test_a_link_to_nothing_hides_no_change_of_other_sheets(tmp_path):
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    (tmp_path / "mine.yaml").write_text("id: mine")
    before = _stamps(tmp_path)
    (tmp_path / "mine.yaml").write_text("id: mine, edited")
    assert [name for name, *_ in before] == ["gone.yaml", "mine.yaml"]
    assert _stamps(tmp_path) != before


@pytest.mark.parametrize("command", [["rules", "check"], ["studies", "check"], ["studies", "list"], ["rules", "pull"]])
def test_no_command_hangs(tmp_path, command):
    home = tmp_path / "home"
    for name in ("rules", "studies"):
        (home / name).mkdir(parents=True)
        os.mkfifo(home / name / "x.yaml")
    ran = subprocess.run(
        [sys.executable, "-c", "from monitor.cli import main; main()", *command],
        env={**os.environ, "HYPEWATCH_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    assert command == ["rules", "pull"] or (ran.returncode == 2 and "x.yaml:1:1: is a pipe" in ran.stderr)


@pytest.mark.parametrize(
    "name", ["plain.db", "50% of it.db", "what?.db", "a#b.db", "ä ö'\";&=+.db", "%20.db", "back\\slash.db"]
)
def test_a_file_of_any_name_is_a_database(tmp_path, name):
    path = tmp_path / name
    assert sqlite_path(sqlite_url(path)) == path
    store = open_store(sqlite_url(path))
    store.upgrade()
    store.close()
    assert path.exists()


def test_an_address_as_people_write_it_names_its_file():
    assert sqlite_path("sqlite:////home/me/watch.db?timeout=5") == Path("/home/me/watch.db")
    assert sqlite_path("postgresql://me@host/db") is None
