"""A saved search on X: tweepy behind one typed wall, its requests through the one door.

X charges for every post read (2026: $0.005; a count request costs as much as one post). So a search first asks how many
posts there are, reads only if there are any, and never more than the budget has left; the count is a row of the budget
like any post. Authors ($0.010 each) are not asked for. tweepy has no timeout and a fixed host,
and with `wait_on_rate_limit` it would sleep in the worker: its session gets an adapter that sends through the door,
and waiting is left to the feed's `not_before`.

The search never tells what was removed. With HYPEWATCH_X_RECHECK_DAYS the posts of so many days that are stored are asked
for by their ids, once a UTC day, as far as the budget goes; each that is still there costs like any post.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from monitor.core.entry import Post
from monitor.core.feed import Fetched, ParsedFeed
from monitor.core.model import Network, Outcome, Reason
from monitor.sources.json_api import RefusalError, Said, storable
from monitor.sources.networks.recorded import posts_parse_file
from monitor.sources.networks.x_payload import read_posts, snowflake_time

if TYPE_CHECKING:
    from monitor.core.feed import FeedForPoll
    from monitor.sources.connector import Setup
    from monitor.sources.json_api import ApiDoor

__all__ = ["XSearch", "posts_parse_file", "read_posts"]

#: X's own limits of one page of recent search.
PAGE_LEAST, PAGE_MOST = 10, 100
#: Pages of one poll: a search that brings more than 500 posts in one interval is too wide, and told so.
MOST_PAGES = 5
#: Recent search reaches back seven days; an older `since_id` is an error there.
REACH = timedelta(days=6, hours=23)
#: With less than a page of budget the count and the search must speak of the same moment; X wants 10 s of distance.
SETTLED = timedelta(seconds=15)
WAIT_UNPAID = timedelta(hours=12)
#: Behind the newest id in the cursor stands the day on which stored posts were last asked for.
CHECKED = " checked:"
#: What X answers of a post that was removed, and of one whose author shows it to nobody any more.
GONE = ("resource-not-found", "not-authorized-for-resource")
WAIT_MOST = timedelta(hours=24)
FIELDS = [
    "created_at",
    "author_id",
    "lang",
    "public_metrics",
    "entities",
    "note_tweet",
    "edit_history_tweet_ids",
    "withheld",
]


@dataclass(slots=True)
class _Reading:
    """What one reading has brought so far."""

    posts: list[Post] = field(default_factory=list)
    read: int = 0
    counts: int = 0
    checked: int = 0
    newest: str | None = None
    left_out: int = 0

    @property
    def paid(self) -> int:
        """Rows that X charges for: posts that were read, once more or for the first time, and counts that were answered."""
        return self.read + self.counts + self.checked


class XSearch:
    """Implements ports.PostSource for FeedKind.X_SEARCH: `feed.url` is the query, `feed.cursor` the newest id read."""

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._door, self._clock = setup.door, setup.clock
        self._token, self._api_url = setup.own["bearer_token"], setup.address
        self._stored, self._days = setup.stored, int(setup.own.get("recheck_days") or 0)
        self._checked = ""  # the day of the last check: several searches of one process need not ask for the same posts

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """Count, then read; both together at most `rows_left` rows. Never raises; `rows_paid` is what X charges for."""
        if not self._token:
            return _ended(
                Outcome.HARD, "X is not set up: HYPEWATCH_X_BEARER_TOKEN holds its key.", reason=Reason.NO_KEY
            )
        if rows_left <= 0:
            wait = _to_midnight(self._clock())
            return _ended(Outcome.RATE_LIMITED, _used_up(self._clock()), retry_after=wait, reason=Reason.BUDGET)
        import requests
        import tweepy

        # At DEBUG tweepy writes the Authorization header, our key, into the log.
        logging.getLogger("tweepy").setLevel(logging.INFO)
        reading = _Reading()
        newest, _, checked = (feed.cursor or "").partition(CHECKED)
        feed = replace(feed, cursor=newest or None)
        try:
            client = self._client()
            parsed = self._read(client, feed, rows_left, reading)
            if parsed.outcome is not Outcome.FETCHED or not self._days:
                return parsed
            return self._check(client, parsed, rows_left, reading, checked)
        except tweepy.TweepyException as error:
            refusal = self._refused(error)
        except requests.RequestException as error:
            refusal = _unreached(error)
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            sentence = f"X answered in a form that is not its own ({type(error).__name__})."
            refusal = RefusalError(Outcome.SOFT, sentence, reason=Reason.OTHER_FORM)
        if reading.posts:
            # What was paid for is kept; the rest is told.
            return _done(reading, feed, f"Only a part was read: {refusal.sentence}", refusal.wait)
        return _ended(
            refusal.outcome,
            refusal.sentence,
            rows_paid=reading.paid,
            retry_after=refusal.wait,
            reason=refusal.reason,
        )

    def _client(self) -> Any:
        import tweepy

        client = tweepy.Client(self._token, return_type=dict, wait_on_rate_limit=False)
        client.session.trust_env = False  # no proxy and no .netrc
        client.session.mount("https://", _adapter(self._door, self._api_url))
        return client

    def _read(self, client: Any, feed: FeedForPoll, rows_left: int, reading: _Reading) -> ParsedFeed:
        now = self._clock()
        window: dict[str, Any] = {}
        since = snowflake_time(feed.cursor) if feed.cursor else None
        if feed.cursor and since and since > now - REACH:
            window["since_id"] = feed.cursor
        if rows_left <= PAGE_MOST:
            window["end_time"] = (now - SETTLED).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        counted = client.get_recent_tweets_count(feed.url, granularity="day", **window)
        reading.counts = 1
        total = int((counted.get("meta") or {}).get("total_tweet_count") or 0)
        if total == 0:
            return _done(reading, feed, None)
        token: str | None = None
        for _ in range(MOST_PAGES):
            left, waiting = rows_left - reading.paid, total - reading.read
            if waiting <= 0 or left <= 0 or (left < PAGE_LEAST and waiting > left):
                break  # a page has at least ten posts: with less budget it may only be asked for if fewer are there
            size = min(PAGE_MOST, max(PAGE_LEAST, min(waiting, left)))
            page = client.search_recent_tweets(
                feed.url, max_results=size, tweet_fields=FIELDS, **window, **({"next_token": token} if token else {})
            )
            posts = [storable(post) for post in read_posts(page)]
            reading.posts += posts
            reading.read += sum(not post.deleted for post in posts)  # a notice of a deletion costs nothing
            meta = page.get("meta") or {}
            reading.newest = reading.newest or meta.get("newest_id") or (posts[0].id if posts else None)
            token = meta.get("next_token")
            if not token:
                return _done(reading, feed, None)
        reading.left_out = max(0, total - reading.read)
        if not reading.posts:
            return _ended(
                Outcome.RATE_LIMITED,
                f"{total:,} posts wait on X, but only {rows_left - reading.paid} may still be read today: HYPEWATCH_X_POSTS_PER_DAY and _PER_MONTH are the budget.",
                rows_paid=reading.paid,
                retry_after=_to_midnight(now),
                reason=Reason.BUDGET,
            )
        return _done(
            reading,
            feed,
            f"{reading.left_out:,} older posts were not read, to stay within the budget; a narrower search misses fewer."
            if reading.left_out
            else None,
        )

    def _check(self, client: Any, parsed: ParsedFeed, rows_left: int, reading: _Reading, checked: str) -> ParsedFeed:
        """Ask once a day whether the stored posts are still there; those that are not come as deletions."""
        now = self._clock().astimezone(UTC)
        today, problem, gone = now.date().isoformat(), parsed.problem, []
        if today not in {checked, self._checked}:
            stored = [identity.removeprefix(f"{Network.X}:") for identity in self._stored((), [f"{Network.X}:"])]
            oldest = now - timedelta(days=self._days)
            ids = sorted(one for one in stored if (written := snowflake_time(one)) and written > oldest)
            for at in range(0, len(ids), PAGE_MOST):
                asked = ids[at : at + PAGE_MOST]
                if len(asked) > rows_left - reading.paid:
                    told = f"{len(ids) - at:,} stored posts were not asked for again, to stay within the budget."
                    problem = f"{problem} {told}" if problem else told
                    break
                answer = client.get_tweets(asked)
                reading.checked += len(answer.get("data") or ())
                errors = [error for error in answer.get("errors") or () if isinstance(error, dict)]
                missing = {str(e.get("resource_id")) for e in errors if str(e.get("type")).endswith(GONE)}
                gone += [_removed(one) for one in asked if one in missing]
            self._checked = today
        return replace(
            parsed,
            entries=(*parsed.entries, *(post.as_entry() for post in gone)),
            rows_paid=reading.paid,
            problem=problem,
            cursor=f"{parsed.cursor or ''}{CHECKED}{today}",
        )

    def _refused(self, error: Any) -> RefusalError:
        """What X's refusal means."""
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", 0)
        if status == 429:
            wait = self._until_reset(response)
            sentence = "X was asked too often and wants us to come later (429)."
            return RefusalError(Outcome.RATE_LIMITED, sentence, wait, reason=Reason.TOO_OFTEN)
        if status == 402:
            sentence = "X wants its credit topped up before it gives out more (402); the search rests for half a day."
            return RefusalError(Outcome.RATE_LIMITED, sentence, WAIT_UNPAID, reason=Reason.CREDIT)
        if status >= 500:
            sentence = f"X has a fault of its own ({status}); it is asked again later."
            return RefusalError(Outcome.TEMPORARY, sentence, reason=Reason.OWN_FAULT)
        sentence, reason = _REFUSALS.get(status, Said("X does not answer the search (status {status}){said}"))
        return RefusalError(Outcome.HARD, sentence.format(status=status, said=_reason(response)), reason=reason)

    def _until_reset(self, response: Any) -> timedelta:
        """X tells when its window opens again, in seconds since 1970; a window has 15 minutes."""
        raw = response.headers.get("x-rate-limit-reset", "")
        if re.fullmatch(r"\d{1,12}", raw, re.ASCII):
            wait = datetime.fromtimestamp(int(raw), tz=UTC) - self._clock()
            if wait > timedelta(0):
                return min(wait, WAIT_MOST)
        return timedelta(minutes=15)


