"""One conversation with a mail server, and its end: a server that drips a byte a second ends like one that hangs.

smtplib knows a timeout for each reading and writing, which a dripping server never reaches. Here every step gets what is
left of the whole call.
"""

from __future__ import annotations

import io
import re
import smtplib
import socket
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.errors import RefusedAt
from monitor.deadline import Deadline

if TYPE_CHECKING:
    import ssl

#: How long one address of a server may take to be connected to, seconds.
CONNECT_S = 10.0
#: RFC 5321, 4.5.3.1.5: a line of a reply has at most 512 octets; a hundred of them are more than any server says.
MOST_HEARD = 64 * 1024
_DOT_FIRST = re.compile(rb"(?m)^\.")


class EndingUnseenError(Exception):
    """The whole mail was handed over, and what the server said to it was not seen: it may have been taken."""


class Answer(NamedTuple):
    """What a server said last, and to what."""

    code: int
    words: bytes
    to: RefusedAt


class Wire(smtplib.SMTP):
    """A connection to a mail server, greeted. Every step on it ends with `deadline`, which each mail sets anew.

    `tls` encrypts it from the first byte. Raises what smtplib and sockets raise.
    """

    def __init__(self, host: str, port: int, deadline: Deadline, *, tls: ssl.SSLContext | None = None) -> None:
        self.deadline = deadline
        self.mails = 0  # how many were handed over on it
        self.heard = 0  # bytes of the reply that is being read
        self._tls = tls
        super().__init__(host, port)
        self.ehlo()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - smtplib's own seam
        sock = socket.create_connection((host, port), self.deadline.left(CONNECT_S))
        if self._tls is None:
            return sock
        try:
            sock.settimeout(self.deadline.left())
            return self._tls.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise

    def encrypt(self, context: ssl.SSLContext) -> None:
        """STARTTLS, and the greeting again, as it demands."""
        assert self.sock is not None, "a wire is connected when it is made"  # noqa: S101 - for the type checker
        self.sock.settimeout(self.deadline.left())
        code, words = self.starttls(context=context)
        if code != 220:
            raise smtplib.SMTPResponseException(code, words)
        self.ehlo()

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Answers(self))
        self.heard = 0
        return super().getreply()

    def send(self, s: bytes | str) -> None:  # type: ignore[override]  # smtplib takes any buffer; nobody hands it one
        left = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        try:
            while left:
                if self.sock is None:
                    raise smtplib.SMTPServerDisconnected("the connection is closed")
                self.sock.settimeout(self.deadline.left())
                left = left[self.sock.send(left) :]
        except OSError:
            self.close()
            raise

    def hand_over(self, mime: bytes, sender: str, recipient: str) -> Answer:
        """MAIL, RCPT, DATA; returns the server's last reply. `sendmail` would hide the one to DATA, which the ledger keeps.

        Raises EndingUnseenError if the mail was handed over whole and no reply was seen.
        """
        self.mails += 1
        said = Answer(*self.mail(sender), RefusedAt.SENDER)
        if said.code < 400:
            said = Answer(*self.rcpt(recipient), RefusedAt.RECIPIENT)
        if said.code < 400:
            said = Answer(*self.docmd("DATA"), RefusedAt.CONTENT)
        code, reply, _ = said
        if code >= 400:
            return said
        if code != 354:  # neither a refusal nor leave to go on: it was not handed over
            raise smtplib.SMTPDataError(code, reply)
        # Without the dot at its end no server takes it: until then nothing is in doubt.
        self.send(_DOT_FIRST.sub(b"..", mime if mime.endswith(b"\r\n") else mime + b"\r\n"))
        try:
            self.send(b".\r\n")
            return Answer(*self.getreply(), RefusedAt.CONTENT)
        except (smtplib.SMTPException, OSError) as error:
            raise EndingUnseenError(str(error)) from error

    def hang_up(self) -> None:
        """Say goodbye, if the server listens, and close."""
        self.deadline = Deadline(2.0)
        try:
            self.quit()
        except (smtplib.SMTPException, OSError):
            self.close()  # it hung up before us


class _Answers(io.RawIOBase):
    """What the server says, read with what is left of the call."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # io hands over any buffer
        sock = self._wire.sock
        if sock is None:
            return 0
        sock.settimeout(self._wire.deadline.left())
        count = sock.recv_into(buffer)
        self._wire.heard += count
        if self._wire.heard > MOST_HEARD:
            raise OSError("its answer does not end")
        return count
