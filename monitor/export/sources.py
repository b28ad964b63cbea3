"""Sources as rows for JSON and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.feeds.standing import kind_words
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from monitor.core.feeds.standing import Standing


def source_row(one: Standing) -> dict[str, Any]:
    """A source with how it stands and what to do; `items_a_week` is None before it brought any."""
    feed = one.feed
    return {
        "id": feed.id,
        "name": one.name,
        "kind": feed.kind.value,
        "what": kind_words(feed),
        "url": feed.url,
        "lang": feed.lang,
        "weight": feed.weight,
        "state": one.state.value,
        "health": one.sentence,
        "to_do": one.remedy,
        "paused": feed.paused,
        "last_polled": stamp(feed.last_polled_at),
        "last_success": stamp(feed.last_success_at),
        "next": stamp(one.next_reading),
        "items_a_week": None if one.weekly is None else round(one.weekly, 1),
        "entries": feed.entries,
    }
