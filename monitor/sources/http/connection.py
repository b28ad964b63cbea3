"""A connection under the laws of the door: to an address that was checked, and over when the whole call has to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream, SyncBackend

from monitor.deadline import Deadline, DeadlineError
from monitor.sources.http.addresses import network_address
from monitor.sources.http.outcomes import DrippingError, RefusedError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from monitor.sources.http.addresses import Address


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[Address, ...]
    allowed: bool

    @property
    def key(self) -> str:
        return f"{self.host}:{self.port}"


class BoundedStream(NetworkStream):
    """A connection on which no single step may take longer than what is left of the whole call."""

    def __init__(self, inner: NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return BoundedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class CheckedBackend(NetworkBackend):
    """Connects to the addresses that were checked, whatever the name would resolve to now."""

    def __init__(self, target: Target, deadline: Deadline, connect_timeout: float) -> None:
        self._target, self._deadline, self._connect_timeout = target, deadline, connect_timeout

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        if port != self._target.port:
            raise RefusedError(
                f"A connection to port {port} of {host} was refused: it was not the port that was checked."
            )
        tried = self._target.addresses[:4]
        each = (timeout or self._connect_timeout) / len(tried)
        for at, address in enumerate(tried):
            try:
                inner = SyncBackend().connect_tcp(
                    network_address(address), port, self._deadline.left(each), local_address, socket_options
                )
                return BoundedStream(inner, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if at == len(tried) - 1:
                    raise
        raise httpcore2.ConnectError(host)  # pragma: no cover - there is always an address

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - the seam's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> NetworkStream:
        raise RefusedError(f"{path} is no place on the network.")


def timely(chunks: Iterable[bytes], deadline: Deadline) -> Iterator[bytes]:
    """The chunks of a body; raises DrippingError when the time is up before its end: the head had come."""
    try:
        for chunk in chunks:
            deadline.left()  # the time may end while a chunk that had come is handed on
            yield chunk
    except (DeadlineError, httpcore2.TimeoutException) as error:
        raise DrippingError from error
