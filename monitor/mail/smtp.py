"""Handing one message to a mail server. No exception of smtplib or the socket crosses this wall."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from monitor.core.errors import MailPermanentError, MailTemporaryError, SettingError
from monitor.mail.outbox import Outbox

if TYPE_CHECKING:
    from monitor.ports import Mailer

#: RFC 5321 asks for ten minutes after DATA; a lease is shorter, and the ledger handles the doubt.
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class SmtpMailer:
    """A mail server: smtp:// or smtps://. The password is kept out of every text, and goes over encrypted lines only.

    `starttls` asks for encryption on smtp://; where there is a password it is asked for anyway, unless `plain_password`
    says that the line may be trusted as it is.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False
    plain_password: bool = False
    timeout: float = TIMEOUT_S

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str:
        """Send to one recipient; returns the server's words after DATA."""
        try:
            with self._connect() as server:
                code, reply = _converse(server, mime, sender, recipient)
        except smtplib.SMTPAuthenticationError as error:
            raise MailTemporaryError(
                f"{self.host} refused our name or password ({error.smtp_code}).",
                "Check HYPEWATCH_SMTP_URL; it is tried again.",
            ) from None
        except smtplib.SMTPException as error:
            raise MailTemporaryError(f"{self.host} broke off: {_words(error)}.", "It is tried again.") from None
        except OSError as error:
            raise MailTemporaryError(
                f"{self.host}:{self.port} could not be reached ({error}).",
                "It is tried again; check HYPEWATCH_SMTP_URL.",
            ) from None
        words = f"{code} {reply.decode('utf-8', 'replace')}".replace("\n", " ")[:300]
        if 400 <= code < 500:
            raise MailTemporaryError(f"{self.host} asks to try later: {words}.", "It is tried again.")
        if code >= 500:
            raise MailPermanentError(f"{self.host} refused the mail: {words}.", "Check the address, then send again.")
        return words

    def greet(self) -> str:
        """Connect and say hello without sending; returns a sentence. Raises MailTemporaryError or MailPermanentError."""
        try:
            with self._connect() as server:
                server.noop()
        except smtplib.SMTPAuthenticationError:
            raise MailPermanentError(
                f"{self.host} refuses our name or password.", "Check HYPEWATCH_SMTP_URL."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailTemporaryError(
                f"{self.host}:{self.port} does not answer ({error}).", "Check HYPEWATCH_SMTP_URL."
            ) from None
        return f"{self.host} answers."

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            server.ehlo()
            if self.starttls or (self.user and not self.tls and not self.plain_password):
                self._encrypt(server, context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _encrypt(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        if not server.has_extn("starttls"):
            kept = ", so the password was not sent" if self.user else ""
            raise MailTemporaryError(
                f"{self.host} offers no encryption on port {self.port}{kept}.",
                "Write smtps:// if it has a port for that; if the line to it may be trusted without, set "
                "HYPEWATCH_SMTP_PLAIN_PASSWORD=yes.",
            )
        server.starttls(context=context)
        server.ehlo()


def _converse(server: smtplib.SMTP, mime: bytes, sender: str, recipient: str) -> tuple[int, bytes]:
    """MAIL, RCPT, DATA step by step: `sendmail` would hide the server's reply to DATA, which the ledger keeps."""
    code, reply = server.mail(sender)
    if code < 400:
        code, reply = server.rcpt(recipient)
    if code < 400:
        try:
            code, reply = server.data(mime)
        except smtplib.SMTPDataError as error:
            code, reply = (
                error.smtp_code,
                error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode(),
            )
    return code, reply


def _words(error: smtplib.SMTPException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def open_mailer(url: str, *, plain_password: bool = False) -> Mailer:
    """The Mailer for HYPEWATCH_SMTP_URL; raises SettingError if it is neither smtp(s):// nor outbox:.

    `plain_password`: HYPEWATCH_SMTP_PLAIN_PASSWORD, the password may go over a line without encryption.
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
    return SmtpMailer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parse_qs(parts.query).get("starttls", ["0"])[-1] in {"1", "yes", "true"},
        tls=tls,
        plain_password=plain_password,
    )
