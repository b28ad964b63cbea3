"""What is asked of each database's index of words, in its own language. Nothing a person typed is part of an expression:
`words.wanted` leaves letters and digits only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.search import tokens as words
from monitor.storage import search_index as index
from monitor.storage.tables import mention_words

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A word no mention has: what a search for something that cannot be found asks for.
NOTHING = words.tag("nothing", "")
#: Words that one prefix may stand for and be named; reading that many takes some 50 ms at a million mentions.
WORDS_MOST = 300
#: The words that begin with a prefix, each found from the one before: the view itself would read every place of each word. The stop
#: (U+0001) is in no word, so what follows a word with it is the next one.
_HELD = sa.text(
    "WITH RECURSIVE held(term) AS ("
    " SELECT (SELECT term FROM mention_words_held WHERE term >= :prefix LIMIT 1)"
    " UNION ALL"
    " SELECT (SELECT term FROM mention_words_held WHERE term >= held.term || char(1) LIMIT 1) FROM held"
    " WHERE substr(held.term, 1, :letters) = :prefix"
    ") SELECT term FROM held LIMIT :most"
)


class Fts5:
    """SQLite's query language. Every word stands in quotes; words hold letters and digits only, so none ends them."""

    def __init__(self, conn: sa.Connection) -> None:
        """`conn`: where to ask which words there are."""
        self._conn = conn

    def matches(self, expression: str) -> sa.ColumnElement[bool]:
        return sa.literal_column("mention_words").op("MATCH", is_comparison=True)(expression)

    def word(self, found: tuple[str, ...], *, prefix: bool = False, title: bool = False) -> str:
        held = self._begun(found[0]) if prefix and len(found) == 1 else None
        wanted = self._phrase(found, prefix=prefix) if held is None else self.either([self._phrase((w,)) for w in held])
        return f"title : {wanted}" if title else str(wanted)

    def _begun(self, prefix: str) -> Sequence[str] | None:
        """The words in the index that begin so; None if they are too many to name.

        FTS5 would put together all that holds one of them, however old, before it tells the first; named, they are read from the newest back.
        """
        held = self._conn.scalars(_HELD, {"prefix": prefix, "letters": len(prefix), "most": WORDS_MOST + 2}).all()
        begun = [word for word in held if word is not None and word.startswith(prefix)]
        return None if len(begun) > WORDS_MOST else begun or [NOTHING]

    def _phrase(self, found: tuple[str, ...], *, prefix: bool = False) -> str:
        return f'"{" ".join(found)}"' + ("*" if prefix else "")

    def near(self, one: words.Wanted, other: words.Wanted, distance: int) -> str:
        left, right = (self._phrase(side.words, prefix=side.prefix) for side in (one, other))
        return f"NEAR({left} {right}, {distance})"

    def both(self, parts: Sequence[str]) -> str:
        return "(" + " AND ".join(parts) + ")"

    def either(self, parts: Sequence[str]) -> str | None:
        return "(" + " OR ".join(parts) + ")" if parts else None

    def without(self, positive: str | None, excluded: Sequence[str]) -> str:
        return f"({positive or self.word((index.EVERYTHING,))} NOT {self.either(excluded)})"


class TsQuery:
    """PostgreSQL's tsquery, written out: its own parser never sees a text."""

    def matches(self, expression: str) -> sa.ColumnElement[bool]:
        return mention_words.c.words.op("@@", is_comparison=True)(_as_query(expression))

    def holds(self, expression: str) -> sa.ColumnElement[bool]:
        """The same, compared with the words of each mention that other conditions leave: no index knows this form."""
        held = sa.func.coalesce(mention_words.c.words, sa.literal_column("''::tsvector"))
        return held.op("@@", is_comparison=True)(_as_query(expression))

    def word(self, found: tuple[str, ...], *, prefix: bool = False, title: bool = False) -> str:
        weight = "A" if title else ""
        marks = [weight] * len(found)
        marks[-1] += "*" if prefix else ""
        parts = [f"'{word}'" + (f":{mark}" if mark else "") for word, mark in zip(found, marks, strict=True)]
        return "(" + " <-> ".join(parts) + ")"

    def near(self, one: words.Wanted, other: words.Wanted, distance: int) -> str:
        left, right = self.word(one.words, prefix=one.prefix), self.word(other.words, prefix=other.prefix)
        # Counted from the end of one phrase to the beginning of the other.
        ways = [f"({left} <{gap}> {right})" for gap in range(1, distance + 2)]
        ways += [f"({right} <{gap}> {left})" for gap in range(1, distance + 2)]
        # Most mentions hold not even both sides: that is told at once.
        return f"({left} & {right} & ({' | '.join(ways)}))"

    def both(self, parts: Sequence[str]) -> str:
        return "(" + " & ".join(parts) + ")"

    def either(self, parts: Sequence[str]) -> str | None:
        return "(" + " | ".join(parts) + ")" if parts else None

    def without(self, positive: str | None, excluded: Sequence[str]) -> str:
        return f"({positive or self.word((index.EVERYTHING,))} & !{self.either(excluded)})"


def _as_query(expression: str) -> sa.ColumnElement[Any]:
    return sa.cast(sa.bindparam(None, expression, sa.Text), _TsQueryType())


class _TsQueryType(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "tsquery"
