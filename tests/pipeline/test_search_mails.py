"""What a saved search finds is mailed to who wants it: each mention once, at their hour or as it comes, and never in their rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import send_digest
from monitor.pipeline.poll import poll_feed
from monitor.pipeline.search_mails import mail_searches
from monitor.pipeline.subscribe import leave, pause

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def follow(deps, reader):
    """Somebody is mailed what a search finds; their hour is 07:00 in their own zone."""

    def following(query="walking", *, at_once=True, **wishes):
        subscription = reader(deps, **wishes)
        search = deps.store.save_search(name="Walks", query=query, by="Ada", now=NOW)
        deps.store.set_search_mail(search.id, subscription, at_once=at_once, now=NOW)
        return search, subscription

    return following


def bring(deps, outside, feed_id, entry, *numbers):
    outside.entries = tuple(entry(number) for number in numbers)
    poll_feed(deps, feed_id, force=True)


def made(deps, clock, at):
    clock.now = at
    return [deps.store.digest(key) for key in mail_searches(deps)]


def test_what_comes_is_told_once_and_by_its_words(deps, outside, feed_id, entry, follow, clock):
    follow()
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1, 2)
    (mail,) = made(deps, clock, NOW + timedelta(minutes=2))
    assert (mail.kind, mail.state, mail.about) == (DigestKind.SEARCH, DigestState.READY, "search:1")
    assert mail.subject == "Walks: 2 new mentions"
    words = " ".join(mail.text.split())
    assert "2 new mentions for your saved search “Walks”. 2 go too far." in words
    assert "Goes too far:" in words
    assert "when the saved search “Walks” finds something new" in words
    assert "Title 1" in mail.html
    assert "Unsubscribe" in mail.text
    assert send_digest(deps, mail.id).state is DigestState.SENT
    assert made(deps, clock, NOW + timedelta(minutes=7)) == []
    bring(deps, outside, feed_id, entry, 1, 2, 3)
    (second,) = made(deps, clock, NOW + timedelta(minutes=12))
    assert second.subject == "Walks: 1 new mention"
    assert "Title 1" not in second.text


def test_what_was_there_before_and_what_is_not_found_is_not_told(deps, outside, feed_id, entry, follow, clock):
    clock.now = NOW - 2 * DAY
    bring(deps, outside, feed_id, entry, 1)
    follow("walking -Title")
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1, 2)
    assert made(deps, clock, NOW + timedelta(minutes=2)) == []


def test_once_a_day_waits_for_the_hour_and_tells_all_of_the_day(deps, outside, feed_id, entry, follow, clock):
    follow(at_once=False, at=time(7), zone="UTC")
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1)
    (first,) = made(deps, clock, NOW + timedelta(minutes=2))  # its hour of today has come
    assert "every day at 07:00" in " ".join(first.text.split())
    bring(deps, outside, feed_id, entry, 1, 2)
    assert made(deps, clock, NOW + timedelta(hours=3)) == []
    bring(deps, outside, feed_id, entry, 1, 2, 3)
    assert made(deps, clock, NOW + timedelta(hours=21, minutes=59)) == []
    (second,) = made(deps, clock, NOW + timedelta(hours=22))
    assert second.subject == "Walks: 2 new mentions"


def test_hours_of_rest_and_the_most_a_day_hold(deps, outside, feed_id, entry, follow, clock):
    follow(zone="UTC", hush_from=time(21), hush_until=time(7))
    told = 0
    for number in range(1, 9):
        clock.now = NOW + timedelta(minutes=10 * number)
        bring(deps, outside, feed_id, entry, *range(1, number + 1))
        told += len(made(deps, clock, clock.now + timedelta(minutes=1)))
    assert told == 6
    assert made(deps, clock, NOW.replace(hour=22)) == []
    (rest,) = made(deps, clock, (NOW + DAY).replace(hour=7))
    assert rest.subject == "Walks: 2 new mentions"


@pytest.mark.parametrize("how", ["left", "paused", "stopped", "removed"])
def test_who_wants_none_gets_none(deps, outside, feed_id, entry, follow, clock, how):
    search, subscription = follow()
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1)
    {
        "left": lambda: leave(deps, subscription),
        "paused": lambda: pause(deps, subscription, NOW + 7 * DAY),
        "stopped": lambda: deps.store.stop_search_mail(search.id, subscription),
        "removed": lambda: deps.store.remove_search(search.id),
    }[how]()
    assert made(deps, clock, NOW + timedelta(minutes=2)) == []


def test_a_search_that_cannot_be_asked_stops_none_of_the_others(deps, outside, feed_id, entry, follow, clock, caplog):
    _, subscription = follow()
    broken = deps.store.save_search(name="Broken", query="walking OR", by="Ada", now=NOW)
    deps.store.set_search_mail(broken.id, subscription, at_once=True, now=NOW)
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1)
    assert [mail.subject for mail in made(deps, clock, NOW + timedelta(minutes=2))] == ["Walks: 1 new mention"]
    assert "the mail about 'Broken'" in caplog.text


@pytest.mark.parametrize("went_out", [True, False])
def test_no_mail_tells_of_what_was_withdrawn(deps, outside, feed_id, entry, follow, clock, went_out):
    follow()
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1, 2)
    (mail,) = made(deps, clock, NOW + timedelta(minutes=2))
    if went_out:
        send_digest(deps, mail.id)
    gone = next(one for one in deps.store.search(Query()) if one.title == "Title 1")
    deps.store.purge(gone.id, now=clock.now)
    again = made(deps, clock, NOW + timedelta(minutes=7))
    if went_out:
        assert "Title 1" not in deps.store.digest(mail.id).text
        assert again == []
    else:  # it did not go out, and another tells the rest
        (rest,) = again
        assert rest.subject == "Walks: 1 new mention"
        assert "Title 1" not in rest.text


def test_a_mail_speaks_its_reader_s_language(deps, outside, feed_id, entry, follow, clock):
    follow(language="ja")
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1)
    (mail,) = made(deps, clock, NOW + timedelta(minutes=2))
    assert mail.subject == "Walks: 新しい言及1件"
    assert "保存した検索「Walks」: 新しい言及1件。行き過ぎ1件。" in "".join(mail.text.split()).replace(
        "保存した検索「Walks」:新しい言及1件", "保存した検索「Walks」: 新しい言及1件"
    )


def test_only_one_of_two_processes_tells(deps, outside, feed_id, entry, follow, clock):
    follow()
    clock.now = NOW + timedelta(minutes=1)
    bring(deps, outside, feed_id, entry, 1)
    clock.now = NOW + timedelta(minutes=2)
    (first,) = mail_searches(deps)
    assert mail_searches(replace(deps, owner="another")) == []
    assert deps.store.digest(first).subject == "Walks: 1 new mention"
