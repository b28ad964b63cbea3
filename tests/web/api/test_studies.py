"""Fact sheets by the API: read, checked and saved, and nobody's change is written over."""

from __future__ import annotations

import pytest

from monitor.library.sheet_edit import values_of, with_values
from monitor.web.api.route import check_unchanged

PATH = "/studies/keio-ips-sci"


@pytest.fixture
def sheet(editor):
    return editor("GET", PATH)


def test_a_sheet_is_read_whole_with_its_findings(sheet, reader):
    whole = sheet.json()
    assert (whole["state"], whole["problems"]) == ("in use", [])
    assert whole["text"].lstrip("# ").strip()
    walking = next(one for one in whole["findings"] if one["finding"] == "walking")
    assert walking["says"].startswith("One of the four patients")
    listed = reader.get("/studies")["items"]
    assert [(one["id"], one["findings"]) for one in listed] == [("keio-ips-sci", len(whole["findings"]))]
    assert reader("GET", "/studies/none").status_code == 404


def test_a_change_is_saved_by_who_read_it(editor, sheet):
    text, tag = sheet.json()["text"], sheet.headers["etag"]
    changed = text.replace("name: Keio University iPS-cell", "name: The Keio iPS-cell", 1)
    assert changed != text
    for headers, status in (({}, 428), ({"If_Match": '"old"'}, 412)):
        assert editor("PUT", PATH, {"text": changed}, **headers).status_code == status
    saved = editor("PUT", PATH, {"text": changed, "note": "shorter"}, If_Match=tag)
    assert saved.status_code == 200, saved.text
    assert saved.json()["name"].startswith("The Keio iPS-cell")
    assert editor("PUT", PATH, {"text": text}, If_Match=tag).status_code == 412
    assert editor("PUT", PATH, {"text": text}, If_Match=saved.headers["etag"]).status_code == 200
    assert editor("PUT", PATH, {"text": text}, If_Match=tag).headers["etag"] == tag


