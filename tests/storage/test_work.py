"""Work is rows: due, claimed by one, given back, quarantined; by many threads and by two processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from monitor.core.backlog import Backlog
from monitor.core.mention import Review, TextFrom, Verdict
from monitor.core.model import FeedKind, Outcome, Work
from monitor.core.search.nodes import Query
from monitor.storage.store import open_store

MINUTE = timedelta(minutes=1)


def add_feeds(store, make, count):
    return [store.add_feed(FeedKind.FEED, f"https://example.org/{n}", now=make.NOW).id for n in range(count)]


def test_due_rows_come_oldest_first_and_only_when_they_may(store, make):
    one, two, three, four = add_feeds(store, make, 4)
    store.set_feed(one, due_at=make.NOW + MINUTE)
    store.set_feed(two, due_at=make.NOW - MINUTE)
    store.set_feed(four, paused=True)
    assert store.due(Work.POLL, make.NOW) == (two, three)
    assert store.due(Work.POLL, make.NOW, limit=1) == (two,)
    assert store.oldest_due(Work.POLL, make.NOW) == MINUTE
    assert store.claim_feed(two, "me", make.NOW, MINUTE) is not None
    assert store.due(Work.POLL, make.NOW) == (three,)
    assert store.due(Work.POLL, make.NOW + MINUTE) == (two, three, one)
    assert [store.backlog(Work.POLL, make.NOW + at * MINUTE).due for at in (0, 1)] == [1, 3]
    assert store.claim_feed(one, "me", make.NOW, MINUTE) is None
    assert store.claim_feed(one, "me", make.NOW, MINUTE, force=True).id == one
    assert store.claim_feed(four, "me", make.NOW, MINUTE) is None
    assert store.claim_feed(404, "me", make.NOW, MINUTE) is None
    store.set_feed(four, paused=False, due_at=make.NOW)
    assert store.claim_feed(four, "me", make.NOW, MINUTE).id == four
    assert store.oldest_due(Work.SEND, make.NOW) is None


def test_a_failure_waits_and_three_are_quarantined(store, make):
    (feed_id,) = add_feeds(store, make, 1)
    now = make.NOW
    for attempt in range(1, 4):
        claimed = store.claim_feed(feed_id, "me", now, MINUTE)
        assert not store.postpone(Work.POLL, feed_id, "not mine", until=now, error="x", attempts_max=3)
        wait = now + 10 * MINUTE
        assert store.postpone(Work.POLL, feed_id, claimed.lease, until=wait, error="It broke.", attempts_max=3)
        assert not store.postpone(Work.POLL, feed_id, claimed.lease, until=wait, error="It broke.", attempts_max=3)
        assert store.due(Work.POLL, wait - MINUTE) == ()
        assert store.due(Work.POLL, wait) == (() if attempt == 3 else (feed_id,))
        now = wait
    assert store.feed(feed_id).quarantined
    assert store.backlog(Work.POLL, now) == Backlog(due=0, left_alone=1)
    store.set_feed(feed_id, due_at=now)
    assert not store.feed(feed_id).quarantined
    assert store.claim_feed(feed_id, "me", now, MINUTE) is not None


def test_a_success_begins_the_count_of_attempts_anew(newsroom, make):
    for _ in range(2):
        claimed = newsroom.store.claim_feed(newsroom.feed_id, "me", make.NOW, MINUTE, force=True)
        newsroom.store.postpone(Work.POLL, newsroom.feed_id, claimed.lease, until=make.NOW, error="x", attempts_max=3)
    newsroom.poll()
    claimed = newsroom.store.claim_feed(newsroom.feed_id, "me", make.NOW, MINUTE, force=True)
    newsroom.store.postpone(Work.POLL, newsroom.feed_id, claimed.lease, until=make.NOW, error="x", attempts_max=3)
    assert not newsroom.store.feed(newsroom.feed_id).quarantined


def test_what_ends_its_process_three_times_is_left_alone_until_resumed(newsroom, make):
    store = newsroom.store
    one = make.draft(1, "Text", title="T")
    (entry_id,) = newsroom.poll(one, pages=[one.identity], due_at=make.NOW).pages_due
    now = make.NOW
    for _ in range(3):
        assert store.claim_feed(newsroom.feed_id, "crashes", now, MINUTE) is not None
        assert store.claim_page(entry_id, "crashes", now, MINUTE) is not None
        now += MINUTE
    assert store.claim_feed(newsroom.feed_id, "next", now, MINUTE) is None
    assert store.claim_page(entry_id, "next", now, MINUTE) is None
    assert (store.due(Work.POLL, now), store.due(Work.PAGE, now)) == ((), ())
    assert store.feed(newsroom.feed_id).quarantined
    for work in (Work.POLL, Work.PAGE):
        assert store.backlog(work, now) == Backlog(due=0, left_alone=1, crashed=1)
    store.set_feed(newsroom.feed_id, due_at=now)
    assert store.claim_feed(newsroom.feed_id, "next", now, MINUTE) is not None


def test_a_failing_feed_is_never_given_up(newsroom, make):
    now = make.NOW
    for _ in range(10):
        newsroom.poll(now=now, outcome=Outcome.TEMPORARY, sentence="No connection.", due_at=now + MINUTE)
        now += MINUTE
    assert newsroom.store.due(Work.POLL, now) == (newsroom.feed_id,)


def test_a_named_lease_is_held_by_one(store, make):
    assert store.lock("tick", "a", make.NOW, MINUTE)
    assert not store.lock("tick", "b", make.NOW, MINUTE)
    assert store.lock("tick", "a", make.NOW, 2 * MINUTE)
    assert store.lock("other", "b", make.NOW, MINUTE)
    assert not store.lock("tick", "b", make.NOW + MINUTE, MINUTE)
    assert store.lock("tick", "b", make.NOW + 2 * MINUTE, MINUTE)


def test_many_threads_claim_each_row_once(store, make):
    ids = add_feeds(store, make, 20)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(store.claim_feed, feed_id, f"t{n}", make.NOW, MINUTE) for n in range(8) for feed_id in ids]
        claimed = [job.result() for job in jobs]
    assert sorted(feed.id for feed in claimed if feed is not None) == ids


CLAIMER = """
import sys
from datetime import datetime, timedelta
from monitor.storage.store import open_store
store = open_store(sys.argv[1])
now = datetime.fromisoformat(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for feed_id in store.due("poll", now):
    if store.claim_feed(feed_id, sys.argv[3], now, timedelta(minutes=1)) is not None:
        print(feed_id)
"""


def test_two_processes_claim_each_row_once(store, make, database_url):
    ids = add_feeds(store, make, 60)
    command = [sys.executable, "-c", CLAIMER, database_url, make.NOW.isoformat()]
    both = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for name in "ab"
    ]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    claimed = [process.communicate(timeout=60)[0].split() for process in both]
    assert sorted(int(feed_id) for found in claimed for feed_id in found) == ids


def test_many_threads_write_the_same_and_other_mentions(store, make):
    def write(worker):
        drafts = [make.draft(number, f"Text {number}", hours=number) for number in range(worker, worker + 10)]
        return store.import_mentions(drafts, make.together, now=make.NOW)

    with ThreadPoolExecutor(8) as pool:
        written = [key for found in pool.map(write, range(8)) for key in found]
    assert store.count(Query()) == 17
    assert len(written) == len(set(written)) == 17
    assert [story.size for story in store.stories(Query())] == [17]


def test_polls_pages_reviews_and_judging_at_once_do_not_stop_each_other(newsroom, make):
    store = newsroom.store
    text = "He is walking again."
    drafts = [make.draft(number, text, "walking again", title=f"T{number}", hours=number) for number in range(6)]
    entry_ids = newsroom.poll(*drafts, pages=[draft.identity for draft in drafts]).pages_due
    flags = [mention.flags[0].id for mention in store.search(Query())]
    ids = [mention.id for mention in store.search(Query())]

    def poll(turn):
        changed = [make.draft(n, f"{text} {turn}", "walking again", title=f"T{n}", hours=n) for n in range(6)]
        newsroom.poll(*changed, pages=[draft.identity for draft in changed], now=make.NOW + turn * MINUTE)

    def read(turn):
        for entry_id in entry_ids:
            page = store.claim_page(entry_id, "reader", make.NOW + turn * MINUTE, timedelta(seconds=1))
            if page is not None:
                draft = make.draft(1, f"Page {turn}", text_from=TextFrom.PAGE)
                store.save_page(page, [draft], make.alone, now=make.NOW, next_due=make.NOW, sentence="Read.")

    def review(turn):
        for flag_id in flags:
            store.review(Review(flag_id=flag_id, verdict=Verdict.UPHELD, by="ed", at=make.NOW + turn * MINUTE))

    def judge(turn):
        for mention_id in ids:
            store.save_assessment(mention_id, make.assessed(ruleset=f"sha256:{turn}"), now=make.NOW)

    def many(act):
        for turn in range(1, 9):
            act(turn)

    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(many, act) for act in (poll, read, review, judge)]:
            job.result()
    assert store.count(Query()) == 6
    assert {review.verdict for flag_id in flags for review in store.reviews(flag_id)} == {"upheld"}


# --- the meter, settings, rules, house -------------------------------------------------------------------------------


def test_a_store_opened_twice_sees_the_same(store, make, database_url):
    other = open_store(database_url)
    add_feeds(other, make, 1)
    assert store.feeds() == other.feeds()
    other.close()
