"""The two tables that mentions are exported as: one row for each mention, or one for each flag: who said what, what is right, where
to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from monitor.export.rows import mention_row, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor.core.mention import Mention, StoredFlag
    from monitor.export.provenance import Provenance
    from monitor.ports import Store

#: Mentions that are read at once: each portion is a short read of its own, so nobody waits for the whole and little is held.
PORTION = 100


class Rows(StrEnum):
    """What a row of the table is."""

    MENTIONS = "mentions"
    FLAGS = "flags"


#: The columns, in order: a contract; new ones go to the end.
COLUMNS: Mapping[Rows, tuple[str, ...]] = {
    Rows.MENTIONS: (
        "id",
        "study",
        "kind",
        "network",
        "source",
        "source_key",
        "url",
        "title",
        "text",
        "author",
        "lang",
        "published",
        "date_confidence",
        "availability",
        "availability_since",
        "first_seen",
        "because",
        "score",
        "judged",
        "reason",
        "drift",
        "story",
        "revision",
        "ruleset",
        "caveats",
        "flags",
    ),
    Rows.FLAGS: (
        "flag",
        "published",
        "outlet",
        "outlet_key",
        "network",
        "author",
        "lang",
        "title",
        "url",
        "quote",
        "in",
        "drift",
        "drift_words",
        "message",
        "study_found",
        "source_title",
        "source_url",
        "correction",
        "rule",
        "severity",
        "confidence",
        "tier",
        "review",
        "study",
        "finding",
        "mention",
        "story",
        "page",
        "ruleset",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows to write, once, in their order; `about` says which search they are the answer to."""

    name: Rows
    rows: Iterable[Mapping[str, Any]]
    about: Provenance

    @property
    def columns(self) -> tuple[str, ...]:
        return COLUMNS[self.name]


def flag_rows(mention: Mention, base_url: str) -> Iterator[dict[str, Any]]:
    """A row for each flag of a mention that stands: active, and called wrong by nobody."""
    for stored in mention.flags:
        if stored.stands:
            yield _said(mention, stored, base_url)


def _said(mention: Mention, stored: StoredFlag, base_url: str) -> dict[str, Any]:
    flag = stored.flag
    return {
        "flag": stored.id,
        "published": stamp(mention.published),
        "outlet": mention.source.name,
        "outlet_key": mention.source.key,
        "network": mention.network.value,
        "author": mention.author,
        "lang": mention.lang,
        "title": mention.title or mention.text[:80],
        "url": mention.url,
        "quote": flag.span.quote,
        "in": flag.span.where,
        "drift": flag.drift.value,
        "drift_words": flag.drift.words,
        "message": flag.message,
        "study_found": flag.found,
        "source_title": flag.source.title if flag.source else None,
        "source_url": flag.source.url if flag.source else None,
        "correction": flag.correction,
        "rule": flag.rule,
        "severity": flag.severity.value,
        "confidence": flag.confidence,
        "tier": flag.tier.value,
        "review": stored.review.value if stored.review else None,
        "study": mention.study_id,
        "finding": flag.finding,
        "mention": mention.id,
        "story": mention.story_id,
        "page": f"{base_url}/mentions/{mention.id}#flag-{stored.id}",
        "ruleset": stored.ruleset,
    }


def mentions_in_portions(store: Store, ids: Sequence[int]) -> Iterator[Mention]:
    """The mentions with these ids, each portion read when it is asked for."""
    for at in range(0, len(ids), PORTION):
        yield from store.told_mentions(ids[at : at + PORTION])


def rows_in(store: Store, ids: Sequence[int], rows: Rows) -> int:
    """How many rows the table of these mentions has."""
    return store.count_flags(ids) if rows is Rows.FLAGS else len(ids)


def table_of(mentions: Iterable[Mention], rows: Rows, about: Provenance, *, base_url: str) -> Table:
    """The table of some mentions, made row by row as it is read."""
    if rows is Rows.FLAGS:
        return Table(name=rows, rows=(row for one in mentions for row in flag_rows(one, base_url)), about=about)
    return Table(name=rows, rows=map(mention_row, mentions), about=about)
