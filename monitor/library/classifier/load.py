"""The second reader's weights, as they ship."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from monitor.core.drift.classifier import Calibration, Classifier

WEIGHTS = "weights.json.gz"


@cache
def shipped_classifier() -> Classifier | None:
    """The Reader trained last, or None where no weights are (before the first training)."""
    item = files("monitor.library.classifier").joinpath(WEIGHTS)
    if not item.is_file():
        return None
    raw = gzip.decompress(item.read_bytes())
    data = json.loads(raw)
    calibration = _calibration(data["calibration"])
    return Classifier(
        bias=data["bias"],
        weights=data["weights"],
        types={slug: (part["bias"], part["weights"]) for slug, part in data["types"].items()},
        digest=hashlib.sha256(raw).hexdigest(),
        calibration=calibration,
        calibration_elsewhere=replace(calibration, **data["elsewhere"]),
        studies=frozenset(data["studies"]),
    )


def _calibration(data: dict[str, Any]) -> Calibration:
    records = {rule: (right, found) for rule, (right, found) in data.pop("records").items()}
    return Calibration(records=records, **data)
