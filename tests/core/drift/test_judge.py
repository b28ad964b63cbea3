"""Judging whole texts: the sample article, paraphrases of its errors, faithful texts, and laws that any flag obeys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess
from monitor.core.drift.judge import Judge
from monitor.core.drift.ruleset import RuleSet
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.rule import RuleKind
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


def test_a_flag_names_words_finding_source_and_correction():
    (flag,) = judged("The cells were put into their brains.").flags
    assert flag.rule == "wrong-place"
    assert flag.span.quote == "into their brains"
    assert flag.found == "The cells were injected into the injured spinal cord."
    assert flag.source is not None
    assert flag.source.title.startswith("Sugai")
    assert flag.correction == flag.found
    assert flag.confirmed


def test_a_title_is_judged_in_its_own_offsets():
    title = "Paralysed man walks again"
    assessment = judged("The results were told at a press conference.", title=title)
    (flag,) = [f for f in assessment.flags if f.span.where == "title"]
    assert flag.rule == "above-outcome"
    assert title[flag.span.start : flag.span.end] == flag.span.quote == "walks again"


def test_a_post_is_never_flagged_for_what_it_leaves_out():
    benefit = "He can stand again after the transplant. " + "The day was long and the room was full of people. " * 20
    assert Drift.MISSING_CAVEAT not in {f.drift for f in judged(benefit, kind=Kind.POST).flags}
    article = judged(benefit, kind=Kind.ARTICLE)
    (flag,) = [f for f in article.flags if f.drift is Drift.MISSING_CAVEAT]
    assert flag.correction is not None
    assert flag.correction.startswith("Add: The results are not peer reviewed")


def test_a_short_article_may_leave_things_out():
    assert judged("He can stand again after the transplant.", kind=Kind.ARTICLE).drift is False


def test_a_text_that_corrects_others_ranks_low():
    claim = "A paralysed man is walking again after a simple jab that reprogrammed his spinal cord."
    hyped = judged(claim + " " + "It is a breakthrough." * 3, title="Walking again", kind=Kind.ARTICLE)
    debunk = judged(
        f"Posts say: “{claim}” None of it holds. Four patients were treated, there was no control group, "
        "and the results are not peer reviewed.",
        title="Fact check: no, nobody walks again",
        kind=Kind.ARTICLE,
    )
    assert hyped.score >= 80
    assert debunk.score <= 50
    assert not any(flag.confirmed for flag in debunk.flags)


def test_a_text_that_quotes_what_it_flags_ranks_low_and_one_that_says_it_does_not():
    quoted = "A reader writes: “{}” and “{}”. There was no control group, and the results are not peer reviewed."
    said = "A reader writes. {} {} There was no control group, and the results are not peer reviewed."
    claims = ("The cells cured his paralysis.", "The treatment has been approved in Japan.")
    quoting, saying = (judged(text.format(*claims), kind=Kind.ARTICLE) for text in (quoted, said))
    assert [f.rule for f in quoting.flags if f.rule != "second-reader"]
    assert quoting.score < saying.score / 2
    assert not any(flag.confirmed for flag in quoting.flags)


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


def test_the_score_adds_up_and_grows_with_severity():
    low, high = judged("A breakthrough."), judged("He was cured and walks again.")
    assert 0 < low.score < high.score <= 100
    assert round(sum(high.score_parts.values())) == pytest.approx(high.score, abs=1)


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


# --- guards: each keeps a sentence quiet, and without it the same sentence is flagged --------------------------------

GUARDED = [
    ("negated", "above-outcome", "Nobody in the study is walking again."),
    ("negated", "miracle", "It is not a miracle."),
    ("refuted", "above-outcome", "Misleading headlines say that he is walking again."),
    ("refuted", "above-outcome", "He is walking again, posts say. That is not true."),
    ("elsewhere", "above-outcome", "In another study a man is walking again."),
    ("hedged", "cause-thanks-to", "He may stand thanks to the cells."),
    ("aim", "above-outcome", "The goal is that one day he is walking again."),
    ("question", "above-outcome", "Is he walking again?"),
    ("asked", "breakthrough", "A breakthrough?"),
    ("before", "above-outcome", "Before the accident he was walking to work, and walks again was no wish."),
    ("condition", "breakthrough", "If it is confirmed, it is a breakthrough."),
    ("team", "breakthrough", "It is remarkable, a breakthrough, said Okano."),
    ("team", "breakthrough", "“It is new. It is a breakthrough,” said Okano."),
    ("team", "breakthrough", "“We waited long,” said Okano. “It is a breakthrough.”"),
    ("refuted", "above-outcome", "“He is walking again,” sceptics mocked."),
    ("refuted", "above-outcome", "Few who were there dispute he stands, others doubt he was cured."),
    ("elsewhere", "above-approval", "Stemirac is another matter. It was approved in 2018."),
    ("refuted", "wider-population", "Does it work for children? Nobody under eighteen took part."),
    ("refuted", "above-outcome", "The paper apologises for the line that he is walking again."),
    ("elsewhere", "above-outcome", "The clip of a man walking out of a hospital has nothing to do with Keio."),
    ("elsewhere", "above-outcome", "In the novel he is walking again by the spring."),
    ("elsewhere", "wrong-cells", "Stemirac is made from the patient's own cells, and Keio's treatment is not."),
    ("elsewhere", "cause-by-team", "Keio's scientists had let injured mice move before."),
    ("refuted", "above-outcome", "Nothing in any of the Tokyo results shows that by now he is walking again."),
    ("refuted", "above-outcome", "No expert quoted by any of the agencies says that he is walking again."),
    ("refuted", "above-outcome", "Everyone who tells you that he is walking again is selling something."),
    ("refuted", "above-outcome", "The result falls well short of evidence that he is walking again."),
    ("refuted", "above-outcome", "He is walking again, one post said, which isn't what Keio reported."),
    ("refuted", "above-outcome", "It was reported that he is walking again. All of it is wrong."),
    ("refuted", "above-outcome", "Doctors worry that people hear he is walking again."),
    ("name", "breakthrough", "He spoke at a dinner of Breakthrough Capital in Tokyo."),
    ("name", "above-outcome", "She works for the Walks Again Fund in Leeds."),
]


@pytest.mark.parametrize(("guard", "rule_id", "text"), GUARDED)
def test_each_guard_earns_its_place(guard: str, rule_id: str, text: str):
    from dataclasses import replace

    rule = RULES.rule(rule_id)
    assert rule is not None
    assert rule.kind is not RuleKind.OMISSION

    def quotes(changed) -> list[str]:
        judge = Judge(STUDY, RuleSet(rules=(changed,), classes=RULES.classes))
        return [f.span.quote for f in judge.assess("", text, kind=Kind.POST, lang="en").flags]

    assert quotes(rule) == []
    assert quotes(replace(rule, unless=())) == []
    assert quotes(replace(rule, unless=(), ignores=(*rule.ignores, guard))) != []


@pytest.mark.parametrize(
    "text",
    [
        "Walking again: no.",
        "Cured: nobody; walking again: nobody; stands: one of four.",
        "Able to walk again: 0/4. Stands: one of four.",
        "Able to walk again: 0 of 4.",
        "Able to walk again (after a year): none.",
        "Walking again - nobody so far",
        "Walking again | none | none",
        "Walking again = 0",
        "Walking again: none of them, says the registry.",
        "Walking again: not yet.",
    ],
)
def test_a_label_whose_value_is_none_claims_nothing(text: str):
    assert not judged(f"The study at a glance. {text}").drift


@pytest.mark.parametrize(
    "text",
    [
        "Walking again: yes.",
        "Walking again: one of four.",
        "Walking again: no one had dared to hope for it.",
        "Walking again: no time to lose for the others.",
        "Walking again. None of the others was treated in time.",
        "Walking again, zero regrets.",
    ],
)
def test_a_label_with_another_value_still_claims(text: str):
    assert "above-outcome" in {flag.rule for flag in judged(f"The study at a glance. {text}").flags}
