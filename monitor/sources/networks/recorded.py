"""Recorded payloads of networks, read offline: the rows of `hypewatch posts parse` (interfaces.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.model import FeedKind
from monitor.sources.connector import payload_reader
from monitor.sources.json_api import storable
from monitor.sources.networks import reddit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.core.entry import Post

#: Larger files are read line by line, if they are lines.
MOST_BYTES = 200_000_000


def posts_parse_file(path: str, network: str) -> Iterator[dict[str, Any]]:
    """Every post in a file: one JSON document, one a line, or a recorded exchange {request, status, body}.

    `network` is one that is searched, or Reddit, whose search is a feed.

    Raises OSError if it cannot be read and ValueError, with the line, if it is no JSON.
    """
    read = _reader(network)
    for document in _documents(Path(path)):
        body = (
            document["body"]
            if isinstance(document, dict) and "request" in document and "body" in document
            else document
        )
        for post in read(body):
            yield _row(path, storable(post))


def _reader(network: str) -> Callable[[Any], Iterator[Post]]:
    found = reddit.read_posts if network == "reddit" else payload_reader(FeedKind(f"{network}-search"))
    if found is None:
        raise ValueError(f"cannot be read: nobody has taught Hypewatch what {network} answers")
    return found


def _documents(path: Path) -> Iterator[Any]:
    raw = path.read_bytes()
    if len(raw) > MOST_BYTES:
        raise ValueError("is larger than 200 MB; cut it into parts")
    text = raw.decode("utf-8-sig", "replace")
    try:
        yield json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply to be a payload") from None
    except ValueError:
        yield from _lines(text)


def _lines(text: str) -> Iterator[Any]:
    """Streams are one document a line, with empty lines to keep the connection."""
    # Only a line feed ends a line: U+2028, U+0085 and their like may stand in a post (RFC 8259).
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {number} is no JSON: {error}") from None


def _row(path: str, post: Post) -> dict[str, Any]:
    return {
        "file": path,
        "network": post.network.value,
        "id": post.id,
        "author": post.author,
        "text": post.text,
        "published": post.published.strftime("%Y-%m-%dT%H:%M:%SZ") if post.published else None,
        "url": post.url,
        "links": list(post.links),
        "lang": post.lang,
        "reposts": post.reposts,
        "likes": post.likes,
        "deleted": post.deleted,
        "beside": list(post.beside),
        "cut": post.cut,
    }
