"""A flag that a person called wrong does not come back, and what ranks its text follows at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import UsageError
from monitor.core.mention import Review, Verdict
from monitor.core.search.query import parse_query

TITLE = "Walking again at Keio"
TEXT = "A man is walking again. It is a miracle."
LATER = "He moved his legs. " + TEXT


def drafted(make, number: int, title: str, text: str, **changes):
    """Flags on the title's and the text's "walking again" and on the text's "miracle"."""
    flags = [make.flag(text, "walking again"), make.flag(text, "miracle", rule="miracle")]
    if title:
        flags.insert(0, make.flag(title, "Walking again", where="title"))
    return replace(make.draft(number, text, title=title, **changes), assessment=make.assessed(*flags, score=80))


def decide(newsroom, make, flag_id: int, verdict: Verdict = Verdict.DISMISSED, minutes: int = 0) -> None:
    at = make.NOW + timedelta(minutes=minutes)
    newsroom.store.review(Review(flag_id=flag_id, verdict=verdict, by="ed", at=at, why="quoted"))


def told(newsroom, mention_id: int) -> dict[tuple[str, str], str | None]:
    mention = newsroom.store.mention(mention_id)
    return {(s.flag.span.where, s.flag.rule): s.review for s in mention.flags if s.state == "active"}


def found(newsroom, make, words: str) -> int:
    return newsroom.store.count(parse_query(words, make.NOW))


@pytest.fixture
def stored(newsroom, make):
    newsroom.poll(drafted(make, 1, TITLE, TEXT))
    (mention,) = newsroom.store.search(parse_query("", make.NOW))
    return mention


def flag_of(mention, where: str, rule: str = "walking-again") -> int:
    return next(s.id for s in mention.flags if (s.flag.span.where, s.flag.rule) == (where, rule))


def test_the_same_words_of_the_text_go_with_the_headlines(newsroom, make, stored):
    decide(newsroom, make, flag_of(stored, "title"))
    assert told(newsroom, stored.id) == {
        ("title", "walking-again"): "dismissed",
        ("text", "walking-again"): "dismissed",
        ("text", "miracle"): None,
    }
    assert found(newsroom, make, "rule:walking-again") == 0
    assert found(newsroom, make, "rule:miracle") == 1
    (review,) = newsroom.store.reviews(flag_of(stored, "text"))
    assert (review.by, review.why) == ("ed", "quoted")


def test_the_score_follows_at_once_and_back(newsroom, make, stored):
    whole = stored.score
    decide(newsroom, make, flag_of(stored, "title"))
    less = newsroom.store.mention(stored.id)
    assert 0 < less.score < whole
    assert round(sum(less.score_parts.values())) == pytest.approx(less.score, abs=1)
    decide(newsroom, make, flag_of(stored, "text", "miracle"), minutes=1)
    assert newsroom.store.mention(stored.id).score == 0
    assert not newsroom.store.mention(stored.id).score_parts
    decide(newsroom, make, flag_of(stored, "text"), "upheld", minutes=2)
    back = newsroom.store.mention(stored.id)
    assert back.score > 0
    assert found(newsroom, make, "rule:walking-again") == 1


def test_a_dismissed_flag_stays_away_after_judging_again_and_after_an_edit(newsroom, make, stored):
    decide(newsroom, make, flag_of(stored, "title"))
    again = drafted(make, 1, TITLE, TEXT).assessment
    moved = replace(again, ruleset="sha256:two", flags=tuple(replace(f, rule=f"new-{f.rule}") for f in again.flags))
    newsroom.store.save_assessment(stored.id, moved, now=make.NOW)
    assert told(newsroom, stored.id) == {
        ("title", "new-walking-again"): "dismissed",
        ("text", "new-walking-again"): "dismissed",
        ("text", "new-miracle"): None,
    }
    assert newsroom.store.mention(stored.id).score < 80
    newsroom.poll(drafted(make, 1, "", LATER), now=make.NOW + timedelta(hours=1))
    assert told(newsroom, stored.id) == {("text", "walking-again"): "dismissed", ("text", "miracle"): None}
    assert newsroom.store.mention(stored.id).score < 80


def test_a_copy_that_comes_before_or_after_is_decided_with_it(newsroom, make):
    newsroom.poll(drafted(make, 1, "", TEXT), drafted(make, 2, "", LATER), assign=make.together)
    one, two = sorted(newsroom.store.search(parse_query("", make.NOW)), key=lambda mention: mention.text)
    decide(newsroom, make, flag_of(one, "text"))
    assert told(newsroom, two.id)["text", "walking-again"] == "dismissed"
    assert newsroom.store.mention(two.id).score < 80
    newsroom.poll(drafted(make, 3, "", "Read this. " + TEXT), assign=make.together)
    assert found(newsroom, make, "rule:walking-again") == 0
    newsroom.poll(drafted(make, 4, "", "Her son is walking again. A miracle."), assign=make.together)
    assert found(newsroom, make, "rule:walking-again") == 1  # other words around it: another claim


