"""`rules explain`, `backtest`, `save`, `apply`, `import`, `export`, `diff`: what they print, write and exit with."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from monitor.cli.doctor import NOBODY_JUDGES
from monitor.core.mention import RuleSetVersion
from monitor.pipeline.backtests import begin_backtest
from monitor.service import Service
from monitor.settings import load
from monitor.storage.database import Database
from monitor.storage.tables import rulesets

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
kind: phrase
drift: sensational-language
ignores: [reader]
match:
  any: ["moonshot for mankind"]
flags:
  - "Experts speak of a moonshot for mankind."
  - "It was a moonshot for mankind, they said."
passes:
  - "Two of the four patients improved."
"""


@pytest.fixture
def desk(cli, tmp_path):
    """A home with one stored mention and one rule in its folder."""
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(LINE))
    cli.ok("mentions", "import", path)
    (cli.home / "rules").mkdir(exist_ok=True)
    (cli.home / "rules" / "our-moonshot.yaml").write_text(RULE)
    return cli


def data(cli, *args):
    return json.loads(cli(*args, "--format", "json").out)


def mention(cli):
    (row,) = json.loads(cli.ok("mentions", "--format", "json"))
    return row


def test_an_edited_rule_is_tried_as_soon_as_it_has_words(desk):
    path = desk.home / "rules" / "our-moonshot.yaml"
    ask = ("rules", "explain", "our-moonshot", "A moonshot for mankind!", "--edited", "--assume-relevant")
    path.write_text('match:\n  any: ["moonshot for mankind"]\n')
    assert desk(*ask).out.splitlines()[-1] == "Flagged: “moonshot for mankind”."
    path.write_text(RULE.replace('["moonshot for mankind"]', '["moonshot for mankind", "C++"]'))
    ran = desk(*ask)
    assert (ran.code, "“C++” cannot match as it stands" in ran.told) == (0, True)
    path.write_text(RULE.replace('["moonshot for mankind"]', '["mankind!"]'))
    ran = desk(*ask)
    assert (ran.code, "So the rule has no words to try." in ran.told, ran.out) == (2, True, "")


def test_explain_says_what_stopped_a_rule(desk):
    ran = desk("rules", "explain", "above-outcome", "Keio's iPS cell patients hope to walk again.")
    assert (ran.code, ran.out.splitlines()[-2:]) == (
        1,
        ["- The words are there, but they are told as an aim or a hope: “hope”.", "No flag."],
    )
    ran = desk("rules", "explain", "our-moonshot", "A moonshot for mankind!", "--edited", "--assume-relevant")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "Flagged: “moonshot for mankind”.")
    told = data(desk, "rules", "explain", "miracle", "--mention", mention(desk)["id"])
    assert (told["flagged"], told["stopped_by"]) == (False, "words")
    assert desk("rules", "explain", "miracle", "-", stdin="A calm day.").code == 1
    assert desk("rules", "explain", "miracle").told.startswith("Name a text or a mention, one of both.")
    assert desk("rules", "explain", "miracle", " ").told.startswith("There is no text to look at.")
    assert "did you mean 'miracle'?" in desk("rules", "explain", "mirakle", "x").told


def test_a_back_test_exits_with_1_if_an_upheld_flag_goes(desk):
    desk.ok("rules", "save")
    (flag,) = [flag["id"] for flag in mention(desk)["flags"] if flag["rule"] == "our-moonshot"]
    desk.ok("review", flag, "upheld")
    (desk.home / "rules" / "our-moonshot.yaml").unlink()
    ran = desk("rules", "backtest", "--since", "all", "--remove")
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == "1 of the lost flags were upheld by a person: look at them before you save."
    assert "- lantern.example, mention" in ran.out.splitlines()[0]
    assert "Right, of those that were decided about: 1 of 1, then 0 of 0." in ran.out
    told = data(desk, "rules", "backtest", "--since", "all", "--remove")
    assert (told["lost_upheld"], told["reviewed"]["before"]["of"]) == (1, 1)
    assert desk("rules", "backtest", "--since", "whenever").code == 2


def test_rules_that_a_page_saved_are_kept_by_a_back_test_and_told(desk):
    desk.ok("rules", "save")
    (desk.home / "rules" / "our-moonshot.yaml").unlink()
    ran = desk("rules", "backtest", "--since", "all")
    assert (ran.code, "0 lost" in ran.out) == (0, True)
    assert "In use, not in the folder, and kept: our-moonshot.yaml." in ran.told
    assert data(desk, "rules", "backtest", "--since", "all")["lost_count"] == 0


