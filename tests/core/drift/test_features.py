"""What the classifier sees of a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift.features import of_rules, words_of_runs
from monitor.core.drift.judge import Judge
from monitor.core.text.doc import read
from monitor.library.classifier.load import shipped_classifier
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")

JUDGE = Judge(STUDY, RULES)


def features(text: str) -> set[str]:
    return set(JUDGE.seen(read(text))[0][0])


def test_the_study_is_masked():
    seen = features("At Keio, 40 mice with spinal cord injury received stem cells.")
    assert {"w:§who", "w:§number", "w:§condition", "w:§treatment"} <= seen
    assert not any(word in name for name in seen for word in ("keio", "40", "spinal", "stem"))


def test_a_right_number_is_told_from_another():
    assert "w:§number-right" in features("Four men were treated.")
    assert "w:§number-wrong" in features("Forty men were treated.")
    assert "w:§number-known" in features("Four words.")
    assert "w:§number" in features("Forty words.")


def test_rules_and_guards_are_features():
    assert {"rule", "rule:overstated-outcome"} <= features("He is walking again.")
    assert {"only-guarded", "guarded:overstated-outcome", "cue:negated"} <= features("He is not walking again.")


def test_words_of_a_phrase_know_where_they_stand():
    ((found, _),) = JUDGE.seen(read("Stem cells healed nobody."))
    assert found["w:healed"] == [2]
    assert list(found["w:§treatment healed"]) == [0, 1, 2]
    assert found["cue:negated"] == []  # a cue comes from no word in particular
    assert found["p:heale"] == [2]


def test_words_share_their_runs_of_letters():
    """Within a word and its edges; the study's own words and numbers have none."""
    ((found, _),) = JUDGE.seen(read("Keio regrew 40 regrown a cell."))
    assert {name for name in found if name.startswith("r:")} == {
        *("r: reg", "r:regr", "r:egre", "r:grew", "r:rew "),
        *("r:egro", "r:grow", "r:rown", "r:own "),
        *("r: cel", "r:cell", "r:ell "),
    }
    assert words_of_runs(found)["r:regr"] == [1, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is it so?", {"question", "short"}),
        ("It is so!", {"exclamation", "short"}),
        ("It is so 🎉.", {"emoji", "short"}),
        ("He said “it is so”.", {"quotation", "short"}),
        ("so " * 7, {"middle"}),
        ("so " * 25, {"long"}),
    ],
)
def test_the_form_of_a_sentence(text: str, expected: set[str]):
    forms = {"question", "exclamation", "emoji", "quotation", "short", "middle", "long"}
    assert features(text) & forms == expected


def test_the_reading_is_blind_to_what_the_rules_say():
    """Else its agreement with a rule would be the rule's own echo."""
    weights = shipped_classifier().weights
    seen = features("He is walking again, and three of the four patients were cured.")
    assert {name for name in seen if of_rules(name)} >= {"rule", "rule:overstated-outcome"}
    assert [name for name in weights if of_rules(name)] == []
    assert of_rules("w:§number-wrong of")
    assert not of_rules("w:rule of")
