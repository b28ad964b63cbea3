"""Tuning by file: `rules new`, `check`, `try`, `save`, `undo`, and what stored mentions say afterwards."""

from __future__ import annotations

import json

import pytest

LINE = {
    "url": "https://lantern.example/one",
    "title": "News from Keio",
    "text": "Keio University tried iPS cells in spinal cord injury. Readers call it a moonshot for mankind.",
    "published": "2026-03-24T08:00:00Z",
    "source": "lantern.example",
}
RULE = """\
id: our-moonshot
message: "“{match}” promises more than a first trial in four people can."
why: Four people were treated.
severity: medium
status: active
kind: phrase
drift: sensational-language
match:
  any: ["moonshot for mankind"]
flags:
  - "Experts speak of a moonshot for mankind."
  - "It was a moonshot for mankind, they said."
passes:
  - "Two of the four patients improved."
"""


@pytest.fixture
def tuned(cli, tmp_path):
    """A home with one stored mention."""
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(LINE))
    cli.ok("mentions", "import", path)
    return cli


def moved(rows) -> list[tuple[str, str | None]]:
    """Quote and review of our rule's flags (the second reader weighs every hit, its flags may move too)."""
    return [(row["quote"], row["review"]) for row in rows if row["rule"] == "our-moonshot"]


def flags(cli) -> dict[str, str]:
    """Rule to ruleset digest of every active flag of the mention."""
    (row,) = json.loads(cli.ok("mentions", "--format", "json"))
    return {flag["rule"]: flag["ruleset"] for flag in row["flags"] if flag["rule"] != "second-reader"}


def test_a_rule_from_new_to_undo(tuned):
    before = flags(tuned)
    assert "our-moonshot" not in before
    said = tuned.ok("rules", "new", "our-moonshot", "--words", "moonshot for mankind")
    path = tuned.home / "rules" / "our-moonshot.yaml"
    assert said == f"Written: {path}. Edit it, then `hypewatch rules check`, `rules backtest` and `rules save`.\n"
    for command in ("check", "save"):
        ran = tuned("rules", command)
        assert ran.code == 2, "what is still to be written would be shown to readers"
        assert [line.partition(": ")[2] for line in ran.told.splitlines()] == [
            "is still to be written: Write here why these words mislead.",
            "is still to be written: Write here what could be said instead.",
        ]
        assert f"{path.name}:3:6: " in ran.told
    path.write_text(RULE)
    assert tuned.ok("rules", "check", path) == "1 rules of yours load and their examples hold.\n"

    tried = json.loads(tuned.ok("rules", "try", "--since", "2020-01-01", "--format", "json"))
    assert moved(tried["gained"]) == [("moonshot for mankind", None)]
    assert (tried["mentions"], moved(tried["lost"]), tried["lost_upheld"]) == (1, [], 0)
    assert tried["state"] == "done"
    (gained,) = [row for row in tried["gained"] if row["rule"] == "our-moonshot"]
    assert gained["sentence"][gained["start"] : gained["end"]] == "moonshot for mankind"
    assert set(tried["labelled"]["after"]) >= {"precision", "recall", "lintscore"}
    assert flags(tuned) == before, "trying changes nothing"
    assert json.loads(tuned.ok("rules", "history", "--format", "json")) == []

    said = tuned.ok("rules", "save", "--note", "our own words", "--by", "ada")
    assert said.startswith("Saved as version 1 (sha256:")
    assert said.endswith("1 stored mentions were judged again.\n")
    after = flags(tuned)
    (version,) = json.loads(tuned.ok("rules", "history", "--format", "json"))
    assert (version["by"], version["note"], version["files"]) == ("ada", "our own words", ["our-moonshot.yaml"])
    assert after["our-moonshot"] == version["digest"], "the flag is stamped with the rules that raised it"
    assert set(after) == {*before, "our-moonshot"}
    listed = {row["id"]: row["pack"] for row in json.loads(tuned.ok("rules", "list", "--format", "json"))}
    assert listed["our-moonshot"] == "yours"
    assert tuned.ok("rules", "show", "our-moonshot") == f"# our-moonshot.yaml\n{RULE}"

    said = tuned.ok("rules", "undo", "--by", "ada")
    assert said == "Version 1 is taken back as version 2; 1 stored mentions were judged again.\n"
    assert set(flags(tuned)) == set(before)
    assert not path.exists()
    history = json.loads(tuned.ok("rules", "history", "--format", "json"))
    assert [(row["version"], row["step"]) for row in history] == [(2, "undo"), (1, "save")]
    assert tuned("rules", "undo").told.startswith("There is no saved version to take back.")

    assert tuned.ok("rules", "redo") == "Version 1 is in use again as version 3; 1 stored mentions were judged again.\n"
    assert path.read_text() == RULE
    assert "our-moonshot" in flags(tuned)
    assert tuned("rules", "redo").told.startswith("Nothing was taken back since the last save.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"why: Four": "why: Write here, four"}, "is still to be written: Write here, four people were treated."),
        ({"why: Four people were treated.": "why: WRITE HERE."}, "is still to be written: WRITE HERE."),
        ({"kind: phrase": 'kind: phrase\ncorrection: ""'}, "is still to be written: `correction`"),
        ({"moonshot for mankind": "words to flag"}, "is still to be written: words to flag"),
        ({"Experts speak of a moonshot for mankind.": "Experts speak of [words to flag]."}, "is still to be written: Experts"),
    ],
)  # fmt: skip
def test_what_the_template_left_is_not_saved(tuned, change, said):
    """Its reason and correction, in whatever case, or empty; its phrase and its examples."""
    tuned.ok("rules", "new", "our-moonshot")
    text = RULE
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    (tuned.home / "rules" / "our-moonshot.yaml").write_text(text)
    for command in ("check", "save"):
        ran = tuned("rules", command)
        assert (ran.code, said in ran.told) == (2, True), ran.told


