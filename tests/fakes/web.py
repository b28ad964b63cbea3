"""The one scripted HTTP server: a socket on loopback that answers as a test tells it to, rightly or wrongly.

A script is a function from the raw request to what goes out: bytes, or an iterator of bytes and pauses (floats, in
seconds), so that every kind of bad server is a few lines. `web.asked` holds the requests that came.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Script = Callable[["Asked"], bytes | Iterator[bytes | float]]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    at: float = 0.0


def answer(
    body: bytes | str = b"", status: int = 200, content_type: str = "application/rss+xml", **headers: str
) -> bytes:
    """A whole, correct response. Header names are given with underscores."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {content_type}", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def answer_json(value: object, status: int = 200, **headers: str) -> bytes:
    return answer(json.dumps(value), status, "application/json; charset=utf-8", **headers)


@dataclass
class Web:
    """Use as a context manager. `web[path] = script or bytes`; a list of them is answered in turn, the last for ever."""

    scripts: dict[str, object] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    running: int = 0
    most_running: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._listener.getsockname()[1]
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # wakes accept()
        self._threads[0].join(timeout=5)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def __setitem__(self, path: str, script: object) -> None:
        self.scripts[path] = script

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._ending.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            connection.settimeout(10)
            asked = self._read(connection)
            if asked is None:
                return
            with self._lock:
                self.asked.append(asked)
                script = self._script(asked.path)
            self._send(connection, script(asked) if callable(script) else script)
        except OSError:
            return  # the client hung up: for many scripts that is the point
        finally:
            connection.close()
            with self._lock:
                self.running -= 1

    def _script(self, path: str) -> object:
        script = self.scripts.get(path, self.scripts.get(path.partition("?")[0], answer("nothing here", 404)))
        if isinstance(script, list):
            return script.pop(0) if len(script) > 1 else script[0]
        return script

    @staticmethod
    def _read(connection: socket.socket) -> Asked | None:
        raw = b""
        while b"\r\n\r\n" not in raw:
            chunk = connection.recv(65536)
            if not chunk:
                return None
            raw += chunk
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        return Asked(method, path, headers, body, time.monotonic())

    def _send(self, connection: socket.socket, out: object) -> None:
        for piece in [out] if isinstance(out, bytes) else out:
            if self._ending.is_set():
                return
            if isinstance(piece, bytes):
                connection.sendall(piece)
            else:
                self._ending.wait(piece)