def test_a_decision_reaches_at_once_as_far_as_judging_again_carries_it(newsroom, make):
    """From a body to a copy's headline, and by way of that to the copy's body, whose sentence is another."""
    newsroom.poll(
        drafted(make, 1, "", "walking again at Keio. It is a miracle."),
        drafted(make, 2, TITLE, TEXT),
        assign=make.together,
    )
    bodies = newsroom.store.search(parse_query("", make.NOW))
    one = next(mention for mention in bodies if not mention.title)
    two = next(mention for mention in bodies if mention.title)
    decide(newsroom, make, flag_of(one, "text"))
    at_once = told(newsroom, two.id)
    assert at_once["title", "walking-again"] == at_once["text", "walking-again"] == "dismissed"
    newsroom.store.save_assessment(two.id, replace(drafted(make, 2, TITLE, TEXT).assessment, ruleset="x"), now=make.NOW)
    assert told(newsroom, two.id) == at_once


def test_another_storys_same_words_are_asked_about(newsroom, make):
    newsroom.poll(drafted(make, 1, "", TEXT), drafted(make, 2, "", TEXT), assign=make.alone)
    one, two = newsroom.store.search(parse_query("", make.NOW))
    decide(newsroom, make, flag_of(one, "text"))
    assert told(newsroom, two.id)["text", "walking-again"] is None
    assert newsroom.store.mention(two.id).score == 80


def test_a_decision_is_taken_back_wherever_it_holds_and_the_one_before_is_in_force(newsroom, make, stored):
    title, text = flag_of(stored, "title"), flag_of(stored, "text")
    decide(newsroom, make, title, Verdict.UPHELD)
    decide(newsroom, make, title, minutes=1)
    later = make.NOW + timedelta(minutes=2)
    undone = newsroom.store.undo_review(text, by="jo", now=later)
    assert (undone.verdict, undone.by, undone.undone_by, undone.undone_at) == ("dismissed", "ed", "jo", later)
    assert told(newsroom, stored.id)["title", "walking-again"] == "upheld"
    assert told(newsroom, stored.id)["text", "walking-again"] == "upheld"
    assert newsroom.store.mention(stored.id).score == stored.score
    assert found(newsroom, make, "rule:walking-again") == 1
    newsroom.store.undo_review(title, by="jo", now=later)
    assert told(newsroom, stored.id)["text", "walking-again"] is None
    with pytest.raises(UsageError):
        newsroom.store.undo_review(title, by="jo", now=later)
    assert [review.verdict for review in newsroom.store.reviews(text)] == ["dismissed", "upheld"]


def test_what_was_taken_back_is_not_handed_on(newsroom, make, stored):
    decide(newsroom, make, flag_of(stored, "title"))
    newsroom.store.undo_review(flag_of(stored, "title"), by="ed", now=make.NOW)
    newsroom.poll(drafted(make, 1, "", LATER), now=make.NOW + timedelta(hours=1))
    assert told(newsroom, stored.id) == {("text", "walking-again"): None, ("text", "miracle"): None}


def test_what_was_decided_with_others_at_once_and_taken_back_here_can_be_judged_again(newsroom, make):
    newsroom.poll(
        drafted(make, 1, TITLE, TEXT),
        drafted(make, 2, TITLE, "Her son is walking again. A miracle."),
        assign=make.together,
    )
    one, two = sorted(newsroom.store.search(parse_query("", make.NOW)), key=lambda mention: mention.text)
    for flag_id in (flag_of(one, "title"), flag_of(two, "text")):  # ticked together: the same instant
        decide(newsroom, make, flag_id)
    newsroom.store.undo_review(flag_of(two, "text"), by="ed", now=make.NOW + timedelta(minutes=1))
    before = told(newsroom, two.id)
    again = drafted(make, 2, TITLE, two.text).assessment
    newsroom.store.save_assessment(two.id, replace(again, ruleset="sha256:two"), now=make.NOW)
    assert told(newsroom, two.id) == before
    assert before["title", "walking-again"] is None


def test_a_text_that_is_not_about_the_study_is_set_aside_whole(newsroom, make, stored):
    decide(newsroom, make, flag_of(stored, "title"), Verdict.NOT_ABOUT)
    assert set(told(newsroom, stored.id).values()) == {"not-about"}
    assert newsroom.store.mention(stored.id).score == 0
    newsroom.store.undo_review(flag_of(stored, "text", "miracle"), by="ed", now=make.NOW)
    assert set(told(newsroom, stored.id).values()) == {None}


