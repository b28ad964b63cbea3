"""The newsroom's X: the two endpoints of the v2 API that a saved search needs, in the shapes of docs.x.com.

`GET /2/tweets/search/recent` and `GET /2/tweets/counts/recent`. The query is not evaluated: the newsroom holds only
posts that the demo's search would find. One thing is not as on X: its search says nothing of posts that were removed, so
the newsroom adds the notice that X's streams send (`{"delete": ...}`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.demo.newsroom import snowflake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.demo.newsroom import Edition, SamplePost


def answer(
    edition: Edition, path: str, parameters: Mapping[str, str], authorization: str, token: str
) -> tuple[int, dict[str, Any]]:
    """The status and JSON answer for one request of the API."""
    if authorization != f"Bearer {token}":
        return 401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    since = int(parameters.get("since_id") or 0)
    posts = [post for post in edition.on("x") if post.id > since and _in_time(post, parameters)]
    if path == "/2/tweets/counts/recent":
        return 200, _counts(edition, posts)
    if path == "/2/tweets/search/recent":
        return 200, _search(edition, posts[: int(parameters.get("max_results") or 10)], since, parameters)
    return 404, {"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}


def _in_time(post: SamplePost, parameters: Mapping[str, str]) -> bool:
    start, end = (parameters.get(name) for name in ("start_time", "end_time"))
    return (not start or post.published >= datetime.fromisoformat(start)) and (
        not end or post.published < datetime.fromisoformat(end)
    )


def _counts(edition: Edition, posts: Sequence[SamplePost]) -> dict[str, Any]:
    bucket = {
        "start": _stamp(min((post.published for post in posts), default=edition.epoch)),
        "end": _stamp(edition.epoch),
    }
    return {"data": [bucket | {"tweet_count": len(posts)}], "meta": {"total_tweet_count": len(posts)}}


def _search(edition: Edition, posts: Sequence[SamplePost], since: int, parameters: Mapping[str, str]) -> dict[str, Any]:
    if not posts:
        return {"meta": {"result_count": 0}}
    found: dict[str, Any] = {
        "data": [*(_post(edition, post) for post in posts), *_notices(edition, since)],
        "meta": {"newest_id": str(posts[0].id), "oldest_id": str(posts[-1].id), "result_count": len(posts)},
    }
    if "author_id" in parameters.get("expansions", ""):
        found["includes"] = {"users": [_user(post) for post in posts]}
    return found


def _notices(edition: Edition, since: int) -> Iterator[dict[str, Any]]:
    """What was removed since the post with this id, told once: the next reading begins later."""
    for post in edition.removed:
        if post.network == "x" and post.gone and snowflake(post.gone) > since:
            yield {"delete": {"status": {"id_str": str(post.id), "user_id_str": _author_id(post)}}}


def _post(edition: Edition, post: SamplePost) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": str(post.id),
        "edit_history_tweet_ids": [str(post.id)],
        "author_id": _author_id(post),
        "created_at": _stamp(post.published),
        "lang": post.lang,
        "text": post.text,
        "public_metrics": {
            "retweet_count": post.reposts,
            "reply_count": 0,
            "like_count": post.likes,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": post.likes * 30,
        },
    }
    if post.link:
        address = edition.address(edition.article(post.link))
        short = f"https://t.co/{post.id % 36**8:08x}"
        start = len(post.text) + 1
        row["text"] = f"{post.text} {short}"
        row["entities"] = {
            "urls": [
                {
                    "start": start,
                    "end": start + len(short),
                    "url": short,
                    "expanded_url": address,
                    "display_url": address.removeprefix("http://")[:24],
                }
            ]
        }
    return row


def _user(post: SamplePost) -> dict[str, Any]:
    return {
        "id": _author_id(post),
        "username": post.handle,
        "name": post.name,
        "public_metrics": {
            "followers_count": post.followers,
            "following_count": 10,
            "tweet_count": 900,
            "listed_count": 0,
        },
    }


def _author_id(post: SamplePost) -> str:
    """A number for each account, the same in every run."""
    return str(int.from_bytes(post.handle.encode()[:6], "big"))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
