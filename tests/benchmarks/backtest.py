"""How long a back-test takes: `python tests/benchmarks/backtest.py [mentions] [home]`. Prints a table; pytest never runs it. A home that
holds mentions already is taken as it is. `HYPEWATCH_DATABASE_URL` names another database than the home's SQLite, and
`tests/benchmarks/postgres.py` starts one for it.

Mentions are seeded straight into rows and index, unjudged but for a flag on every third: three in five are posts, the others
articles of twenty sentences, one in seven has a hashtag. The yardstick is judging every one of them.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from monitor.core.drift import assess
from monitor.core.items.mention_id import first_id
from monitor.core.model import Kind
from monitor.pipeline.backtests import begin_backtest, continue_backtest, stop_backtest
from monitor.pipeline.rejudge import judge_all
from monitor.pipeline.tune import save_rules
from monitor.service import Service
from monitor.settings import load
from monitor.storage import search_index
from monitor.storage.items.flags import _values
from monitor.storage.tables import flags, mentions, sources

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"
LABELLED = Path(__file__).parents[1] / "data" / "labelled"
SENTENCES = [
    json.loads(line)["text"]
    for name in ("pieces.jsonl", "sentences.jsonl", "sentences-2.jsonl", "sentences-3.jsonl")
    for line in (LABELLED / name).read_text(encoding="utf-8").splitlines()
]
RULE = (
    'id: our-rule\nmessage: "“{{match}}” is much."\nwhy: It is.\nseverity: high\nkind: phrase\ndrift: sensational-language\n'
    'ignores: [reader]\nmatch:\n  any: ["{phrase}"]\nflags: ["It is {example}.", "Of {example} they speak."]\npasses: [Two.]\n'
)
#: One mention in so many holds the rare phrase.
RARE = 100
#: Names of authors: 77 pairs, each with a number between them, of which there are so many.
FIRST, LAST, AUTHORS = (
    ("Ada", "Bo", "Chihiro", "Dana", "Élise", "Femi", "Grace"),
    ("Okoro", "Byron", "Tanaka", "Müller", "Novak", "Ruiz", "Lind", "Haddad", "Mori", "Weiss", "Costa"),
    997,
)
SAMPLE = 300


def text_of(rng: random.Random, number: int) -> tuple[str, Kind]:
    article = number % 5 >= 3
    said = rng.choices(SENTENCES, k=20 if article else 2)
    if number % RARE == 0:
        said.insert(1, "Readers call it a moonshot for mankind.")
    if number % 7 == 0:
        said.append("#StemCells #Keio")
    return " ".join([*said, f"Paper {number}."]), Kind.ARTICLE if article else Kind.POST


def seed(service: Service, count: int) -> None:
    """Rows and index, in batches, as if each mention had come and been judged."""
    rng, db = random.Random(1), service.store._db
    study, ruleset = service.library.study(STUDY), service.library.ruleset(STUDY)
    hyped = "A miracle: a paralysed man is walking again."
    (flag, *_) = assess("", hyped, study, ruleset, kind=Kind.POST).flags
    with db.write() as conn:
        conn.execute(
            sa.insert(sources),
            [
                {"id": n, "key": f"paper{n}.example", "name": f"Paper {n}", "network": "web", "weight": 2}
                for n in range(1, 301)
            ],
        )
    for first in range(0, count, 5_000):
        rows, raised = [], []
        for number in range(first, min(first + 5_000, count)):
            text, kind = text_of(rng, number)
            published = NOW - timedelta(minutes=count - number)
            mention_id = first_id(published + timedelta(days=1)) | number & 0xFFFF
            rows.append(
                {
                    "id": mention_id,
                    "study_id": STUDY,
                    "identity": f"seed:{number}",
                    "source_id": number % 300 + 1,
                    "kind": kind.value,
                    "network": "web",
                    "author": f"{FIRST[number % len(FIRST)]} {number % AUTHORS} {LAST[number % len(LAST)]}",
                    "lang": "en",
                    "published": published,
                    "date_confidence": "exact",
                    "first_seen": published,
                    "text_from": "import",
                    "text_hash": "",
                    "revision": 1,
                    "revised_at": published,
                    "because": [],
                    "score": 83 if number % 3 == 0 else 0,
                    "score_parts": {},
                    "caveats_present": [],
                    "caveats_missing": [],
                    "ruleset": ruleset.digest,
                    "title": "",
                    "text": text,
                }
            )
            if number % 3 == 0:
                raised.append(_values(flag, mention_id, ruleset.digest, published, 1))
        with db.write() as conn:
            conn.execute(sa.insert(mentions), rows)
            conn.execute(sa.insert(flags), raised)
            search_index.put(db, conn, [row["id"] for row in rows], fresh=True)


def judging(service: Service) -> float:
    """CPU seconds that judging a mention takes, on average."""
    study, ruleset = service.library.study(STUDY), service.library.ruleset(STUDY)
    rng = random.Random(2)
    texts = [text_of(rng, number) for number in range(SAMPLE)]
    assess("", texts[0][0], study, ruleset)
    begun = time.process_time()
    for text, kind in texts:
        assess("", text, study, ruleset, kind=kind)
    return (time.process_time() - begun) / SAMPLE


class Watch:
    """Wall and CPU seconds since it was made: on a machine that others use too only the second says what something costs."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    @property
    def cpu(self) -> float:
        return time.process_time() - self._cpu

    def __str__(self) -> str:
        return f"{self.cpu:.1f} s ({time.perf_counter() - self._wall:.1f} s)"