def test_a_back_test_tells_flags_that_become_graver_or_are_mailed_no_more(desk):
    """JSON keeps its names: what comes and goes stands where it stood."""
    desk.ok("rules", "save")
    path = desk.home / "rules" / "our-moonshot.yaml"
    path.write_text(RULE.replace("severity: medium", "severity: high\nconfidence: 0.9"))
    tried = data(desk, "rules", "backtest", "--since", "all")
    (changed,) = [row for row in tried["changed"] if row["rule"] == "our-moonshot"]
    assert (tried["kept"], tried["changed_count"], tried["gained"], tried["lost"]) == (0, len(tried["changed"]), [], [])
    assert (changed["kind"], changed["severity"], changed["confidence"], changed["tier"]) == (
        "changed",
        "high",
        0.9,
        "confirmed",
    )
    assert changed["before"] == {"severity": "medium", "confidence": 0.75, "tier": "drift"}
    said = desk.ok("rules", "backtest", "--since", "all")
    assert "our-moonshot “moonshot for mankind”: graver: high, was medium; mailed now\n" in said
    assert " 0 lost, 1 changed, 0 kept as they are.\n" in said
    path.write_text(RULE.replace("promises more", "says more"))
    said = desk.ok("rules", "backtest", "--since", "all")
    assert " 0 lost, 0 changed, 1 kept as they are.\nOnly what flags say, such as their message and correction," in said


def test_an_import_of_what_is_in_use_says_so(desk):
    desk.ok("rules", "save")
    again = desk("rules", "import", desk.home / "rules")
    assert (again.code, again.out) == (0, "Nothing new: all of these rules are in use as they are.\n")
    assert data(desk, "rules", "import", desk.home / "rules")["version"] is None
    assert len(data(desk, "rules", "history")) == 1


def test_a_save_can_leave_old_mentions_to_a_worker_or_alone(desk):
    told = data(desk, "rules", "save", "--no-wait")
    assert (told["version"], told["judged"], told["judge_old"]) == (1, None, True)
    assert "our-moonshot" not in {flag["rule"] for flag in mention(desk)["flags"]}
    assert desk.ok("rules", "apply") == "1 stored mentions were judged again.\n"
    assert "our-moonshot" in {flag["rule"] for flag in mention(desk)["flags"]}
    assert desk.ok("rules", "apply") == "Every stored mention is judged by the rules in use.\n"
    (desk.home / "rules" / "our-moonshot.yaml").write_text(RULE.replace("moonshot for mankind", "sunrise for mankind"))
    assert data(desk, "rules", "save", "--new-only")["judged"] == 0
    assert "our-moonshot" in {flag["rule"] for flag in mention(desk)["flags"]}, "as it was judged"
    assert [row["judge_old"] for row in data(desk, "rules", "history")] == [False, True]
    assert data(desk, "rules", "undo")["step"] == "undo"
    assert data(desk, "rules", "redo")["step"] == "redo"


def test_an_export_comes_back_byte_for_byte(desk, tmp_path):
    (desk.home / "rules" / "_changes.yaml").write_text("miracle:\n  status: retired  # “laut”\n")
    desk.ok("rules", "save")
    pack = tmp_path / "pack.json"
    desk.ok("rules", "export", pack)
    text = desk.ok("rules", "export")
    assert pack.read_text() == text
    desk.ok("rules", "undo")
    assert json.loads(desk.ok("rules", "export"))["files"] == {}
    told = data(desk, "rules", "import", pack, "--by", "ada")
    assert (told["by"], told["files"], told["note"]) == (
        "ada",
        ["_changes.yaml", "our-moonshot.yaml"],
        "import of 2 files",
    )
    assert desk.ok("rules", "export") == text
    assert (desk.home / "rules" / "our-moonshot.yaml").read_text() == RULE
    desk.ok("rules", "undo")
    desk.ok("rules", "import", "-", stdin=text)
    assert desk.ok("rules", "export") == text


def test_a_file_or_a_folder_is_imported_beside_what_is_in_use(desk, tmp_path):
    desk.ok("rules", "save")
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "our-sunrise.yaml").write_text(RULE.replace("moonshot", "sunrise"))
    desk.ok("rules", "import", folder)
    assert data(desk, "rules", "history")[0]["files"] == ["our-moonshot.yaml", "our-sunrise.yaml"]
    desk.ok("rules", "import", folder / "our-sunrise.yaml", "--replace")
    assert data(desk, "rules", "history")[0]["files"] == ["our-sunrise.yaml"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pack.json", "{", "is no export of rules: it is no JSON."),
        ("pack.json", '{"files": {}}', "is no export of rules"),
        ("pack.json", '{"schema": "hypewatch.rules/1", "files": {}}', "holds no rules."),
        ("pack.json", '{"schema": "hypewatch.rules/1", "files": {"../x.yaml": ""}}', "holds '../x.yaml'"),
        ("our-bad.yaml", "id: our-bad\n", "our-bad.yaml:1:1: has no `message`"),
    ],
)
def test_what_is_no_pack_of_rules_is_refused(desk, tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text)
    ran = desk("rules", "import", path)
    assert (ran.code, said in ran.told) == (2, True), ran.told
    assert desk("rules", "import", tmp_path / "nothing.json").code == 2


