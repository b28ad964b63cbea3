"""`letters` and `outlets`: draft, list, show, mark, take back; contact, language and reach."""

from __future__ import annotations

import json

import pytest

TEXT = "Keio says: a man with a spinal cord injury is walking again thanks to iPS cells."


@pytest.fixture
def stored(cli, tmp_path):
    """The commands over one mention, and the number of its flag on walking."""
    file = tmp_path / "one.jsonl"
    row = {
        "url": "https://lantern.example/a",
        "title": "News from Keio",
        "text": TEXT,
        "published": "2026-02-20T10:00:00Z",
        "source": "lantern.example",
    }
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    cli.ok("mentions", "import", file)
    (mention,) = json.loads(cli.ok("mentions", "--format", "json"))
    return cli, next(flag["id"] for flag in mention["flags"] if "walking" in flag["quote"])


def test_a_letter_is_drafted_once_marked_and_taken_back(stored):
    cli, flag = stored
    assert "letters draft FLAG" in cli.ok("letters", "list")
    assert "Dear editor," in cli.ok("letters", "draft", flag, "--signature", "Mika Sato, Press Office")
    first = json.loads(cli.ok("letters", "draft", flag, "--format", "json"))
    assert (first["id"], first["state"], first["flags"].count(flag)) == (1, "draft", 1)
    assert first["body"].rstrip().endswith("Mika Sato, Press Office")
    assert cli("letters", "mark", 1, "reminded").code == 2
    assert "a reminder is due on" in cli.ok("letters", "mark", 1, "asked", "--by", "ada")
    assert "asked already" in cli("letters", "mark", 1, "asked").told
    assert cli.ok("letters", "show", 1, "--reminder").startswith("Subject: Reminder: Correction request")
    (row,) = json.loads(cli.ok("letters", "list", "--state", "asked", "--format", "json"))
    assert (row["outlet_key"], row["state"]) == ("lantern.example", "asked")
    assert "refused" in cli.ok("letters", "mark", 1, "refused")
    assert "taken back; it is asked, waiting again" in cli.ok("letters", "mark", 1, "undo")
    for wrong in (("show", 99), ("draft", 99), ("mark", 99, "asked")):
        ran = cli("letters", *wrong)
        assert (ran.code, "There is no" in ran.told) == (2, True)


def test_an_outlet_has_a_contact_a_language_and_a_reach(stored):
    cli, flag = stored
    (row,) = json.loads(cli.ok("outlets", "list", "--format", "json"))
    assert (row["key"], row["too_far"], row["contact"]) == ("lantern.example", 1, "")
    told = cli.ok("outlets", "set", "lantern.example", "--contact", "desk@lantern.example", "--language", "es", "--weight", "4")  # fmt: skip
    assert "letters go to desk@lantern.example, in es; reach 4" in told
    letter = json.loads(cli.ok("letters", "draft", flag, "--format", "json"))
    assert (letter["recipient"], letter["lang"]) == ("desk@lantern.example", "es")
    cli.ok("letters", "mark", letter["id"], "asked")
    shown = json.loads(cli.ok("outlets", "show", row["id"], "--format", "json"))
    assert (shown["asked"], shown["corrected"], shown["months"]) == (1, 0, [{"month": "2026-02", "mentions": 1, "too_far": 1}])  # fmt: skip
    assert "Asked for 1 corrections, made 0" in cli.ok("outlets", "show", "lantern.example")
    assert "is not one mail address" in cli("outlets", "set", "lantern.example", "--contact", "a@x.example, b@y.example").told  # fmt: skip
    assert "There is no outlet" in cli("outlets", "show", "nobody.example").told
