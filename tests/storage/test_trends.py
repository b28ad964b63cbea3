"""Counts on each database: each is the count of a search."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift
from monitor.core.mention import Review, Verdict
from monitor.core.model import Network
from monitor.core.repetition import ClaimKey
from monitor.core.search.query import parse_query
from monitor.core.trends import Count, Period

WALKS = ClaimKey("keio-ips-sci", Drift.OVERSTATED_OUTCOME, "walking")
WEEK = Period(date(2025, 3, 18), 7)
TEXT = "A man is walking again. They call him Walking  Again, and cured."


@pytest.fixture
def stored(newsroom, make):
    """NOW is 24 March 2025 09:00 UTC. Four go too far, of three outlets; one is Japanese, one a post, one a week older."""
    style = make.flag(TEXT, "cured", rule="miracle", finding=None, drift=Drift.SENSATIONAL_LANGUAGE)
    drafts = [
        make.draft(1, TEXT, "walking again", hours=1, source="a.example"),
        make.draft(2, TEXT, "Walking  Again", "walking again", hours=9.5, source="a.example"),
        make.draft(3, TEXT, "walking again", hours=30, source="b.example", lang="ja"),
        make.draft(4, "Nothing of it.", hours=2, source="c.example", network=Network.X, source_name="@c"),
        make.draft(5, TEXT, "walking again", hours=24 * 8, source="c.example"),
    ]
    styled = make.draft(6, TEXT, hours=3, source="d.example")
    drafts.append(replace(styled, assessment=make.assessed(style, make.flag(TEXT, "walking again", confidence=0.6))))
    newsroom.poll(*drafts)
    return newsroom.store


def test_what_was_said_is_counted_by_day_language_and_network(stored, make):
    told = stored.told(parse_query("", make.NOW), WEEK)
    assert told.total == Count(5, 4)
    # At 23:30 on the 23rd, half an hour before midnight in UTC, it is still that day.
    assert {day.date.day: (day.all, day.flagged) for day in told.by_day() if day.all} == {23: (2, 2), 24: (3, 2)}
    assert told.by_language() == {"en": Count(4, 3), "ja": Count(1, 1)}
    assert told.by_network() == {"web": Count(4, 4), "x": Count(1, 0)}
    assert told.drifts == {Drift.OVERSTATED_OUTCOME: 3, Drift.SENSATIONAL_LANGUAGE: 1}


@pytest.mark.parametrize(
    "q", ["", "walking", "lang:ja", "walking -cured", "flagged:no", "author:writer", "since:2025-03-24", "zebra"]
)
def test_every_number_is_the_count_of_a_search(stored, make, q):
    query = parse_query(q, make.NOW)
    told = stored.told(query, WEEK)

    def count(more: str) -> int:
        return stored.count(parse_query(f"{q} {more}", make.NOW))

    assert told.total == Count(count(WEEK.query), count(f"{WEEK.query} tier:confirmed"))
    for day in told.by_day():
        assert day.all == count(f"since:{day.date} until:{day.date} {WEEK.query}")
    for lang, counted in told.by_language().items():
        assert counted.flagged == count(f"{WEEK.query} lang:{lang} tier:confirmed")


def test_the_period_begins_and_ends_at_midnight(newsroom, make):
    midnight = WEEK.begin
    moments = [midnight - timedelta(seconds=1), midnight, WEEK.end - timedelta(seconds=1), WEEK.end]
    newsroom.poll(
        *(make.draft(n, "Text", published=moment) for n, moment in enumerate(moments)),
        now=WEEK.end + timedelta(hours=1),
    )
    told = newsroom.store.told(parse_query("", make.NOW), WEEK)
    assert [(cell.day, cell.count.all) for cell in told.cells] == [(WEEK.first, 1), (WEEK.last, 1)]


def test_what_somebody_called_wrong_no_longer_counts(stored, make):
    (mention,) = stored.search(parse_query("lang:ja", make.NOW))
    stored.review(Review(flag_id=mention.flags[0].id, verdict=Verdict.DISMISSED, by="bo", at=make.NOW))
    told = stored.told(parse_query("", make.NOW), WEEK)
    assert told.by_language()["ja"] == Count(1, 0)


def test_claims_are_those_of_one_finding_in_one_way_the_commonest_first(stored):
    walks, style = stored.claims()
    assert (walks.key, walks.mentions, walks.outlets, walks.repeaters) == (WALKS, 4, 3, 1)
    assert (walks.found, walks.correction, walks.source.title) == (
        "One of the four patients can stand.",
        "is practising walking",
        "Newsroom",
    )
    assert walks.last - walks.first == timedelta(hours=24 * 8 - 1)
    assert (style.key, style.mentions, style.repeaters) == (
        ClaimKey("keio-ips-sci", Drift.SENSATIONAL_LANGUAGE),
        1,
        0,
    )
    assert stored.claims(limit=1) == (walks,)


def test_the_history_of_a_claim(stored):
    history = stored.claim(WALKS)
    assert history.claim == stored.claims()[0]
    assert history.days == ((date(2025, 3, 16), 1), (date(2025, 3, 23), 2), (date(2025, 3, 24), 1))
    assert [(one.source.key, one.times) for one in history.repeaters] == [
        ("a.example", 2),
        ("b.example", 1),
        ("c.example", 1),
    ]
    assert history.repeaters[0].last - history.repeaters[0].first == timedelta(hours=8.5)
    # Both spellings stand in one mention, each of which is a flag.
    assert history.wordings[0].quote == "walking again"
    assert len(history.examples) == 4
    assert [one.mention.published for one in history.examples] == sorted(
        (one.mention.published for one in history.examples), reverse=True
    )
    assert all(one.flag.mention_id == one.mention.id for one in history.examples)


def test_a_claim_of_style_has_no_finding_and_one_that_nobody_makes_is_told(stored):
    assert stored.claim(ClaimKey("keio-ips-sci", Drift.SENSATIONAL_LANGUAGE)).claim.mentions == 1
    for key in (
        ClaimKey("keio-ips-sci", Drift.OVERSTATED_OUTCOME),
        ClaimKey("other", Drift.OVERSTATED_OUTCOME, "walking"),
    ):
        with pytest.raises(NotFoundError):
            stored.claim(key)


def test_what_an_outlet_does_typically(stored):
    outlet = stored.outlet_named("a.example")
    assert stored.outlet_drifts(outlet.id) == {Drift.OVERSTATED_OUTCOME: 2}
    assert stored.outlet_drifts(999) == {}


def test_an_empty_store_counts_nothing(store, make):
    told = store.told(parse_query("", make.NOW), WEEK)
    assert (told.total, told.drifts, store.claims()) == (Count(), {}, ())
    assert store.last_said() == {}


def test_who_spoke_last(stored, make):
    spoke = stored.last_said()
    assert spoke[stored.outlet_named("a.example").id] == make.NOW - timedelta(hours=1)
    assert len(spoke) == len(stored.outlet_records())
