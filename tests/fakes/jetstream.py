"""A Jetstream of our own on loopback: real WebSocket, said whatever a test wants it to say.

A script is called with the connection and the question's parameters, after the handshake; when it returns the
connection ends. `stream.asked` holds the parameters of each connection, as lists.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Script = Callable[[ServerConnection, dict[str, list[str]]], None]

COLLECTION = "app.bsky.feed.post"
DID = "did:plc:ada"


def post(at: int, rkey: str, text: str, *, operation: str = "create", did: str = DID, **record: Any) -> dict[str, Any]:
    """A post written or corrected at `at` (microseconds since 1970)."""
    said = {"$type": COLLECTION, "text": text, "createdAt": "2025-03-24T08:59:00.000Z", "langs": ["en"], **record}
    commit = {
        "rev": "3k",
        "operation": operation,
        "collection": COLLECTION,
        "rkey": rkey,
        "record": said,
        "cid": "bafy",
    }
    return {"did": did, "time_us": at, "kind": "commit", "commit": commit}


def delete(at: int, rkey: str, *, did: str = DID) -> dict[str, Any]:
    commit = {"rev": "3k", "operation": "delete", "collection": COLLECTION, "rkey": rkey}
    return {"did": did, "time_us": at, "kind": "commit", "commit": commit}


def account(at: int, status: str, *, did: str = DID) -> dict[str, Any]:
    return {
        "did": did,
        "time_us": at,
        "kind": "account",
        "account": {"active": False, "did": did, "seq": 1, "status": status},
    }


def says(events: Iterable[dict[str, Any] | str], *, then_waits: bool = True) -> Script:
    """A script: these events, from the cursor on; then the stream is silent, or ends."""
    events = list(events)

    def script(connection: ServerConnection, asked: dict[str, list[str]]) -> None:
        since = int(asked["cursor"][0])
        for event in events:
            if isinstance(event, str):
                connection.send(event)
            elif event["time_us"] >= since:
                connection.send(json.dumps(event))
        if then_waits:
            connection.recv()  # until the reader is gone

    return script


class Stream:
    """The server; `with` starts and ends it."""

    def __init__(self, **how: Any) -> None:
        """`how` goes to websockets: `ssl`, `process_request`."""
        self.asked: list[dict[str, list[str]]] = []
        self.headers: list[dict[str, str]] = []
        self.script: Script = says([])
        quiet = logging.getLogger("tests.jetstream")
        quiet.setLevel(logging.CRITICAL)
        self._server = serve(self._serve, "127.0.0.1", 0, logger=quiet, **how)
        self.host = f"127.0.0.1:{self._server.socket.getsockname()[1]}"
        self.url = f"ws://{self.host}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = urlsplit(connection.request.path)
        assert path.path == "/subscribe"
        asked = parse_qs(path.query)
        self.asked.append(asked)
        self.headers.append(dict(connection.request.headers.raw_items()))
        try:
            self.script(connection, asked)
        except ConnectionClosed:
            return  # the reader had enough
