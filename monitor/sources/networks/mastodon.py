"""Mastodon: statuses as posts (docs.joinmastodon.org/entities/Status), hashtags on several servers, and a search on one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from monitor.core.entry import Post
from monitor.core.feeds.dates import read_date
from monitor.core.items.urls import http_link
from monitor.core.model import WEIGHT, Network, Outcome, Reason
from monitor.sources.json_api import Api, RefusalError, Said, done, not_set, other_form, refused, rows_of, used_up
from monitor.sources.markup import html_links, html_text, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.sources.connector import Setup

MOST_DEEP = 12
#: The most that a server gives at once.
PAGE = 40
#: How long what a server said of its timelines is believed.
BELIEVED = timedelta(days=1)
_TAG = re.compile(r"#(\w+)")


class MastodonSearch:
    """Implements ports.PostSource for FeedKind.MASTODON_SEARCH: `feed.url` is a hashtag (#iPSC), or else a query.

    A hashtag is read on every server, without a key: each knows only the posts that reached it. A query is asked of the
    first server alone, with the token, which is that server's and is sent to no other. `feed.cursor` is JSON, the
    newest status id of each server.
    """

    def __init__(self, setup: Setup) -> None:
        """Its servers are names (mastodon.social) or addresses (http://localhost:3000). Nothing is asked yet."""
        self._door, self._token, self._clock = setup.door, setup.own["token"], setup.clock
        servers = filter(None, setup.own["servers"].split(","))
        self._servers = [(one if "://" in one else f"https://{one}").rstrip("/") for one in servers]
        self._access: dict[str, tuple[datetime, dict[str, str]]] = {}

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """At most `rows_left` posts that are newer than the last reading. Never raises.

        A server that refuses does not keep the others from being read; all that were not are told.
        """
        tag = _TAG.fullmatch(feed.url.strip())
        servers = self._servers if tag else self._servers[:1]
        if not servers:
            return not_set(Network.MASTODON, "Mastodon is not set up: HYPEWATCH_MASTODON_SERVERS names no server.")
        if not tag and not self._token:
            return not_set(
                Network.MASTODON,
                "Mastodon searches words only for an account: set HYPEWATCH_MASTODON_TOKEN, or follow a #hashtag.",
            )
        api, cursors = Api(self._door, self._clock()), _cursors(feed.cursor)
        posts: list[Post] = []
        told: list[str] = []
        refusals: list[RefusalError] = []
        # Another server is the first each time, so that a slow one does not take the others' time for ever.
        first = int(api.now.timestamp() // 900) % len(servers)
        for number, server in enumerate(servers[first:] + servers[:first]):
            most = (rows_left - len(posts)) // (len(servers) - number)
            try:
                found, newest, note = self._read(api, server, feed.url.strip(), cursors.get(server), most)
            except RefusalError as error:
                refusals.append(error)
                continue
            posts += found
            told += [note] if note else []
            cursors |= {server: newest} if newest else {}
        told += [error.sentence for error in refusals]
        problem = " ".join(dict.fromkeys(told)) or None
        wait = max((error.wait for error in refusals if error.wait), default=None)
        if len(refusals) == len(servers):
            mildest = min((error.outcome for error in refusals), key=lambda outcome: WEIGHT.get(outcome, 0.0))
            return refused(Network.MASTODON, RefusalError(mildest, problem or "", wait, reason=refusals[0].reason))
        cursor = json.dumps({server: cursors[server] for server in self._servers if server in cursors})
        return done(Network.MASTODON, posts, cursor=cursor, problem=problem, wait=wait)

    def _read(
        self, api: Api, server: str, query: str, cursor: str | None, most: int
    ) -> tuple[list[Post], str | None, str | None]:
        """One server's posts, its newest id, and what is to be told. The first time only the newest page is read."""
        host, size = urlsplit(server).hostname, min(PAGE, most)
        if size <= 0:
            raise used_up(f"No more posts of {host} may be read now.")
        tag = _TAG.fullmatch(query)
        sides = self._sides(api, server) if tag else {}
        rows: list[Any] = []
        newest = cursor
        while not rows or len(rows) + size <= most:
            if tag:
                # The oldest of what is newer than min_id: the next page, or the next reading, goes on from there.
                asked = {"limit": size, **sides, **({"min_id": newest} if newest else {})}
                url = f"{server}/api/v1/timelines/tag/{quote(tag[1])}?{urlencode(asked, errors='replace')}"
                try:
                    page = rows_of(self._ask(api, server, url), None, host)
                except RefusalError as error:
                    if not rows:
                        raise
                    # What was read is kept, or a slow server with many new posts would never be read to its end.
                    return self._posts(rows, server), newest, f"Only a part was read: {error.sentence}"
            else:
                asked = {"q": query, "type": "statuses", "limit": size, "offset": len(rows)}
                asked |= {"min_id": cursor} if cursor else {}
                page = rows_of(
                    self._ask(api, server, f"{server}/api/v2/search?{urlencode(asked, errors='replace')}"),
                    "statuses",
                    host,
                )
            if not page:
                return self._posts(rows, server), newest, _one_sided(sides, host)
            if not all(_is_status(row) for row in page):
                raise other_form(host)
            before, newest = newest, _newest(page, newest) if tag or not rows else newest
            rows += page[:size]
            if not cursor or (tag and newest == before):  # the second: a server that does not know min_id
                return self._posts(rows, server), newest, _one_sided(sides, host)
        left = (
            f"{host} may have more posts; the next reading goes on from here."
            if tag
            else f"{host} has more than {len(rows)} posts; the older ones were not read. A narrower search misses fewer."
        )
        return self._posts(rows, server), newest, " ".join(filter(None, (left, _one_sided(sides, host))))

    def _ask(self, api: Api, server: str, url: str) -> Any:
        host = urlsplit(server).hostname
        words = {
            401: Said(
                f"{host} does not know the token (401): check HYPEWATCH_MASTODON_TOKEN, a token of the first server named.",
                Reason.KEY_UNKNOWN,
            )
            if self._own_token(server)
            else Said(f"{host} shows this only to its own members (401)."),
            422: Said(f"{host} shows this only to its own members (422)."),
        }
        return api.ask(url, headers=self._own_token(server), words=words)

    def _own_token(self, server: str) -> dict[str, str]:
        own = bool(self._token) and server == self._servers[0]
        return {"authorization": f"Bearer {self._token}"} if own else {}

    def _sides(self, api: Api, server: str) -> dict[str, str]:
        """What of a hashtag we may read here: all ({}), or only the server's own or only others' posts; raises RefusalError.

        Mastodon 4.5 tells in configuration.timelines_access; older servers do not, and are open.
        """
        believed = self._access.get(server)
        if believed is None or believed[0] <= api.now:
            try:
                levels = _levels(self._ask(api, server, f"{server}/api/v2/instance"))
            except RefusalError as error:
                if error.status != 404:
                    raise
                levels = {}
            believed = self._access[server] = (api.now + BELIEVED, levels)
        readable = {"public", "authenticated"} if self._own_token(server) else {"public"}
        sides = [side for side in ("local", "remote") if believed[1].get(side, "public") in readable]
        if not sides:
            host = urlsplit(server).hostname
            members = "authenticated" in believed[1].values()
            raise RefusalError(
                Outcome.HARD, f"{host} shows hashtags {'only to its own members' if members else 'to nobody'}."
            )
        return {sides[0]: "true"} if len(sides) == 1 else {}

    @staticmethod
    def _posts(rows: Sequence[Mapping[str, Any]], server: str) -> list[Post]:
        """An account of the answering server comes without the server's name; everywhere else it has one."""
        posts = []
        for row in rows:
            post, here = read_status(row), f"{server}/@{row['account'].get('acct')}/{row['id']}"
            author = post.author if "@" in post.author else f"{post.author}@{urlsplit(server).hostname}"
            posts.append(replace(post, author=author, also=(here,)))
        return posts


def _is_status(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("id")) and isinstance(row.get("account"), dict)


def _newest(page: Sequence[Mapping[str, Any]], known: str | None) -> str:
    """The largest id of a page. Ids grow with time, as numbers of different length or as words of the same length.

    A page after min_id has the *oldest* of the new statuses, and inside it the newest first (some servers: last).
    """
    ids = [str(row["id"]) for row in page] + ([known] if known else [])
    return max(ids, key=lambda one: (len(one), one))


def _one_sided(sides: Mapping[str, str], host: str | None) -> str | None:
    if not sides:
        return None
    return f"{host} shows only posts {'of its own members' if 'local' in sides else 'from other servers'}."


def _levels(instance: Any) -> dict[str, str]:
    found = instance
    for key in ("configuration", "timelines_access", "hashtag_feeds"):
        found = found.get(key) if isinstance(found, dict) else None
    return {side: str(level) for side, level in found.items()} if isinstance(found, dict) else {}


def _cursors(cursor: str | None) -> dict[str, str]:
    """The newest id of each server; a cursor that is not ours begins anew."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return {str(server): str(newest) for server, newest in found.items()} if isinstance(found, dict) else {}


def read_posts(document: Any, deep: int = 0) -> Iterator[Post]:
    """Every status in a document, boosted and quoted ones after the one they are in. Never raises."""
    if deep > MOST_DEEP:
        return
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, deep + 1)
    elif isinstance(document, dict):
        if "content" in document and isinstance(document.get("account"), dict) and document.get("id"):
            yield read_status(document)
        for key, part in document.items():
            if isinstance(part, (dict, list)) and key not in {"account", "card", "application", "media_attachments"}:
                yield from read_posts(part, deep + 1)


def read_status(row: Mapping[str, Any]) -> Post:
    """One Status. Its identity is `uri`, the same on every server; `id` is the answering server's own."""
    account = row["account"]
    markup = str(row.get("content") or "")
    mentioned = {str(one.get("url")) for one in _list(row.get("mentions")) if isinstance(one, dict)}
    tags = {str(one.get("url")).lower() for one in _list(row.get("tags")) if isinstance(one, dict)}
    links = [
        link
        for raw in html_links(markup)
        if raw not in mentioned and raw.lower() not in tags and (link := http_link(raw))
    ]
    uri = str(row.get("uri") or "")
    return Post(
        network=Network.MASTODON,
        id=str(row["id"]),
        author=str(account.get("acct") or account.get("username") or ""),
        author_name=str(account.get("display_name") or ""),
        text=html_text(markup),
        published=read_date(str(row.get("created_at") or ""), datetime(2100, 1, 1, tzinfo=UTC))[0],
        url=http_link(str(row.get("url") or "")) or http_link(uri),
        links=tuple(dict.fromkeys(links)),
        lang=str(row.get("language") or ""),
        reposts=_number(row.get("reblogs_count")),
        likes=_number(row.get("favourites_count")),
        followers=_number(account.get("followers_count")),
        edit_of=uri or None,
        beside=tuple(words for raw in _beside(row) if isinstance(raw, str) and (words := one_line(raw))),
    )


def _beside(row: Mapping[str, Any]) -> Iterator[Any]:
    """The warning that hides it, the answers of its poll, what its pictures and films show."""
    yield row.get("spoiler_text")
    poll = row.get("poll")
    yield from (
        one.get("title")
        for one in _list(poll.get("options") if isinstance(poll, dict) else None)
        if isinstance(one, dict)
    )
    yield from (one.get("description") for one in _list(row.get("media_attachments")) if isinstance(one, dict))


def _number(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
