"""What it costs to find the story of one mention among many: `python -m tests.benchmarks.retelling [mentions ...]`. Prints a table;
pytest never runs it. `HYPEWATCH_DATABASE_URL` names another database than SQLite (`python tests/benchmarks/postgres.py retelling`).

Mentions of one study over a year are seeded straight into rows: words as frequent as in a language (Zipf), every third
mention a copy of an earlier one with cuts, a fifth of them months later. Then texts arrive one by one, half of them copies;
each is asked in a transaction of its own, database reads included, and rolled back. datasketch and rensa hold their index
in memory and answer for copies alone: no paraphrases, no stories, nobody else's.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from monitor.core.items.mention_id import mention_id
from monitor.core.items.stories import RETELLING, story_keys
from monitor.core.mention import StoryText
from monitor.storage.database import Database
from monitor.storage.items import story_keys as keys_table
from monitor.storage.items.stories import place
from monitor.storage.tables import mentions, sources, stories
from monitor.storage.upgrade import upgrade

NOW = datetime(2026, 3, 24, 9, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"
YEAR = timedelta(days=365)
ABOUT = ("iPS", "Keio", "spinal cord")
ASKED = 300
BATCH = 1000


class Newsroom:
    """Texts as a year of coverage has them; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        letters = "bcdfghklmnprst"
        self._words = [
            "".join(self._chance.choice(letters) + self._chance.choice("aeiou") for _ in range(2 + at % 3))
            + str(at % 7)
            for at in range(12_000)
        ]
        self._weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(self._words))))

    def words(self, count: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._weights, k=count)

    def text(self, number: int, known: list[StoryText], share: float = 1 / 3) -> StoryText:
        at = NOW - YEAR * self._chance.random()
        title, body = " ".join(self.words(9)), f"iPS cells of Keio for the spinal cord: {' '.join(self.words(250))}"
        if known and self._chance.random() < share:
            model = self._chance.choice(known)
            cut = self._chance.randrange(60, 100)
            title = model.title if number % 2 else title
            body = model.text[: len(model.text) * cut // 100]
            if number % 5:
                at = min(NOW, model.published + timedelta(hours=self._chance.random() * 48))
        return StoryText(
            mention_id=mention_id(STUDY, str(number), at),
            study_id=STUDY,
            title=title,
            text=body,
            published=at,
            because=ABOUT,
        )


def seed(db: Database, count: int, newsroom: Newsroom) -> list[StoryText]:
    """Rows of mentions with their keys, each a story of its own: the most stories that can be asked."""
    known: list[StoryText] = []
    with db.write() as conn:
        conn.execute(sa.insert(sources).values(id=1, key="paper.example", name="Paper", network="web"))
    for start in range(0, count, BATCH):
        some = [newsroom.text(number, known[-5000:]) for number in range(start, min(start + BATCH, count))]
        with db.write() as conn:
            conn.execute(sa.insert(stories), [_story(number, one) for number, one in enumerate(some, start + 1)])
            conn.execute(sa.insert(mentions), [_row(number, one) for number, one in enumerate(some, start + 1)])
            keys_table.put(conn, {one.mention_id: story_keys(one) for one in some})
        known += some
    return known


def _story(number: int, one: StoryText) -> dict[str, object]:
    return {
        "id": number,
        "study_id": STUDY,
        "title": one.title,
        "first_mention_id": one.mention_id,
        "first_at": one.published,
        "last_at": one.published,
        "size": 1,
    }


def _row(number: int, one: StoryText) -> dict[str, object]:
    return {
        "id": one.mention_id,
        "study_id": STUDY,
        "identity": f"url:paper.example/{number}",
        "source_id": 1,
        "story_id": number,
        "kind": "article",
        "network": "web",
        "author": "",
        "lang": "en",
        "published": one.published,
        "date_confidence": "exact",
        "first_seen": one.published,
        "text_from": "feed",
        "text_hash": "",
        "revision": 1,
        "revised_at": one.published,
        "because": list(ABOUT),
        "score": 0,
        "score_parts": {},
        "caveats_present": [],
        "caveats_missing": [],
        "ruleset": "",
        "title": one.title,
        "text": one.text,
    }


def ask(db: Database, one: StoryText) -> tuple[float, float, bool]:
    """Milliseconds of the wall and of this process, and whether a story was found; nothing is kept."""
    with db.write() as conn:
        db.one_writer(conn)
        wall, cpu = time.perf_counter(), time.process_time()
        placed = place(db, conn, RETELLING, [one])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        conn.rollback()
    return 1000 * wall, 1000 * cpu, not placed.begun


def beside(known: list[StoryText], asked: list[StoryText]) -> dict[str, float]:
    """Milliseconds a text of the libraries, their index in memory."""
    found: dict[str, float] = {}
    runs = {one.mention_id: _runs(one.text) for one in (*known, *asked)}
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        print("datasketch is not installed: it is left out")
    else:
        index = MinHashLSH(num_perm=24, params=(8, 3))

        def sketch(one: StoryText) -> MinHash:
            made = MinHash(num_perm=24)
            made.update_batch([run.encode() for run in runs[one.mention_id]])
            return made

        for one in known:
            index.insert(one.mention_id, sketch(one))
        begun = time.perf_counter()
        for one in asked:
            index.query(sketch(one))
        found["datasketch, in memory, copies alone"] = 1000 * (time.perf_counter() - begun) / len(asked)
    from rensa import RMinHash, RMinHashLSH

    lsh = RMinHashLSH(threshold=0.5, num_perm=24, num_bands=8)

    def quick(one: StoryText) -> RMinHash:
        made = RMinHash(num_perm=24, seed=1)
        made.update(list(runs[one.mention_id]))
        return made

    for number, one in enumerate(known):
        lsh.insert(number, quick(one))
    begun = time.perf_counter()
    for one in asked:
        lsh.query(quick(one))
    found["rensa, in memory, copies alone"] = 1000 * (time.perf_counter() - begun) / len(asked)
    return found


def _runs(text: str) -> frozenset[str]:
    words = text.split()
    return frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def measure(count: int, url: str) -> None:
    db = Database(url)
    upgrade(db)
    newsroom = Newsroom(7)
    began = time.perf_counter()
    known = seed(db, count, newsroom)
    seeded = time.perf_counter() - began
    asked = [newsroom.text(count + at, known, share=at % 2) for at in range(ASKED)]
    took = [ask(db, one) for one in asked]
    walls, cpus = (sorted(row[at] for row in took) for at in (0, 1))
    joined = sum(found for *_, found in took)
    times = " | ".join(f"{some[len(some) * part // 100]:.2f}" for some in (walls, cpus) for part in (50, 95))
    others = "".join(f" {milliseconds:.2f} |" for milliseconds in beside(known, asked).values())
    print(f"| {count:,} | {times} | {joined} of {ASKED} |{others} {seeded:.0f} |", flush=True)
    db.close()


def main(counts: list[int]) -> None:
    """One table, a line for each number of mentions."""
    print(
        "| stored | ms a mention, p50 | p95 | ms of this process, p50 | p95 | found a story | datasketch, ms | rensa, ms | seeding, s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            measure(count, os.environ.get("HYPEWATCH_DATABASE_URL") or f"sqlite:///{folder}/many.db")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [1_000, 10_000, 100_000])
