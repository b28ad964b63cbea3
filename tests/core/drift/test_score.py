"""The score 0-100 and its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def judged(text: str, *, title: str = "", kind: Kind = Kind.POST, lang: str = "en"):
    return assess(title, text, STUDY, RULES, kind=kind, lang=lang)


def test_the_score_adds_up_and_grows_with_severity():
    low, high = judged("A breakthrough."), judged("He was cured and walks again.")
    assert 0 < low.score < high.score <= 100
    assert round(sum(high.score_parts.values())) == pytest.approx(high.score, abs=1)
