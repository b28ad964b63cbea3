"""Bluesky live: all that is posted there, filtered here. Jetstream (github.com/bluesky-social/jetstream), /subscribe.

A reading begins where the last one ended and goes on until it has caught up with now, at most 20 seconds. An event's
`time_us` (microseconds since 1970) is the cursor. Deletions come by the thousand, nearly all of posts that nobody here
stored: those leave no trace.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from monitor.core.errors import QueryError
from monitor.core.feeds.plan import STREAM_EVERY
from monitor.core.items.identity import entry_identity
from monitor.core.model import Network, Outcome, Reason
from monitor.core.search.matching import Matcher
from monitor.core.search.query import parse_query
from monitor.deadline import DeadlineError
from monitor.sources.http.decoders import TooLargeError
from monitor.sources.http.outcomes import NotOpenedError, Trail, failure
from monitor.sources.http.websocket import WebSocket
from monitor.sources.json_api import RefusalError, done, refused, storable, used_up
from monitor.sources.networks.bluesky import COLLECTION, deletion, read_event, record_beside, record_links

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.entry import Entry, Post
    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.sources.connector import Setup

#: A whole reading, connecting included: well below the hard limit of its task (70 s).
SECONDS = 20.0
#: The first reading begins this far back, as far as two readings are apart: it shows at once whether the words find
#: anything, and ends in one go. What is older the search finds; a day of the stream is millions of events.
FIRST_REACH = STREAM_EVERY
#: Events are only nearly in order, and another server's clock is only nearly the same: what was read last is met again.
REWIND = timedelta(seconds=5)
#: As good as now: events arrive some seconds late.
NOW = timedelta(seconds=5)
#: Somewhere on Bluesky somebody posts many times a second: a longer gap after the cursor is what the server has forgotten.
GAP = timedelta(minutes=2)
#: A time further ahead than this is no time, or our clock is wrong.
AHEAD = timedelta(minutes=10)
#: Silence of so many seconds, after something was said: there is no more.
QUIET = 5.0
#: The longest message. A post has at most 3,000 bytes of text; the server is asked to leave out events half as long as this.
MOST_BYTES = 200_000
#: Deletions, and corrections of posts that do not match, that are remembered until it is asked which of them are stored.
MOST_DELETED, MOST_EDITED = 200_000, 500
#: So many messages that cannot be read, and none that can: this is no Jetstream.
MOST_GARBAGE = 100
#: An account that is gone for good, or was taken away by Bluesky. One that its owner closed for a while is neither.
GONE = frozenset({"deleted", "takendown"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Ending(NamedTuple):
    """How the connection ended; without a sentence it was we who ended it."""

    outcome: Outcome = Outcome.TEMPORARY
    sentence: str = ""
    wait: timedelta | None = None
    reason: Reason | None = None


class BlueskyStream:
    """Implements ports.PostSource for FeedKind.BLUESKY_STREAM: `feed.url` is the filter, in the language of the search.

    No account is needed.
    """

    def __init__(self, setup: Setup, *, seconds: float = SECONDS, quiet: float = QUIET) -> None:
        """Nothing is opened yet."""
        self._door, self._url, self._stored, self._clock = setup.door, setup.address, setup.stored, setup.clock
        self._seconds, self._quiet = seconds, quiet
        self._host = Trail(setup.address).host

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """At most `rows_left` posts that match, from the cursor on, and what was corrected or deleted of what is stored.

        Never raises for what the network does.
        """
        now = self._clock()
        if rows_left <= 0:
            return refused(Network.BLUESKY, used_up())
        try:
            matcher = Matcher(parse_query(feed.url, now))
        except QueryError as error:
            return refused(Network.BLUESKY, RefusalError(Outcome.HARD, str(error), reason=Reason.QUERY))
        reading = _Reading(matcher, _us(now), _cursor(feed.cursor), rows_left)
        ending = self._follow(reading)
        if not reading.events:
            sentence = ending.sentence or f"{self._host} took the connection, but sent no event."
            return refused(Network.BLUESKY, RefusalError(ending.outcome, sentence, ending.wait, reason=ending.reason))
        said = (reading.gap(), f"Only a part was read: {ending.sentence}" if ending.sentence else "", reading.unread())
        found = done(
            Network.BLUESKY,
            list(reading.posts.values()),
            cursor=reading.cursor(_us(self._clock())),
            problem=" ".join(sentence for sentence in said if sentence) or None,
        )
        return replace(found, entries=(*found.entries, *self._also(reading)), more=reading.more)

    def _follow(self, reading: _Reading) -> _Ending:
        """Take in events until it is enough, and make an ending of whatever comes in between."""
        asked = {"wantedCollections": COLLECTION, "cursor": reading.start, "maxMessageSizeBytes": MOST_BYTES // 2}
        url = f"{self._url}/subscribe?{urlencode(asked)}"
        try:
            sentence = self._listen(url, reading)
        except NotOpenedError as error:
            return _Ending(error.outcome, error.sentence, error.wait, error.reason)
        except DeadlineError:
            reading.more, sentence = True, f"{self._host} sent no whole event in {self._seconds:g} seconds."
            if reading.events:
                sentence = ""
        except TooLargeError:
            return _Ending(
                Outcome.SOFT, f"{self._host} sent a message of more than {MOST_BYTES // 1000} KB, as no post is."
            )
        except Exception as error:  # noqa: BLE001 - the law: whatever the outside does is an ending, not an exception
            ending = failure(error, Trail(url), self._seconds, MOST_BYTES)
            return _Ending(ending.outcome, ending.sentence, reason=ending.reason)
        if reading.garbage and not reading.events:
            return _Ending(Outcome.SOFT, reading.nothing_known(self._host))
        return _Ending(sentence=sentence)

    def _listen(self, url: str, reading: _Reading) -> str:
        """Connect and read; returns why the server ended it, "" if we did."""
        stream = self._door.open(url, self._seconds)
        socket = WebSocket(stream, url, user_agent=self._door.user_agent, most_bytes=MOST_BYTES)
        try:
            socket.shake_hands()
            for message in socket.messages(self._quiet):
                if not reading.take(message):
                    break
        finally:
            socket.close()
        return socket.ended

    def _also(self, reading: _Reading) -> Iterator[Entry]:
        """Corrections and deletions of what is stored, or matched in this very reading; the others do not concern us."""
        edited = {entry_identity(entry): entry for entry in (post.as_entry() for post in reading.edited.values())}
        deleted = {entry_identity(deletion(uri).as_entry()): uri for uri in reading.deleted}
        stored = self._stored([*edited, *deleted], [f"{Network.BLUESKY}:at://{did}/" for did in reading.gone])
        yield from (entry for identity, entry in edited.items() if identity in stored)
        for identity, uri in deleted.items():
            if identity in stored or uri in reading.withdrawn:
                yield deletion(uri).as_entry()
        for identity in sorted(stored.difference(edited, deleted)):  # of accounts that are gone
            yield deletion(identity.removeprefix(f"{Network.BLUESKY}:")).as_entry()


@dataclass(slots=True)
class _Reading:
    """What one reading has come to so far. Times are microseconds since 1970."""

    matcher: Matcher
    now: int
    known: int | None  # the cursor
    rows_left: int
    events: int = 0
    garbage: int = 0
    ahead: int = 0  # of the garbage, what would be an event if it were not from the future
    more: bool = False
    first: int = 0
    last: int = 0
    posts: dict[str, Post] = field(default_factory=dict)  # what matches, by at-uri
    edited: dict[str, Post] = field(default_factory=dict)  # corrected so that it does not match (any more)
    deleted: dict[str, None] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)  # of the deleted, what had matched in this reading
    gone: dict[str, None] = field(default_factory=dict)  # accounts

    @property
    def start(self) -> int:
        return self.known if self.known is not None else self.now - FIRST_REACH // _MICROSECOND

    def take(self, message: bytes) -> bool:
        """Take in one message; False when it is enough."""
        event = _event(message)
        at = event.get("time_us")
        if not isinstance(at, int) or isinstance(at, bool) or at <= 0 or at > self.now + AHEAD // _MICROSECOND:
            self.garbage += 1
            self.ahead += isinstance(at, int) and at > 0
            return bool(self.events) or self.garbage < MOST_GARBAGE
        self.events += 1
        self.first, self.last = self.first or at, at
        if event.get("kind") == "commit":
            self._commit(event)
        elif event.get("kind") == "account":
            self._account(event)
        full = len(self.posts) >= self.rows_left or len(self.edited) >= MOST_EDITED
        self.more = full or len(self.deleted) >= MOST_DELETED
        return not self.more and at < self.now - NOW // _MICROSECOND

    def _commit(self, event: Mapping[str, Any]) -> None:
        commit = event.get("commit")
        if not isinstance(commit, dict):
            return
        record = commit.get("record")
        matches = isinstance(record, dict) and self.matcher(*_said(record))
        operation = commit.get("operation")
        if not matches and operation not in {"delete", "update"}:
            return
        post = read_event(event)
        if post is None:
            return
        post = storable(post)
        if post.deleted:
            self._withdraw(post.id)
        elif matches:
            self.posts[post.id] = post
        else:
            self.posts.pop(post.id, None)
            self.edited[post.id] = post

    def _account(self, event: Mapping[str, Any]) -> None:
        account = event.get("account")
        did = storable(deletion(f"at://{event.get('did')}/")).author
        if isinstance(account, dict) and str(account.get("status")) in GONE and did.startswith("did:"):
            self.gone[did] = None
            for uri in [uri for uri in self.posts if uri.startswith(f"at://{did}/")]:
                self._withdraw(uri)

    def _withdraw(self, uri: str) -> None:
        self.deleted[uri] = None
        if self.posts.pop(uri, None) is not None:
            self.withdrawn.add(uri)

    def cursor(self, now: int) -> str:
        """Where the next reading begins: behind the last event if it was cut off there, some seconds before it else.

        Never later than what was read, than now, and never earlier than it was.
        """
        reached = self.last + 1 if self.more else self.last - REWIND // _MICROSECOND
        return str(max(self.known or 0, min(reached, now)))

    def gap(self) -> str:
        """What the server no longer had, as a sentence."""
        if self.known is None or self.first - self.known <= GAP // _MICROSECOND:
            return ""
        return (
            f"What was posted between {_shown(self.known)} and {_shown(self.first)} was not seen: "
            "the stream no longer has it, but a search may."
        )

    def unread(self) -> str:
        """How many messages could not be read, as a sentence."""
        if not self.garbage:
            return ""
        return (
            f"{self.garbage} of its messages could not be read."
            if self.garbage > 1
            else "One of its messages could not be read."
        )

    def nothing_known(self, host: str) -> str:
        """Why nothing that came could be used."""
        if self.ahead == self.garbage:
            return f"{host} tells of what is still to come: the clock of one of us is wrong by more than ten minutes."
        return f"{host} sends what no Jetstream does."


def _event(message: bytes) -> Mapping[str, Any]:
    """The event that a message is; an empty one if it is none."""
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _said(record: Mapping[str, Any]) -> tuple[list[str], str]:
    """What is searched of a post: its words and those beside them, its tags, the addresses it links to; and its language."""
    tags, langs = (value if isinstance(value, list) else [] for value in (record.get("tags"), record.get("langs")))
    text = record.get("text")
    words = [text if isinstance(text, str) else "", *record_beside(record)]
    return [*words, *(str(tag) for tag in tags), *record_links(record)], str((*langs, "")[0])


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _shown(us: int) -> str:
    return f"{_EPOCH + us * _MICROSECOND:%Y-%m-%d %H:%M} UTC"


def _cursor(text: str | None) -> int | None:
    """The cursor that was stored; None if there is none, or one that is not ours. A smaller number counts events."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) == 16 else None
