"""Items under several names: finding the stored one that a draft is, and making two that turn out to be one into one.

A row of `names` says that a stored item is also known by a name (`core/items/aliases.py`): surely, or likely, so that whoever
comes under it is compared. Always inside the caller's transaction, and only by the one writer of mentions.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.entry import Entry
from monitor.core.items.aliases import Item, handle_of, item_of, names_of, tombstone_names, tombstone_names_of
from monitor.core.items.flag_life import HeldFlag, taken_over
from monitor.core.items.resolution import LAST, Known, Met, Twin, merged, one_of_each, since, stored_as, which_stays
from monitor.core.items.resolution import resolve as decide
from monitor.core.mention import FlagState, LinkTarget, TextFrom, Verdict
from monitor.core.model import DateConfidence, Kind, Network
from monitor.storage import editions
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.items.entries import entry_of
from monitor.storage.items.flags import lead_to, rescore, set_newest_review
from monitor.storage.items.stories import refresh_stories
from monitor.storage.letters import hand_over
from monitor.storage.tables import (
    entries,
    flags,
    mentions,
    names,
    reviews,
    sources,
    storable,
    tombstones,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from monitor.core.entry import ItemNames
    from monitor.core.feed import PlannedEntry
    from monitor.core.mention import MentionDraft
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)


# --- the rows --------------------------------------------------------------------------------------------------------


def put(db: Database, conn: sa.Connection, rows: Iterable[tuple[str, str, bool]]) -> None:
    """Note names: (name, identity, sure). A repeat changes nothing; an item's own identity is no further name of it."""
    values = [
        {"name": storable(name), "identity": storable(identity), "sure": sure}
        for name, identity, sure in dict.fromkeys(rows)
        if name != identity
    ]
    if values:
        conn.execute(db.insert(names).on_conflict_do_nothing(), values)


def put_posts(db: Database, conn: sa.Connection, planned: Iterable[PlannedEntry]) -> None:
    """Note the names of entries that are posts: a page may quote one that was about nothing by itself."""
    posts = (one for one in planned if one.entry.kind is Kind.POST)
    put(db, conn, [row for one in posts for row in _rows_of(one.identity, one.names)])


def _rows_of(identity: str, names: ItemNames) -> list[tuple[str, str, bool]]:
    certain = ((name, identity, True) for name in names.certain)
    return [*certain, *((name, identity, False) for name in names.candidate)]


def put_stored(conn: sa.Connection) -> None:
    """Note the names of all that was stored before there were any; the table is empty.

    A migration calls it: only columns that were there then are asked for, for later ones are not there yet.
    """
    last = -1
    while rows := conn.execute(_older(mentions, last).add_columns(sources.c.key).join(sources)).mappings().all():
        last = rows[-1]["id"]
        _put_fresh(conn, [row for found in rows for row in _names_of_mention(found)])
    last = -1
    told = sa.select(mentions.c.identity).where(mentions.c.identity == entries.c.identity).exists()
    posts = (entries.c.kind == Kind.POST.value, ~told)
    while rows := conn.execute(_older(entries, last).where(*posts)).mappings().all():
        last = rows[-1]["id"]
        named = []
        for row in rows:
            entry = entry_of(row)
            named += _rows_of(row["identity"], names_of(entry, row["identity"], text=entry.text))
        _put_fresh(conn, named)


#: What is asked of each table: it was there when names were added.
_THEN = {
    mentions: ("id", "identity", "kind", "network", "url", "canonical_url", "title", "text", "author", "published", "date_confidence"),
    entries: (
        "id", "identity", "guid", "url", "title", "text", "source", "source_name", "author", "kind", "network", "published",
        "date_confidence", "raw_date", "lang", "links", "reposts", "likes", "followers",
    ),
}  # fmt: skip


def _older(table: sa.Table, last: int) -> sa.Select[Any]:
    columns = [table.c[name] for name in _THEN[table]]
    return sa.select(*columns).where(table.c.id > last).order_by(table.c.id).limit(CHUNK)


def _put_fresh(conn: sa.Connection, rows: Iterable[tuple[str, str, bool]]) -> None:
    # A mention of each of several studies has the same names, and comes in another chunk.
    values = {(name, identity): sure for name, identity, sure in rows if name != identity}
    known = {(row.name, row.identity) for row in by_name(conn, [name for name, _ in values])}
    fresh = [
        {"name": name, "identity": identity, "sure": sure}
        for (name, identity), sure in values.items()
        if (name, identity) not in known
    ]
    if fresh:
        conn.execute(sa.insert(names), fresh)


