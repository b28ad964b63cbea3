"""Bluesky: its views and its event stream as posts, and a search on the account's own server.

Lexicons app.bsky.feed.post, app.bsky.feed.defs, app.bsky.feed.searchPosts, com.atproto.server; Jetstream events.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.entry import Post
from monitor.core.feeds.dates import read_date
from monitor.core.items.urls import http_link
from monitor.core.model import DateConfidence, Network, Reason
from monitor.sources.json_api import Api, Page, RefusalError, Said, not_set, other_form, read_newest_first, rows_of
from monitor.sources.markup import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.sources.connector import Setup

MOST_DEEP = 16
#: The collection that posts are in.
COLLECTION = "app.bsky.feed.post"
#: A post is searchable some minutes after it was written.
REWIND = timedelta(minutes=15)
#: A date that lies longer than this before the post was heard of is the author's word alone.
CLAIMED_AFTER = timedelta(days=1)
_WRONG = "Bluesky does not know the account or its app password (401): check HYPEWATCH_BLUESKY_HANDLE and HYPEWATCH_BLUESKY_PASSWORD."


class BlueskySearch:
    """Implements ports.PostSource for FeedKind.BLUESKY_SEARCH: `feed.url` is the query.

    A server allows 300 logins a day, so one is kept for as long as this object lives, and renewed when it has run out.
    """

    def __init__(self, setup: Setup) -> None:
        """The address is the account's own server, the password an app password. Nothing is asked yet."""
        self._door, self._clock = setup.door, setup.clock
        self._handle, self._password = setup.own["handle"].removeprefix("@"), setup.own["password"]
        self._xrpc, self._host = f"{setup.address}/xrpc", urlsplit(setup.address).hostname
        self._login: dict[str, str] = {}
        self._lock = threading.Lock()

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """At most `rows_left` posts that are newer than the last reading. Never raises."""
        if not self._handle or not self._password:
            return not_set(
                Network.BLUESKY,
                "Bluesky is not set up: HYPEWATCH_BLUESKY_HANDLE and HYPEWATCH_BLUESKY_PASSWORD (an app password) "
                "name the account that searches.",
            )
        api = Api(self._door, self._clock())

        def page(since: datetime, size: int, more: str | None) -> Page:
            asked = {"q": feed.url, "sort": "latest", "since": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "limit": size}
            answer = self._search(api, urlencode({**asked, "cursor": more} if more else asked, errors="replace"))
            rows = rows_of(answer, "posts", self._host)
            posts = [post for row in rows if isinstance(row, dict) and (post := _view(row))]
            return Page(posts, str(answer["cursor"]) if answer.get("cursor") else None)

        return read_newest_first(Network.BLUESKY, feed, page, now=api.now, rows_left=rows_left, rewind=REWIND)

    def _search(self, api: Api, query: str) -> Any:
        with self._lock:  # renewing makes the old login worthless: one thread at a time
            if not self._login:
                self._log_in(api)
            try:
                return self._ask(api, query)
            except RefusalError as error:
                if error.status != 401 and error.code != "ExpiredToken":
                    raise
            self._renew(api)
            if not self._login:
                self._log_in(api)
            return self._ask(api, query)

    def _ask(self, api: Api, query: str) -> Any:
        return api.ask(
            f"{self._xrpc}/app.bsky.feed.searchPosts?{query}",
            headers={"authorization": f"Bearer {self._login['accessJwt']}"},
            words={401: Said("Bluesky does not accept the login that it gave (401).", Reason.KEY_UNKNOWN)},
        )

    def _renew(self, api: Api) -> None:
        """A new login for the old one; none if that cannot be had."""
        old, self._login = self._login, {}
        try:
            self._login = self._tokens(api, "refreshSession", headers={"authorization": f"Bearer {old['refreshJwt']}"})
        except RefusalError as error:
            if error.status not in {400, 401}:
                raise

    def _log_in(self, api: Api) -> None:
        account = json.dumps({"identifier": self._handle, "password": self._password}).encode()
        self._login = self._tokens(
            api,
            "createSession",
            headers={"content-type": "application/json"},
            content=account,
            words={401: Said(_WRONG, Reason.KEY_UNKNOWN)},
        )

    def _tokens(self, api: Api, method: str, **how: Any) -> dict[str, str]:
        answer = api.ask(f"{self._xrpc}/com.atproto.server.{method}", method="POST", **how)
        given = answer if isinstance(answer, dict) else {}
        tokens = {name: str(given.get(name) or "") for name in ("accessJwt", "refreshJwt")}
        if not all(tokens.values()):
            raise other_form(self._host)
        return tokens


def read_posts(document: Any, deep: int = 0) -> Iterator[Post]:
    """Every post in a document: postViews with their replies, and commits of the stream, deletions too. Never raises."""
    if deep > MOST_DEEP:
        return
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, deep + 1)
    elif isinstance(document, dict):
        post = read_event(document) or _view(document)
        if post:
            yield post
        for key, part in document.items():
            if isinstance(part, (dict, list)) and key not in {"author", "record", "commit", "labels", "viewer"}:
                yield from read_posts(part, deep + 1)


