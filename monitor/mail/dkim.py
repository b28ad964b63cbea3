"""Signing mails with a domain's key (DKIM, RFC 6376), so that other servers know whose they are. `dkimpy` does it.

A mail is signed when it is made and frozen with its signature: sent again it is the same, byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import TYPE_CHECKING

from monitor.core.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

#: RFC 6376, 5.4.1, and RFC 8058, 4: one-click unsubscribing counts only if both of its headers are signed.
SIGNED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted",
)  # fmt: skip
_LABELS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_INSTALL = "`pip install 'hypewatch[dkim]'` brings what signing needs."


def unsigned(mime: bytes) -> bytes:
    """A mail as it is."""
    return mime


@dataclass(frozen=True)
class DkimSigner:
    """Signs for `domain` with the private key whose public half stands in the DNS under `selector`."""

    selector: str
    domain: str
    key: bytes = field(repr=False)

    def __call__(self, mime: bytes) -> bytes:
        """The mail with its signature before it. The same mail gives another signature at another second."""
        import dkim

        present = {line.partition(b":")[0].lower() for line in mime.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        signature = dkim.sign(
            mime,
            self.selector.encode("ascii"),
            self.domain.encode("ascii"),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            # Once more than it is there: nobody can add a second one (RFC 6376, 8.15).
            include_headers=[*(name for name in SIGNED if name in present), b"from", b"subject", b"to"],
        )
        return bytes(signature) + mime


def open_signer(*, selector: str, domain: str, key: str, sender: str) -> Callable[[bytes], bytes]:
    """What signs each mail: nothing, unless a key is set. `domain`: "" is that of `sender`.

    Raises SettingError if selector and key are not both there, or are none, or `dkimpy` is not installed.
    """
    if not key and not selector:
        return unsigned
    if not key or not selector:
        missing, there = ("KEY", "SELECTOR") if not key else ("SELECTOR", "KEY")
        raise SettingError(
            f"HYPEWATCH_DKIM_{there} is set and HYPEWATCH_DKIM_{missing} is not: mails cannot be signed.",
            "Set both, or neither.",
        )
    domain = domain or parseaddr(sender)[1].rpartition("@")[2]
    for name, value in (("SELECTOR", selector), ("DOMAIN", domain)):
        if not _LABELS.fullmatch(value):
            raise SettingError(
                f"HYPEWATCH_DKIM_{name} is no name in the DNS: {value!r}.",
                "Write it as it stands there: letters, digits and dots.",
            )
    try:
        from dkim.crypto import UnparsableKeyError, parse_pem_private_key
    except ImportError:
        raise SettingError(
            "HYPEWATCH_DKIM_KEY is set, and the part that signs mails is not installed.", command=_INSTALL
        ) from None
    try:
        parse_pem_private_key(key.encode())
    except (UnparsableKeyError, ValueError):  # ValueError: bytes that are none in ASCII or base64
        raise SettingError(
            "HYPEWATCH_DKIM_KEY is no private RSA key in PEM.",
            "It begins with -----BEGIN; a file is named by HYPEWATCH_DKIM_KEY_FILE.",
        ) from None
    return DkimSigner(selector, domain, key.encode())
