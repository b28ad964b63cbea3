"""Folding the words of a mail's text part, in scripts with and without spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.text.excerpt import width

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_COLUMNS = 72

_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
#: Signs that must not begin a line, and those that must not end one (JIS X 4051).
_CLOSING, _OPENING = "[、。，．：；！？）」』】ーっゃゅょッャュョ…]", "[「『（【(“]"
#: What stays on one line: a word, or one character of a script that is written without spaces, with such signs around it.
#: A word does not take along an opening sign at its end: that belongs to what follows.
_PIECES = re.compile(rf"{_OPENING}*+(?:[{_WIDE}]|[^\s{_WIDE}]+(?<!{_OPENING})){_CLOSING}*|{_OPENING}+|\s+")


def folded(text: str, columns: int) -> Iterator[str]:
    """The text in lines of at most so many columns, broken between words, and in Japanese between characters. Wide characters
    take two columns (UAX 11).
    """
    line, size = "", 0
    for piece in _PIECES.findall(" ".join(str(text).split())):
        wide = width(piece)
        if line.strip() and size + width(piece.rstrip()) > columns:
            yield line.rstrip()
            line, size = "", 0
        if line or piece.strip():
            line, size = line + piece, size + wide
    if line.strip():
        yield line.rstrip()