def test_a_rule_in_use_without_its_file_is_not_dropped_in_silence(tuned):
    """Another machine, or an emptied folder: saving something else would have taken the others out of use."""
    folder = tuned.home / "rules"
    folder.mkdir()
    mine = folder / "our-moonshot.yaml"
    mine.write_text(RULE)
    tuned.ok("rules", "save")
    mine.unlink()
    other = RULE.replace("our-moonshot", "our-sunrise").replace("moonshot", "sunrise")
    (folder / "our-sunrise.yaml").write_text(other)
    assert "In use, and not in the folder: our-moonshot.yaml. `hypewatch rules pull`" in tuned.ok("rules", "check")
    ran = tuned("rules", "save")
    assert (ran.code, "our-moonshot.yaml: in use, and not in" in ran.told) == (2, True)
    assert tuned.ok("rules", "pull") == f"Written to {folder}: our-moonshot.yaml.\n"
    assert mine.read_text() == RULE
    assert tuned.ok("rules", "pull") == "The folder holds every rule in use.\n"
    mine.unlink()
    tuned.ok("rules", "save", "--remove")
    assert [row["files"] for row in json.loads(tuned.ok("rules", "history", "--format", "json"))] == [
        ["our-sunrise.yaml"],
        ["our-moonshot.yaml"],
    ]


def test_undo_goes_back_as_far_as_history_reaches(tuned):
    """Each undo one save further, redo forward again; a save in between ends what redo could reach."""
    folder = tuned.home / "rules"
    folder.mkdir()

    def save(word: str) -> None:
        (folder / "our-moonshot.yaml").write_text(RULE.replace("moonshot for mankind", word))
        tuned.ok("rules", "save")

    def phrase() -> str:
        path = folder / "our-moonshot.yaml"
        return path.read_text().partition('any: ["')[2].partition('"')[0] if path.exists() else ""

    for word in ("first word", "second word", "third word"):
        save(word)
    seen = []
    for command in ("undo", "undo", "redo", "undo", "undo"):
        tuned.ok("rules", command)
        seen.append(phrase())
    assert seen == ["second word", "first word", "second word", "first word", ""]
    tuned.ok("rules", "redo")
    save("fourth word")
    assert tuned("rules", "redo").code == 2
    tuned.ok("rules", "undo")
    assert phrase() == "first word"


