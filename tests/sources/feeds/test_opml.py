"""Lists of sources in OPML, as exporters write them, well and badly; and our own, with all that we know of a source."""

from __future__ import annotations

import pytest

from monitor.core.errors import LibraryError
from monitor.core.feeds.listed import Listed
from monitor.sources.feeds.opml import MOST_BYTES, read_opml, write_opml


def read(text: str | bytes):
    return read_opml(text if isinstance(text, bytes) else text.encode(), "feeds.opml")


def pairs(text: str | bytes):
    return [(one.title, one.url) for one in read(text).listed]


def outlines(inner: str) -> str:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{inner}</body></opml>'


EVERY = [
    Listed(kind="feed", url="https://a.example/f?x=1&y=2", title='A & B "daily" <x>', lang="ja", weight=5, paused=True),
    Listed(kind="feed", url="https://b.example/", title="B"),
    Listed(kind="x-search", url='(Keio OR 慶應) "spinal cord" <3', title="X: Keio", weight=2),
    Listed(kind="mastodon-search", url="#iPSC", title="Mastodon: #iPSC", lang="en"),
    Listed(kind="bluesky-stream", url="Keio iPS", title="Bluesky live", paused=True),
    Listed(kind="pubmed-watch", url="keio-ips-sci", title="PubMed on keio-ips-sci"),
]


def told(listed):
    return [(one.kind, one.url, one.title, one.lang, one.weight, one.paused) for one in listed]


def test_what_is_written_is_read_back():
    found = read(write_opml(EVERY))
    assert (told(found.listed), found.mended, found.problem) == (told(EVERY), (), None)


def test_our_own_list_is_read_though_it_was_damaged():
    """Cut off in its last line, with a bare "&" in one before: what is whole is taken with all that is known of it."""
    text = write_opml(EVERY).replace('text="B"', 'text="B & C"').replace('title="B"', 'title="B & C"')
    cut = text[: text.index('    <outline type="hypewatch" text="PubMed') + 30]
    found = read(cut)
    assert told(found.listed) == told(
        [EVERY[0], Listed(kind="feed", url="https://b.example/", title="B & C"), *EVERY[2:5]]
    )
    assert found.mended == (6,)
    assert found.problem is not None
    assert found.problem.line == 10


def test_other_readers_see_feeds_as_feeds_and_nothing_that_they_would_read_of_a_search():
    text = write_opml(EVERY)
    assert text.count("xmlUrl=") == 2
    assert text.count('type="rss"') == 2
    assert 'xmlns:hypewatch="urn:hypewatch:opml:1"' in text


def test_without_a_title_the_address_stands_in_its_text():
    assert pairs(write_opml([Listed(kind="feed", url="https://b.example/")])) == [
        ("https://b.example/", "https://b.example/")
    ]


def test_letters_that_xml_forbids_do_not_end_an_export():
    (found,) = read(write_opml([Listed(kind="feed", url="https://b.example/", title="a\x00b\x1f\ud800c")])).listed
    assert found.title == "abc"


def test_folders_are_passed_through_and_names_come_in_any_case():
    nested = '<outline text="News"><outline TEXT="A" xmlurl=" https://a.example/ "/><outline text="no feed"/></outline>'
    assert pairs(outlines(nested)) == [("A", "https://a.example/")]


def test_a_title_outranks_the_text():
    assert pairs(outlines('<outline title="T" text="x" xmlUrl="https://a.example/"/>')) == [("T", "https://a.example/")]


@pytest.mark.parametrize(
    ("slip", "title", "url"),
    [
        ('<outline text="A" xmlUrl="https://a.example/?x=1&y=2"/>', "A", "https://a.example/?x=1&y=2"),
        ('<outline text="Tom & Ann" xmlUrl="https://a.example/"/>', "Tom & Ann", "https://a.example/"),
        ('<outline text="Caf&eacute;&nbsp;A" xmlUrl="https://a.example/"/>', "Café\xa0A", "https://a.example/"),
        ('<outline text="A\x0b" xmlUrl="https://a.example/"/>', "A", "https://a.example/"),
    ],
)
def test_a_slip_is_mended_and_its_line_told(slip, title, url):
    found = read(outlines(f'\n{slip}\n<outline text="B" xmlUrl="https://b.example/"/>'))
    assert [(one.title, one.url) for one in found.listed] == [(title, url), ("B", "https://b.example/")]
    assert (found.mended, found.problem) == ((2,), None)
    assert [one.line for one in found.listed] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        outlines('<outline text="A" xmlUrl="https://a.example/"/>').replace("</body></opml>", ""),
        '<opml><body><outline text="A" xmlUrl="https://a.example/"></body></opml>',
        '<outline text="A" xmlUrl="https://a.example/"/><outline text="unquoted" xmlUrl=>',
        outlines(
            "<!-- <outline xmlUrl='https://hidden.example/'/> --><outline text='A' xmlUrl='https://a.example/'><p></outline>"
        ),
        outlines('<outline hypewatch:reach="3" text="A" xmlUrl="https://a.example/"/>'),
    ],
    ids=[
        "no end",
        "no end of an outline",
        "no list around",
        "a tag that is not closed",
        "a prefix without its namespace",
    ],
)
def test_of_an_ill_formed_list_all_that_is_whole_is_taken(text):
    found = read(text)
    assert [(one.title, one.url) for one in found.listed] == [("A", "https://a.example/")]
    assert found.problem is not None
    assert "is ill-formed" in found.problem.what


def test_the_place_of_what_could_not_be_read_is_told():
    inner = '<outline text="A" xmlUrl="https://a.example/"/>\n<outline text="B xmlUrl="https://b.example/"/>\n<outline text="C" xmlUrl=https://c.example//>'
    found = read(outlines(inner))
    assert found.problem is not None
    assert found.problem.line == 2
    assert found.listed[0].url == "https://a.example/"
    assert "https://c.example//" in [one.url for one in found.listed]


def test_values_that_nobody_may_set_are_left_out():
    inner = '<outline xmlns:hypewatch="urn:hypewatch:opml:1" text="A" xmlUrl="https://a.example/" hypewatch:reach="9" hypewatch:paused="maybe"/>'
    (found,) = read(outlines(inner)).listed
    assert (found.weight, found.paused) == (None, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not OPML"),
        ("just words", "is not OPML"),
        ("<html><body>no list</p></html>", "is not OPML"),
        (b"x" * (MOST_BYTES + 1), "is larger than 10 MB"),
        ('<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline xmlUrl="&x;"/></opml>', "has a DTD"),
        ('<!doctype opml [<!ENTITY x "y">]><opml><outline xmlUrl="&x;"></opml>', "has a DTD"),
    ],
    ids=["empty", "words", "a page", "large", "dtd", "dtd of an ill-formed one"],
)
def test_what_is_no_list_of_feeds_is_told(text, said):
    with pytest.raises(LibraryError, match=said):
        read(text)


def test_a_list_that_wants_to_be_slow_is_read_in_a_moment():
    """A million quotes, tags that never end: each letter is looked at a few times and no more."""
    for piece in ('<outline "', "<outline x='", "<outline a=b ", '<outline text="' + "&" * 20):
        hostile = outlines('<outline text="A" xmlUrl="https://a.example/"/>' + piece * (400_000 // len(piece)))
        assert ("A", "https://a.example/") in pairs(hostile)