def _names_of_mention(row: sa.RowMapping) -> list[tuple[str, str, bool]]:
    identity, kind, network = row["identity"], Kind(row["kind"]), Network(row["network"])
    handle = row["key"].partition(":")[2]
    entry = Entry(
        guid=identity if kind is Kind.POST else None,
        url=row["url"],
        title=row["title"],
        text=row["text"],
        source=f"@{handle}" if network is not Network.WEB else row["key"],
        author=row["author"],
        kind=kind,
        network=network,
        published=row["published"],
        date_confidence=DateConfidence(row["date_confidence"]),
    )
    return _rows_of(identity, names_of(entry, identity, text=row["text"], canonical=row["canonical_url"]))


def by_name(conn: sa.Connection, wanted: Collection[str]) -> Sequence[sa.Row[Any]]:
    """Rows (name, identity, sure) of these names."""
    return _chosen(conn, names.c.name, wanted)


def of_items(conn: sa.Connection, identities: Collection[str]) -> Sequence[sa.Row[Any]]:
    """Rows (name, identity, sure) of these items."""
    return _chosen(conn, names.c.identity, identities)


def _chosen(conn: sa.Connection, column: sa.Column[Any], wanted: Collection[str]) -> Sequence[sa.Row[Any]]:
    found: list[sa.Row[Any]] = []
    asked = sorted({storable(name) for name in wanted})
    for at in range(0, len(asked), CHUNK):
        found += conn.execute(sa.select(names).where(column.in_(asked[at : at + CHUNK]))).all()
    return found


# --- what was withdrawn ----------------------------------------------------------------------------------------------


def tomb(name: str) -> str:
    """What a tombstone keeps of a name: its SHA-256."""
    return hashlib.sha256(storable(name).encode()).hexdigest()


def buried(conn: sa.Connection, wanted: Mapping[str, Collection[str]]) -> set[str]:
    """Of the identities in `wanted`, those that were withdrawn under any of the names beside them (see `looked_for`)."""
    by_hash: dict[str, list[str]] = defaultdict(list)
    for identity, lying in wanted.items():
        for name in lying:
            by_hash[tomb(name)].append(identity)
    found: set[str] = set()
    hashes = list(by_hash)
    for at in range(0, len(hashes), CHUNK):
        chosen = sa.select(tombstones.c.identity_hash).where(tombstones.c.identity_hash.in_(hashes[at : at + CHUNK]))
        found.update(identity for hashed in conn.scalars(chosen) for identity in by_hash[hashed])
    return found


def looked_for(draft: MentionDraft) -> set[str]:
    """The graves in which an item that is met now would lie."""
    return tombstone_names_of(draft.entry, draft.identity, draft.names, title=draft.title, text=draft.text)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """All that is stored of some items: under which identities, and the graves that they leave."""

    identities: frozenset[str]
    tombstone_names: frozenset[str]


def withdrawing(conn: sa.Connection, wanted: Collection[str]) -> Withdrawn:
    """What is to go with these identities, whichever of an item's names they are."""
    items = {*wanted, *(row.identity for row in by_name(conn, wanted) if row.sure)}
    sure: dict[str, list[str]] = defaultdict(list)
    likely: dict[str, list[str]] = defaultdict(list)
    for row in of_items(conn, items):
        (sure if row.sure else likely)[row.identity].append(row.name)
    stored: dict[str, list[Any]] = defaultdict(list)
    asked = sorted(items)
    for table in (mentions, entries):
        columns = (table.c.identity, table.c.title, table.c.published, table.c.date_confidence)
        for at in range(0, len(asked), CHUNK):
            for found in conn.execute(sa.select(*columns).where(table.c.identity.in_(asked[at : at + CHUNK]))):
                stored[found.identity].append(found)
    left: set[str] = set()
    for identity in items:
        dates = [row.published for row in stored[identity] if row.date_confidence != DateConfidence.NONE.value]
        left |= tombstone_names(
            identity,
            sure[identity],
            likely[identity],
            titles=[row.title for row in stored[identity]],
            published=dates[0] if dates else None,
            leave=True,
        )
    return Withdrawn(frozenset({*items, *(name for found in sure.values() for name in found)}), frozenset(left))


