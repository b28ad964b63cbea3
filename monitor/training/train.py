"""Train the second reader again: `python -m monitor.training.train` (needs the extra `hypewatch[train]`).

Reads every `data/<study>.jsonl` beside this file: single sentences {"text", "drift": 0|1, "types": [...], "writer",
"second"?: 0|1}, half of which drift, each file about the study of that name (a fact sheet in `studies/`, or one that ships);
and every `pieces/*.jsonl`: whole pieces of coverage, sentence by sentence, with the natural share of drift, each line with its
"study" and "piece". Writes `weights.json.gz`. Deterministic: the same data and rules give the same weights. The pieces in
`languages/` are Japanese and Spanish: the rules of those packs were measured on them, nothing is trained on them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.drift.classifier import PRIOR_FOUND, PRIOR_RIGHT, WORD_FACTOR, Calibration, scale
from monitor.core.drift.features import RUNS, WORDY, of_rules
from monitor.core.drift.judge import Judge
from monitor.core.drift.ruleset import RuleSet
from monitor.core.text.doc import read
from monitor.library.classifier.load import WEIGHTS
from monitor.library.load import Library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HERE = Path(__file__).parent
#: Inverse strength of the L2 penalty, chosen by training on all writers but one and scoring on that one (docs/accuracy.md).
STRENGTH, TYPE_STRENGTH, JOIN_STRENGTH = 1.0, 1.0, 3.0
#: A feature that is as frequent in drift as elsewhere says little, however often it stands there: each is scaled by its log
#: ratio of frequencies (naive Bayes features: Wang & Manning 2012, "Baselines and Bigrams") before the fit. The first is
#: added to each count, the second to each ratio.
SMOOTHING, LEAST_RATIO = 0.5, 0.3
#: How much a sentence counts, by where it comes from: whole pieces of ordinary coverage most, since that is what is read;
#: posts of sceptics and believers, which are no coverage, less; single sentences half of which drift least. One writer of
#: those (E) wrote passages whose labels depend on what stands around.
PIECE_WEIGHT, POST_WEIGHT, SENTENCE_WEIGHT, OTHERS_WEIGHT = 8.0, 3.0, 0.7, 0.6
WRITER_WEIGHT = {"E": 0.3}
#: How real a writer's pieces look: a classifier of function words, lengths and punctuation that was asked to tell passages of
#: them from real coverage did so with AUC 0.83 (U), 0.84 (P), 0.89 (W), 0.93 (S) and 0.95 (T). They weigh accordingly.
REALISM = {"U": 1.0, "P": 1.0, "W": 0.9, "S": 0.75, "T": 0.7}
OTHERS_TYPE_WEIGHT = 0.3
#: The writer of posts: not the natural share, so that neither the join nor the records of rules are measured on them.
POSTS = "X"
SHIPPED_STUDIES = frozenset({"keio-ips-sci"})
#: A feature of a single sentence teaches nothing but that sentence.
LEAST_SENTENCES = 2
#: A run of letters that stands in fewer says no more than the words that it stands in.
LEAST_OF_RUN = 5
#: Weights smaller than this change no decision; leaving them out halves the file.
LEAST_WEIGHT = 0.02
#: Types with fewer sentences than this are left to the rules.
LEAST_OF_TYPE = 12

#: What a probability is used for. Measured on pieces of writers left out and on real coverage (docs/accuracy.md): of rules'
#: flags from 0.57 on nine in ten were right, and of claims that the classifier raised alone from 0.72 on 28 of 31. A little
#: below one half as much drift would be found, at twice the false alarms.
DECISIONS = {
    "drifts": 0.57,
    "mailed": 0.57,
    "mailed_alone": 0.72,
    "look_here": 0.3,
    # Flags of such types were right in type in 3 of 20: the sentence drifts, but not so.
    "unlikely": 0.1,
    "likely": 0.4,
}

#: The same for a study that was never learned from, measured on pieces whose study was left out of everything that is learned
#: (docs/accuracy.md): of rules' flags from 0.45 on 75 of 80 were right still, and a third more of the drift was raised. Alone
#: the classifier is never mailed there: from no probability on was it right nine times in ten.
DECISIONS_ELSEWHERE = {"drifts": 0.45, "mailed": 0.45, "mailed_alone": 1.0}


@dataclass(frozen=True)
class Example:
    """A labelled sentence: what the classifier sees of it, how much each feature weighs there, and the rules that hit it."""

    row: Mapping[str, Any]
    features: Mapping[str, float]
    rules: frozenset[str]

    @property
    def piece(self) -> bool:
        """Is it of a whole piece of coverage, with the natural share of drift?"""
        return "piece" in self.row and self.row["writer"] != POSTS

    @property
    def weight(self) -> float:
        """How much it counts in the fit."""
        if "piece" in self.row:
            return PIECE_WEIGHT * REALISM[self.row["writer"]] if self.piece else POST_WEIGHT
        if self.row["study"] not in SHIPPED_STUDIES:
            return OTHERS_WEIGHT
        return WRITER_WEIGHT.get(self.row["writer"], SENTENCE_WEIGHT)


def examples(paths: Iterable[Path], library: Library) -> Iterator[Example]:
    """Every line of the files that two people do not read differently. A file is about the study that its lines name, else
    about the one that it is called by.
    """
    judges: dict[str, Judge] = {}
    for path in sorted(paths):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                row = {"study": path.stem} | json.loads(line)
                if row.get("contested") or row.get("second", row["drift"]) != row["drift"]:
                    continue
                if row["study"] not in judges:
                    judges[row["study"]] = judge_of(library, row["study"])
                yield example(judges[row["study"]], row)


def judge_of(library: Library, study_id: str) -> Judge:
    """The rules alone for a study."""
    ruleset = library.ruleset(study_id)
    return Judge(library.study(study_id), RuleSet(rules=ruleset.rules, classes=ruleset.classes))


def example(judge: Judge, row: Mapping[str, Any]) -> Example:
    """A sentence's features as the model weighs them; a text of several sentences has the features of all."""
    merged: dict[str, Sequence[int]] = {}
    rules: frozenset[str] = frozenset()
    for found, hit in judge.seen(read(row["text"])):
        merged.update(found)
        rules |= hit
    words, runs = scale(merged) * WORD_FACTOR, scale(merged, (RUNS,)) * WORD_FACTOR
    return Example(row, {name: _value(name, words, runs) for name in merged}, rules)