_REFUSALS = {
    400: Said("X cannot read the search (400){said}", Reason.QUERY),
    401: Said("X does not know the key (401): check HYPEWATCH_X_BEARER_TOKEN.", Reason.KEY_UNKNOWN),
    403: Said("X does not let this key search (403){said}", Reason.KEY_TOO_WEAK),
}


def _removed(post_id: str) -> Post:
    return Post(network=Network.X, id=post_id, author="", text="", published=None, url=None, deleted=True)


def _done(reading: _Reading, feed: FeedForPoll, problem: str | None, wait: timedelta | None = None) -> ParsedFeed:
    return ParsedFeed(
        format="x",
        title="",
        entries=tuple(post.as_entry() for post in reading.posts),
        problem=problem,
        cursor=reading.newest or feed.cursor,
        rows_paid=reading.paid,
        retry_after=wait,
    )


def _ended(
    outcome: Outcome,
    sentence: str,
    *,
    rows_paid: int = 0,
    retry_after: timedelta | None = None,
    reason: Reason | None = None,
) -> ParsedFeed:
    return ParsedFeed(
        format="x",
        title="",
        entries=(),
        outcome=outcome,
        problem=sentence,
        rows_paid=rows_paid,
        retry_after=retry_after,
        reason=reason,
    )