def test_two_versions_are_compared_line_by_line(desk):
    desk.ok("rules", "save")
    (desk.home / "rules" / "our-moonshot.yaml").write_text(RULE.replace("severity: medium", "severity: high"))
    desk.ok("rules", "save")
    ran = desk("rules", "diff", 1, 2)
    assert ran.code == 1
    assert [line for line in ran.out.splitlines() if line.startswith(("  -", "  +"))] == [
        "  -severity: medium",
        "  +severity: high",
    ]
    assert data(desk, "rules", "diff", 0, 1)["files"][0]["change"] == "added"
    assert desk("rules", "diff", 2, 2).out == "Versions 2 and 2 hold the same rules.\n"
    assert desk("rules", "diff", 2, 9).told.startswith("There is no version 9 of the rules.")


def test_a_back_test_that_was_killed_is_listed_and_goes_on(desk):
    service = Service(load({"HYPEWATCH_HOME": str(desk.home)}))
    with closing(service.store) as store:
        found = begin_backtest(service.deps, {"our-moonshot.yaml": RULE}, author="ada", budget=0)
        assert store.claim_backtest(found.id, "killed", service.clock(), timedelta(seconds=2)) is not None
    (row,) = data(desk, "rules", "backtest", "--list")
    assert (row["idle"], row["says"].startswith("It is looked through")) == (False, True)
    time.sleep(2.1)
    (row,) = data(desk, "rules", "backtest", "--list")
    assert (row["id"], row["by"], row["state"], row["idle"]) == (found.id, "ada", "running", True)
    assert row["says"].startswith(
        "Nobody goes on with it at the moment: a worker does, or `hypewatch rules backtest --go-on 1`."
    )
    assert "Nobody goes on with it" in " ".join(desk.ok("rules", "backtest", "--list").split())
    assert data(desk, "rules", "backtest", "--go-on", "1")["state"] == "done"
    assert data(desk, "rules", "backtest", "--list")[0]["says"] == ""
    assert desk("rules", "backtest", "--go-on", "7").code == 2


def test_doctor_tells_that_nobody_judges_stored_mentions_again(desk):
    said = desk.ok("rules", "save", "--no-wait")
    assert "wait to be judged again by a worker: `hypewatch rules apply` does it now." in said
    db = Database(f"sqlite:///{desk.home / 'hypewatch.db'}")
    with db.write() as conn:
        conn.execute(sa.update(rulesets).values(at=datetime(2026, 1, 1, tzinfo=UTC)))
    db.close()
    told = {row["says"] for row in data(desk, "doctor") if row["part"] == "work"}
    assert told == {NOBODY_JUDGES}
    desk.ok("rules", "apply")
    assert {row["says"] for row in data(desk, "doctor") if row["part"] == "work"} == {"Nothing waits."}


def test_what_an_old_rule_would_be_refused_for_is_told_with_its_place(desk):
    """Saved by a version that asked less: it goes on, `doctor` and `rules check` tell it."""
    service = Service(load({"HYPEWATCH_HOME": str(desk.home)}))
    with closing(service.store) as store:
        files = {"our-moonshot.yaml": RULE.replace("promises more", "promises {findng}")}
        version = RuleSetVersion(
            id=0, parent=None, digest="old", files=files, author="ada", at=service.clock(), note=""
        )
        store.save_rules(version)
    said = "our-moonshot.yaml:2:10: {findng} stands for nothing: only {match} and {finding} are filled in"
    told = [row["says"] for row in data(desk, "doctor") if row["part"] == "rules" and not row["ok"]]
    assert told == [f"{said}. It is in use as it is: mend it, then `hypewatch rules save`."]
    (desk.home / "rules" / "our-moonshot.yaml").unlink()
    assert f"In use, and to be mended: {said}.\n" in desk.ok("rules", "check")
    desk.ok("rules", "pull")
    ran = desk("rules", "check")
    assert (ran.code, said in ran.told) == (2, True)
