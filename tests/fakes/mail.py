"""A mail server that keeps what it took, and answers as a test tells it to."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from tests.conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sink:
    """`taken` is what it took, in order; `refuse` its answers to RCPT by recipient."""

    def __init__(self, taken: list[tuple[str, str]]) -> None:
        self.taken = taken  # (recipient, Message-ID)
        self.refuse: dict[str, str] = {}
        self.before_reply = None  # called with the message taken, before the server says 250
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        self.asked[address] += 1
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        with self.lock:
            self.taken += [(address, str(message["Message-ID"])) for address in envelope.rcpt_tos]
        if self.before_reply is not None:
            self.before_reply()
        return "250 kept as number %d" % len(self.taken)  # noqa: UP031 - a mail server's words


@contextmanager
def sinking(taken: list[tuple[str, str]]) -> Iterator[Sink]:
    """Start one, and stop it at the end."""
    sink = Sink(taken)
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
