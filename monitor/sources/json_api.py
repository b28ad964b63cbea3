"""What the APIs of networks have in common: asked through the one door, and every ending told in words.

A network's client is small because of this: it makes addresses and reads answers. Its `read` never raises; inside,
`RefusalError` carries how a request ended to the one place that makes a ParsedFeed of it.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from monitor.core.feed import ParsedFeed
from monitor.core.feeds.dates import read_date
from monitor.core.model import Outcome, Reason
from monitor.sources.markup import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.core.entry import Post
    from monitor.core.feed import FeedForPoll, Fetched
    from monitor.core.model import Network

#: No request begins later than this after the first one: with the door's 30 s for the last, a reading ends within 55 s,
#: before the hard limit of its task (70 s).
MOST_SECONDS = 25.0
#: How far back the first reading of a search goes: as far as X's does.
FIRST_REACH = timedelta(days=7)
#: Posts of one page: the most that Bluesky and Hacker News give at once.
PAGE = 100
WAIT_MOST = timedelta(hours=24)


class ApiDoor(Protocol):
    """What an API's client needs of the door."""

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Fetched: ...


class Said(NamedTuple):
    """What a network means by a status: one sentence for a person, and why it is so, if somebody can do something about it."""

    sentence: str
    reason: Reason | None = None


class RefusalError(Exception):
    """A request that brought nothing: the outcome, one sentence, and how long to stay away if the network says.

    `status` is the HTTP status (None: no answer), `code` the API's own word for the error ("ExpiredToken").
    """

    def __init__(
        self,
        outcome: Outcome,
        sentence: str,
        wait: timedelta | None = None,
        *,
        status: int | None = None,
        code: str = "",
        reason: Reason | None = None,
    ) -> None:
        """`sentence` is for a person."""
        super().__init__(sentence)
        self.outcome, self.sentence, self.wait, self.status, self.code = outcome, sentence, wait, status, code
        self.reason = reason


class Api:
    """The requests of one reading, which share its time."""

    def __init__(self, door: ApiDoor, now: datetime) -> None:
        """The time of the reading begins now."""
        self.now = now
        self._door, self._began = door, time.monotonic()

    def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        words: Mapping[int, Said] | None = None,
    ) -> Any:
        """The JSON that the address answers with; raises RefusalError. `words` are what the network means by a status."""
        host = urlsplit(url).hostname
        if time.monotonic() - self._began > MOST_SECONDS:
            sentence = f"There was no time left to ask {host}; the next reading goes on."
            raise RefusalError(Outcome.TEMPORARY, sentence, reason=Reason.SLOW)
        fetched = self._door.request(
            method, url, headers={"accept": "application/json", **(headers or {})}, content=content
        )
        if fetched.outcome is not Outcome.FETCHED:
            raise self._refusal(fetched, words or {})
        return _json(fetched.body, f"{host} answered in a form that is not its own.")

    def _refusal(self, fetched: Fetched, words: Mapping[int, Said]) -> RefusalError:
        code, said = _reason(fetched.body)
        sentence, reason = words.get(fetched.status or 0, Said(fetched.sentence, fetched.reason))
        if said and fetched.status in {400, 403, 422}:
            sentence = f"{sentence.rstrip('.')}: {said}."
        # An API is asked for one of many things: that one is gone does not mean that it never comes back.
        outcome = Outcome.HARD if fetched.outcome is Outcome.GONE else fetched.outcome
        wait = fetched.retry_after or (self._until_reset(fetched) if outcome is Outcome.RATE_LIMITED else None)
        return RefusalError(outcome, sentence, wait, status=fetched.status, code=code, reason=reason)

    def _until_reset(self, fetched: Fetched) -> timedelta | None:
        """Mastodon tells with a date when it may be asked again, Bluesky in seconds since 1970."""
        raw = fetched.headers.get("x-ratelimit-reset") or fetched.headers.get("ratelimit-reset")
        reset = read_date(raw, self.now)[0]
        return min(reset - self.now, WAIT_MOST) if reset and reset > self.now else None