def _value(name: str, words: float, runs: float) -> float:
    """What a feature that is there counts; see `Classifier.reading`."""
    if name.startswith(RUNS):
        return runs
    return words if name.startswith(WORDY) else 1.0


def train(rows: Sequence[Example]) -> dict[str, Any]:
    """Fit the model and how it is joined with the rules."""
    bias, weights = _drift(rows)
    return {
        "bias": bias,
        "weights": weights,
        "types": _types(rows),
        "sentences": len(rows),
        "calibration": asdict(calibrate(rows)),
        "elsewhere": DECISIONS_ELSEWHERE,
        "studies": sorted({one.row["study"] for one in rows}),
    }


def _drift(rows: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """The model of drift, blind to what the rules say."""
    counts = Counter(name for one in rows for name in one.features)
    known = {
        name
        for name, count in counts.items()
        if count >= (LEAST_OF_RUN if name.startswith(RUNS) else LEAST_SENTENCES) and not of_rules(name)
    }
    kept = [{n: v for n, v in one.features.items() if n in known} for one in rows]
    return _fit(kept, [one.row["drift"] for one in rows], STRENGTH, [one.weight for one in rows])


def _types(rows: Sequence[Example]) -> dict[str, Any]:
    """A model of each drift type, given that a sentence drifts. Words tell them apart; runs of letters would add half of the weights again."""
    typed = [one for one in rows if one.row["drift"] and one.row.get("types")]
    counts = Counter(name for one in typed for name in one.features)
    kept = [
        {n: v for n, v in one.features.items() if counts[n] >= LEAST_SENTENCES and not n.startswith(RUNS)}
        for one in typed
    ]
    weights = [1.0 if one.row["study"] in SHIPPED_STUDIES else OTHERS_TYPE_WEIGHT for one in typed]
    slugs = Counter(slug for one in typed for slug in one.row["types"])
    types = {}
    for slug in sorted(slug for slug, count in slugs.items() if count >= LEAST_OF_TYPE):
        bias, fitted = _fit(kept, [int(slug in one.row["types"]) for one in typed], TYPE_STRENGTH, weights)
        types[slug] = {"bias": bias, "weights": fitted}
    return types


def readings(rows: Sequence[Example], unread: Sequence[Example]) -> list[float]:
    """The log-odds of sentences as a model reads them that learned from the others."""
    bias, weights = _drift(rows)
    return [bias + sum(weights.get(name, 0.0) * value for name, value in one.features.items()) for one in unread]


def calibrate(rows: Sequence[Example]) -> Calibration:
    """Join the reading with the rules at the natural share of drift.

    Each writer's pieces are read by a model that did not learn from that writer, and the rules' records come from the
    others' pieces.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    pieces = [one for one in rows if one.piece]
    table, drift = [], []
    for writer in sorted({one.row["writer"] for one in pieces}):
        own = [one for one in pieces if one.row["writer"] == writer]
        others = _records(one for one in pieces if one.row["writer"] != writer)
        read_so = readings([one for one in rows if one.row["writer"] != writer], own)
        for one, reading in zip(own, read_so, strict=True):
            best = max((_log_odds(others.get(rule, (0, 0))) for rule in one.rules), default=0.0)
            table.append([reading, float(bool(one.rules)), best, float(len(one.rules) > 1)])
            drift.append(one.row["drift"])
    model = LogisticRegression(C=JOIN_STRENGTH, max_iter=5000).fit(np.asarray(table), drift)
    reading, ruled, record, several = (round(float(value), 3) for value in model.coef_[0])
    return Calibration(
        intercept=round(float(model.intercept_[0]), 3),
        reading=reading,
        ruled=ruled,
        record=record,
        several=several,
        records=_records(pieces),
        share=round(sum(drift) / len(drift), 3),
        **DECISIONS,
    )


def _records(pieces: Iterable[Example]) -> dict[str, tuple[int, int]]:
    """How often each rule was right, and how often it spoke, sentence by sentence."""
    right, found = Counter[str](), Counter[str]()
    for one in pieces:
        for rule in one.rules:
            found[rule] += 1
            right[rule] += one.row["drift"]
    return {rule: (right[rule], found[rule]) for rule in sorted(found)}


def _log_odds(record: tuple[int, int]) -> float:
    share = (record[0] + PRIOR_RIGHT) / (record[1] + PRIOR_FOUND)
    return math.log(share / (1 - share))


def _fit(
    features: Sequence[dict[str, float]],
    labels: Sequence[int],
    strength: float,
    weight: Sequence[float] | None = None,
) -> tuple[float, dict[str, float]]:
    import numpy as np
    from scipy.sparse import diags
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = DictVectorizer(sort=True)
    matrix = vectors.fit_transform(features)
    ratios = _ratios(matrix, np.asarray(labels), np.asarray(weight if weight is not None else [1.0] * len(labels)))
    model = LogisticRegression(C=strength, max_iter=5000, tol=1e-6).fit(
        matrix @ diags(ratios), labels, sample_weight=weight
    )
    pairs = zip(vectors.get_feature_names_out(), model.coef_[0] * ratios, strict=True)
    weights = {str(name): round(float(value), 3) for name, value in pairs if abs(value) >= LEAST_WEIGHT}
    return round(float(model.intercept_[0]), 3), weights


def _ratios(matrix: Any, labels: Any, weight: Any) -> Any:
    """How telling each feature is: the size of the log ratio of its frequencies in the two classes, 1 on average."""
    import numpy as np

    present = (matrix > 0).multiply(weight[:, None]).tocsr()
    one, other = (np.asarray(present[labels == label].sum(axis=0)).ravel() + SMOOTHING for label in (1, 0))
    ratios = LEAST_RATIO + np.abs(np.log((one / one.sum()) / (other / other.sum())))
    return ratios / ratios.mean()


def learned(library: Library) -> list[Example]:
    """Everything that the shipped weights are trained on."""
    folders = [files("monitor.training").joinpath(name) for name in ("data", "pieces")]
    paths = [Path(str(item)) for folder in folders for item in folder.iterdir() if item.name.endswith(".jsonl")]
    return list(examples(paths, library))


def packed(trained: Mapping[str, Any]) -> dict[str, Any]:
    """What was fitted, laid out as it is used (`library.classifier.load`), with the digest of what was fitted."""
    types = {slug: part["bias"] for slug, part in sorted(trained["types"].items())}
    others = {name for part in trained["types"].values() for name in part["weights"]} - trained["weights"].keys()
    lines: dict[str, list[str]] = {name: [] for name in (*sorted(trained["weights"]), *sorted(others))}
    for number, slug in enumerate(types):
        for name, weight in trained["types"][slug]["weights"].items():
            lines[name].append(f"{number}:{weight}")
    return {
        **{key: value for key, value in trained.items() if key not in {"weights", "types"}},
        "digest": hashlib.sha256(_json(trained)).hexdigest(),
        "types": types,
        "features": "\n".join(lines),
        "weights": [weight for _, weight in sorted(trained["weights"].items())],  # of the first features
        "typed": "\n".join(map(" ".join, lines.values())),
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def main() -> None:
    """Train on everything and write the weights."""
    rows = learned(Library(HERE / "studies", {}, classifier=None))
    trained = train(rows)
    target = files("monitor.library.classifier").joinpath(WEIGHTS)
    Path(str(target)).write_bytes(gzip.compress(_json(packed(trained)), 9, mtime=0))
    drift = sum(one.row["drift"] for one in rows)
    sys.stdout.write(
        f"{len(rows)} sentences ({drift} drift), {len(trained['weights'])} features, {len(trained['types'])} types.\n"
    )


if __name__ == "__main__":
    main()
