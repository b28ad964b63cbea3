"""`review` and `reviews`: decide, take back, list, count by rule, export, import; and `sessions new` for a role."""

from __future__ import annotations

import json

import pytest

TEXT = "Keio says: a man with a spinal cord injury is walking again thanks to iPS cells."


@pytest.fixture
def stored(cli, tmp_path):
    """One mention with flags; gives the commands, the number of a flag on walking and the file it came from."""
    file = tmp_path / "one.jsonl"
    row = {
        "url": "https://lantern.example/a",
        "title": "News from Keio",
        "text": TEXT,
        "published": "2026-02-20T10:00:00Z",
    }
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    cli.ok("mentions", "import", file)
    (mention,) = json.loads(cli.ok("mentions", "--format", "json"))
    flag = next(
        flag["id"] for flag in mention["flags"] if flag["quote"] == "is walking again" or "walking" in flag["quote"]
    )
    return cli, flag, file


def rows(cli, *args) -> list[dict]:
    return json.loads(cli.ok("reviews", *args, "--format", "json"))


def test_a_decision_is_listed_counted_and_taken_back(stored):
    cli, flag, _ = stored
    assert "Nothing was decided yet" in cli.ok("reviews", "list")
    cli.ok("review", flag, "dismissed", "--why", "a quotation", "--by", "ada")
    (row,) = rows(cli, "list")
    assert (row["flag"], row["verdict"], row["by"], row["why"]) == (flag, "dismissed", "ada", "a quotation")
    (count,) = rows(cli, "rules")
    assert (count["rule"], count["right"], count["wrong"], count["precision"], count["wrong_in_a_row"]) == (
        row["rule"],
        0,
        1,
        0.0,
        1,
    )
    assert rows(cli, "list", "--by", "jo") == rows(cli, "list", "--verdict", "upheld") == []
    assert "taken back; it is not decided again" in cli.ok("review", flag, "undo", "--by", "jo")
    assert rows(cli, "list") == []
    (row,) = rows(cli, "list", "--undone")
    assert (row["undone_by"], bool(row["undone_at"])) == ("jo", True)
    assert cli("review", flag, "undo").code == 2
    assert (
        "is no time" in cli("reviews", "list", "--since", "soon").told
        or cli("reviews", "list", "--since", "soon").code == 2
    )


def test_decisions_go_to_another_installation(stored, tmp_path, monkeypatch):
    cli, flag, file = stored
    cli.ok("review", flag, "upheld", "--why", "right", "--by", "ada")
    out = tmp_path / "reviews.jsonl"
    assert "1 decisions are written" in cli.ok("reviews", "export", "--out", out)
    assert cli.ok("reviews", "export") == out.read_text(encoding="utf-8")
    cli.set(home=str(tmp_path / "other"))
    lacking = cli("reviews", "import", out)
    assert (lacking.code, "no flag on" in lacking.told) == (1, True)
    cli.ok("mentions", "import", file)
    assert cli.ok("reviews", "import", out).startswith("1 reviews are new")
    assert cli.ok("reviews", "import", out).startswith("0 reviews are new, 1 were known")
    (row,) = rows(cli, "list")
    assert (row["verdict"], row["by"], row["why"]) == ("upheld", "ada", "right")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("[1]\n" + out.read_text(encoding="utf-8").replace("upheld", "perhaps"), encoding="utf-8")
    ran = cli("reviews", "import", bad)
    assert ran.code == 2
    assert [line.split(":")[1] for line in ran.told.splitlines()] == ["1", "2"]


def test_a_decision_that_is_still_to_come_is_refused(stored, tmp_path):
    cli, flag, _ = stored
    cli.ok("review", flag, "upheld", "--by", "ada")
    (line,) = cli.ok("reviews", "export").splitlines()
    cli.ok("review", flag, "undo")
    file = tmp_path / "reviews.jsonl"
    file.write_text(json.dumps(json.loads(line) | {"at": "2999-01-01T00:00:00+00:00"}) + "\n", encoding="utf-8")
    ran = cli("reviews", "import", file)
    assert (ran.code, "is still to come" in ran.told, rows(cli, "list")) == (2, True, [])


def test_a_sign_in_link_is_for_a_person_and_a_role(cli):
    ran = cli("sessions", "new", "--role", "reader", "--name", "Ada")
    assert (ran.code, "as reader" in ran.err) == (0, True)
    (row,) = json.loads(cli.ok("sessions", "list", "--format", "json"))
    assert (row["name"], row["role"], row["state"]) == ("Ada", "reader", "offered")
    assert cli("sessions", "new", "--role", "king").code == 2
