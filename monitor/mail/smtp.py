"""Handing one message to a mail server. No exception of smtplib or the socket crosses this wall."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from monitor.core.digests.bounces import status_in
from monitor.core.errors import MailPermanentError, MailTemporaryError, MailUnknownError, SettingError
from monitor.deadline import Deadline
from monitor.mail.kept import Kept
from monitor.mail.outbox import Outbox
from monitor.mail.wire import Answer, EndingUnseenError, Wire

if TYPE_CHECKING:
    from monitor.ports import Mailer

#: How long handing one mail over may take in all, seconds: less than a task that composes and sends may work (100 s), and
#: than a lease (3 min). RFC 5321 asks for ten minutes after DATA alone; the ledger handles the doubt.
TIMEOUT_S = 80.0


@dataclass(frozen=True)
class SmtpMailer:
    """A mail server: smtp:// or smtps://. The password is kept out of every text, and goes over encrypted lines only.

    `starttls` asks for encryption on smtp://; where there is a password it is asked for anyway, unless `plain_password`
    says that the line may be trusted as it is. `timeout` (seconds) is for the whole call. Connections are kept a while
    for the next mail.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False
    plain_password: bool = False
    timeout: float = TIMEOUT_S
    kept: Kept = field(default_factory=Kept, init=False, repr=False, compare=False)

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str:
        """Send to one recipient; returns who took it and with which words."""
        deadline = Deadline(self.timeout)
        try:
            code, reply, to = self._hand_over(mime, sender, recipient, deadline)
        except EndingUnseenError:
            raise MailUnknownError(
                f"{self.host} got the whole mail, and did not say whether it took it.", "It may have arrived."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise self._failed(error, deadline) from None
        words = f"{code} {reply.decode('utf-8', 'replace')}".replace("\n", " ")[:300]
        if 200 <= code < 300:
            return f"{self.host} said: {words}"
        if code >= 500:
            raise MailPermanentError(
                f"{self.host} refused the mail: {words}.",
                "Check the address, then send again.",
                status=status_in(reply.decode("ascii", "replace")),
                at=to,
            )
        raise MailTemporaryError(f"{self.host} asks to try later: {words}.", "It is tried again.")

    def greet(self) -> str:
        """Connect and say hello without sending; returns a sentence. Raises MailTemporaryError or MailPermanentError."""
        try:
            wire = self._connect(Deadline(self.timeout))
        except smtplib.SMTPAuthenticationError:
            raise MailPermanentError(
                f"{self.host} refuses our name or password.", "Check HYPEWATCH_SMTP_URL."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailTemporaryError(
                f"{self.host}:{self.port} does not answer ({error}).", "Check HYPEWATCH_SMTP_URL."
            ) from None
        wire.hang_up()
        return f"{self.host} answers."

    def _hand_over(self, mime: bytes, sender: str, recipient: str, deadline: Deadline) -> Answer:
        """On a connection that was kept, else on a new one."""
        wire = self.kept.take(deadline)
        if wire is not None:
            try:
                said = self._on(wire, mime, sender, recipient)
            except (smtplib.SMTPException, OSError):
                said = None  # closed just now, before it had the mail
            if said is not None and said.code != 421:
                return said
        return self._on(self._connect(deadline), mime, sender, recipient)

    def _on(self, wire: Wire, mime: bytes, sender: str, recipient: str) -> Answer:
        try:
            said = wire.hand_over(mime, sender, recipient)
        except BaseException:
            wire.close()
            raise
        if said.code == 421:  # RFC 5321, 3.8: the server hangs up
            wire.close()
        else:
            self.kept.give(wire)
        return said

    def _connect(self, deadline: Deadline) -> Wire:
        context = ssl.create_default_context()
        wire = Wire(self.host, self.port, deadline, tls=context if self.tls else None)
        try:
            if not self.tls and (self.starttls or (self.user and not self.plain_password)):
                self._encrypt(wire, context)
            if self.user:
                wire.login(self.user, self.password)
        except BaseException:
            wire.close()
            raise
        return wire

    def _encrypt(self, wire: Wire, context: ssl.SSLContext) -> None:
        if wire.has_extn("starttls"):
            wire.encrypt(context)
            return
        if self.user:
            raise MailTemporaryError(
                f"{self.host} offers no encryption on port {self.port}, so the password was not sent.",
                "Write smtps:// if it has a port for that; if the line to it may be trusted without, set "
                "HYPEWATCH_SMTP_PLAIN_PASSWORD=yes.",
            )
        raise MailTemporaryError(
            f"{self.host} offers no encryption on port {self.port}, so nothing was sent.",
            "Write smtps:// if it has a port for that; if the line to it may be trusted without, add ?tls=none to "
            "HYPEWATCH_SMTP_URL.",
        )

    def _failed(self, error: smtplib.SMTPException | OSError, deadline: Deadline) -> MailTemporaryError:
        """The sentence for what broke off before the server had the mail."""
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return MailTemporaryError(
                f"{self.host} refused our name or password ({error.smtp_code}).",
                "Check HYPEWATCH_SMTP_URL; it is tried again.",
            )
        if isinstance(error, ssl.SSLCertVerificationError):
            return MailTemporaryError(
                f"{self.host} showed a certificate that is not to be trusted ({error.verify_message}), so nothing was sent.",
                "Check the host in HYPEWATCH_SMTP_URL; it is tried again.",
            )
        if deadline.over:
            return MailTemporaryError(f"{self.host} took longer than {self.timeout:.0f} seconds.", "It is tried again.")
        if isinstance(error, smtplib.SMTPException):
            return MailTemporaryError(f"{self.host} broke off: {_words(error)}.", "It is tried again.")
        return MailTemporaryError(
            f"{self.host}:{self.port} could not be reached ({error}).",
            "It is tried again; check HYPEWATCH_SMTP_URL.",
        )


def _words(error: smtplib.SMTPException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def open_mailer(url: str, *, plain_password: bool = False) -> Mailer:
    """The Mailer for HYPEWATCH_SMTP_URL; raises SettingError if it is neither smtp(s):// nor outbox:.

    smtp:// is encrypted by STARTTLS, or nothing is sent; but for a server on this machine, or with `?tls=none`.
    `plain_password`: HYPEWATCH_SMTP_PLAIN_PASSWORD, the line may be plain, and the password go over it.
    """
    if url.startswith("outbox:"):
        return Outbox(Path(url.removeprefix("outbox:")))
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingError(
            "HYPEWATCH_SMTP_URL is neither a mail server nor an outbox.",
            "Write smtp://user:password@host:587 or outbox:FOLDER, with signs such as @ : / # in the password as %XX.",
        )
    tls = parts.scheme == "smtps"
    asked = parse_qs(parts.query)
    wish = asked.get("tls", [""])[-1]
    if wish not in ({""} if tls else {"", "none"}):
        raise SettingError(
            f"HYPEWATCH_SMTP_URL says tls={wish}, which means nothing to {parts.scheme}://.",
            "Leave it out: the line is encrypted; smtp://host?tls=none is the one that is not.",
        )
    plain = wish == "none" or plain_password or _is_here(parts.hostname)
    return SmtpMailer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=not tls and (not plain or asked.get("starttls", ["0"])[-1] in {"1", "yes", "true"}),
        tls=tls,
        plain_password=plain_password,
    )


def _is_here(host: str) -> bool:
    """Is it this machine? What goes to it passes no line."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
