"""The rule workbench by forms alone: list, editor, try, back-test, save, history, a wrong flag, import and export."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.items.notes import notes
from monitor.core.judgement import Drift, Severity
from monitor.core.mention import Review, RuleSetVersion, Verdict
from monitor.core.rules.rule import Status
from monitor.core.search.query import parse_query
from monitor.library.rule_edit import RuleForm, rule_yaml
from monitor.pipeline import backtests
from monitor.pipeline.backtests import begin_backtest
from monitor.pipeline.rejudge import JUDGING, judge_all, waits
from monitor.pipeline.tune import save_rules
from monitor.web.app import build_app
from monitor.web.backtests import _folded
from tests.browser.conftest import filled
from tests.web.conftest import SCRIPT, Document

#: A rule as the form sends it.
FORM = {
    "mode": "form",
    "words": "walking again",
    "unless": "",
    "drift": "sensational-language",
    "finding": "",
    "severity": "high",
    "status": "active",
    "message": "“{match}” says he walks.",
    "why": "Nobody is reported as walking.",
    "correction": "One of the four patients can stand.",
    "flags": "He is [walking again].\nNow [walking again].",
    "passes": "He can stand.",
    "languages": "en",
}
HTMX = {"HX-Request": "true"}
NEW = FORM | {"fresh": "1", "id": "our-walk"}


@pytest.fixture
def judged(service):
    """An installation with a few mentions that the real judge judged."""
    return filled(service)


@pytest.fixture
def client(judged):
    return TestClient(build_app(judged), base_url="http://127.0.0.1:8080", follow_redirects=False)


def words(answer) -> str:
    return " ".join(Document(answer.text).words.split())


def rule_yaml_of(name: str) -> str:
    return rule_yaml(
        RuleForm(
            id=name,
            words=("walking again",),
            unless=(),
            message=FORM["message"],
            correction=FORM["correction"],
            severity=Severity.HIGH,
            status=Status.ACTIVE,
            finding=None,
            drift=Drift.SENSATIONAL_LANGUAGE,
            flags=tuple(FORM["flags"].split("\n")),
            passes=(FORM["passes"],),
            why=FORM["why"],
        )
    )


def tried(client, path: str, data: dict[str, str]) -> str:
    """The address of the back-test that a form began, run to its end."""
    begun = client.post(path, data=data)
    assert begun.status_code == 303, words(begun)
    where = begun.headers["location"]
    for _ in range(50):
        if "are looked through so far" not in client.get(where).text:
            return where.partition("?")[0]
        client.post(f"{where.partition('?')[0]}/continue")
    raise AssertionError("it does not end")


#: The rules of the list, in its order.
LISTED = re.compile(r'class="t open" href="/rules/([a-z0-9-]+)"')


def flag_of(judged, rule: str):
    found = judged.store.search(parse_query(f"rule:{rule}", judged.clock()), limit=20)
    return next(stored for mention in found for stored in mention.flags if stored.flag.rule == rule)


def test_every_rule_is_listed_and_opens(client, judged):
    page = client.get("/rules").text
    listed = LISTED.findall(page)
    assert sorted(listed) == sorted(rule.id for rule in judged.deps.rules_with({}).rules())  # each once
    ids = set(listed)
    for rule_id in sorted(ids)[:5]:
        assert client.get(f"/rules/{rule_id}").status_code == 200
    assert client.get("/rules/no-such-rule").status_code == 404
    found = client.get("/rules?q=miracle").text
    assert "miracle" in LISTED.findall(found)
    assert len(LISTED.findall(found)) < 10


def test_your_rules_come_first_then_those_called_wrong_the_others_by_kind(client, judged):
    save_rules(judged.deps, {"our-walk.yaml": rule_yaml_of("our-walk")}, author="ada", note="")
    stored = flag_of(judged, "above-outcome")
    judged.store.review(Review(flag_id=stored.id, verdict=Verdict.DISMISSED, by="ada", at=judged.clock()))
    page = client.get("/rules").text
    assert LISTED.findall(page)[:2] == ["our-walk", "above-outcome"]
    told = " ".join(words(client.get("/rules")).split())
    assert "Yours · 1" in told
    assert "Called wrong · 1" in told
    assert "right 0 of 1" in told
    folded = re.findall(r'<details class="kind"( open)?>', page)
    assert len(folded) > 5
    assert set(folded) == {""}  # a line for each kind; whoever looks for something finds it open
    assert set(re.findall(r'<details class="kind"( open)?>', client.get("/rules?q=cell").text)) == {" open"}


def test_rules_are_narrowed_down_to_one_kind_by_a_link(client, judged):
    kind = Drift.SAFETY_OVERCLAIM
    wanted = {rule.id for rule in judged.deps.rules_with({}).rules() if rule.drift is kind}
    page = client.get("/rules").text
    assert f'href="/rules?kind={kind}">{kind.words} <b class="num">{len(wanted)}</b>' in page
    narrowed = client.get(f"/rules?kind={kind}").text
    assert set(LISTED.findall(narrowed)) == wanted
    assert 'class="chip" href="/rules" aria-current="true"' in narrowed  # pressed again it goes
    assert f"{len(wanted)} rules of the kind “{kind.words}”" in " ".join(
        words(client.get(f"/rules?kind={kind}")).split()
    )
    none = words(client.get("/rules?q=no-such-words"))
    assert "No rule with “no-such-words”." in " ".join(none.split())


def test_a_new_rule_is_tried_saved_undone_and_redone(client, judged):
    where = tried(client, "/rules/our-walk/backtest", NEW)
    page = client.get(where).text
    assert "+ new" in page
    assert judged.store.rules_history(limit=1) == ()
    saved = client.post(f"{where}/save", data={"note": "our own  words"})
    assert saved.headers["location"] == "/rules-history/1"
    (version,) = judged.store.rules_history(limit=5)
    assert (version.note, sorted(version.files)) == ("our own words", ["our-walk.yaml"])
    assert version.author
    told = words(client.get("/rules-history/1"))
    assert "put in id: our-walk" in told
    assert client.post("/rules-history/undo").status_code == 303
    assert judged.store.rules_history(limit=1)[0].files == {}
    assert client.post("/rules-history/redo").status_code == 303
    assert list(judged.store.rules_history(limit=1)[0].files) == ["our-walk.yaml"]
    assert "Compared with the rules as they came" in words(client.get("/rules-history/3?against=0"))
    assert client.post("/rules-history/redo").status_code == 400
    assert client.post("/rules-history/save").status_code == 404


def test_an_undo_that_is_pressed_twice_takes_back_one_save(client, judged):
    for sent in (NEW, NEW | {"fresh": "", "words": "walking again\nlimps"}):
        client.post(f"{tried(client, '/rules/our-walk/backtest', sent)}/save", data={"note": ""})
    (newest,) = {
        tag["value"] for tag in Document(client.get("/rules").text).all("input") if tag.get("name") == "newest"
    }
    assert client.post("/rules-history/undo", data={"newest": newest}).status_code == 303
    assert client.post("/rules-history/undo", data={"newest": newest}).status_code == 400
    assert [version.step.value for version in judged.store.rules_history(limit=5)] == ["undo", "save", "save"]


def test_an_own_rule_is_edited_and_keeps_what_the_form_does_not_show(client, judged):
    client.post(f"{tried(client, '/rules/our-walk/backtest', NEW)}/save", data={"note": ""})
    page = client.get("/rules/our-walk").text
    source = judged.store.rules_history(limit=1)[0].files["our-walk.yaml"]
    assert "walking again" in page
    edited = FORM | {"source": source, "unless": "hopes to|hoping to"}
    where = tried(client, "/rules/our-walk/backtest", edited)
    back = client.get(f"/rules/our-walk?backtest={where.rpartition('/')[2]}").text
    assert "hopes to|hoping to" in back  # "go on editing" has what was typed
    client.post(f"{where}/save", data={"note": "hope is no claim"})
    text = judged.store.rules_history(limit=1)[0].files["our-walk.yaml"]
    assert "hopes to|hoping to" in text
    assert "ignores: [reader]" in text


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(client):
    bad = NEW | {"words": "C++\nwalking again", "passes": "He is walking again."}
    answer = client.post("/rules/our-walk/backtest", data=bad)
    assert answer.status_code == 400
    told = words(answer)
    assert "“C++” holds the signs ++" in told
    assert "He is walking again." in answer.text
    invalid = {tag.get("name") for tag in Document(answer.text).all("textarea") if tag.get("aria-invalid")}
    assert invalid == {"words", "passes"}
    checked = words(client.post("/rules/our-walk/check", data=bad))
    assert "Flag these words" in checked
    assert "2 things are to be put right" in checked
    assert "It can be saved as it stands" in client.post("/rules/our-walk/check", data=NEW).text


def test_yaml_is_for_those_who_want_it(client, judged):
    as_yaml = client.post("/rules/our-walk/edit", data=NEW | {"to": "yaml"})
    (area,) = [tag for tag in Document(as_yaml.text).all("textarea") if tag.get("name") == "yaml"]
    assert area["class"] == "yaml"
    broken = {"fresh": "1", "id": "our-walk", "mode": "yaml", "yaml": "id: our-walk\nnonsense: 1\n"}
    told = words(client.post("/rules/our-walk/check", data=broken))
    assert "line 2 nonsense: 1" in told
    client.post("/rules/our-walk/edit", data=broken | {"to": "form"})
    assert judged.store.rules_history(limit=1) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("He is walking again.", "Flagged: “walking again”."),
        ("Nobody is walking again.", "No flag. Here is why:"),
        ("He was walking dogs.", "The rule's words are not there."),
        ("", ""),
    ],
)
def test_a_rule_is_tried_on_a_sentence(client, text, told):
    answer = client.post("/rules/our-walk/try", data=NEW | {"text": text}, headers={"HX-Request": "true"})
    assert told in words(answer)
    whole = client.post("/rules/our-walk/try", data=NEW | {"text": text})
    assert told in words(whole)
    assert "The rule" in words(whole)  # without script it is the whole editor, with what was typed
    assert "He is [walking again]." in whole.text


@pytest.mark.parametrize(
    "missing", [{"why": "", "correction": "", "message": "", "flags": "", "passes": ""}, {"id": "A B"}]
)
def test_a_rule_is_tried_as_soon_as_it_has_words(client, missing):
    sent = NEW | missing | {"text": "He is walking again."}
    for typed in (
        sent,
        {"fresh": "1", "mode": "yaml", "yaml": 'id: our-walk\nmatch: {any: ["walking again"]}\n'}
        | {"text": sent["text"]},
    ):
        assert "Flagged: “walking again”." in words(client.post("/rules/our-walk/try", data=typed, headers=HTMX))
    held = sent | {"unless": "he"}
    assert "Stopped by the exception “he”" in words(client.post("/rules/our-walk/try", data=held, headers=HTMX))
    none = client.post("/rules/our-walk/try", data=sent | {"words": ""}, headers=HTMX)
    assert "Write the words that are to be flagged" in words(none)


def test_a_name_of_another_rule_is_no_matter_where_a_new_one_is_tried(client, judged):
    save_rules(judged.deps, {"in-use.yaml": rule_yaml_of("in-use")}, author="ada", note="")
    for name in ("above-outcome", "in-use"):
        typed = NEW | {"id": name, "words": "strolling", "text": "He is strolling."}
        assert "Flagged: “strolling”." in words(client.post("/rules/our-walk/try", data=typed, headers=HTMX)), name


def test_what_was_wrong_once_does_not_stay(client):
    """The form is written into the last text of the file that could be read, not into the one that was refused."""
    for bad in ({"words": "((("}, {"why": ""}, {"words": ""}):
        page = client.post("/rules/our-walk/backtest", data=NEW | bad).text
        assert client.post("/rules/our-walk/backtest", data=NEW | {"source": source_of(page)}).status_code == 303, bad


@pytest.mark.parametrize(
    ("phrase", "text", "flagged", "signs"),
    [("C++", "It is a C.", "“C”", "++"), ("$5", "There are 5 of them.", "“5”", "$")],
)
def test_words_that_cannot_match_flag_nothing_where_they_are_tried(client, phrase, text, flagged, signs):
    sent = NEW | {"words": phrase, "text": text}
    told = words(client.post("/rules/our-walk/try", data=sent, headers=HTMX))
    assert f"“{phrase}” cannot match as it stands" in told
    assert f" {signs}." in told
    assert "No flag. Here is why:" in told
    assert flagged not in told
    both = words(client.post("/rules/our-walk/try", data=sent | {"words": f"{phrase}\nit is|are"}, headers=HTMX))
    assert f"“{phrase}” cannot match as it stands" in both
    assert flagged not in both
    shipped = {"status": "", "severity": "", "passes": "", "unless": phrase, "text": f"A miracle. {text}"}
    assert f"“{phrase}” cannot match" in words(client.post("/rules/miracle/try", data=shipped, headers=HTMX))
    assert words(client.post("/rules/our-walk/try", data=sent | {"text": ""}, headers=HTMX)) == ""


def test_a_new_rule_takes_the_name_that_it_is_given(client, judged):
    page = Document(client.get("/rules/new?words=moonshot").text)
    (source,) = [tag["value"] for tag in page.all("input") if tag.get("name") == "source"]
    told = client.post("/rules/our-moonshot/check", data=NEW | {"source": source})
    assert "It can be saved as it stands" in told.text
    begun = client.post("/rules/our-moonshot/backtest", data=NEW | {"source": source})
    assert (begun.status_code, begun.headers["location"].partition("rule=")[2]) == (303, "our-walk")
    edited = client.post("/rules/our-moonshot/edit", data=NEW | {"source": source, "to": "yaml"})
    assert "id: our-walk" in edited.text
    sent = {"mode": "yaml", "fresh": "1", "id": "moonshot", "yaml": source.replace("id: our-moonshot", "id: our-other")}
    assert "our-other" in client.post("/rules/our-moonshot/edit", data=sent | {"to": "yaml"}).text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Our Walk", "is no id"),
        ("a/b?c", "is no id"),
        ("", "is no id"),
        ("above-outcome", "is the name of another rule"),
        ("in-use", "another rule of yours"),
    ],
)
def test_a_name_that_cannot_be_is_told_at_its_field(client, judged, name, told):
    save_rules(judged.deps, {"in-use.yaml": rule_yaml_of("in-use")}, author="ada", note="")
    answer = client.post("/rules/unnamed-rule/backtest", data=NEW | {"id": name, "why": "As I typed it."})
    assert answer.status_code == 400
    assert told in answer.text.partition('id="e-id-1"')[2].partition("</p>")[0]
    assert "As I typed it." in answer.text
    assert '/rules/unnamed-rule/backtest"' in answer.text or name == "above-outcome"
    again = client.post("/rules/above-outcome/check", data=NEW | {"id": "our-walk"})
    assert "It can be saved as it stands" in again.text


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("languages", "xx", "languages"),
        ("message", "“{match}” {nope} {0.__class__}", "message"),
        ("correction", "Say {match.x}.", "correction"),
        ("finding", "no-such-finding", "finding"),
        ("words", "\n".join(f"cure {number}" for number in range(1_001)), "words"),
        ("flags", "\n".join(f"Walking again {number}." for number in range(201)), "flags"),
    ],
)
def test_what_a_rule_may_not_say_is_refused_at_its_field(client, field, value, at):
    answer = client.post("/rules/our-walk/backtest", data=NEW | {field: value})
    assert (answer.status_code, f'id="e-{at}-1"' in answer.text) == (400, True)


def test_a_save_on_a_page_makes_and_fills_the_folder(client, judged):
    folder = judged.settings.home / "rules"
    assert not folder.exists()
    client.post(f"{tried(client, '/rules/our-walk/backtest', NEW)}/save", data={"note": ""})
    assert [path.name for path in folder.iterdir()] == ["our-walk.yaml"]
    (folder / "our-walk.yaml").unlink()
    folder.rmdir()
    client.post(f"{tried(client, '/rules/miracle/backtest', {'status': 'retired'})}/save", data={"note": ""})
    assert sorted(path.name for path in folder.iterdir()) == ["_changes.yaml", "our-walk.yaml"]
    pack = ("our-walk.yaml", (folder / "our-walk.yaml").read_bytes(), "application/yaml")
    again = client.post("/rules/import", files={"file": pack})
    assert (again.status_code, "Nothing new" in words(again)) == (200, True)


def test_everything_that_is_wrong_with_phrases_is_told_at_once(client):
    told = words(client.post("/rules/our-walk/check", data=NEW | {"words": "C++\n(((\nwalking again"}))
    assert "holds the signs" in told
    assert told.count("“(((”") == 1


def test_a_text_too_long_to_be_tried_is_told_and_kept(client):
    answer = client.post("/rules/our-walk/try", data=NEW | {"text": "He is walking again. " * 1_000})
    assert "more than 20,000 letters" in words(answer)
    assert answer.text.count("He is walking again. He") >= 1


def test_why_a_rule_did_not_flag_a_stored_mention(client, judged):
    mention = judged.store.search(parse_query("title:hoping", judged.clock()), limit=1)[0]
    told = words(client.get(f"/mentions/{mention.id}/why?rule=above-outcome"))
    assert "No flag. Here is why:" in told
    tried_on = FORM | {"fresh": "1", "id": "our-walk", "words": "walks again", "mention": f"/mentions/{mention.id}"}
    assert "they are denied" in words(client.post("/rules/our-walk/try", data=tried_on))
    assert client.post("/rules/our-walk/try", data=tried_on | {"mention": "nothing"}).status_code == 400


def test_a_wrong_flag_leads_to_an_exception(client, judged):
    stored = flag_of(judged, "above-outcome")
    page = client.get(f"/flags/{stored.id}/prevent")
    (phrase,) = [tag["value"] for tag in Document(page.text).all("input") if tag.get("name") == "phrase"]
    assert phrase
    where = tried(client, f"/flags/{stored.id}/prevent", {"what": "exception", "phrase": phrase})
    assert "− goes" in client.get(where).text or "✕ goes" in client.get(where).text
    client.post(f"{where}/save", data={"note": "a quotation"})
    (version,) = judged.store.rules_history(limit=5)
    assert phrase in version.files["_changes.yaml"]


def test_what_is_chosen_at_first_can_be_taken(client, judged):
    for mention in judged.store.search(parse_query("flagged:yes", judged.clock()), limit=20):
        for stored in mention.flags:
            page = client.get(f"/flags/{stored.id}/prevent").text
            (chosen,) = [tag["value"] for tag in Document(page).all("input") if "checked" in tag]
            (phrase,) = [tag["value"] for tag in Document(page).all("input") if tag.get("name") == "phrase"]
            answer = client.post(f"/flags/{stored.id}/prevent", data={"what": chosen, "phrase": phrase})
            assert answer.status_code == 303, (stored.flag.rule, chosen, phrase, words(answer))


def test_each_rule_of_a_note_can_be_kept_quiet(client, judged):
    offered = 0
    for mention in judged.store.search(parse_query("flagged:yes", judged.clock()), limit=20):
        for note in notes(mention.flags):
            rules = {stored.flag.rule for stored in note.flags}
            page = client.get(f"/flags/{note.lead.id}/prevent").text
            others = {int(found) for found in re.findall(r'href="/flags/(\d+)/prevent"', page)}
            assert {stored.flag.rule for stored in note.flags if stored.id in others} == rules - {note.lead.flag.rule}
            assert ".." not in words(client.get(f"/flags/{note.lead.id}/prevent")).replace("...", "")
            offered += len(others)
    assert offered


@pytest.mark.parametrize(("what", "written"), [("lower", "severity:"), ("trial", "status: trial")])
def test_a_wrong_flag_leads_to_a_quieter_rule(client, judged, what, written):
    stored = flag_of(judged, "above-outcome")
    where = tried(client, f"/flags/{stored.id}/prevent", {"what": what})
    client.post(f"{where}/save", data={"note": ""})
    assert written in judged.store.rules_history(limit=1)[0].files["_changes.yaml"]


def test_an_example_alone_goes_on_in_the_editor_and_nothing_leads_back(client, judged):
    stored = flag_of(judged, "above-outcome")
    answer = client.post(f"/flags/{stored.id}/prevent", data={"what": "passes"})
    assert answer.status_code == 400  # the rule does not leave it alone yet
    assert "Must be left alone" in words(answer)
    back = client.post(f"/flags/{stored.id}/prevent", data={"what": "nothing"})
    assert back.headers["location"] == f"/mentions/{stored.mention_id}#flag-{stored.id}"
    for phrase in (" ", "((("):
        kept = client.post(f"/flags/{stored.id}/prevent", data={"what": "exception", "phrase": phrase})
        assert kept.status_code == 400
        (field,) = [tag for tag in Document(kept.text).all("input") if tag.get("name") == "phrase"]
        assert (field["value"], field["aria-invalid"]) == (phrase.strip(), "true")
        assert "_changes.yaml" not in kept.text
    assert client.post(f"/flags/{stored.id}/prevent", data={"what": "burn"}).status_code == 400
    assert judged.store.rules_history(limit=1) == ()


def test_a_flag_called_right_goes_only_with_a_tick(client, judged):
    stored = flag_of(judged, "above-outcome")
    client.post("/reviews", data={"verdict": "upheld", "flag": str(stored.id)})
    where = tried(client, "/rules/above-outcome/backtest", {"status": "retired"})
    page = words(client.get(where))
    assert "that you called right would go." in page
    refused = client.post(f"{where}/save", data={"note": "off"})
    assert (refused.status_code, judged.store.rules_history(limit=1)) == (400, ())
    assert client.post(f"{where}/save", data={"note": "off", "lose": "yes"}).status_code == 303


def test_what_becomes_graver_or_is_mailed_no_more_is_told(client, judged):
    """The words of a flag and its place stay: how bad it is and whether it is mailed do not."""
    where = tried(client, "/rules/above-outcome/backtest", {"severity": "low", "status": "trial"})
    found = judged.store.backtest(int(where.rpartition("/")[2]))
    page = words(client.get(where))
    assert (found.gained, found.lost, found.changed > 0) == (0, 0, True)
    assert f"Stay, but change {found.changed} graver, milder, mailed or notStay as they are {found.kept}" in page
    assert "± milder: low, was high; no longer mailed" in page
    assert "low, counts, not mailed" in page, "as it would be"
    assert "No flag of a stored mention" not in page


def test_other_words_of_a_flag_are_no_change_and_the_page_says_so(client, judged):
    client.post(f"{tried(client, '/rules/our-walk/backtest', NEW)}/save", data={"note": ""})
    judge_all(judged.deps, judged.library.default())
    source = judged.store.rules_history(limit=1)[0].files["our-walk.yaml"]
    sent = FORM | {"source": source, "message": "“{match}” is too much.", "correction": "He can stand."}
    page = words(client.get(tried(client, "/rules/our-walk/backtest", sent)))
    assert (
        "No flag of a stored mention would come or go, and none would be graver or milder, or mailed where it was not. "
        "What flags say, such as why the words mislead and what to say instead, would be as you wrote it."
    ) in page
    nowhere = FORM | {"words": "rhubarb pie", "flags": "It is [rhubarb pie].\nNow [rhubarb pie]."}
    page = words(client.get(tried(client, "/rules/our-nobody/backtest", nowhere | {"fresh": "1", "id": "our-nobody"})))
    assert "No mention looked through holds these words; what is still to come may." in page


def test_who_saved_in_between_is_not_overwritten(client, judged):
    mine = tried(client, "/rules/our-walk/backtest", NEW)
    theirs = tried(client, "/rules/miracle/backtest", {"severity": "low"})
    assert client.post(f"{theirs}/save", data={"note": ""}).status_code == 303
    refused = client.post(f"{mine}/save", data={"note": "our words"})
    assert refused.status_code == 409
    assert "Your reason: our words" in words(refused)
    assert '/rules-history/1"' in refused.text  # what was saved, and below the way on
    (number,) = re.findall(r"/rules/our-walk\?backtest=(\d+)", refused.text)
    assert len(judged.store.rules_history(limit=5)) == 1
    again = client.get(f"/rules/our-walk?backtest={number}")
    assert "Other rules were saved since you tried this" in words(again)
    assert "walking again" in again.text
    sent = NEW | {"source": judged.store.backtest(int(number)).files["our-walk.yaml"]}
    on_top = tried(client, "/rules/our-walk/backtest", sent)
    assert client.post(f"{on_top}/save", data={"note": ""}).status_code == 303
    assert sorted(judged.store.rules_history(limit=1)[0].files) == ["_changes.yaml", "our-walk.yaml"]


def test_who_changed_the_same_rule_is_named(client, judged):
    mine = tried(client, "/rules/miracle/backtest", {"severity": "high"})
    theirs = tried(client, "/rules/miracle/backtest", {"severity": "low"})
    client.post(f"{theirs}/save", data={"note": ""})
    assert "you changed it too" in words(client.post(f"{mine}/save", data={"note": ""}))
    number = mine.rpartition("/")[2]
    assert "It changed this very rule" in words(client.get(f"/rules/miracle?backtest={number}"))


def test_a_save_that_is_sent_twice_leads_to_its_version(client, judged):
    where = tried(client, "/rules/our-walk/backtest", NEW)
    for _ in range(2):
        assert client.post(f"{where}/save", data={"note": ""}).headers["location"] == "/rules-history/1"
    assert len(judged.store.rules_history(limit=5)) == 1


def test_a_new_rule_can_be_edited_on_after_its_back_test(client):
    where = tried(client, "/rules/our-walk/backtest", NEW)
    page = client.get(f"/rules/our-walk?backtest={where.rpartition('/')[2]}").text
    sent = {tag.get("name"): tag.get("value") for tag in Document(page).all("input")}
    assert sent["fresh"] == "1"
    assert sent["id"] == "our-walk"
    where = tried(client, "/rules/our-walk/backtest", FORM | sent | {"words": "walking again\nwalks again"})
    assert where


@pytest.mark.parametrize("door", ["backtest", "check", "try", "edit"])
def test_a_name_that_is_none_is_told_whatever_is_asked(client, door):
    answer = client.post(f"/rules/our-walk/{door}", data=NEW | {"id": "Our Cure", "text": "He walks.", "to": "yaml"})
    assert answer.status_code == (400 if door == "backtest" else 200)
    assert "is no id" in words(answer)
    if door != "check":
        (field,) = [tag for tag in Document(answer.text).all("input") if tag.get("name") == "id"]
        assert (field["value"], field["aria-invalid"]) == ("Our Cure", "true")


def test_what_one_tries_it_on_comes_back_with_a_problem(client, judged):
    bad = NEW | {"words": "C++", "text": "He is walking again.", "mention": "12"}
    for door in ("backtest", "edit", "try"):
        answer = client.post(f"/rules/our-walk/{door}", data=bad)
        assert "He is walking again.</textarea>" in answer.text, door
        (field,) = [tag for tag in Document(answer.text).all("input") if tag.get("name") == "mention"]
        assert field["value"] == "12", door
    none = client.post("/rules/our-walk/try", data=NEW | {"mention": "nothing"})
    (field,) = [tag for tag in Document(none.text).all("input") if tag.get("name") == "mention"]
    assert (none.status_code, field["aria-invalid"], field["value"]) == (400, "true", "nothing")


def test_a_form_with_faults_as_yaml_tells_them_at_the_file(client):
    answer = client.post("/rules/our-walk/edit", data=NEW | {"words": "C++", "to": "yaml"})
    assert "to be put right" in words(answer)
    (area,) = [tag for tag in Document(answer.text).all("textarea") if tag.get("name") == "yaml"]
    assert area["aria-invalid"] == "true"
    assert "“C++” holds the signs ++" in words(answer)


def test_a_new_rule_begins_with_empty_fields(client):
    page = client.get("/rules/new").text
    assert "Write here" not in " ".join(re.findall(r"<textarea[^>]*>([^<]*)<", page))
    areas = {tag["name"]: tag for tag in Document(page).all("textarea")}
    assert areas["why"]["placeholder"]
    assert areas["flags"]["placeholder"]
    assert re.search(r'id="f-words"[^>]*></textarea>', page)
    assert re.search(r'id="f-flags"[^>]*></textarea>', page)
    (name,) = [tag["value"] for tag in Document(page).all("input") if tag.get("name") == "id"]
    sent = NEW | {"id": name, "source": source_of(page), "why": "", "flags": ""}
    refused = client.post(f"/rules/{name}/backtest", data=sent)
    assert refused.status_code == 400
    invalid = {tag.get("name") for tag in Document(refused.text).all("textarea") if tag.get("aria-invalid")}
    assert {"why", "flags"} <= invalid
    examples = re.search(r'id="f-flags"[^>]*>([^<]*)<', client.get("/rules/new?words=walks+again").text)[1].splitlines()
    assert len({example.strip(" .") for example in examples}) == 2


def source_of(page: str) -> str:
    return next(tag["value"] for tag in Document(page).all("input") if tag.get("name") == "source")


def test_rules_are_taken_along(client, judged):
    client.post(f"{tried(client, '/rules/our-walk/backtest', NEW)}/save", data={"note": ""})
    exported = client.get("/rules.json").text
    assert list(json.loads(exported)["files"]) == ["our-walk.yaml"]
    client.post("/rules-history/undo")
    begun = client.post("/rules/import", files={"file": ("rules.json", exported.encode())})
    assert begun.status_code == 303
    client.post(f"{begun.headers['location'].partition('?')[0]}/save", data={"note": "brought"})
    assert client.get("/rules.json").text == exported
    one = judged.store.rules_history(limit=1)[0].files["our-walk.yaml"].replace("our-walk", "our-walk-2")
    assert client.post("/rules/import", files={"file": ("our-walk-2.yaml", one.encode())}).status_code == 303


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rules.json", b"[]"),
        ("rules.json", b"\xff\xfe"),
        ("../evil.yaml", b"id: x"),
        ("our-walk.yaml", b"id: our-walk\n"),
        ("rules.json", json.dumps({"schema": "hypewatch.rules/1", "files": {"../../x.yaml": "id: x"}}).encode()),
    ],
)
def test_a_file_that_is_no_rules_is_refused_with_a_sentence(client, judged, name, data):
    answer = client.post("/rules/import", files={"file": (name, data)})
    assert answer.status_code == 400
    assert len(words(answer)) > 60
    assert judged.store.rules_history(limit=1) == ()


def test_what_is_wrong_in_a_file_is_a_list_with_a_line_for_each_thing(client):
    bad = b"id: our-walk\nkind: phrase\nmatch:\n  any: ['<no-such-words>', '(((']\nnonsense: 1\n"
    page = client.post("/rules/import", files={"file": ("our-walk.yaml", bad)}).text
    items = re.findall(r"<li>(Line \d+: .*?)</li>", page)
    assert len(items) == len(set(items)) >= 5
    assert "Line 5: <code>nonsense</code> is no key of a rule" in " ".join(items)
    told = " ".join(Document(page).words.split())
    assert f"{len(items)} things are to be put right" in told
    assert "Nothing was brought in." in told
    assert page.count("our-walk.yaml") == 1, "the file's name stands above its list"
    unknown = (rule_yaml_of("our-walk") + "needs: ['<no-such-words>']\n").encode()
    page = client.post("/rules/import", files={"file": ("our-walk.yaml", unknown)}).text
    assert page.count("names the word class") == 1, "however many studies lack it"


def test_what_is_wrong_in_a_fact_sheet_is_a_list_on_today(service):
    sheet = service.make_home() / "studies" / "mine.yaml"
    sheet.parent.mkdir()
    sheet.write_text("id: mine\nnonsense: 1\n", encoding="utf-8")
    page = TestClient(build_app(service), base_url="http://127.0.0.1:8080").get("/").text
    notice = page.partition('id="broken"')[2].partition("</section>")[0]
    assert len(re.findall(r"<li>Line \d+: ", notice)) >= 2
    assert notice.count("mine.yaml") == 1


def test_what_people_wrote_is_shown_as_text(client, judged):
    hostile = NEW | {"why": SCRIPT, "message": f"“{{match}}” {SCRIPT}", "correction": SCRIPT}
    where = tried(client, "/rules/our-walk/backtest", hostile)
    client.post(f"{where}/save", data={"note": SCRIPT})
    for path in (where, "/rules", "/rules/our-walk", "/rules-history", "/rules-history/1"):
        assert SCRIPT not in client.get(path).text, path
    assert SCRIPT in Document(client.get("/rules-history").text).words


def test_the_same_sentence_in_copies_is_one_line(client, judged):
    where = tried(client, "/rules/our-walk/backtest", NEW)
    found = judged.store.backtest(int(where.rpartition("/")[2]))
    one = found.changes[0]
    assert _folded([one, replace(one, mention_id=7), replace(one, sentence="Another.")]) == [
        (one, 1),
        (replace(one, sentence="Another."), 0),
    ]


def saved_before(service, name: str, yaml: str) -> None:
    """A rule as an earlier version of Hypewatch took it, which asked less."""
    version = RuleSetVersion(
        id=0, parent=None, digest="old", files={f"{name}.yaml": yaml}, author="ada", at=service.clock(), note=""
    )
    service.store.save_rules(version)


def test_what_an_old_rule_would_be_refused_for_stands_in_the_list_with_its_place(client, judged):
    """It goes on, and readers see no braces."""
    saved_before(judged, "our-walk", rule_yaml_of("our-walk").replace("says he walks", "says {findng}"))
    page = words(client.get("/rules"))
    assert "To be mended, line 2: {findng} stands for nothing: only {match} and {finding} are filled in." in page, page[
        :2000
    ]
    judge_all(judged.deps, judged.library.default())
    stored = flag_of(judged, "our-walk")
    assert stored.flag.message == "“walking again” says …."
    assert "{findng}" not in client.get(f"/mentions/{stored.mention_id}").text
    assert client.get("/rules/our-walk").status_code == 200


# --- nobody goes on --------------------------------------------------------------------------------------------------


def test_a_back_test_that_nobody_goes_on_with_says_so(client, judged):
    found = begin_backtest(
        judged.deps, {"_changes.yaml": "second-reader:\n  status: retired\n"}, author="ada", budget=0
    )
    address = f"/backtests/{found.id}"
    page = words(client.get(address))
    assert "Nobody goes on with it at the moment. This page goes on with it while it is open" in page
    assert 'hx-post="/backtests/1/continue"' in client.get(address).text
    lease = judged.store.claim_backtest(found.id, "killed", judged.clock(), backtests.LEASE)
    assert "Nobody goes on with it" not in words(client.get(address))
    judged.clock.forward(seconds=30)
    page = words(client.get(address))
    assert "It is looked through, but nothing was heard of that since " in page
    assert "If its program was ended, it can go on from " in page
    assert lease is not None
    judged.clock.forward(seconds=31)
    assert "Nobody goes on with it at the moment." in words(client.get(address))
    for _ in range(100):  # each goes on for a moment, and a machine may be slow
        assert client.post(f"{address}/continue").status_code == 303
        if "It took" in words(client.get(address)):
            break
    assert "It took" in words(client.get(address)), "it went on, to its end"


def test_stored_mentions_that_nobody_judges_again_are_told_and_the_page_goes_on(client, judged):
    save_rules(judged.deps, {"our-walk.yaml": rule_yaml_of("our-walk")}, author="ada", note="")
    for path in ("/rules", "/rules-history"):
        page = client.get(path)
        assert (
            "stored mentions wait to be judged again with the newest rules, and nobody does it at the moment."
            in words(page)
        )
        assert 'hx-post="/rules-history/judge"' in page.text
    assert judged.store.lock(JUDGING, "a worker", judged.clock(), timedelta(minutes=1))
    assert "Stored mentions are judged again with the newest rules" in words(client.get("/rules"))
    assert "hx-post" not in client.get("/rules-history").text.partition('id="rejudged"')[2].partition("</div>")[0]
    client.post("/rules-history/judge")
    assert waits(judged.deps, judged.library.default()), "it is left to the worker"
    judged.clock.forward(seconds=61)
    for _ in range(100):
        assert client.post("/rules-history/judge").headers["location"] == "/rules-history"
    assert not waits(judged.deps, judged.library.default())
    assert "judged again" not in words(client.get("/rules-history"))


def test_health_is_red_where_nobody_judges_stored_mentions_again(client, judged):
    save_rules(judged.deps, {"our-walk.yaml": rule_yaml_of("our-walk")}, author="ada", note="")
    told = []
    for _ in range(5):
        answer = client.get("/healthz")
        told.append((answer.status_code, answer.json()["waiting_seconds"]))
        judged.clock.forward(seconds=90)
    assert told[:3] == [(200, {})] * 3
    assert told[-1] == (503, {"judging": 180})
    judge_all(judged.deps, judged.library.default())
    assert client.get("/healthz").status_code == 200


def test_a_problem_is_told_at_its_field_without_the_name_that_the_file_has_for_it(client):
    answer = client.post(
        "/rules/our-walk/backtest", data=NEW | {"why": "", "flags": "He is [walking again].", "message": "x"}
    )
    told = words(answer)
    assert answer.status_code == 400
    for problem in ("Is empty", "Needs at least 2", "Must hold {match}, or a reader cannot see the words"):
        assert problem in told
    assert "`" not in told
    checked = client.post("/rules/our-walk/check", data=NEW | {"why": ""}).text
    assert "`" not in checked


@pytest.mark.parametrize(
    ("typed", "at", "told"),
    [
        ({"words": ""}, "words", "Write the words that are to be flagged"),
        ({"words": "a <no-such-words> cure"}, "words", "“a <no-such-words> cure” names the word class"),
        ({"unless": "<no-such-words>"}, "unless", "“<no-such-words>” names the word class"),
        ({"flags": 'He "ran".\nNow [walking again].'}, "flags", '“He "ran".” is not flagged, and must be'),
        ({"words": "he walks", "flags": "he walks\nhe walks [", "passes": "x"}, "flags", "without its pair"),
        ({"passes": "walking again"}, "passes", "is flagged at “walking again”, and must be left alone"),
    ],
)
def test_a_problem_stands_at_the_field_that_it_is_about_in_its_words(client, typed, at, told):
    answer = client.post("/rules/our-walk/backtest", data=NEW | typed)
    tags = [*Document(answer.text).all("textarea"), *Document(answer.text).all("input")]
    invalid = {tag.get("name") for tag in tags if tag.get("aria-invalid")}
    assert (answer.status_code, invalid) == (400, {at})
    assert answer.text.count(f'id="e-{at}-') == 1
    shown = answer.text.partition(f'id="e-{at}-')[2].partition(">")[2].partition("</p>")[0]
    assert told in Document(shown).words
    assert "<code>" not in shown


def test_what_is_wrong_with_a_change_of_a_shipped_rule_stands_at_its_exceptions(client):
    answer = client.post("/rules/miracle/backtest", data={"unless": "<no-such-words>"})
    assert (answer.status_code, answer.text.count('id="e-unless-1"')) == (400, 1)


def test_a_rule_of_ours_offers_to_change_its_words_and_a_shipped_one_does_not(client):
    tried_own = client.post(
        "/rules/our-walk/try", data=NEW | {"text": "Nothing of it."}, headers={"HX-Request": "true"}
    )
    shipped = {"status": "", "severity": "", "unless": "", "passes": "", "text": "Nothing of it."}
    tried_shipped = client.post("/rules/miracle/try", data=shipped, headers={"HX-Request": "true"})
    assert 'href="#f-words"' in tried_own.text
    assert "not there" in tried_shipped.text
    assert 'href="#f-words"' not in tried_shipped.text
    whole = client.post("/rules/miracle/try", data=shipped).text
    assert 'href="#f-words"' not in whole


def test_a_change_is_told_piece_by_piece_and_not_line_by_line(client, judged):
    save_rules(judged.deps, {"our-walk.yaml": rule_yaml_of("our-walk")}, author="ada", note="")
    assert client.get("/rules-history/1").text.count("put in") == 1


def test_one_judged_flag_is_told_as_one(client, judged):
    stored = flag_of(judged, "above-outcome")
    judged.store.review(Review(flag_id=stored.id, verdict=Verdict.UPHELD, by="ada", at=judged.clock()))
    assert "You judged one flag of it, and called it right." in words(client.get(f"/flags/{stored.id}/prevent"))
    assert "you judged one of its flags, and called it right." in words(client.get("/rules/above-outcome"))


def test_a_reviews_page_counts_what_it_lists(client, judged):
    stored = flag_of(judged, "above-outcome")
    client.post("/reviews", data={"verdict": "not-about", "flag": str(stored.id)})
    rest = judged.store.search(parse_query("flagged:yes", judged.clock()), limit=20)
    other = next(one for mention in rest for one in mention.flags if one.stands)
    client.post("/reviews", data={"verdict": "upheld", "flag": str(other.id)})
    page = client.get("/reviews")
    listed = page.text.count('<li class="row" id="decision-')
    assert f"{listed} decision" in words(page)
    assert sum(judged.store.decision_counts().values()) == listed
    assert "0 of 0" not in words(page)
