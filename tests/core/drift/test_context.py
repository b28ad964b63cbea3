"""Context: each guard keeps a sentence quiet, and without it the same sentence is flagged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.attribution import Attribution
from monitor.core.drift.context import Context
from monitor.core.drift.cues import KINDS, Cues
from monitor.core.drift.judge import Judge
from monitor.core.drift.ruleset import RuleSet
from monitor.core.model import Kind
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.rule import RuleKind
from monitor.core.text.doc import read
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def judged(text: str, *, title: str = "", kind: Kind = Kind.POST, lang: str = "en"):
    return assess(title, text, STUDY, RULES, kind=kind, lang=lang)


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


# --- scopes: how far a cue reaches, on words made for it --------------------------------------------------------------

CUE_WORDS = {
    "negated": "not",
    "denied": "nay",
    "aim": "aims",
    "hedged": "maybe",
    "doubts": "doubts",
    "before": "formerly",
    "condition": "if",
}


def holds(guard: str, text: str) -> bool:
    """Does the guard hold for the word `cured` in the text?"""
    kinds = {f"guard-{kind}": (CUE_WORDS[kind],) if kind in CUE_WORDS else () for kind in KINDS}
    matcher = Matcher(read(text), Lexicon({**kinds, "sheet-other": ()}))
    cues = Cues(matcher)
    (found,) = matcher.find(parse("cured"))
    return Context(matcher, cues, Attribution(matcher, cues)).hold(guard, found)


def words(count: int) -> str:
    return " ".join(["so"] * count)


@pytest.mark.parametrize(
    ("guard", "text", "expected"),
    [
        ("negated", f"Not {words(8)} cured.", True),
        ("negated", f"Not {words(9)} cured.", False),
        ("negated", "Not he; she was cured.", False),  # another clause
        ("negated", "Cured not.", False),  # a negation reaches forward
        ("negated", f"Cured {words(3)} nay.", True),
        ("negated", f"Cured {words(4)} nay.", False),
        ("negated", "Nay they were cured.", False),  # a denial reaches back
        ("aim", f"It aims {words(12)} cured.", True),
        ("aim", f"It aims {words(13)} cured.", False),
        ("aim", "Cured it aims.", False),
        ("hedged", f"Maybe {words(40)} cured.", True),
        ("hedged", f"Cured {words(2)} maybe.", True),
        ("hedged", f"Cured {words(3)} maybe.", False),
        ("hedged", "Maybe; she was cured.", False),
        ("before", f"Cured {words(40)} formerly.", True),
        ("before", "Cured; formerly not.", False),
        ("condition", "She was cured; if not, no.", True),  # the whole sentence
        ("condition", "She was cured. If not, no.", False),
        ("refuted", f"He doubts {words(40)} cured.", True),
        ("refuted", "Cured he doubts.", False),
    ],
)
def test_a_cue_reaches_as_far_as_its_scope_says(guard: str, text: str, expected: bool):
    assert holds(guard, text) is expected


@pytest.mark.parametrize(
    ("text", "drift"),
    [
        ("男性は歩けるようになった。", True),
        ("歩けるようになった人は、まだ一人もいない。", False),  # the negation stands behind
        ("男性は歩けるようになったが、手は動かない。", True),  # in another clause
        ("男性は歩けるようになるかもしれない。", False),
        ("歩けるようになることを期待している。", False),
        ("目標は歩けるようになることだ。", False),  # the topic makes it a wish
        ("移植したサルは歩けるようになった。", False),
        ("コンサルタントの男性は歩けるようになった。", True),  # no monkey
        ("「歩けるようになった」という見出しは誤りだ。", False),
        ("男性は歩く練習をしている。", False),
        ("事故の前は自力で歩いていた。", False),
        ("事故前と同じように歩けるようになった。", True),
        ("歩けるようになった人：なし", False),
        ("歩けるようになったのは間違いない。", True),  # no denial
    ],
)
def test_in_japanese_a_cue_reaches_back_within_its_clause(text: str, drift: bool):
    assert judged(text, lang="ja").drift is drift


@pytest.mark.parametrize(
    ("text", "lang", "drift"),
    [
        ("❌ A paralysed man is walking again.", "en", False),
        ("A paralysed man is walking again ❌", "en", False),
        ("A paralysed man is walking again. ❌", "en", False),
        ("✅ A paralysed man is walking again.", "en", True),
        ("❌ One of four stands. A paralysed man is walking again.", "en", True),
        ("❌ Vuelve a caminar", "es", False),
        ("Vuelve a caminar", "es", True),
        ("❌ 歩けるようになった", "ja", False),
        ("It is not the same as saying that there is no risk.", "en", False),
    ],
)
def test_what_is_crossed_out_or_refuted_claims_nothing(text: str, lang: str, drift: bool):
    assert judged(text, lang=lang).drift is drift


def test_what_is_told_of_animals_is_not_raised_by_reading_alone():
    found = judged("The same approach has let a paralysed monkey walk again, the paper says.").flags
    assert not any(flag.is_drift for flag in found), found


@pytest.mark.parametrize(
    ("text", "drifts"),
    [
        ("One of them, once unable to lift a finger, is walking again.", True),
        ("One of them, never allowed to sit up, is walking again.", True),
        ("He is not, as some wrote, walking again.", False),
        ("He is, doctors say, not walking again.", False),
    ],
)
def test_a_negation_between_commas_ends_with_them(text: str, drifts: bool):
    assert ("above-outcome" in {flag.rule for flag in judged(text).flags}) is drifts


def test_who_cannot_do_it_denies_nothing_that_was_said_of_them():
    assert "available-soon" in {f.rule for f in judged("Soon the cells will be offered to all who cannot move.").flags}
    assert "available-soon" not in {f.rule for f in judged("Soon the cells will not be offered to anybody.").flags}
