"""Rules by the API: yours as files, shipped ones by their change; nobody's change is written over, and undo takes it back."""

from __future__ import annotations

import pytest

from monitor.web.api.route import check_unchanged

RULE = """id: our-cure
kind: phrase
message: “{match}” promises a cure.
why: Nobody is cured.
severity: high
status: active
drift: sensational-language
match:
  any:
    - cure for paralysis
flags:
  - Keio found a cure for paralysis with iPS cells.
  - Here is the cure for paralysis.
passes:
  - Nobody found one.
"""


@pytest.fixture
def own(editor):
    """A rule of one's own is in use."""
    answer = editor("PUT", "/rules/our-cure", {"yaml": RULE, "note": "ours"})
    assert answer.status_code == 201, answer.text
    return answer


def test_a_new_rule_is_in_use_and_in_the_history(editor, own):
    assert own.json()["yaml"] == RULE
    assert (own.json()["pack"], own.json()["change"]) == ("yours", None)
    assert own.headers["etag"] == editor("GET", "/rules/our-cure").headers["etag"]
    version = editor.get("/rule-versions")["items"][0]
    assert (version["note"], version["by"], version["files"]) == ("ours", "Editor (key desk)", ["our-cure.yaml"])
    assert editor.get(f"/rule-versions/{version['version']}")["texts"] == {"our-cure.yaml": RULE}
    assert editor.get("/rule-files") == {"schema": "hypewatch.rules/1", "files": {"our-cure.yaml": RULE}}
    found = editor("POST", "/check", {"text": "A cure for paralysis at Keio.", "assume_relevant": True}).json()
    assert "our-cure" in {flag["rule"] for flag in found["flags"]}


def test_what_is_there_is_changed_by_who_read_it(editor, own):
    tag, milder = own.headers["etag"], {"yaml": RULE.replace("high", "low")}
    for headers, status, code in (
        ({}, 428, "unconditional"),
        ({"If_Match": '"other"'}, 412, "changed"),
        ({"If_None_Match": "*"}, 412, "changed"),
    ):
        refused = editor("PUT", "/rules/our-cure", milder, **headers)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert editor.get("/rules/our-cure")["severity"] == "high"
    changed = editor("PUT", "/rules/our-cure", milder, If_Match=tag)
    assert (changed.status_code, changed.json()["severity"]) == (200, "low")
    again = editor("PUT", "/rules/our-cure", {"yaml": RULE}, If_Match=tag)
    assert again.status_code == 412, "it was changed since"
    assert editor("PUT", "/rules/our-cure", milder, If_Match="*").status_code == 200
    assert len(editor.get("/rule-versions")["items"]) == 2, "the same again is no version"
    assert (
        editor("PUT", "/rules/no-such", {"yaml": RULE.replace("our-cure", "no-such")}, If_Match=tag).status_code == 412
    )


OTHER = RULE.replace("our-cure", "their-cure").replace("cure for paralysis", "paralysis healed")


@pytest.fixture
def meanwhile(editor, monkeypatch):
    """Somebody saves another rule after a program's tag was compared, and before its change is written."""

    def compared(request, tag):
        check_unchanged(request, tag)
        monkeypatch.undo()
        assert editor("PUT", "/rules/their-cure", {"yaml": OTHER}).status_code == 201

    monkeypatch.setattr("monitor.web.api.rules.check_unchanged", compared)


