"""Mail addresses: the door that lets exactly one plain address through."""

from __future__ import annotations

import re

import idna

from monitor.core.errors import UsageError

#: RFC 1035: the characters of a domain.
MOST_DOMAIN = 253
#: RFC 5321 mailboxes as people have them: no quoting, no comments, no lists; domain labels or localhost.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def check_address(address: str) -> str:
    r"""Return the address as mail servers take it; raises UsageError unless it is exactly one address.

    Without surrounding spaces, its domain in ASCII: `ada@exämple.org` is `ada@xn--exmple-cua.org` (RFC 5890). A name of other
    letters before the @ is refused, as many servers still do not take it (RFC 6531).
    `a@x, b@y`, `a@x\\nBcc: b@y` and `"x" <a@y>` are all refused: one of them in a header would be two recipients.
    """
    stripped = _in_ascii(address.strip(" "))
    if len(stripped) > 254 or not _ADDRESS.fullmatch(stripped) or ".." in stripped:
        shown = address if len(address) <= 60 else address[:60] + "…"
        hint = "Write it as name@example.org."
        if not address.partition("@")[0].isascii():
            hint = "Before the @ there can be letters without accents only, since many mail servers take no others."
        raise UsageError(f"{shown!r} is not one mail address.", hint)
    return stripped


def _in_ascii(address: str) -> str:
    """The address with its domain in ASCII; as it is, if that cannot be."""
    local, at, domain = address.rpartition("@")
    if domain.isascii() or len(domain) > MOST_DOMAIN:
        return address
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return address
