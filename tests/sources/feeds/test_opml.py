"""Lists of feeds in OPML, as exporters write them."""

from __future__ import annotations

import pytest

from monitor.core.errors import LibraryError
from monitor.sources.feeds.opml import MOST_BYTES, read_opml, write_opml


@pytest.fixture
def read(tmp_path):
    def reading(text: str | bytes):
        path = tmp_path / "feeds.opml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_opml(path)

    return reading


def outlines(inner: str) -> str:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{inner}</body></opml>'


def test_what_is_written_is_read_back(read):
    feeds = [('A & B "daily"', "https://a.example/f?x=1&y=2"), ("", "https://b.example/")]
    assert read(write_opml(feeds)) == ([feeds[0], ("https://b.example/", "https://b.example/")], None)


def test_folders_are_passed_through_and_names_come_in_any_case(read):
    nested = '<outline text="News"><outline TEXT="A" xmlurl=" https://a.example/ "/><outline text="no feed"/></outline>'
    assert read(outlines(nested)) == ([("A", "https://a.example/")], None)


def test_a_title_outranks_the_text(read):
    assert read(outlines('<outline title="T" text="x" xmlUrl="https://a.example/"/>'))[0] == [
        ("T", "https://a.example/")
    ]


def test_what_could_be_read_of_an_ill_formed_list_is_taken_and_told_with_its_place(read):
    found, problem = read(outlines('<outline text="A" xmlUrl="https://a.example/"/>\n<outline text="B" xmlUrl=oops/>'))
    assert ("A", "https://a.example/") in found
    assert problem is not None
    assert problem.line == 2
    assert "is ill-formed" in problem.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not OPML"),
        ("just words", "is not OPML"),
        (b"x" * (MOST_BYTES + 1), "is larger than 10 MB"),
        ('<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline xmlUrl="&x;"/></opml>', "has a DTD"),
    ],
    ids=["empty", "words", "large", "dtd"],
)
def test_what_is_no_list_of_feeds_is_told(read, text, said):
    with pytest.raises(LibraryError, match=said):
        read(text)
