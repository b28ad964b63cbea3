"""A letter as an address that a mail program opens (RFC 6068). Pure."""

from __future__ import annotations

from urllib.parse import quote

#: What most mail programs and browsers take of such an address; Windows cuts at about this.
MAILTO_MAX = 2_000


def mailto(recipient: str, subject: str, body: str) -> str:
    """`mailto:` with everything percent-encoded, so that nothing in a headline becomes another field or person.

    `recipient` is one checked address or ""; it may be longer than MAILTO_MAX.
    """
    lines = "\r\n".join(body.splitlines())
    return f"mailto:{quote(recipient, safe='@')}?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"