def test_what_was_edited_and_not_saved_stays_as_it_is(tuned):
    """Undo changes what is in use; a file that a person is working on is neither renamed nor overwritten."""
    folder = tuned.home / "rules"
    folder.mkdir()
    mine, other = folder / "our-moonshot.yaml", folder / "our-other.yaml"
    mine.write_text(RULE)
    tuned.ok("rules", "save")
    edited = RULE.replace("severity: medium", "severity: low")
    mine.write_text(edited)
    other.write_text("a note to myself")
    said = tuned.ok("rules", "undo")
    assert said.splitlines()[1:] == [f"{mine} holds changes that were not saved; it is left as it is."]
    assert sorted(folder.iterdir()) == [mine, other]
    assert (mine.read_text(), other.read_text()) == (edited, "a note to myself")
    assert "our-moonshot" not in flags(tuned)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("a moonshot for mankind.", "a walk in the park."), ":11:6: “Experts speak of a walk in the park.”"),
        (
            ("Two of the four patients improved.", "They call it a moonshot for mankind."),
            ":14:6: “They call it a moonshot",
        ),
        (("severity: medium", "severity: huge"), ":4:11: "),
        (("kind: phrase", "kynd: phrase"), "did you mean 'kind'?"),
        (("message: ", "message: [\n"), "our-moonshot.yaml:"),
        (("why: Four people were treated.\n", ""), "`why`"),
    ],
)
def test_what_is_wrong_is_not_saved(tuned, change, said):
    """An example that fails, a value that is none, an unknown key, broken YAML: told with its place, nothing changes."""
    folder = tuned.home / "rules"
    folder.mkdir()
    text = RULE.replace(*change)
    assert text != RULE
    (folder / "our-moonshot.yaml").write_text(text)
    before = flags(tuned)
    for command in ("check", "save"):
        ran = tuned("rules", command)
        assert ran.code == 2
        assert said in ran.told
        assert all(":" in line for line in ran.told.splitlines())
    assert json.loads(tuned.ok("rules", "history", "--format", "json")) == []
    assert flags(tuned) == before


def test_refusals_are_one_sentence_that_says_what_to_do(tuned):
    told = {
        ("rules", "undo"): "There is no saved version to take back. `hypewatch rules save` makes one.",
        (
            "rules",
            "save",
        ): "Nothing changed since the last version. Edit a file first. `hypewatch rules list` names them.",
        ("rules", "show", "above-outcom"): "There is no rule 'above-outcom'; did you mean 'above-outcome'?.",
    }
    assert {args: tuned(*args).told for args in told} == told
    assert {tuned(*args).code for args in told} == {2}
    tuned.ok("rules", "new", "our-moonshot")
    ran = tuned("rules", "new", "our-moonshot")
    assert (ran.code, ran.told) == (
        2,
        f"{tuned.home / 'rules' / 'our-moonshot.yaml'} is there already. Edit it, or choose another name.",
    )
    ran = tuned("rules", "new", "Not A Name")
    assert ran.code == 2
    assert ran.told.startswith("'Not A Name' is no id: it names a file and stands in addresses")
    assert not (tuned.home / "rules" / "Not A Name.yaml").exists()
    ran = tuned("rules", "new", "our-stop", "--words", "(cure")
    assert (ran.code, ran.told.partition(":")[0]) == (2, "That makes no rule")


@pytest.mark.parametrize("noun", ["rules", "studies"])
@pytest.mark.parametrize(
    "name", ["../../evil", "a/b", "/tmp/evil", "my study", "MyStudy", "-x-", "x", "ü-study", "a" * 65, ".."]
)
def test_one_law_for_the_ids_of_rules_and_studies(cli, noun, name):
    before = sorted(path for path in cli.home.parent.rglob("*") if "hypewatch.db" not in path.name)
    ran = cli(noun, "new", "--", name)
    assert ran.code == 2
    assert f"{name!r} is {'too short' if name == 'x' else 'no id'}" in ran.told
    assert sorted(path for path in cli.home.parent.rglob("*") if "hypewatch.db" not in path.name) == before


@pytest.mark.parametrize("name", ["My Study", "../evil", "x"])
def test_a_sheet_with_such_an_id_does_not_load(cli, name):
    path = cli.home / "studies" / "ours.yaml"
    cli.ok("studies", "new", "ours")
    path.write_text(path.read_text().replace("id: ours", f'id: "{name}"'))
    said = [line for line in cli("studies", "check", path).told.splitlines() if "id" in line]
    assert any(f"{path}:2:5: {name!r} is " in line for line in said)


def test_a_shipped_sheet_is_replaced_only_by_whoever_says_so(cli):
    path = cli.home / "studies" / "keio-ips-sci.yaml"
    ran = cli("studies", "new", "keio-ips-sci")
    assert ran.code == 2
    assert ran.told == (
        "'keio-ips-sci' is a fact sheet that ships with Hypewatch, and a sheet of yours with its id takes its place. "
        "Choose another name, or give --replace if that is what you want."
    )
    assert not path.exists()
    cli.ok("studies", "new", "keio-ips-sci", "--replace")
    assert "id: keio-ips-sci" in path.read_text()


