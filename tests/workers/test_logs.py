"""What a person reads who looks at the log of real processes: every line says which task, what about, and how long."""

from __future__ import annotations

import json
import re
from datetime import time as local_time

import pytest

from monitor.core.model import FeedKind
from monitor.pipeline.subscribe import subscribe

LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?P<level>[A-Z]+) +(?P<task>[a-z_]+) (?P<id>[0-9a-f]{8}) "
    r"(?P<about>feed|entry|subscription|digest) (?P<number>\d+), (?P<seconds>\d+\.\d\d) s: (?P<said>.*)"
)
WORKERS = {
    "run": [("run", "--port", "0")],
    "worker": [("worker", "--concurrency", "2"), ("beat", "--every", "1")],
}


def start(house, how, form):
    more = {"HYPEWATCH_LOG_FORMAT": form} | ({"HYPEWATCH_BROKER_URL": "memory://"} if how == "run" else {})
    for command in WORKERS[how]:
        house.start(*command, **more)


@pytest.fixture
def one_of_each(house, newsroom):
    """A feed, and a digest that is due."""
    (url,) = newsroom(1, 2)
    feed_id = house.store.add_feed(FeedKind.FEED, url, now=house.now).id
    reader = subscribe(house.service.deps, "ada@example.org", study_id="keio-ips-sci", at=local_time(7), confirmed=True)
    house.store.set_subscription(reader.id, due=reader.wishes.next_due(reader.created_at.replace(year=2020)))
    return feed_id, reader.id


@pytest.mark.parametrize("how", WORKERS)
def test_each_line_says_task_number_and_seconds(house, one_of_each, wait_for, how):
    feed_id, subscription_id = one_of_each
    start(house, how, "text")
    wait_for(lambda: house.logs().count("its page was looked at") >= 2, 60, f"two pages\n{house.logs()}")
    wait_for(lambda: "attempt 1: sent" in house.logs(), 60, f"the digest\n{house.logs()}")
    found = [match for line in house.logs().splitlines() if (match := LINE.fullmatch(line))]
    said = {(match["task"], match["about"], int(match["number"])): match["said"] for match in found}
    assert said["poll_feed", "feed", feed_id] == "fetched: 2 new, 0 changed, 0 as before. 2 mentions are new or changed"
    assert len([match for match in found if match["task"] == "read_page" and match["about"] == "entry"]) >= 2
    digest = [match["said"] for match in found if match["task"] == "deliver_digest"]
    assert {match["number"] for match in found if match["task"] == "deliver_digest"} == {str(subscription_id)}
    assert any(re.fullmatch(r"digest 1 for [\d-]+ to [\d-]+ composed: \d mentions\. ", line) for line in digest)
    assert any(
        re.fullmatch(r"digest 1 for [\d-]+, attempt 1: sent\. It was written to .*\.eml\.", line) for line in digest
    )
    assert len({match["id"] for match in found}) >= 4


def test_a_machine_reads_the_same_as_fields(house, one_of_each, wait_for):
    feed_id, _ = one_of_each
    start(house, "worker", "json")
    wait_for(lambda: '"feed"' in house.logs(), 60, f"the poll\n{house.logs()}")
    rows = [json.loads(line) for line in house.logs().splitlines() if line.startswith("{")]
    (polled, *_) = [row for row in rows if row.get("feed") == feed_id]
    assert (polled["task"], polled["level"], polled["message"].split(":")[0]) == ("poll_feed", "INFO", "fetched")
    assert re.fullmatch("[0-9a-f]{8}", polled["task_id"])
    assert 0 <= polled["seconds"] < 60


def test_why_a_digest_is_not_there_is_said(house, one_of_each, wait_for):
    _, subscription_id = one_of_each
    sheet = house.service.settings.home / "studies" / "broken.yaml"
    sheet.parent.mkdir()
    sheet.write_text("id: keio-ips-sci\nname: [\n")
    start(house, "worker", "text")
    wait_for(lambda: "could not be composed" in house.logs(), 60, f"the reason\n{house.logs()}")
    (line, *_) = [line for line in house.logs().splitlines() if "could not be composed" in line]
    match = LINE.fullmatch(line)
    assert (match["level"], match["task"], match["number"]) == ("ERROR", "deliver_digest", str(subscription_id))
    assert "broken.yaml" in house.logs()
    assert "Traceback" not in house.logs()
