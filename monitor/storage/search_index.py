"""The search index: one row of words for each mention, its filters among them.

SQLite has FTS5 with the `ascii` tokenizer, PostgreSQL a tsvector; both are given words that `words.split` made. Filters
are words too (`§source·12`), so that a rare filter and a common word meet inside the index, newest first, without a sort.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.judgement import DRIFT_CONFIDENCE, MAILED_CONFIDENCE, tier_of
from monitor.core.mention import DISMISSED, FlagState
from monitor.core.model import Network
from monitor.core.search import clue_query
from monitor.core.search import tokens as words
from monitor.core.search.clue_query import indexed_as_read
from monitor.core.search.nodes import SCORE_MAX, SCORE_MIN
from monitor.storage import eras
from monitor.storage.database import CHUNK
from monitor.storage.tables import flags, mention_words, mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from monitor.storage.database import Database

#: Every mention has it: what a search that only excludes starts from.
EVERYTHING = words.tag("all", "")
FLAGGED = words.tag("flagged", "yes")
REVIEWED = words.tag("reviewed", "yes")
#: The index holds every word that judging reads in it.
AS_READ = words.tag(clue_query.AS_READ.name, clue_query.AS_READ.value)
#: Beginnings of a word of an author's name stand in the index, up to so many letters: PostgreSQL puts together all that holds a prefix,
#: however old, before it tells the first.
BEGINNINGS = 24
#: A phrase does not reach from the title into the text.
_GAP = 10
#: PostgreSQL's limits for one vector: a word's highest position, positions of one word, bytes of the whole.
_POSITION_MAX = 16383
_POSITIONS_MAX = 255
_VECTOR_MAX = 1_000_000


def stands() -> sa.ColumnElement[bool]:
    """A flag that counts: active, and no person dismissed it."""
    return sa.and_(
        flags.c.state == FlagState.ACTIVE, sa.or_(flags.c.review.is_(None), flags.c.review.not_in(DISMISSED))
    )


def read_since(moment: datetime) -> sa.ColumnElement[bool]:
    """A mention that was first read then or later. All networks are named, so that the index (network, first_seen) answers it."""
    m = mentions.c
    return sa.and_(m.network.in_([network.value for network in Network]), m.first_seen >= moment)


def confirmed() -> sa.ColumnElement[bool]:
    """A flag that counts and is sure enough to be mailed (`judgement.tier_of`)."""
    return sa.and_(stands(), flags.c.confidence >= MAILED_CONFIDENCE, flags.c.mailed)


def too_far() -> sa.Exists:
    """A mention that goes too far, as pages and mails count it: one of its flags is confirmed."""
    return sa.exists().where(flags.c.mention_id == mentions.c.id, confirmed())


def score_tags(least: int, most: int) -> list[str]:
    """What finds the scores from `least` to `most`: whole tens by one word each, the rest by their own, so never more than 29."""
    found, at = [], max(least, SCORE_MIN)
    while at <= min(most, SCORE_MAX):
        whole = at % 10 == 0 and at + 9 <= most
        found.append(words.tag("score-tens", at // 10) if whole else words.tag("score", at))
        at += 10 if whole else 1
    return found


def put(db: Database, conn: sa.Connection, mention_ids: Iterable[int], *, fresh: bool = False) -> None:
    """(Re)write the rows of these mentions; `fresh` if none of them has a row yet."""
    ids = sorted(set(mention_ids))
    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        if not fresh:
            remove(db, conn, chunk)
        rows = _rows(conn, chunk)
        if not rows:
            continue
        if db.sqlite:
            conn.exec_driver_sql(
                "INSERT INTO mention_words (rowid, title, body) VALUES (?, ?, ?)",
                [(key, " ".join(title), " ".join((*tags, *body))) for key, title, body, tags in rows],
            )
        else:
            conn.execute(
                sa.text("INSERT INTO mention_words (mention_id, words) VALUES (:id, CAST(:words AS tsvector))"),
                [
                    {"id": key, "words": vector(title, body, [*tags, *eras.tags_of(key)])}
                    for key, title, body, tags in rows
                ],
            )


def remove(db: Database, conn: sa.Connection, mention_ids: Sequence[int]) -> None:
    """Take these mentions out of the index. On SQLite their words stay in old segments until `forget`."""
    column = mention_words.c.rowid if db.sqlite else mention_words.c.mention_id
    conn.execute(sa.delete(mention_words).where(column.in_(mention_ids)))


def rebuild(db: Database, conn: sa.Connection) -> None:
    """Write the rows of all mentions, of which none has one yet: some thousand a second, in bounded memory."""
    last = -1
    while True:
        more = sa.select(mentions.c.id).where(mentions.c.id > last).order_by(mentions.c.id).limit(CHUNK)
        ids = list(conn.scalars(more))
        if not ids:
            return
        put(db, conn, ids, fresh=True)
        last = ids[-1]


def forget(db: Database, conn: sa.Connection) -> None:
    """Write FTS5's segments anew, so that no word of a removed row is left in them."""
    if db.sqlite:
        conn.exec_driver_sql("INSERT INTO mention_words (mention_words) VALUES ('optimize')")