def _view(row: Mapping[str, Any]) -> Post | None:
    record, author = row.get("record"), row.get("author")
    uri = str(row.get("uri") or "")
    if not isinstance(record, dict) or not isinstance(author, dict) or f"/{COLLECTION}/" not in uri:
        return None
    handle = str(author.get("handle") or "")
    # Said of every account whose name does not lead back to it: no name, then, and not one person.
    who = str(author.get("did") or "") if handle in {"", "handle.invalid"} else handle
    return _post(uri, who, record, row, str(author.get("displayName") or ""))


def read_event(row: Mapping[str, Any]) -> Post | None:
    """The post that an event of the stream tells of, or its deletion; None for anything else."""
    commit = row.get("commit")
    if not isinstance(commit, dict) or commit.get("collection") != COLLECTION or not row.get("did"):
        return None
    did = str(row["did"])
    uri = f"at://{did}/{COLLECTION}/{commit.get('rkey')}"
    if commit.get("operation") == "delete":
        return deletion(uri)
    record = commit.get("record")
    # The stream tells in microseconds when it heard of the post.
    heard = {"indexedAt": _moment(row.get("time_us"))}
    return _post(uri, did, record, heard, "") if isinstance(record, dict) else None


def deletion(uri: str) -> Post:
    """What is left of a post that was removed: its at-uri."""
    did = uri.removeprefix("at://").partition("/")[0]
    return Post(network=Network.BLUESKY, id=uri, author=did, text="", published=None, url=_url(uri), deleted=True)


def _post(uri: str, author: str, record: Mapping[str, Any], view: Mapping[str, Any], name: str) -> Post:
    langs = record.get("langs")
    published, confidence = _published(record.get("createdAt"), view.get("indexedAt"))
    return Post(
        network=Network.BLUESKY,
        id=uri,
        author=author,
        author_name=name,
        text=str(record.get("text") or ""),
        published=published,
        date_confidence=confidence,
        url=_url(uri),
        links=tuple(dict.fromkeys(record_links(record))),
        lang=str(langs[0]) if isinstance(langs, list) and langs else "",
        reposts=_number(view.get("repostCount")),
        likes=_number(view.get("likeCount")),
        beside=record_beside(record),
    )


def _published(created: Any, indexed: Any) -> tuple[datetime | None, DateConfidence]:
    """The earlier of the author's date and the one at which Bluesky heard of the post (atproto, "Timestamps").

    `createdAt` is whatever the author's program wrote. One that is more than a day before the post was heard of is kept,
    because people bring old posts along from elsewhere, and counts as claimed: who said it first does not rest on it.
    """
    far = datetime(2100, 1, 1, tzinfo=UTC)
    said, heard = (read_date(str(raw or ""), far)[0] for raw in (created, indexed))
    if heard is None or said is None:
        return said or heard, DateConfidence.EXACT
    if heard - said > CLAIMED_AFTER:
        return said, DateConfidence.CLAIMED
    return min(said, heard), DateConfidence.EXACT


def _moment(microseconds: Any) -> str:
    """A time in microseconds since 1970 as the API writes times; "" if it is none."""
    if not isinstance(microseconds, int) or not 0 < microseconds < 10**17:
        return ""
    return datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC).isoformat()


def record_links(record: Mapping[str, Any]) -> Iterator[str]:
    """The links of a post's record: in the words (facets), and the card below them (embed)."""
    for facet in _list(record.get("facets")):
        for feature in _list(facet.get("features")) if isinstance(facet, dict) else []:
            link = http_link(str(feature.get("uri") or "")) if isinstance(feature, dict) else None
            if link:
                yield link
    link = http_link(str(_card(record).get("uri") or ""))
    if link:
        yield link


def record_beside(record: Mapping[str, Any]) -> tuple[str, ...]:
    """What a post's record says outside its words: what its pictures and its film show, and the title of its card."""
    media = _media(record)
    shown = [*_list(media.get("images")), *_list(media.get("items")), media]
    found = [*(one.get("alt") for one in shown if isinstance(one, dict)), _card(record).get("title")]
    return tuple(words for raw in found if isinstance(raw, str) and (words := one_line(raw)))


def _media(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is shown below the words (app.bsky.embed.*), by itself or with a post that is quoted."""
    embed = record.get("embed")
    media = embed.get("media", embed) if isinstance(embed, dict) else None
    return media if isinstance(media, dict) else {}


def _card(record: Mapping[str, Any]) -> Mapping[str, Any]:
    card = _media(record).get("external")
    return card if isinstance(card, dict) else {}


def _url(uri: str) -> str | None:
    did, _, rest = uri.removeprefix("at://").partition("/")
    return f"https://bsky.app/profile/{did}/post/{rest.rpartition('/')[2]}" if did and rest else None


def _number(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
