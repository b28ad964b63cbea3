"""JSON Feed: both versions, every encoding, and what is wrong with them."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.feed import Fetched
from monitor.core.model import Outcome
from monitor.sources.feeds.parse import parse_feed
from monitor.sources.sandbox import CHILD

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def fetched(body, content_type="application/xml", url="https://www.example.org/feed", **headers):
    return Fetched(
        url=url,
        final_url=url,
        outcome=Outcome.FETCHED,
        status=200,
        headers={"content-type": content_type, **headers},
        body=body.encode() if isinstance(body, str) else body,
        sentence="Read.",
    )


def read(body, *rest, **more):
    return parse_feed(fetched(body, *rest, **more), now=NOW)


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Example &amp;amp; Co</title><link>https://www.example.org/</link>
<language>en-gb</language>
<item><title>Man &lt;b&gt;stands&lt;/b&gt; &amp;amp; walks</title><link>/story?id=1</link><guid isPermaLink="false">g1</guid>
<pubDate>Mon, 24 Mar 2025 10:00:00 JST</pubDate><author>jo@example.org (Jo)</author>
<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;lt; three.&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>
<item><title>Bad</title><link>javascript:alert(1)</link><pubDate>2025-13-45</pubDate></item>
</channel></rss>"""


def test_json_feed_in_both_versions():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "language": "ja",
        "home_page_url": "https://example.org/",
        "items": [
            {"id": 7, "url": "https://example.org/7", "title": "T", "content_html": "<p>Words</p>", "authors": [{"name": "A"}, {"name": "B"}], "date_published": "2025-03-24T10:00:00Z"},
            {"id": "8", "external_url": "https://other.example/", "content_text": "Plain <text>", "author": {"name": "C"}},
            {"id": "9", "url": "/nine", "language": "de", "content_text": "Neun"},
            {"id": True, "url": "http://[broken", "content_text": "x"},
            "no item",
        ],
    }  # fmt: skip
    parsed = read(json.dumps(feed), "application/feed+json")
    assert (parsed.format, parsed.title, parsed.lang) == ("json", "J", "ja")
    assert [(one.guid, one.url, one.title, one.text, one.author) for one in parsed.entries] == [
        ("7", "https://example.org/7", "T", "Words", "A, B"),
        ("8", "https://other.example/", "", "Plain <text>", "C"),
        ("9", "https://example.org/nine", "", "Neun", ""),
        (None, None, "", "x", ""),
    ]
    assert [one.lang for one in parsed.entries] == ["ja", "ja", "de", "ja"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("before", ["", " \r\n"])
def test_json_feed_in_every_encoding_of_json(encoding, before):
    feed = {"version": "https://jsonfeed.org/version/1", "title": "慶應", "items": [{"id": "1", "title": "歩いた"}]}
    body = (before + json.dumps(feed, ensure_ascii=False)).encode(encoding)
    for content_type in ("application/feed+json", "application/json; charset=utf-8", "text/plain"):
        parsed = read(body, content_type)
        assert (parsed.format, parsed.title, parsed.problem) == ("json", "慶應", None)
        assert [entry.title for entry in parsed.entries] == ["歩いた"]


def test_relative_links_and_languages_of_a_json_feed():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "language": "en",
        "items": [
            {"id": "1", "url": "/a", "language": "ja"},
            {"id": "2", "url": "javascript:alert(1)"},
            {"id": True, "url": "https://[broken/"},
            {"id": "4"},
        ],
    }
    found = [(one.guid, one.url, one.lang) for one in read(json.dumps(feed), "application/feed+json").entries]
    assert found == [
        ("1", "https://www.example.org/a", "ja"),
        ("2", None, "en"),
        (None, None, "en"),
        ("4", None, "en"),
    ]
    feed["home_page_url"] = "https://home.example/news/"
    assert read(json.dumps(feed), "application/feed+json").entries[0].url == "https://home.example/a"


MEGABYTES = 7_900_000


@pytest.mark.parametrize(
    "field", ["id", "title", "url", "content_text", "content_html", "language", "date_published", "author", "tags"]
)
def test_one_field_of_eight_megabytes_in_a_json_feed(field):
    words = "x" * MEGABYTES
    value = {"author": {"name": words}, "tags": ["x"] * (MEGABYTES // 5)}.get(field, words)
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": "1", field: value}, {"id": "2", "title": "b"}],
    }
    body = json.dumps(feed, separators=(",", ":"))
    read(RSS)
    child, ours = _cpu(CHILD._process.pid), time.process_time()
    parsed = read(body, "application/json")
    assert (_cpu(CHILD._process.pid) - child) + (time.process_time() - ours) < 2
    assert _megabytes(CHILD._process.pid) < 300
    assert [entry.title for entry in parsed.entries][-1] == "b"
    assert len(repr(parsed)) < 60_000


def test_a_json_feed_is_read_in_the_child_too():
    read(RSS)
    child = _cpu(CHILD._process.pid)
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": str(n), "x": [[]] * 50} for n in range(20_000)],
    }
    parsed = read(json.dumps(feed), "application/json")
    assert len(parsed.entries) == 2000
    assert _cpu(CHILD._process.pid) - child > 0.1  # a million lists are made there, or nothing is


def test_a_number_of_thousands_of_digits_costs_no_feed():
    body = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": %s, "title": "a"}, {"id": 7}]}' % (
        "9" * 6000
    )
    assert [entry.guid for entry in read(body).entries][1] == "7"


def test_a_json_feed_without_items_is_one():
    parsed = read('{"version": "https://jsonfeed.org/version/1.1", "title": "J"}', "application/json")
    assert (parsed.format, parsed.title, parsed.problem) == ("json", "J", "It is a feed without entries.")


def _cpu(pid):
    """Seconds of a process so far."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