def main(count: int, home: Path) -> None:
    url = os.environ.get("HYPEWATCH_DATABASE_URL")
    given = {"HYPEWATCH_DATABASE_URL": url} if url else {}
    service = Service(load({"HYPEWATCH_HOME": str(home), **given}), clock=lambda: NOW)
    deps = service.deps
    watch = Watch()
    if not deps.store.judged_by(STUDY):
        seed(service, count)
        print(f"{count} mentions were seeded in {watch}", flush=True)
    everything = judging(service) * count
    print(f"seconds of CPU (and wall); judging every mention takes {everything:.0f} s (by {SAMPLE})")
    watch = Watch()
    deps.store.rule_hits(NOW, study_id=STUDY)
    print(f"statistics of all rules for 30 days: {watch}", flush=True)
    print("| a rule on | mentions that can hold it | judged | first changes | all | judging everything |")
    print("|---|---|---|---|---|---|")
    for phrase, limit in (("moonshot for mankind", 600.0), ("moonshot ... mankind", 600.0), ("spinal cord", 30.0)):
        files = {"our-rule.yaml": RULE.format(phrase=phrase, example=phrase.replace("...", "for all of"))}
        watch, begun = Watch(), time.perf_counter()
        found = begin_backtest(deps, files, author="bench")
        first = f"{len(found.changes)} in {watch}"
        while found.running and time.perf_counter() - begun < limit:
            found = continue_backtest(deps, found.id, budget=20)
        ended, ratio = f"{watch}", f"{everything / watch.cpu:.0f}x"
        if found.running:
            ended, ratio = f"{found.seen} in {watch}, {found.remaining_seconds:.0f} s left", "-"
            stop_backtest(deps, found.id)
        print(f"| `{phrase}` | {found.total} | {found.judged} | {first} | {ended} | {ratio} |", flush=True)
    files = {"our-rule.yaml": RULE.format(phrase="moonshot for mankind", example="moonshot for mankind")}
    watch = Watch()
    save_rules(deps, files, author="bench", note="")
    print(f"saving it takes {watch}", flush=True)
    watch = Watch()
    judged = judge_all(deps, deps.library.study(STUDY))
    print(f"bringing the other {judged} mentions to it takes {watch}")
    service.store.close()


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        main(number, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder))
