"""`db`, `doctor`, `config`, `help`, `--help`; and bad input: one sentence that says what to do, exit 2 or 1, no traceback."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.cli import COMMANDS, hypewatch
from monitor.cli import run as run_module
from monitor.cli.doctor import failing_words
from monitor.cli.run import whereabouts
from monitor.cli.shared import emit
from monitor.core.digests.subscribers import FailingDigest
from monitor.core.model import Work
from monitor.service import Service
from monitor.settings import load, names
from monitor.web.render import render

if TYPE_CHECKING:
    import click

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LINE = {
    "url": "https://lantern.example/one",
    "title": "News from Keio",
    "text": "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord.",
    "published": "2026-03-24T08:00:00Z",
}


@pytest.fixture
def filled(cli, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(LINE))
    cli.ok("mentions", "import", path)
    return cli


def mentions(cli) -> list[str]:
    return [row["text"] for row in json.loads(cli("mentions", "--format", "json").out)]


# --- help ------------------------------------------------------------------------------------------------------------


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    children = getattr(command, "commands", None) or (
        {name: hypewatch.get_command(None, name) for name in COMMANDS} if command is hypewatch else {}
    )
    return [(path, command), *(leaf for name, child in children.items() for leaf in leaves(child, (*path, name)))]


def test_every_command_has_a_sentence_and_an_example(bare):
    for path, command in leaves(hypewatch):
        text = command.help or ""
        assert text.split("\n")[0].rstrip().endswith((".", ":", ")", "?")), path
        if path and not hasattr(command, "commands"):
            assert f"hypewatch {' '.join(path)}" in text or f"hypewatch {path[0]}" in text, path
        assert bare(*path, "--help").code == 0


def test_help_lists_every_command_in_order(bare):
    listed = bare.ok("--help").partition("Commands:")[2].splitlines()
    assert [line.split()[0] for line in listed if line.strip() and line.startswith("  ") and line[2] != " "] == list(
        COMMANDS
    )
    assert bare.ok("--version").startswith("hypewatch, version ")
    ran = bare("chekc")
    assert ran.code == 2
    assert "chekc" in ran.told


def test_the_guide(bare):
    pages = [line.split()[0] for line in bare.ok("help").splitlines()]
    assert {"start", "rules", "operations", "design", "glossary", "commands"} <= set(pages)
    for page in pages:
        assert bare.ok("help", page).startswith("# ")
    assert bare("help", "nothing").told.startswith("There is no page 'nothing'. There are: ")


# --- settings --------------------------------------------------------------------------------------------------------


def test_config_shows_every_setting_and_no_secret(bare):
    bare.set(x_bearer_token="tell-nobody", smtp_url="smtp://me:hunter2@mail.example:587", port="9000")
    out = bare.ok("config", "show", "--format", "json")
    rows = {row["setting"]: row for row in json.loads(out)}
    assert list(rows) == list(names())
    assert all(row["means"] for row in rows.values())
    assert rows["HYPEWATCH_PORT"]["value"] == "9000"
    assert rows["HYPEWATCH_X_BEARER_TOKEN"]["value"] == "(set, not shown)"
    for form in ("json", "table", "csv"):
        shown = bare.ok("config", "show", "--format", form)
        assert "hunter2" not in shown
        assert "tell-nobody" not in shown
    assert not bare.home.exists()


@pytest.mark.parametrize("command", [("config", "show"), ("feeds", "list"), ("check",), ("run",), ("demo", "--exit")])
def test_an_unknown_setting_is_an_error_with_a_suggestion(bare, command):
    bare.set(hom="/tmp")
    ran = bare(*command, stdin="x")
    assert (ran.code, ran.told) == (
        2,
        "The environment sets HYPEWATCH_HOM, which is no setting of Hypewatch. Did you mean HYPEWATCH_HOME?",
    )


def test_a_setting_that_cannot_be_is_told(bare):
    bare.set(port="eighty")
    ran = bare("config", "show")
    assert ran.code == 2
    assert ran.told.startswith("HYPEWATCH_PORT: ")
    assert "'eighty'" in ran.told


# --- the database ----------------------------------------------------------------------------------------------------


def test_backup_and_restore(filled, tmp_path):
    path = tmp_path / "saved.db"
    assert filled.ok("db", "backup", path) == f"Written: {path}.\n"
    before = mentions(filled)
    (row,) = json.loads(filled.ok("mentions", "--format", "json"))
    filled.ok("feeds", "add", "https://later.example/feed.xml")
    assert filled("db", "restore", path, stdin="n\n").code == 130
    assert len(json.loads(filled.ok("feeds", "list", "--format", "json"))) == 1, "asked first"
    assert filled.ok("db", "restore", path, "--yes") == "Restored.\n"
    assert mentions(filled) == before
    assert json.loads(filled.ok("feeds", "list", "--format", "json")) == []
    filled.ok("mentions", "purge", row["id"], "--yes")
    filled.ok("db", "restore", path, "--yes")
    assert mentions(filled) == [], "what was withdrawn stays withdrawn"
    notes = tmp_path / "notes.txt"
    notes.write_text("no database " * 100)
    ran = filled("db", "restore", notes, "--yes")
    assert (ran.code, ran.told) == (1, f"{notes} is no backup of Hypewatch. Name a file that `db backup` wrote.")
    ran = filled("db", "backup", tmp_path / "missing" / "saved.db")
    assert ran.code in {1, 2}
    assert ran.told


def test_copy_to_postgresql(filled, empty_postgresql_url):
    before = mentions(filled)
    said = filled.ok("db", "copy-to", empty_postgresql_url)
    assert said.endswith(" rows copied. Set HYPEWATCH_DATABASE_URL to use the new database.\n")
    filled.set(database_url=empty_postgresql_url)
    assert mentions(filled) == before
    assert filled.ok("db", "upgrade") == "The database is up to date.\n"
    (filled.home / "hypewatch.db").unlink()
    ran = filled("db", "copy-to", empty_postgresql_url)
    assert ran.code in {1, 2}, "it is not empty, and it is the one in use"
    assert ran.told


def test_doctor_tells_of_the_heartbeat(filled):
    def says():
        rows = {row["part"]: row for row in json.loads(filled("doctor", "--format", "json").out)}
        return rows["heartbeat"]["ok"], rows["heartbeat"]["says"]

    assert says()[0]
    assert "HYPEWATCH_HEARTBEAT_URL names who is" in says()[1]
    filled.set(heartbeat_url="https://alarm.example/tell-nobody")
    assert says() == (
        False,
        "It is set, and was never sent: is `hypewatch run` (or a worker and beat) running?",
    )
    now = datetime.now(UTC)
    store = Service(load()).store
    for ago, good, sentence, told in (
        (5, True, "It was answered.", (True, "It was answered.")),
        (5, False, "It failed: alarm.example answered 500.", (False, "answered 500.")),
        (600, True, "It was answered.", (False, "The last was sent 10 minutes ago: either nothing runs")),
    ):
        at = (now - timedelta(seconds=ago)).isoformat()
        store.set_setting("heartbeat", json.dumps({"at": at, "good": good, "sentence": sentence}))
        ok, words = says()
        assert ok is told[0]
        assert told[1] in words
        assert "tell-nobody" not in words
    store.close()


def test_doctor(filled, web, fakes):
    parts = {row["part"]: row for row in json.loads(filled("doctor", "--format", "json").out)}
    assert {"database", "broker", "mail", "clock", "disk", "sources", "work", "rules"} <= set(parts)
    assert (parts["sources"]["ok"], parts["sources"]["says"]) == (
        False,
        "There are none: `hypewatch feeds add ADDRESS` adds one.",
    )
    filled.set(allow_private_networks=web.host)
    web["/feed"] = fakes.answer('<rss version="2.0"><channel><title>Lantern</title></channel></rss>')
    filled.ok("feeds", "add", web.url("/feed"))
    filled.ok("poll")
    ran = filled("doctor", "--format", "json")
    assert (ran.code, [row for row in json.loads(ran.out) if not row["ok"]]) == (0, [])
    filled.set(broker_url="redis://127.0.0.1:1/0", smtp_url="smtp://127.0.0.1:1")
    ran = filled("doctor", "--format", "json")
    wrong = {row["part"]: row["says"] for row in json.loads(ran.out) if not row["ok"]}
    assert (ran.code, set(wrong)) == (1, {"broker", "mail"})
    assert "check HYPEWATCH_BROKER_URL" in wrong["broker"]
    assert "Check HYPEWATCH_SMTP_URL" in wrong["mail"]


def test_doctor_tells_how_long_work_waits_and_ends_its_sentences(filled, monkeypatch):
    monkeypatch.setattr(
        "monitor.storage.store.SqlStore.oldest_due", lambda *_: timedelta(hours=2, minutes=12, seconds=8.735702)
    )
    told = {row["part"]: row["says"] for row in json.loads(filled("doctor", "--format", "json").out)}
    assert told["work"].startswith("The oldest poll has waited for 2 hours 12 minutes: is `hypewatch run`")
    one = FailingDigest(
        step=Work.COMPOSE, subscription_id=1, digest_id=None, recipient="ada@example.org", study_id="s",
        local_date="2027-03-01", since=NOON, attempts=2, next_try=NOON, sentence="a.yaml:1:1: is no fact sheet",
    )  # fmt: skip
    assert failing_words(one).endswith("a.yaml:1:1: is no fact sheet. It is tried again at 12:00 UTC.")
    page = render("unsent.html", unsent=[one], broken=[], now=NOON)
    assert "is no fact sheet. It is tried again" in " ".join(page.split())
    many = replace(one, sentence="a.yaml:1:1: has no `id`\na.yaml:2:1: has a tab")
    page = render("unsent.html", unsent=[many], broken=[], now=NOON)
    assert "<li>a.yaml:1:1: has no `id`</li><li>a.yaml:2:1: has a tab</li>" in page


@pytest.mark.parametrize(
    "group",
    [[], ["feeds"], ["rules"], ["studies"], ["digest"], ["subscribers"], ["reviews"], ["db"], ["sessions"], ["config"]],
)
def test_a_group_alone_says_what_there_is(bare, group):
    ran = bare(*group)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == bare.ok(*group, "--help")


@pytest.mark.parametrize("noun", ["mentions", "stories"])
def test_list_is_no_search_where_nothing_needs_it(filled, noun):
    ran = filled(noun, "list")
    assert ran.code == 2
    assert f"There is no command 'list'; did you mean `hypewatch {noun}`?" in ran.told
    assert filled(noun, '"list"').code == 1
    assert filled(noun, "list", "of", "patients").code == 1


def test_addresses_and_paths_stay_whole_in_tables(capsys):
    address = f"https://lantern.example/{'a' * 120}.xml"
    emit(
        [{"id": 1, "url": address, "health": "There is no host of that name. " * 8}],
        "table",
        columns=("id", "url", "health"),
    )
    out = capsys.readouterr().out
    assert address in out
    assert max(map(len, out.splitlines())) < len(address) + 40
    emit([{"id": 1, "url": f"written to {address}"}], "table", columns=("id", "url"))
    assert address in capsys.readouterr().out


def test_where_the_pages_are_is_said_with_what_a_link_is_good_for(filled):
    private = Service(load({"HYPEWATCH_HOME": str(filled.home)}))
    assert whereabouts(private, "http://127.0.0.1:8080/") == "Hypewatch is at http://127.0.0.1:8080/"
    shared = Service(load({"HYPEWATCH_HOME": str(filled.home), "HYPEWATCH_BASE_URL": "https://watch.example.org"}))
    said = whereabouts(shared, "https://watch.example.org/sign-in/x")
    assert said.startswith("Hypewatch is at https://watch.example.org/ ")
    assert "works once, within an hour" in said
    assert said.endswith(" https://watch.example.org/sign-in/x")
    filled.set(base_url="https://watch.example.org")
    ran = filled("sessions", "new")
    assert ran.out.startswith("https://watch.example.org/sign-in/")
    assert "works once, within an hour" in ran.err


def test_links_of_mails_name_the_port_that_was_taken(filled, monkeypatch):
    """`run --port 0`: the workers write mails from their first moment."""
    began = []

    class Workers:
        def __init__(self, service):
            self.service = service

        def __enter__(self):
            began.append((self.service.settings.port, self.service.deps.printer.base_url))

        def __exit__(self, *_):
            pass

    monkeypatch.setattr("workers.local.LocalWorkers", Workers)
    monkeypatch.setattr(run_module, "start_logging", lambda _: None)
    monkeypatch.setattr(run_module, "serve_pages", lambda _, sock: began.append(sock.getsockname()[1]) or sock.close())
    filled.ok("run", "--port", "0")
    (port, base_url), taken = began
    assert port == taken != 0
    assert base_url == f"http://127.0.0.1:{taken}"


# --- what can be wrong with a house (reliability, fault 12) ----------------------------------------------------------


def test_a_lock_that_is_held_is_waited_for_then_told(filled):
    """Ten seconds: then exit 1 and one sentence; nothing is half done."""
    with sqlite3.connect(filled.home / "hypewatch.db", isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        ran = filled("feeds", "add", "https://lantern.example/feed.xml")
        holder.execute("ROLLBACK")
    holder.close()
    assert ran.code == 1
    assert "held by another program" in ran.told
    assert json.loads(filled.ok("feeds", "list", "--format", "json")) == []


def test_a_database_that_is_none(cli):
    (cli.home / "hypewatch.db").write_text("my notes " * 1000)
    for command in (("feeds", "list"), ("mentions",), ("poll",), ("digest", "status")):
        ran = cli(*command)
        assert ran.code == 1
        assert "is no database" in ran.told
    cli.set(database_url="postgresql://nobody@127.0.0.1:1/none")
    ran = cli("feeds", "list")
    assert ran.code == 1
    assert "nobody" not in ran.told or "Traceback" not in ran.told
    cli.set(database_url="mysql://localhost/x")
    assert cli("feeds", "list").code == 2


#: The command is run on a good home first: nobody may not be allowed to read the modules it loads.
AS_NOBODY = """
import contextlib, difflib, io, os, sys, tempfile
from monitor.cli import main
home = os.environ["HYPEWATCH_HOME"]
with tempfile.TemporaryDirectory() as good:
    os.environ["HYPEWATCH_HOME"] = good
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main(sys.argv[2:])
os.environ["HYPEWATCH_HOME"] = home
if os.geteuid() == 0:
    os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