def test_of_two_who_save_at_once_the_second_is_told(editor, sheet, monkeypatch):
    text, tag = sheet.json()["text"], sheet.headers["etag"]
    theirs, ours = (
        text.replace("name: Keio University iPS-cell", f"name: {who} iPS-cell", 1) for who in ("Their", "Our")
    )

    def compared(request, stands):
        check_unchanged(request, stands)
        monkeypatch.undo()
        assert editor("PUT", PATH, {"text": theirs}, If_Match=tag).status_code == 200

    monkeypatch.setattr("monitor.web.api.studies.check_unchanged", compared)
    refused = editor("PUT", PATH, {"text": ours}, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert editor.get(PATH)["name"].startswith("Their iPS-cell")


def test_a_save_between_reading_the_text_and_its_version_is_not_written_over(editor, sheet, seeded, monkeypatch):
    text, tag = sheet.json()["text"], sheet.headers["etag"]
    theirs, ours = (
        text.replace("name: Keio University iPS-cell", f"name: {who} iPS-cell", 1) for who in ("Their", "Our")
    )
    read = seeded.store.sheet_history

    def history(study_id, *, limit=None):
        monkeypatch.undo()
        seeded.library.save_sheet(study_id, theirs, base=text, author="them", now=seeded.clock(), note="")
        return read(study_id, limit=limit)

    monkeypatch.setattr(seeded.store, "sheet_history", history)
    refused = editor("PUT", PATH, {"text": ours}, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert editor.get(PATH)["name"].startswith("Their iPS-cell")


def test_what_cannot_judge_is_told_with_its_place_and_not_saved(editor, sheet, seeded):
    text, tag = sheet.json()["text"], sheet.headers["etag"]
    for wrong in ("", "- a list", "id: keio-ips-sci\nname: [", text.replace("\nname:", "\nnome:", 1)):
        told = editor("POST", "/studies/check", {"text": wrong}).json()
        assert told["problems"], wrong[:40]
        assert all(one["line"] >= 1 for one in told["problems"])
        refused = editor("PUT", PATH, {"text": wrong}, If_Match=tag)
        assert (refused.status_code, refused.json()["code"]) == (400, "library"), wrong[:40]
    assert editor("GET", PATH).headers["etag"] == tag
    assert seeded.store.newest_sheet() == 0


def test_a_sheet_that_fails_its_own_words_is_saved_only_by_saying_so(editor, sheet):
    text = sheet.json()["text"]
    keys = ("findings", "walking")
    said = {"sentence": "Every patient is walking again and completely cured."}
    wrong = with_values(text, keys, values_of(text, keys) | said)
    told = editor("POST", "/studies/check", {"text": wrong}).json()
    assert told["problems"] == []
    assert told["failures"], "it says itself what it flags"
    refused = editor("PUT", PATH, {"text": wrong}, If_Match="*")
    assert (refused.status_code, refused.json()["code"]) == (400, "library")
    assert editor("PUT", PATH, {"text": wrong, "although": True}, If_Match="*").status_code == 200


def test_a_good_sheet_has_no_problems_and_another_id_is_another_study(editor, sheet):
    text = sheet.json()["text"]
    good = {"study": "keio-ips-sci", "draft": False, "problems": [], "failures": []}
    assert editor("POST", "/studies/check", {"text": text}).json() == good
    assert editor("PUT", "/studies/other", {"text": text}).json()["code"] == "library", "the sheet is of another study"
    assert editor("PUT", "/studies/Other", {"text": text}).json()["code"] == "usage"
    other = text.replace("id: keio-ips-sci", "id: other-study", 1)
    made = editor("PUT", "/studies/other-study", {"text": other})
    assert (made.status_code, made.json()["id"]) == (201, "other-study")
    assert {one["id"] for one in editor.get("/studies")["items"]} == {"keio-ips-sci", "other-study"}


def test_a_reader_saves_nothing(reader, sheet):
    assert reader("PUT", PATH, {"text": sheet.json()["text"]}, If_Match="*").status_code == 403


def test_versions_come_back_by_their_text(editor, sheet):
    text = sheet.json()["text"]
    changed = text.replace("name: Keio University iPS-cell", "name: The Keio iPS-cell", 1)
    editor("PUT", PATH, {"text": changed, "note": "shorter"}, If_Match="*")
    editor("PUT", PATH, {"text": text, "note": "as it was"}, If_Match="*")
    versions = editor.get(f"{PATH}/versions")["items"]
    assert [(one["note"], one["text"] == text) for one in versions] == [("as it was", True), ("shorter", False)]
    assert {one["by"] for one in versions} == {"Editor (key desk)"}
    assert editor("GET", "/studies/none/versions").status_code == 404


def test_a_proposal_is_accepted_or_dismissed_with_a_reason(editor, reader, seeded):
    from monitor.core.proposals import ProposalDraft, ProposalKind

    paper = {
        "study_id": "keio-ips-sci",
        "kind": ProposalKind.PUBLISHED,
        "sentence": "A paper on the study has appeared.",
        "title": "First results",
        "url": "https://doi.example/1",
        "seen_in": "PubMed",
        "findings": (),
        "rung": None,
    }
    drafts = [
        ProposalDraft(**paper, key="doi:1"),
        ProposalDraft(**paper | {"url": "https://doi.example/2"}, key="doi:2"),
    ]
    first, second = seeded.store.propose(drafts, now=seeded.clock())
    assert {one["id"] for one in reader.get("/proposals?state=open")["items"]} == {first, second}
    assert reader("POST", f"/proposals/{first}", {"accept": True}).status_code == 403
    refused = editor("POST", f"/proposals/{first}", {"accept": False, "why": " "})
    assert (refused.status_code, refused.json()["code"]) == (400, "usage")
    told = editor("POST", f"/proposals/{first}", {"accept": False, "why": "another trial"}).json()
    assert (told["proposal"]["state"], told["proposal"]["why"], told["look_at"]) == ("dismissed", "another trial", [])
    before = editor.get(PATH)["text"]
    accepted = editor("POST", f"/proposals/{second}", {"accept": True}).json()
    assert accepted["proposal"]["state"] == "accepted"
    assert "https://doi.example/2" in editor.get(PATH)["text"]
    assert "https://doi.example/2" not in before
    assert editor("POST", "/proposals/999", {"accept": True}).status_code == 404
