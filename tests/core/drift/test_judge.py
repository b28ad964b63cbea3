"""Judging whole texts: the sample article, paraphrases of its errors, faithful texts, and laws that any flag obeys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.text.doc import fold
from monitor.library.load import Library

DATA = Path(__file__).parents[2] / "data"
FACTS = Path(__file__).parents[4] / "shared" / "facts"
LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def judged(text: str, *, title: str = "", kind: Kind = Kind.POST, lang: str = "en"):
    return assess(title, text, STUDY, RULES, kind=kind, lang=lang)


@pytest.mark.skipif(not FACTS.is_dir(), reason="the fact folder beside the checkout is absent")
def test_the_sample_article_is_read_as_an_expert_reads_it():
    text = (FACTS / "sample-article.txt").read_text(encoding="utf-8")
    errors = yaml.safe_load((FACTS / "keio-facts.yaml").read_text(encoding="utf-8"))["sample_article_errors"]
    flags = judged(text, kind=Kind.ARTICLE).flags
    folded, caught = fold(text), 0
    for error in errors:
        if "omits" in error:
            caught += any(flag.drift is Drift.MISSING_CAVEAT for flag in flags)
            continue
        start = folded.index(fold(error["quote"]))
        over = [f for f in flags if f.span.start < start + len(error["quote"]) and start < f.span.end]
        caught += any(f.finding and f.source and f.correction and f.is_drift for f in over)
    assert caught >= 12


@pytest.mark.parametrize("line", (DATA / "paraphrases.jsonl").read_text(encoding="utf-8").splitlines())
def test_paraphrases_of_its_errors_are_drift(line: str):
    row = json.loads(line)
    assert judged(row["text"]).drift, row


@pytest.mark.parametrize("path", sorted((DATA / "faithful").glob("*.txt")), ids=lambda path: path.stem)
def test_faithful_texts_are_left_alone(path: Path):
    assessment = judged(path.read_text(encoding="utf-8"), kind=Kind.ARTICLE)
    assert [(f.rule, f.span.quote) for f in assessment.flags if f.is_drift] == []


def test_the_same_sentence_is_drift_under_one_fact_sheet_only():
    from dataclasses import replace

    walks = STUDY.findings["walking"]
    other = replace(STUDY, digest="other", findings={**STUDY.findings, "walking": replace(walks, rung="walks")})
    ruleset = replace(RULES, digest="sha256:other", reader=None)
    text = "One of the patients is walking again."
    assert [f.rule for f in assess("", text, STUDY, replace(RULES, reader=None, digest="sha256:none")).flags] == [
        "above-outcome"
    ]
    assert assess("", text, other, ruleset).flags == ()


def test_rules_of_another_language_stay_out():
    assert judged("Es ist ein miracle.", lang="de").flags == ()


@given(st.text(max_size=400))
def test_any_text_gets_flags_that_point_into_it(text: str):
    for flag in judged(text, kind=Kind.ARTICLE).flags:
        assert text[flag.span.start : flag.span.end] == flag.span.quote
        assert 0 <= flag.confidence <= 1


@given(
    st.lists(st.sampled_from(["He walks again.", "No", "cured", "two of four", "the brain", "miracle", "?", "\n", "“"]))
)
def test_judging_is_deterministic(words: list[str]):
    text = " ".join(words)
    assert judged(text) == judged(text)
