"""The chips above a search: each puts a term into it, or takes it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.judgement import Drift
from monitor.core.model import Network
from monitor.core.text.lang import language_name, not_judged
from monitor.web.render import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.search.query import Query as Search
    from monitor.ports import Store

#: Facets with what a reader calls them, and how many values of one are shown.
FACETS = {"network": "Where", "source": "Outlet", "lang": "Language", "drift": "Kind"}
FACET_VALUES = 8
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

#: name, the query that it leads to, how many, is it on
Chip = tuple[str, str, int, bool]
#: What a reader calls it, and a chip for each of its values.
Facet = tuple[str, list[Chip]]


def facets_of(store: Store, q: str, query: Search) -> list[Facet]:
    """What was found by place, outlet, language and kind, the commonest first: all that was found is read for it."""
    counts = store.facets(query)
    return [
        (label, [_facet(q, name, value, count) for value, count in found])
        for name, label in FACETS.items()
        if (found := list(counts.get(name, {}).items())[:FACET_VALUES])
    ]


def _facet(q: str, name: str, value: str, count: int) -> Chip:
    label = value
    if name == "drift":
        label = Drift(value).words
    elif name == "lang":
        label = f"{language_name(value)}{', not judged' if not_judged(value) else ''}"
    elif name == "network":
        label = Network(value).label
    elif name == "source":
        label = _outlet(value)
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
    return [
        (label, rest if _holds(q, term) else f"{rest} {term}".strip(), _holds(q, term))
        for label, term in choices.items()
    ]


def _toggled(q: str, term: str) -> tuple[str, bool]:
    """The search with a term put in, or taken out if it is in it; and whether it is."""
    on = _holds(q, term)
    return (_without(q, term) if on else f"{q} {term}".strip()), on


def _holds(q: str, term: str) -> bool:
    return f" {term} " in f" {q} "


def _without(q: str, term: str) -> str:
    return " ".join(f" {q} ".replace(f" {term} ", " ").split())
