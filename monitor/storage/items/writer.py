"""Writing mentions: new ones, revisions, and the same text judged by other rules. Always inside the caller's transaction."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.items.details import Details, bettered, revised
from monitor.core.items.mention_id import corrected_before, mention_id
from monitor.core.items.resolution import under_one_name
from monitor.core.items.revision import Told, Why, decide
from monitor.core.mention import FlagState, TextFrom
from monitor.core.model import Availability, DateConfidence, Network
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.items import aliases as names
from monitor.storage.items.entries import by_identity, entry_of
from monitor.storage.items.flags import judge_anew, raise_flags
from monitor.storage.items.outlets import source_ids_of
from monitor.storage.items.stories import claimed, finish, place, place_again, text_of
from monitor.storage.letters import close_answered
from monitor.storage.tables import mentions, revisions, storable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.items.stories import StoryRelation
    from monitor.core.mention import MentionDraft
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Written:
    """What writing drafts did. `pages` are entries whose page must be read again: their feed says something new;
    `redated` are mentions that got a better date.
    """

    new: list[int] = field(default_factory=list)
    revised: list[int] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    redated: list[int] = field(default_factory=list)

    @property
    def ids(self) -> tuple[int, ...]:
        return (*self.new, *self.revised)


def write_drafts(
    db: Database,
    conn: sa.Connection,
    drafts: Iterable[MentionDraft],
    relation: StoryRelation,
    *,
    now: datetime,
    entry_ids: Mapping[str, int] | None = None,
    weight: int | None = None,
) -> Written:
    """Write drafts; a repeat writes nothing. `entry_ids` maps identities to entries, `weight` is their feed's reach."""
    written, given = Written(), list(drafts)
    if not given:
        return written
    db.one_writer(conn)
    gone = names.buried(conn, {draft.identity: names.looked_for(draft) for draft in given})
    given = [draft for draft in given if draft.identity not in gone]
    same = names.resolve(db, conn, given)
    entry_ids = {same.get(identity, identity): entry_id for identity, entry_id in (entry_ids or {}).items()}
    wanted = {(draft.study_id, storable(draft.identity)): draft for draft in under_one_name(given, same)}
    stored = _stored(conn, [identity for _, identity in wanted])
    _as_their_networks_gave_them(conn, wanted, stored, entry_ids)
    source_ids = source_ids_of(db, conn, wanted, weight, entry_ids.keys())
    fresh = {key: draft for key, draft in wanted.items() if key not in stored}
    for key, draft in wanted.items():
        if key in stored:
            _again(db, conn, stored[key], draft, now, written, entry_ids.get(draft.identity), source_ids[key])
    place_again(db, conn, relation, {*written.revised, *written.redated})
    _insert(db, conn, fresh, source_ids, relation, now, entry_ids, written)
    _link(conn, wanted, stored)
    return written


def _as_their_networks_gave_them(
    conn: sa.Connection,
    wanted: dict[tuple[str, str], MentionDraft],
    stored: Mapping[tuple[str, str], sa.RowMapping],
    entry_ids: dict[str, int],
) -> None:
    """Give quoted posts the entry that was stored of them before, though it was about nothing by itself."""
    quoted = {key: draft for key, draft in wanted.items() if draft.found_on and key not in stored}
    rows = by_identity(conn, sorted({identity for _, identity in quoted}))
    for key, draft in quoted.items():
        if key[1] in rows:
            wanted[key] = replace(draft, entry=entry_of(rows[key[1]]))
            entry_ids.setdefault(draft.identity, rows[key[1]]["id"])


def text_hash(title: str, text: str) -> str:
    """SHA-256 of what can be flagged: title and text, as stored."""
    return hashlib.sha256(f"{storable(title)}\x00{storable(text)}".encode()).hexdigest()


# --- what is known ---------------------------------------------------------------------------------------------------


def _stored(conn: sa.Connection, identities: Sequence[str]) -> dict[tuple[str, str], sa.RowMapping]:
    found: dict[tuple[str, str], sa.RowMapping] = {}
    for at in range(0, len(identities), CHUNK):
        chosen = sa.select(mentions).where(mentions.c.identity.in_(identities[at : at + CHUNK]))
        for row in conn.execute(chosen).mappings():
            found[row["study_id"], row["identity"]] = row
    return found


# --- new mentions ----------------------------------------------------------------------------------------------------


