"""Addresses: which are links, whose they are, when two of them are one page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.items.urls import canonical_url, domain_of, http_link, same_site


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("HTTP://Example.org/", "http://Example.org/"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://例え.jp/道", "https://例え.jp/道"),
        ("https://example.org/a\nb\tc", "https://example.org/abc"),
    ],
)
def test_links(raw, link):
    assert http_link(raw) == link


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            None,
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//example.org/",
            "/story",
            "http://",
        ),
        *(
            "http:///x",
            "https://bank.example@evil.example/",
            "http://[::1/",
            "http://a:99999/",
            "http://a\\b/",
            "ftp://a/",
        ),
        *(
            "https://example.org/" + "x" * 5000,
            "http://a b.example/",
            "httpsx://example.org/",
            "http://%31.example/",
            "http://e.example/\ud800",
        ),
    ],
)
def test_what_is_no_link(raw):
    assert http_link(raw) is None


@pytest.mark.parametrize(
    ("seen", "canonical"),
    [
        ("https://Example.org:443/a?utm_source=x&b=2&a=1#:~:text=walking", "https://example.org/a?a=1&b=2"),
        ("http://example.org:80", "http://example.org/"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org/?p=123", "https://example.org/?p=123"),
        ("https://example.org/?p=", "https://example.org/?p="),
        ("https://example.org/a#!/story/1", "https://example.org/a#!/story/1"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://m.example.org/story/amp/", "https://example.org/story"),
        ("https://en.m.wikipedia.org/wiki/X", "https://en.wikipedia.org/wiki/X"),
        ("https://m.co/x", "https://m.co/x"),
        ("https://amp.example.org/s?amp=1&outputType=amp", "https://example.org/s"),
        ("https://example.org/amp/story", "https://example.org/story"),
        ("https://example.org/amp", "https://example.org/amp"),
        ("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/story", "https://www.example.org/story"),
        ("https://www.google.com/amp/s/example.org/story", "https://example.org/story"),
        ("https://touch.example.org/story", "https://example.org/story"),
        ("https://touch.co/x", "https://touch.co/x"),
        ("https://example.org/news/index.html", "https://example.org/news/"),
        ("https://example.org/news/index.htm?utm_source=x", "https://example.org/news/"),
        ("https://example.org/index.php?id=7", "https://example.org/?id=7"),
        ("https://example.org/story/amp/index.html", "https://example.org/story"),
        ("https://example.org/index.php/story", "https://example.org/index.php/story"),
        ("https://example.org/myindex.html", "https://example.org/myindex.html"),
        ("https://nitter.net/a/status/1#m", "https://x.com/a/status/1"),
        ("https://nitter.some.example/a/status/1", "https://x.com/a/status/1"),
        ("https://xcancel.com/a/status/1", "https://x.com/a/status/1"),
        ("https://nitter/a/status/1", "https://nitter/a/status/1"),
        ("https://x.com/search?q=walking", "https://x.com/search?q=walking"),
        ("https://twitter.com/a/status/1?s=20&t=abc", "https://x.com/a/status/1"),
        ("https://youtu.be/abc?si=1", "https://www.youtube.com/watch?v=abc"),
        ("https://www.youtube.com/watch?list=PL1&t=10s&v=abcdef&pp=x", "https://www.youtube.com/watch?v=abcdef"),
        ("https://www.youtube.com/shorts/abcdef?si=1", "https://www.youtube.com/watch?v=abcdef"),
        ("https://www.youtube-nocookie.com/embed/abcdef", "https://www.youtube.com/watch?v=abcdef"),
        ("https://www.youtube.com/@name/videos?view=0", "https://www.youtube.com/@name/videos?view=0"),
        ("https://vxtwitter.com/a/status/1", "https://x.com/a/status/1"),
        ("https://example.org/s?output=amp", "https://example.org/s"),
        ("https://example.org/s?output=1", "https://example.org/s?output=1"),
        (
            "https://www.google.com/url?rct=j&sa=t&url=https://m.example.org/s%3Fa%3D1&ct=ga&usg=x",
            "https://example.org/s?a=1",
        ),
        (
            "https://www.google.co.jp/url?q=javascript:alert(1)",
            "https://www.google.co.jp/url?q=javascript%3Aalert%281%29",
        ),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fs&h=AT0", "https://example.org/s"),
        (
            "https://www.google.com/search?q=https://example.org/",
            "https://www.google.com/search?q=https%3A%2F%2Fexample.org%2F",
        ),
        ("https://example.org/%7Efoo/日本", "https://example.org/~foo/%E6%97%A5%E6%9C%AC"),
        ("not a link", "not a link"),
    ],
)
def test_canonical_addresses(seen, canonical):
    assert canonical_url(seen) == canonical
    assert canonical_url(canonical) == canonical


def test_who_speaks_at_an_address():
    seen = [
        "https://www.BBC.co.uk/x",
        "https://m.example.org/",
        "https://amp.example.org/",
        "http://mobile.twitter.com/a",
        "https://www.google.com/url?url=https://www.lantern.example/s",
        "mailto:a@b",
    ]
    assert [domain_of(url) for url in seen] == [
        *("bbc.co.uk", "example.org", "example.org", "x.com", "lantern.example", None)
    ]


def test_one_site():
    assert same_site("https://www.example.org/a", "http://news.example.org/b")
    assert not same_site("https://example.org/", "https://evilexample.org/")
    assert not same_site("https://example.org/", None)


@given(st.text(max_size=60), st.sampled_from(["http://", "https://", "", "https://a.example/"]))
def test_canonical_never_raises_and_is_stable(text, start):
    once = canonical_url(start + text)
    assert canonical_url(once) == once or http_link(once) is None
