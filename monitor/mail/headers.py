"""Header lines, written by ourselves: ASCII, folded only where the standards allow it.

Python's folding makes encoded words of whatever is long, also where none may stand (an unsubscribe address), and of any
length its line limit allows. RFC 2047, 2: an encoded word has at most 75 characters and ends at a whole letter.
RFC 5322, 2.1.1: no line is longer than 998 characters, and better not longer than 78.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from monitor.core.text.excerpt import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

#: RFC 2047, 2.
WORD_MAX = 75
#: RFC 5322, 2.1.1: lines better not longer.
LINE = 78
_BEGIN_B, _BEGIN_Q, _END = "=?utf-8?b?", "=?utf-8?q?", "?="
#: RFC 2047, 5 (3): what may stand for itself in an encoded word of a name, and so in any.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
#: RFC 5322, 3.2.3: a name of such words needs no quotes.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


@lru_cache(maxsize=16)  # a subject is that of many
def text_header(name: str, text: str) -> str:
    """A header that holds words for people (Subject): as it is if it fits on a line of ASCII, else in encoded words."""
    words = one_line(text)
    if _is_plain(words) and len(name) + 2 + len(words) <= LINE:
        return _line(name, [words])
    return _line(name, encoded_words(words, first=len(name) + 2))


def address_header(name: str, display: str, address: str) -> str:
    """From or To: one person, `address` checked before. The display name is quoted or encoded as it needs."""
    words = one_line(display)
    if not words:
        return _line(name, [address])
    if _is_plain(words) and len(name) + len(words) + 4 <= LINE:
        phrase = [words if _ATOMS.fullmatch(words) else '"' + re.sub(r'(["\\])', r"\\\1", words) + '"']
    else:
        phrase = encoded_words(words, first=len(name) + 2)
    return _line(name, [*phrase, f"<{address}>"])


def plain_header(name: str, *parts: str) -> str:
    """A header of machine-readable parts, which are never changed, encoded or broken; lines break between them only."""
    return _line(name, parts)


def encoded_words(text: str, *, first: int = 0) -> list[str]:
    """The text as encoded words of UTF-8, each whole in itself; `first` columns of the first line are taken.

    Readers put neighbouring encoded words together without the space between them (RFC 2047, 6.2).
    """
    # What takes less: letter by letter for most of Europe, base64 for the rest.
    in_letters = sum(len(_letter(char)) for char in text) < len(text.encode()) * 4 / 3
    begin = _BEGIN_Q if in_letters else _BEGIN_B
    words: list[str] = []
    held, size = "", 0
    room = min(WORD_MAX, LINE - first) - len(begin) - len(_END)
    for char in text:
        more = len(_letter(char)) if in_letters else len(char.encode())
        if held and (size + more if in_letters else -(-(size + more) // 3) * 4) > room:
            words.append(_word(begin, held))
            held, size, room = "", 0, WORD_MAX - len(begin) - len(_END)
        held, size = held + char, size + more
    return [*words, _word(begin, held)]


def ascii_url(url: str) -> str:
    """The same web address in ASCII, as a header must hold it: letters of a host in IDNA, others percent-encoded."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = parts.netloc.encode("idna").decode("ascii") if not parts.netloc.isascii() else parts.netloc
    safe = "/:;?@&=+$,%-._~!*'()#"
    rest = (quote(part, safe=safe) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, *rest))


def _is_plain(text: str) -> bool:
    """May it stand as it is? `=?` would be read as an encoded word."""
    return text.isascii() and "=?" not in text


def _letter(char: str) -> str:
    if char in _PLAIN:
        return char
    return "_" if char == " " else "".join(f"={byte:02X}" for byte in char.encode())


def _word(begin: str, text: str) -> str:
    inside = "".join(map(_letter, text)) if begin is _BEGIN_Q else b64encode(text.encode()).decode("ascii")
    return f"{begin}{inside}{_END}"


def _line(name: str, parts: Iterable[str]) -> str:
    """`Name: part part`, broken before a part that would end beyond the line."""
    lines = [f"{name}:"]
    for at, part in enumerate(parts):
        if at and len(lines[-1]) + 1 + len(part) > LINE:
            lines.append("")
        lines[-1] += f" {part}"
    return "\r\n".join(lines)