main(sys.argv[2:])
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_read_only_home(sqlite_url, there):
    """Root may write anywhere, so the command becomes nobody."""
    folder = Path(f"/tmp/hypewatch-cli-read-only-{os.getpid()}-{there}")
    folder.mkdir()
    nobody = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    try:
        if there:
            shutil.copy(sqlite_url.removeprefix("sqlite:///"), folder / "hypewatch.db")
            (folder / "hypewatch.db").chmod(0o444)
        folder.chmod(0o555)
        for command in (
            ["feeds", "add", "https://lantern.example/"],
            ["init", "--no-input"],
            ["rules", "new", "mine"],
        ):
            ran = subprocess.run(
                [sys.executable, "-c", AS_NOBODY, str(nobody), *command],
                env={"PATH": "/usr/bin:/bin", "HYPEWATCH_HOME": str(folder if there else folder / "home")},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ran.returncode in {1, 2}, (command, ran.stdout)
            assert "Traceback" not in ran.stderr, command
            assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
            assert "cannot be" in ran.stderr
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("command", [("worker",), ("beat",)])
def test_parts_alone_need_a_broker(bare, command):
    ran = bare(*command)
    assert ran.code == 2
    assert "Set HYPEWATCH_BROKER_URL=redis://..., or use `hypewatch run`." in ran.told


def test_a_file_that_cannot_be_written(filled, tmp_path):
    """`digest preview --out`, `feeds export`: wherever a file is written, the path and the reason are told."""
    missing = tmp_path / "missing" / "feeds.opml"
    ran = filled("feeds", "export", missing)
    assert (ran.code, ran.told) == (
        1,
        f"{missing} cannot be read or written: No such file or directory. Check the path and its permissions.",
    )


def test_a_port_that_is_taken(bare, web):
    ran = bare("serve", "--port", web.port)
    assert ran.code == 2
    assert ran.told.endswith("Choose another with --port.")
    bare.set(broker_url="redis://127.0.0.1:1/0")
    ran = bare("worker", "--queues", "polls,pagse")
    assert (ran.code, ran.told) == (2, "There is no queue 'pagse'. There are: polls, pages, digests, ticks.")


@pytest.mark.parametrize(("words", "at", "found"), [("hypewatch stu", 1, "studies"), ("hypewatch feeds ", 2, "add")])
def test_a_shell_completes_commands(cli, monkeypatch, words, at, found):
    monkeypatch.setattr(sys, "argv", ["hypewatch"])
    for name, value in {"_HYPEWATCH_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}.items():
        monkeypatch.setenv(name, value)
    assert f"plain,{found}" in cli().out.splitlines()
