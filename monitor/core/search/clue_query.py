"""Clues as a query of the search index, and which texts the index holds as they are read.

The index parts a text into words by rules of its own (`tokens`). A text of which it holds every word that judging reads can be
found by clues; the others - hashtags run together, words that a line break tore - are always among the candidates.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.rules import clues
from monitor.core.search import nodes as q
from monitor.core.search.tokens import UNSPACED_RUN, wanted
from monitor.core.text.doc import PERCENT, fold, spell, words_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from monitor.core.rules.clues import Clue

#: What the index knows a text by that it holds as it is read; `None` in queries: the others.
AS_READ = q.Field("indexed", "as-read")
#: An index may cut longer texts.
MOST_TOKENS = 15_000
#: More words than this are not asked of the index in one question: then the widest choices are left out of it.
MOST_LEAVES = 1_500
_RUN = re.compile(UNSPACED_RUN)


def indexed_as_read(title: str, text: str, tokens: Collection[str]) -> bool:
    """Do these words of the index hold every word that judging reads in the text? Linear in its length."""
    if len(tokens) > MOST_TOKENS:
        return False
    known = frozenset(tokens)
    for part in (title, text):
        folded = fold(spell(part).text)
        if "#" in folded:
            return False
        if not all(known.issuperset(_tokens(word)) for word in set(words_in(folded)) if word != PERCENT):
            return False
    return True


@lru_cache(maxsize=65_536)
def _tokens(word: str) -> tuple[str, ...]:
    found = wanted(word)
    # A single character at the end of a run is found by what begins with it: its pair, or itself.
    return () if found is None or found.prefix else found.words


def candidates(clue: Clue) -> q.Node | None:
    """What finds every mention whose text holds the clue, and those that cannot be told; None: every mention may."""
    found = _node(_narrow(clue, MOST_LEAVES))
    return None if found is None else q.Or((found, q.Not(AS_READ)))


def _narrow(clue: Clue, most: int) -> Clue:
    """A clue that asks for no more than so many words, and is held wherever the whole one is."""
    if leaves(clue) <= most:
        return clue
    if isinstance(clue, clues.AllOf):
        kept = sorted(clue.clues, key=leaves)
        while kept and sum(map(leaves, kept)) > most:
            kept.pop()
        return clues.all_of(kept) if kept else _narrow(min(clue.clues, key=leaves), most)
    if isinstance(clue, clues.AnyOf):
        narrow = clues.any_of(_narrow(inner, max(1, most // len(clue.clues))) for inner in clue.clues)
        return narrow if leaves(narrow) <= most else clues.ANYTHING
    return clue


def leaves(clue: Clue) -> int:
    """How many words it asks for."""
    return sum(map(leaves, clue.clues)) if isinstance(clue, clues.AllOf | clues.AnyOf) else 1


def _node(clue: Clue) -> q.Node | None:
    """A clue as the index is asked for it; None: it cannot tell."""
    match clue:
        case clues.Word(text, begins):
            return _word(text, begins=begins)
        case clues.Letters(text):
            # Latin letters beside them may be the end of a longer word.
            parts = [node for run in _RUN.findall(text) if (node := _word(run, begins=False)) is not None]
            return _both(parts)
        case clues.AllOf(inner):
            return _both([node for one in inner if (node := _node(one)) is not None])
        case clues.AnyOf(inner):
            nodes = [_node(one) for one in inner]
            known = [node for node in nodes if node is not None]
            return None if len(known) < len(nodes) else _either(known)


def _word(text: str, *, begins: bool) -> q.Node | None:
    if text.startswith("#"):
        return _NONE  # no text that is indexed as it is read holds a hashtag
    found = wanted(text, prefix=begins)
    if found is None:
        return None
    *first, last = found.words
    return _both([*(q.Word(word) for word in first), q.Word(last, found.prefix)])


_NONE = q.Field("indexed", "nothing")


def _both(nodes: list[q.Node]) -> q.Node | None:
    return None if not nodes else nodes[0] if len(nodes) == 1 else q.And(tuple(nodes))


def _either(nodes: list[q.Node]) -> q.Node:
    return _NONE if not nodes else nodes[0] if len(nodes) == 1 else q.Or(tuple(nodes))
