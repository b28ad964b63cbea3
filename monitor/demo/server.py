"""The sample newsroom as a real HTTP server on loopback: every outlet a host of its own, with validators and 304."""

from __future__ import annotations

import hashlib
import json
import socketserver
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from monitor.core.errors import UsageError
from monitor.demo import bluesky, mastodon, x
from monitor.demo.feeds import feed_body
from monitor.demo.jetstream import Stream
from monitor.demo.newsroom import make_edition
from monitor.demo.pages import article_page, home_page

if TYPE_CHECKING:
    from monitor.demo.newsroom import Edition, Outlet

LOOPBACK = "127.0.0.1"
#: The newsroom's X lets in whoever knows this; it opens nothing else anywhere.
BEARER_TOKEN = "sample-newsroom"  # noqa: S105 - a made-up key to a made-up network
#: What the demo searches on X, in X's own query language.
X_QUERY = "(Keio OR 慶應) (iPS OR iPSC OR spinal OR 脊髄損傷) -is:retweet"
#: What it searches on Bluesky and in its stream, and the hashtag that it follows on Mastodon.
BLUESKY_QUERY = "Keio iPS"
STREAM_QUERY = "(Keio OR 慶應大) (iPS OR iPSC OR iPS細胞)"
MASTODON_TAG = "#iPSC"
#: More than a login needs.
BODY_MOST = 10_000


class SampleFeed(NamedTuple):
    """One feed to add: its address, what to call it, and the outlet's reach 1-5."""

    url: str
    title: str
    lang: str
    weight: int


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


class Newsroom:
    """The newsroom while a `with` block lasts.

    The same `port`, `epoch` and `round` (1 or 2) give the same bytes; `port` 0 takes a free one, which `port` then tells.
    """

    def __init__(self, port: int, epoch: datetime, *, round: int = 1) -> None:  # noqa: A002 - the newsroom's own word
        """Bind the port; raises UsageError with a sentence if another program has it. Nothing is answered yet."""
        self.epoch = epoch.replace(microsecond=0)
        try:
            self._server = _Server((LOOPBACK, port), _Handler)
        except OSError as error:
            raise UsageError(
                f"The sample newsroom needs port {port} again, but it cannot be had ({error.strerror}).",
                "Stop the program that uses it, or set HYPEWATCH_HOME to a new folder.",
            ) from None
        self.port: int = self._server.server_address[1]
        self._round = round
        self._server.edition = make_edition(self.port, self.epoch, round)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="newsroom", daemon=True)
        self._since = self.epoch
        self._stream = Stream(LOOPBACK, lambda: (self.edition, self._since))

    def __enter__(self) -> Self:
        self._thread.start()
        self._stream.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    @property
    def round(self) -> int:
        return self._round

    def advance(self) -> None:
        """Publish the second round: corrections made, and what was said since."""
        self._round, self._since = 2, datetime.now(UTC)
        self._server.edition = make_edition(self.port, self.epoch, self._round)

    @property
    def edition(self) -> Edition:
        """What is published now."""
        return self._server.edition

    @property
    def feeds(self) -> tuple[SampleFeed, ...]:
        """The feeds of all outlets."""
        edition = self.edition
        return tuple(
            SampleFeed(f"{edition.base(o.slug)}{o.feed_path}", o.name, o.lang, o.weight)
            for o in edition.outlets.values()
        )

    @property
    def x_api_url(self) -> str:
        """For HYPEWATCH_X_API_URL."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def bluesky_api_url(self) -> str:
        """For HYPEWATCH_BLUESKY_API_URL."""
        return f"http://{bluesky.HOST}:{self.port}"

    @property
    def bluesky_stream_url(self) -> str:
        """For HYPEWATCH_BLUESKY_STREAM_URL."""
        return f"ws://{self._stream.host}"

    @property
    def mastodon_server(self) -> str:
        """For HYPEWATCH_MASTODON_SERVERS."""
        return mastodon.base(self.edition)

    @property
    def addresses(self) -> tuple[str, ...]:
        """host:port of everything here, for HYPEWATCH_ALLOW_PRIVATE_NETWORKS."""
        hosts = [LOOPBACK, bluesky.HOST, mastodon.HOST, *(outlet.host for outlet in self.edition.outlets.values())]
        return (*(f"{host}:{self.port}" for host in hosts), self._stream.host)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    edition: Edition

    def server_bind(self) -> None:
        """Bind without asking a name server for our own name, which can take seconds on a machine without network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "SampleNewsroom/1"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        edition = self.server.edition
        answer = self._answer(edition)
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        modified = edition.epoch + timedelta(seconds=edition.round - 1)  # the header tells seconds, no less
        if answer.status == 200 and self._has(etag, modified):
            answer = Answer(304, "", b"")
        self.send_response(answer.status)
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", format_datetime(modified, usegmt=True))
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_POST(self) -> None:
        """Only Bluesky is told anything: who logs in."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_MOST:
            answer = _json(413, {"error": "PayloadTooLarge", "message": "request entity too large"})
            self.close_connection = True
        else:
            body = self.rfile.read(int(length))
            known = self._host() == bluesky.HOST
            answer = _json(*bluesky.log_in(urlsplit(self.path).path, body)) if known else _NOWHERE
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _host(self) -> str:
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""

    def _has(self, etag: str, modified: datetime) -> bool:
        """Does the reader hold this already? If-None-Match outranks If-Modified-Since (RFC 9110, 13.2.2)."""
        if known := self.headers.get("If-None-Match"):
            return etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}
        since = self.headers.get("If-Modified-Since")
        try:
            return since is not None and parsedate_to_datetime(since) >= modified
        except ValueError:
            return False  # a date that cannot be read is as good as none (RFC 9110, 13.1.3)

    def _answer(self, edition: Edition) -> Answer:
        url, host = urlsplit(self.path), self._host()
        asked, authorization = dict(parse_qsl(url.query)), self.headers.get("Authorization", "")
        outlet = edition.outlets.get(host.removesuffix(".localhost"))
        if outlet is not None:
            return _outlet_answer(edition, outlet, url.path)
        if host == bluesky.HOST:
            return _json(*bluesky.answer(edition, url.path, asked, authorization))
        if host == mastodon.HOST:
            page = mastodon.post_page(edition, url.path)
            return Answer(200, _HTML, page.encode()) if page else _json(*mastodon.answer(edition, url.path, asked))
        if host == LOOPBACK and url.path.startswith("/2/"):
            return _json(*x.answer(edition, url.path, asked, authorization, BEARER_TOKEN))
        return _NOWHERE

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep quiet: the demo's own lines are what a person reads."""


_HTML = "text/html; charset=utf-8"
_NOWHERE = Answer(404, "text/plain; charset=utf-8", b"There is no such place in the sample newsroom.\n")


def _json(status: int, value: Any) -> Answer:
    return Answer(status, "application/json; charset=utf-8", json.dumps(value, ensure_ascii=False).encode())


def _outlet_answer(edition: Edition, outlet: Outlet, path: str) -> Answer:
    if path == outlet.feed_path:
        body, content_type = feed_body(edition, outlet)
        return Answer(200, content_type, body.encode())
    if path == "/robots.txt":
        return Answer(200, "text/plain; charset=utf-8", b"User-agent: *\nDisallow: /private/\n")
    if path == "/":
        return Answer(200, _HTML, home_page(edition, outlet).encode())
    for article in edition.of(outlet.slug):
        if article.path == path:
            return Answer(200, _HTML, article_page(edition, article).encode())
    return Answer(404, _HTML, b"<!DOCTYPE html><title>Not found</title><p>There is no such page.\n")
