"""Conditional reading: who has the newest is spared the words."""

from __future__ import annotations

import pytest

from monitor.core.model import FeedKind
from monitor.web.api.route import matches

READ = (
    "/mentions",
    "/mentions?q=Keio&limit=1",
    "/rules",
    "/rules/above-outcome",
    "/studies/keio-ips-sci",
    "/openapi.json",
    "/docs",
)


@pytest.mark.parametrize("path", READ)
def test_who_has_the_newest_is_not_told_again(owner, path):
    tag = owner("GET", path).headers["etag"]
    for shown in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = owner("GET", path, If_None_Match=shown)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag), shown
    assert owner("GET", path, If_None_Match='"other"').status_code == 200
    assert owner("GET", path, If_None_Match=tag.strip('"')).status_code == 200, "a tag stands in quotation marks"


def test_what_changed_has_another_tag(owner, seeded):
    tag = owner("GET", "/feeds").headers["etag"]
    seeded.store.add_feed(FeedKind.FEED, "https://other.example/rss", now=seeded.clock())
    answer = owner("GET", "/feeds", If_None_Match=tag)
    assert (answer.status_code, answer.headers["etag"] != tag) == (200, True)


def test_head_answers_as_get_does(owner):
    answer = owner("HEAD", "/mentions")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == owner("GET", "/mentions").headers["etag"]


def test_nothing_that_failed_or_changed_something_has_a_tag(owner):
    assert "etag" not in owner("GET", "/mentions/999").headers
    assert "etag" not in owner("POST", "/compare", {"finding": "X.", "claim": "Y."}).headers


def test_a_tag_is_named_whole():
    assert [matches(header, '"ab"') for header in ('"ab"', 'W/"ab"', ' "x" , "ab"', "*")] == [True] * 4
    assert [matches(header, '"ab"') for header in ("", "ab", '"a"', '"abc"', 'w/"ab"')] == [False] * 5
