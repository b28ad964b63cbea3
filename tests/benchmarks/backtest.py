"""How long a back-test takes: `python tests/benchmarks/backtest.py [mentions]`. Prints a table; pytest never runs it.

Mentions are seeded straight into rows and index, unjudged but for a flag on every third: three in five are posts, the others
articles of twenty sentences, one in seven has a hashtag. The yardstick is judging every one of them.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from monitor.core.drift import assess
from monitor.core.items.mention_id import first_id
from monitor.core.model import Kind
from monitor.pipeline.backtests import begin_backtest, continue_backtest
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
                    "author": "",
                    "lang": "en",
                    "published": published,
                    "date_confidence": "exact",
                    "first_seen": published,
                    "text_from": "import",
                    "text_hash": "",
                    "revision": 1,
                    "revised_at": published,
                    "because": [],
                    "score": 0,
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
    """Seconds that judging a mention takes, on average."""
    study, ruleset = service.library.study(STUDY), replace(service.library.ruleset(STUDY))
    rng = random.Random(2)
    texts = [text_of(rng, number) for number in range(SAMPLE)]
    assess("", texts[0][0], study, ruleset)
    begun = time.perf_counter()
    for text, kind in texts:
        assess("", text, study, ruleset, kind=kind)
    return (time.perf_counter() - begun) / SAMPLE


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = Service(load({"HYPEWATCH_HOME": folder}), clock=lambda: NOW)
        deps = service.deps
        begun = time.perf_counter()
        seed(service, count)
        print(f"{count} mentions were seeded in {time.perf_counter() - begun:.0f} s")
        everything = judging(service) * count
        print(f"judging every one of them takes {everything:.0f} s (by {SAMPLE})")
        print("| a rule on | mentions that can hold it | judged | first ten changes | all | judging everything |")
        print("|---|---|---|---|---|---|")
        for phrase in ("moonshot for mankind", "moonshot ... mankind", "spinal cord"):
            files = {"our-rule.yaml": RULE.format(phrase=phrase, example=phrase.replace("...", "for all of"))}
            begun = time.perf_counter()
            found = begin_backtest(deps, files, author="bench")
            first = time.perf_counter() - begun
            ten = f"{first:.1f} s" if len(found.changes) >= 10 else f"{len(found.changes)} in {first:.1f} s"
            limit = 60.0 if "spinal" in phrase else 600.0
            while found.running and time.perf_counter() - begun < limit:
                found = continue_backtest(deps, found.id, budget=20)
            whole = time.perf_counter() - begun
            ended = (
                f"{whole:.1f} s"
                if not found.running
                else f"{found.seen} in {whole:.0f} s, {found.remaining_seconds:.0f} s left"
            )
            ratio = f"{everything / whole:.0f}x" if not found.running else "-"
            print(f"| `{phrase}` | {found.total} | {found.judged} | {ten} | {ended} | {ratio} |")
        files = {"our-rule.yaml": RULE.format(phrase="moonshot for mankind", example="moonshot for mankind")}
        begun = time.perf_counter()
        save_rules(deps, files, author="bench", note="")
        saved = time.perf_counter() - begun
        judged = judge_all(deps, deps.library.study(STUDY))
        print(
            f"saving it took {saved:.1f} s, bringing {judged} mentions to it {time.perf_counter() - begun - saved:.1f} s"
        )
        service.store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
