"""From what a person typed to a search that can be answered: what it names must exist, else 0 mentions would look like an answer."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from monitor.core.errors import QueryError
from monitor.core.search.nodes import And, Field, Not, Or
from monitor.core.search.query import parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from monitor.core.search.nodes import Node, Query
    from monitor.ports import Items, RuleLibrary

#: What a person calls what a field names.
_CALLED = {"source": "outlet or account", "rule": "rule", "study": "study", "story": "story"}
#: Names shown beside one that there is not.
_LISTED = 5


def ask(text: str, *, now: datetime, store: Items, library: Callable[[], RuleLibrary]) -> Query:
    """Read a search (`parse_query`), and make sure that the sources, rules, studies and stories it names exist.

    `library` is only loaded where a name is unknown to the store. Raises QueryError with the place and, where one is near, the name that may be meant.
    """
    query = parse_query(text, now)
    for field in _named(query.root):
        if not store.knows(field.name, field.value):
            _look_further(field, text, store, library)
    return query


def _named(node: Node | None) -> Iterator[Field]:
    match node:
        case Field(name) if name in _CALLED:
            yield node
        case Not(inner):
            yield from _named(inner)
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from _named(part)


def _look_further(field: Field, text: str, store: Items, library: Callable[[], RuleLibrary]) -> None:
    """A rule or study may be known although no mention has it yet."""
    names = {name.lower(): name for name in _names(field.name, store, library)}
    if field.value in names:
        return
    near = [names[name] for name in difflib.get_close_matches(field.value, names, n=_LISTED, cutoff=0.5)]
    first = list(names.values())[:_LISTED]
    hint = f"Did you mean {', '.join(near)}?" if near else f"There are: {', '.join(first)}."
    if field.name == "story":
        hint = "It may have gone into another; the list of stories has those there are."
    elif not names:
        hint = "No source was read yet."
    raise QueryError(f"There is no {_CALLED[field.name]} {field.value!r}.", hint, text=text, at=field.at)


def _names(name: str, store: Items, library: Callable[[], RuleLibrary]) -> Sequence[str]:
    match name:
        case "rule":
            return sorted(rule.id for rule in library().rules())
        case "study":
            return sorted(study.id for study in library().studies())
        case "source":
            return store.source_names()
    return ()