# --- finding ---------------------------------------------------------------------------------------------------------


def resolve(db: Database, conn: sa.Connection, drafts: Iterable[MentionDraft]) -> dict[str, str]:
    """Under which identity each draft's item is stored from now on, by the draft's own; and note the drafts' names.

    If a draft tells that two stored items are one, they are made one: the mention that was there first stays, and the
    other one's address and number lead to it.
    """
    batch = [
        Met(item_of(draft.entry, draft.identity, title=draft.title, text=draft.text), draft.names)
        for draft in one_of_each(drafts)
    ]
    found = decide(batch, _known(conn, {name for met in batch for name in (met.item.identity, *met.names)}))
    for one in found.united:
        logger.info("%s is %s: %s", one.other, one.final, one.why)
        _unite(db, conn, one.other, one.final)
    put(db, conn, found.names)
    return found.stored_as


def studies_of(conn: sa.Connection, posts: Sequence[tuple[str, Entry, ItemNames]]) -> dict[str, list[str]]:
    """See ports.Store."""
    known = _known(conn, {name for own, _, named in posts for name in (own, *named)})
    found = {
        own: stored_as(known, item_of(entry, own, title=entry.title, text=entry.text), named)
        for own, entry, named in posts
    }
    asked = sorted({storable(identity) for identities in found.values() for identity in identities})
    studies: dict[str, list[str]] = defaultdict(list)
    for at in range(0, len(asked), CHUNK):
        chosen = sa.select(mentions.c.identity, mentions.c.study_id).where(
            mentions.c.identity.in_(asked[at : at + CHUNK])
        )
        for row in conn.execute(chosen):
            studies[row.identity].append(row.study_id)
    by_own = {own: sorted({study for one in found[own] for study in studies.get(storable(one), ())}) for own in found}
    return {own: about for own, about in by_own.items() if about}


def told_at(conn: sa.Connection, wanted: Collection[str]) -> dict[str, list[LinkTarget]]:
    """See ports.Store."""
    meant: dict[str, set[str]] = {name: {name} for name in map(storable, wanted)}
    for named in by_name(conn, wanted):
        if named.sure:
            meant[named.name].add(named.identity)
    asked = sorted(set().union(*meant.values()))
    set_aside = sa.exists().where(flags.c.mention_id == mentions.c.id, flags.c.review == Verdict.NOT_ABOUT.value)
    counts = (mentions.c.text_from != TextFrom.PASSAGE.value, ~set_aside)
    told: dict[str, list[LinkTarget]] = defaultdict(list)
    for at in range(0, len(asked), CHUNK):
        chosen = (
            sa.select(mentions.c.identity, mentions.c.study_id, sources.c.name)
            .join_from(mentions, sources)
            .where(mentions.c.identity.in_(asked[at : at + CHUNK]), *counts)
            .order_by(mentions.c.id)
        )
        for row in conn.execute(chosen):
            told[row.identity].append(LinkTarget(row.identity, row.study_id, row.name))
    found = {name: [one for identity in sorted(meant[storable(name)]) for one in told[identity]] for name in wanted}
    return {name: mentioned for name, mentioned in found.items() if mentioned}


def _known(conn: sa.Connection, wanted: Collection[str]) -> Known:
    known = Known()
    identities = set(wanted)
    for named in by_name(conn, wanted):
        known.note(named.name, named.identity, sure=named.sure)
        identities.add(named.identity)
    asked = sorted(storable(identity) for identity in identities)
    for at in range(0, len(asked), CHUNK):
        chunk = asked[at : at + CHUNK]
        chosen = sa.select(mentions, sources.c.key).join_from(mentions, sources).where(mentions.c.identity.in_(chunk))
        for row in conn.execute(chosen).mappings():
            known.items[row["identity"]] = _stored_item(row, row["key"].partition(":")[2])
            known.since[row["identity"]] = min(
                since(row["first_seen"], row["entry_id"]), known.since.get(row["identity"], LAST)
            )
        # A post that is no mention is stored as well, and may be quoted by a page on the study.
        posts = sa.select(entries).where(entries.c.identity.in_(chunk), entries.c.kind == Kind.POST.value)
        for post in conn.execute(posts).mappings():
            known.items.setdefault(post["identity"], _stored_item(post, handle_of(entry_of(post))))
    return known


