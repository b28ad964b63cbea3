"""The registry's page: read as a visitor sees it; what is not the entry is never taken for a change of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Outcome
from monitor.library.load import Library
from monitor.sources.connector import Setup
from monitor.sources.papers.registry import RegistryWatch

NOW = datetime(2026, 6, 24, 12, tzinfo=UTC)
STUDY = Library(Path("/nonexistent"), {}).study("keio-ips-sci")
FEED = FeedForPoll(id=1, kind=FeedKind.REGISTRY_WATCH, url="keio-ips-sci")
MORE = "<tr><td>Condition</td><td>Subacute complete injury of the spinal cord, from the neck to the chest</td></tr>" * 3
PAGE = f"""<html><head><title>Trial</title><script>var now = 12;</script></head><body>
<!-- made at 09:15 -->
<table><tr><td>Unique ID issued by UMIN</td><td>UMIN000035074</td></tr>
<tr><td>Target sample size</td><td>4</td></tr>{MORE}
<tr><td>Date of access</td></tr></table><p>Access count: 10,422</p></body></html>"""


@pytest.fixture
def watch(web, door):
    study = replace(STUDY, watch=replace(STUDY.watch, registry=web.url("/trial")))
    return made(door, study)


def made(door, study):
    return RegistryWatch(Setup(door=door, clock=lambda: NOW, study_of=lambda _id: study, stored=None))


def read(watch):
    return watch.read(FEED, rows_left=1)


def test_the_page_is_its_lines(web, fakes, watch):
    web["/trial"] = fakes.answer(PAGE, content_type="text/html; charset=utf-8")
    parsed = read(watch)
    assert (parsed.outcome, parsed.problem, parsed.entries) == (Outcome.FETCHED, None, ())
    assert parsed.cursor is not None
    lines = parsed.cursor.split("\n")
    assert lines[:2] == ["Unique ID issued by UMIN UMIN000035074", "Target sample size 4"]
    assert not any("access" in line.lower() or "now" in line for line in lines)
    web["/trial"] = fakes.answer(PAGE.replace("10,422", "10,423").replace("09:15", "09:16"), content_type="text/html")
    assert read(watch).cursor == parsed.cursor, "a counter is no change"


@pytest.mark.parametrize("charset", ["shift_jis", "euc_jp", "utf-8"])
def test_japanese_pages_are_read_in_their_own_letters(web, fakes, watch, charset):
    page = PAGE.replace("<head>", f'<head><meta charset="{charset}">').replace("Target sample size", "目標症例数")
    web["/trial"] = fakes.answer(page.encode(charset), content_type="text/html")
    assert "目標症例数" in (read(watch).cursor or "")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><body>Sorry</body></html>", "The registry's page holds no text; it may be an error, a login, or filled in by a script."),
        (b"", "The registry's page holds no text; it may be an error, a login, or filled in by a script."),
        (("<p>We are working on this site. Please come back.</p>" * 9).encode(), "The registry's page does not name UMIN000035074: it may be an error page."),
    ],
)  # fmt: skip
def test_an_error_page_is_a_failure_and_no_change(web, fakes, watch, body, said):
    web["/trial"] = fakes.answer(body, content_type="text/html")
    parsed = read(watch)
    assert (parsed.outcome, parsed.problem, parsed.cursor) == (Outcome.SOFT, said, None)


@pytest.mark.parametrize(
    ("status", "outcome"), [(429, Outcome.RATE_LIMITED), (503, Outcome.TEMPORARY), (404, Outcome.HARD), (410, Outcome.HARD)]
)  # fmt: skip
def test_refusals_are_endings(web, fakes, watch, status, outcome):
    web["/trial"] = fakes.answer("no", status)
    assert read(watch).outcome is outcome


def test_robots_are_heeded(web, fakes, watch):
    web["/robots.txt"] = fakes.answer("User-agent: *\nDisallow: /", content_type="text/plain")
    web["/trial"] = fakes.answer(PAGE, content_type="text/html")
    assert read(watch).outcome is Outcome.HARD
    assert [asked.path for asked in web.asked] == ["/robots.txt"]


def test_a_fact_sheet_without_a_registry_is_told(door, web):
    study = replace(STUDY, watch=replace(STUDY.watch, registry=None))
    parsed = read(made(door, study))
    assert (parsed.outcome, web.asked) == (Outcome.HARD, [])
    assert (
        parsed.problem
        == "The fact sheet keio-ips-sci names no registry's page (`watch:` with `registry: https://...`)."
    )
