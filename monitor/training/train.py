"""Train the second reader again: `python -m monitor.training.train` (needs the extra `hypewatch[train]`).

Reads every `data/<study>.jsonl` beside this file: lines {"text", "drift": 0|1, "types": [...], "writer", "second"?: 0|1},
each file about the study of that name (a fact sheet in `studies/`, or one that ships). Writes `weights.json.gz`. Deterministic: the same
data and rules give the same weights.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.drift.classifier import WORD_FACTOR, Calibration, scale
from monitor.core.drift.features import WORDY
from monitor.core.drift.judge import Judge
from monitor.core.drift.ruleset import RuleSet
from monitor.core.text.doc import read
from monitor.library.classifier.load import WEIGHTS
from monitor.library.load import Library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HERE = Path(__file__).parent
#: Inverse strength of the L2 penalty, chosen by training on all writers but one and scoring on that one (docs/accuracy.md).
STRENGTH, TYPE_STRENGTH = 1.0, 1.0
#: A feature that is as frequent in drift as elsewhere says little, however often it stands there: each is scaled by its log
#: ratio of frequencies (naive Bayes features: Wang & Manning 2012, "Baselines and Bigrams") before the fit. The first is
#: added to each count, the second to each ratio.
SMOOTHING, LEAST_RATIO = 0.5, 0.3
#: How much a sentence counts. Those about invented studies teach the language of drift to every study, those of the
#: study that ships also its register; one of its writers (E) wrote whole pieces, whose labels depend on what stands
#: around. Chosen by scoring on real coverage, on a set by somebody who had seen none of it, and on a study held back.
WRITER_WEIGHT = {"E": 0.3}
OTHERS_WEIGHT, OTHERS_TYPE_WEIGHT = 0.6, 0.3
SHIPPED_STUDIES = frozenset({"keio-ips-sci"})
#: A feature of a single sentence teaches nothing but that sentence.
LEAST_SENTENCES = 2
#: Weights smaller than this change no decision; leaving them out halves the file.
LEAST_WEIGHT = 0.02
#: Types with fewer sentences than this are left to the rules.
LEAST_OF_TYPE = 12

#: Measured after the last training, and to be measured again after the next: `hypewatch accuracy` on sets that it has not
#: seen prints how often flags of each confidence are right.
CALIBRATION = Calibration(
    # On eight labelled sets: of the flags it agreed with 98 of 100 were right; of those between, 17 of 45, so that they are
    # as sure as the classifier is; of those it contradicted 4 of 34.
    agrees=0.65,
    contradicts=0.4,
    contradicted=0.4,
    candidate=0.45,
    # Flags of such types were right in type in 3 of 20: the sentence drifts, but not so.
    unlikely=0.1,
    likely=0.4,
    look_here=0.4,
    quoted=0.65,
    headline=0.85,
    most_alone=0.9,
    # Of sentences that it alone gave 0.5 to 0.7, about half drifted, of those with 0.7 to 0.9 three quarters, above that
    # nineteen of twenty (six sets).
    slope=1.5,
    tips=0.62,
)


def rows_of(paths: Iterable[Path], library: Library) -> Iterator[tuple[dict[str, Any], dict[str, float]]]:
    """(labelled row, features by weight) of every line of the files."""
    for path in sorted(paths):
        study = library.study(path.stem)
        ruleset = library.ruleset(path.stem)
        judge = Judge(study, RuleSet(rules=ruleset.rules, classes=ruleset.classes))
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line) | {"study": path.stem}
                if row.get("second", row["drift"]) != row["drift"]:
                    continue  # two people read it differently: it teaches nothing
                yield row, vector(judge, row["text"])


def vector(judge: Judge, text: str) -> dict[str, float]:
    """A sentence's features as the model weighs them; a text of several sentences has the features of all."""
    merged: dict[str, Sequence[int]] = {}
    for found in judge.sentence_features(read(text)):
        merged.update(found)
    factor = scale(merged) * WORD_FACTOR
    return {name: (factor if name.startswith(WORDY) else 1.0) for name in merged}


def train(rows: Sequence[tuple[dict[str, Any], dict[str, float]]]) -> dict[str, Any]:
    """Fit the model; returns what `weights.json.gz` holds."""
    counts = Counter(name for _, features in rows for name in features)
    kept = [{n: v for n, v in features.items() if counts[n] >= LEAST_SENTENCES} for _, features in rows]
    drift = [row["drift"] for row, _ in rows]
    weight = [
        WRITER_WEIGHT.get(row["writer"], 1.0) if row["study"] in SHIPPED_STUDIES else OTHERS_WEIGHT for row, _ in rows
    ]
    bias, weights = _fit(kept, drift, STRENGTH, weight)
    typed = [
        (row["types"], features, 1.0 if row["study"] in SHIPPED_STUDIES else OTHERS_TYPE_WEIGHT)
        for (row, _), features in zip(rows, kept, strict=True)
        if row["drift"] and row.get("types")
    ]
    slugs = Counter(slug for slugs_, _, _ in typed for slug in slugs_)
    types = {}
    for slug in sorted(slug for slug, count in slugs.items() if count >= LEAST_OF_TYPE):
        is_type = [int(slug in slugs_) for slugs_, _, _ in typed]
        b, w = _fit([f for _, f, _ in typed], is_type, TYPE_STRENGTH, [x for _, _, x in typed])
        types[slug] = {"bias": b, "weights": w}
    return {
        "bias": bias,
        "weights": weights,
        "types": types,
        "sentences": len(rows),
        "calibration": asdict(CALIBRATION),
    }


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


def main() -> None:
    """Train on everything and write the weights."""
    library = Library(HERE / "studies", {}, classifier=None)
    data = files("monitor.training").joinpath("data")
    rows = list(rows_of([Path(str(item)) for item in data.iterdir() if item.name.endswith(".jsonl")], library))
    trained = train(rows)
    raw = json.dumps(trained, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    (HERE / WEIGHTS).write_bytes(gzip.compress(raw, 9, mtime=0))
    drift = sum(row["drift"] for row, _ in rows)
    sys.stdout.write(
        f"{len(rows)} sentences ({drift} drift), {len(trained['weights'])} features, {len(trained['types'])} types.\n"
    )


if __name__ == "__main__":
    main()
