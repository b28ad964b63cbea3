"""A digest as bytes: headers, a text part and an HTML part. Made once, frozen, never made again."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from monitor.core.address import check_address

if TYPE_CHECKING:
    from datetime import datetime


def build_message(
    *,
    subject: str,
    text: str,
    html: str,
    sender: str,
    recipient: str,
    recipient_name: str,
    message_id: str,
    now: datetime,
    list_id: str | None = None,
    unsubscribe_url: str | None = None,
) -> bytes:
    """One message to one person, with the headers that let mail programs unsubscribe with one click (RFC 8058).

    Raises UsageError unless `recipient` is exactly one address. Line breaks in names and subjects become spaces, so
    that nothing said in a headline can become a header.
    """
    address = check_address(recipient)
    sender_name, sender_address = parseaddr(sender)
    message = EmailMessage(policy=SMTP.clone(max_line_length=200))
    message["Subject"] = _one_line(subject)
    message["From"] = Address(display_name=_one_line(sender_name), addr_spec=check_address(sender_address))
    message["To"] = Address(display_name=_one_line(recipient_name), addr_spec=address)
    message["Reply-To"] = check_address(sender_address)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if list_id and unsubscribe_url:
        message["List-Id"] = list_id
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>, <mailto:{sender_address}?subject=unsubscribe>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # A random boundary would make two compositions of the same digest differ.
    message.set_boundary(f"=_{message_id.strip('<>').partition('@')[0]}")
    return message.as_bytes()


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
