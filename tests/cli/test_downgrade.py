"""An older program before a newer database: refused by one sentence, whichever command it is, and nothing is changed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.cli import COMMANDS
from monitor.storage.database import Database

SAID = (
    "This database was written by a newer version of Hypewatch; nothing was changed. "
    "Upgrade Hypewatch, or restore a backup from before into a new, empty database."
)
PAGE = (Path(__file__).parents[2] / "monitor" / "docs" / "commands.md").read_text(encoding="utf-8")
#: Read no database: a text, the settings, the guide, a file of one's own, or the demo, which has a home of its own.
WITHOUT = {
    ("accuracy",),
    ("check",),
    ("compare",),
    ("config",),
    ("demo",),
    ("feeds", "parse"),
    ("help",),
    ("posts",),
    ("studies", "check"),
}
#: The files that the examples name, with as much in them that the database is asked for.
FILES = {
    "feeds.opml": "<opml version='2.0'><body><outline xmlUrl='https://a.example/feed'/></body></opml>",
    "list.csv": "email\nada@example.org\n",
}


def examples() -> dict[tuple[str, ...], list[str]]:
    """One example of each command in the guide: its words by its name."""
    found: dict[tuple[str, ...], list[str]] = {}
    name: tuple[str, ...] = ()
    for line in PAGE.splitlines():
        if line.startswith("## `hypewatch "):
            written = re.split(r"[\[{`]", line.removeprefix("## `hypewatch "))[0]
            name = tuple(word for word in written.split() if word == word.lower())
        elif line.startswith("    ") and "hypewatch " in line:
            words = shlex.split(re.split(r"[|<>]", line.partition("hypewatch ")[2])[0], comments=True)
            if tuple(words[: len(name)]) == name:
                found.setdefault(name, words)
    return found


EXAMPLES = {name: words for name, words in examples().items() if name[:2] not in WITHOUT and name[:1] not in WITHOUT}
#: Processes that go on running are tried as such below; without a broker two of them do not come so far.
SERVERS = ("run", "serve", "worker", "beat")


def make_newer(url: str) -> None:
    db = Database(url)
    with db.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()


def test_the_guide_has_an_example_of_every_command():
    assert {name[0] for name in examples()} == set(COMMANDS)
    assert len(EXAMPLES) > 80


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name[0] not in SERVERS], ids=" ".join)
def test_a_command_refuses_a_newer_database(bare, tmp_path, monkeypatch, name):
    bare.ok("db", "upgrade")
    database = bare.home / "hypewatch.db"
    make_newer(f"sqlite:///{database}")
    before = database.read_bytes()
    monkeypatch.chdir(tmp_path)
    for word in EXAMPLES[name]:
        if re.fullmatch(r"[\w-]+\.(csv|db|json|jsonl|yaml|opml|txt|eml|zip|xlsx)", word):
            Path(word).write_text(FILES.get(word, "{}\n"), encoding="utf-8")
    if name == ("db", "restore"):
        older = Database(f"sqlite:///{tmp_path / 'older.db'}")
        from monitor.storage.backup import backup
        from monitor.storage.upgrade import upgrade

        upgrade(older)
        older.close()
        backup(f"sqlite:///{tmp_path / 'older.db'}", tmp_path / "saved.db")
    ran = bare(*EXAMPLES[name], stdin="A man is walking again.\n")
    assert (ran.code, ran.told) == (1, SAID)
    assert database.read_bytes() == before


@pytest.mark.parametrize("name", SERVERS)
def test_a_process_does_not_start_on_a_newer_database(database_url, redis_url, tmp_path, name):
    make_newer(database_url)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HYPEWATCH_")}
    ours = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_PORT": "0"}
    if name in {"worker", "beat"}:
        ours["HYPEWATCH_BROKER_URL"] = redis_url
    ran = subprocess.run(
        [sys.executable, "-c", "from monitor.cli import main; main()", name],
        env=clean | ours,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr.strip()) == (1, SAID)


def test_a_server_that_does_not_answer_yet_is_no_reason_not_to_start(bare, caplog):
    """In the middle of a restart of all, PostgreSQL may come last."""
    from monitor.cli.run import refuse_newer
    from monitor.service import Service
    from monitor.settings import load

    url = "postgresql://hypewatch@127.0.0.1:1/none"
    refuse_newer(Service(load({"HYPEWATCH_HOME": str(bare.home), "HYPEWATCH_DATABASE_URL": url})))
    assert "the database cannot be used yet: The database server does not answer" in caplog.text
