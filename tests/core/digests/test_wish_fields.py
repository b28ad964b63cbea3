"""Wishes as words: whatever is written is read again, and what cannot be read says how it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.subscribers import Wishes
from monitor.core.digests.wish_fields import WISHES, read_days, read_pause, read_wish, wish_words
from monitor.core.errors import UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.core.wording import LANGUAGES

HOURS = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def some(choices):
    return st.lists(st.sampled_from(list(choices)), unique=True).map(tuple)


ANY_WISHES = st.builds(
    Wishes,
    at=HOURS,
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires"]),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    threshold=st.sampled_from(Severity),
    quiet=st.booleans(),
    language=st.sampled_from(sorted(LANGUAGES)),
    drifts=some(Drift),
    networks=some(Network),
    languages=some(["en", "ja", "de", "zh", "yue"]),
    weekly=st.booleans(),
    monthly=st.booleans(),
    urgent_from=st.none() | st.integers(2, 1000),
    urgent_most=st.integers(1, 24),
    hush_from=HOURS,
    hush_until=HOURS,
)


def written(value: object) -> str:
    """As it stands in a cell."""
    if isinstance(value, bool):
        return str(value)
    return (",".join(value) or "all") if isinstance(value, list) else str(value)


@given(ANY_WISHES)
def test_all_wishes_are_read_as_they_were_written(wishes):
    words = wish_words(wishes)
    assert list(words) == list(WISHES)
    back = Wishes()
    for name, value in words.items():
        back = replace(back, **read_wish(name, written(value)))
    assert back == wishes


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("at", "25:00", "'25:00' is no time of day; write it as 07:00."),
        ("days", "mon,someday", "are no weekdays"),
        ("days", "", "are no weekdays"),
        ("threshold", "huge", "There are: low, medium, high."),
        ("language", "fr", "There are: en, ja, es."),
        ("drifts", "overstated-outcome,lies", "There is no kind of drift 'lies'. There are: overstated-outcome,"),
        ("networks", "web,friendster", "There is no network 'friendster'. There are: web,"),
        ("coverage_languages", "en,klingon", "There is no language 'klingon'."),
        ("coverage_languages", "en-GB", "Write its code of two or three letters"),
        ("quiet_days", "perhaps", "'perhaps' is neither yes nor no."),
        ("urgent_from", "many", "'many' is no number that can be."),
        ("urgent_from", "9" * 5000, "is no number that can be."),
        ("urgent_most", "²", "is no number that can be."),
        ("hush", "21:00", "is no span of hours; write it as 21:00-07:00."),
        ("hush", "21:00-7pm", "is no time of day"),
    ],
)
def test_what_cannot_be_read_says_what_can(name, text, told):
    with pytest.raises(UsageError) as error:
        read_wish(name, text)
    assert told in str(error.value)
    assert len(str(error.value)) < 700


def test_words_of_people_are_taken_too():
    assert read_wish("days", " Monday, FRI ") == {"weekdays": (0, 4)}
    assert read_wish("drifts", "All") == {"drifts": ()}
    assert read_wish("networks", "X, web, x") == {"networks": (Network("x"), Network.WEB)}
    assert read_wish("urgent_from", "OFF") == {"urgent_from": None}
    assert read_wish("quiet_days", "No") == {"quiet": False}


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon-fri", (0, 1, 2, 3, 4)), ("Monday, thu", (0, 3)), ("sat-sun,mon", (0, 5, 6)), ("SUN", (6,))],
)
def test_weekdays_and_ranges_of_them(text, days):
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["mon tue", "sunshine", "montag", "fri-mon", "mon-", "-fri", "mon-tue-wed", ""])
def test_what_only_looks_like_weekdays_is_refused(text):
    with pytest.raises(UsageError, match="are no weekdays; write them as"):
        read_days(text)


def test_a_pause_ends_when_a_day_begins_where_the_person_lives():
    now = datetime(2027, 3, 3, 20, 0, tzinfo=UTC)  # the fourth in Tokyo
    assert read_pause("2027-03-06", "Asia/Tokyo", now) == datetime(2027, 3, 5, 15, tzinfo=UTC)
    assert read_pause("2027-03-04", "UTC", now) == datetime(2027, 3, 4, tzinfo=UTC)
    for day, zone in (
        ("2027-03-04", "Asia/Tokyo"),
        ("2027-03-03", "UTC"),
        ("2029-06-01", "UTC"),
        ("9999-12-31", "UTC"),
    ):
        with pytest.raises(UsageError, match="A pause cannot end on"):
            read_pause(day, zone, now)
    with pytest.raises(UsageError, match="is no day; write it as"):
        read_pause("tomorrow", "UTC", now)
