"""Items as the browser extension Zeeschuimer saves them: {"source_platform", "item_id", "data": {...}}, one a line.

`data` is what the network's own page received. It is read only where its text, id, author and time stand under keys
that 4CAT's importers document; of any other network a line is refused with its reason, never guessed at. 4CAT hands
the same items on with `data` as the row itself and the rest in `__import_meta`.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class NotReadError(ValueError):
    """The item is of a network or shape that is not read; the message says which."""


def is_item(row: Mapping[str, Any]) -> bool:
    """Is this row an item of Zeeschuimer's?"""
    return isinstance(row.get("__import_meta"), dict) or (
        isinstance(row.get("data"), dict) and ("source_platform" in row or "item_id" in row)
    )


def read_item(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of one item by our names; raises NotReadError."""
    meta = row.get("__import_meta")
    about, data = (meta, row) if isinstance(meta, dict) else (row, row["data"])
    platform = str(about.get("source_platform") or "").casefold().removeprefix("www.")
    reader = _READERS.get(platform)
    if reader is None:
        raise NotReadError(
            f"is an item of {platform or 'a network without a name'}, which is not read; read are {', '.join(_READERS)}"
        )
    fields = reader(data)
    missing = [name for name in ("external_id", "text", "author", "published") if not fields.get(name)]
    if missing:
        raise NotReadError(f"is an item of {platform} without its {' and '.join(missing)} where that is documented")
    return fields


def _x(data: Mapping[str, Any]) -> dict[str, Any]:
    post, user = _at(data, "legacy"), _at(data, "core", "user_results", "result")
    handle = _at(user, "core").get("screen_name") or _at(user, "legacy").get("screen_name")
    handle = str(handle or _at(data, "user").get("screen_name") or "")  # `user`: X's older answers
    text = str(_at(data, "note_tweet", "note_tweet_results", "result").get("text") or post.get("full_text") or "")
    again = _at(post, "retweeted_status_result", "result")
    again = _at(again, "tweet") or again
    if again:  # the words of a repost are cut in its own text
        first = _x(again)
        text = f"RT @{first['author']}: {first['text']}" if first["author"] and first["text"] else text
    number = str(data.get("rest_id") or post.get("id_str") or "")
    return {
        "network": "x",
        "kind": "post",
        "external_id": number,
        "url": f"https://x.com/{handle}/status/{number}",
        "author": handle,
        "source": f"@{handle}",
        "text": html.unescape(text),
        "published": str(post.get("created_at") or ""),
        "lang": str(post.get("lang") or ""),
    }


def _tiktok(data: Mapping[str, Any]) -> dict[str, Any]:
    author = data.get("author")
    handle = str(author.get("uniqueId") or "") if isinstance(author, dict) else str(author or "")
    number = str(data.get("id") or "")
    url = f"https://www.tiktok.com/@{handle}/video/{number}"
    return _post("tiktok.com", number, url, handle, data.get("desc"), data.get("createTime"))


def _instagram(data: Mapping[str, Any]) -> dict[str, Any]:
    code, handle = str(data.get("code") or ""), str(_at(data, "user").get("username") or "")
    url = f"https://www.instagram.com/p/{code}"
    return _post("instagram.com", code, url, handle, _at(data, "caption").get("text"), data.get("taken_at"))


def _threads(data: Mapping[str, Any]) -> dict[str, Any]:
    code, handle = str(data.get("code") or ""), str(_at(data, "user").get("username") or "")
    url = f"https://www.threads.com/@{handle}/post/{code}"
    return _post("threads.com", code, url, handle, _at(data, "caption").get("text"), data.get("taken_at"))


def _linkedin(data: Mapping[str, Any]) -> dict[str, Any]:
    meta = str(_at(data, "updateMetadata").get("urn") or data.get("preDashEntityUrn") or "")
    found = re.search(r"urn:li:activity:(\d{10,20})", meta)  # an aggregate names several; the first is the post
    number = found[1] if found else ""
    # The page tells only "18h ago"; the number itself begins with the milliseconds since 1970.
    moment = str(int(number) >> 22) if number else ""
    place = str(_at(data, "actor", "navigationContext").get("actionTarget") or "")
    handle = place.partition("linkedin.com/")[2].partition("?")[0].strip("/").removeprefix("in/")
    url = f"https://www.linkedin.com/feed/update/urn:li:activity:{number}"
    return _post("linkedin.com", number, url, handle, _at(data, "commentary", "text").get("text"), moment)


def _gab(data: Mapping[str, Any]) -> dict[str, Any]:
    if data.get("type") not in {None, "post"}:
        raise NotReadError(f"is a {data['type']} of gab.com, not a post")
    return _like_mastodon("gab.com", data)


def _truth(data: Mapping[str, Any]) -> dict[str, Any]:
    return _like_mastodon("truthsocial.com", data)


def _like_mastodon(site: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Both were made from Mastodon, whose texts are HTML."""
    handle, number = str(_at(data, "account").get("username") or ""), str(data.get("id") or "")
    words = re.sub(r"<br\b[^<>]*>|</p>", "\n", str(data.get("content") or ""))
    words = html.unescape(re.sub(r"<[/a-zA-Z][^<>]*>", "", words)).strip()
    url = str(data.get("url") or f"https://{site}/@{handle}/{number}")
    return _post(site, number, url, handle, words, data.get("created_at"))


def _post(site: str, number: str, url: str, handle: str, text: Any, seconds: Any) -> dict[str, Any]:
    return {
        "kind": "post",
        "external_id": number,
        "url": url,
        "author": handle,
        "source": site,
        "text": str(text or ""),
        "published": str(seconds or ""),
    }


def _at(value: Any, *keys: str) -> dict[str, Any]:
    """The object at a path of keys; an empty one if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


_READERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "twitter.com": _x,
    "x.com": _x,
    "tiktok.com": _tiktok,
    "instagram.com": _instagram,
    "threads.net": _threads,
    "threads.com": _threads,
    "linkedin.com": _linkedin,
    "gab.com": _gab,
    "truthsocial.com": _truth,
}