def test_a_lost_flag_that_was_upheld_stops_the_trial(tuned):
    """Exit 1: somebody said that this flag is right, and the edited rules would not raise it."""
    (tuned.home / "rules").mkdir()
    path = tuned.home / "rules" / "our-moonshot.yaml"
    path.write_text(RULE)
    tuned.ok("rules", "save")
    (row,) = json.loads(tuned.ok("mentions", "--format", "json"))
    (flag,) = [flag for flag in row["flags"] if flag["rule"] == "our-moonshot"]
    assert tuned.ok("review", flag["id"], "upheld", "--by", "ada") == f"Flag {flag['id']}: upheld.\n"
    path.unlink()
    ran = tuned("rules", "try", "--since", "2020-01-01", "--remove")
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == "1 of the lost flags were upheld by a person: look at them before you save."
    tried = json.loads(tuned("rules", "try", "--since", "2020-01-01", "--remove", "--format", "json").out)
    assert moved(tried["lost"]) == [("moonshot for mankind", "upheld")]
    assert tried["lost_upheld"] == 1


def test_every_shipped_rule_is_listed_and_shown(cli):
    listed = json.loads(cli.ok("rules", "list", "--format", "json"))
    assert len(listed) > 30
    assert {"id", "pack", "drift", "severity", "status", "why"} <= set(listed[0])
    for row in listed[:5]:
        assert f"id: {row['id']}" in cli.ok("rules", "show", row["id"])
    lines = cli.ok("rules", "list", "--format", "csv").splitlines()
    assert len(lines) == len(listed) + 1


def test_studies_are_listed_shown_begun_and_checked(cli, tmp_path):
    (study,) = json.loads(cli.ok("studies", "list", "--format", "json"))
    assert study["id"] == "keio-ips-sci"
    findings = json.loads(cli.ok("studies", "show", "keio-ips-sci", "--format", "json"))
    assert len(findings) == study["findings"]
    assert all(finding["source"] for finding in findings)
    assert "walking" in cli.ok("studies", "show", "keio-ips-sci")
    assert cli("studies", "show", "nope").told == "There is no study 'nope'. There are: keio-ips-sci."

    abstract = tmp_path / "abstract.txt"
    abstract.write_text("We treated 12 adults with asthma. Symptoms fell by 20 percent. No control group was used.")
    path = cli.home / "studies" / "my-study.yaml"
    said = cli.ok("studies", "new", "my-study", "--from", abstract)
    assert said.startswith(f"Written: {path}. It is a draft and judges nothing until its CAPITALS are filled in: ")
    assert "Symptoms fell by 20 percent" in path.read_text()
    ran = cli("studies", "check", path)
    assert ran.code == 2
    told = [line.partition(": ")[2].removeprefix("is still to be filled in: ") for line in ran.told.splitlines()]
    assert told == [value for value in told if value.isupper() or "IN ONE" in value]
    assert f"{path}:4:14: is still to be filled in: NAME OF THE INSTITUTION" in ran.told
    assert {row["id"]: row["state"] for row in json.loads(cli.ok("studies", "list", "--format", "json"))} == {
        "keio-ips-sci": "in use",
        "my-study": "draft",
    }
    path.write_text(path.read_text() + "\nunknown-key: 1\n")
    ran = cli("studies", "check", path)
    assert ran.code == 2
    assert "unknown-key" in ran.told
    assert cli("studies", "new", "my-study").told == f"{path} is there already. Edit it, or choose another name."


def test_a_draft_judges_nothing_until_it_is_finished(cli):
    """It is no default, takes no mentions, hides no shipped sheet; filled in, it is in use."""
    text = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
    path = cli.home / "studies" / "my-study.yaml"
    cli.ok("studies", "new", "my-study")
    (cli.home / "studies" / "keio-ips-sci.yaml").write_text(
        path.read_text().replace("id: my-study", "id: keio-ips-sci")
    )
    assert cli("check", "-", stdin=text).code == 1
    assert cli("check", "--study", "my-study", "-", stdin=text).told == (
        "The fact sheet of 'my-study' is a draft, and a draft judges nothing. "
        "`hypewatch studies check` tells what is still to be filled in."
    )
    filled = path.read_text()
    for blank, value in {
        "NAME OF THE INSTITUTION": "Testville University",
        "TITLE OF THE PAPER OR RELEASE": "A paper",
        "NAME OF THE LEAD RESEARCHER": "Ada Example",
        "WHAT WAS STUDIED": "asthma",
        "WHAT THE STUDY FOUND, IN ONE SENTENCE": "Symptoms fell.",
        "SAY WHAT LIMITS THE RESULT": "Nobody has reviewed it.",
    }.items():
        filled = filled.replace(blank, value)
    path.write_text(filled)
    assert cli.ok("studies", "check", path) == "my-study: all right.\n"
    assert cli("check", "--study", "my-study", "--assume-relevant", "-", stdin=text).code in {0, 1}