def _json(body: bytes, sentence: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise RefusalError(Outcome.SOFT, sentence, reason=Reason.OTHER_FORM) from None


def _reason(body: bytes) -> tuple[str, str]:
    """An API's word for an error and its reason, short, without the full stop; "" for what it does not say."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(answer, dict):
        return "", ""
    code = str(answer.get("error") or "")
    words = well_formed(" ".join(str(answer.get("message") or code).split()))
    return code, words[:200].rstrip(".")


def rows_of(answer: Any, key: str | None, host: str | None) -> list[Any]:
    """The list an answer is, or holds under `key`; raises RefusalError if there is none: the API is another one."""
    rows = answer if key is None else answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise other_form(host)
    return rows


# --- what a reading comes to -----------------------------------------------------------------------------------------


def done(
    network: Network,
    posts: Sequence[Post],
    *,
    cursor: str | None,
    problem: str | None = None,
    wait: timedelta | None = None,
) -> ParsedFeed:
    """A reading that brought posts, or found that there are none. These networks charge nothing: no row is paid."""
    entries = tuple(storable(post).as_entry() for post in posts)
    return ParsedFeed(format=network.value, title="", entries=entries, problem=problem, cursor=cursor, retry_after=wait)


def refused(network: Network, error: RefusalError) -> ParsedFeed:
    """A reading that brought nothing, with the reason."""
    return ParsedFeed(
        format=network.value,
        title="",
        entries=(),
        outcome=error.outcome,
        problem=error.sentence,
        retry_after=error.wait,
        reason=error.reason,
    )


def other_form(host: str | None) -> RefusalError:
    """What came is none of what this API gives: it is another one."""
    return RefusalError(Outcome.SOFT, f"{host} answered in a form that is not its own.", reason=Reason.OTHER_FORM)


def used_up(words: str = "No more posts may be read now.") -> RefusalError:
    """What may be read of a network was read."""
    return RefusalError(Outcome.RATE_LIMITED, words, reason=Reason.BUDGET)


def not_set(network: Network, sentence: str) -> ParsedFeed:
    """A reading that cannot begin: a setting is missing."""
    return refused(network, RefusalError(Outcome.HARD, sentence, reason=Reason.NO_KEY))


class Page(NamedTuple):
    """One page of a search; `more` is what the next one is asked with, None after the last."""

    posts: list[Post]
    more: str | None


def read_newest_first(
    network: Network,
    feed: FeedForPoll,
    ask: Callable[[datetime, int, str | None], Page],
    *,
    now: datetime,
    rows_left: int,
    rewind: timedelta,
) -> ParsedFeed:
    """Read a search that gives its newest posts first. `ask` takes since when, how many, and the last page's `more`.

    The cursor is the time of the newest post in seconds since 1970. It is rewound: what a network indexes late, or what
    its author edits, is met again, and what did not change is known. It stays where it was when only a part was read.
    """
    size = min(PAGE, rows_left)
    if size <= 0:
        return refused(network, used_up())
    known = _moment(feed.cursor, now)
    since = known - rewind if feed.cursor else known
    posts: list[Post] = []
    more = None
    try:
        while not posts or (more and len(posts) + size <= rows_left):
            page = ask(since, size, more)
            posts += page.posts[:size]
            more = page.more
            if not page.posts:
                more = None
                break
    except RefusalError as error:
        if not posts:
            return refused(network, error)
        return done(
            network, posts, cursor=feed.cursor, problem=f"Only a part was read: {error.sentence}", wait=error.wait
        )
    # A post may carry any date its author's program wrote: one from the future must not end the search.
    newest = max((post.published for post in posts if post.published and post.published <= now), default=None)
    cursor = str(int(newest.timestamp())) if newest and newest > known else feed.cursor
    problem = (
        f"There are more than {len(posts)} posts; the older ones were not read. A narrower search misses fewer."
        if more
        else None
    )
    return done(network, posts, cursor=cursor, problem=problem)


def _moment(cursor: str | None, now: datetime) -> datetime:
    """The time a cursor holds; without one, or with one that is not ours, the reading begins anew."""
    text = cursor or ""
    if text.isdecimal() and len(text) < 12:
        return min(datetime.fromtimestamp(int(text), tz=UTC), now)
    return now - FIRST_REACH


def storable(post: Post) -> Post:
    """The post with strings that a file and a database can hold."""
    return replace(
        post,
        id=well_formed(post.id),
        author=well_formed(post.author),
        author_name=well_formed(post.author_name),
        text=well_formed(post.text),
        beside=tuple(map(well_formed, post.beside)),
        lang=well_formed(post.lang),
        edit_of=well_formed(post.edit_of) if post.edit_of else None,
    )
