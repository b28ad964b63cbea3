"""In which other ways a searched word can be written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.search.nodes import written
from monitor.core.search.query import parse_query
from monitor.core.search.spelling import english_forms, widened

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("cure", "cure"),
        ("Rückenmark", "Rückenmark OR Rueckenmark"),
        ("Rueckenmark", "Rueckenmark OR (Ruckenmark AND lang:de)"),
        ('"Münchner Klinik"', '"Münchner Klinik" OR "Muenchner Klinik"'),
        ("Rücken*", "Rücken* OR Ruecken*"),
        ("quer neue", "quer AND neue"),
        ("慶應", "慶應 OR 慶応義塾大学 OR 慶応大学 OR 慶応大 OR 慶応 OR 慶大"),
        ("慶大", "慶大 OR 慶応義塾大学 OR 慶応大学 OR 慶応大 OR 慶応"),
        ("理研", "理研 OR 理化学研究所"),
        ("patient~ -cure~", "(patient OR patients) AND NOT (cure OR cures)"),
        ("patient~ NEAR/3 walk", "patient NEAR/3 walk OR patients NEAR/3 walk"),
        ("title:Rückenmark since:2025-03-20", "title:Rückenmark AND since:2025-03-20T00:00"),
    ],
)
def test_a_word_is_looked_for_as_it_can_be_written(text, asked):
    root = parse_query(text, NOW).root
    assert root is not None
    assert written(widened(root)) == asked


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("patient", "patients"),
        ("studies", "study"),
        ("therapy", "therapies"),
        ("boxes", "box"),
        ("doses", "dose"),
        ("women", "woman"),
        ("analyses", "analysis"),
        ("paralysed", "paralyzed"),
        ("Tumors", "tumour"),
        ("centre", "centers"),
        ("randomised", "randomized"),
        ("organizations", "organisation"),
    ],
)
def test_singular_and_plural_british_and_american_are_forms_of_each_other(word, other):
    assert other in english_forms(word)
    assert word.lower() in english_forms(other)


@pytest.mark.parametrize("word", ["this", "virus", "stress", "news"])
def test_a_word_that_ends_like_a_plural_keeps_itself(word):
    assert english_forms(word)[0] == word
