"""robots.txt: asked once a day, read as RFC 9309 has it, obeyed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Outcome, Reason
from monitor.sources.http.robots import Robots, allowed, parse_robots

NOW = datetime(2025, 6, 1, tzinfo=UTC)


ROBOTS = """User-agent: other
Disallow: /

User-agent: *
Disallow: /private # not for robots
Allow: /private/open
Disallow: /*.pdf$
Disallow:
"""


@pytest.mark.parametrize(
    ("path", "may"),
    [("/", True), ("/private", False), ("/private/x", False), ("/private/open/x", True), ("/a.pdf", False), ("/a.pdf?x", True), ("/%70rivate", False)],
)  # fmt: skip
def test_robots_rules(path, may):
    assert allowed(parse_robots(ROBOTS), path) is may


def test_a_group_for_us_replaces_the_one_for_all():
    assert allowed(parse_robots("User-agent: Hypewatch/1\nDisallow: /no\n\nUser-agent: *\nDisallow: /"), "/yes")
    assert allowed(parse_robots("User-agent: hypewatch\nDisallow:\n\nUser-agent: *\nDisallow: /"), "/")


def test_robots_are_asked_once_a_day_and_obeyed(web, door, fakes):
    now = [NOW]
    robots = Robots(door, clock=lambda: now[0])
    web["/robots.txt"] = fakes.answer("User-agent: *\nDisallow: /no", content_type="text/plain")
    assert robots.refusal(web.url("/yes")) is None
    assert robots.refusal(web.url("/no")) == (
        Outcome.HARD,
        "127.0.0.1 asks robots not to read this page (robots.txt).",
        Reason.ROBOTS,
    )
    assert len(web.asked) == 1
    web["/robots.txt"] = fakes.answer("", 500)
    now[0] += timedelta(days=1, seconds=1)
    assert robots.refusal(web.url("/yes")) == (
        Outcome.TEMPORARY,
        "127.0.0.1 could not say whether robots may read it; it is asked again later.",
        Reason.LATER,
    )
    web["/robots.txt"] = fakes.answer("", 404)
    now[0] += timedelta(minutes=11)
    assert robots.refusal(web.url("/no")) is None


def test_a_site_that_is_not_reached_is_told_as_that(door):
    robots = Robots(door, clock=lambda: NOW)
    for _ in range(2):  # asked, and remembered
        outcome, said, _ = robots.refusal("https://nowhere.invalid/page")
        assert outcome is Outcome.TEMPORARY
        assert said == (
            "There is no host called nowhere.invalid, or the name could not be looked up. It is asked again later."
        )


@given(st.text(max_size=300))
def test_any_robots_text_is_read(text):
    assert allowed(parse_robots(text), "/x") in {True, False}