def test_decisions_are_listed_once_and_narrowed(newsroom, make, stored):
    decide(newsroom, make, flag_of(stored, "title"))
    decide(newsroom, make, flag_of(stored, "text", "miracle"), Verdict.UPHELD, minutes=1)
    listed = newsroom.store.decisions()
    assert [(one.flag.flag.rule, one.review.verdict, one.review.by) for one in listed] == [
        ("miracle", "upheld", "ed"),
        ("walking-again", "dismissed", "ed"),
    ]
    assert [one.sentence for one in listed] == ["It is a miracle.", "Walking again at Keio"]
    assert len(newsroom.store.decisions(rule="miracle")) == 1
    assert len(newsroom.store.decisions(verdict=Verdict.DISMISSED)) == 1
    assert newsroom.store.decisions(by="jo") == ()
    assert len(newsroom.store.decisions(since=make.NOW + timedelta(seconds=30))) == 1
    assert len(newsroom.store.decisions(before=listed[0].review.id)) == 1
    newsroom.store.undo_review(flag_of(stored, "title"), by="ed", now=make.NOW)
    assert len(newsroom.store.decisions()) == 1
    assert len(newsroom.store.decisions(undone=True)) == 2


def test_a_rules_record_counts_decisions_in_force(newsroom, make, stored):
    decide(newsroom, make, flag_of(stored, "title"), Verdict.UPHELD)
    decide(newsroom, make, flag_of(stored, "text"), minutes=1)
    records = newsroom.store.rule_records()
    assert {(r.rule, r.upheld, r.dismissed, r.streak) for r in records.values()} == {("walking-again", 0, 1, 1)}
    assert newsroom.store.rule_records("miracle") == {}


def test_the_same_verdict_said_again_is_one_decision(newsroom, make, stored):
    flag_id = flag_of(stored, "title")
    for minutes in range(8):
        decide(newsroom, make, flag_id, minutes=minutes)
    again = Review(
        flag_id=flag_id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW + timedelta(hours=1), why="his own words"
    )
    assert set(newsroom.store.review(again)) == {flag_id, flag_of(stored, "text")}
    (kept,) = newsroom.store.reviews(flag_id)
    assert (kept.at, kept.why) == (make.NOW, "his own words")
    assert newsroom.store.rule_records()["walking-again"].judged == 1
    newsroom.store.undo_review(flag_id, by="ed", now=again.at)
    assert newsroom.store.rule_records() == {}
    assert told(newsroom, stored.id)["title", "walking-again"] is None


def test_a_flag_counts_once_in_its_rules_record_whoever_decided_about_it(newsroom, make, stored):
    flag_id = flag_of(stored, "title")
    for minutes, (by, verdict) in enumerate(
        [("ed", "upheld"), ("al", "upheld"), ("ed", "dismissed"), ("al", "upheld")]
    ):
        at = make.NOW + timedelta(minutes=minutes)
        newsroom.store.review(Review(flag_id=flag_id, verdict=Verdict(verdict), by=by, at=at))
    record = newsroom.store.rule_records()["walking-again"]
    assert (record.upheld, record.dismissed, record.streak) == (1, 0, 0)


def test_repeats_that_are_stored_are_taken_back_together(newsroom, make, stored):
    """Earlier versions stored them, and imports bring them."""
    flag_id = flag_of(stored, "title")
    decide(newsroom, make, flag_id, Verdict.UPHELD)
    for minutes in (1, 2, 3):
        at = make.NOW + timedelta(minutes=minutes)
        newsroom.store.review(Review(flag_id=flag_id, verdict=Verdict.DISMISSED, by="ed", at=at), imported=True)
    assert newsroom.store.rule_records()["walking-again"].judged == 1
    newsroom.store.undo_review(flag_id, by="ed", now=make.NOW + timedelta(hours=1))
    assert told(newsroom, stored.id)["text", "walking-again"] == "upheld"


def test_what_is_said_now_is_in_force_over_what_a_wrong_clock_dated_later(newsroom, make, stored):
    flag_id = flag_of(stored, "title")
    ahead = Review(flag_id=flag_id, verdict=Verdict.UPHELD, by="al", at=make.NOW + timedelta(days=900))
    newsroom.store.review(ahead, imported=True)
    decide(newsroom, make, flag_id)
    assert told(newsroom, stored.id)["text", "walking-again"] == "dismissed"
    assert newsroom.store.rule_records()["walking-again"].dismissed == 1
    assert [(one.by, one.undone_by) for one in newsroom.store.reviews(flag_id)] == [("al", "ed"), ("ed", "")]


def test_an_imported_decision_takes_its_place_in_time(newsroom, make, stored):
    flag_id = flag_of(stored, "title")
    decide(newsroom, make, flag_id, minutes=5)
    older = Review(flag_id=flag_id, verdict=Verdict.UPHELD, by="al", at=make.NOW)
    newsroom.store.review(older, imported=True)
    assert told(newsroom, stored.id)["title", "walking-again"] == "dismissed"
    assert all(one.stands for one in newsroom.store.reviews(flag_id))


def test_what_no_database_holds_is_asked_for_in_vain(newsroom, make, stored):
    """`/reviews?rule=%00`: PostgreSQL takes no NUL, in whatever column it is looked for."""
    store, nul = newsroom.store, "\x00"
    assert store.decisions(rule=nul, by=nul) == ()
    assert store.rule_records(nul) == {}
    assert store.flags_of(nul) == ()
    assert store.setting(nul) is None
    assert store.session(nul, make.NOW) is None
    assert store.proposals(nul) == ()
