"""Judging whole texts: the sample article, paraphrases of its errors, faithful texts, and laws that any flag obeys."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess, judge
from monitor.core.drift.judge import Judge, judge_for
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.scan import Scanner
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
    walks = STUDY.findings["walking"]
    other = replace(STUDY, digest="other", findings={**STUDY.findings, "walking": replace(walks, rung="walks")})
    ruleset = replace(RULES, digest="sha256:other", classifier=None)
    text = "One of the patients is walking again."
    assert [f.rule for f in assess("", text, STUDY, replace(RULES, classifier=None, digest="sha256:none")).flags] == [
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


def test_everything_lets_omission_rules_speak_on_short_texts():
    short = "He can stand again after the transplant."
    usual, everything = (Judge(STUDY, RULES, everything=flag) for flag in (False, True))
    found = [
        {flag.drift for flag in judge.assess("", short, kind=Kind.ARTICLE, lang="en").flags}
        for judge in (usual, everything)
    ]
    assert [Drift.MISSING_CAVEAT in drifts for drifts in found] == [False, True]


def test_a_judge_is_compiled_once_a_digest_and_never_for_rules_without_one():
    assert judge_for(STUDY, RULES) is judge_for(STUDY, RULES)
    nameless = replace(RULES, digest="")
    assert judge_for(STUDY, nameless) is not judge_for(STUDY, nameless)


def test_many_threads_judge_alike():
    text = "A paralysed man is walking again thanks to the cells. It is a miracle. Nobody was cured."
    judge = Judge(STUDY, RULES)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: judge.assess("", text, kind=Kind.POST, lang="en"), range(8)))
    assert all(one == found[0] for one in found)
    assert found[0].drift


def test_of_a_part_of_a_text_nobody_says_what_it_leaves_out():
    text = "He can stand again after the transplant. " + "The day was long and the room was full of people. " * 20
    whole, part = (assess("", text, STUDY, RULES, kind=Kind.ARTICLE, partial=partial) for partial in (False, True))
    assert whole.caveats_missing
    assert Drift.MISSING_CAVEAT in {flag.drift for flag in whole.flags}
    assert part.caveats_missing == ()
    assert Drift.MISSING_CAVEAT not in {flag.drift for flag in part.flags}


def test_a_text_is_held_to_what_was_known_on_its_day():
    """The dates that slipped were right when they were told; the first patient was treated in December 2021."""

    def flags(text: str, on: date | None) -> set[str]:
        found = assess("", text, STUDY, RULES, kind=Kind.POST, on=on).flags
        return {flag.rule for flag in found if flag.is_drift}

    slipped = "The company trial will start in 2026."
    assert "availability-dates" in flags(slipped, None) & flags(slipped, date(2026, 3, 1))
    assert "availability-dates" not in flags(slipped, date(2025, 4, 1))
    walks = "A paralysed man is walking again in Tokyo."
    assert "above-outcome" in flags(walks, date(2022, 1, 20))
    assert "above-outcome" not in flags(walks, date(2019, 2, 18))
    caveats = assess("", walks, STUDY, RULES, kind=Kind.ARTICLE, on=date(2019, 2, 18)).caveats_missing
    assert "not-peer-reviewed" not in caveats
    assert "not-peer-reviewed" in assess("", walks, STUDY, RULES, kind=Kind.ARTICLE).caveats_missing


@pytest.mark.parametrize(
    ("name", "lang"), [("pieces-es", "es"), ("pieces-ja", "ja"), ("unrelated", "fr"), ("sentences", "de")]
)
def test_what_holds_nothing_is_judged_as_if_it_was_read(name: str, lang: str, monkeypatch: pytest.MonkeyPatch):
    """In languages that the classifier does not read, texts of which no word is a rule's are not read; the judgement is the same."""
    rows = (DATA / "labelled" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(row)["text"] for row in rows[::4]]
    kinds = (Kind.ARTICLE, Kind.POST)
    ours = [assess("", text, STUDY, RULES, kind=kind, lang=lang) for text in texts for kind in kinds]
    asked = []
    monkeypatch.setattr(Scanner, "possible", lambda _, text: asked.append(text) or [0])
    assert ours == [assess("", text, STUDY, RULES, kind=kind, lang=lang) for text in texts for kind in kinds]
    assert asked


def test_a_text_of_other_things_is_not_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judge, "read", None)
    assert judged("El puerto abre los lunes.", lang="es").flags == ()
    with pytest.raises(TypeError):
        judged("El puerto abre los lunes.", lang="en")
