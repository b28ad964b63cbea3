"""Mail addresses: the door that lets exactly one plain address through."""

from __future__ import annotations

import re

from monitor.core.errors import UsageError

#: RFC 5321 mailboxes as people have them: no quoting, no comments, no lists; domain labels or localhost.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def check_address(address: str) -> str:
    r"""Return the address without surrounding spaces; raises UsageError unless it is exactly one address.

    `a@x, b@y`, `a@x\\nBcc: b@y` and `"x" <a@y>` are all refused: one of them in a header would be two recipients.
    """
    stripped = address.strip(" ")
    if len(stripped) > 254 or not _ADDRESS.fullmatch(stripped) or ".." in stripped:
        shown = address if len(address) <= 60 else address[:60] + "…"
        raise UsageError(f"{shown!r} is not one mail address.", "Write it as name@example.org.")
    return stripped
