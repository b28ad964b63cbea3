"""What is only history goes."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.model import Outcome

MINUTE = timedelta(minutes=1)


def test_housekeeping_keeps_thirty_outcomes_and_all_of_the_last_day(newsroom, make):
    for number in range(40):
        newsroom.poll(now=make.NOW + number * timedelta(hours=1), outcome=Outcome.NOT_MODIFIED)
    end = make.NOW + timedelta(hours=40)
    newsroom.store.lock("old", "a", make.NOW - timedelta(days=5), MINUTE)
    newsroom.store.housekeeping(end)
    kept = newsroom.store.poll_outcomes(newsroom.feed_id, limit=100)
    assert [record.at for record in kept] == [make.NOW + timedelta(hours=39 - number) for number in range(30)]
    for number in range(40):
        newsroom.poll(now=end + number * MINUTE)
    newsroom.store.housekeeping(end + timedelta(hours=1))
    assert len(newsroom.store.poll_outcomes(newsroom.feed_id, limit=100)) == 40 + 25
