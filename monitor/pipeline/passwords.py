"""Passwords as they are kept: Argon2id (RFC 9106), with the numbers of OWASP's cheat sheet: 19 MiB, two passes, one lane."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.people import MOST_PASSWORD

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: Sums at a time: each takes a core and 19 MiB, and whoever may try to sign in can ask for many.
_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """What is stored of a password."""
    with _AT_ONCE:
        return _hasher().hash(_bytes(password))


def fits(kept: str | None, password: str) -> bool:
    """Is it the password? It takes as long where none is kept, so that time does not tell who has an account."""
    from argon2.exceptions import InvalidHashError, VerificationError

    given = _bytes(password[:MOST_PASSWORD])
    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _of_nobody(), given) and kept is not None and len(password) <= MOST_PASSWORD
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    """The same letters are the same password, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _of_nobody() -> str:
    return _hasher().hash(b"nobody has this password")