def _stored_item(row: sa.RowMapping, handle: str) -> Item:
    dated = row["date_confidence"] != DateConfidence.NONE.value
    handle = "" if handle.startswith(("id:", "did:")) else handle
    return Item(row["identity"], handle, row["title"], row["text"], row["published"] if dated else None)


# --- making one of two -----------------------------------------------------------------------------------------------


def _unite(db: Database, conn: sa.Connection, other: str, final: str) -> None:
    """What is stored under `other` is stored under `final` from now on."""
    chosen = sa.select(mentions).where(mentions.c.identity.in_([storable(other), storable(final)]))
    by_study: dict[str, list[Twin]] = defaultdict(list)
    for row in conn.execute(chosen).mappings():
        by_study[row["study_id"]].append(Twin(**{column: row[column] for column in _TWIN}))
    for twins in by_study.values():
        stays, gone = which_stays(twins)
        for goes in gone:
            stays = _merge(db, conn, stays, goes, final)
        conn.execute(sa.update(mentions).where(mentions.c.id == stays.id).values(identity=storable(final)))
    moved = [(row.name, final, row.sure) for row in of_items(conn, [other])]
    conn.execute(sa.delete(names).where(names.c.identity == storable(other)))
    conn.execute(sa.delete(names).where(names.c.name == storable(final), names.c.sure))
    put(db, conn, [*moved, (other, final, True)])


#: What a Twin is made of.
_TWIN = ("id", "identity", "first_seen", "entry_id", "found_on_id", "url", "story_id")


def _merge(db: Database, conn: sa.Connection, stays: Twin, goes: Twin, final: str) -> Twin:
    """One mention instead of two: what people decided, who was told, and who was quoted by it go over to the one that stays."""
    old, new = goes.id, stays.id
    gone = _held(conn, old)
    over = taken_over(gone, _held(conn, new))
    for flag in gone:
        if flag.reviewed and flag.id in over:
            decided = conn.execute(sa.select(reviews).where(reviews.c.flag_id == flag.id)).mappings().all()
            copied = [{**row, "flag_id": over[flag.id]} for row in decided]
            for row in copied:
                del row["id"]
            conn.execute(db.insert(reviews).on_conflict_do_nothing(), copied)
            set_newest_review(conn, over[flag.id])
    if any(flag.reviewed for flag in gone):
        rescore(conn, [new])
    lead_to(conn, over)
    hand_over(db, conn, old, new, over)
    editions.move(db, conn, old, new)
    conn.execute(sa.update(mentions).where(mentions.c.found_on_id == old, mentions.c.id != new).values(found_on_id=new))
    index.remove(db, conn, [old])
    conn.execute(sa.delete(mentions).where(mentions.c.id == old))
    richer = merged(stays, goes)
    values = {name: getattr(richer, name) for name in ("first_seen", "entry_id", "found_on_id", "url")}
    conn.execute(sa.update(mentions).where(mentions.c.id == new).values(values))
    refresh_stories(conn, {twin.story_id for twin in (stays, goes) if twin.story_id is not None})
    # Mails and bookmarks hold the number of the one that went.
    put(db, conn, [(f"mention:{old}", final, True)])
    return richer


def _held(conn: sa.Connection, mention_id: int) -> list[HeldFlag]:
    chosen = sa.select(flags.c.id, flags.c.fingerprint, flags.c.state, flags.c.review)
    found = conn.execute(chosen.where(flags.c.mention_id == mention_id).order_by(flags.c.id))
    return [HeldFlag(row.id, row.fingerprint, FlagState(row.state), row.review is not None) for row in found]


def standing(conn: sa.Connection, mention_id: int) -> int:
    """The number of the mention that one with this number went into; the number itself if it is there, or unknown."""
    if conn.scalar(sa.select(mentions.c.id).where(mentions.c.id == mention_id)) is not None:
        return mention_id
    into = (
        sa.select(mentions.c.id)
        .join_from(names, mentions, mentions.c.identity == names.c.identity)
        .where(names.c.name == f"mention:{mention_id}")
        .order_by(mentions.c.id)
        .limit(1)
    )
    return conn.scalar(into) or mention_id
