"""Who speaks: under which key an outlet or account is kept, and by which name. Pure.

An outlet is known by its domain, and the name that its first feed gave it stays: what the last page calls its site is no
better. Two feeds of one host with titles of their own (blogs, sections, channels) are two outlets; the second has its
title behind the domain, `example.org#the-second`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.items.identity import normalise_title
from monitor.core.model import Kind, Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.entry import Entry

#: Between a domain and the title of a further outlet there; in no domain and no handle.
MARK = "#"
#: Letters of a title in a key.
MOST_TITLE = 80


def base_key(entry: Entry) -> str:
    """An outlet's domain, or an account's network:handle; in lower case."""
    if entry.network is Network.WEB:
        return entry.source.lower()
    return f"{entry.network.value}:{entry.source.removeprefix('@').lower()}"


def outlet_of(entry: Entry, known: Mapping[str, str], *, of_feed: bool) -> tuple[str, str]:
    """The key and name of who speaks in an entry. `known` are the names that are stored, by key.

    `of_feed`: the name in the entry is the title of its own feed, not what a page or an aggregator calls the site.
    """
    base, given = base_key(entry), entry.source_name
    stored = known.get(base, "")
    if entry.kind is Kind.POST:
        return base, given or stored or entry.source  # people rename themselves
    if not stored or _nameless(stored, entry):
        return base, given or stored or entry.source
    if not of_feed or not normalise_title(given) or _same(given, stored):
        return base, stored
    further = f"{base}{MARK}{'-'.join(normalise_title(given).split())[:MOST_TITLE]}"
    return further, known.get(further) or given


def _same(one: str, other: str) -> bool:
    return normalise_title(one) == normalise_title(other)


def _nameless(name: str, entry: Entry) -> bool:
    """Is the stored name only the address?"""
    return name.lower() == entry.source.lower()
