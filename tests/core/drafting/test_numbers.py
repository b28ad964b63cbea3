"""The numbers of an abstract, each with what it counts."""

from __future__ import annotations

import pytest

from monitor.core.drafting.numbers import numbers_of
from monitor.core.text.doc import read


def kinds(text: str) -> list[tuple[str, str]]:
    doc = read(text)
    return [(told.written, told.kind.value) for sentence in doc.sentences for told in numbers_of(doc, sentence)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It fell by 14.9% in the group.", [("14.9", "share")]),
        ("It rose by 9.5 percentage points.", [("9.5", "points")]),
        ("In all, 1,961 overweight adults took part.", [("1,961", "count")]),
        ("Twenty-four patients were treated.", [("Twenty-four", "count")]),
        ("There were mice (n = 96 per group).", [("96", "count")]),
        ("Two of the five treated eyes improved.", [("Two", "part"), ("five", "count")]),
        ("They were followed for 68 weeks.", [("68", "duration")]),
        ("They took it for 24-36 months.", [("24", "duration"), ("36", "duration")]),
        ("Men aged 51 and 67 came.", [("51", "age"), ("67", "age")]),
        ("A woman aged 34 and two men came.", [("34", "age"), ("two", "count")]),
        ("The mean age was 47.3 years.", [("47.3", "age")]),
        ("Women younger than 55 years took it.", [("55", "age")]),
        (
            "The risk was lower (hazard ratio, 0.78; 95% CI, 0.69-0.88; P = 0.001).",
            [("0.78", "ratio"), ("95", "interval"), ("0.69", "interval"), ("0.88", "interval"), ("0.001", "p-value")],
        ),
        ("It was likelier (OR 2.1).", [("2.1", "ratio")]),
        ("Or 3 times as likely.", [("3", "other")]),
        ("Cells fell by 40 ± 6%.", [("40", "other"), ("6", "spread")]),
        ("The stay was 4 (IQR 3-6) days.", [("4", "duration"), ("3", "spread"), ("6", "spread")]),
        ("It was 1.8-fold higher.", [("1.8", "fold")]),
        ("The dose was 30 mg.", [("30", "unit")]),
        ("In 2021 it began, on May 4.", [("2021", "year"), ("4", "year")]),
        ("Tests for COVID-19 and IL-6 were done.", [("19", "name"), ("6", "name")]),
        ("One patient and another one came.", []),
    ],
)
def test_a_number_is_told_by_the_words_around_it(text, found):
    assert kinds(text) == found


def test_a_length_of_time_is_told_in_days():
    doc = read("They were followed for 2 weeks.")
    assert [told.value for told in numbers_of(doc, doc.sentences[0])] == [14.0]
