"""The messages of a WebSocket server, read on a connection that the one door opened.

It stands on the half of `websockets` that does no input or output: who connects, how long a step may take and what is
believed of TLS is the door's, and nothing runs in another thread. No proxy is taken from the environment, and no
redirect is followed. Only reading: nothing is ever sent but the handshake, and answers to pings.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import httpcore2
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, PayloadTooBig, WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from monitor.core.model import Outcome, Reason
from monitor.deadline import DeadlineError
from monitor.sources.http.decoders import TooLargeError
from monitor.sources.http.outcomes import REDIRECTS, Answer, NotOpenedError, Trail, read_answer, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpcore2 import NetworkStream
    from websockets.http11 import Response

_CHUNK = 65_536


class WebSocket:
    """One connection to a WebSocket server; reading only, and by one thread."""

    def __init__(self, stream: NetworkStream, url: str, *, user_agent: str, most_bytes: int) -> None:
        """`stream` is what `HttpClient.open(url)` gave, `most_bytes` the longest message taken, counted while it is inflated.

        Nothing is sent yet.
        """
        self._stream, self._trail, self._user_agent = stream, Trail(url), user_agent
        # Deflate halves what is sent and more. A window of 2^15 bytes is the most a server may take.
        self._protocol = ClientProtocol(
            parse_uri(url), extensions=[ClientPerMessageDeflateFactory()], max_size=most_bytes
        )
        self.ended = ""

    def shake_hands(self) -> None:
        """Ask the server to speak WebSocket; raises NotOpenedError with its sentence if it does not."""
        request = self._protocol.connect()
        request.headers["User-Agent"] = self._user_agent
        self._protocol.send_request(request)
        self._send()
        while self._protocol.state.name == "CONNECTING":
            if not self._receive(None) or self._protocol.handshake_exc is not None:
                raise self._refusal()

    def messages(self, quiet: float) -> Iterator[bytes]:
        """Each message as it was sent, until the server ends (then `ended` holds the sentence) or, after the first, is
        silent for `quiet` seconds.

        Raises what a step on the stream does (DeadlineError, httpcore2's errors), and TooLargeError for a message that is
        too long.
        """
        begun = bytearray()
        patience: float | None = None
        while True:
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                    begun += event.data
                    if event.fin:
                        yield bytes(begun)
                        begun.clear()
                        patience = quiet
            self.ended = self._end()
            if self.ended:
                return
            asked = time.monotonic()
            try:
                self._receive(patience)
            except DeadlineError:
                # The time for all of it, unless the patience was the shorter one.
                if patience is None or time.monotonic() - asked < patience:
                    raise
                return

    def close(self) -> None:
        """Say goodbye if there is still time for it, and end the connection."""
        with contextlib.suppress(DeadlineError, httpcore2.NetworkError, httpcore2.TimeoutException, WebSocketException):
            if self._protocol.state.name == "OPEN":
                self._protocol.send_close(1000)
                self._send()
        self._stream.close()

    def _receive(self, timeout: float | None) -> bool:
        """Take in what came; False at the end of the connection. Raises DeadlineError after `timeout` seconds (None: when
        the stream's time is up).
        """
        try:
            data = self._stream.read(_CHUNK, timeout)
        except httpcore2.ReadTimeout:
            raise DeadlineError from None
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._send()
        return bool(data)

    def _send(self) -> None:
        """Send what is to be answered. That the other side no longer reads is told by reading."""
        with contextlib.suppress(httpcore2.WriteError):
            for data in self._protocol.data_to_send():
                if data:
                    self._stream.write(data)

    def _refusal(self) -> NotOpenedError:
        wrong = self._protocol.handshake_exc
        host = self._trail.host
        if not isinstance(wrong, InvalidStatus):
            return NotOpenedError(Outcome.SOFT, f"{host} does not speak WebSocket at this address.")
        return _meaning(wrong.response, self._trail)

    def _end(self) -> str:
        """Why nothing more will come, as a sentence; "" while more may. Raises TooLargeError."""
        host, wrong, closed = self._trail.host, self._protocol.parser_exc, self._protocol.close_rcvd
        if isinstance(wrong, PayloadTooBig):
            raise TooLargeError
        if closed is not None:
            return f"{host} ended the connection{f': {shown(closed.reason)}' if closed.reason else ''}."
        if isinstance(wrong, EOFError):
            return f"{host} broke the connection off."
        return f"{host} sent what is not WebSocket's language." if wrong is not None else ""


def _meaning(response: Response, trail: Trail) -> NotOpenedError:
    """What an answer means that is no handshake, by its status."""
    if response.status_code in REDIRECTS:
        return NotOpenedError(
            Outcome.HARD,
            f"{trail.host} sends us elsewhere, where a stream is not followed; name its own address.",
            reason=Reason.ASTRAY,
        )
    if response.status_code < 300:
        return NotOpenedError(Outcome.SOFT, f"{trail.host} answers with a page, and not with a stream.")
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    answered = read_answer(Answer(response.status_code, headers), trail, conditional=False)
    # That one address is gone does not mean that the network never comes back.
    outcome = Outcome.HARD if answered.outcome is Outcome.GONE else answered.outcome
    return NotOpenedError(outcome, answered.sentence, answered.retry_after, reason=answered.reason)
