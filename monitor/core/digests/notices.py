"""Reading a notice of non-delivery (RFC 3464; RFC 6533 for addresses in other letters). Pure: bytes in, what they say out.

Anybody can send such a mail, so nothing in it is believed here: `pipeline.bounces` asks whether the mail that it tells of is
ours. Python's own parser takes every byte for something; what is broken ends as "no notice".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.digests.address import check_address
from monitor.core.digests.bounces import is_hard, shown, status_in
from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of a mail that are read: what tells of the delivery stands before the returned mail.
MOST_BYTES = 1_000_000
#: Parts in parts: an honest notice has five or six. The parser asks each line of a mail for the end of every open part.
MOST_PARTS = 40
#: Addresses that one notice may tell of; our mails have one.
MOST_RECIPIENTS = 20
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ID_LINE = re.compile(r"(?im)^message-id:[ \t]*(<[^<>\s]{1,250}>)")
#: `smtp; 550 5.1.1 <ada@example.org>: unknown`
_CODE = re.compile(r"(?:smtp;)? ?[245]\d\d[ -]", re.IGNORECASE)
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED = {"message/rfc822", "message/global", "message/global-headers"}


class Kind(StrEnum):
    """What a mail is that came to the address for mail that comes back."""

    BOUNCE = "bounce"
    DELAYED = "delayed"  # it is still being tried
    ARRIVED = "arrived"
    AUTO_REPLY = "auto-reply"  # out of office, and other answers of a machine
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """One address that a mail did not reach. `addresses`: as we wrote it, then where it went to, if that differs."""

    addresses: tuple[str, ...]
    status: str
    hard: bool
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a mail says. `message_id` is that of the mail which came back, "" where it is not told."""

    kind: Kind
    returned: tuple[Returned, ...] = ()
    message_id: str = ""


def read_notice(raw: bytes) -> Notice:
    """What a mail says of others' delivery. Nothing in it is certain, and no bytes raise."""
    raw = raw[:MOST_BYTES]
    if len(re.findall(rb"boundary", raw, re.IGNORECASE)) > MOST_PARTS:
        return Notice(kind=Kind.OTHER)
    try:
        mail = message_from_bytes(raw)
        return _report(mail) or _failed_header(mail) or Notice(kind=_other(mail))
    except (RecursionError, ValueError, LookupError, AssertionError):
        # Parts in parts in parts, or a charset or a header that Python's parser stumbles over: no honest server's notice.
        return Notice(kind=Kind.OTHER)


def _report(mail: Message) -> Notice | None:
    """A report in parts, as nearly all mail servers send it."""
    parts = list(_outer(mail))
    blocks = [block for part in parts if part.get_content_type() in _REPORTS for block in _blocks(part)]
    told = [(block, _action(block)) for block in blocks[: 1 + MOST_RECIPIENTS] if _addresses(block)]
    if not told:
        return None
    returned = tuple(_returned(block) for block, kind in told if kind is Kind.BOUNCE)
    if returned:
        return Notice(kind=Kind.BOUNCE, returned=returned, message_id=_original_id(parts))
    return Notice(kind=told[0][1])


def _outer(mail: Message) -> Iterator[Message]:
    """The parts of a mail without those of mails that it holds: a returned mail may itself be a notice."""
    waiting = [mail]
    for _ in range(4 * MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += [inner for inner in part.get_payload() if isinstance(inner, Message)]
        else:
            yield part


def _blocks(part: Message) -> list[Message]:
    """The blocks of fields of a delivery-status: of the mail, then of each address."""
    inner = part.get_payload()
    return [block for block in inner if isinstance(block, Message)] if isinstance(inner, list) else []


def _action(block: Message) -> Kind:
    action = _field(block, "Action").lower()
    status = _status(block)
    if action == "failed" or (not action and status[:1] in {"4", "5"}):
        return Kind.ARRIVED if status[:1] == "2" else Kind.BOUNCE
    if action == "delayed":
        return Kind.DELAYED
    return Kind.ARRIVED if action in {"delivered", "relayed", "expanded"} else Kind.OTHER


def _returned(block: Message) -> Returned:
    status = _status(block)
    reply = _field(block, "Diagnostic-Code").partition(";")[2].strip() or _field(block, "Status")
    return Returned(addresses=_addresses(block), status=status, hard=is_hard(status), reply=shown(reply))


def _status(block: Message) -> str:
    """The Status field; where it says nothing (5.0.0), what the server's own words begin with."""
    status = status_in(_field(block, "Status"))
    if status and not status.endswith(".0.0"):
        return status
    words = _field(block, "Diagnostic-Code")
    code = re.match(_CODE, words)
    return (status_in(words[code.end() :]) if code else "") or status


def _addresses(block: Message) -> tuple[str, ...]:
    found = (_address(_field(block, name)) for name in ("Original-Recipient", "Final-Recipient"))
    return tuple(dict.fromkeys(address for address in found if address))


def _address(value: str) -> str:
    """`rfc822; <ada@example.org>` -> ada@example.org; "" for what is none."""
    try:
        return check_address(value.rpartition(";")[2].strip().removeprefix("<").removesuffix(">")).lower()
    except UsageError:
        return ""


def _field(block: Message, name: str) -> str:
    """A field on one line. RFC 6533 has it in UTF-8, which the parser keeps as bytes that are no ASCII."""
    found = next((str(value) for key, value in block.raw_items() if key.lower() == name.lower()), "")
    return " ".join(found.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def _original_id(parts: list[Message]) -> str:
    """The Message-ID of the returned mail, or of its headers alone."""
    for part in parts:
        kind, inner = part.get_content_type(), part.get_payload()
        if kind in _RETURNED and isinstance(inner, list):
            found = next((_field(mail, "Message-ID") for mail in inner if isinstance(mail, Message)), "")
        elif kind == "text/rfc822-headers":
            found = _field(message_from_string(_text(part)), "Message-ID")
        else:
            continue
        if known := _MESSAGE_ID.search(found):
            return known.group()
    return ""


def _failed_header(mail: Message) -> Notice | None:
    """Exim, and some big providers, name the addresses in a header of their own; the returned mail may stand in the text."""
    listed = str(mail.get("X-Failed-Recipients", "")).split(",")[:MOST_RECIPIENTS]
    addresses = [address for address in map(_address, listed) if address]
    if not addresses:
        return None
    parts = list(_outer(mail))
    texts = [_text(part) for part in parts if part.get_content_type() == "text/plain"]
    in_text = next((found.group(1) for text in texts if (found := _ID_LINE.search(text))), "")
    returned = tuple(
        Returned(
            addresses=(address,), status="", hard=False, reply="It is named among those that a mail did not reach."
        )
        for address in addresses
    )
    return Notice(kind=Kind.BOUNCE, returned=returned, message_id=_original_id(parts) or in_text)


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""


def _other(mail: Message) -> Kind:
    """RFC 3834, and the headers of programs that are older."""
    said = _field(mail, "Auto-Submitted").lower()
    machine = bool(said) and said != "no"
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    precedence = _field(mail, "Precedence").lower()
    return Kind.AUTO_REPLY if machine or precedence == "auto_reply" or any(map(mail.get, marks)) else Kind.OTHER
