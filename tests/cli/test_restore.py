"""A new machine: the home is empty, the path is another, and the next digest is the same byte for byte. And who may read."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.cli.doctor import CHECKS
from monitor.pipeline.deliver import compose_digest
from monitor.service import Service
from monitor.settings import load

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2027, 3, 3, 12, tzinfo=UTC)


def line(number: int) -> str:
    text = f"A paralysed man is walking again after Keio University's iPS cells, paper {number} says."
    return json.dumps(
        {
            "url": f"https://o{number}.example/a",
            "title": "Keio iPS cells: man is walking again",
            "text": text,
            "published": f"2027-03-02T1{number}:00:00Z",
        }
    )


@pytest.fixture
def used(bare, tmp_path):
    """A home with mentions, feeds and a reader."""
    return filled(bare, tmp_path)


def filled(bare, tmp_path):
    bare.set(secret_key="kept elsewhere")
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(line(number) for number in range(3)))
    bare.ok("mentions", "import", lines)
    bare.ok("feeds", "add", "https://real.example/feed.xml")
    bare.ok("subscribers", "add", "ada@example.org", "--confirmed")
    return bare


def preview(home: Path, url: str = "") -> bytes:
    given = {"HYPEWATCH_HOME": str(home), "HYPEWATCH_SECRET_KEY": "kept elsewhere", "HYPEWATCH_DATABASE_URL": url}
    service = Service(load(given), clock=lambda: NOW)
    try:
        _, _, printed = compose_digest(service.deps, service.store.subscription(1), NOW)
    finally:
        service.store.close()
    return printed.mime


def test_the_next_digest_on_an_empty_machine_is_the_same_byte_for_byte(used, tmp_path):
    before = preview(used.home)
    assert b"walking again" in before
    used.ok("db", "backup", tmp_path / "saved.db")
    new = tmp_path / "another" / "place" / "home"
    used.set(home=str(new))
    assert used.ok("db", "restore", tmp_path / "saved.db", "--yes") == "Restored.\n"
    assert preview(new) == before
    assert (new.stat().st_mode & 0o777, (new / "hypewatch.db").stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize(("old", "new"), [("", "postgresql"), ("postgresql", "postgresql"), ("postgresql", "")])
def test_so_it_is_whichever_databases_the_two_machines_have(bare, request, tmp_path, old, new):
    """The drill with PostgreSQL on either side; the new one has no table yet."""
    urls = {
        "old": request.getfixturevalue("postgresql_url") if old else f"sqlite:///{bare.home / 'hypewatch.db'}",
        "new": request.getfixturevalue("empty_postgresql_url") if new else f"sqlite:///{tmp_path / 'new.db'}",
    }
    bare.set(database_url=urls["old"])
    filled(bare, tmp_path)
    before = preview(bare.home, urls["old"])
    assert b"walking again" in before
    bare.ok("db", "backup", tmp_path / "saved.db")
    home = tmp_path / "another" / "home"
    bare.set(home=str(home), database_url=urls["new"])
    assert bare.ok("db", "restore", tmp_path / "saved.db", "--yes") == "Restored.\n"
    assert preview(home, urls["new"]) == before


def test_saved_rules_come_back_as_files_too(used, tmp_path):
    """Else the next `rules save` on the new machine would not know them."""
    used.ok("rules", "new", "our-moonshot", "--words", "moonshot for mankind")
    path = used.home / "rules" / "our-moonshot.yaml"
    text = path.read_text().replace("Write here why these words mislead.", "It is none.")
    path.write_text(text.replace("Write here what could be said instead.", "Four people were treated."))
    used.ok("rules", "save")
    used.ok("db", "backup", tmp_path / "saved.db")
    new = tmp_path / "new"
    used.set(home=str(new))
    said = used.ok("db", "restore", tmp_path / "saved.db", "--yes")
    assert said == f"Restored.\nWritten to {new / 'rules'}: our-moonshot.yaml.\n"
    assert (new / "rules" / path.name).read_text() == path.read_text()


def test_a_backup_says_what_is_not_in_it(bare):
    bare.ok("subscribers", "add", "ada@example.org", "--confirmed")
    (bare.home / "studies").mkdir()
    (bare.home / "hypewatch.toml").write_text("port = 8081\n")
    ran = bare("db", "backup", bare.home / "saved.db")
    assert ran.code == 0
    assert str(bare.home / "studies") in ran.told
    assert str(bare.home / "hypewatch.toml") in ran.told
    assert "signs links" in ran.told


def test_what_is_wrong_with_a_backup_is_said_of_the_backup_and_nothing_changes(used, tmp_path):
    saved = tmp_path / "saved.db"
    used.ok("db", "backup", saved)
    whole = saved.read_bytes()
    before = preview(used.home)

    saved.write_bytes(whole[:4096] + b"\xff" * 60_000 + whole[64_096:])
    ran = used("db", "restore", saved, "--yes")
    assert (ran.code, ran.told) == (1, f"The backup {saved} is damaged; nothing was changed. Use another backup.")

    saved.write_bytes(whole)
    conn = sqlite3.connect(saved)
    conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.commit()
    conn.close()
    ran = used("db", "restore", saved, "--yes")
    assert ran.told == (
        f"The backup {saved} was written by a newer version of Hypewatch; nothing was changed. "
        "Upgrade Hypewatch, then restore it."
    )

    live = used.home / "hypewatch.db"
    for ran in (used("db", "backup", live), used("db", "restore", live, "--yes")):
        assert ran.code == 1
        assert ran.told.startswith(f"{live} is the database itself.")
    assert preview(used.home) == before


def test_a_full_disk_is_that_of_the_backup(used, tmp_path):
    """A limit on the size of files stands in for the disk; the database itself is not written."""

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    used.ok("db", "upgrade")
    code = (
        "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from pathlib import Path\nfrom monitor.core.errors import StorageError\n"
        "from monitor.storage.backup import backup\n"
        "try:\n    backup(sys.argv[1], Path(sys.argv[2]))\nexcept StorageError as error:\n    print(error)\n"
    )
    file = tmp_path / "saved.db"
    done = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{used.home / 'hypewatch.db'}", str(file)],
        capture_output=True,
        text=True,
        preexec_fn=no_room,
        check=True,
    )
    assert str(file) in done.stdout
    assert "hypewatch.db" not in done.stdout
    assert not file.exists()
    assert list(tmp_path.glob(".hypewatch-*")) == []


# --- who may read ----------------------------------------------------------------------------------------------------


def modes(*paths: Path) -> list[str]:
    return [oct(path.stat().st_mode & 0o777) for path in paths]


def test_home_and_mails_are_for_one_pair_of_eyes(used, tmp_path):
    used.ok("digest", "send", "1")
    used.ok("digest", "preview", "1", "--out", tmp_path / "out")
    (mail,) = (used.home / "outbox").glob("*.eml")
    written = sorted((tmp_path / "out").iterdir())
    assert len(written) == 3
    assert modes(used.home, used.home / "outbox") == ["0o700", "0o700"]
    assert modes(mail, used.home / "hypewatch.db", *written) == ["0o600"] * 5


def test_an_old_home_is_put_right(used):
    used.ok("digest", "send", "1")
    (mail,) = (used.home / "outbox").glob("*.eml")
    for path, mode in ((mail, 0o644), (used.home / "outbox", 0o755), (used.home / "hypewatch.db", 0o644)):
        path.chmod(mode)
    used.home.chmod(0o755)
    used.ok("subscribers", "list")
    assert modes(used.home, mail, used.home / "hypewatch.db") == ["0o700", "0o600", "0o600"]


def test_all_that_is_written_is_for_one_pair_of_eyes_whatever_the_umask(used, tmp_path):
    shutil.rmtree(used.home / "rules", ignore_errors=True)
    before = os.umask(0)
    try:
        used.ok("rules", "new", "our-moonshot", "--words", "moonshot for mankind")
        used.ok("studies", "new", "my-study")
        used.ok("digest", "send", "1")
        used.ok("digest", "preview", "1", "--out", tmp_path / "out")
    finally:
        os.umask(before)
    written = [*used.home.rglob("*"), *(tmp_path / "out").rglob("*")]
    assert {path.name for path in written} >= {"our-moonshot.yaml", "my-study.yaml", "hypewatch.db", "digest.eml"}
    assert [str(path) for path in written if path.stat().st_mode & 0o077] == []


def test_settings_rules_and_sheets_of_an_old_home_are_closed_when_they_are_met(used, tmp_path):
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("of the whole house")
    for name in ("rules", "studies"):
        (used.home / name).mkdir(exist_ok=True)
        (used.home / name / "x.txt").write_text("")
        (used.home / name / "x.txt").chmod(0o666)
        (used.home / name).chmod(0o777)
    (used.home / "hypewatch.toml").write_text("port = 8081\n")
    (used.home / "hypewatch.toml").chmod(0o644)
    (used.home / "rules" / "linked.txt").symlink_to(elsewhere)
    elsewhere.chmod(0o644)
    used.home.chmod(0o700)
    used.ok("subscribers", "list")
    assert (
        modes(used.home / "hypewatch.toml", *(used.home / name / "x.txt" for name in ("rules", "studies")))
        == ["0o600"] * 3
    )
    assert modes(used.home / "rules", used.home / "studies") == ["0o700"] * 2
    assert modes(elsewhere) == ["0o644"]


def test_a_folder_that_is_not_surely_ours_is_left_alone_and_told(bare, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "letters.txt").write_text("mine")
    shared.chmod(0o755)
    service = Service(load({"HYPEWATCH_HOME": str(shared), "HYPEWATCH_SMTP_URL": f"outbox:{tmp_path / 'out'}"}))
    assert [ok for ok, _ in CHECKS["privacy"](service)] == [False]
    assert modes(shared) == ["0o755"]
    (tmp_path / "out").mkdir()
    for number in range(8):
        (tmp_path / "out" / f"{number}.eml").write_text("x")
        (tmp_path / "out" / f"{number}.eml").chmod(0o644)
    said = [sentence for _, sentence in CHECKS["privacy"](service)]
    assert len(said) == 6
    assert "chmod go-rwx" in said[0]
