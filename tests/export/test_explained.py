"""Every step has its sentence, and the shape holds its parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.drift.context import NAMES
from monitor.core.drift.ensemble import Silence
from monitor.core.drift.explanation import Aside, Check, Checked, Explanation
from monitor.core.judgement import Span
from monitor.export.explained import GUARDS, SILENCES, answer, explanation_row, sentence

SPAN = Span(start=0, end=4, quote="hope")


@pytest.mark.parametrize("check", Check)
@pytest.mark.parametrize("passed", [True, False])
def test_every_step_has_a_sentence(check, passed):
    step = Checked(
        check=check,
        passed=passed,
        spans=(SPAN,),
        phrase="hope* to",
        missing=("walk",),
        name="question" if check is Check.SENTENCE else "en",
        aside=Aside.BESIDE,
        before=0.9,
        after=0.3,
    )
    assert sentence(step)[0].isupper()
    assert sentence(step)[-1] == "."
    bare = replace(
        step,
        spans=(),
        phrase="",
        missing=(),
        aside=None,
        before=None,
        name=step.name if check is Check.SENTENCE else "",
    )
    assert sentence(bare)[-1] == "."


def test_every_guard_and_silence_has_its_words():
    assert set(NAMES) <= set(GUARDS)
    assert {silence.value for silence in Silence} == set(SILENCES)


def test_an_exception_is_told_with_its_words():
    step = Checked(check=Check.UNLESS, passed=False, spans=(SPAN,), phrase="hope* to", name="sentence")
    assert sentence(step) == "Stopped by the exception “hope* to”: “hope” stands in the sentence."
    found = Explanation(rule="ours", steps=(step,))
    assert answer(found) == "No flag."
    assert explanation_row(found) == {
        "rule": "ours",
        "flagged": False,
        "stopped_by": "unless",
        "steps": [
            {
                "check": "unless",
                "passed": False,
                "says": sentence(step),
                "words": [{"start": 0, "end": 4, "quote": "hope"}],
                "phrase": "hope* to",
                "name": "sentence",
            }
        ],
        "flag": None,
    }


def test_a_phrase_of_one_part_is_named_once_when_it_is_missing():
    step = Checked(check=Check.WORDS, passed=False, phrase="(cure|heal)", missing=("(cure|heal)",))
    assert sentence(step) == "The rule's words are not there. Nearest comes “(cure|heal)”."
    two = replace(step, phrase="medical cure", missing=("cure",))
    assert sentence(two) == "The rule's words are not there. Nearest comes “medical cure”: “cure” is missing."
