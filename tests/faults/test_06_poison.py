"""An item that ends whoever works on it (reliability, fault 6): 3 attempts, left alone and shown, the others on time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from monitor.core.mention import TextFrom
from monitor.core.model import FeedKind, Work
from monitor.pipeline import poll
from tests.fakes.house import add_feeds, article, asked, mentions, subscribe
from tests.fakes.studies import SHEET

POISON = """
import os, sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from monitor.pipeline import poll
from monitor.service import Service
from monitor.settings import load

ahead = timedelta(seconds=float(sys.argv[1]))
service = Service(load(), clock=lambda: datetime.now(UTC) + ahead)


def read_feed(fetched, **given):
    if b"POISON" in fetched.body:
        os._exit(9)
    return service.deps.read_feed(fetched, **given)


deps = replace(service.deps, read_feed=read_feed)
for feed_id in map(int, sys.argv[2:]):
    poll.poll_feed(deps, feed_id)
"""


def test_what_ends_its_worker_three_times_is_left_alone(house, web, fakes, newsroom, wait_for):
    """Each attempt is a process that dies at it; the others' work goes on, and a person sees it and can try again."""
    (good,) = newsroom(1, 2)
    web["/poison"] = fakes.answer("<rss>POISON</rss>")
    store = house.store
    poison_id = store.add_feed(FeedKind.FEED, web.url("/poison"), now=house.now).id
    good_id = store.add_feed(FeedKind.FEED, good, now=house.now).id
    clean = {"PATH": "/usr/bin:/bin"} | house.environment
    lease = poll.LEASE.total_seconds()

    def attempt(number: int, *feed_ids: int) -> int:
        command = [sys.executable, "-c", POISON, str(number * (lease + 1)), *map(str, feed_ids)]
        return subprocess.run(command, env=clean, timeout=60, check=False).returncode

    codes = [attempt(number, poison_id) for number in range(4)]
    assert codes == [9, 9, 9, 0], "the fourth is not tried"
    assert attempt(4, good_id) == 0
    feeds = {feed.id: feed for feed in store.feeds()}
    assert (feeds[poison_id].quarantined, feeds[good_id].quarantined) == (True, False)
    assert feeds[good_id].entries == 2
    assert poison_id not in store.due(Work.POLL, house.now.replace(year=house.now.year + 1))

    house.start("feeds", "list", "--format", "json").wait(30)
    assert "Left alone: reading it ended the process three times." in house.logs()
    house.start("feeds", "resume", str(poison_id)).wait(30)
    assert not store.feed(poison_id).quarantined
    assert poison_id in store.due(Work.POLL, house.now)


DIES = """
import os
from pathlib import Path
def die():
    with Path(os.environ["HYPEWATCH_HOME"], "attempts").open("a") as tried:
        tried.write("x")
    os._exit(9)
"""
#: What a worker dies of, wherever the study or the text says so.
DEADLY = {
    "composing": """
import monitor.pipeline.deliver as deliver
compose = deliver.compose
deliver.compose = lambda given, study, **more: die() if study.id == "other" else compose(given, study, **more)
""",
    "judging an entry": """
import monitor.pipeline.poll as poll
draft_entry = poll.draft_entry
poll.draft_entry = lambda library, entry, *more, **named: (
    die() if "POISON" in entry.title else draft_entry(library, entry, *more, **named)
)
""",
    "judging a page": """
import monitor.pipeline.poll as poll
draft_mentions = poll.draft_mentions
poll.draft_mentions = lambda *given, **named: die() if "POISON" in named["text"] else draft_mentions(*given, **named)
""",
}
#: Longer than any lease: each process comes so many seconds after the one before, by its clock.
LATER = 200


@pytest.mark.parametrize("what", DEADLY)
def test_a_worker_that_dies_of_it_three_times_leaves_it_alone(house, web, fakes, newsroom, wait_for, what):
    """Workers as they are deployed: the child dies, its worker goes on with the others' work at once."""
    place = "POISON" if what == "judging an entry" else "Harmless"
    web["/poison/page"] = fakes.answer(
        f"<html lang=en><body><article><h1>Page</h1><p>POISON {article(99)}</p></article></body></html>",
        content_type="text/html",
    )
    web["/poison"] = fakes.answer(
        f'<rss version="2.0"><channel><title>P</title><item><guid isPermaLink="false">p</guid><title>{place}</title>'
        f"<link>{web.url('/poison/page')}</link><description>{article(99)}</description></item></channel></rss>"
    )
    sheet = house.service.settings.home / "studies" / "other.yaml"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text(SHEET.replace("mine", "other").replace("Mine", "Other"))
    if what == "composing":
        subscribe(house, "poison@example.org", study_id="other")
    else:
        add_feeds(house, [web.url("/poison")])
    add_feeds(house, newsroom(2, 2))
    subscribe(house, "good@example.org")
    tried = house.service.settings.home / "attempts"
    for number in range(4):
        ahead = number * LATER
        more = {"ahead": ahead, "before": DIES + DEADLY[what]}
        processes = [house.start("worker", "--concurrency", "2", **more), house.start("beat", "--every", "1", **more)]
        if number < 3:
            wait_for(
                lambda n=number: tried.exists() and len(tried.read_text()) == n + 1, 60, f"{number}\n{house.logs()}"
            )
        else:
            wait_for(lambda: left_alone(house) == 1, 60, f"it is left alone\n{house.logs()}")
        if number == 0:
            wait_for(lambda: good_is_done(house), 60, f"the others on time\n{house.logs()}")
        assert processes[0].poll() is None, "the worker itself stands"
        for process in processes:
            house.kill(process)
    assert tried.read_text() == "xxx"
    code, told = asked(house, "doctor", "--format", "json")
    assert code == 1
    assert "three times" in told


def left_alone(house):
    return sum(house.store.backlog(work, house.now).left_alone for work in Work)


def good_is_done(house):
    whole = [found.title for found in mentions(house) if found.text_from is TextFrom.PAGE]
    mailed = [digest.recipient for digest in house.store.digests() if digest.state == "sent"]
    return set(whole) >= {f"Title {number}" for number in range(4)} and mailed == ["good@example.org"]
