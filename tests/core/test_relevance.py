"""The gate before relevance: quick, and it never turns away what relevance would take."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import relevance
from monitor.core.mention import About
from monitor.core.relevance import find_mention, may_concern
from monitor.library.load import Library

DATA = Path(__file__).parents[1] / "data"
STUDY = Library(Path("/nowhere"), {}).study("keio-ips-sci")
#: A study whose terms hold every kind of phrase that there is.
ODD = replace(
    STUDY,
    digest="odd",
    confusable=(),
    terms=replace(
        STUDY.terms,
        must={
            "a": ("(very|) odd*|Strange", "#KeioTrial", "50 %", "<n:share> recovered"),
            "b": ("(K Pharma|Keio) ... cells", "慶應…細胞"),
        },
        about_if=(("a", "b"),),
        maybe_if=(("b",),),
        also=(),
        never=(),
    ),
)
PIECES = [
    *("Keio", "ＫＥＩＯ", "ke\u00adio", "#KeioTrial", "#KeioCells", "K Pharma", "iPS", "iPS細胞", "慶應", "大学の", "細胞", "脊髄", "患者"),
    *("cells", "stem", "spinal", "cord", "SCI", "patient", "50 %", "half", "recovered", "oddly", "Strange", "very", "Japan", "médula"),
    *("UMIN000035074", "the", ".", "\n", "、"),
]  # fmt: skip


@given(st.sampled_from([STUDY, ODD]), st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from([" ", ""]))
def test_what_relevance_takes_passes_the_gate(study, pieces, mark):
    text = mark.join(pieces)
    if find_mention("", text, study).verdict is not About.NO:
        assert may_concern("", text, study)


def test_every_labelled_text_about_the_study_passes_the_gate():
    texts = [
        row["text"]
        for name in ("sentences.jsonl", "documents.jsonl")
        for row in map(json.loads, (DATA / "labelled" / name).read_text(encoding="utf-8").splitlines())
    ]
    taken = [text for text in texts if find_mention("", text, STUDY).verdict is not About.NO]
    assert len(taken) > 100
    assert [text for text in taken if not may_concern("", text, STUDY)] == []


@pytest.mark.parametrize("text", ["", "The bakery has a new loaf.", "Stock prices fell in Tokyo.", "新しいパン屋さん"])
def test_other_news_is_turned_away(text):
    assert not may_concern("", text, STUDY)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Walking again thanks to stem cells.", "maybe"),
        ("A paralysed man walks again!", "maybe"),
        ("iPS cells did it.", "maybe"),
        ("I had rice and pickles for breakfast.", "no"),
        ("Our new study is out.", "no"),
        ("Stemirac's stem cells were approved in 2018.", "no"),
    ],
)
def test_a_post_quoted_on_a_page_about_the_study_may_say_little(text: str, verdict: str):
    assert find_mention("", text, STUDY).verdict is About.NO
    assert find_mention("", text, STUDY, on_its_page=True).verdict == verdict


def test_another_thread_may_clear_what_was_compiled(monkeypatch):
    class Cleared(dict):
        """What this thread puts in, another takes out at once."""

        def __setitem__(self, key, value):
            pass

    monkeypatch.setattr(relevance, "_COMPILED", Cleared())
    assert find_mention("", "Keio University treated spinal cord injury with iPS cells.", STUDY).verdict is About.ABOUT


@pytest.mark.parametrize(
    ("text", "verdict", "confusable"),
    [
        # Told without a name: what was done, to how many, where.
        ("Four men in Japan had donor cells put into the injured spinal cord, and one of them stands.", "about", None),
        ("One of four patients in Tokyo stands after nerve cells were put into his spine.", "about", None),
        # Set aside by contrast, in each direction.
        ("Unlike the Keio trial, Sapporo's Stemirac is given into a vein. It is approved.", "no", "stemirac"),
        ("Stemirac is on sale. Its makers in Sapporo have nothing to do with Keio University.", "no", "stemirac"),
        ("Keio University put iPS cells into the spinal cord of four patients. It is another thing than Stemirac.", "about", None),
        # Sentences that go on about another study are its own.
        ("Keio's trial was small. Stemirac is sold. It is given into a vein. It was approved in 2018. It costs a lot.", "no", "stemirac"),
        # As often named as the other, and first.
        ("Keio University's iPS cell trial in spinal injury goes on. The team treated four. Kringle has a protein.", "about", None),
    ],
)  # fmt: skip
def test_what_a_text_is_about_goes_by_its_sentences(text: str, verdict: str, confusable: str | None):
    found = find_mention("", text, STUDY)
    assert (found.verdict, found.confusable) == (verdict, confusable)
