"""Reports and urgent mails as rows, on both databases: what is counted, what is frozen once, and what is withdrawn with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from monitor.core.digests.periods import period_of
from monitor.core.digests.report_input import Count
from monitor.core.digests.subscribers import DigestKind, DigestState, FrozenDigest
from monitor.core.letters.letter import LetterDraft, LetterState

WEEK = period_of(DigestKind.WEEKLY, date(2025, 3, 24), "Asia/Tokyo")
DAY = timedelta(days=1)


def report(subscription, make, key="2025-W13", kind=DigestKind.WEEKLY, about="") -> FrozenDigest:
    return FrozenDigest(
        id=0,
        subscription_id=subscription.id,
        local_date=key,
        through_date=key,
        subject="s",
        message_id=f"<{key}>",
        recipient="a@example.org",
        mime=b"x",
        text="x",
        html="x",
        state=DigestState.READY,
        created_at=make.NOW,
        kind=kind,
        about=about,
    )


@pytest.fixture
def told(newsroom, make):
    """Three of one story that go too far, one of its own that does not; one of the week before."""
    drafts = [make.draft(number, "He walks again.", "walks again", source=f"p{number}.example") for number in (1, 2, 3)]
    newsroom.poll(make.draft(9, "Old news."), now=WEEK.begin - timedelta(hours=1))
    newsroom.poll(*drafts, make.draft(4, "Nobody knows."), now=make.NOW, assign=make.same_words)
    return newsroom


def test_a_report_counts_what_was_first_seen_in_its_week(told, make):
    subscription = told.subscribe(now=make.NOW - 30 * DAY)
    given = told.store.report_input(subscription, WEEK, WEEK.end)
    assert given.all == Count(4, 3)
    assert given.earlier == (Count(1, 0),)
    assert [part.mentions for part in given.parts] == [4, 0, 0, 0, 0, 0, 0]
    assert len(given.flagged) == 3
    assert (given.grew[0].new, given.grew[0].members) == (3, 3)
    assert given.steps == given.fixed == ()
    assert told.store.report_input(subscription, WEEK.before, WEEK.end).all == Count(1, 0)


def test_a_report_tells_of_letters_and_of_texts_corrected_without_one(told, make):
    store, subscription = told.store, told.subscribe(now=make.NOW - 30 * DAY)
    asked, other, _ = store.report_input(subscription, WEEK, WEEK.end).flagged
    draft = LetterDraft(
        study_id=make.STUDY,
        mention_id=asked.id,
        source_id=asked.source.id,
        flag_ids=tuple(flag.id for flag in asked.flags),
        language="en",
        recipient="",
        subject="s",
        body="b",
    )
    letter = store.draft_letter(draft, by="ada", now=make.NOW)
    store.step_letter(letter.id, LetterState.ASKED, by="ada", now=make.NOW + DAY)
    number = int(other.identity.rpartition("/")[2])
    fixed = make.draft(number, "He stands.", source=other.source.key)
    told.poll(fixed, now=make.NOW + 2 * DAY, assign=make.same_words)
    given = store.report_input(subscription, WEEK, WEEK.end)
    assert [(step.to, step.source, step.mention_id) for step in given.steps] == [
        (LetterState.ASKED, asked.source.name, asked.id)
    ]
    assert [one.mention_id for one in given.fixed] == [other.id]
    assert given.all == Count(4, 2)


def test_of_two_who_decided_by_the_same_mails_one_writes(told, make):
    store, subscription = told.store, told.subscribe(now=make.NOW - 30 * DAY)

    def freeze(minute):
        mail = report(subscription, make, f"2025-03-24T09:{minute:02}", DigestKind.URGENT, "walking")
        return store.freeze_telling(mail, [], newest=0, now=make.NOW)

    with ThreadPoolExecutor(8) as pool:
        frozen = [one for one in pool.map(freeze, range(8)) if one is not None]
    assert len(frozen) == len(store.digests()) == 1
    assert store.newest_digest(subscription.id, DigestKind.URGENT) == frozen[0].id
    assert store.reports_made({frozen[0].local_date}) == {(subscription.id, frozen[0].local_date)}


def test_nothing_is_frozen_that_quotes_what_is_gone_or_for_who_left(told, make):
    store, subscription = told.store, told.subscribe(now=make.NOW - 30 * DAY)
    gone = store.report_input(subscription, WEEK, WEEK.end).flagged[0].id
    store.purge(gone, now=make.NOW)
    assert store.freeze_telling(report(subscription, make), [gone], newest=0, now=make.NOW) is None
    assert store.freeze_telling(report(subscription, make), [], newest=0, now=make.NOW) is not None
    store.end_subscription(subscription.id, make.NOW)
    assert store.freeze_telling(report(subscription, make, "2025-03"), [], newest=0, now=make.NOW) is None


def test_what_is_withdrawn_takes_mails_that_quote_its_story(told, make):
    """A report names a story by its first headline: another member of it is enough."""
    store, subscription = told.store, told.subscribe(now=make.NOW - 30 * DAY)
    quoted, sibling, _ = store.report_input(subscription, WEEK, WEEK.end).flagged
    before = store.subscription(subscription.id)
    store.freeze_telling(report(subscription, make), [quoted.id], newest=0, now=make.NOW)
    store.purge(sibling.id, now=make.NOW)
    assert store.digests() == ()
    assert store.subscription(subscription.id) == before


def test_what_spreads_is_counted_by_claim(told, make):
    store, since = told.store, make.NOW - DAY
    assert len(store.spreading(make.STUDY, since, make.NOW, 3)) == 3
    assert store.spreading(make.STUDY, since, make.NOW, 4) == ()
    assert store.spreading(make.STUDY, make.NOW + timedelta(seconds=1), make.NOW + DAY, 1) == ()


def test_what_one_mail_told_is_known(told, make):
    store, subscription = told.store, told.subscribe(now=make.NOW - 30 * DAY)
    ids = [mention.id for mention in store.spreading(make.STUDY, make.NOW - DAY, make.NOW, 1)]
    since = make.NOW - DAY
    assert store.most_told(subscription.id, ids, since, but="walking") == 0
    urgent = report(subscription, make, "2025-03-24T09:00", DigestKind.URGENT, "safety")
    store.freeze_telling(urgent, ids[:2], newest=0, now=make.NOW)
    assert store.most_told(subscription.id, ids, since, but="walking") == 2
    assert store.most_told(subscription.id, ids, since, but="safety") == 0
    assert [(one.about, one.mentions) for one in store.urgent_told(subscription.id, since)] == [("safety", 2)]
    told.freeze(subscription)
    assert store.most_told(subscription.id, ids, since, but="safety") == 3
