"""Eras: whatever stretch is asked for, no number in it is left out, and few words name it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.storage.eras import NAMED_MOST, era_words, tags_of

#: Numbers of mentions from 1970 to 2242.
NUMBERS = st.integers(min_value=0, max_value=2**53 - 1)


@given(NUMBERS, NUMBERS, st.data())
def test_a_stretch_is_named_by_few_words_and_each_number_in_it_has_one_of_them(one, other, data):
    begin, end = sorted((one, other))
    eras, from_ = era_words(begin, end + 1)
    number = data.draw(st.integers(min_value=begin, max_value=end))
    assert from_ <= begin
    assert len(eras) <= NAMED_MOST
    if eras:
        assert set(tags_of(number)) & set(eras)
        assert not set(tags_of(from_ - 1)) & set(eras)  # else the next look would find it again
    else:
        assert from_ == 0


def test_a_stretch_that_begins_before_all_time_has_no_name():
    assert era_words(-5, 2**50) == ((), 0)


def test_of_several_lengths_the_shortest_is_taken_that_needs_few_words():
    (eras, _), (longer, _) = era_words(2**50, 2**50 + 2**33), era_words(2**50, 2**50 + 2**40)
    assert (len(eras), len(longer)) == (2, 8)
    assert {era.split("·")[0] for era in [*eras, *longer]} == {"§era32", "§era37"}
