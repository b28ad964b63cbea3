"""Flags and their life in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Severity
from monitor.core.mention import Review, TextFrom, Verdict
from monitor.core.search.nodes import Query

ALL = Query()


TEXT = "He is walking again, and it is a miracle."


def test_a_corrected_text_is_a_revision_and_closes_the_flag_as_fixed(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again", "miracle"))
    (before,) = newsroom.store.search(ALL)
    kept_row = next(stored for stored in before.flags if stored.flag.span.quote == "miracle")
    corrected = "Correction: he is standing, and it is a miracle."
    later = make.NOW + timedelta(hours=1)
    outcome = newsroom.poll(make.draft(1, corrected, "miracle"), now=later)
    assert (outcome.new, outcome.changed, outcome.changed_mentions) == (0, 1, (before.id,))
    after = newsroom.store.mention(before.id)
    assert (after.text, after.revision, after.first_seen, after.story_id) == (
        corrected,
        2,
        before.first_seen,
        before.story_id,
    )
    fixed = next(stored for stored in after.flags if stored.flag.span.quote == "walking again")
    kept = next(stored for stored in after.flags if stored.flag.span.quote == "miracle")
    assert (fixed.state, fixed.closed_at, fixed.closed_in) == ("fixed", later, 2)
    assert (kept.id, kept.state, kept.raised_in) == (kept_row.id, "active", 1)
    assert corrected[kept.flag.span.start : kept.flag.span.end] == "miracle"
    assert [stored.id for stored in newsroom.store.search(ALL)[0].flags] == [kept.id]
    first, second = newsroom.store.revisions(before.id)
    assert (first.number, first.text, first.at, first.text_from) == (1, TEXT, make.NOW, TextFrom.FEED)
    assert (second.number, second.text, second.at) == (2, corrected, later)
    assert first.text_hash != second.text_hash


def test_words_that_come_back_are_a_new_flag_with_the_old_review(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again"))
    (before,) = newsroom.store.search(ALL)
    old = before.flags[0]
    newsroom.store.review(Review(flag_id=old.id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW, why="quoted"))
    newsroom.poll(make.draft(1, "He stands."), now=make.NOW + timedelta(hours=1))
    newsroom.poll(make.draft(1, TEXT, "walking again"), now=make.NOW + timedelta(hours=2))
    states = [(stored.state, stored.review) for stored in newsroom.store.mention(before.id).flags]
    assert states == [("fixed", "dismissed"), ("active", "dismissed")]


def test_the_same_words_twice_are_two_flags_each_with_its_own_life(newsroom, make):
    twice = "walking again, yes, walking again."
    flags = [make.flag(twice, "walking again"), make.flag(twice, "walking again")]
    second = replace(flags[1], span=replace(flags[1].span, start=20, end=33))
    draft = replace(make.draft(1, twice), assessment=make.assessed(flags[0], second))
    newsroom.poll(draft)
    (mention,) = newsroom.store.search(ALL)
    assert [stored.flag.span.start for stored in mention.flags] == [0, 20]
    newsroom.poll(make.draft(1, "walking again, no.", "walking again"), now=make.NOW + timedelta(hours=1))
    assert [stored.state for stored in newsroom.store.mention(mention.id).flags] == ["active", "fixed"]


def test_other_rules_withdraw_flags_and_reviews_survive(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again", "miracle"))
    (mention,) = newsroom.store.search(ALL)
    walking, miracle = sorted(mention.flags, key=lambda stored: stored.flag.span.start)
    newsroom.store.review(Review(flag_id=walking.id, verdict=Verdict.UPHELD, by="ed", at=make.NOW))
    assert newsroom.store.judged_otherwise(make.STUDY, "sha256:two") == (mention.id,)
    milder = make.flag(TEXT, "walking again", severity=Severity.LOW)
    later = make.NOW + timedelta(days=1)
    newsroom.store.save_assessment(mention.id, make.assessed(milder, ruleset="sha256:two", score=3), now=later)
    after = newsroom.store.mention(mention.id)
    assert [(s.id, s.state, s.review, s.ruleset, s.flag.severity) for s in after.flags] == [
        (walking.id, "active", "upheld", "sha256:two", Severity.LOW),
        (miracle.id, "withdrawn", None, "sha256:one", Severity.HIGH),
    ]
    assert (after.score, after.ruleset, after.revision) == (3, "sha256:two", 1)
    assert newsroom.store.judged_otherwise(make.STUDY, "sha256:two") == ()
    # Undo: the withdrawn flag is opened again, the same row.
    back = make.assessed(make.flag(TEXT, "walking again"), make.flag(TEXT, "miracle"))
    newsroom.store.save_assessment(mention.id, back, now=later)
    assert [(s.id, s.state, s.closed_at) for s in newsroom.store.mention(mention.id).flags] == [
        (walking.id, "active", None),
        (miracle.id, "active", None),
    ]


def test_reviews_are_kept_newest_first_and_a_repeat_changes_nothing(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again"))
    flag_id = newsroom.store.search(ALL)[0].flags[0].id
    first = Review(flag_id=flag_id, verdict=Verdict.UPHELD, by="ed", at=make.NOW, why="yes")
    second = Review(flag_id=flag_id, verdict=Verdict.NOT_ABOUT, by="al", at=make.NOW + timedelta(minutes=1))
    for review in (second, first, second, first):
        newsroom.store.review(review, imported=True)
    stored = [replace(review, id=0, decision=0) for review in newsroom.store.reviews(flag_id)]
    assert stored == [second, first]
    assert newsroom.store.flag(flag_id).review == "not-about"
    with pytest.raises(NotFoundError):
        newsroom.store.review(replace(first, flag_id=flag_id + 1))
