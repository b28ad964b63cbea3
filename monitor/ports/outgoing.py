"""What we tell other programs: one request to an address that somebody named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.feed import Fetched


class Caller(Protocol):
    """The door for telling others something.

    Laws as of Fetcher: never raises for what the outside does, and the whole call ends within the deadline. Redirects are
    not followed: what we say is for the address that was named.
    """

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Fetched: ...
