"""A proxy on loopback between us and any server, which brings what networks bring: gone, silent, slow, broken off.

`Proxy(url)` stands in front of the server of that address; its own address is `url`.
"""

from __future__ import annotations

import contextlib
import enum
import socket
import struct
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds that each piece is late, and that a connection stays after the server closed it.
LATENCY_S, SLOW_CLOSE_S = 0.3, 5.0


class Fault(enum.StrEnum):
    """What becomes of all connections while it lasts."""

    LATENCY = "each piece comes late"
    HALF_OPEN = "connections are made and stand, and nothing comes through"
    RESET = "each answer is a reset"
    SLOW_CLOSE = "a connection that the server closed stays open for a while"
    DRIP = "answers come a byte a second"


class Proxy:
    """Can go away (`down`), fall silent (`freeze`), come back (`up`), and have a Fault for a while (`having`)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        user, at, _ = parts.netloc.rpartition("@")
        self.url = parts._replace(netloc=f"{user}{at}127.0.0.1:{self.port}").geturl()
        self.fault: Fault | None = None
        self.met = 0  # pieces that came while there was a fault
        self._pipes: set[socket.socket] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener: socket.socket | None = None

    def up(self) -> None:
        self._flowing.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=50)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Like a killed server: connections break, new ones are refused."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._break()

    def freeze(self) -> None:
        """Like a stopped server: connections stand, new ones are made, and nothing ever answers."""
        self._flowing.clear()

    @contextmanager
    def having(self, fault: Fault) -> Iterator[None]:
        """At its end what it had caught is broken off, as the system does sooner or later; new connections are good."""
        self.fault, self.met = fault, 0
        try:
            yield
        finally:
            self.fault = None
            if fault in {Fault.HALF_OPEN, Fault.DRIP}:
                self._break()

    def _break(self) -> None:
        for pipe in list(self._pipes):
            with contextlib.suppress(OSError):
                pipe.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                ours, _ = listener.accept()
            except OSError:
                return
            try:
                theirs = socket.create_connection(self._target)
            except OSError:  # the server is away
                ours.close()
                continue
            self._pipes |= {ours, theirs}
            ends = threading.Semaphore(0)
            for source, to, answers in ((ours, theirs, False), (theirs, ours, True)):
                threading.Thread(target=self._pump, args=(source, to, answers, ends), daemon=True).start()
            threading.Thread(target=self._close, args=(ours, theirs, ends), daemon=True).start()

    def _pump(self, source: socket.socket, to: socket.socket, answers: bool, ends: threading.Semaphore) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self._flowing.wait()
                if self.fault is None:
                    to.sendall(piece)
                else:
                    self.met += 1
                    self._hand_on(piece, to, answers)
            if answers and self.fault is Fault.SLOW_CLOSE:
                time.sleep(SLOW_CLOSE_S)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        ends.release()

    def _hand_on(self, piece: bytes, to: socket.socket, answers: bool) -> None:
        fault = self.fault
        if fault is Fault.HALF_OPEN:
            return
        if fault is Fault.RESET and answers:
            to.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            to.shutdown(socket.SHUT_RD)  # the other thread waits for it: as long as it does, no reset is sent
            to.close()
            raise ConnectionResetError
        if fault is Fault.LATENCY:
            time.sleep(LATENCY_S)
        if fault is Fault.DRIP and answers:
            for at in range(len(piece)):
                to.sendall(piece[at : at + 1])
                if self.fault is fault:
                    time.sleep(1)
            return
        to.sendall(piece)

    def _close(self, ours: socket.socket, theirs: socket.socket, ends: threading.Semaphore) -> None:
        for _ in range(2):
            ends.acquire()
        for end in (ours, theirs):
            end.close()
            self._pipes.discard(end)
