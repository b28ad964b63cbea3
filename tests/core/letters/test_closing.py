"""A page that was corrected answers its letter, with the words before and after."""

from __future__ import annotations

import time

from monitor.core.letters.closing import MOST_KEPT, before_and_after, is_answered
from monitor.core.mention import FlagState

ACTIVE, FIXED, WITHDRAWN = FlagState.ACTIVE, FlagState.FIXED, FlagState.WITHDRAWN


def test_all_words_must_be_gone_and_this_change_must_have_taken_some():
    assert is_answered([(FIXED, True)])
    assert is_answered([(FIXED, False), (FIXED, True), (WITHDRAWN, False)])
    assert not is_answered([(FIXED, True), (ACTIVE, False)])
    assert not is_answered([(WITHDRAWN, False)])
    assert not is_answered([(FIXED, False)])  # an earlier change: somebody took back that it was an answer
    assert not is_answered([])


def test_the_sentences_before_and_after():
    old = ("He walks", "The trial had four patients. He is walking again. More next year.")
    new = ("He stands", "The trial had four patients. He can stand and practises walking. More next year.")
    assert before_and_after(old, new, ["is walking again"]) == (
        "He is walking again.",
        "He stands He can stand and practises walking.",
    )
    assert before_and_after(old, new, ["walks"])[0] == "He walks"


def test_words_that_were_taken_out_leave_nothing():
    assert before_and_after(("", "He walks. All well."), ("", "All well."), ["walks"]) == ("He walks.", "")


def test_japanese_sentences():
    old, new = ("", "男性が歩けるようになった。試験は続く。"), ("", "男性は立つことができる。試験は続く。")
    assert before_and_after(old, new, ["歩けるようになった"]) == (
        "男性が歩けるようになった。",
        "男性は立つことができる。",
    )


def test_a_long_hostile_page_costs_little_and_leaves_little():
    old, new = ("", "He walks again. " * 20_000), ("", "He stands now. " * 20_000 + "x" * 9_999)
    begun = time.process_time()
    before, after = before_and_after(old, new, ["walks again"] * 20)
    assert time.process_time() - begun < 5
    assert 0 < len(before) <= MOST_KEPT
    assert 0 < len(after) <= MOST_KEPT
