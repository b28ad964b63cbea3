"""The chips above a search: each puts a term into it, or takes it out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from monitor.core.errors import QueryError
from monitor.core.judgement import Drift
from monitor.core.model import Network
from monitor.core.search.nodes import And, Field, Not, Or, quoted
from monitor.core.search.query import parse_query
from monitor.core.text.lang import language_name, not_judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.search.nodes import Query as Search
    from monitor.ports import Store

#: Facets with what a reader calls them, and how many values of one are shown.
FACETS = {"network": "Where", "source": "Outlet", "lang": "Language", "drift": "Kind"}
FACET_VALUES = 8
#: So many mentions are counted, the newest first: a number of everything would read everything, at a million for seconds.
COUNTED = 2_500
#: What the chips above a search put into it.
RESULTS = {
    "Goes too far": "tier:confirmed",
    "Something is marked": "flagged:yes",
    "Waits for a decision": "flagged:yes reviewed:no",
    "Nothing is marked": "flagged:no",
}
TIMES = {
    "First read in 24 hours": "read:24h",
    "Published in 24 hours": "since:24h",
    "7 days": "since:7d",
    "30 days": "since:30d",
}

#: What bounds a search by days, the first and the last.
_BOUNDS = ("since:", "until:")

#: name, the query that it leads to, how many, is it on
Chip = tuple[str, str, int, bool]
#: What a reader calls it, and a chip for each of its values.
Facet = tuple[str, list[Chip]]


def facets_of(store: Store, q: str, query: Search) -> list[Facet]:
    """What was found by place, outlet, language and kind, the commonest first; counted among the newest COUNTED."""
    counts = store.facets(query, most=COUNTED)
    names = _called(store, list(counts.get("source", {}))[:FACET_VALUES])
    return [
        (label, [_facet(q, name, value, count, names) for value, count in found])
        for name, label in FACETS.items()
        if (found := list(counts.get(name, {}).items())[:FACET_VALUES])
    ]


def _called(store: Store, keys: list[str]) -> Mapping[str, str]:
    """What a reader calls each source: its name, unless another of them has the same."""
    names = store.names_of(keys)
    told = Counter(names.values())
    return {key: names[key] if told[names.get(key, "")] == 1 else _outlet(key) for key in keys}


def _facet(q: str, name: str, value: str, count: int, names: Mapping[str, str]) -> Chip:
    label = value
    if name == "drift":
        label = Drift(value).words
    elif name == "lang":
        label = f"{language_name(value)}{', not judged' if not_judged(value) else ''}"
    elif name == "network":
        label = Network(value).label
    elif name == "source":
        label = names[value]
    wanted, on = _toggled(q, f"{name}:{quoted(value)}")
    return label, wanted, count, on


def _outlet(key: str) -> str:
    """What a reader calls a source by its key: an outlet's domain, or an account as "@name"."""
    network, colon, handle = key.partition(":")
    if not colon:
        return key
    known = next((one.label for one in Network if one == network), network)
    return (
        f"{known} account {handle.removeprefix('id:')}" if handle.startswith("id:") else f"@{handle.removeprefix('@')}"
    )


def choices_of(q: str, choices: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Choices of which one can be on: taking one takes the others off, pressing it again takes it off."""
    rest = q
    for term in choices.values():
        rest = _without(rest, term)
    return [(label, rest if _holds(q, term) else _with(rest, term), _holds(q, term)) for label, term in choices.items()]


def held_of(q: str, query: Search | None) -> list[tuple[str, str]]:
    """The fields that narrow a search as they were typed, each with the search without it; what other chips show is left out."""
    root = query.root if query else None
    parts = root.nodes if isinstance(root, And) else (root,)
    fields = [(part.node, "-") if isinstance(part, Not) else (part, "") for part in parts]
    places = [(field.at, minus) for field, minus in fields if isinstance(field, Field)]
    terms = [f"{minus}{q[start:end]}" for (start, end), minus in places]
    shown = {term for choices in (RESULTS, TIMES) for choice in choices.values() for term in choice.split()}
    return [(term, _without(q, term)) for term in terms if term not in shown and _holds(q, term)]


def within(q: str, since: date | None, until: date | None) -> str:
    """The search between two days, in place of those that it names; None: no bound."""
    rest = " ".join(term for term in q.split() if not term.startswith(_BOUNDS))
    bounds = [f"{name}{day}" for name, day in zip(_BOUNDS, (since, until), strict=True) if day is not None]
    return " ".join([f"({rest})" if bounds and _either(rest) else rest, *bounds]).strip()


def days_of(q: str) -> tuple[str, str]:
    """The days that a search names as its bounds, for the calendar; "" where it names none, or no day."""
    first, last = ([term.removeprefix(name) for term in q.split() if term.startswith(name)] for name in _BOUNDS)
    return _day(first), _day(last)


def _day(found: list[str]) -> str:
    try:
        return date.fromisoformat(found[-1]).isoformat() if found else ""
    except ValueError:
        return ""


def _toggled(q: str, term: str) -> tuple[str, bool]:
    """The search with a term put in, or taken out if it is in it; and whether it is."""
    on = _holds(q, term)
    return (_without(q, term) if on else _with(q, term)), on


def _with(q: str, term: str) -> str:
    """The search with a term that must hold too: OR binds less than what stands side by side."""
    return f"({q}) {term}" if _either(q) else f"{q} {term}".strip()


def _either(q: str) -> bool:
    """Would what is written behind it hold for a part of it only?"""
    try:
        return isinstance(parse_query(f"{q} more", datetime.now(UTC)).root, Or)
    except QueryError:
        return False


def _holds(q: str, term: str) -> bool:
    return f" {term} " in f" {q} "


def _without(q: str, term: str) -> str:
    return " ".join(f" {q} ".replace(f" {term} ", " ").split())
