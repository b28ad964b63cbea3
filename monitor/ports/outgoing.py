"""What we tell other programs: who they are, what they are told, and the door through which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from monitor.core.feed import Fetched
    from monitor.core.outgoing.hook import (
        AfterCall,
        Call,
        CallState,
        Event,
        Hook,
        NewCall,
        Service,
        ToldDigest,
        ToldFlag,
    )


class Caller(Protocol):
    """The door for telling others something.

    Laws as of Fetcher: never raises for what the outside does, and the whole call ends within the deadline. Redirects are
    not followed: what we say is for the address that was named.
    """

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Fetched: ...


class Webhooks(Protocol):
    """Other programs that are told, and their calls. Laws: see Store."""

    def add_webhook(
        self, service: Service, url: str, *, secret: str, events: Sequence[Event], study_id: str, now: datetime
    ) -> Hook: ...
    def webhooks(self) -> Sequence[Hook]: ...
    def remove_webhook(self, hook_id: int) -> None:
        """With its calls."""
        ...

    def flags_to_tell(self, hook: Hook, since: datetime) -> Sequence[ToldFlag]:
        """Standing flags sure enough to be mailed, raised since then and since the hook was added; told or not."""
        ...

    def digests_to_tell(self, hook: Hook, since: datetime) -> Sequence[ToldDigest]:
        """Digests that went out, as `flags_to_tell`."""
        ...

    def calls_made(self, hook_id: int, since: datetime) -> Sequence[tuple[str, datetime]]:
        """What a hook was told, or is to be: key and time of each call made since then."""
        ...

    def add_calls(self, hook_id: int, calls: Sequence[NewCall], now: datetime) -> int:
        """Store calls that are due now, each key once to a hook; returns how many are new."""
        ...

    def calls(self, state: CallState | None = None, limit: int = 100) -> Sequence[Call]: ...
    def claim_call(self, call_id: int, owner: str, now: datetime, ttl: timedelta) -> tuple[Hook, Call] | None:
        """Take the lease for one attempt; None if it is not due, held, or ended."""
        ...

    def finish_call(self, call: Call, after: AfterCall, error: str) -> bool:
        """Record an attempt; False if the lease was lost. While a call waits for its next attempt the others of its hook
        wait with it; when one is taken they are due.
        """
        ...

    def call_again(self, call_id: int, now: datetime) -> None:
        """Dead -> waiting, with all of its attempts, and its hook is told again. Raises NotFoundError."""
        ...
