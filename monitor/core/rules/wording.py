"""Words that a phrase finds: of each choice the first, nothing that is optional, nothing for a gap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import tokens_of
from monitor.core.text.doc import is_cjk
from monitor.core.text.numbers import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def wording(phrase: str, classes: Mapping[str, Sequence[str]], number: Callable[[str], str]) -> str:
    """Words that a phrase which `phrase.parse` has read finds. A word class gives the words of its first phrase (its name,
    if it has none), `number` those of a number of a type (one of numbers.TYPES).
    """
    if is_cjk(phrase) and not re.search(r"[<(]", phrase):
        return re.sub(r"\.\.\.?|…|\s", "", phrase.partition("|")[0])
    return _Writer(tokens_of(phrase), classes, number).first_of(inside=False)


class _Writer:
    """Walks over the tokens of one phrase."""

    def __init__(
        self, tokens: Sequence[tuple[str, str, int]], classes: Mapping[str, Sequence[str]], number: Callable[[str], str]
    ) -> None:
        self._tokens, self._classes, self._number, self._at = tokens, classes, number, 0

    def first_of(self, *, inside: bool) -> str:
        """The first alternative up to the closing parenthesis or the end; none, if one of them is empty.

        Outside of parentheses a bar binds the single words beside it only.
        """
        options: list[list[str]] = [[]]
        bound = False
        while self._at < len(self._tokens):
            kind, value, _ = self._tokens[self._at]
            self._at += 1
            if kind == "close":
                break
            if kind == "bar":
                bound = not inside
                if inside:
                    options.append([])
            elif kind not in {"space", "gap"}:
                words = self._words(kind, value)
                if not bound:
                    options[-1].append(words)
                bound = False
        written = [" ".join(filter(None, words)) for words in options]
        return "" if [] in options else written[0]

    def _words(self, kind: str, value: str) -> str:
        if kind == "open":
            return self.first_of(inside=True)
        if kind == "angle":
            name, _, what = value.partition(":")
            if (what or name) in TYPES:
                return self._number(what or name)
            inner = self._classes.get(name) or (name,)
            return wording(inner[0], self._classes, self._number)
        return value.removesuffix("*") if kind == "word" else value
