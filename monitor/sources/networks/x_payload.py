"""Payloads of X as posts: API v2, flattened v2 (twarc), v1.1 statuses and streams, and Gnip's Activity Streams.

v2 gives only the fields that were asked for, so nearly everything may be missing; without `expansions` the author is
known as `id:123`. `note_tweet` and `extended_tweet` hold the long text of a post whose `text` is cut.

The own text of a repost is always cut, after "RT @name: ". Its words are those of the post that it repeats, where the
payload holds that; where it does not, the post says that it is cut.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.core.entry import Post
from monitor.core.feeds.dates import read_date
from monitor.core.items.urls import http_link
from monitor.core.model import Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Payloads nest a quoted post in a retweet in a page: nothing real is deeper.
MOST_DEEP = 12
#: A snowflake tells its own time: milliseconds since X's epoch (1288834974657) in its high bits.
_EPOCH = 1288834974657
_REPEATS = re.compile(r"RT @\w{1,20}: ")
_FIRST_SNOWFLAKE = 29_700_000_000


@dataclass(frozen=True, slots=True)
class _Along:
    """What came along with the posts of v2 (`includes`), by id."""

    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    posts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, includes: Mapping[str, Any]) -> _Along:
        rows = {
            name: {str(row.get("id")): row for row in _list(includes.get(name)) if isinstance(row, dict)}
            for name in ("users", "tweets")
        }
        return cls(rows["users"], rows["tweets"])


def read_posts(document: Any, along: _Along | None = None, deep: int = 0) -> Iterator[Post]:
    """Every post in a document of X, in document order, v1.1's quoted and retweeted ones after the one they are in.

    Accounts, lists, direct messages, counts, trends and errors are passed over. Never raises.
    """
    if deep > MOST_DEEP:
        return
    along = along or _Along()
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, along, deep + 1)
    if not isinstance(document, dict):
        return
    post = _post(document, along)
    if post:
        yield post
        if _is_v2(document):
            return  # what it refers to was not found, but only came along
    elif "data" in document or "includes" in document:
        # `includes.tweets` holds what the posts refer to: it was not asked for, and may be about something else.
        along = _Along.of(_dict(document.get("includes")))
        yield from read_posts(document.get("data"), along, deep + 1)
        return
    for key, part in document.items():
        if isinstance(part, (dict, list)) and key not in _NO_POSTS:
            yield from read_posts(part, along, deep + 1)


#: Parts of a post that hold no post, though they may look like one.
_NO_POSTS = frozenset(
    {"user", "author", "entities", "extended_entities", "place", "geo", "errors", "meta", "delete", "note_tweet", "extended_tweet", "actor", "attachments", "public_metrics", "sender", "recipient", "message_create", "status_withheld"}
)  # fmt: skip


def _post(row: Mapping[str, Any], along: _Along) -> Post | None:
    if "delete" in row and isinstance(row["delete"], dict):
        return _deleted(row["delete"])
    if row.get("objectType") == "activity" and "body" in row:
        return _activity(row)
    if any(key in row for key in ("sender_id", "recipient_id", "event_type", "sender", "recipient")):
        return None  # a direct message
    text = row.get("text") if isinstance(row.get("text"), str) else row.get("full_text")
    if not isinstance(text, str) or _id(row) is None:
        return None
    if _is_v2(row):
        return _repeating(_v2(row, along), _repeated_v2(row, along))
    # A user's newest status comes without its author inside the user: the user was asked for, not the post.
    return _repeating(_v1(row), _repeated_v1(row)) if isinstance(row.get("user"), dict) else None


def _is_v2(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("id"), str) and "id_str" not in row


def _id(row: Mapping[str, Any]) -> str | None:
    """`id_str` first: JavaScript has rounded many an `id` (872836479608733700 for ...696)."""
    raw = row.get("id_str") or row.get("id")
    found = str(raw) if isinstance(raw, (str, int)) and not isinstance(raw, bool) else ""
    return found if re.fullmatch(r"\d{1,25}", found, re.ASCII) else None


def _repeating(post: Post, repeated: Post | None) -> Post:
    """A repost with the words and links of what it repeats; marked as cut if those are not there."""
    if repeated is not None and repeated.text and not repeated.cut:
        name = _REPEATS.match(post.text)
        start = name[0] if name else f"RT @{repeated.author}: " if not repeated.author.startswith("id:") else "RT "
        links = tuple(dict.fromkeys((*post.links, *repeated.links)))
        return replace(post, text=f"{start}{repeated.text}", links=links, cut=False)
    return replace(post, cut=post.cut or (bool(_REPEATS.match(post.text)) and post.text.rstrip().endswith("…")))


def _repeated_v1(row: Mapping[str, Any]) -> Post | None:
    again = _dict(row.get("retweeted_status"))
    return _v1(again) if _id(again) else None


def _repeated_v2(row: Mapping[str, Any], along: _Along) -> Post | None:
    """The post that a repost of v2 repeats, if it came along or was put in its place (twarc's flattening)."""
    for reference in _list(row.get("referenced_tweets")):
        if isinstance(reference, dict) and reference.get("type") == "retweeted":
            found = reference if isinstance(reference.get("text"), str) else along.posts.get(str(reference.get("id")))
            return _v2(found, along) if found and _id(found) else None
    return None


def _v2(row: Mapping[str, Any], along: _Along) -> Post:
    post_id = _id(row) or ""
    author_id = str(row.get("author_id") or "")
    user = row["author"] if isinstance(row.get("author"), dict) else along.users.get(author_id, {})
    handle = str(user.get("username") or "")
    note = _dict(row.get("note_tweet"))
    metrics, counts = _dict(row.get("public_metrics")), _dict(user.get("public_metrics"))
    edits = row.get("edit_history_tweet_ids")
    entities = [_dict(row.get("entities")), _dict(note.get("entities"))]
    return Post(
        network=Network.X,
        id=post_id,
        author=handle or (f"id:{author_id}" if author_id else ""),
        author_name=str(user.get("name") or ""),
        text=html.unescape(str(note.get("text") or row.get("text") or "")),
        published=_time(row.get("created_at")) or snowflake_time(post_id),
        url=_url(handle, post_id),
        links=_links(entities),
        lang=_lang(row.get("lang")),
        reposts=_number(metrics.get("retweet_count")),
        likes=_number(metrics.get("like_count")),
        followers=_number(counts.get("followers_count")),
        edit_of=str(edits[0]) if isinstance(edits, list) and edits and str(edits[0]) != post_id else None,
    )


def _v1(row: Mapping[str, Any]) -> Post:
    post_id, user, extended = _id(row) or "", _dict(row.get("user")), _dict(row.get("extended_tweet"))
    handle = str(user.get("screen_name") or "")
    text = extended.get("full_text") or row.get("full_text") or row.get("text") or ""
    author_id = user.get("id_str") or user.get("id")
    return Post(
        network=Network.X,
        id=post_id,
        author=handle or (f"id:{author_id}" if author_id else ""),
        author_name=str(user.get("name") or ""),
        text=html.unescape(str(text)),
        published=_time(row.get("created_at")) or snowflake_time(post_id),
        url=_url(handle, post_id),
        links=_links([_dict(extended.get("entities")), _dict(row.get("entities"))]),
        lang=_lang(row.get("lang")),
        reposts=_number(row.get("retweet_count")),
        likes=_number(row.get("favorite_count")),
        followers=_number(user.get("followers_count")),
        cut=row.get("truncated") is True and not (extended.get("full_text") or row.get("full_text")),
    )


def _activity(row: Mapping[str, Any]) -> Post | None:
    """Gnip's Activity Streams: `id` is tag:search.twitter.com,2005:123, the long text is in `long_object.body`."""
    post_id = str(row.get("id") or "").rpartition(":")[2]
    if not post_id.isdecimal():
        return None
    again = _dict(row.get("object")) if row.get("verb") == "share" else {}
    actor, long = _dict(row.get("actor")), _dict(row.get("long_object"))
    handle = str(actor.get("preferredUsername") or "")
    post = Post(
        network=Network.X,
        id=post_id,
        author=handle,
        author_name=str(actor.get("displayName") or ""),
        text=html.unescape(str(long.get("body") or row.get("body") or "")),
        published=_time(row.get("postedTime")) or snowflake_time(post_id),
        url=_url(handle, post_id),
        links=_links([_dict(long.get("twitter_entities")), _dict(row.get("twitter_entities"))]),
        lang=_lang(row.get("twitter_lang")),
        reposts=_number(row.get("retweetCount")),
        likes=_number(row.get("favoritesCount")),
        followers=_number(actor.get("followersCount")),
    )
    return _repeating(post, _activity(again) if again.get("body") else None)


def _deleted(row: Mapping[str, Any]) -> Post | None:
    """A stream's notice that a post was removed."""
    status = _dict(row.get("status"))
    post_id = _id(status)
    if post_id is None:
        return None
    author = str(status.get("user_id_str") or status.get("user_id") or "")
    return Post(
        network=Network.X,
        id=post_id,
        author=f"id:{author}" if author else "",
        text="",
        published=None,
        url=None,
        deleted=True,
    )


def snowflake_time(post_id: str) -> datetime | None:
    """When a post was written, to the second, from its id; None for ids from before November 2010."""
    number = int(post_id) if post_id.isdecimal() else 0
    if not _FIRST_SNOWFLAKE < number < 2**63:
        return None
    return datetime.fromtimestamp(((number >> 22) + _EPOCH) // 1000, tz=UTC)


def _time(raw: Any) -> datetime | None:
    # Posts are older than today; the date layer's upper bound is for feeds that lie about theirs.
    return read_date(raw, datetime(2100, 1, 1, tzinfo=UTC))[0] if isinstance(raw, str) else None


def _url(handle: str, post_id: str) -> str:
    return f"https://x.com/{handle or 'i/web'}/status/{post_id}"


def _links(entities: list[dict[str, Any]]) -> tuple[str, ...]:
    """Where the post's links lead, behind t.co: the end of the way if X followed it, and what the author linked."""
    found: list[str] = []
    for part in entities:
        for row in _list(part.get("urls")):
            if isinstance(row, dict):
                ways = [row.get("unwound_url"), row.get("expanded_url")]
                found.extend(
                    link for way in (ways if any(ways) else [row.get("url")]) if (link := http_link(str(way or "")))
                )
    return tuple(dict.fromkeys(found))


def _lang(raw: Any) -> str:
    """X has codes of its own for what is no language: und, qme (only media), qst (very short), zxx ..."""
    lang = raw if isinstance(raw, str) else ""
    return "" if lang in {"und", "zxx", "art"} or lang.startswith("q") else lang


def _number(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
