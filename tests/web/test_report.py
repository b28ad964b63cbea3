"""A report of a search: the counts are those of searches, each claim stands once, and what others wrote breaks nothing."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from monitor.core.search.query import parse_query
from monitor.web import report
from monitor.web.report import report_file
from tests.web.conftest import NOW, SCRIPT, Document


def test_it_tells_the_search_its_time_counts_and_claims(browser, seeded, read):
    words = " ".join(read(browser("/mentions/report?q=walking").text).words.split())
    count, far = (seeded.store.count(parse_query(q, NOW)) for q in ("walking", "walking tier:confirmed"))
    assert f"{count} mentions; {far} go too far" in words
    for told in (
        "walking",
        "3 March 2026, 12:00 UTC",
        "sha256:",
        "Outcome overstated",
        "First",
        "One of the four patients can stand",
        "UMIN-CTR",
    ):
        assert told in words
    assert "1 copy" in words, "what tells the same stands once"


@pytest.mark.parametrize("q", ["", f"{SCRIPT} keio", "zebra", "flagged:yes", "a OR keio"])
def test_a_page_of_any_search_runs_nothing(browser, read, q):
    answer = browser(f"/mentions/report?q={quote(q)}")
    assert answer.status == 200
    assert SCRIPT not in answer.text
    document = read(answer.text)
    assert all("onerror" not in attrs for _, attrs in document.tags)
    assert not [attrs for attrs in document.all("a") if (attrs.get("href") or "").startswith("javascript:")]


def test_either_side_of_or_is_asked_whether_it_goes_too_far(seeded):
    """`a OR b tier:confirmed` as it stands would ask b alone."""
    q = "nothing OR keio"
    told = report._values(seeded, seeded.ask(q), NOW)
    assert told["far"] == seeded.store.count(parse_query(f"({q}) tier:confirmed", NOW))
    assert told["far"] < told["about"].found
    assert sum(day.all for day in told["days"]) == told["about"].found


def test_a_search_that_cannot_be_read_is_told(browser):
    assert browser("/mentions/report?q=sorce%3Ax").status == 400


def test_the_file_needs_nothing_else_and_its_links_lead_to_the_pages(seeded):
    html = report_file(seeded, seeded.ask("walking"), NOW)
    document = Document(html)
    assert not document.all("link")
    assert not document.all("script")
    assert not document.all("img")
    assert "--ground: #f8f7f4;" in html, "its style is in it, as it is written"
    links = [attrs["href"] for attrs in document.all("a")]
    assert links
    assert all(link.startswith(("http://127.0.0.1:8080/", "https://")) for link in links)


def test_of_many_the_newest_are_told_and_the_rest_is_said(seeded, browser, read, monkeypatch):
    monkeypatch.setattr(report, "READ_MAX", 1)
    words = " ".join(read(browser("/mentions/report").text).words.split())
    assert "The newest 1 of 3 mentions that go too far." in words