def _insert(
    db: Database,
    conn: sa.Connection,
    fresh: Mapping[tuple[str, str], MentionDraft],
    source_ids: Mapping[tuple[str, str], int],
    relation: StoryRelation,
    now: datetime,
    entry_ids: Mapping[str, int],
    written: Written,
) -> None:
    """Insert new mentions, oldest first, so that who said it first begins the story."""
    if not fresh:
        return
    keys = sorted(fresh, key=lambda key: (claimed(fresh[key]), fresh[key].entry.published or now, key))
    ids = _new_ids(conn, keys, fresh, now)
    placed = place(db, conn, relation, [text_of(ids[key], fresh[key], now) for key in keys])
    rows = [
        {
            "id": ids[key],
            "identity": key[1],
            "source_id": source_ids[key],
            "story_id": placed.story_of[ids[key]],
            "entry_id": entry_ids.get(fresh[key].identity),
            "first_seen": now,
            "revision": 1,
            "revised_at": now,
            "availability": fresh[key].availability.value,
            "availability_since": None if fresh[key].availability is Availability.WHOLE else now,
            **_said(fresh[key], now),
            **_judged(fresh[key]),
        }
        for key in sorted(keys, key=lambda key: ids[key])
    ]
    conn.execute(sa.insert(mentions), rows)
    raise_flags(conn, ((ids[key], fresh[key].assessment) for key in keys), now=now)
    index.put(db, conn, ids.values(), fresh=True)
    finish(db, conn, placed)
    written.new.extend(ids[key] for key in keys)


def _new_ids(
    conn: sa.Connection, keys: Sequence[tuple[str, str]], fresh: Mapping[tuple[str, str], MentionDraft], now: datetime
) -> dict[tuple[str, str], int]:
    ids: dict[tuple[str, str], int] = {}
    taken: set[int] = set()
    open_keys = list(keys)
    step = 0
    while open_keys:
        tried = {key: mention_id(*key, fresh[key].entry.published or now, step) for key in open_keys}
        candidates = list(tried.values())
        for at in range(0, len(candidates), CHUNK):
            taken.update(conn.scalars(sa.select(mentions.c.id).where(mentions.c.id.in_(candidates[at : at + CHUNK]))))
        for key, candidate in tried.items():
            if candidate not in taken:
                taken.add(candidate)
                ids[key] = candidate
        open_keys = [key for key in open_keys if key not in ids]
        step += 1
    return ids


def _said(draft: MentionDraft, now: datetime) -> dict[str, Any]:
    """Columns that tell what was said, and by whom."""
    entry = draft.entry
    return {
        "study_id": draft.study_id,
        "kind": entry.kind.value,
        "network": entry.network.value,
        "url": entry.url,
        "canonical_url": draft.canonical_url,
        "author": entry.author,
        "lang": draft.lang,
        "published": entry.published or now,
        "date_confidence": entry.date_confidence.value if entry.published else DateConfidence.NONE.value,
        "text_from": draft.text_from.value,
        "partial": draft.partial,
        "text_hash": text_hash(draft.title, draft.text),
        "because": list(draft.relevance.because),
        "reposts": entry.reposts,
        "likes": entry.likes,
        "title": draft.title,
        "text": draft.text,
    }


def _judged(draft: MentionDraft) -> dict[str, Any]:
    return judged(draft.assessment)


def judged(assessment: Any) -> dict[str, Any]:
    """Columns that tell how a text was judged."""
    return {
        "score": assessment.score,
        "score_parts": dict(assessment.score_parts),
        "caveats_present": list(assessment.caveats_present),
        "caveats_missing": list(assessment.caveats_missing),
        "ruleset": assessment.ruleset,
    }


# --- mentions that come again ----------------------------------------------------------------------------------------


def _again(
    db: Database,
    conn: sa.Connection,
    row: sa.RowMapping,
    draft: MentionDraft,
    now: datetime,
    written: Written,
    entry_id: int | None,
    source_id: int,
) -> None:
    """The same item once more: a revision if its words changed, else new counts, a better date, its author, other rules."""
    number = row["id"]
    better = bettered(_details(row), _met_details(draft, source_id), before=corrected_before(row["id"]))
    changes: dict[str, Any] = {column: getattr(better, column) for column in _DETAILS}
    if row["entry_id"] is None and entry_id is not None:
        changes["entry_id"] = entry_id
    changes |= _reading(db, conn, row, draft, now, written)
    changes = {name: value for name, value in changes.items() if row[name] != value}
    if changes:
        conn.execute(sa.update(mentions).where(mentions.c.id == number).values(changes))
        if "published" in changes:
            written.redated.append(number)
        if "source_id" in changes:
            index.put(db, conn, [number])


def _reading(
    db: Database, conn: sa.Connection, row: sa.RowMapping, draft: MentionDraft, now: datetime, written: Written
) -> dict[str, Any]:
    """Do what core decides of the text that came again; returns columns that change with it."""
    number = row["id"]
    decision = decide(_told(row), _met(draft))
    changes = available(row, decision.availability, now)
    if decision.revise or decision.why is Why.LESS:
        logger.info("Mention %s: %s", number, decision.why.value)
    if decision.revise:
        _revise(db, conn, row, draft, now, ends=decision.ends)
        written.revised.append(number)
    elif decision.why is Why.SAME_WORDS:
        if draft.text_from is TextFrom.PAGE:
            changes["text_from"] = TextFrom.PAGE.value
            changes["partial"] = draft.partial
        if draft.assessment.ruleset != row["ruleset"]:
            conn.execute(sa.update(mentions).where(mentions.c.id == number).values(_judged(draft)))
            judge_anew(conn, number, draft.assessment, now=now, revision=row["revision"], closed_as=FlagState.WITHDRAWN)
            index.put(db, conn, [number])
    elif decision.ask_page and row["entry_id"] is not None:
        written.pages.add(row["entry_id"])
    return changes


