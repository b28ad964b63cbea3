"""How far a person's decision about a flag reaches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.drift.score import score
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.mention import FlagState, StoredFlag, Verdict
from monitor.core.reviews import Said, decided_alike, same_words, standing_score


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
