"""Article pages: the article's own words, and the posts it quotes as Posts of their own.

A page that quotes "walking again" in a tweet did not say it; the tweet did. So quoted posts leave the text, whether
they are embedded (X, Bluesky, Mastodon) or written out with the line "— Name (@handle) May 4, 2025".
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.core.entry import Page, PageLink, Post
from monitor.core.feeds.dates import read_date
from monitor.core.items.identity import normalise_title, post_identity, quoted_id
from monitor.core.items.urls import canonical_url, domain_of, http_link, linked, same_site
from monitor.core.items.walls import availability
from monitor.core.model import DateConfidence, Network, Outcome
from monitor.core.text.lang import detect_language
from monitor.sources.http.outcomes import Trail, ended
from monitor.sources.http.robots import Robots
from monitor.sources.json_api import storable
from monitor.sources.networks.mastodon import read_status
from monitor.sources.pages.article import SIGNED
from monitor.sources.sandbox import CHILD, ReadingFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from monitor.core.feed import Fetched
    from monitor.ports import Fetcher
    from monitor.sources.http.outcomes import Ending

#: Mastodon embeds hold no text; so many of them are asked for per page, at their server's public API.
MOST_LOOKUPS = 5
ACCEPT = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"}


class PageReader:
    """Implements ports.PageReader."""

    def __init__(self, fetcher: Fetcher, *, clock: Callable[[], datetime]) -> None:
        """`fetcher` is the door; `clock` returns aware UTC."""
        self._fetcher, self._clock = fetcher, clock
        self._robots = Robots(fetcher, clock=clock)

    def read(self, url: str) -> tuple[Page | None, Fetched]:
        """The article at an address, or None; `Fetched` tells how it went, its sentence is for a person."""
        link = http_link(url)
        refusal = self._robots.refusal(link) if link else None
        if refusal:
            return None, _ended(url, refusal)
        fetched = self._fetcher.fetch(url, headers=ACCEPT)
        if fetched.outcome is not Outcome.FETCHED:
            return None, fetched
        if fetched.final_url != url and not same_site(fetched.final_url, url):
            refusal = self._robots.refusal(fetched.final_url)
            if refusal:
                return None, replace(_ended(url, refusal), final_url=fetched.final_url)
        page, fetched = read_page(fetched, now=self._clock())
        if page is None:
            return None, fetched
        return replace(page, quoted=self._looked_up(page.quoted)), fetched

    def _looked_up(self, posts: tuple[Post, ...]) -> tuple[Post, ...]:
        """Posts whose words are not in the page, asked for where they are; those that cannot be had are left out."""
        found, asked = [], 0
        for post in posts:
            if post.text:
                found.append(post)
            elif post.network is Network.MASTODON and asked < MOST_LOOKUPS:
                asked += 1
                parts = urlsplit(post.url or "")
                place = f"{parts.scheme}://{parts.netloc}/api/v1/statuses/{post.id.rpartition('/')[2]}"
                answer = self._fetcher.fetch(place, headers={"Accept": "application/json"})
                status = _json(answer.body) if answer.outcome is Outcome.FETCHED else None
                if status is not None:
                    found.append(storable(read_status(status)))
        return tuple(found)


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.get("id") and isinstance(value.get("account"), dict) else None


def read_page(fetched: Fetched, *, now: datetime) -> tuple[Page | None, Fetched]:
    """The article in a fetched page, or None and an ending that says why there is none. Never raises."""
    content_type = fetched.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not re.search(r"html|xml|text/plain|octet-stream", kind):
        return None, _no_article(fetched, f"It is no web page but {kind}.")
    if not fetched.body.strip():
        return None, _no_article(fetched, "The answer is empty.")
    try:
        read = CHILD.read("page", {"url": fetched.final_url, "content_type": content_type}, fetched.body)
    except ReadingFailedError as error:
        return None, _no_article(fetched, f"It {error}")
    text, written = split_quoted(_without_headline(read["text"], read["title"]), now=now)
    if not text:
        why = "it wants a login" if read["login"] else "it has no article's text"
        return None, _no_article(fetched, f"The page could be read, but {why}.", wants_login=bool(read["login"]))
    embedded = [_embedded_post(row, now) for row in read["quoted"]]
    published, confidence = _published(read["dates"], now)
    return (
        Page(
            url=fetched.final_url,
            canonical_url=_canonical(read["canonical"], fetched.final_url),
            title=read["title"],
            text=text,
            author=read["author"],
            site=read["site"],
            published=published,
            date_confidence=confidence,
            lang=detect_language(f"{read['title']}\n{text}", hint=read["lang"]),
            quoted=_each_once([*embedded, *written]),
            # What stands in the headline or in a post that is written out is none of the article's own words.
            links=tuple(PageLink(link, passage) for link, passage in read["links"] if passage in text),
            availability=availability(
                read["title"],
                text,
                asked=fetched.url,
                answered=fetched.final_url,
                wants_login=read["login"],
                free=read["free"],
            ),
        ),
        fetched,
    )


def _no_article(fetched: Fetched, sentence: str, *, wants_login: bool = False) -> Fetched:
    return replace(fetched, outcome=Outcome.SOFT, body=b"", sentence=sentence, wants_login=wants_login)


def _without_headline(text: str, title: str) -> str:
    """Many pages print the headline at the head of the article too; judged twice it would be flagged twice."""
    first, _, rest = text.partition("\n")
    return rest if rest and normalise_title(first) == normalise_title(title) else text


def _published(raws: list[str], now: datetime) -> tuple[datetime | None, DateConfidence]:
    for raw in raws:
        published, confidence = read_date(raw, now)
        if published:
            return published, confidence
    return None, DateConfidence.NONE


def _canonical(raw: str, url: str) -> str | None:
    """What the page says is its own address: only on its own site, because anybody can name anybody's page."""
    link = linked(url, raw) if raw.strip() else None
    return canonical_url(link) if link and same_site(link, url) else None


