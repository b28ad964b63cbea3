"""What becomes of a mention's flags when its text is judged once more."""

from __future__ import annotations

from monitor.core.items.flag_life import FlagPlan, HeldFlag, plan_flags, taken_over
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.mention import FlagState

ACTIVE, FIXED, WITHDRAWN = FlagState.ACTIVE, FlagState.FIXED, FlagState.WITHDRAWN


def flag(start: int = 0) -> Flag:
    return Flag(
        rule="r", drift=Drift.OVERSTATED_OUTCOME, severity=Severity.HIGH, confidence=0.9,
        span=Span(start=start, end=start + 4, quote="cure"), message="m",
    )  # fmt: skip


def test_a_flag_that_still_holds_stays_and_one_that_does_not_is_closed():
    now = flag(3)
    assert plan_flags([HeldFlag(1, "a"), HeldFlag(2, "b")], [("a", now)]) == FlagPlan(kept=[(now, 1)], closed=[2])


def test_the_same_words_twice_keep_their_order():
    first, second = flag(0), flag(9)
    plan = plan_flags([HeldFlag(1, "a"), HeldFlag(2, "a")], [("a", second), ("a", first)])
    assert plan == FlagPlan(kept=[(first, 1), (second, 2)])
    assert plan_flags([HeldFlag(1, "a"), HeldFlag(2, "a")], [("a", first)]) == FlagPlan(kept=[(first, 1)], closed=[2])


def test_a_withdrawn_flag_is_opened_again():
    now = flag()
    assert plan_flags([HeldFlag(1, "a", WITHDRAWN)], [("a", now)]) == FlagPlan(kept=[(now, 1)])
    assert plan_flags([HeldFlag(1, "a", WITHDRAWN)], []) == FlagPlan()


def test_a_fixed_flag_that_is_back_is_a_new_one_with_the_newest_decision():
    now = flag()
    held = [HeldFlag(1, "a", FIXED), HeldFlag(2, "a", FIXED), HeldFlag(3, "b", FIXED)]
    assert plan_flags(held, [("a", now)]) == FlagPlan(raised=[(now, 2)])


def test_a_withdrawn_one_is_opened_before_a_fixed_one_is_copied():
    first, second = flag(0), flag(9)
    held = [HeldFlag(1, "a", FIXED), HeldFlag(2, "a", WITHDRAWN)]
    assert plan_flags(held, [("a", first), ("a", second)]) == FlagPlan(kept=[(first, 2)], raised=[(second, 1)])


def test_what_was_never_there_is_new():
    now = flag()
    assert plan_flags([], [("a", now)]) == FlagPlan(raised=[(now, None)])


def test_flags_of_a_mention_that_goes_lead_to_those_on_the_same_words():
    gone = [HeldFlag(1, "a", reviewed=True), HeldFlag(2, "b")]
    assert taken_over(gone, [HeldFlag(7, "a"), HeldFlag(8, "c"), HeldFlag(9, "a")]) == {1: 9}
