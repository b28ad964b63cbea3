"""The one door to the network. Everything that Hypewatch asks of the outside goes through `HttpClient`.

Laws: http and https only; ports 80 and 443 unless an address is allowed by name; a host is resolved once, refused if
any of its addresses is not public, and connected to at the address that was checked, again on each of at most five
redirects; the whole call ends within a deadline (a timeout for each read alone passes a server that drips); a body has
at most 9 MB, counted while it is decoded; no proxy is taken from the environment; one request at a time to a host, with
a gap between two. Every ending is a `Fetched` with one sentence, never an exception.

It stands on httpcore2, the half of httpx2 below its client: what the client adds (redirects, cookies, decoding,
proxies) is what has to be done here under the laws anyway. The network backend is httpcore2's public seam.
"""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpcore2
from httpcore2 import NetworkStream

from monitor.core.bounds import MOST_BODY
from monitor.core.items.urls import http_link
from monitor.core.model import Reason
from monitor.deadline import Deadline
from monitor.sources.http.addresses import is_public, plain_host, resolve
from monitor.sources.http.connection import CheckedBackend, Target, timely
from monitor.sources.http.decoders import BrokenError, TooLargeError, decoder, offered
from monitor.sources.http.outcomes import (
    REDIRECTS,
    Answer,
    BusyError,
    NotOpenedError,
    RefusedError,
    Trail,
    UnreachableError,
    ended,
    failure,
    read_answer,
    shown,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping

    from monitor.core.feed import Fetched, Validators
    from monitor.ports import RateLimit

#: How long a call waits for its turn at a host before it is put off, seconds: for a feed or a page, whose row comes again,
#: and for an API, which is in the middle of a reading. A worker that waits does nothing else.
PATIENCE, PATIENCE_API = 5.0, 15.0
#: How often it looks whether another process is done.
LOOK_AGAIN = 0.2
#: A body of which nothing is used but its first words (the reason in an API's error).
ERROR_BODY = 64 * 1024
MOST_REDIRECTS = 5
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "text/html;q=0.8, */*;q=0.5"
)


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0  # monotonic


