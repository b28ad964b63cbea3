"""Articles: their own words, the posts they quote, and robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.entry import Page, Post
from monitor.core.items.identity import entry_identity
from monitor.core.model import DateConfidence, Network, Outcome
from monitor.sources.pages.page import PageReader, quoted_spans, split_quoted

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PARAGRAPHS = [
    "A research team led by a professor in Tokyo has treated four people whose spinal cords were injured with cells.",
    "One of the four can now stand on his own, the team said at a press conference, and is practising to walk again.",
    "Two of them showed little or no change, and nobody knows yet how much they would have recovered without the cells.",
    "Experts who were not part of the study asked for larger trials with a control group before anything is promised.",
]
TWEET = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">A paralyzed man is walking again! '
    '<a href="https://t.co/abc">https://t.co/abc</a></p>&mdash; Glass News (@glassnews) '
    '<a href="https://twitter.com/glassnews/status/1918999999999999999?ref_src=twsrc">May 4, 2025</a></blockquote>'
)
SKEET = (
    '<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:abc/app.bsky.feed.post/3k"><p lang="en">Only four '
    'patients.<br><br><a href="https://bsky.app/profile/did:plc:abc/post/3k?ref_src=embed">[image or embed]</a></p>'
    '&mdash; Dr Sceptic (<a href="https://bsky.app/profile/did:plc:abc?ref_src=embed">@sceptic.bsky.social</a>) '
    '<a href="https://bsky.app/profile/did:plc:abc/post/3k?ref_src=embed">March 25, 2025 at 3:00 PM</a></blockquote>'
)


def page(extra="", head=""):
    body = (
        "".join(f"<p>{words}</p>" for words in PARAGRAPHS[:2]) + extra + "".join(f"<p>{w}</p>" for w in PARAGRAPHS[2:])
    )
    return (
        '<html lang="en-GB"><head><title>Man stands | Example</title><meta property="og:title" content="Man stands &amp; waits">'
        '<meta property="og:site_name" content="Example News"><meta name="author" content="Jo Doe">'
        f'<meta property="article:published_time" content="2025-03-24T10:00:00+09:00">{head}</head>'
        f"<body><nav>Home News Sport</nav><article><h1>Man stands &amp; waits</h1>{body}</article></body></html>"
    )


@pytest.fixture
def reader(door):
    return PageReader(door, clock=lambda: NOW)


def test_an_article_is_read(web, reader, fakes):
    head = f'<link rel="canonical" href="{web.url("/story")}?utm_source=x#top">'
    web["/s"] = fakes.answer(page(head=head), content_type="text/html; charset=utf-8")
    article, fetched = reader.read(web.url("/s"))
    assert article == Page(
        url=web.url("/s"),
        canonical_url=web.url("/story"),
        title="Man stands & waits",
        text="\n".join(PARAGRAPHS),
        author="Jo Doe",
        site="Example News",
        published=datetime(2025, 3, 24, 1, tzinfo=UTC),
        date_confidence=DateConfidence.EXACT,
        lang="en",
        quoted=(),
    )
    assert (fetched.outcome, fetched.sentence, web.asked[0].path) == (Outcome.FETCHED, "Read.", "/robots.txt")


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8", "shift_jis"])
def test_what_is_utf_8_is_read_as_utf_8_whatever_the_server_says(web, reader, fakes, charset):
    body = page().replace("Tokyo", "東京").replace("&amp;", "— “und”").encode()
    web["/s"] = fakes.answer(body, content_type=f"text/html; charset={charset}")
    article, _ = reader.read(web.url("/s"))
    assert (article.title, "東京" in article.text) == ("Man stands — “und” waits", True)


def test_a_host_is_no_sites_name(web, reader, fakes):
    web["/s"] = fakes.answer(
        page().replace('<meta property="og:site_name" content="Example News">', ""), content_type="text/html"
    )
    assert reader.read(web.url("/s"))[0].site in {"", "Example"}


def test_another_sites_address_is_not_its_own(web, reader, fakes):
    web["/s"] = fakes.answer(
        page(head='<link rel="canonical" href="https://famous.example/">'), content_type="text/html"
    )
    assert reader.read(web.url("/s"))[0].canonical_url is None


def test_quoted_posts_leave_the_text_and_become_posts(web, reader, fakes):
    status = {
        "id": "114",
        "uri": "https://mas.example/users/mo/statuses/114",
        "url": "https://mas.example/@mo/114",
        "created_at": "2025-03-25T08:00:00.000Z",
        "content": "<p>Small study, no controls. <a href='https://example.org/s'>link</a></p>",
        "account": {"acct": "mo", "display_name": "Mo"},
        "language": "en",
    }
    web["/api/v1/statuses/114"] = fakes.answer_json(status)
    iframe = f'<iframe class="mastodon-embed" src="{web.url("/@mo/114/embed")}"></iframe>'
    plain = "<blockquote><p>Back on his feet</p>— Plain Person (@plainp) May 5, 2025</blockquote>"
    web["/s"] = fakes.answer(page(TWEET + SKEET + TWEET + iframe + plain), content_type="text/html; charset=utf-8")
    article, _ = reader.read(web.url("/s"))
    assert article.text == "\n".join(PARAGRAPHS)
    x, bluesky, mastodon, written = article.quoted
    assert x == Post(
        network=Network.X,
        id="1918999999999999999",
        author="glassnews",
        author_name="Glass News",
        text="A paralyzed man is walking again! https://t.co/abc",
        published=datetime(2025, 5, 4, tzinfo=UTC),
        date_confidence=DateConfidence.DAY,
        url="https://x.com/glassnews/status/1918999999999999999",
        links=("https://t.co/abc",),
        lang="en",
    )
    assert bluesky == Post(
        network=Network.BLUESKY,
        id="at://did:plc:abc/app.bsky.feed.post/3k",
        author="sceptic.bsky.social",
        author_name="Dr Sceptic",
        text="Only four patients.",
        published=datetime(2025, 3, 25, 15, tzinfo=UTC),
        url="https://bsky.app/profile/did:plc:abc/post/3k",
        lang="en",
    )
    assert (mastodon.author, mastodon.text, mastodon.links) == (
        "mo",
        "Small study, no controls. link",
        ("https://example.org/s",),
    )
    assert (written.author, written.text, written.published, written.as_entry().date_confidence) == (
        "plainp",
        "Back on his feet",
        datetime(2025, 5, 5, tzinfo=UTC),
        DateConfidence.DAY,
    )
    # The tweet read through the API has the same identity, so it is one mention.
    assert entry_identity(x.as_entry()) == "x:1918999999999999999"
    assert entry_identity(mastodon.as_entry()) == "mastodon:https://mas.example/users/mo/statuses/114"


SIGNATURE = (
    "— Glass News (@glassnews) <a href='https://twitter.com/glassnews/status/1918999999999999999'>May 4, 2025</a>"
)


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE,
        f"<p>{SIGNATURE}</p>",
        f"<footer><cite>{SIGNATURE}</cite></footer>",
        f"{SIGNATURE} · 3 likes",
        f"</blockquote><p>{SIGNATURE}</p>",
        f"</blockquote>\n<figcaption>{SIGNATURE}</figcaption>",
    ],
)
def test_a_post_of_several_paragraphs_is_taken_whole(web, reader, fakes, signature):
    """A plain quotation, as a page has it that stores no scripts of others."""
    words = "<p>“Breaking barriers!</p><p>A paralyzed man is walking again.<br>In Japan. <a href='https://g.example/a'>More</a>”</p>"
    web["/s"] = fakes.answer(page(f"<blockquote>{words}{signature}</blockquote>"), content_type="text/html")
    article, _ = reader.read(web.url("/s"))
    assert article.text == "\n".join(PARAGRAPHS)
    assert article.quoted == (
        Post(
            network=Network.X,
            id="1918999999999999999",
            author="glassnews",
            author_name="Glass News",
            text="Breaking barriers!\nA paralyzed man is walking again.\nIn Japan. More",
            published=datetime(2025, 5, 4, tzinfo=UTC),
            date_confidence=DateConfidence.DAY,
            url="https://x.com/glassnews/status/1918999999999999999",
            links=("https://g.example/a",),
        ),
    )


def test_quotations_that_are_no_whole_post_are_left_to_the_text(web, reader, fakes):
    bare = "— Glass News (@glassnews) May 4, 2025"
    spoken = f"<blockquote><p>{PARAGRAPHS[0]}</p></blockquote>"
    long = f"<blockquote><p>He walks.</p><p>{bare}</p><p>{PARAGRAPHS[1]}</p></blockquote>"
    two = f"<blockquote><p>He walks. {bare}</p><p>He runs. {bare.replace('glassnews', 'other')}</p></blockquote>"
    web["/s"] = fakes.answer(page(spoken), content_type="text/html")
    assert reader.read(web.url("/s"))[0].quoted == ()
    apart = f"<blockquote><p>He walks.</p></blockquote><p>{PARAGRAPHS[1]}</p><p>He runs.</p><p>{bare}</p>"
    for extra, found in ((apart, ["He runs."]), (long, ["He walks."]), (two, ["He walks.", "He runs."])):
        web["/s"] = fakes.answer(page(extra), content_type="text/html")
        article, _ = reader.read(web.url("/s"))
        assert [post.text for post in article.quoted] == found
        assert PARAGRAPHS[1] in article.text
    links = "<a href='https://forum.example/post/1'>May 4, 2025</a>"
    web["/s"] = fakes.answer(
        page(f"<blockquote><p>One.</p><p>Two.</p>— Mo (@mo@mas.example) {links}</blockquote>"), content_type="text/html"
    )
    (post,) = reader.read(web.url("/s"))[0].quoted
    assert (post.network, post.text, post.url) == (Network.MASTODON, "One.\nTwo.", None)


@pytest.mark.parametrize(
    ("body", "content_type", "sentence"),
    [
        ("", "text/html", "The answer is empty."),
        ("%PDF-1.7", "application/pdf", "It is no web page but application/pdf."),
        ("<html><body></body></html>", "text/html", "The page could be read, but it has no article's text."),
        (
            '<html><form><input type="password"></form></html>',
            "text/html",
            "The page could be read, but it wants a login.",
        ),
    ],
)
def test_no_article_is_a_sentence(web, reader, fakes, body, content_type, sentence):
    web["/s"] = fakes.answer(body, content_type=content_type)
    article, fetched = reader.read(web.url("/s"))
    assert (article, fetched.outcome, fetched.sentence) == (None, Outcome.SOFT, sentence)


def test_what_the_door_says_is_passed_on(web, reader, fakes):
    web["/s"] = fakes.answer("gone", 410)
    assert reader.read(web.url("/s"))[1].outcome is Outcome.GONE
    assert reader.read("file:///etc/passwd")[1].outcome is Outcome.HARD
    assert reader.read("http://127.0.0.1:1/")[1].outcome is Outcome.HARD


# --- written-out posts -----------------------------------------------------------------------------------------------


def test_the_sample_article_loses_its_tweet(corpora):
    text = (corpora.parent / "facts" / "sample-article.txt").read_text(encoding="utf-8")
    kept, (post,) = split_quoted(text, now=NOW)
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if "@glassalmanac" in line)
    assert (post.author, post.author_name, post.network, post.published) == (
        "glassalmanac",
        "Glass Almanac",
        Network.X,
        datetime(2025, 5, 4, tzinfo=UTC),
    )
    assert post.text == lines[at - 1].strip()
    assert kept.splitlines() == [line for line in lines[: at - 1] + lines[at + 1 :] if line.strip()]


@pytest.mark.parametrize(
    ("text", "kept", "posts"),
    [
        ("Before.\nWords here\n— A B (@ab) May 4, 2025\nAfter.", "Before.\nAfter.", [("ab", "Words here", "x")]),
        ("“Words here” — A (@ab) 4 May 2025", "", [("ab", "Words here", "x")]),
        ("Words\n- A (@ab@mas.example) May 4, 2025", "", [("ab@mas.example", "Words", "mastodon")]),
        ("Words\n— A (@ab.bsky.social) May 4, 2025 at 3:00 PM", "", [("ab.bsky.social", "Words", "bluesky")]),
        ("言葉\n— 名前 (@ab) 2025年5月4日", "", [("ab", "言葉", "x")]),
        ("One\n— A (@a) May 4, 2025\nTwo\n— B (@b) May 5, 2025", "", [("a", "One", "x"), ("b", "Two", "x")]),
        ("Write to us (@news) before May 4, 2025.", "Write to us (@news) before May 4, 2025.", []),
        ("— A (@a) Smarch 44, 2025", "— A (@a) Smarch 44, 2025", []),
        ("— A (@a) May 4, 2025", "— A (@a) May 4, 2025", []),
        ("No quotes.\n\nKept as it is.", "No quotes.\n\nKept as it is.", []),
    ],
)
def test_posts_written_out_in_a_text(text, kept, posts):
    left, found = split_quoted(text, now=NOW)
    assert (left, [(post.author, post.text, post.network.value) for post in found]) == (kept, posts)


def test_the_same_post_quoted_with_another_link_is_the_same():
    one, two = (
        split_quoted(f"Walking again https://t.co/{link}\n— A (@ab) May 4, 2025", now=NOW)[1][0] for link in "xy"
    )
    assert (one.id, one.id.startswith("quoted-")) == (two.id, True)


@given(st.text(alphabet="ab @()—\n.1245May,", max_size=200))
def test_spans_lie_in_order_in_the_text(text):
    last = 0
    for start, end, post in quoted_spans(text + "\nx\n— A (@a) May 4, 2025", now=NOW):
        assert last <= start < end
        assert post.text
        last = end


# --- robots ----------------------------------------------------------------------------------------------------------


def test_a_page_that_robots_may_not_read_is_not_asked_for(web, reader, fakes):
    web["/robots.txt"] = fakes.answer("User-agent: *\nDisallow: /", content_type="text/plain")
    assert reader.read(web.url("/s"))[1].outcome is Outcome.HARD
    assert [asked.path for asked in web.asked] == ["/robots.txt"]
