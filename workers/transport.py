"""Redis as a broker that may go at any time: a worker lives on, and takes work again when it is back.

Celery and kombu 5.7 let go of a lost connection and then use it once more, to give back or acknowledge what was being worked on. With
Redis that is an AttributeError, which nobody catches: a broker that is restarted in the middle of work ends its workers. Here it is what
it means, a connection error, which both of them handle. What could not be acknowledged is rows: they are found due or done.
"""

from __future__ import annotations

from typing import Any

import redis
from kombu.transport.redis import Channel as RedisChannel
from kombu.transport.redis import Transport as RedisTransport


class Channel(RedisChannel):
    """One whose connection may have been let go."""

    def _connparams(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise redis.ConnectionError("The connection to the broker was lost and let go.")
        found: dict[str, Any] = super()._connparams(*args, **kwargs)  # type: ignore[misc]  # kombu's stubs leave it out
        return found


class Transport(RedisTransport):
    """kombu's own with that channel."""

    Channel = Channel
