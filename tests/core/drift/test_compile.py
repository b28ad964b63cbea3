"""Rules against a fact sheet: which are in use, what their phrases carry, and the word classes of both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift.compile import (
    ENGINE_CLASSES,
    compile_rules,
    reached,
    right_numbers,
    sheet_classes,
    speaks,
    word_classes,
)
from monitor.core.rules.phrase import PhraseError
from monitor.core.rules.rule import RuleKind, Status, When
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
RULE = replace(RULES.rule("miracle"), any=("miracle",), needs=(), unless=(), ignores=())


def compiled(*rules):
    return compile_rules(STUDY, rules, RULES.classes)


@pytest.mark.parametrize(
    ("status", "used"), [(Status.ACTIVE, True), (Status.TRIAL, True), (Status.DRAFT, False), (Status.RETIRED, False)]
)
def test_only_rules_in_use_are_compiled(status: Status, used: bool):
    assert bool(compiled(replace(RULE, status=status)).rules) is used


def test_omissions_and_the_classifier_s_rule_stand_apart():
    found = compile_rules(STUDY, RULES.rules, RULES.classes)
    assert {one.rule.kind for one in found.omissions} == {RuleKind.OMISSION}
    assert RuleKind.OMISSION not in {one.rule.kind for one in found.rules}
    assert found.classifier_rule is not None
    assert found.classifier_rule.when is When.CLASSIFIER
    assert compiled(RULE).classifier_rule is None


def test_a_rule_heeds_the_context_of_its_type_but_what_it_ignores():
    (heeding,) = compiled(RULE).rules
    (ignoring,) = compiled(replace(RULE, ignores=("negated",))).rules
    assert set(heeding.context) - set(ignoring.context) == {"negated"}


def test_every_rung_above_the_study_s_own_is_a_phrase_with_its_distance():
    rule = next(rule for rule in RULES.rules if rule.when is When.ABOVE_LADDER and rule.about == "outcome")
    (above,) = compiled(rule).rules
    ladder, finding = STUDY.ladders["outcome"], STUDY.finding_on("outcome")
    assert finding is not None
    expected = [
        distance for distance, rung in enumerate(ladder.rungs[ladder.level(finding.rung) + 1 :], 1) for _ in rung.says
    ]
    assert [pattern.distance for pattern in above.patterns if pattern.distance] == expected
    top = replace(finding, rung=ladder.rungs[-1].id)
    cured = replace(STUDY, findings={**STUDY.findings, finding.id: top})
    (none,) = compile_rules(cured, [rule], RULES.classes).rules
    assert [pattern for pattern in none.patterns if pattern.distance] == []


def test_a_rule_is_silent_below_a_rung_that_the_study_reached():
    finding = next(f for f in STUDY.findings.values() if f.ladder and f.rung)
    ladder = STUDY.ladders[finding.ladder]
    level = ladder.level(finding.rung)
    assert [reached(STUDY, (ladder.id, rung.id)) for rung in ladder.rungs] == [
        at <= level for at in range(len(ladder.rungs))
    ]
    assert not reached(STUDY, None)
    assert not reached(STUDY, (ladder.id, "no-such-rung"))
    assert not reached(STUDY, ("no-such-ladder", finding.rung))


def test_the_sheet_s_words_are_added_to_the_packs_and_the_engine_s_classes_exist():
    study = replace(STUDY, classes={"treatment": ("moon dust",)}, people=("Ada Byron",))
    merged = word_classes(study, {"treatment": ("drug",)})
    assert merged["treatment"] == ("drug", "moon dust")
    assert "Ada Byron" in merged["guard-team"]
    assert "Ada Byron" in merged["guard-ours"]
    assert set(ENGINE_CLASSES) <= set(merged)


def test_rungs_are_told_apart_by_whether_the_study_reached_them():
    classes = sheet_classes(STUDY)
    finding = STUDY.finding_on("outcome")
    assert finding is not None
    ladder = STUDY.ladders["outcome"]
    own = ladder.rungs[ladder.level(finding.rung)]
    assert set(own.says) <= set(classes["sheet-reached"])
    assert set(ladder.rungs[-1].says) <= set(classes["sheet-above"])


def test_the_numbers_of_the_sheet_are_its_ranges_and_no_others():
    quantity = replace(STUDY.quantities[0], allowed=((3.0, 5.0), (7000.0, 9000.0)))
    assert right_numbers(replace(STUDY, quantities=(quantity,))) == {3.0, 4.0, 5.0, 7000.0, 9000.0}


@pytest.mark.parametrize(
    ("languages", "lang", "expected"),
    [
        (("en",), "en", True),
        (("en",), "en-GB", True),
        (("en",), "es", False),
        (("*",), "fi", True),
        (("en",), "", True),
        (("en",), "und", True),
    ],
)
def test_which_rules_speak_a_language(languages: tuple[str, ...], lang: str, expected: bool):
    assert speaks(replace(RULE, languages=languages), lang) is expected


def test_a_word_class_that_nobody_defines_is_refused():
    with pytest.raises(PhraseError, match="moonstone"):
        compiled(replace(RULE, any=("<moonstone> cure",)))


def test_the_study_s_own_condition_is_no_other_disease():
    """A study of dementia may speak of dementia; of strokes it may not."""
    packs = {"other-diseases": ["(stroke|dementia|Alzheimer*|heart (disease|failure))", "brain damage"]}
    study = replace(STUDY, classes={**STUDY.classes, "condition": ("Alzheimer's|dementia|disease", "heart failure")})
    assert word_classes(study, packs)["other-diseases"] == ("(stroke)", "brain damage")
    assert word_classes(STUDY, packs)["other-diseases"] == tuple(packs["other-diseases"])
