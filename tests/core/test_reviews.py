"""How far a person's decision about a flag reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.core.drift.score import score
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.mention import FlagState, StoredFlag, Verdict
from monitor.core.reviews import Said, decided_alike, rule_record, same_words, standing_score, wilson


def said(flag_id: int, mention_id: int, text: str, quote: str, *, where: str = "text", drift=Drift.OVERSTATED_OUTCOME):
    start = text.index(quote)
    flag = Flag(
        rule="above-outcome",
        drift=drift,
        severity=Severity.HIGH,
        confidence=0.9,
        span=Span(start=start, end=start + len(quote), quote=quote, where=where),
        message="",
    )
    title, body = (text, "") if where == "title" else ("", text)
    return Said(flag_id=flag_id, mention_id=mention_id, flag=flag, title=title, text=body)


HEADLINE = said(1, 1, "Walking again, says Keio", "Walking again", where="title")


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (said(2, 1, "He is walking  again now.", "walking  again"), True),
        (said(2, 1, "He is walk\u00ading again now.", "walk\u00ading again"), True),
        (said(2, 1, "He walks again.", "walks again"), False),
        (said(2, 1, "Walking again.", "Walking again", drift=Drift.CAUSAL_OVERCLAIM), False),
        (said(2, 2, "WALKING AGAIN, says Keio", "WALKING AGAIN", where="title"), True),
        (said(2, 2, "It began. Walking again, says Keio\nMore.", "Walking again"), True),
        (said(2, 2, "A man is walking again, says his family.", "walking again"), False),
    ],
)
def test_the_same_words_are_decided_once(other: Said, alike: bool):
    assert same_words(HEADLINE, other) is alike
    assert same_words(other, HEADLINE) is alike
    assert decided_alike([other], [HEADLINE]) == ({2: 1} if alike else {})


def test_the_first_decision_given_holds():
    newer = said(7, 1, "walking again", "walking again")
    assert decided_alike([said(2, 1, "walking again!", "walking again")], [newer, HEADLINE]) == {2: 7}


@pytest.mark.parametrize(
    ("state", "review", "counts"),
    [
        (FlagState.ACTIVE, None, True),
        (FlagState.ACTIVE, Verdict.UPHELD, True),
        (FlagState.ACTIVE, Verdict.DISMISSED, False),
        (FlagState.ACTIVE, Verdict.NOT_ABOUT, False),
        (FlagState.FIXED, None, False),
    ],
)
def test_a_score_counts_what_stands(state: FlagState, review: Verdict | None, counts: bool):
    now = datetime(2026, 2, 24, tzinfo=UTC)
    stored = StoredFlag(
        id=1, mention_id=1, flag=HEADLINE.flag, ruleset="", state=state, raised_at=now, raised_in=1, review=review
    )
    assert standing_score([stored]) == (score([HEADLINE.flag]) if counts else (0, {}))


def test_a_text_that_is_not_about_the_study_is_decided_whole():
    aside = replace(HEADLINE, review=Verdict.NOT_ABOUT)
    other = said(2, 1, "Completely safe.", "Completely safe", drift=Drift.SAFETY_OVERCLAIM)
    assert decided_alike([other], [aside]) == {2: 1}
    assert decided_alike([other], [replace(aside, review=Verdict.DISMISSED)]) == {}
    assert decided_alike([replace(other, mention_id=2)], [aside]) == {}


U, D, N = Verdict.UPHELD, Verdict.DISMISSED, Verdict.NOT_ABOUT


@pytest.mark.parametrize(
    ("newest_first", "told"),
    [
        ([], (0, 0, 0, 0, None)),
        ([D, N, D, U, D], (1, 3, 1, 2, 0.25)),
        ([U, D], (1, 1, 0, 0, 0.5)),
        ([N], (0, 0, 1, 0, None)),
    ],
)
def test_a_rules_record(newest_first, told):
    record = rule_record("r", newest_first)
    assert (record.upheld, record.dismissed, record.not_about, record.streak, record.precision) == told


@pytest.mark.parametrize(
    ("right", "of", "low", "high"), [(8, 8, 0.676, 1.0), (31, 34, 0.770, 0.970), (0, 3, 0.0, 0.561)]
)
def test_the_interval_is_wilsons(right, of, low, high):
    """Values of R's binom::binom.wilson."""
    assert [round(end, 3) for end in wilson(right, of)] == [low, high]
