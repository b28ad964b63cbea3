"""Letters as words and as mails: written from templates, one for each language; as a draft that a person sends, or for our server."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import TYPE_CHECKING

from babel.dates import format_date

from monitor.core.digests.address import check_address
from monitor.core.wording import Wording
from monitor.mail.dkim import unsigned
from monitor.mail.headers import address_header, plain_header, text_header

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from jinja2 import Environment

    from monitor.core.letters.letter import Letter
    from monitor.core.letters.points import LetterContent

#: Full-width numbers of points, as Japanese letters have them.
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class LetterPrinter:
    """Implements ports.LetterPrinter. `sender` is HYPEWATCH_MAIL_FROM; `key` makes Message-IDs that nobody can guess."""

    sender: str
    key: str = field(repr=False)
    signed: Callable[[bytes], bytes] = unsigned  # a mail with its DKIM signature, if there is a key

    def write(self, content: LetterContent) -> tuple[str, str]:
        """See ports: the first line of a template is the subject."""
        return _written(f"{content.language}.txt", letter=content)

    def remind(self, letter: Letter, signer: Sequence[str]) -> tuple[str, str]:
        """See ports."""
        return _written(f"{letter.language}-reminder.txt", letter=letter, signer=signer)

    def draft_file(self, *, subject: str, text: str, recipient: str) -> bytes:
        """See ports. Raises UsageError unless `recipient` is one address or ""."""
        head = [text_header("Subject", subject)]
        if recipient:
            head.append(address_header("To", "", check_address(recipient)))
        head.append(plain_header("X-Unsent", "1"))
        return _bytes(head, text)

    def mail(
        self, *, subject: str, text: str, recipient: str, reply_to: str, letter_id: int, number: int, now: datetime
    ) -> tuple[str, bytes]:
        """See ports. Raises UsageError unless `recipient` is one address, and `reply_to` one or ""."""
        name, address = parseaddr(self.sender)
        address = check_address(address)
        tag = hashlib.sha256(f"letter|{letter_id}|{number}|{self.key}".encode()).hexdigest()[:24]
        message_id = f"<letter.{tag}@{address.rpartition('@')[2]}>"
        head = [
            text_header("Subject", subject),
            address_header("From", name, address),
            address_header("To", "", check_address(recipient)),
            plain_header("Reply-To", check_address(reply_to) if reply_to else address),
            plain_header("Date", format_datetime(now)),
            plain_header("Message-ID", message_id),
        ]
        return message_id, self.signed(_bytes(head, text))


def _bytes(head: Sequence[str], text: str) -> bytes:
    body = EmailMessage(policy=SMTP)
    body.set_content(text, cte="quoted-printable")
    return "".join(f"{line}\r\n" for line in head).encode("ascii") + body.as_bytes()


def _written(template: str, **values: object) -> tuple[str, str]:
    subject, _, body = _environment().get_template(template).render(values).partition("\n")
    return subject.strip(), f"{body.strip()}\n"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("monitor.mail", "templates/letters"),
        autoescape=False,  # noqa: S701 - plain text: what others wrote is on one line each (core.letters.points)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["long_date"] = _long_date
    environment.filters["wide"] = lambda number: str(number).translate(_WIDE)
    return environment


def _long_date(day: date, language: str) -> str:
    """A date in full: 24 March 2025, 2025年3月24日, 24 de marzo de 2025."""
    return format_date(day, "long", locale=Wording(language).locale)
