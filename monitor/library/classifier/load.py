"""The second reader's weights, as they ship.

The file is laid out as it is used, so that reading it costs little: one list of features, beside it their weights, and for each a
line of those that tell types apart, which is read when a sentence asks for it. `digest` is that of the weights as they were fitted.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from monitor.core.drift.classifier import Calibration, Classifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WEIGHTS = "weights.json.gz"


class TypeWeights(Mapping[str, "Mapping[str, float]"]):
    """Feature -> its weights for drift types, kept as lines ("3:0.041 7:-0.2") until they are asked for."""

    def __init__(self, slugs: Sequence[str], lines: Mapping[str, str]) -> None:
        """`slugs` are the types in the order of their numbers."""
        self._slugs, self._lines = slugs, lines
        self._read: dict[str, Mapping[str, float]] = {}

    def __getitem__(self, name: str) -> Mapping[str, float]:
        if name not in self._lines:
            raise KeyError(name)
        weights: Mapping[str, float] = self.get(name)
        return weights

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping; most features of a sentence have none, and an exception for each would cost more than its reading."""
        known = self._read.get(name)
        if known is None:
            line = self._lines.get(name)
            if line is None:
                return default
            pairs = (pair.split(":") for pair in line.split())
            known = self._read[name] = {self._slugs[int(number)]: float(weight) for number, weight in pairs}
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


@cache
def shipped_classifier() -> Classifier | None:
    """The Reader trained last, or None where no weights are (before the first training)."""
    item = files("monitor.library.classifier").joinpath(WEIGHTS)
    if not item.is_file():
        return None
    data = json.loads(gzip.decompress(item.read_bytes()))
    calibration = _calibration(data["calibration"])
    names, types = data["features"].split("\n"), data["types"]
    lines = {name: line for name, line in zip(names, data["typed"].split("\n"), strict=True) if line}
    return Classifier(
        bias=data["bias"],
        weights=dict(zip(names, data["weights"], strict=False)),  # the last features tell only types apart
        types=types,
        typed=TypeWeights(tuple(types), lines),
        digest=data["digest"],
        calibration=calibration,
        calibration_elsewhere=replace(calibration, **data["elsewhere"]),
        studies=frozenset(data["studies"]),
    )


def _calibration(data: dict[str, Any]) -> Calibration:
    records = {rule: (right, found) for rule, (right, found) in data.pop("records").items()}
    return Calibration(records=records, **data)
