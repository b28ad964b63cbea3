"""A back-test: what changed rules would gain, lose and keep on stored mentions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from monitor.core.drift import assess
from monitor.core.evaluation.backtest import backtest
from monitor.core.mention import FlagState, Mention, Source, StoredFlag, TextFrom, Verdict
from monitor.core.model import DateConfidence, Kind, Network
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
NOW = replace(LIBRARY.ruleset("keio-ips-sci"), classifier=None, digest="sha256:backtest-now")
WITHOUT = replace(NOW, rules=tuple(rule for rule in NOW.rules if rule.id != "miracle"), digest="sha256:backtest-then")
DAY = datetime(2026, 2, 24, tzinfo=UTC)


def mention(text: str, **changes) -> Mention:
    usual = {
        "id": 7,
        "study_id": STUDY.id,
        "identity": "url:https://a.example/1",
        "kind": Kind.POST,
        "network": Network.WEB,
        "source": Source(id=1, key="lantern", name="The Lantern", network=Network.WEB, weight=1),
        "url": None,
        "title": "",
        "text": text,
        "author": "",
        "lang": "en",
        "published": DAY,
        "date_confidence": DateConfidence.EXACT,
        "first_seen": DAY,
        "text_from": TextFrom.PAGE,
        "revision": 1,
        "because": (),
        "score": 0,
        "caveats_present": (),
        "caveats_missing": (),
    }
    return Mention(**(usual | changes))


def test_the_same_rules_move_nothing():
    found = backtest([mention("What a miracle: he walks again."), mention("It rained.")], STUDY, NOW, NOW)
    assert (found.mentions, found.kept, found.gained, found.lost) == (2, 2, [], [])


def test_what_is_lost_and_gained_is_told_with_its_source_and_review():
    text = "What a miracle: he walks again."
    (flag,) = [f for f in assess("", text, STUDY, NOW, kind=Kind.POST).flags if f.rule == "miracle"]
    stored = StoredFlag(
        id=1,
        mention_id=7,
        flag=flag,
        ruleset="old",
        state=FlagState.ACTIVE,
        raised_at=DAY,
        raised_in=1,
        review=Verdict.UPHELD,
    )
    lost = backtest([mention(text, flags=(stored,))], STUDY, NOW, WITHOUT)
    assert [(m.mention_id, m.source, m.flag.rule, m.review) for m in lost.lost] == [
        (7, "The Lantern", "miracle", Verdict.UPHELD)
    ]
    assert lost.lost_upheld == lost.lost
    assert (lost.kept, lost.gained) == (1, [])
    gained = backtest([mention(text)], STUDY, WITHOUT, NOW)
    assert [(m.flag.rule, m.review) for m in gained.gained] == [("miracle", None)]
    assert (gained.kept, gained.lost, gained.lost_upheld) == (1, [], [])


def test_what_a_part_of_a_text_leaves_out_is_neither_gained_nor_kept():
    """Stored mentions are judged so; a back-test that judged them as whole articles foretold flags that never came."""
    long = "He can stand again after the transplant. " + "The day was long and the room was full of people. " * 20
    silent = replace(
        NOW, rules=tuple(rule for rule in NOW.rules if rule.id != "missing-caveats"), digest="sha256:backtest-silent"
    )
    whole, part = (mention(long, kind=Kind.ARTICLE, partial=partial) for partial in (False, True))
    assert [m.flag.rule for m in backtest([whole], STUDY, silent, NOW).gained] == ["missing-caveats"]
    assert backtest([part], STUDY, silent, NOW).gained == []