def _rows(conn: sa.Connection, ids: Sequence[int]) -> list[tuple[int, list[str], list[str], list[str]]]:
    raised: dict[int, list[Any]] = defaultdict(list)
    for flag in conn.execute(
        sa.select(
            flags.c.mention_id,
            flags.c.rule,
            flags.c.drift,
            flags.c.severity,
            flags.c.confidence,
            flags.c.mailed,
            flags.c.review,
            flags.c.correction.is_not(None).label("corrected"),
            stands().label("stands"),
        ).where(flags.c.mention_id.in_(ids))
    ):
        raised[flag.mention_id].append(flag)
    chosen = (
        sa.select(
            mentions.c.id,
            mentions.c.study_id,
            mentions.c.source_id,
            mentions.c.network,
            mentions.c.lang,
            mentions.c.story_id,
            mentions.c.score,
            mentions.c.revision,
            mentions.c.author,
            mentions.c.title,
            mentions.c.text,
        )
        .where(mentions.c.id.in_(ids))
        .order_by(mentions.c.id)
    )
    found = []
    for row in conn.execute(chosen):
        title, body, tags = words.split(row.title), words.split(row.text), _tags(row, raised[row.id])
        if indexed_as_read(row.title, row.text, [*title, *body]):
            tags.append(AS_READ)
        found.append((row.id, title, body, tags))
    return found


def _tags(row: Any, raised: Iterable[Any]) -> list[str]:
    found = {
        EVERYTHING: None,
        words.tag("study", row.study_id): None,
        words.tag("source", row.source_id): None,
        words.tag("network", row.network): None,
        words.tag("story", row.story_id): None,
        words.tag("score", row.score): None,
        words.tag("score-tens", row.score // 10): None,
    }
    if row.revision > 1:
        found[words.tag("has", "revision")] = None
    for word in words.split(row.author or ""):
        found[words.tag("author", word)] = None
        for letters in range(1, min(len(word), BEGINNINGS) + 1):
            found[words.tag("begins", word[:letters])] = None
    lang = row.lang.lower()
    found[words.tag("lang", lang)] = None
    found[words.tag("lang", lang.partition("-")[0])] = None  # lang:zh finds zh-Hant
    for flag in raised:
        if flag.review is not None:
            found[REVIEWED] = None
        if flag.stands:
            found[words.tag("rule", flag.rule)] = None
            found[words.tag("drift", flag.drift)] = None
            found[words.tag("severity", flag.severity)] = None
            found[words.tag("tier", tier_of(flag.confidence, mailed=flag.mailed))] = None
            if flag.corrected:
                found[words.tag("has", "correction")] = None
            if flag.confidence >= DRIFT_CONFIDENCE:
                found[FLAGGED] = None
    return list(found)


def vector(title: Sequence[str], body: Sequence[str], tags: Iterable[str]) -> str:
    """PostgreSQL's written form of a tsvector: title words weigh A, filters stand without a place."""
    places: dict[str, list[str]] = defaultdict(list)
    for at, word in enumerate(title, start=1):
        if at <= _POSITION_MAX:
            places[word].append(f"{at}A")
    for at, word in enumerate(body, start=len(title) + 1 + _GAP):
        places[word].append(str(min(at, _POSITION_MAX)))
    parts = [f"'{tag}'" for tag in tags]
    size = sum(len(part.encode()) for part in parts)
    for word, at_places in places.items():
        # A text of this length has said by now what it is found by.
        size += len(word.encode()) + 2 * len(at_places)
        if size > _VECTOR_MAX:
            break
        parts.append(f"'{word}':{','.join(dict.fromkeys(at_places[:_POSITIONS_MAX]))}")
    return " ".join(parts)
