"""Japanese is judged by rules alone: what they must see and let pass, in sentences that no rule holds as an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def flagged(text: str) -> set[str]:
    return {flag.rule for flag in assess("", text, STUDY, RULES, kind=Kind.POST, lang="ja").flags}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("手術を受けた4名全員が改善し、家に帰った。", "ja-responders"),
        ("古い傷の患者を含むあらゆる麻痺に効果があるという。", "ja-population"),
        ("慢性期の患者にも有効だという。", "ja-population"),
        ("麻痺の完治も夢じゃありません。", "ja-outcome"),
    ],
)
def test_all_patients_and_all_injuries(text: str, rule: str):
    assert rule in flagged(text)


@pytest.mark.parametrize(
    "text",
    [
        "4名全員が手術を受け、うち2人が改善した。",
        "何万人もの患者がいるとされる。",
        "厚労省が承認したのは研究の計画だ。",
        "看護師は庭を歩いた。",
    ],
)
def test_the_same_words_told_faithfully(text: str):
    assert flagged(text) == set()
