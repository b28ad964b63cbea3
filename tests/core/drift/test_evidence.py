"""Evidence: what the rules find in each sentence, standing or taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.core.drift.annotation import Annotated
from monitor.core.drift.compile import compile_rules
from monitor.core.text.doc import read
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
RULE = replace(RULES.rule("miracle"), any=("miracle",), needs=(), unless=(), ignores=())


def annotated(text: str, *rules, lang: str = "en") -> Annotated:
    compiled = compile_rules(STUDY, rules or RULES.rules, RULES.classes)
    return Annotated(read(text), compiled.lexicon, compiled.rules, lang)


def quotes(found: Annotated) -> list[str]:
    return [found.doc.span(hit.match.start, hit.match.end)[2] for hit in found.hits]


def test_a_match_stands_or_is_taken_back_in_its_own_sentence():
    found = annotated("It is not a miracle. It is a miracle.", RULE)
    assert quotes(found) == ["miracle"]
    assert [(found.sentence(at).evidence.asserted, found.sentence(at).evidence.negated) for at in (0, 1)] == [
        (set(), {"sensational-language"}),
        ({"sensational-language"}, set()),
    ]


def test_a_right_number_is_no_hit_and_a_wrong_one_is():
    found = annotated("Four patients were treated. Nine patients were treated.")
    right, wrong = found.sentence(0).evidence, found.sentence(1).evidence
    assert (right.numbers_right, right.numbers_wrong) == (True, False)
    assert wrong.numbers_wrong
    assert {hit.match.sentence for hit in found.hits if hit.pattern.quantity} == {1}


def test_the_distance_is_the_farthest_rung_claimed():
    found = annotated("He can walk again and was cured. He can stand.")
    assert found.sentence(0).evidence.distance == max(hit.pattern.distance for hit in found.hits)
    assert found.sentence(0).evidence.distance > 1
    assert found.sentence(1).evidence.distance == 0


def test_what_a_rule_needs_may_stand_in_the_sentence_before():
    needing = replace(RULE, needs=("hospital",))
    assert quotes(annotated("They left the hospital. What a miracle.", needing)) == ["miracle"]
    assert quotes(annotated("They left the hospital. It rained. What a miracle.", needing)) == []


def test_a_rule_of_another_language_finds_nothing():
    spanish = replace(RULE, languages=("es",))
    assert quotes(annotated("What a miracle.", spanish)) == []
    assert quotes(annotated("What a miracle.", spanish, lang="es")) == ["miracle"]
    assert quotes(annotated("What a miracle.", spanish, lang="")) == ["miracle"]  # not known: the rules of all
