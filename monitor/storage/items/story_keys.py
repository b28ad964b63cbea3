"""The keys by which texts that may retell each other are found: rows, so that all workers and all years share them.

Inside the caller's transaction. Each question is one statement for a whole batch; both databases take the batch as JSON.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.items.mention_id import DATE_SLACK, first_id
from monitor.core.items.stories import PARAPHRASE_WINDOW, WORDS_SHARED
from monitor.storage.database import CHUNK
from monitor.storage.tables import story_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.items.stories import StoryKeys
    from monitor.core.mention import StoryText
    from monitor.storage.database import Database

#: Holders of one band that are asked, the oldest: whoever shares it with so many nearly always retells the first of them.
HOLDERS = 16
#: Holders of one word within days that are asked, before and after: in a rush of a thousand copies those around it stand
#: for the others. A quieter word is never cut.
HOLDERS_AROUND = 32
#: Texts of one story that are asked at most, copies first.
OF_A_STORY = 50

_FROM_SQLITE = "SELECT {columns} FROM json_each(:{asked})"
_FROM_POSTGRES = "SELECT {columns} FROM json_array_elements(CAST(:{asked} AS json)) AS asked(value)"
_CANDIDATES = """
    WITH bands AS ({bands}), words AS ({words}),
    found AS (
        SELECT bands.me, held.mention_id, 1 AS band FROM bands JOIN story_keys AS held ON held.key = bands.key
        WHERE held.mention_id <= COALESCE((
            SELECT more.mention_id FROM story_keys AS more WHERE more.key = bands.key
            ORDER BY more.mention_id LIMIT 1 OFFSET :holders), held.mention_id)
        GROUP BY bands.me, held.mention_id
        UNION ALL
        SELECT words.me, held.mention_id, 0 AS band
        FROM words JOIN story_keys AS held ON held.key = words.key AND held.mention_id BETWEEN
            COALESCE((SELECT more.mention_id FROM story_keys AS more
                WHERE more.key = words.key AND more.mention_id BETWEEN words.low AND words.me
                ORDER BY more.mention_id DESC LIMIT 1 OFFSET :around), words.low)
            AND COALESCE((SELECT more.mention_id FROM story_keys AS more
                WHERE more.key = words.key AND more.mention_id BETWEEN words.me AND words.high
                ORDER BY more.mention_id LIMIT 1 OFFSET :around), words.high)
        GROUP BY words.me, held.mention_id HAVING COUNT(*) >= :least
    ),
    placed AS (
        SELECT found.me, found.mention_id, found.band, mentions.story_id, ROW_NUMBER() OVER (
            PARTITION BY found.me, mentions.story_id ORDER BY found.band DESC, found.mention_id) AS place
        FROM found JOIN mentions ON mentions.id = found.mention_id
        WHERE mentions.story_id IS NOT NULL
    )
    SELECT me, story_id, mention_id, band FROM placed WHERE place <= :of_a_story ORDER BY me, story_id, place
"""


def put(conn: sa.Connection, keys: Mapping[int, StoryKeys]) -> None:
    """Write the keys of these mentions, which are stored and have none."""
    rows = [{"key": key, "mention_id": number} for number, has in keys.items() for key in has.copies | has.words]
    rows.sort(key=lambda row: row["key"])  # neighbours of the table are written together
    if rows:
        conn.execute(sa.insert(story_keys), rows)


def remove(conn: sa.Connection, mention_ids: Sequence[int]) -> None:
    for at in range(0, len(mention_ids), CHUNK):
        conn.execute(sa.delete(story_keys).where(story_keys.c.mention_id.in_(mention_ids[at : at + CHUNK])))


def candidates(
    db: Database, conn: sa.Connection, told: Iterable[StoryText], keys: Mapping[int, StoryKeys]
) -> dict[tuple[int, int], list[tuple[int, bool]]]:
    """By mention and stored story: the mentions of that story which it may retell, or which may retell it, and whether that
    is as a copy (True: they share a band) or as a paraphrase; copies first.
    """
    bands: list[list[int]] = []
    words: list[list[int]] = []
    for one in told:
        low = first_id(one.published - PARAPHRASE_WINDOW)
        high = first_id(one.published + PARAPHRASE_WINDOW + 2 * DATE_SLACK)
        has = keys[one.mention_id]
        bands += [[one.mention_id, key] for key in has.copies]
        words += [[one.mention_id, key, low, high] for key in has.words]
    found: dict[tuple[int, int], list[tuple[int, bool]]] = defaultdict(list)
    if bands or words:
        values = {
            "bands": json.dumps(bands),
            "words": json.dumps(words),
            "holders": HOLDERS,
            "around": HOLDERS_AROUND,
            "least": WORDS_SHARED,
            "of_a_story": OF_A_STORY,
        }
        for row in conn.execute(sa.text(_SQL[db.sqlite]), values):
            found[row.me, row.story_id].append((row.mention_id, bool(row.band)))
    return found


def _read(asked: str, names: Sequence[str], *, sqlite: bool) -> str:
    """SQL that gives the rows of a JSON list of lists, its columns by these names."""
    one = "json_extract(value, '$[{at}]') AS {name}" if sqlite else "CAST(value->>{at} AS bigint) AS {name}"
    source = _FROM_SQLITE if sqlite else _FROM_POSTGRES
    return source.format(columns=", ".join(one.format(at=at, name=name) for at, name in enumerate(names)), asked=asked)


#: By whether it is SQLite.
_SQL = {
    sqlite: _CANDIDATES.format(
        bands=_read("bands", ("me", "key"), sqlite=sqlite),
        words=_read("words", ("me", "key", "low", "high"), sqlite=sqlite),
    )
    for sqlite in (True, False)
}
