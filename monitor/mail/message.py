"""A digest as bytes: headers, a text part and an HTML part. Made once, frozen, never made again."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.core.digests.address import check_address
from monitor.mail.headers import address_header, ascii_url, plain_header, text_header

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
    sender_address = check_address(sender_address)
    head = [
        text_header("Subject", subject),
        address_header("From", sender_name, sender_address),
        address_header("To", recipient_name, address),
        plain_header("Reply-To", sender_address),
        plain_header("Date", format_datetime(now)),
        plain_header("Message-ID", message_id),
    ]
    if list_id and unsubscribe_url:
        mailto = f"<mailto:{quote(sender_address, safe='@')}?subject=unsubscribe>"
        head += [
            plain_header("List-Id", list_id),
            plain_header("List-Unsubscribe", f"<{ascii_url(unsubscribe_url)}>,", mailto),
            plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    head.append(plain_header("Auto-Submitted", "auto-generated"))
    body = EmailMessage(policy=SMTP)
    body.set_content(text, cte="quoted-printable")
    body.add_alternative(html, subtype="html", cte="quoted-printable")
    # A random boundary would make two compositions of the same digest differ.
    body.set_boundary(f"=_{message_id.strip('<>').partition('@')[0]}")
    return "".join(f"{line}\r\n" for line in head).encode("ascii") + body.as_bytes()
