"""Does a text hold what a search asks for? The query language on one text in memory, for streams that search nothing.

The words are those of the search index (`words.py`), so a stream finds what a search of the stored mentions would.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.errors import QueryError
from monitor.core.search import tokens as words
from monitor.core.search.nodes import And, Field, Near, Not, Or, Phrase, Read, Score, Since, Until, Word
from monitor.core.search.query import TERMS_MAX
from monitor.core.search.spelling import widened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.core.search.nodes import Node, Query


class Matcher:
    """A search, ready to be asked of many texts; it reads nothing but its arguments."""

    def __init__(self, query: Query) -> None:
        """Raises QueryError for what cannot be asked of one post (a field other than `lang:`), and for a search that
        names nothing to be found: it would take in all that is said.
        """
        if query.root is None or not _names_something(query.root):
            raise QueryError(
                "A stream needs at least one word that its posts must hold.", "Write the words, such as: Keio iPS."
            )
        _refuse(query.root)
        self._root = widened(query.root)

    def __call__(self, texts: Iterable[str], lang: str = "") -> bool:
        """Do these texts, taken as one of several parts, hold it? A phrase does not reach from one part into the next."""
        return _holds(self._root, _Said([words.split(text) for text in texts], lang.lower()))


@lru_cache(maxsize=4 * TERMS_MAX)
def _wanted(text: str, *, prefix: bool = False) -> words.Wanted | None:
    """`words.wanted`, once for each word and not once for each post."""
    return words.wanted(text, prefix=prefix)


class _Said:
    """One text as its words, a line for each part: what stands between spaces is a word."""

    def __init__(self, parts: list[list[str]], lang: str) -> None:
        self.parts, self.lang = parts, lang
        self.line = "\n".join(f" {' '.join(part)} " for part in parts)


def _names_something(node: Node) -> bool:
    """Must a text hold a word for this to be true of it?"""
    match node:
        case Word(text) | Phrase(text):
            return _wanted(text) is not None
        case Near(left, right):
            return _names_something(left) or _names_something(right)
        case And(nodes):
            return any(_names_something(part) for part in nodes)
        case Or(nodes):
            return all(_names_something(part) for part in nodes)
    return False


def _refuse(node: Node) -> None:
    match node:
        case Field(name, value) if name != "lang":
            _no_field(name, value)
        case Since() | Until() | Read() | Score():
            _no_field(type(node).__name__.lower(), "...")
        case Not(inner):
            _refuse(inner)
        case And(nodes) | Or(nodes):
            for part in nodes:
                _refuse(part)


def _no_field(name: str, value: str) -> None:
    raise QueryError(f"{name}:{value} cannot be asked of a stream.", "Of the fields only lang: can, such as lang:ja.")


def _holds(node: Node, said: _Said) -> bool:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case Word(text, prefix):
            return _has(_wanted(text, prefix=prefix), said)
        case Phrase(text):
            return _has(_wanted(text), said)
        case Near():
            return _near(node, said)
        case Field(_, value):
            return said.lang == value or said.lang.startswith(f"{value}-")
        case Not(inner):
            return not _holds(inner, said)
        case And(nodes):
            return all(_holds(part, said) for part in nodes)
        case Or(nodes):
            return any(_holds(part, said) for part in nodes)
    raise TypeError(node)


def _has(wanted: words.Wanted | None, said: _Said) -> bool:
    """`!!!` holds no word, and asks for nothing."""
    if wanted is None:
        return True
    return f" {' '.join(wanted.words)}{'' if wanted.prefix else ' '}" in said.line


def _near(node: Near, said: _Said) -> bool:
    one, other = (_wanted(side.text, prefix=isinstance(side, Word) and side.prefix) for side in (node.left, node.right))
    if one is None or other is None:
        return _has(one or other, said)
    return any(
        _between(left, len(one.words), right, len(other.words)) <= node.distance
        for part in said.parts
        for left in _places(one, part)
        for right in _places(other, part)
    )


def _between(left: int, left_words: int, right: int, right_words: int) -> int:
    """Words between two that begin at these places."""
    return right - (left + left_words) if left <= right else left - (right + right_words)


def _places(wanted: words.Wanted, part: list[str]) -> Iterator[int]:
    """Where the words begin in a part."""
    *first, last = wanted.words
    for at in range(len(part) - len(first)):
        end = part[at + len(first)]
        if (end.startswith(last) if wanted.prefix else end == last) and part[at : at + len(first)] == first:
            yield at