def test_who_saved_in_between_is_not_written_over(editor, own, meanwhile):
    tag = own.headers["etag"]
    refused = editor("PUT", "/rules/our-cure", {"yaml": RULE.replace("high", "low")}, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert "Read them again" in refused.json()["detail"]
    assert editor("GET", "/rules/their-cure").status_code == 200
    assert editor.get("/rules/our-cure")["severity"] == "high"
    assert editor("PUT", "/rules/our-cure", {"yaml": RULE.replace("high", "low")}, If_Match=tag).status_code == 200
    assert editor("GET", "/rules/their-cure").status_code == 200


def test_nor_by_who_takes_out_or_brings_one(editor, own, meanwhile):
    refused = editor("DELETE", "/rules/our-cure", If_Match=own.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert [editor("GET", f"/rules/{rule}").status_code for rule in ("our-cure", "their-cure")] == [200, 200]


def test_a_new_rule_that_loses_is_told_of_the_conflict(editor, meanwhile):
    refused = editor("PUT", "/rules/our-cure", {"yaml": RULE})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert [editor("GET", f"/rules/{rule}").status_code for rule in ("our-cure", "their-cure")] == [404, 200]


def test_undo_and_redo_and_taking_out(editor, own):
    assert editor("POST", "/rules/undo").json()["step"] == "undo"
    assert editor("GET", "/rules/our-cure").status_code == 404
    assert editor("POST", "/rules/redo").json()["step"] == "redo"
    assert editor("DELETE", "/rules/our-cure").status_code == 428
    assert editor("DELETE", "/rules/our-cure", If_Match=own.headers["etag"]).status_code == 204
    assert editor("GET", "/rules/our-cure").status_code == 404
    assert editor("DELETE", "/rules/our-cure", If_Match="*").status_code == 404
    refused = editor("POST", "/rules/redo")
    assert (refused.status_code, refused.json()["code"]) == (400, "usage")


def test_a_shipped_rule_is_changed_and_given_back(editor):
    path, before = "/rules/above-outcome", editor("GET", "/rules/above-outcome")
    assert before.json()["change"] == {"status": None, "severity": None, "unless": [], "passes": []}
    refused = editor("PUT", path, {"yaml": RULE}, If_Match=before.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (400, "usage")
    change = {"status": "trial", "severity": "low", "unless": ["one day"], "passes": []}
    changed = editor("PUT", path, {"change": change}, If_Match=before.headers["etag"])
    assert (changed.status_code, changed.json()["change"]) == (200, change)
    assert (changed.json()["status"], changed.json()["severity"]) == ("trial", "low")
    assert editor("DELETE", path, If_Match=changed.headers["etag"]).status_code == 204
    assert editor("GET", path).json() == before.json()
    assert editor.get("/rule-files")["files"] == {}
    assert editor("DELETE", path, If_Match="*").status_code == 404, "nothing of it is one's own"


def test_a_rule_that_fails_is_told_with_its_places_and_not_saved(editor):
    wrong = RULE.replace("  - Here is the cure for paralysis.", "  - Nothing of the kind.")
    for method, path, sent, field in (
        ("PUT", "/rules/our-cure", {"yaml": wrong}, "file"),
        ("POST", "/rules/check", {"files": {"our-cure.yaml": wrong}}, "file"),
        ("POST", "/rules/backtest", {"files": {"our-cure.yaml": wrong}}, "file"),
    ):
        answer = editor(method, path, sent)
        (problem,) = answer.json()["problems"]
        assert (problem[field], problem["line"]) == ("our-cure.yaml", 13), path
        if path != "/rules/check":
            assert (answer.status_code, answer.json()["code"]) == (400, "library")
    assert editor.get("/rule-versions")["items"] == []
    assert editor("POST", "/rules/check", {"files": {"our-cure.yaml": RULE}}).json() == {"problems": []}
    for name in ("../evil.yaml", "Our.yaml", "our.yml"):
        assert editor("POST", "/rules/check", {"files": {name: RULE}}).json()["code"] == "usage"
    assert editor("PUT", "/rules/OurCure", {"yaml": RULE}).json()["code"] == "usage"
    assert editor("PUT", "/rules/our-cure", {}).status_code == 422
    assert editor("PUT", "/rules/our-cure", {"yaml": RULE, "change": {}}).status_code == 422


def test_why_a_rule_flags_or_does_not(editor):
    text = {"text": "A cure for paralysis at Keio.", "assume_relevant": True, "yaml": RULE}
    told = editor("POST", "/rules/our-cure/explain", text).json()
    assert (told["flagged"], told["flag"]["quote"], told["stopped_by"]) == (True, "cure for paralysis", None)
    told = editor("POST", "/rules/our-cure/explain", text | {"text": "No words of it."}).json()
    assert (told["flagged"], told["flag"], told["answer"]) == (False, None, "No flag.")
    assert told["steps"][-1]["passed"] is False
    mention = editor.get("/mentions?limit=1")["items"][0]["id"]
    assert editor("POST", "/rules/above-outcome/explain", {"mention": mention}).status_code == 200
    assert editor("POST", "/rules/above-outcome/explain", {}).json()["code"] == "usage"
    assert editor("POST", "/rules/no-such/explain", {"text": "x"}).status_code == 404


def test_the_list_is_searched_and_counts(editor, seeded):
    flags = editor.get("/flags")["items"]
    editor("POST", "/reviews", {"flags": [flags[0]["id"]], "verdict": "dismissed"})
    found = editor.get("/rules?q=outcome&drift=overstated-outcome")["items"]
    assert {rule["drift"] for rule in found} == {"overstated-outcome"}
    assert editor.get("/rules?q=nothing-like-it")["items"] == []
    assert editor("GET", "/rules?drift=none").status_code == 422


def test_a_reader_looks_and_changes_nothing(reader):
    assert reader("GET", "/rules/above-outcome").status_code == 200
    for method, path in (("PUT", "/rules/our-cure"), ("POST", "/rules/undo"), ("POST", "/rules/check")):
        assert reader(method, path, {"yaml": RULE}).status_code == 403