def _used_up(now: datetime) -> str:
    return (
        f"The budget for X is used up on {now.astimezone(UTC):%d %B}: nothing more is read until midnight UTC, or the next month. "
        "HYPEWATCH_X_POSTS_PER_DAY and HYPEWATCH_X_POSTS_PER_MONTH set it."
    )


def _to_midnight(now: datetime) -> timedelta:
    """X counts its days in UTC, and so does our budget."""
    tomorrow = (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow - now


def _reason(response: Any) -> str:
    """X's own words, short, as the end of a sentence."""
    try:
        said = response.json()
    except ValueError:
        return "."
    if not isinstance(said, dict):
        return "."
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    words = str(first.get("message") or said.get("detail") or said.get("title") or "")
    return f": {' '.join(words.split())[:200].rstrip('.')}." if words else "."


def _unreached(error: Exception) -> RefusalError:
    fetched = error.args[0] if error.args else None
    if isinstance(fetched, Fetched):
        return RefusalError(fetched.outcome, fetched.sentence, fetched.retry_after, reason=fetched.reason)
    return RefusalError(Outcome.TEMPORARY, f"X could not be asked ({type(error).__name__}).")


def _adapter(door: ApiDoor, api_url: str) -> Any:
    """A requests adapter that sends through the door, to `api_url` instead of tweepy's fixed host."""
    import io

    import requests
    from requests.adapters import BaseAdapter
    from requests.structures import CaseInsensitiveDict

    class DoorAdapter(BaseAdapter):
        def send(self, request: Any, *_args: Any, **_kwargs: Any) -> Any:
            content = request.body.encode() if isinstance(request.body, str) else request.body or b""
            headers = {
                name: value
                for name, value in request.headers.items()
                if name.lower() not in {"user-agent", "accept-encoding", "connection", "content-length"}
            }
            fetched = door.request(request.method, f"{api_url}{request.path_url}", headers=headers, content=content)
            if fetched.status is None:
                raise requests.ConnectionError(fetched)
            response = requests.Response()
            response.status_code = fetched.status
            response.headers = CaseInsensitiveDict(fetched.headers)
            response.raw = io.BytesIO(fetched.body)
            response.url, response.request = request.url, request
            response.encoding = "utf-8"
            return response

        def close(self) -> None:
            """The door keeps nothing open."""

    return DoorAdapter()
