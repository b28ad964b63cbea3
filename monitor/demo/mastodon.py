"""The newsroom's Mastodon server: what it lets others read, and its hashtags, in the shapes of docs.joinmastodon.org.

`GET /api/v2/instance` and `GET /api/v1/timelines/tag/:tag`; and each post's own page, so that its link leads somewhere.
"""

from __future__ import annotations

import re
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.demo.newsroom import Edition, SamplePost

HOST = "tidepool.localhost"
#: The most that a server gives at once.
PAGE_MOST = 40
_TIMELINE = "/api/v1/timelines/tag/"
_TAG = re.compile(r"#(\w+)")
_OPEN = {"local": "public", "remote": "public"}


def answer(edition: Edition, path: str, parameters: Mapping[str, str]) -> tuple[int, Any]:
    """The status and JSON answer for one request; nobody needs a token."""
    if path == "/api/v2/instance":
        return 200, _instance()
    if not path.startswith(_TIMELINE):
        return 404, {"error": "Record not found"}
    tag = unquote(path.removeprefix(_TIMELINE)).lower()
    posts = [post for post in edition.on("mastodon") if tag in (found.lower() for found in _TAG.findall(post.text))]
    size = min(int(parameters.get("limit") or 20), PAGE_MOST)
    if "min_id" in parameters:
        # The oldest of what is newer, and those newest first.
        newer = [post for post in posts if _id(post) > int(parameters["min_id"])]
        posts = newer[max(0, len(newer) - size) :]
    return 200, [_status(edition, post) for post in posts[:size]]


def post_page(edition: Edition, path: str) -> str | None:
    """The page of the post that has this path; None if there is none."""
    for post in edition.on("mastodon"):
        if path == f"/@{post.handle}/{_id(post)}":
            return (
                f'<!DOCTYPE html>\n<html lang="{post.lang}">\n<meta charset="utf-8">\n<title>{escape(post.name)}</title>\n'
                f"<h1>{escape(post.name)} (@{post.handle}@{HOST})</h1>\n{_content(edition, post)}\n"
                "<footer><p>An invented account of Hypewatch's sample newsroom.</p></footer>\n</html>\n"
            )
    return None


def base(edition: Edition) -> str:
    """The server's address."""
    return f"http://{HOST}:{edition.port}"


def _instance() -> dict[str, Any]:
    return {
        "domain": HOST,
        "title": "Tidepool",
        "version": "4.5.0",
        "description": "An invented server of Hypewatch's sample newsroom",
        "languages": ["en", "ja"],
        "configuration": {
            "timelines_access": {"live_feeds": _OPEN, "hashtag_feeds": _OPEN, "trending_link_feeds": _OPEN}
        },
    }


def _status(edition: Edition, post: SamplePost) -> dict[str, Any]:
    number, server = str(_id(post)), base(edition)
    return {
        "id": number,
        "created_at": post.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": post.lang,
        "uri": f"{server}/users/{post.handle}/statuses/{number}",
        "url": f"{server}/@{post.handle}/{number}",
        "replies_count": 0,
        "reblogs_count": post.reposts,
        "favourites_count": post.likes,
        "edited_at": None,
        "content": _content(edition, post),
        "reblog": None,
        "account": {
            "id": str(int.from_bytes(post.handle.encode()[:6], "big")),
            "username": post.handle,
            "acct": post.handle,
            "display_name": post.name,
            "url": f"{server}/@{post.handle}",
            "followers_count": post.followers,
            "following_count": 40,
            "statuses_count": 900,
        },
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": tag.lower(), "url": f"{server}/tags/{tag}"} for tag in _TAG.findall(post.text)],
        "emojis": [],
        "card": None,
    }


def _content(edition: Edition, post: SamplePost) -> str:
    """The words as Mastodon marks them up."""
    words = _TAG.sub(
        rf'<a href="{base(edition)}/tags/\1" class="mention hashtag" rel="tag">#<span>\1</span></a>',
        escape(post.text, quote=False),
    )
    if not post.link:
        return f"<p>{words}</p>"
    address = escape(edition.address(edition.article(post.link)))
    return f'<p>{words}</p><p><a href="{address}" rel="nofollow noopener" target="_blank">{address}</a></p>'


def _id(post: SamplePost) -> int:
    """Mastodon's ids count milliseconds since 1970 in their high bits."""
    return (int(post.published.timestamp() * 1000) << 16) | post.number
