"""Claims that are composed of word classes: an activity tells of walking, an expectation of availability, anybody of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def rules_of(text: str) -> set[str]:
    return {flag.rule for flag in assess("", text, STUDY, RULES, kind=Kind.POST, lang="en").flags}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("above-outcome", "The oldest patient strolls across the village square to the bakery on Sundays."),
        ("above-outcome", "A year later he takes the stairs, and went to the polling station on foot."),
        ("above-outcome", "He has given his wheelchair away."),
        ("above-outcome", "One of them, never able to sit up before, strides down the corridor."),
        ("outcome-predicted", "The second man should be walking before the snow melts."),
        ("available-soon", "Spinal units are expected to offer the treatment within two years."),
        ("available-soon", "The therapy should be on the menu by Christmas."),
        ("available-soon", "Clinics are accepting reservations for the cells."),
        ("available-soon", "Thousands of patients have registered for the treatment."),
        ("others-too", "The cells will reach everyone who lives in a chair."),
        ("others-too", "They work just as well in incomplete injuries."),
    ],
)
def test_drift_told_by_what_it_is_made_of(rule: str, text: str):
    assert rule in rules_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "The nurse walked through the hospital garden.",
        "He practises walking along the corridor every morning.",
        "Before the accident he went to work on foot.",
        "Their hope is that he will be walking by the end of the year.",
        "Whether he will be walking by then is unknown.",
        "The company hopes to offer the treatment within ten years.",
        "The treatment will not reach hospitals next year.",
        "A larger trial is expected to open in a hospital next year.",
        "Nobody with an old injury was treated.",
        "One of them, once an athlete, is not walking.",
        "He was not, as was written in several papers, walking again.",
    ],
)
def test_the_same_words_told_faithfully(text: str):
    assert rules_of(text) <= {"second-reader"}


@pytest.mark.parametrize(
    ("text", "rule", "drifts"),
    [
        ("The operation has got him as far as standing.", "cause-by-treatment", True),
        ("He had the operation, and while his wife helped he got as far as standing.", "cause-by-treatment", False),
        ("Two other teams have confirmed the result.", "above-evidence", True),
        ("No other team has confirmed the result.", "above-evidence", False),
        ("The men took no immunosuppressants.", "wrong-safety", True),
        ("The men took immunosuppressants.", "wrong-safety", False),
        ("The treatment works, they say, a step that the data cannot carry.", "success-presupposed", False),
        ("Our clinic has places for the cells.", "available-now", True),
        ("The patients at our clinic have waited long.", "available-now", False),
    ],
)
def test_kinds_that_were_found_by_reading_flags(text: str, rule: str, drifts: bool):
    assert (rule in rules_of(text)) is drifts
