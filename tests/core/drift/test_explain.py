"""Why a rule fires or not: each step that can stop it, by the words that did; and it never says otherwise than judging."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.explain import explain
from monitor.core.drift.explanation import Aside, Check
from monitor.core.model import Kind
from monitor.core.relevance import find_mention
from monitor.core.rules.rule import Status, Unless, Within
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
LABELLED = Path(__file__).parents[2] / "data" / "labelled"


def rule(name: str, **changes):
    found = RULES.rule(name)
    assert found is not None
    return replace(found, **changes) if changes else found


def told(name: str, text: str, *, kind: Kind = Kind.POST, lang: str = "en", title: str = "", on=None, **changes):
    return explain(rule(name, **changes), title, text, STUDY, RULES, kind=kind, lang=lang, on=on)


def quotes(step) -> list[str]:
    return [span.quote for span in step.spans]


def test_a_flag_is_told_with_its_words():
    found = told("above-outcome", "He is walking again.")
    assert found.flag is not None
    assert found.stopped is None
    assert quotes(found.steps[-1]) == ["walking again"]
    assert [step.check for step in found.steps][:3] == [Check.STATUS, Check.LANGUAGE, Check.WORDS]


@pytest.mark.parametrize(
    ("text", "guard", "aside", "words"),
    [
        ("Nobody at Keio can walk again.", "negated", Aside.BESIDE, ["Nobody"]),
        ("The patients hope to walk again.", "aim", Aside.BESIDE, ["hope"]),
        ("He can walk again, posts say. That is not true.", "refuted", Aside.LATER, ["That is not"]),
        ("Can he walk again?", "question", Aside.FORM, ["Can he walk again?"]),
        ("In mice the cells did it: they can walk again.", "elsewhere", Aside.BESIDE, ["mice"]),
    ],
)
def test_a_guard_is_told_with_its_cue(text, guard, aside, words):
    stopped = told("above-outcome", text).stopped
    assert (stopped.check, stopped.name, stopped.aside, quotes(stopped)) == (Check.GUARD, guard, aside, words)


def test_what_stops_a_rule_before_its_words_are_looked_for():
    text = "He is walking again."
    assert told("above-outcome", text, status=Status.DRAFT).stopped.check is Check.STATUS
    assert told("above-outcome", text, studies=("another",)).stopped.check is Check.STUDIES
    assert told("miracle", text, below=("evidence", "uncontrolled")).stopped.check is Check.BELOW
    spanish = told("miracle", "Es un miracle.", lang="es")
    assert (spanish.stopped.check, spanish.stopped.name, spanish.stopped.missing) == (Check.LANGUAGE, "es", ("en",))


def test_a_text_about_something_else_is_told_with_what_it_lacks():
    text = "He is walking again after stem cells."
    found = explain(
        rule("above-outcome"), "", text, STUDY, RULES, kind=Kind.POST, relevance=find_mention("", text, STUDY)
    )
    assert found.stopped.check is Check.ABOUT
    assert any("Keio" in terms for terms in found.stopped.missing)


def test_of_words_that_are_not_there_the_nearest_phrase_is_told():
    found = told("miracle", "What a wonder.", any=("medical (miracle|wonder) cure", "holy grail"))
    assert (found.stopped.check, found.stopped.missing) == (Check.WORDS, ("medical", "cure"))
    apart = told("miracle", "A cure for all, medical miracle.", any=("medical miracle cure",))
    assert (apart.stopped.phrase, apart.stopped.missing) == ("medical miracle cure", ())
    japanese = told("ja-outcome", "患者は元気だ。", lang="ja", any=("患者...奇跡",), when=None)
    assert japanese.stopped.missing == ("奇跡",)
    assert told("miracle", "", any=("holy grail",)).stopped.missing == ("holy", "grail")


@pytest.mark.parametrize("within", Within)
def test_an_exception_is_told_with_the_words_that_hold_it(within):
    unless = (Unless(within=within, any=("medical miracle",)),)
    found = told("miracle", "A medical miracle it was.", any=("medical miracle",), unless=unless)
    stopped = found.stopped
    assert (stopped.check, stopped.name, quotes(stopped)) == (Check.UNLESS, within.value, ["medical miracle"])


def test_who_the_words_are_told_of_instead_is_told():
    found = told("above-approval", "Japan has approved the plan of the therapy.")
    assert (found.stopped.check, found.stopped.name) == (Check.SLOT, "treatment")
    assert quotes(found.stopped) == ["plan of the therapy"]
    before = told("above-outcome", "The nurse came in. She is walking again.")
    assert (before.stopped.check, before.stopped.name) == (Check.SLOT, "patients")
    assert told("above-outcome", "The patient is walking again.").flag is not None


def test_what_a_rule_needs_and_is_not_there_is_told():
    found = told("miracle", "A holy grail it was.", any=("holy grail",), unless=(), needs=("stem cells",), ignores=())
    assert (found.stopped.check, found.stopped.missing) == (Check.NEEDS, ("stem cells",))
    near = told("miracle", "Stem cells. A holy grail it was.", any=("holy grail",), unless=(), needs=("stem cells",))
    assert near.flag is not None


def test_a_number_that_is_right_is_told_with_its_finding():
    found = told("wrong-number", "The trial enrolled four patients.")
    assert (found.stopped.check, found.stopped.name) == (Check.NUMBER, "participants")
    wrong = told("wrong-number", "The trial enrolled nine patients.")
    assert wrong.flag is not None


def test_words_in_quotation_marks_and_the_second_reader_make_a_candidate():
    found = told("above-outcome", 'They say he is "walking again".')
    assert found.flag.confidence < 0.5
    assert next(step for step in found.steps if step.check is Check.QUOTED).passed is False
    weak = told("breakthrough", "A breakthrough in the cooking of rice was shown at the university fair.")
    step = next(step for step in weak.steps if step.check is Check.READER)
    assert (step.passed, step.before) == (step.after >= 0.5, rule("breakthrough").confidence)


def test_a_finding_that_did_not_hold_yet_is_told():
    dated = replace(
        STUDY,
        findings={key: replace(value, since=date(2025, 3, 21)) for key, value in STUDY.findings.items()},
        digest="sha256:dated",
    )
    ruleset = replace(RULES, digest="")
    found = explain(
        rule("above-outcome"), "", "He is walking again.", dated, ruleset, kind=Kind.POST, on=date(2024, 1, 1)
    )
    assert (found.stopped.check, found.stopped.name) == (Check.DATE, "walking")


def test_a_flag_that_stands_behind_a_stronger_one_names_it():
    weaker = rule("above-outcome", id="weaker", when=None, about=None, any=("walking",), confidence=0.5)
    found = explain(weaker, "", "He is walking again.", STUDY, RULES, kind=Kind.POST)
    assert (found.stopped.check, found.stopped.name) == (Check.PLACE, "above-outcome")


def test_an_omission_is_told_by_what_keeps_it_quiet():
    plain = "The day was long and the room was full of people. " * 20
    benefit = "He can stand again after the transplant. "
    caveats = "Four patients were treated, there was no control group, and the results are not peer reviewed. "
    assert told("missing-caveats", benefit + plain).stopped.check is Check.WHOLE
    assert told("missing-caveats", benefit, kind=Kind.ARTICLE).stopped.check is Check.LENGTH
    assert told("missing-caveats", plain, kind=Kind.ARTICLE).stopped.check is Check.BENEFIT
    assert told("missing-caveats", benefit + caveats + plain, kind=Kind.ARTICLE).stopped.check is Check.UNTOLD
    assert told("missing-caveats", benefit + plain, kind=Kind.ARTICLE).flag is not None


def test_the_second_reader_tells_what_keeps_it_quiet():
    assert told("second-reader", "He is walking again.").stopped.check is Check.UNRULED
    asked = told("second-reader", "Could any of this be of use to somebody else one day?")
    assert (asked.stopped.check, asked.stopped.name) == (Check.SENTENCE, "question")
    calm = told("second-reader", "The meeting was held on Tuesday in the main hall.")
    assert calm.stopped.check is Check.READER
    assert calm.stopped.after < calm.stopped.before
    assert told("second-reader", "患者は元気だ。", lang="ja").stopped.check is Check.LANGUAGE


def test_it_never_says_otherwise_than_judging():
    lines = (LABELLED / "pieces.jsonl").read_text(encoding="utf-8").splitlines()[::12][:60]
    for text in (json.loads(line)["text"] for line in lines):
        raised = {flag.rule: flag for flag in assess("", text, STUDY, RULES, kind=Kind.POST).flags}
        for one in RULES.rules[::4]:
            found = explain(one, "", text, STUDY, RULES, kind=Kind.POST)
            assert (found.flag is None) == (one.id not in raised), (one.id, text)
            assert (found.stopped is None) == (found.flag is not None), (one.id, text)
