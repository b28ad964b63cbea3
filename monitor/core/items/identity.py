"""When are two entries one item? The identity is a string, equal for the same item in every feed that brings it.

In this order: a post's own id; the rule for Google News (publisher and title, because guid and link change at each
poll: commafeed#1755); the canonical address; the feed's guid; publisher and title within 72 hours; the text itself.
Within one feed a guid outranks all of this: `plan.py` matches by it first, so a moved or retitled entry is a revision.
Further names of an item, and what is compared because a name is only likely, are in `names.py`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from monitor.core.items.urls import canonical_url, http_link
from monitor.core.model import Kind

if TYPE_CHECKING:
    from datetime import datetime
    from urllib.parse import SplitResult

    from monitor.core.entry import Entry

#: A publisher that prints the same title again after this long means another piece ("Week in review").
TITLE_WINDOW_DAYS = 3
#: Longer identities are replaced by their hash: an index holds them.
MOST_CHARACTERS = 300

_X_STATUS = re.compile(r"^/(?:[A-Za-z0-9_]+|i/web)/status(?:es)?/(\d+)")
_REDDIT_THING = re.compile(
    r"^(?:/(?:r|user)/[\w-]+)?/comments/([a-z0-9]{1,12})(?:/[^/]*(?:/([a-z0-9]{1,12}))?)?/?$", re.IGNORECASE
)
_MASTODON_STATUS = re.compile(
    r"^/(?:web/)?(?:@(\w+(?:[.-]\w+)*)/(\d{6,20})(?:/embed)?|((?:ap/)?users)/(\w+(?:[.-]\w+)*)/statuses/(\d{6,20}))/?$",
    re.ASCII,
)
_QUOTED = re.compile(r"^[a-z]+:quoted-[0-9a-f]{24}$")
_BLUESKY_POST = re.compile(r"^/profile/(did:[^/]+)/post/([^/]+)")


def entry_identity(entry: Entry) -> str:
    """The identity of an entry: a short string, never empty, the same for the same item whenever and wherever it is met."""
    return _short(_identity(entry))


def _identity(entry: Entry) -> str:
    if entry.kind is Kind.POST and entry.guid:
        return entry.guid
    if is_google_news(entry.url):
        return _title_identity(entry)
    if entry.url and http_link(entry.url):
        return post_identity(entry.url) or _url_identity(entry)
    if entry.guid:
        return f"guid:{entry.source}|{entry.guid}"
    if normalise_title(entry.title):
        return _title_identity(entry)
    return f"text:{entry.source}|{hashlib.sha256(entry.text.encode('utf-8', 'replace')).hexdigest()}"


def title_identity(entry: Entry) -> str:
    """The identity of an entry by its publisher, title and date alone: for one whose other names are not its own."""
    return _short(_title_identity(entry))


def is_google_news(url: str | None) -> bool:
    """Google News hides the article's address behind one of its own that is new at each poll."""
    return bool(url) and (urlsplit(url or "").hostname or "") == "news.google.com"


def post_identity(url: str) -> str | None:
    """The identity of the post that an address shows, or None if the address is no post's (or does not tell its id)."""
    parts = urlsplit(canonical_url(url))
    if parts.hostname == "x.com" and (found := _X_STATUS.match(parts.path)):
        return f"x:{found[1]}"
    if parts.hostname == "bsky.app" and (found := _BLUESKY_POST.match(parts.path)):
        return f"bluesky:at://{found[1]}/app.bsky.feed.post/{found[2]}"
    if parts.hostname == "news.ycombinator.com" and parts.path == "/item":
        ids = parse_qs(parts.query).get("id", [])
        return f"hackernews:{ids[0]}" if ids and ids[0].isdigit() else None
    return _reddit_identity(parts) or _mastodon_identity(parts)


def address_identity(url: str | None) -> str | None:
    """The identity of what an address shows, by the address alone; None if it is no link, or a front page."""
    if not url or http_link(url) is None:
        return None
    found = post_identity(url) or _address(url)
    return _short(found) if found else None


def quoted_id(handle: str, words: str) -> str:
    """An id for a post whose own the page that quotes it does not tell: who said what. Links differ from page to page."""
    said = " ".join(re.sub(r"https?://\S+|pic\.twitter\.com/\S+", "", words).casefold().split())
    return f"quoted-{hashlib.sha256(f'{handle.casefold()}|{said}'.encode('utf-8', 'replace')).hexdigest()[:24]}"


def is_quoted(identity: str) -> bool:
    """Was the id in it made by `quoted_id`? Then any other identity of the same item is a better one."""
    return bool(_QUOTED.match(identity))


def _reddit_identity(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if host == "redd.it" and parts.path[1:].isalnum():
        return f"reddit:t3_{parts.path[1:].lower()}"
    if host.removesuffix("reddit.com") in {"", "www.", "old.", "new.", "np.", "i."}:
        found = _REDDIT_THING.match(parts.path)
        return f"reddit:{f't1_{found[2]}' if found[2] else f't3_{found[1]}'}".lower() if found else None
    return None


def _mastodon_identity(parts: SplitResult) -> str | None:
    if found := _MASTODON_STATUS.match(parts.path):
        # The status's `uri`, as its server makes it of its address.
        # Mastodon 4.5 also writes /ap/users/NUMBER; which name that is only the server knows (see names.py).
        users, name, number = found[3] or "users", found[1] or found[4], found[2] or found[5]
        return f"mastodon:{parts.scheme}://{parts.netloc}/{users}/{name}/statuses/{number}"
    return None


def normalise_title(title: str) -> str:
    """A title for comparing: letters and digits in one case, single spaces; typography and punctuation do not count."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded.replace("'", "")).split())


def without_publisher(title: str, publisher: str) -> str:
    """A Google News title without its tail " - Publisher"."""
    tail = f" - {publisher}"
    return title[: -len(tail)].rstrip() if publisher and title.endswith(tail) and len(title) > len(tail) else title


def content_hash(entry: Entry) -> str:
    """What makes a text another one: title and words. Spacing, dates, counts and the address do not."""
    words = "\x00".join(" ".join(part.split()) for part in (entry.title, entry.text))
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def _url_identity(entry: Entry) -> str:
    if found := _address(entry.url or ""):
        return found
    host = urlsplit(canonical_url(entry.url or "")).netloc.removeprefix("www.")
    if entry.guid or entry.title:
        return f"guid:{host}|{entry.guid}" if entry.guid else _title_identity(entry)
    return f"url:{host}/"


def _address(url: str) -> str | None:
    """A page's address as an identity. A front page is where many items "are"; it is nobody's own address."""
    parts = urlsplit(canonical_url(url))
    rest = (parts.path.rstrip("/") or "/") + (f"?{parts.query}" if parts.query else "")
    rest += f"#{parts.fragment}" if parts.fragment else ""
    return f"url:{parts.netloc.removeprefix('www.')}{rest}" if rest != "/" else None


def _title_identity(entry: Entry) -> str:
    title = normalise_title(without_publisher(entry.title, entry.source_name)) or entry.guid or entry.url or ""
    publisher = entry.source.removeprefix("www.").casefold()
    return f"title:{publisher}|{title}|{_window(entry.published)}"


def _window(published: datetime | None) -> str:
    """The 72 hours that a date falls in; the same at every poll, because a feed keeps an item's date."""
    return str(published.date().toordinal() // TITLE_WINDOW_DAYS) if published else ""


def _short(identity: str) -> str:
    if len(identity) <= MOST_CHARACTERS:
        return identity
    kind = identity.partition(":")[0][:20]
    return f"{kind}:sha256:{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()}"
