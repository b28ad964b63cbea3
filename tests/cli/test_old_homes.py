"""A home that an earlier version made opens as it was: `data/homes` keeps one of each, with what that version said of it.

The home of 0.1.0 is the sample newsroom's after its digest, with rules saved twice and undone, reviews, a second reader who
paused, retention, a withdrawn post, a fact sheet of its own and `hypewatch.toml`.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.service import Service
from monitor.settings import load

HOMES = Path(__file__).parents[1] / "data" / "homes"


@pytest.fixture(params=sorted(path.name.removesuffix(".tar.gz") for path in HOMES.glob("*.tar.gz")))
def old(request, cli):
    """The home of one version, and what it held."""
    shutil.rmtree(cli.home, ignore_errors=True)
    cli.home.mkdir(parents=True)
    with tarfile.open(HOMES / f"{request.param}.tar.gz") as archive:
        archive.extractall(cli.home, filter="data")
    return cli, json.loads((HOMES / f"{request.param}.json").read_text(encoding="utf-8"))


def listed(cli, *words: str) -> list[dict[str, object]]:
    return json.loads(cli(*words, "--format", "json").out)


def test_what_was_said_is_there_with_its_flags_and_reviews(old):
    cli, held = old
    now = {
        str(row["id"]): {
            "title": row["title"],
            "revision": row["revision"],
            "story": row["story"],
            "url": row["url"],
            "flags": [[f["id"], f["rule"], f["quote"], f["state"], f["review"]] for f in row["flags"]],
        }
        for row in listed(cli, "mentions", "--limit", "1000")
    }
    assert now == held["mentions"]
    assert len(listed(cli, "stories")) == held["stories"]
    assert cli("mentions", "iPS").code == 0, "the index of words is there"


def test_people_feeds_digests_and_rules_are_there(old):
    cli, held = old
    keys = {name for row in held["subscribers"] for name in row}
    now = [{name: row[name] for name in keys} for row in listed(cli, "subscribers", "list")]
    # Since then nobody has a next mail who gets none.
    assert now == [row if row["state"] == "active" else row | {"next": None} for row in held["subscribers"]]
    feeds = [[f["id"], f["kind"], f["title"], f["paused"], f["entries"]] for f in listed(cli, "feeds", "list")]
    assert feeds == held["feeds"]
    assert [{k: row[k] for k in held["digests"][0]} for row in listed(cli, "digest", "status")] == held["digests"]
    history = listed(cli, "rules", "history")
    assert [{k: row[k] for k in held["history"][0]} for row in history] == held["history"]
    own = [row for row in listed(cli, "rules", "list") if row["pack"] == "yours"]
    assert own == held["own_rules"]


def test_its_files_load_unchanged(old):
    """A rule and a fact sheet that use every key of that version."""
    cli, held = old
    assert cli.ok("rules", "check") == f"{len(held['own_rules'])} rules of yours load and their examples hold.\n"
    checked = cli("studies", "check")
    assert checked.code in {0, 1}, "it loads, and judges as it is"
    assert all(": finds nothing: " in line for line in checked.out.splitlines()[:-1])
    settings = cli.ok("config", "show")
    assert "press@example.org" in settings


def test_work_goes_on_in_it(old):
    """Rules are saved on top of its history, what is stored is judged again, reviews stand, a backup is taken."""
    cli, held = old
    path = cli.home / "rules" / "our-moonshot.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("severity: medium", "severity: high"), encoding="utf-8")
    assert cli.ok("rules", "save", "--note", "more severe").startswith("Saved as version 4 ")
    assert cli.ok("rules", "undo").startswith("Version 4 is taken back as version 5")
    then = {flag[0]: flag[4] for row in held["mentions"].values() for flag in row["flags"] if flag[4]}
    now = {f["id"]: f["review"] for row in listed(cli, "mentions", "--limit", "1000") for f in row["flags"]}
    assert {number: now[number] for number in then} == then
    cli.ok("db", "backup", cli.home / "backup.db")
    assert "Nothing new" in cli.ok("digest", "preview", "1")


def test_what_is_due_knows_its_date_and_each_digest_speaks_for_its_own(old):
    """Columns that version did not have: the date a digest is for, the last it speaks for, whether it was withdrawn."""
    cli, held = old
    service = Service(load({"HYPEWATCH_HOME": str(cli.home)}))
    for subscription in service.store.subscriptions():
        assert subscription.due_at is not None
        there = subscription.due_at.astimezone(ZoneInfo(subscription.wishes.zone))
        assert (subscription.due_date, there.time()) == (there.date().isoformat(), subscription.wishes.at)
    digests = service.store.digests(limit=1000)
    assert len(digests) == len(held["digests"])
    assert [(one.through_date, one.withdrawn) for one in digests] == [
        (one.local_date, one.subject == "(withdrawn)") for one in digests
    ]
    service.store.close()