#: What Details hold of a row.
_DETAILS = ("url", "canonical_url", "author", "source_id", "published", "date_confidence", "reposts", "likes")


def _details(row: sa.RowMapping) -> Details:
    """What is stored beside the words."""
    values = {column: row[column] for column in _DETAILS}
    values["date_confidence"] = DateConfidence(row["date_confidence"])
    return Details(network=Network(row["network"]), **values)


def _met_details(draft: MentionDraft, source_id: int) -> Details:
    """What is met beside the words, as it would be stored."""
    entry = draft.entry
    return Details(
        network=entry.network,
        url=entry.url,
        canonical_url=draft.canonical_url,
        author=storable(entry.author),
        source_id=source_id,
        published=entry.published,
        date_confidence=entry.date_confidence,
        reposts=entry.reposts,
        likes=entry.likes,
    )


def _told(row: sa.RowMapping) -> Told:
    """The text that is stored."""
    return Told(
        title=row["title"],
        text=row["text"],
        text_from=TextFrom(row["text_from"]),
        quoted=row["found_on_id"] is not None,
        partial=row["partial"],
        availability=Availability(row["availability"]),
    )


def _met(draft: MentionDraft) -> Told:
    """The text that is met, as it would be stored."""
    return Told(
        title=storable(draft.title),
        text=storable(draft.text),
        text_from=draft.text_from,
        quoted=draft.found_on is not None,
        alias=draft.alias,
        partial=draft.partial,
        availability=draft.availability,
    )


def available(row: sa.RowMapping, now_is: Availability | None, now: datetime) -> dict[str, Any]:
    """Columns that change if so much can be read at the mention's address now; None: nobody looked."""
    if now_is is None or now_is.value == row["availability"]:
        return {}
    return {"availability": now_is.value, "availability_since": None if now_is is Availability.WHOLE else now}


def note_availability(
    conn: sa.Connection,
    entry_id: int,
    shown: Told | None,
    gone: Availability | None,
    *,
    told: Collection[str],
    now: datetime,
) -> None:
    """Note what the page of an entry shows, at its mentions of which the page gave no draft (`told`: those studies)."""
    for row in conn.execute(sa.select(mentions).where(mentions.c.entry_id == entry_id)).mappings().all():
        if row["study_id"] in told:
            continue
        decision = decide(_told(row), shown) if shown else None
        found = decision.availability if decision and not decision.revise else gone
        if changes := available(row, found, now):
            conn.execute(sa.update(mentions).where(mentions.c.id == row["id"]).values(changes))


def _revise(
    db: Database, conn: sa.Connection, row: sa.RowMapping, draft: MentionDraft, now: datetime, *, ends: FlagState
) -> None:
    number = row["revision"] + 1
    conn.execute(
        sa.insert(revisions).values(
            mention_id=row["id"],
            number=row["revision"],
            at=row["revised_at"],
            title=row["title"],
            text=row["text"],
            text_from=row["text_from"],
        )
    )
    told = _said(draft, now)
    better = revised(_details(row), _met_details(draft, row["source_id"]), alias=draft.alias)
    told |= {"author": better.author, "url": better.url}
    kept = ("study_id", "published", "date_confidence", "reposts", "likes", "canonical_url")
    values = {name: value for name, value in told.items() if name not in kept} | _judged(draft)
    conn.execute(
        sa.update(mentions).where(mentions.c.id == row["id"]).values(values | {"revision": number, "revised_at": now})
    )
    judge_anew(conn, row["id"], draft.assessment, now=now, revision=number, closed_as=ends)
    if ends is FlagState.FIXED:
        met = storable(draft.title), storable(draft.text)
        close_answered(conn, row["id"], met, revision=number, now=now)
    index.put(db, conn, [row["id"]])


def _link(
    conn: sa.Connection,
    wanted: Mapping[tuple[str, str], MentionDraft],
    stored: Mapping[tuple[str, str], sa.RowMapping],
) -> None:
    """Tell each quoted post which mention quotes it."""
    quoting = {key: (key[0], storable(draft.found_on)) for key, draft in wanted.items() if draft.found_on}
    if not quoting:
        return
    ids = {
        (row["study_id"], row["identity"]): row["id"]
        for row in _stored(conn, sorted({key[1] for pair in quoting.items() for key in pair})).values()
    }
    for key, page in quoting.items():
        if page in ids and page != key and (key not in stored or stored[key]["found_on_id"] is None):
            conn.execute(sa.update(mentions).where(mentions.c.id == ids[key]).values(found_on_id=ids[page]))
