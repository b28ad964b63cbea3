"""No field of an item is longer than it can honestly be, whoever made the item."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.bounds import MOST_ID, MOST_LINK, MOST_LINKS, MOST_NAME, MOST_TEXT, MOST_TITLE
from monitor.core.entry import Entry, Post
from monitor.core.model import Network

HUGE = "x" * 8_000_000


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("guid", MOST_ID),
        ("title", MOST_TITLE),
        ("text", MOST_TEXT),
        ("source", MOST_NAME),
        ("source_name", MOST_NAME),
        ("author", MOST_NAME),
        ("raw_date", 200),
        ("lang", 35),
    ],
)
def test_each_field_of_an_entry_is_cut(field, most):
    given = {"guid": None, "url": None, "title": "T", "text": "t", "source": "s", field: HUGE}
    assert 0 < len(getattr(Entry(**given), field)) <= most
    short = Entry(**(given | {field: "abc"}))
    assert getattr(short, field) == "abc"


def test_an_address_that_is_too_long_is_none():
    link = f"https://e.example/{HUGE}"
    entry = Entry(guid=None, url=link, title="", text="", source="s", links=(link, "https://e.example/1"), also=(link,))
    assert (entry.url, entry.links, entry.also) == (None, ("https://e.example/1",), ())
    many = Entry(guid=None, url=None, title="", text="", source="s", links=("https://e.example/1",) * 5000)
    assert len(many.links) == MOST_LINKS
    whole = f"https://e.example/{'x' * (MOST_LINK - 18)}"
    assert Entry(guid=None, url=whole, title="", text="", source="s").url == whole


def test_two_long_ids_stay_two():
    one, two = (Entry(guid=HUGE + end, url=None, title="", text="", source="s").guid for end in "ab")
    assert one != two


def test_posts_are_bounded_as_entries():
    post = Post(
        network=Network.X,
        id="1",
        author=HUGE,
        text=HUGE,
        published=datetime(2025, 3, 24, tzinfo=UTC),
        url=None,
        author_name=HUGE,
    )
    assert len(repr(post.as_entry())) < MOST_TEXT + 3000
