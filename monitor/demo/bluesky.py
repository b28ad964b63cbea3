"""The newsroom's Bluesky: a login and a search, in the shapes of the lexicons that docs.bsky.app publishes.

`POST /xrpc/com.atproto.server.createSession` and `GET /xrpc/app.bsky.feed.searchPosts`. The query is not evaluated: the
newsroom holds only posts that the demo's search would find.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.demo.newsroom import Edition, SamplePost

HOST = "bluesky.localhost"
HANDLE = "reader.example"
#: Lets in to the newsroom's Bluesky, and opens nothing else anywhere.
PASSWORD = "sample-newsroom"  # noqa: S105 - a made-up key to a made-up network
_ACCESS, _REFRESH = "sample-access", "sample-refresh"
#: The digits of a record key (atproto.com/specs/tid), in their order.
_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TAG = re.compile(r"#(\w+)")


def log_in(path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """The status and answer for a POST: tokens for the one account that there is."""
    if path != "/xrpc/com.atproto.server.createSession":
        return _unknown()
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if asked != {"identifier": HANDLE, "password": PASSWORD}:
        return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
    return 200, {
        "did": did_of(HANDLE),
        "handle": HANDLE,
        "accessJwt": _ACCESS,
        "refreshJwt": _REFRESH,
        "active": True,
    }


def answer(
    edition: Edition, path: str, parameters: Mapping[str, str], authorization: str
) -> tuple[int, dict[str, Any]]:
    """The status and answer for a GET: posts newest first, a page at a time."""
    if path != "/xrpc/app.bsky.feed.searchPosts":
        return _unknown()
    if authorization != f"Bearer {_ACCESS}":
        return 401, {"error": "AuthMissing", "message": "Authentication Required"}
    since = parameters.get("since")
    after = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
    posts = [post for post in edition.on("bluesky") if post.published >= after]
    start = int(parameters.get("cursor") or 0)
    end = start + min(int(parameters.get("limit") or 25), 100)
    found: dict[str, Any] = {"posts": [_view(edition, post) for post in posts[start:end]]}
    if end < len(posts):
        found["cursor"] = str(end)
    return 200, found


def _unknown() -> tuple[int, dict[str, Any]]:
    return 501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}


def _view(edition: Edition, post: SamplePost) -> dict[str, Any]:
    """A postView, as app.bsky.feed.defs has it."""
    record = record_of(edition, post)
    view = {
        "uri": f"at://{did_of(post.handle)}/app.bsky.feed.post/{record_key(post)}",
        "author": {"did": did_of(post.handle), "handle": post.handle, "displayName": post.name, "labels": []},
        "record": record,
        "replyCount": 0,
        "repostCount": post.reposts,
        "likeCount": post.likes,
        "quoteCount": 0,
        "indexedAt": record["createdAt"],
        "labels": [],
    }
    if "embed" in record:
        view["embed"] = {**record["embed"], "$type": "app.bsky.embed.external#view"}
    return view


def record_of(edition: Edition, post: SamplePost) -> dict[str, Any]:
    """A post as its author's repository holds it, as app.bsky.feed.post has it."""
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "createdAt": post.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "langs": [post.lang],
        "text": post.text,
        "facets": list(_facets(post.text)),
    }
    if post.link:
        article = edition.article(post.link)
        card = {"uri": edition.address(article), "title": article.title, "description": article.summary}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
    return record


def _facets(text: str) -> Iterator[dict[str, Any]]:
    """Where the hashtags stand, in bytes of UTF-8, as Bluesky counts."""
    for tag in _TAG.finditer(text):
        start = len(text[: tag.start()].encode())
        yield {
            "index": {"byteStart": start, "byteEnd": start + len(tag[0].encode())},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag[1]}],
        }


def did_of(handle: str) -> str:
    """A made-up identifier for each account, the same in every run: 24 letters of base 32, as did:plc has."""
    return f"did:plc:{base64.b32encode(hashlib.sha256(handle.encode()).digest()).decode().lower()[:24]}"


def record_key(post: SamplePost) -> str:
    """A TID: microseconds since 1970 and the number of a clock, in base 32."""
    value = (int(post.published.timestamp() * 1_000_000) << 10) | post.number
    return "".join(_TID_DIGITS[(value >> shift) & 31] for shift in range(60, -1, -5))
