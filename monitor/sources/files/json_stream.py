"""One long JSON list, read value by value in bounded memory; what is broken costs itself and not what stands behind it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Characters read at a time: each value is cut from the front of what was read.
CHUNK = 65_536
#: A word, an escape or the mark between two objects, with its spaces, is not longer.
GAP = 100

_DECODER = json.JSONDecoder()


class JsonList:
    """The objects of one JSON list, one after the other, however it is broken into lines; only one is in memory."""

    def __init__(self, given: Iterable[str], *, most: int) -> None:
        """`given` are the parts of the file; a value of more than `most` characters is given up."""
        self._given = (part[at : at + CHUNK] for part in given for at in range(0, len(part), CHUNK))
        self._most = most
        self._text = ""
        self.line = self.column = 1  # of the next character

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        piece = next(self._given, "")
        self._text += piece
        return bool(piece)

    def skip(self, letters: str) -> str:
        """Pass over any of these; returns the letter after them, or "" at the end."""
        while True:
            rest = self._text.lstrip(letters)
            self.take(len(self._text) - len(rest))
            if self._text or not self.more():
                return self._text[:1]

    def take(self, size: int) -> str:
        """Pass over so many characters."""
        taken, self._text = self._text[:size], self._text[size:]
        lines = taken.count("\n")
        self.line += lines
        self.column = size - taken.rfind("\n") if lines else self.column + size
        return taken

    def value(self) -> tuple[Any, str]:
        """The next value and the text that it was; raises JSONDecodeError, after which the next object can be read."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text)
            except json.JSONDecodeError as error:
                # Not at the end of what was read: a word or escape that is cut there would be whole with what follows.
                broken = error.pos < len(self._text) - GAP and not error.msg.startswith("Unterminated string")
                too_long = len(self._text) > self._most
                if broken or too_long or not self.more():
                    self._pass_over(max(1, error.pos))
                    if too_long and not broken:
                        raise json.JSONDecodeError(f"it does not end within {self._most:,} characters", "", 0) from None
                    raise
            except RecursionError:
                self._pass_over(1)
                raise
            else:
                return value, self.take(end)

    def _pass_over(self, at: int) -> None:
        """Go to where the next object begins: after a comma or on a line of its own."""
        while True:
            found = re.search(r"\}\s*,\s*(?=\{)|\n[^\S\n]*(?=\{)", self._text[at:])
            if found:
                self.take(at + found.end())
                return
            kept = max(0, len(self._text) - GAP)
            self.take(kept)
            at = 0
            if not self.more():
                self.take(len(self._text))
                return
