"""Mail that came back: what it says of an address, and when nothing is sent there any more. Pure.

Codes alone decide: the three digits of a reply (RFC 5321, 4.2) and the enhanced status (RFC 3463, and the IANA registry of
its values). The words beside them are for people; every server writes its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import RefusedAt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

#: Mail that came back for now on so many different dates (UTC) within that time, and the address is taken for dead.
SOFT_DAYS = 3
SOFT_WITHIN = timedelta(days=14)
#: Characters of a server's words that are kept.
MOST_WORDS = 300
#: What moves a terminal's cursor or colours its words (ECMA-48, 5.4).
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
#: RFC 3463: class, subject, detail.
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
#: The address does not exist, cannot exist, has moved, or takes no mail (10: a null MX); 5.2.1: the mailbox is closed.
_HARD = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
#: Subjects of a status that speak of our mail and not of their address: protocol, content, policy.
_ABOUT_US = frozenset({"5", "6", "7"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One mail that came back. `hard`: the address takes no mail at all. `answered`: somebody said since that mail shall go
    there again, so it counts no more.

    `message_id` is that of a mail of ours which went to this person, and so the proof that the notice is no forgery; "" where
    there is none. Without it a bounce is kept for people to see, and never counts.
    """

    id: int = 0
    subscriber_id: int
    at: datetime
    status: str  # such as 5.1.1; "" where none was said
    hard: bool
    reply: str
    message_id: str = ""
    answered: bool = False


def status_in(text: str) -> str:
    """The enhanced status at the beginning of a server's words or of a Status field; "" if there is none."""
    found = re.match(_STATUS, text.strip())
    return found.group() if found else ""


def is_hard(status: str, at: RefusedAt = RefusedAt.RECIPIENT) -> bool:
    """Does the address take no mail at all? Without a status nobody can tell: "550" is also what a server says that relays nothing."""
    return at is not RefusedAt.SENDER and status in _HARD


def is_about_us(status: str) -> bool:
    """Does it refuse our mail, and say nothing of the address? Then it never counts against the person."""
    return status.split(".")[1:2] in [[subject] for subject in _ABOUT_US]


def enough(bounces: Iterable[Bounce], now: datetime) -> str:
    """Why nothing is to be sent to an address any more, a sentence; "" if mail may go on.

    One hard bounce is enough, or soft ones on SOFT_DAYS dates within SOFT_WITHIN.
    """
    counted = [
        bounce for bounce in bounces if bounce.message_id and not bounce.answered and not is_about_us(bounce.status)
    ]
    hard = next((bounce for bounce in counted if bounce.hard), None)
    if hard is not None:
        return f"The mail server says that this address takes no mail: {shown(hard.reply) or hard.status}"
    recent = [bounce for bounce in counted if now - SOFT_WITHIN < bounce.at <= now]
    if len({bounce.at.date() for bounce in recent}) < SOFT_DAYS:
        return ""
    newest = max(recent, key=lambda bounce: bounce.at)
    return f"Mail came back on {SOFT_DAYS} days within two weeks, the last time with: {shown(newest.reply) or newest.status}"


def shown(words: str) -> str:
    """A server's words on one line, without what could move a cursor or hide text, cut at MOST_WORDS."""
    words = _ESCAPES.sub(" ", words)
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return line if len(line) <= MOST_WORDS else line[: MOST_WORDS - 1] + "…"