def _ended(url: str, refusal: Ending) -> Fetched:
    busy = refusal.outcome is Outcome.RATE_LIMITED  # of what robots.txt can end with, this is our own doing
    return replace(ended(Trail(url), refusal), busy=busy)


# --- quoted posts ----------------------------------------------------------------------------------------------------


def split_quoted(text: str, *, now: datetime | None = None) -> tuple[str, tuple[Post, ...]]:
    """The text without the posts that are written out in it, and those posts. `now` bounds their dates."""
    kept, posts, at = [], [], 0
    for start, end, post in quoted_spans(text, now=now):
        kept.append(text[at:start])
        posts.append(post)
        at = end
    kept.append(text[at:])
    if not posts:
        return text, ()
    return re.sub(r"\n{2,}", "\n", "".join(kept)).strip(), tuple(posts)


def quoted_spans(text: str, *, now: datetime | None = None) -> Iterator[tuple[int, int, Post]]:
    """Where posts are written out in a text: (start, end, Post), in order, from their first word to their date.

    The words are those before the signature on its line; if there are none, the paragraph above it.
    """
    now = now or datetime.now(UTC)
    last = 0
    for signed in SIGNED.finditer(text):
        published, confidence = read_date(signed["date"], now)
        if published is None:
            continue
        start = max(text.rfind("\n", 0, signed.start()) + 1, last)
        if not text[start : signed.start()].strip():
            above = text[last:start].rstrip()
            start = max(text.rfind("\n", 0, last + len(above)) + 1, last)
        words = text[start : signed.start()].strip().strip('“”"')
        if words:
            yield start, signed.end(), _written_post(signed["handle"], signed["name"], words, (published, confidence))
            last = signed.end()


def _written_post(handle: str, name: str, words: str, date: tuple[datetime, DateConfidence]) -> Post:
    network = _network_of(handle)
    return Post(
        network=network,
        id=quoted_id(handle, words),
        author=handle,
        author_name=name.strip(),
        text=words,
        published=date[0],
        date_confidence=date[1],
        url=None,
        links=_links_in(words),
    )


def _network_of(handle: str) -> Network:
    """X handles have letters, digits and underscores; Bluesky's are domains; Mastodon's name their server."""
    if "@" in handle:
        return Network.MASTODON
    return Network.BLUESKY if "." in handle else Network.X


def _links_in(words: str) -> tuple[str, ...]:
    found = (http_link(link.rstrip(".,;:!?)”\"'")) for link in re.findall(r"https?://[^\s<>]+", words))
    return tuple(dict.fromkeys(link for link in found if link))


def _embedded_post(row: Mapping[str, Any], now: datetime) -> Post:
    network = Network(row["network"]) if row["network"] else _network_of(row["handle"])
    url = http_link(row["url"])
    if not row["network"] and not (url and post_identity(url)):
        url = None  # of a post that is written out, only an address that surely is the post's own counts
    published, confidence = read_date(re.sub(r"(?<!\s)\s+at\s+", " ", row["date"]), now)
    identity = (post_identity(url) if url else None) or (f"bluesky:{row['uri']}" if row["uri"] else None)
    handle = row["handle"] or _handle_in(url)
    text = re.sub(r"(?<!\s)\s*\[(?:image or embed|contains quote post or other embedded content)\]", "", row["text"])
    if identity:
        post_id = identity.partition(":")[2]
    else:
        post_id = url if network is Network.MASTODON and url else quoted_id(handle, text)
    return Post(
        network=network,
        id=post_id,
        author=handle,
        author_name=row["name"],
        text=text,
        published=published,
        date_confidence=confidence,
        url=canonical_url(url) if url else None,
        links=tuple(
            dict.fromkeys(
                [
                    *(
                        link
                        for raw in row.get("links", ())
                        if (link := http_link(raw)) and domain_of(link) != "bsky.app"
                    ),
                    *_links_in(text),
                ]
            )
        ),
        lang=row["lang"],
    )


def _handle_in(url: str | None) -> str:
    found = re.match(r"/([A-Za-z0-9_]{1,15})/status", urlsplit(url or "").path)
    return found[1] if found else ""


def _each_once(posts: list[Post]) -> tuple[Post, ...]:
    """A post quoted twice on one page is one post."""
    found: dict[str, Post] = {}
    for post in posts:
        found.setdefault(f"{post.network}:{post.id}", post)
    return tuple(found.values())
