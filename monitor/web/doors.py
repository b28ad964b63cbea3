"""Who may come in: which address was asked, from where a POST comes, and whether it came from this machine.

Loopback is enough by itself ("local mode") only for a request that came straight from a browser on this machine. What a
proxy handed on is somebody else's, however the proxy wrote the Host header.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from fastapi import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from monitor.service import Service

COOKIE = "hypewatch"
#: Where a request's scope says that nobody reads the body: what is long to make is not made for it.
HEAD = "hypewatch.head"
#: Where a request's scope says that its answer failed after it had begun.
BROKEN = "hypewatch.broken"
#: What anybody may reach: links that carry their own secret, health, and the style sheet they need.
OPEN_PATHS = ("/l/", "/sign-in/", "/static/", "/healthz", "/readyz")
#: The page that asks for an address. Not as what an address begins with.
SIGN_IN = "/sign-in"
#: Mail programs post here themselves (RFC 8058), some of them out of a browser; the link's own signature is the proof.
ONE_CLICK = "/l/unsubscribe/"
#: Headers that only something between the browser and us writes (RFC 7239, RFC 9110 section 7.6.3, and habit).
_PROXY_HEADERS = frozenset(
    {
        *("forwarded", "forwarded-for", "via", "x-real-ip", "x-client-ip", "client-ip", "true-client-ip"),
        *(
            "x-cluster-client-ip",
            "x-remote-ip",
            "x-remote-addr",
            "x-host",
            "x-scheme",
            "fastly-client-ip",
            "fly-client-ip",
        ),
        *("x-appengine-user-ip", "x-azure-clientip", "x-azure-socketip", "x-proxyuser-ip"),
    }
)
_PROXY_PREFIXES = ("x-forwarded", "x-original-", "x-rewrite-", "cf-", "x-envoy-", "x-amzn-")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_loopback(host: str) -> bool:
    """Is it an address only this machine can reach?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_private(service: Service) -> bool:
    """Do the pages answer this machine alone? Then no sign-in is needed."""
    return is_loopback(service.settings.host) and is_loopback(_base_host(service))


def is_ours(request: Request, service: Service) -> bool:
    """Does the Host header name an address of ours? Else another site's name was pointed here (DNS rebinding)."""
    host = _host_of(f"//{request.headers.get('host', '')}")
    return is_loopback(host) or host == _base_host(service)


def is_foreign(request: Request) -> bool:
    """Is it a POST that another site's page sent? Browsers say so: Fetch metadata, or at least Origin. One with a key is a program's:
    no page of another site can make a browser show one.
    """
    if request.method in _SAFE_METHODS or request.url.path.startswith(ONE_CLICK):
        return False
    if bearer_of(request) is not None and not is_open(request):
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "none":
        return site != "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()


def is_proxied(request: Request) -> bool:
    """Did something hand the request on? No browser speaks HTTP/1.0; nginx does unless it is told otherwise."""
    names = {name.lower() for name in request.headers}
    return (
        request.scope.get("http_version") == "1.0"
        or not names.isdisjoint(_PROXY_HEADERS)
        or any(name.startswith(_PROXY_PREFIXES) for name in names)
    )


def is_local(request: Request, service: Service) -> bool:
    """The local mode: this machine's pages, asked by a browser on this machine."""
    return is_private(service) and not is_proxied(request)


def is_open(request: Request) -> bool:
    """May anybody reach this address, without a sign-in?"""
    return request.url.path.startswith(OPEN_PATHS) or request.url.path == SIGN_IN


def is_api(request: Request) -> bool:
    """Is it an address of the API, whose answers are for programs?"""
    return request.url.path.startswith("/api/")


def bearer_of(request: Request) -> str | None:
    """The key that a program shows (RFC 6750); None without one. Then a cookie beside it counts for nothing."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def place_of(request: Request) -> str:
    """Where somebody who tries to sign in is: what a proxy of ours says last, else who connects. Of IPv6 the network (/64), which one
    subscriber has whole.
    """
    host = request.client.host if request.client else ""
    told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    near, far = _ip(host), _ip(told)
    # Whoever connects from elsewhere can write any header.
    chosen = far if far is not None and near is not None and near.is_private else near
    if chosen is None:
        return host
    return str(ipaddress.ip_network((chosen, 64), strict=False)) if chosen.version == 6 else str(chosen)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _base_host(service: Service) -> str:
    return _host_of(service.settings.public_url)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # [::1 without its end
        return ""


class HeadAsGet:
    """HEAD answers as GET does, without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` answers GET."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", HEAD: True}, receive, without_body)


class BrokenOff:
    """An answer that failed after it had begun ends without its last chunk. Starlette's function middleware would send that chunk all
    the same, and a part of a file would look like the whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        """`app` notes under BROKEN that an answer failed; this stands outside of every function middleware."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def unless_broken(message: MutableMapping[str, Any]) -> None:
            if scope.get(BROKEN) and message["type"] == "http.response.body" and not message.get("more_body"):
                raise ConnectionAbortedError(
                    "The answer failed after it had begun."
                )  # the server then closes the connection
            await send(message)

        await self._app(scope, receive, unless_broken)
