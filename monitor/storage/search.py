"""Search: a Query becomes one expression of the index, or SQL where the index cannot tell.

Words and filters are answered inside the index, newest first by row id, so the newest fifty cost the same among a
thousand mentions and among a million. Dates are columns.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.items.mention_id import end_id, first_id
from monitor.core.search import tokens as words
from monitor.core.search.nodes import And, Field, Near, Not, Or, Phrase, Query, Read, Score, Since, Until, Word
from monitor.core.search.spelling import widened
from monitor.storage import search_index as index
from monitor.storage.eras import FURTHER, era_words
from monitor.storage.items.mentions import load
from monitor.storage.items.stories import standing_story
from monitor.storage.search_language import NOTHING, Fts5, TsQuery
from monitor.storage.tables import DATED_BACK, flags, letters, mention_words, mentions, sources, storable, stories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from monitor.core.mention import Mention
    from monitor.core.search.nodes import Node
    from monitor.storage.database import Database

#: Counts shown of each facet, the most frequent first.
FACET_VALUES = 50
#: Sources that one `source:` may mean.
SOURCES_MAX = 200
#: Names of sources that are looked at for one that may be meant.
NAMES_MAX = 5_000
#: Digits of a number that every database holds.
_DIGITS_MOST = 18
#: The newest mentions, whose words are compared one by one before the index is asked: so many, or twice as many as are wanted.
_LOOKED_AT = 1_000


class SearchRows:
    """Store: search, count, facets, knows, source_names, names_of, languages."""

    _db: Database

    def search(self, query: Query, *, limit: int = 50, before: int | None = None) -> Sequence[Mention]:
        with self._db.read() as conn:
            return tuple(load(conn, Search(self._db, conn, query).newest(limit, before=before)))

    def count(self, query: Query, *, most: int | None = None) -> int:
        with self._db.read() as conn:
            found = Search(self._db, conn, query)
            if most is not None:
                return len(found.newest(most))
            return int(conn.scalar(sa.select(sa.func.count()).select_from(found.table).where(*found.where)) or 0)

    def facets(self, query: Query, *, most: int) -> Mapping[str, Mapping[str, int]]:
        m = mentions.c
        with self._db.read() as conn:
            found = self._db.among(Search(self._db, conn, query).newest(most))
            together = sa.select(m.source_id, m.network, m.lang, sa.func.count().label("n")).where(m.id.in_(found))
            totals: dict[str, Counter[Any]] = {"source": Counter(), "network": Counter(), "lang": Counter()}
            for row in conn.execute(together.group_by(m.source_id, m.network, m.lang)):
                totals["source"][row.source_id] += row.n
                totals["network"][row.network] += row.n
                totals["lang"][row.lang] += row.n
            chosen = dict(totals["source"].most_common(FACET_VALUES))
            keys = conn.execute(sa.select(sources.c.id, sources.c.key).where(sources.c.id.in_(chosen)))
            named = [(row.key, chosen[row.id]) for row in keys]
            each = sa.func.count(flags.c.mention_id.distinct())
            raised = sa.select(flags.c.drift, each).where(index.stands(), flags.c.mention_id.in_(found))
            drift = conn.execute(raised.group_by(flags.c.drift)).all()
        return {
            "source": _most(named),
            "network": _most(totals["network"].items()),
            "lang": _most(totals["lang"].items()),
            "drift": _most(drift),
        }

    def knows(self, field: str, value: str) -> bool:
        with self._db.read() as conn:
            if field == "source":
                return bool(meant(conn, value))
            asked = {
                "rule": flags.c.rule == value,
                "study": mentions.c.study_id == value,
                "story": stories.c.id == _story(conn, value),
            }[field]
            return bool(conn.scalar(sa.select(sa.exists().where(asked))))

    def source_names(self) -> Sequence[str]:
        with self._db.read() as conn:
            rows = conn.execute(sa.select(sources.c.key, sources.c.name).order_by(sources.c.id.desc()).limit(NAMES_MAX))
            return sorted({name for row in rows for name in row if name})

    def names_of(self, keys: Collection[str]) -> Mapping[str, str]:
        with self._db.read() as conn:
            chosen = sa.select(sources.c.key, sources.c.name).where(sources.c.key.in_(sorted(keys)))
            return {row.key: row.name for row in conn.execute(chosen) if row.name}

    def languages(self, query: Query) -> Mapping[str, int]:
        m = mentions.c
        with self._db.read() as conn:
            matched = matching(self._db, conn, query)
            inside = [] if matched is None else [m.id.in_(matched)]
            return _most(
                (row.lang, row.n)
                for row in conn.execute(sa.select(m.lang, sa.func.count().label("n")).where(*inside).group_by(m.lang))
            )


def matching(db: Database, conn: sa.Connection, query: Query) -> sa.Select[Any] | None:
    """The mentions that a query finds; None if it finds all."""
    if query.root is None:
        return None
    found = Search(db, conn, query)
    return sa.select(found.key.label("id")).select_from(found.table).where(*found.where)


def _most(rows: Iterable[Any]) -> dict[str, int]:
    counts = sorted(((str(value), int(count)) for value, count in rows), key=lambda pair: (-pair[1], pair[0]))
    return dict(counts[:FACET_VALUES])


def _story(conn: sa.Connection, value: str) -> int:
    """The story that a `story:` means: one that went into another means that. 0, which none has, if it is no number of one."""
    return standing_story(conn, int(value)) if value.isdecimal() and len(value) <= _DIGITS_MOST else 0


class Search:
    """What to select from and where: `key` is the mention's id in `table`."""

    def __init__(self, db: Database, conn: sa.Connection, query: Query) -> None:
        """Reads which sources a `source:` means; finds nothing else yet."""
        self._db, self._conn = db, conn
        self._index: Fts5 | TsQuery = Fts5(conn) if db.sqlite else TsQuery()
        self._rowid = mention_words.c.rowid if db.sqlite else mention_words.c.mention_id
        root = None if query.root is None else widened(query.root)
        self._asked, self._others = self._split(root)
        self.key: sa.ColumnElement[int] = mentions.c.id
        self.table: Any = mentions
        if self._asked is not None:
            self.key = self._rowid
            joined = mention_words.join(mentions, mentions.c.id == self._rowid)
            self.table = joined if self._others else mention_words
            self._asked, exact = self._indexed(self._asked, root)
            self._others += exact
        # Everything found is published in between, so that the index need not be read beyond.
        self._oldest = max((first_id(part.moment) for part in _parts(root) if isinstance(part, Since)), default=0)
        self._until = min((end_id(part.moment) for part in _parts(root) if isinstance(part, Until)), default=None)
        self.where = [*self._matched(), *self._others, *([self.key >= self._oldest] if self._oldest else [])]

    def newest(self, limit: int, *, before: int | None = None) -> list[int]:
        """The numbers of the newest mentions found, the newest first; with `before` of those with a smaller number."""
        if self._until is None or (before is not None and before <= self._until):
            return self._newest(limit, before)
        # Mentions from after that day need not be looked at, but for the few that were given an earlier date since.
        back = sa.select(mentions.c.id).where(mentions.c.id >= self._until, sa.text(DATED_BACK))
        if before is not None:
            back = back.where(mentions.c.id < before)
        late = sa.select(self.key).select_from(self.table).where(*self.where, self.key.in_(back))
        ids = list(self._conn.scalars(late.order_by(self.key.desc()).limit(limit)))
        return [*ids, *self._newest(limit - len(ids), self._until)]

    def _newest(self, limit: int, before: int | None) -> list[int]:
        if self._asked is not None and not self._db.sqlite:
            return self._looked_for(limit, before)
        statement = sa.select(self.key).select_from(self.table).where(*self.where)
        if before is not None:
            statement = statement.where(self.key < before)
        return list(self._conn.scalars(statement.order_by(self.key.desc()).limit(limit)))

    def _looked_for(self, limit: int, before: int | None) -> list[int]:
        """PostgreSQL: among the very newest, then further and further back, until there are enough."""
        numbers = sa.select(self._rowid).order_by(self._rowid.desc())
        if before is not None:
            numbers = numbers.where(self._rowid < before)
        upper = self._conn.scalar(numbers.limit(1))
        if upper is None:
            return []
        lower = self._conn.scalar(numbers.offset(max(_LOOKED_AT, 2 * limit)).limit(1)) or 0
        # Ordered and bounded by a sum, which no index knows: PostgreSQL thinks words cheap to compare, and would rather
        # compare those of every mention, the newest first, than ask the index of words.
        number = self.key + 0
        wanted = sa.select(self.key).select_from(self.table).where(*self._others, number >= self._oldest)
        wanted = wanted.order_by(number.desc())
        ids = list(self._conn.scalars(wanted.where(*self._matched(), self.key.between(lower, upper)).limit(limit)))
        more = len(ids)
        while len(ids) < limit and lower > self._oldest:
            # Twice as far as what is missing would need, if it were as frequent there.
            times = min(FURTHER, 1 + 2 * (limit - len(ids)) // max(more, 1))
            eras, begin = era_words(lower - times * (upper - lower), lower)
            older = wanted.where(*self._matched(eras), self.key < lower).limit(limit - len(ids))
            found = self._conn.scalars(older).all()
            ids += found
            more, upper, lower = len(found), lower, begin
        return ids

    def _matched(self, eras: Sequence[str] = ()) -> list[sa.ColumnElement[bool]]:
        """What the index is asked, of certain eras."""
        if self._asked is None:
            return []
        among = self._index.either([self._index.word((era,)) for era in eras])
        return [self._index.matches(self._index.both([self._asked, among]) if among else self._asked)]

    def _indexed(self, expression: str, root: Node | None) -> tuple[str, list[sa.ColumnElement[bool]]]:
        """What the index is asked, and what is compared afterwards: on PostgreSQL NEAR, which would be dozens of questions to its index."""
        inside = [part for part in _parts(root) if _in_index(part)]
        if isinstance(self._index, Fts5) or not any(map(_has_near, inside)):
            return expression, []
        sides = self._all([loose for part in inside if (loose := _sides(part)) is not None])
        return sides or self._index.word((index.EVERYTHING,)), [self._index.holds(expression)]

    def _split(self, root: Node | None) -> tuple[str | None, list[sa.ColumnElement[bool]]]:
        """What the index answers of a query, and the rest, both of which must hold."""
        parts = _parts(root)
        inside = [part for part in parts if _in_index(part)]
        expression = None
        if inside:
            expression = self._expression(And(tuple(inside)))
            if expression is None and len(inside) == len(parts):
                expression = self._index.word((NOTHING,))  # `!!!` holds no word at all
        return expression, [self._condition(part) for part in parts if not _in_index(part)]

    def _condition(self, node: Node) -> sa.ColumnElement[bool]:  # noqa: PLR0911 - one line for each kind of node
        match node:
            case Since(moment):
                return mentions.c.published >= moment
            case Until(moment):
                return mentions.c.published < moment
            case Read(moment):
                return index.read_since(moment)
            case Field("has", "letter"):
                return mentions.c.id.in_(sa.select(letters.c.mention_id))
            case Not(inner):
                return sa.not_(self._condition(inner))
            case And(nodes):
                return sa.and_(*(self._condition(part) for part in nodes))
            case Or(nodes):
                return sa.or_(*(self._condition(part) for part in nodes))
        inside = self._expression(node) or self._index.word((NOTHING,))
        return mentions.c.id.in_(sa.select(self._rowid).select_from(mention_words).where(self._index.matches(inside)))

    def _expression(self, node: Node) -> str | None:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of node
        """A node in the index's own language; None if it holds no word."""
        match node:
            case Word(text, prefix):
                return self._words(text, prefix=prefix)
            case Phrase(text):
                return self._words(text)
            case Near(left, right, distance):
                return self._near(left, right, distance)
            case Field("title", value):
                return self._words(value, title=True)
            case Field("author", value):
                return self._author(value)
            case Score(least, most):
                return self._index.either([self._index.word((tag,)) for tag in index.score_tags(least, most)])
            case Field("source", value):
                return self._index.either(
                    [self._index.word((words.tag("source", key),)) for key in meant(self._conn, value) or [0]]
                )
            case Field("flagged" | "reviewed" as name, value):
                yes = self._index.word((words.tag(name, "yes"),))
                return yes if value == "yes" else self._index.without(None, [yes])
            case Field("story", value):
                return self._index.word((words.tag("story", _story(self._conn, value)),))
            case Field(name, value):
                return self._index.word((words.tag(name, value),))
            case Not(inner):
                excluded = self._expression(inner)
                return None if excluded is None else self._index.without(None, [excluded])
            case Or(nodes):
                return self._index.either([found for part in nodes if (found := self._expression(part))])
            case And(nodes):
                return self._all(nodes)
        raise TypeError(node)

    def _all(self, nodes: Sequence[Node]) -> str | None:
        wanted: list[str] = []
        excluded: list[str] = []
        for node in nodes:
            negative = isinstance(node, Not)
            found = self._expression(node.node if isinstance(node, Not) else node)
            if found is not None:
                (excluded if negative else wanted).append(found)
        positive = self._index.both(wanted) if wanted else None
        return self._index.without(positive, excluded) if excluded else positive

    def _words(self, text: str, *, prefix: bool = False, title: bool = False) -> str | None:
        found = words.wanted(text, prefix=prefix)
        return None if found is None else self._index.word(found.words, prefix=found.prefix, title=title)

    def _author(self, value: str) -> str | None:
        """All these words in a name, the last of them perhaps only begun."""
        found = words.wanted(value, prefix=True)
        if found is None:
            return None
        *first, last = found.words
        parts = [self._index.word((words.tag("author", word),)) for word in first]
        if len(last) <= index.BEGINNINGS:
            parts.append(self._index.word((words.tag("begins", last),)))
        else:
            parts.append(self._index.word((words.tag("author", last),), prefix=True))
        return self._index.both(parts)

    def _near(self, left: Word | Phrase, right: Word | Phrase, distance: int) -> str | None:
        sides = [words.wanted(side.text, prefix=isinstance(side, Word) and side.prefix) for side in (left, right)]
        one, other = sides
        if one is None or other is None:
            present = one or other
            return None if present is None else self._index.word(present.words, prefix=present.prefix)
        return self._index.near(one, other, distance)


def meant(conn: sa.Connection, value: str) -> list[int]:
    """Sources by key, handle, name, or a whole part of the domain (`bbc` means news.bbc.co.uk too)."""
    plain = storable(value).strip().removeprefix("@")
    key = sources.c.key
    statement = (
        sa.select(sources.c.id)
        .where(
            sa.or_(
                key == plain,
                key.endswith(f".{plain}", autoescape=True),
                key.endswith(f":{plain}", autoescape=True),
                key.startswith(f"{plain}.", autoescape=True),
                key.contains(f".{plain}.", autoescape=True),
                sa.func.lower(sources.c.name) == plain,
            )
        )
        .order_by(key == plain, sources.c.id)
        .limit(SOURCES_MAX)
    )
    return list(conn.scalars(statement))


def _parts(root: Node | None) -> tuple[Node, ...]:
    """What must hold, each of it."""
    if root is None:
        return ()
    return root.nodes if isinstance(root, And) else (root,)


def _in_index(node: Node) -> bool:
    match node:
        case Since() | Until() | Read() | Field("has", "letter"):
            return False
        case Not(inner):
            return _in_index(inner)
        case And(nodes) | Or(nodes):
            return all(_in_index(part) for part in nodes)
    return True


def _has_near(node: Node) -> bool:
    match node:
        case Near():
            return True
        case Not(inner):
            return _has_near(inner)
        case And(nodes) | Or(nodes):
            return any(map(_has_near, nodes))
    return False


def _sides(node: Node) -> Node | None:
    """What holds wherever `node` holds, without NEAR; None if that is everything."""
    match node:
        case Near(left, right):
            return And((left, right))
        case Not():
            return None if _has_near(node) else node
        case And(nodes):
            parts = tuple(loose for part in nodes if (loose := _sides(part)) is not None)
            return And(parts) if parts else None
        case Or(nodes):
            either = [_sides(part) for part in nodes]
            return None if None in either else Or(tuple(part for part in either if part is not None))
    return node
