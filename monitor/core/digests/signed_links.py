"""Signed links: one action, one person, no state on our side. Pure: key and time are arguments.

A token is `payload.signature`, both base64url: the payload is JSON `{"a": action, "i": [ids], "t": expiry}`, the
signature its HMAC-SHA-256 (RFC 2104). Tokens end up in mails, so every one leads to a page with one POST button;
nothing happens on GET.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Action(StrEnum):
    CONFIRM = "confirm"  # subscriber, and of newer mails the subscription: yes, this is my address
    UNSUBSCRIBE = "unsubscribe"  # subscription: send no more
    PAUSE = "pause"  # subscription: nothing for two weeks
    SETTINGS = "settings"  # subscription: hour, days, what is told
    ISSUE = "issue"  # subscription, number of the mail (`mail_number`): the mail itself, in a browser
    OPEN = "open"  # mention, subscription, seconds since 1970 of the mail: the mention's text with its marks
    WRONG = "wrong"  # flag, subscription, seconds since 1970 of the mail: this flag is wrong
    NOTE = "note"  # as WRONG: the letter that asks for a correction
    SEARCH = (
        "search"  # saved search, microseconds since 1970 when it was saved: what it finds, for anybody who has the link
    )


#: A "wrong flag" link is of use while its mail is being read; later the page serves.
FEEDBACK_LIFE = timedelta(days=30)
#: A text is read later too: mails are kept, and looked up when a letter is answered.
READING_LIFE = timedelta(days=90)
#: How long links about one flag or mention work; the others work for ever: unsubscribing must.
LIVES = {
    Action.WRONG: FEEDBACK_LIFE,
    Action.NOTE: FEEDBACK_LIFE,
    Action.OPEN: READING_LIFE,
    Action.SEARCH: FEEDBACK_LIFE,
}

_JSON = json.JSONEncoder(separators=(",", ":"))


def sign(key: str, action: Action, ids: tuple[int, ...] = (), *, expires: datetime | None = None) -> str:
    """Make a token. `expires` None: never (unsubscribing must always work)."""
    payload = {"a": action.value, "i": list(ids), "t": int(expires.timestamp()) if expires else 0}
    body = _JSON.encode(payload).encode()
    return f"{_encode(body)}.{_encode(_mac(key, body))}"


def verify(key: str, token: str, action: Action, now: datetime) -> tuple[int, ...] | None:
    """Read a token: its ids, or None if it is not ours, not for this action, or too old."""
    body_part, _, mac_part = token.partition(".")
    try:
        body, mac = _decode(body_part), _decode(mac_part)
    except ValueError:
        return None
    if not hmac.compare_digest(mac, _mac(key, body)):
        return None
    payload = json.loads(body)
    if payload["a"] != action.value:
        return None
    if payload["t"] and now.astimezone(UTC).timestamp() > payload["t"]:
        return None
    return tuple(payload["i"])


#: How the Message-ID of a digest begins (mail.printer): 24 hexadecimal digits.
_MAIL = re.compile(r"<digest\.([0-9a-f]{24})@")
#: A token in what we wrote: the address, the action, and what is to be taken out.
_WRITTEN = re.compile(r"(/l/[a-z-]{1,20}/)[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,100}")


def mail_number(message_id: str) -> int | None:
    """The number of a mail in links: what its Message-ID begins with; None for one that is no digest's."""
    found = _MAIL.match(message_id)
    return int(found[1], 16) if found else None


def mail_name(number: int) -> str:
    """What the Message-ID of the mail with this number begins with."""
    return f"<digest.{number:024x}@"


def without_tokens(text: str) -> str:
    """A mail as others than its reader may see it: its signed links lead nowhere."""
    return _WRITTEN.sub(r"\1…", text)


def _mac(key: str, body: bytes) -> bytes:
    return hmac.digest(key.encode(), body, "sha256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    if not text.isascii() or len(text) > 2000:
        raise ValueError(text)
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
