"""`subscribers set`, `resume`, `export` and `import`: whole lists, as they are and as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import json

import pytest

ALL = (
    "--at", "06:15", "--zone", "Asia/Tokyo", "--days", "mon,fri", "--threshold", "high", "--no-quiet-days", "--language", "ja",
    "--drifts", "overstated-outcome,availability", "--networks", "web,x", "--coverage-languages", "en,ja", "--weekly", "--monthly",
    "--urgent-from", "5", "--urgent-most", "3", "--hush", "22:30-06:00",
)  # fmt: skip
SAID = {
    "at": "06:15", "zone": "Asia/Tokyo", "days": ["mon", "fri"], "threshold": "high", "quiet_days": False, "language": "ja",
    "drifts": ["overstated-outcome", "availability"], "networks": ["web", "x"], "coverage_languages": ["en", "ja"],
    "weekly": True, "monthly": True, "urgent_from": 5, "urgent_most": 3, "hush": "22:30-06:00",
}  # fmt: skip
PLAIN = {
    "at": "07:00", "zone": "UTC", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "threshold": "low",
    "quiet_days": True, "language": "en", "drifts": [], "networks": [], "coverage_languages": [], "weekly": False, "monthly": False,
    "urgent_from": "off", "urgent_most": 2, "hush": "21:00-07:00",
}  # fmt: skip


def people(cli, *args) -> list[dict]:
    return json.loads(cli.ok("subscribers", "list", "--format", "json", *args))


def wishes(row: dict) -> dict:
    return {name: row[name] for name in PLAIN}


def outbox(cli) -> int:
    return len(list((cli.home / "outbox").glob("*.eml")))


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes, name: str = "list.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_everything_can_be_asked_for_and_changed_one_by_one(cli):
    cli.ok("subscribers", "add", "ada@example.org", *ALL, "--confirmed")
    (row,) = people(cli)
    assert wishes(row) == SAID
    cli.ok("subscribers", "set", 1, "--no-weekly", "--urgent-from", "off", "--drifts", "all", "--at", "08:00")
    (row,) = people(cli)
    assert wishes(row) == SAID | {"weekly": False, "urgent_from": "off", "drifts": [], "at": "08:00"}
    assert outbox(cli) == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((1,), "Nothing to change was named."),
        ((99, "--weekly"), "There is no subscription 99."),
        ((1, "--drifts", "lies"), "There is no kind of drift 'lies'. There are: overstated-outcome"),
        ((1, "--networks", "friendster"), "There is no network 'friendster'. There are: web"),
        ((1, "--coverage-languages", "klingon"), "There is no language 'klingon'."),
        ((1, "--zone", "Mars"), "'Mars' is no time zone."),
        ((1, "--urgent-from", "1"), "Say a number from 2 to 1,000."),
        ((1, "--urgent-most", "25"), "Say a number from 1 to 24."),
        ((1, "--hush", "22:00"), "write it as 21:00-07:00"),
    ],
)
def test_what_cannot_be_changed_is_one_sentence(cli, args, told):
    cli.ok("subscribers", "add", "ada@example.org", "--confirmed")
    ran = cli("subscribers", "set", *args)
    assert (ran.code, told in ran.told) == (2, True), ran.told
    assert wishes(people(cli)[0]) == PLAIN


def test_pause_until_a_day_and_resume(cli):
    cli.ok("subscribers", "add", "ada@example.org", "--zone", "Asia/Tokyo", "--confirmed")
    assert "There is no pause" not in cli.ok("subscribers", "pause", 1, "--days", 30)
    assert [row["state"] for row in people(cli, "--state", "paused")] == ["paused"]
    assert people(cli, "--state", "active") == []
    assert cli.ok("subscribers", "resume", 1) == "Subscription 1 goes on.\n"
    assert cli.ok("subscribers", "resume", 1) == "Subscription 1 was not stopped; there is nothing to do.\n"
    for args in (
        ("--until", "yesterday"),
        ("--until", "2020-01-01"),
        ("--until", "2099-01-01"),
        ("--until", "x", "--days", 3),
    ):
        assert cli("subscribers", "pause", 1, *args).code == 2
    assert [row["state"] for row in people(cli)] == ["active"]


def test_resume_asks_who_has_not_answered_and_never_brings_back_who_left(cli):
    cli.ok("subscribers", "add", "ada@example.org")
    assert outbox(cli) == 1
    assert "A mail to confirm was sent to ada@example.org" in cli.ok("subscribers", "resume", 1)
    cli.ok("subscribers", "remove", 1)
    ran = cli("subscribers", "resume", 1)
    assert (ran.code, "mail comes again only if they want it" in ran.told) == (2, True)
    assert people(cli)[0]["state"] == "left"
    assert cli("subscribers", "list", "--state", "suppressed").out == "Nobody is suppressed.\n"


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_what_is_exported_is_imported_elsewhere_as_it_was(cli, file, form):
    cli.ok("subscribers", "add", "ada@example.org", "--name", '=HYPERLINK("x") "Ada"; +1, 山田', *ALL, "--confirmed")
    cli.ok("subscribers", "add", "bob@example.org", "--confirmed")
    cli.ok("subscribers", "add", "new@example.org")
    cli.ok("subscribers", "add", "gone@example.org", "--confirmed")
    cli.ok("subscribers", "remove", 4)
    before = people(cli)
    path = file(cli.ok("subscribers", "export", "--format", form), f"list.{form}")
    if form == "csv":
        table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        assert table[0]["name"].startswith("'="), "no spreadsheet runs it"
    ran = cli("subscribers", "import", path)
    assert (ran.code, ran.err.splitlines()[-1]) == (
        0,
        "4 read: 0 added, 0 changed, 3 the same, 1 passed over, 0 refused.",
    )
    assert people(cli) == before

    cli.set(home=str(cli.home / "other"))
    ran = cli("subscribers", "import", path, "--confirmed")
    assert ran.code == 0
    assert "gone@example.org is passed over. They had left when the list was made." in ran.err
    assert ran.err.splitlines()[-1] == (
        "4 read: 3 added (1 of them are asked first), 0 changed, 0 the same, 1 passed over, 0 refused."
    )
    after = people(cli)
    same = ("email", "name", "study", "state", *PLAIN)
    assert [[row[name] for name in same] for row in after] == [[row[name] for name in same] for row in before[:3]]


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org\n# a note\n\nbob@example.org\n",
        "\ufeffada@example.org\r\nbob@example.org",
        "Email\nada@example.org\nbob@example.org\n",
        "\ufeffPhone;E-Mail;Name\r\n1;ada@example.org;Ada\r\n2;BOB@example.org;\r\n",
        "sep=;\r\nName;EMAIL;;\r\nAda;ada@example.org;;\r\n;bob@example.org;;\r\n",
        "name\temail\nAda\tada@example.org\nBob\tbob@example.org\n",
        '{"email": "ada@example.org"}\n{"EMAIL": "bob@example.org"}\n',
        '[{"email": "ada@example.org"},\n {"email": "bob@example.org"}]',
    ],
)
def test_lists_of_every_kind(cli, file, text):
    ran = cli("subscribers", "import", file(text, "list.txt"), "--confirmed")
    assert ran.code == 0, ran.err
    assert [row["email"] for row in people(cli)] == ["ada@example.org", "bob@example.org"]
    assert ("not read, since they mean nothing here: phone." in ran.err) is ("Phone" in text)
    ran = cli("subscribers", "import", "-", "--confirmed", stdin=text)
    assert ran.err.splitlines()[-1] == "2 read: 0 added, 0 changed, 2 the same, 0 passed over, 0 refused."
    assert outbox(cli) == 0


def test_each_is_asked_unless_they_agreed(cli, file):
    path = file("email\nada@example.org\n")
    assert "1 added (1 of them are asked first)" in cli("subscribers", "import", path).err
    assert ([row["state"] for row in people(cli)], outbox(cli)) == (["pending"], 1)
    assert "1 the same" in cli("subscribers", "import", path).err, "and not asked once more"
    assert outbox(cli) == 1
    assert "1 changed" in cli("subscribers", "import", path, "--confirmed").err
    assert [row["state"] for row in people(cli)] == ["active"]


def test_a_refused_row_is_told_with_its_place_and_the_others_are_taken(cli, file):
    path = file(
        "email,zone,drifts,urgent_from,study,state\n"
        "ada@example.org,Asia/Tokyo,all,,,\n"
        "not an address,,,,,\n"
        "b@example.org,Mars,,,,\n"
        "c@example.org,,lies,,,\n"
        "d@example.org,,,1,,\n"
        "e@example.org,,,,nope,\n"
        "f@example.org,,,,,dead\n"
        "g@example.org,UTC\n"
        "h@example.org,UTC,,,,\n"
        '"i@example.org,UTC,,,,\n'
    )
    ran = cli("subscribers", "import", path, "--confirmed")
    assert ran.code == 1
    told = ran.err.splitlines()
    places = [line.removeprefix(f"{path}:").partition(": ")[::2] for line in told[:-1]]
    assert [place for place, _ in places] == ["3:1", "4:2", "5:3", "6:4", "7:5", "8:6", "9:1", "11:1"]
    for (_, words), part in zip(
        places,
        ["is not one mail address", "is no time zone", "There are: overstated-outcome", "from 2 to 1,000", "no study 'nope'",
         "There are: active, pending", "has 2 cells where the first line names 6", "is no CSV row"],
        strict=True,
    ):  # fmt: skip
        assert part in words
    assert told[-1] == "10 read: 2 added, 0 changed, 0 the same, 0 passed over, 8 refused."
    assert [row["email"] for row in people(cli)] == ["ada@example.org", "h@example.org"]


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ('{"email": "ada@example.org", "treshold": "low"}', "1:30", "has a field 'treshold' that is not known"),
        ('{"email": "ada@example.org"\n', "1:28", "is no JSON"),
        ('{"email": ["a@x.org", "b@y.org"]}', "1:2", "is not one mail address"),
        ('[{"email": "ada@example.org", "zone": "Mars"}]', "1:2", "is no time zone"),
        ('[{"email": 5}, 7', "1:2", "is not one mail address"),
        (b"email\nad\xe4@example.org\n", "2:3", "is not in the file's encoding"),
    ],
)
def test_places_of_what_is_wrong(cli, file, text, place, told):
    path = file(text, "list.txt")
    ran = cli("subscribers", "import", path)
    assert ran.code == 1
    assert f"{path}:{place}: " in ran.err
    assert told in ran.err
    assert people(cli) == []


@pytest.mark.parametrize("text", ["", "\n\n", "hello\nworld\n", "name;phone\nAda;1\n", b"PK\x03\x04rest"])
def test_a_file_that_is_no_list_is_refused_whole(cli, file, text):
    ran = cli("subscribers", "import", file(text, "list.txt"))
    assert ran.code == 2
    assert len(ran.told.splitlines()) == 1


def test_nobody_who_left_or_whose_mail_came_back_is_brought_back(cli, file):
    for name in ("left", "dead", "here"):
        cli.ok("subscribers", "add", f"{name}@example.org", "--confirmed")
    cli.ok("subscribers", "remove", 1)
    from monitor.cli.shared import open_service

    store = open_service().store
    store.suppress(2, "It came back.", open_service().clock())
    path = file("email,weekly\nleft@example.org,yes\ndead@example.org,yes\nhere@example.org,yes\n")
    ran = cli("subscribers", "import", path, "--confirmed")
    assert ran.code == 0
    assert "left@example.org is passed over. They left here, and only they can come back" in ran.err
    assert "dead@example.org is passed over. Mail to them came back here" in ran.err
    assert [(row["state"], row["weekly"]) for row in people(cli)] == [
        ("left", False),
        ("suppressed", False),
        ("active", True),
    ]
    assert "It came back. `hypewatch subscribers resume 2` asks them again." in cli("subscribers", "list").err
    cli.ok("subscribers", "resume", 2)
    assert [row["state"] for row in people(cli)] == ["left", "pending", "active"]
    assert outbox(cli) == 1


def test_dry_run_only_tells(cli, file):
    cli.ok("subscribers", "add", "known@example.org", "--confirmed")
    path = file("email,weekly\nknown@example.org,yes\nnew@example.org,no\n")
    ran = cli("subscribers", "import", path, "--dry-run", "--format", "json")
    assert [(row["email"], row["became"]) for row in json.loads(ran.out)] == [
        ("known@example.org", "changed"),
        ("new@example.org", "asked"),
    ]
    assert ran.err.splitlines()[-1].startswith("Nothing was changed. An import would say: 2 read: 1 added")
    assert [(row["email"], row["weekly"]) for row in people(cli)] == [("known@example.org", False)]
    assert outbox(cli) == 0


def test_who_cannot_be_asked_is_told_and_asked_by_the_next_import(cli, file):
    path = file("email\nada@example.org\n")
    url = "smtp://127.0.0.1:1"
    cli.set(smtp_url=url)
    ran = cli("subscribers", "import", path)
    assert (ran.code, "ada@example.org is not asked yet: " in ran.err) == (1, True)
    cli.set(smtp_url=f"outbox:{cli.home / 'outbox'}")
    assert cli("subscribers", "import", path).code == 0
    assert ([row["state"] for row in people(cli)], outbox(cli)) == (["pending"], 1)
