"""The newsroom's Jetstream: what happens on its Bluesky, live, in the shapes that github.com/bluesky-social/jetstream tells.

`/subscribe?cursor=...` as a WebSocket, with its own port beside the newsroom's. All posts are told in the minutes before
the epoch, however old they are; a post that its author removed is told of when the second round begins.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from monitor.demo.bluesky import did_of, record_key, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from monitor.demo.newsroom import Edition, SamplePost

COLLECTION = "app.bsky.feed.post"
#: What everybody else says meanwhile.
CHATTER = "I had rice and pickles for breakfast."
FIRST = timedelta(minutes=4)


class Stream:
    """The server while it is started. `edition` gives what is published now, and since when."""

    def __init__(self, address: str, edition: Callable[[], tuple[Edition, datetime]]) -> None:
        """Bind a free port at `address`, which `host` then tells. Nothing is answered yet."""
        quiet = logging.getLogger(__name__)
        quiet.setLevel(logging.CRITICAL)
        self._edition = edition
        self._server = serve(self._tell, address, 0, logger=quiet)
        self.host = f"{address}:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="newsroom-stream", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)

    def _tell(self, connection: ServerConnection) -> None:
        """All since the cursor, and that it is now; then there is silence until the reader goes."""
        asked = parse_qs(urlsplit(connection.request.path if connection.request else "").query)
        since = int(asked.get("cursor", ["0"])[0])
        try:
            for event in events(*self._edition()):
                if event["time_us"] >= since:
                    connection.send(json.dumps(event))
            connection.send(json.dumps(_identity(time.time_ns() // 1000)))
            connection.recv()
        except ConnectionClosed:
            return  # the reader had enough


def events(edition: Edition, since: datetime) -> Iterator[dict[str, Any]]:
    """What the stream has told up to now, oldest first; `since` is when this round began."""
    posts = [post for post in (*edition.posts, *edition.removed) if post.network == "bluesky"]
    begun = _us(edition.epoch - FIRST)
    chatter = {"$type": COLLECTION, "text": CHATTER, "createdAt": edition.epoch.isoformat(), "langs": ["en"]}
    yield _commit(begun, "create", did_of("somebody.example"), "3k", record=chatter)
    for place, post in enumerate(sorted(posts, key=lambda post: post.published), start=1):
        yield _of(post, begun + place * 1_000_000, "create", record=record_of(edition, post))
    for post in edition.removed:
        if post.network == "bluesky":
            yield _of(post, _us(since), "delete")


def _of(post: SamplePost, at: int, operation: str, **more: Any) -> dict[str, Any]:
    return _commit(at, operation, did_of(post.handle), record_key(post), **more)


def _commit(at: int, operation: str, did: str, key: str, **more: Any) -> dict[str, Any]:
    commit = {"rev": key, "operation": operation, "collection": COLLECTION, "rkey": key, **more}
    return {"did": did, "time_us": at, "kind": "commit", "commit": commit}


def _identity(at: int) -> dict[str, Any]:
    did = did_of("somebody.example")
    return {"did": did, "time_us": at, "kind": "identity", "identity": {"did": did, "handle": "somebody.example"}}


def _us(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