class HttpClient:
    """Implements ports.Fetcher; can be used from many threads.

    `allow_private` lists `host:port` in one's own network that may be read; `contact` goes into the User-Agent;
    `host_gap` is in seconds; `deadline` is for the whole call with its redirects, `connect_timeout` for one connection.
    """

    def __init__(
        self,
        *,
        allow_private: frozenset[str] = frozenset(),
        contact: str = "",
        host_gap: float = 1.0,
        version: str = "",
        deadline: float = 30.0,
        connect_timeout: float = 10.0,
        most_bytes: int = MOST_BODY,
        rate_limit: RateLimit | None = None,
    ) -> None:
        """Nothing is opened yet. `rate_limit` keeps the manners together with other processes; None: there are none."""
        self._rate_limit = rate_limit
        self._allowed = frozenset(_plain_key(key) for key in allow_private)
        self._gap = host_gap
        self._deadline = deadline
        self._connect_timeout = connect_timeout
        self._most_bytes = most_bytes
        self._hosts: dict[str, _Host] = {}
        self._hosts_lock = threading.Lock()
        self._offered = offered()
        who = re.sub(r"[^\x20-\x7e]|[()]", "", contact).strip()
        self.user_agent = f"Hypewatch/{version or '0'} (reads news about a study{f'; {who}' if who else ''})"

    # --- what others call --------------------------------------------------------------------------------------------

    def fetch(
        self, url: str, validators: Validators | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """GET an address, following redirects. With `validators` the answer may be NOT_MODIFIED, without a body."""
        asked = {"accept": ACCEPT, **{name.lower(): value for name, value in (headers or {}).items()}}
        if validators and validators.etag:
            asked["if-none-match"] = validators.etag
        if validators and validators.last_modified:
            asked["if-modified-since"] = validators.last_modified
        conditional = "if-none-match" in asked or "if-modified-since" in asked
        return self._call("GET", url, asked, b"", conditional=conditional, redirects=MOST_REDIRECTS, keep_errors=False)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Fetched:
        """One request of an API's client: redirects are not followed, and an error's body is kept (its first 64 KB)."""
        asked = {name.lower(): value for name, value in (headers or {}).items()}
        return self._call(method, url, asked, content, conditional=False, redirects=0, keep_errors=True)

    def open(self, url: str, seconds: float) -> NetworkStream:
        """A connection to a ws:// or wss:// stream's checked address, with TLS and the host's certificate verified.

        It lives for `seconds` from now, the looking up and connecting included: then each step on it raises
        DeadlineError, whatever the other side does. Raises NotOpenedError. It waits for no turn at its host: a stream
        is one connection for as long as it is read, and two may run side by side.
        """
        trail, deadline = Trail(url), Deadline(seconds)
        try:
            target = self._check(_as_http(url), deadline)
            backend = CheckedBackend(target, deadline, self._connect_timeout)
            stream = backend.connect_tcp(target.host, target.port, self._connect_timeout)
            if target.scheme == "http":
                return stream
            try:
                return stream.start_tls(self._tls, target.host, self._connect_timeout)
            except BaseException:
                stream.close()
                raise
        except Exception as error:
            ending = failure(error, trail, seconds, self._most_bytes)
            raise NotOpenedError(ending.outcome, ending.sentence, reason=ending.reason) from error

    # --- the call ----------------------------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes,
        *,
        conditional: bool,
        redirects: int,
        keep_errors: bool,
    ) -> Fetched:
        started, deadline = time.monotonic(), Deadline(self._deadline)
        trail = Trail(url)
        try:
            answer = self._follow(
                method, trail, headers, content, deadline, redirects=redirects, keep_errors=keep_errors
            )
            ending = read_answer(answer, trail, conditional=conditional)
        except Exception as error:  # noqa: BLE001 - the law: whatever the outside does is an ending, not an exception
            ending = ended(trail, failure(error, trail, self._deadline, self._most_bytes))
            if isinstance(error, BusyError):
                ending = replace(ending, retry_after=timedelta(minutes=1), busy=True)
        return replace(ending, seconds=round(time.monotonic() - started, 3))

    def _follow(
        self,
        method: str,
        trail: Trail,
        headers: dict[str, str],
        content: bytes,
        deadline: Deadline,
        *,
        redirects: int,
        keep_errors: bool,
    ) -> Answer:
        """Ask, and ask where we are sent, checking each address anew."""
        while True:
            target = self._check(trail.url, deadline)
            trail.checked()
            answer = self._ask(method, target, headers, content, deadline, keep_errors=keep_errors)
            if answer.status not in REDIRECTS or not redirects:
                return answer
            trail.turn(answer, redirects)
            if urlsplit(trail.url).netloc != urlsplit(trail.seen[-2]).netloc:
                headers = {name: value for name, value in headers.items() if name not in {"authorization", "cookie"}}

    def _check(self, url: str, deadline: Deadline) -> Target:
        """Where an address leads; raises RefusedError with the sentence if it must not be asked."""
        link = http_link(url)
        if link is None:
            raise RefusedError(
                f"{shown(url)} is no web address: it must begin with http:// or https:// and name a host."
            )
        parts = urlsplit(link)
        try:
            host = plain_host(parts.hostname or "")
        except ValueError:
            raise RefusedError(f"{shown(parts.hostname or url)} is no host's name.") from None
        port = parts.port if parts.port is not None else {"http": 80, "https": 443}[parts.scheme]
        within = deadline.left(self._connect_timeout)
        try:
            addresses = resolve(host, port, within)
        except TimeoutError:
            raise UnreachableError(f"The name {host} could not be looked up in time.") from None
        except OSError:
            raise UnreachableError(f"There is no host called {host}, or the name could not be looked up.") from None
        allowed = f"{host}:{port}" in self._allowed or all(f"{one}:{port}" in self._allowed for one in addresses)
        if not allowed and port not in {80, 443}:
            raise RefusedError(
                f"{host} was not asked: port {port} is not one that pages are served on (80 and 443); "
                "HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it.",
                Reason.PRIVATE,
            )
        if not allowed and not all(is_public(address) for address in addresses):
            raise RefusedError(
                f"{host} was not asked: it leads into a private network; "
                "if it is yours, HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it.",
                Reason.PRIVATE,
            )
        path = quote(parts.path or "/", safe="%/:=&~+!$,;'@()*[]|") + (
            "?" + quote(parts.query, safe="%/:=&?~+!$,;'@()*[]|") if parts.query else ""
        )
        return Target(parts.scheme, host, port, path, tuple(addresses), allowed)

    def _ask(
        self,
        method: str,
        target: Target,
        headers: dict[str, str],
        content: bytes,
        deadline: Deadline,
        *,
        keep_errors: bool,
    ) -> Answer:
        default = {"http": 80, "https": 443}[target.scheme]
        name = f"[{target.host}]" if ":" in target.host else target.host
        sent = {
            "host": name if target.port == default else f"{name}:{target.port}",
            "user-agent": self.user_agent,
            "accept-encoding": self._offered,
            "connection": "close",
            **{key: re.sub(r"[^\x20-\x7e]", "", value).strip() for key, value in headers.items()},
        }
        if content:
            sent["content-length"] = str(len(content))
        wait = {
            "connect": self._connect_timeout,
            "read": self._deadline,
            "write": self._deadline,
            "pool": self._deadline,
        }
        backend = CheckedBackend(target, deadline, self._connect_timeout)
        url = httpcore2.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        with (
            self._turn(target, deadline, PATIENCE_API if keep_errors else PATIENCE),
            httpcore2.HTTPConnection(
                httpcore2.Origin(url.scheme, url.host, target.port),
                ssl_context=self._tls if target.scheme == "https" else None,
                network_backend=backend,
            ) as connection,
            connection.stream(
                method,
                url,
                headers=[(key.encode(), value.encode()) for key, value in sent.items()],
                content=content or None,
                extensions={"timeout": wait},
            ) as response,
        ):
            answer = Answer(response.status, _joined(response.headers))
            if response.status in range(200, 300) and response.status != 204:
                answer.body = self._body(answer.headers, response.iter_stream(), self._most_bytes, deadline)
            elif keep_errors and response.status not in REDIRECTS:
                answer.body = self._error_body(answer.headers, response.iter_stream(), deadline)
            return answer

    @staticmethod
    def _body(headers: Mapping[str, str], chunks: Iterable[bytes], most: int, deadline: Deadline) -> bytes:
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > most:
            raise TooLargeError
        packed = headers.get("content-encoding", "")
        inflater = decoder(packed)
        body, raw = bytearray(), 0
        for chunk in timely(chunks, deadline):
            raw += len(chunk)
            if raw > most:  # a body of empty compressed blocks decodes to nothing, for ever
                raise TooLargeError
            try:
                body += inflater.feed(chunk, most - len(body))
            except TooLargeError:  # little was sent, and it unpacks to much
                raise TooLargeError(packed.strip().lower()) from None
        return bytes(body)

    def _error_body(self, headers: Mapping[str, str], chunks: Iterable[bytes], deadline: Deadline) -> bytes:
        """The reason an API gives; if it cannot be read the status alone has to do."""
        try:
            return self._body({**headers, "content-length": ""}, chunks, ERROR_BODY, deadline)
        except (TooLargeError, BrokenError, httpcore2.NetworkError, httpcore2.ProtocolError):
            return b""

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The system's certificates; loading them takes 20 ms, so only when they are needed, and once."""
        return httpcore2.default_ssl_context()

    @contextmanager
    def _turn(self, target: Target, deadline: Deadline, patience: float) -> Iterator[None]:
        """Our turn at a host: one request in flight, and a gap since the last one ended. Waiting counts as time.

        Hosts in one's own network are asked by other processes too: they need no gap, and so nobody to keep it.
        """
        with self._hosts_lock:
            if len(self._hosts) > 10_000:  # a worker that lives long forgets hosts nobody waits for
                self._hosts = {key: host for key, host in self._hosts.items() if host.lock.locked()}
            host = self._hosts.setdefault(target.key, _Host())
        gap = 0.0 if target.allowed else self._gap
        end = time.monotonic() + deadline.left(patience)
        if not host.lock.acquire(timeout=deadline.left(patience)):
            raise BusyError
        try:
            pause = host.free_at - time.monotonic()
            if pause > 0:
                time.sleep(min(pause, deadline.left()))
                deadline.left()
            rate_limit = None if target.allowed else self._rate_limit
            # The lease outlives the call, whatever happens in it.
            while rate_limit and not rate_limit.acquire(target.key, self._deadline + gap):
                if time.monotonic() >= end:
                    raise BusyError
                time.sleep(LOOK_AGAIN)
            try:
                yield
            finally:
                host.free_at = time.monotonic() + gap
                if rate_limit:
                    rate_limit.release(target.key, gap)
        finally:
            host.lock.release()


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("ascii", "replace").lower()
        try:
            text = value.decode().strip()  # a Location is often sent as raw UTF-8
        except UnicodeDecodeError:
            text = value.decode("latin-1").strip()
        joined[key] = f"{joined[key]}, {text}" if key in joined and key not in {"location", "retry-after"} else text
    return joined


def _as_http(url: str) -> str:
    """The web address that a stream's handshake is asked at; raises RefusedError if it is no stream's."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"ws", "wss"}:
        raise RefusedError(f"{shown(url)} is no address of a stream: it must begin with wss:// or ws://.")
    return f"{'https' if scheme == 'wss' else 'http'}://{rest}"


def _plain_key(key: str) -> str:
    """`host:port` as targets are named: `[::1]:80` is `::1:80`."""
    host, _, port = key.strip().rpartition(":")
    try:
        return f"{plain_host(host.strip('[]'))}:{port}"
    except ValueError:
        return key
