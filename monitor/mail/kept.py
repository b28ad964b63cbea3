"""Connections to a mail server that are kept for the next mail: three hundred digests at seven need not connect so often."""

from __future__ import annotations

import os
import smtplib
import threading
import time
import weakref
from typing import TYPE_CHECKING

from monitor.deadline import Deadline

if TYPE_CHECKING:
    from monitor.mail.wire import Wire

#: How long a connection waits for its next mail, seconds. Servers hang up after minutes (RFC 5321 asks for five).
IDLE_S = 20.0
#: Servers count the mails of a connection, and many allow a hundred.
MOST_MAILS = 50
#: How long a server may take to say that a kept connection still stands, seconds.
ANSWER_S = 5.0


class Kept:
    """Can be used from many threads; a process that was forked off begins without any."""

    def __init__(self) -> None:
        """There are none yet. Those that are left are closed when this is gone, or the process ends."""
        self._lock = threading.Lock()
        self._wires: list[tuple[float, Wire]] = []
        self._pid = os.getpid()
        self._sweeping = False
        self._end = weakref.finalize(self, _close_all, self._wires)

    def take(self, deadline: Deadline) -> Wire | None:
        """One that still stands, for a call that ends with `deadline`; None if there is none."""
        while True:
            with self._lock:
                self._forked()
                if not self._wires:
                    return None
                since, wire = self._wires.pop()
            if time.monotonic() - since < IDLE_S and _stands(wire, deadline):
                return wire
            wire.close()

    def give(self, wire: Wire) -> None:
        """Keep one for the next mail; one that carried enough is ended."""
        if wire.mails >= MOST_MAILS or wire.sock is None:
            wire.hang_up()
            return
        with self._lock:
            self._forked()
            self._wires.append((time.monotonic(), wire))
            if not self._sweeping:
                self._sweep_later()

    def close(self) -> None:
        """End all that are kept."""
        with self._lock:
            left, self._wires[:] = list(self._wires), []
        for _, wire in left:
            wire.hang_up()

    def _forked(self) -> None:
        """Connections of the process that we were forked from go on in it: only our copies are closed, without a word."""
        if self._pid != os.getpid():
            self._end()
            self._wires, self._pid, self._sweeping = [], os.getpid(), False
            self._end = weakref.finalize(self, _close_all, self._wires)

    def _sweep_later(self) -> None:
        self._sweeping = True
        timer = threading.Timer(IDLE_S, _sweep, [weakref.ref(self)])
        timer.daemon = True
        timer.start()

    def sweep(self) -> None:
        """End those that have waited too long."""
        with self._lock:
            old = [one for one in self._wires if time.monotonic() - one[0] >= IDLE_S]
            self._wires[:] = [one for one in self._wires if one not in old]
            self._sweeping = False
            if self._wires:
                self._sweep_later()
        for _, wire in old:
            wire.hang_up()


def _sweep(kept: weakref.ref[Kept]) -> None:
    """The timer holds nothing: what nobody uses any more is closed as it goes."""
    held = kept()
    if held is not None:
        held.sweep()


def _stands(wire: Wire, deadline: Deadline) -> bool:
    """Does the server still listen on it? RSET asks, and forgets what was begun."""
    try:
        wire.deadline = Deadline(deadline.left(ANSWER_S))
        code, _ = wire.rset()
    except (smtplib.SMTPException, OSError):
        return False  # it was closed meanwhile: a new one is opened, and no attempt counts
    wire.deadline = deadline
    return code == 250


def _close_all(wires: list[tuple[float, Wire]]) -> None:
    for _, wire in wires:
        wire.close()
