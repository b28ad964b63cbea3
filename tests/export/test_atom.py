"""A feed that is worth following: who says what, in which words, what the study found, and ids that stay."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from monitor.core.search.query import parse_query
from monitor.export.atom import Entry, mentions_atom
from monitor.export.atom import feed as made
from monitor.export.provenance import provenance
from monitor.pipeline.imports import import_rows
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows

ATOM = "{http://www.w3.org/2005/Atom}"
LINE = {
    "url": "https://lantern.example/one?a=1&b=2",
    "title": "News <b>from</b> Keio",
    "text": "It rained & poured. A paralysed man is walking again after Keio University put iPS cells into his injured "
    "spinal cord. <script>alert(1)</script> \x0b End.",
    "published": "2025-03-24T08:00:00Z",
    "source": "lantern.example",
    "kind": "article",
    "lang": "en",
}


@pytest.fixture
def service(sqlite_url, tmp_path, clock):
    opened = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url}), clock=clock)
    import_rows(opened.deps, read_rows([json.dumps(LINE)], "jsonl", "one"), name="one")
    yield opened
    opened.store.close()


def text_of(service, q):
    found = service.store.search(parse_query(q, service.clock()))
    about = provenance(q, at=service.clock(), found=len(found), library=service.library)
    return mentions_atom(found, about, base_url="https://watch.example.org")


def feed(service, q="tier:confirmed"):
    return ET.fromstring(text_of(service, q))


def test_an_entry_shows_the_marked_words_what_the_study_found_and_what_to_say(service):
    root = feed(service)
    (entry,) = root.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "News <b>from</b> Keio"
    content = entry.find(f"{ATOM}content")
    assert content.get("type") == "html"
    assert "walking again</mark>" in content.text
    assert "It rained &amp; poured." in content.text
    assert "&lt;script&gt;" in content.text
    assert "<script>" not in content.text
    assert content.text.count("The study found: One of the four patients can stand") == 1
    assert "You could say: " in content.text
    assert "overstated-outcome" not in ET.tostring(root, encoding="unicode")


def test_ids_stay_and_the_date_follows_what_is_flagged(service, clock):
    begun = feed(service)
    self_, alternate = (begun.find(f"{ATOM}link[@rel='{rel}']").get("href") for rel in ("self", "alternate"))
    assert (self_, alternate) == (
        "https://watch.example.org/mentions.atom?q=tier%3Aconfirmed",
        "https://watch.example.org/mentions?q=tier%3Aconfirmed",
    )
    clock.forward(days=1)
    changed = LINE | {"text": LINE["text"] + " He was cured by Keio's iPS cells, and is walking without help."}
    import_rows(service.deps, read_rows([json.dumps(changed)], "jsonl", "two"), name="two")
    after = feed(service)
    ids = [[entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")] for root in (begun, after)]
    assert ids[0] == ids[1]
    dates = [root.find(f"{ATOM}entry").findtext(f"{ATOM}updated") for root in (begun, after)]
    assert (
        dates[1]
        == f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
        > dates[0]
        == f"{clock.now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    )
    assert after.findtext(f"{ATOM}updated") == dates[1]


def test_what_is_not_sure_is_not_in_it(service):
    assert [*feed(service, "tier:look-here title:Nothing").iter(f"{ATOM}entry")] == []


def test_a_reader_that_knows_nothing_of_us_reads_it_and_the_search_that_made_it(service):
    q = 'tier:confirmed "walking again"'
    read = feedparser.parse(text_of(service, q))
    assert read.bozo == 0
    assert read.feed.subtitle.startswith(
        f"The newest 1 of 1 mentions that the search “{q}” found at 2025-03-24T09:00:00Z."
    )
    assert service.library.ruleset("keio-ips-sci").digest in read.feed.subtitle
    (entry,) = read.entries
    assert (entry.title_detail.language, entry.author) == ("en", "lantern.example")


def test_any_list_is_a_feed_whose_words_break_nothing():
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    entries = [
        Entry(
            page=f"https://w.example/letters/{n}",
            title="<b>\x00&amp;",
            updated=now + timedelta(hours=n),
            summary="]]>\ufffe",
        )
        for n in (1, 2)
    ]
    read = feedparser.parse(
        made("A & B", entries, page="https://w.example/letters", address="https://w.example/letters.atom", now=now)
    )
    assert (read.bozo, read.feed.title, len(read.entries)) == (0, "A & B", 2)
    assert read.feed.updated == "2026-03-03T14:00:00Z"
    empty = feedparser.parse(made("A", [], page="https://w.example/", address="https://w.example/a.atom", now=now))
    assert (empty.bozo, empty.feed.updated) == (0, "2026-03-03T12:00:00Z")
