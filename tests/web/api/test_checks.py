"""`hypewatch.check/1`, exactly as the command writes it."""

from __future__ import annotations

import json

import pytest

from monitor.cli.check import judge_text
from monitor.cli.check_shapes import Text
from monitor.core.text.lang import detect_language

TEXTS = (
    {"id": "a1", "text": "A paralysed man is walking again after Keio's iPS cells.", "title": "He walks"},
    {"id": "de", "text": "Ein gelähmter Mann geht wieder, nachdem er an der Keio-Universität Stammzellen bekam."},
    {"id": "other", "text": "It will rain in Kyoto tomorrow."},
    {"id": "ja", "text": "慶應のiPS細胞で歩けるようになった", "kind": "post"},
    {"id": "old", "text": "A paralysed man is walking again after Keio's iPS cells.", "date": "2020-01-01"},
)


@pytest.mark.parametrize("assume", [False, True])
def test_the_answer_is_the_command_s(reader, seeded, assume):
    study = seeded.library.default()
    ruleset = seeded.library.ruleset(study.id)
    from datetime import date

    wanted = []
    for sent in TEXTS:
        on = date.fromisoformat(sent["date"]) if "date" in sent else None
        text = Text(**{key: value for key, value in sent.items() if key != "date"}, on=on)
        wanted.append(json.loads(json.dumps(judge_text(text, study, ruleset, assume_relevant=assume)[0])))
    assert detect_language(TEXTS[1]["text"]) == "de"
    one_by_one = [reader("POST", "/check", sent | {"assume_relevant": assume}).json() for sent in TEXTS]
    assert one_by_one == wanted
    assert [list(row) for row in one_by_one] == [list(row) for row in wanted], "in the same order"
    together = reader("POST", "/check", {"texts": list(TEXTS), "assume_relevant": assume}).json()
    assert together == {"items": wanted}


def test_what_cannot_be_checked_is_refused(reader):
    for sent in ({}, {"text": 1}, {"text": "x", "texts": []}, {"texts": []}, {"text": "x", "kind": "song"}, [], "x"):
        assert reader("POST", "/check", sent).status_code == 422, sent
    assert reader("POST", "/check", {"text": "x" * 200_001}).status_code == 422
    answer = reader("POST", "/check", {"text": "x", "study": "none"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_two_sentences_are_compared(reader):
    sent = {"finding": "Coffee is linked to a longer life.", "claim": "Coffee makes you live longer.", "id": "c"}
    told = reader("POST", "/compare", sent).json()
    assert (told["id"], told["verdict"]) == ("c", "exaggerates")
    assert told["finding_strength"] < told["claim_strength"]
    assert reader("POST", "/compare", {"finding": "x"}).status_code == 422


def test_nothing_is_stored_and_a_browser_needs_a_key_for_it(reader, client, seeded):
    before = len(reader.get("/mentions")["items"])
    reader("POST", "/check", TEXTS[0])
    assert len(reader.get("/mentions")["items"]) == before
    assert client.post("/api/v1/check", json=TEXTS[0]).status_code == 401
