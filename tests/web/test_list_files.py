"""Every list of the pages as JSON, CSV and a feed: the same rows, opened by readers that know nothing of us."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import feedparser
import pytest

from monitor.core.changes import Area
from monitor.core.feed import PollPlan
from monitor.core.letters.points import Signer
from monitor.core.mention import Review, Verdict
from monitor.core.model import Outcome
from monitor.core.search.query import parse_query
from monitor.core.session import Role
from monitor.library.rule_template import rule_template
from monitor.pipeline.letters import draft_for
from monitor.pipeline.tune import save_rules
from monitor.web.access import Who
from monitor.web.app import build_app
from tests.web.conftest import NOW, Browser

#: List -> the name under which its JSON has the rows.
LISTS = {
    "reviews": "reviews",
    "letters": "letters",
    "outlets": "outlets",
    "sources": "sources",
    "studies": "studies",
    "digests": "digests",
    "audit": "changes",
}
OWN_RULE = (
    rule_template("our-walk", "walks again")
    .replace("Write here why these words mislead.", "Nobody walks.")
    .replace("Write here what could be said instead.", "He can stand.")
)


@pytest.fixture
def full(seeded) -> Browser:
    """Something in each list."""
    store = seeded.store
    flagged = store.search(parse_query("flagged:yes", NOW), limit=1)[0]
    number = flagged.flags[0].id
    store.review(Review(flag_id=number, verdict=Verdict.UPHELD, by="ada@example.org", at=NOW, why="<b> & ]]>"))
    draft_for(seeded.deps, number, by="bo", signer=Signer(name="Bo"))
    (feed, *_) = store.feeds()
    lease = store.claim_feed(feed.id, "t", NOW, timedelta(minutes=1), force=True).lease
    store.save_poll(
        PollPlan(feed_id=feed.id, lease=lease, at=NOW, outcome=Outcome.HARD, sentence="Gone.", due_at=NOW), {}, None
    )
    store.note_change(by="Ada", area=Area.SOURCES, did="paused <First>", now=NOW, link="/sources/1")
    save_rules(seeded.deps, {"our-walk.yaml": OWN_RULE}, author="bo", note="Ours")
    return Browser(build_app(seeded))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_the_same_as_json_csv_and_feed(full, name):
    rows = json.loads(full(f"/{name}.json").text)[LISTS[name]]
    assert rows
    table = csv.DictReader(io.StringIO(full(f"/{name}.csv").text.removeprefix("\ufeff"), newline=""))
    assert [list(row) for row in table] == [list(row) for row in rows]
    answer = full(f"/{name}.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    read = feedparser.parse(answer.text)
    assert read.bozo == 0
    assert read.entries
    assert len({entry.id for entry in read.entries}) == len(read.entries), "no two lines are one"
    assert all(full(entry.link.removeprefix("http://127.0.0.1:8080")).status == 200 for entry in read.entries[:3])
    assert [entry.updated for entry in read.entries] == sorted((entry.updated for entry in read.entries), reverse=True)


def test_what_each_feed_tells(full):
    told = {name: feedparser.parse(full(f"/{name}.atom").text).entries for name in LISTS}
    assert told["reviews"][0].title == "“<script>alert(1)</script>” (outcome overstated) was called right"
    assert told["reviews"][0].summary.endswith(", by ada@example.org. <b> & ]]>")
    assert told["letters"][0].title.endswith(": draft")
    assert told["sources"][0].title == "First: not read"
    assert told["audit"][0].title == "Ada paused <First>"
    assert told["outlets"][0].summary.endswith(".")
    assert told["digests"][0].link.endswith("/digests/1")


def test_rules_are_a_table_and_a_feed_of_versions_and_their_json_stays_what_import_reads(full):
    table = list(csv.DictReader(io.StringIO(full("/rules.csv").text.removeprefix("\ufeff"), newline="")))
    row = next(row for row in table if row["id"] == "our-walk")
    assert (row["right"], row["flags_30_days"]) == ("0", "0")
    (entry,) = feedparser.parse(full("/rules.atom").text).entries
    assert (entry.title, entry.summary) == ("Rules saved by bo", "Ours")
    assert "our-walk.yaml" in full("/rules.json").text
    assert full("/rules.xlsx").status == 404


def test_a_form_that_a_list_has_not_is_told(full):
    assert "There are json and csv." in full("/subscribers.atom").text
    assert "There are opml, json, csv and atom." in full("/sources.xml").text
    assert full("/reviews.jsonl").status == 200


@pytest.mark.parametrize("form", ["json", "csv", "atom"])
def test_addresses_of_people_who_get_mail_are_for_editors(full, monkeypatch, form):
    assert "ada@example.org" in full(f"/digests.{form}").text
    assert "ada@example.org" in full(f"/reviews.{form}").text
    monkeypatch.setattr("monitor.web.app.who_asks", lambda _request: Who("eve", Role.READER))
    assert "ada@example.org" not in full(f"/digests.{form}").text
    assert "ada@example.org" not in full(f"/reviews.{form}").text


def test_a_ledger_of_many_leaves_the_mails_out(seeded):
    (whole,), (bare,) = seeded.store.digests(), seeded.store.digests(bodies=False)
    assert (whole.mime, whole.html) == (b"mime", "<p>the mail</p>")
    assert (bare.mime, bare.text, bare.html) == (b"", "", "")
    assert (bare.id, bare.subject, bare.recipient) == (whole.id, whole.subject, whole.recipient)
