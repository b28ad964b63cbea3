"""The links of an article's own body: which count, where they lead, in which words, and what hostile pages cost."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from monitor.core.bounds import MOST_LINKS
from monitor.core.entry import PageLink
from monitor.core.feed import Fetched
from monitor.core.model import Outcome
from monitor.sources.pages.article import MOST_PASSAGE, read_article
from monitor.sources.pages.page import read_page

URL = "https://blog.example/2025/week.html"
FILL = [
    "On Monday I baked a rye loaf from my aunt's recipe, and it came out darker than hers, which she will not mind.",
    "The council has moved the night buses to the other side of the square, so half of the town waits in the rain.",
    "Our cats have found the only warm place in the house, which is the laptop that these lines are written on.",
]


def page(body, head="", around=""):
    fill = [f"<p>{one}</p>" for one in FILL]
    return f"<html lang=en><head><title>Week</title>{head}</head><body><article><h1>My week</h1>{fill[0]}{fill[1]}{body}{fill[2]}</article>{around}</body></html>"


def links(body, **changes):
    found = read_article(page(body, **changes).encode(), URL, "text/html; charset=utf-8")
    assert all(passage in found["text"] for _, passage in found["links"])
    return found["links"]


def seconds(task):
    begun = time.process_time()
    task()
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("body", "passage"),
    [
        ("<p>Some say <b>that <a href='/s'>he</a></b> stood\n up, and others do not say so.</p>", "Some say that he stood up, and others do not say so."),
        ("<ul><li><a href='/s'>He stood</a>, and a good many people have told me so this week.</li></ul>", "He stood, and a good many people have told me so this week."),
        ("<h2>What <a href='/s'>they</a> found</h2>", "What they found"),
        ("<blockquote><p>Somebody wrote <a href='/s'>about it</a> at length, in a paper that I like.</p></blockquote>", "Somebody wrote about it at length, in a paper that I like."),
        ("<table><tr><td>Read <a href='/s'>this one</a></td><td>on Sunday</td></tr></table>", "Read this one"),
        ("<dl><dt>Cells</dt><dd>See <a href='/s'>the story</a> of last week.</dd></dl>", "See the story of last week."),
        ("<p>First a line about nothing much at all.<br>Then <a href='/s'>a story</a> that was sent to me.<br>And more.</p>", "Then a story that was sent to me."),
        ("<p>読んだのは<a href='/s'>この記事</a>です。とても面白かったので、みなさんもぜひ読んでみてください。</p>", "読んだのはこの記事です。とても面白かったので、みなさんもぜひ読んでみてください。"),
    ],
    ids=["inline", "list", "heading", "quotation", "cell", "definition", "breaks", "japanese"],
)  # fmt: skip
def test_a_link_comes_with_the_words_of_its_paragraph(body, passage):
    assert links(body) == [("https://blog.example/s", passage)]


@pytest.mark.parametrize(
    ("head", "href", "leads"),
    [
        ("", "story", "https://blog.example/2025/story"),
        ("", "?p=12", "https://blog.example/2025/week.html?p=12"),
        ("", "//other.example/s", "https://other.example/s"),
        ("<base href='https://other.example/news/'>", "../s", "https://other.example/s"),
        ("<base href='/news/'>", "s", "https://blog.example/news/s"),
        ("<base href='http://['>", "s", "https://blog.example/2025/s"),
        ("<base target=_blank><base href='https://other.example/'>", "s", "https://other.example/s"),
    ],
)
def test_where_a_link_leads(head, href, leads):
    assert links(f"<p>I have read <a href='{href}'>this</a> to the end.</p>", head=head) == [
        (leads, "I have read this to the end.")
    ]


@pytest.mark.parametrize("href", ["javascript:go()", "mailto:ada@blog.example", "data:text/html,x", "http://[x", "https://e:99999/", "https://u@e.example/", "https://e.example/" + "x" * 5000, "http://", "tel:1"])  # fmt: skip
def test_what_leads_to_no_page_is_no_link(href):
    assert links(f"<p>I have read <a href='{href}'>this</a> and <a name=x>that</a> to the end.</p>") == []


def test_menus_and_lists_of_other_articles_are_not_the_article():
    words = "He stood, and a good many people have told me so"
    around = (
        f"<nav><a href='/1'>{words}</a></nav><aside><p>{words} <a href='/2'>there</a></p></aside>"
        f"<footer><ul><li><a href='/3'>{words}</a></li></ul></footer><section class='related'><h3>More</h3><a href='/4'>{words}</a></section>"
    )
    inside = "<p>I have read <a href='/s'>this</a> to the end.</p><aside><p>See <a href='/5'>cats</a>, too.</p></aside>"
    assert links(inside, around=around) == [("https://blog.example/s", "I have read this to the end.")]
    # Its words stand in a line of the text; it is none itself.
    assert links("", around="<div><a href='/x'>the night buses</a></div>") == []


def test_links_of_quoted_posts_are_theirs():
    tweet = (
        '<blockquote class="twitter-tweet"><p>Look at <a href="https://e.example/s">this</a></p>&mdash; Jo (@jo) '
        '<a href="https://twitter.com/jo/status/1918999999999999999">May 4, 2025</a></blockquote>'
    )
    plain = "<p>Look at <a href='https://e.example/t'>that</a> — Jo Doe (@jo) May 5, 2025</p>"
    body = f"{tweet}{plain}<p>I have read <a href='/s'>this</a> to the end.</p>".encode()
    answer = {"url": URL, "final_url": URL, "outcome": Outcome.FETCHED, "status": 200, "sentence": ""}
    fetched = Fetched(**answer, headers={"content-type": "text/html"}, body=page(body.decode()).encode())
    read, _ = read_page(fetched, now=datetime(2025, 6, 1, tzinfo=UTC))
    assert read.links == (PageLink("https://blog.example/s", "I have read this to the end."),)
    assert len(read.quoted) == 2


def test_links_are_bounded():
    one_line = " ".join(
        f"<a href='https://e.example/{at}'>{at}</a> <a href='javascript:{at}'>x</a>" for at in range(300)
    )
    assert len(links(f"<p>So many links in one paragraph: {one_line}</p>")) == MOST_LINKS
    twice = "<p>Read <a href='/s'>this</a>, and <a href='/s'>this</a> once more.</p>"
    assert links(twice) == [("https://blog.example/s", "Read this, and this once more.")]
    long = f"<p>Read <a href='/s'>this</a>. {'A word and another one. ' * (MOST_PASSAGE // 20)}</p>"
    assert links(long) == []


def test_a_page_of_many_links_is_read_in_time_that_grows_with_it():
    def body(many):
        menu = "".join(f"<li><a href='/n{at}'>Story {at} of the day</a></li>" for at in range(many))
        return page(
            "<p>I have read <a href='/s'>this</a> to the end.</p>", around=f"<div><ul>{menu}</ul></div>"
        ).encode()

    few, many = body(1000), body(10_000)
    read_article(few, URL, "text/html")
    once = min(seconds(lambda: read_article(few, URL, "text/html")) for _ in range(3))
    ten = min(seconds(lambda: read_article(many, URL, "text/html")) for _ in range(2))
    assert ten < 30 * max(once, 0.01)


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 20_000 + "<a href='/x'>deep</a>",
        "<p>" + "<span><a href='/x'>" * 20_000,
        "<p>" + "<a href='http://[x'>b</a>" * 2000,
        "<p>" + "<a href>" * 10_000,
        "<a href='/x'>" + "<br>" * 50_000,
    ],
    ids=["deep", "nested", "broken", "empty", "breaks"],
)
def test_hostile_pages_are_read(hostile):
    assert seconds(lambda: read_article(page(hostile).encode(), URL, "text/html")) < 5
