"""A back-test: what changed rules would gain and lose on a mention, and how the counts add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.evaluation.backtest import (
    MOST_CHANGES,
    MOST_SENTENCE,
    Backtest,
    ChangeKind,
    Grade,
    Labelled,
    Tally,
    changes,
    sentence_of,
    with_changes,
)
from monitor.core.judgement import Severity, Tier
from monitor.core.mention import FlagState, Mention, Source, StoredFlag, TextFrom, Verdict
from monitor.core.model import DateConfidence, Kind, Network
from monitor.core.rules.rule import Status
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
NOW = replace(LIBRARY.ruleset("keio-ips-sci"), classifier=None, digest="sha256:backtest-now")
WITHOUT = replace(NOW, rules=tuple(rule for rule in NOW.rules if rule.id != "miracle"), digest="sha256:backtest-then")
DAY = datetime(2026, 2, 24, tzinfo=UTC)


def mention(text: str, **more) -> Mention:
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
    return Mention(**(usual | more))


def stored(text: str, **more) -> StoredFlag:
    (flag,) = [f for f in assess("", text, STUDY, NOW, kind=Kind.POST).flags if f.rule == "miracle"]
    usual = {
        "id": 1,
        "mention_id": 7,
        "flag": flag,
        "ruleset": "old",
        "state": FlagState.ACTIVE,
        "raised_at": DAY,
        "raised_in": 1,
    }
    return StoredFlag(**(usual | more))


TEXT = "Rain fell. What a miracle: he walks again."


def told(held: Mention, before, after):
    """What comes (True) and goes; flags that only change (the second reader weighs what the rules say) are left out."""
    found = (c for c in changes(held, STUDY, before, after) if c.kind is not ChangeKind.CHANGED)
    return [(c.kind is ChangeKind.GAINED, c.rule, c.quote, c.review) for c in found]


def test_the_same_rules_change_nothing():
    assert told(mention(TEXT), NOW, NOW) == []


def test_what_goes_and_comes_is_told_with_its_sentence_and_review():
    held = mention(TEXT, flags=(stored(TEXT, review=Verdict.UPHELD),))
    assert told(held, NOW, WITHOUT) == [(False, "miracle", "miracle", Verdict.UPHELD)]
    assert told(held, WITHOUT, NOW) == [(True, "miracle", "miracle", Verdict.UPHELD)]
    (change,) = changes(held, STUDY, NOW, WITHOUT)
    assert (change.sentence, change.source, change.lost_upheld) == (
        "What a miracle: he walks again.",
        "The Lantern",
        True,
    )
    assert change.sentence[change.start : change.end] == "miracle"


def test_stored_flags_of_the_rules_in_use_are_taken_as_they_are():
    untrue = mention(TEXT, ruleset=NOW.digest, flags=())
    assert [row[:2] for row in told(untrue, NOW, WITHOUT)] == [(True, "above-outcome")]
    closed = mention(TEXT, ruleset=NOW.digest, flags=(stored(TEXT, state=FlagState.WITHDRAWN, closed_at=DAY),))
    assert (True, "miracle", "miracle", None) in told(closed, replace(NOW, digest=NOW.digest), replace(NOW, digest=""))


def test_of_a_part_of_a_text_nobody_says_what_it_leaves_out():
    article = "He can stand again after the transplant. " + "The day was long and the room was full. " * 20
    quiet = replace(NOW, rules=(), digest="")
    whole, part = (
        {row[1] for row in told(mention(article, kind=Kind.ARTICLE, partial=partial), quiet, NOW)}
        for partial in (False, True)
    )
    assert whole - part == {"missing-caveats", "only-responders"}


def test_a_long_sentence_is_shown_around_its_words():
    text = "word " * 300 + "miracle" + " word" * 300
    flag = stored("A miracle.").flag
    at = text.index("miracle")
    flag = replace(flag, span=replace(flag.span, start=at, end=at + 7))
    sentence, start, end = sentence_of(text, flag)
    assert (sentence[start:end], len(sentence) <= MOST_SENTENCE) == ("miracle", True)


def begun_with(**more) -> Backtest:
    """A back-test of the rule "miracle", five flags of which stand."""
    return Backtest(
        id=1,
        study_id=STUDY.id,
        base=None,
        files={},
        since=None,
        author="ada",
        at=DAY,
        rules=("miracle",),
        kept=5,
        **more,
    )


def test_counts_add_up():
    held = mention(TEXT, flags=(stored(TEXT, review=Verdict.UPHELD),))
    lost = list(changes(held, STUDY, NOW, WITHOUT))
    begun = begun_with(total=10, seen=4, seconds=2.0, reviewed_before=Tally(2, 3), reviewed_after=Tally(2, 3))
    lost = [change for change in lost if change.kind is ChangeKind.LOST]
    found = with_changes(begun, lost)
    assert (found.lost, found.gained, found.kept, found.lost_upheld) == (1, 0, 4, 1)
    assert (found.reviewed_before, found.reviewed_after) == (Tally(2, 3), Tally(1, 2))
    assert found.remaining_seconds == pytest.approx(3.0)
    back = with_changes(found, list(changes(held, STUDY, WITHOUT, NOW)))
    assert (back.gained, back.reviewed_after) == (1, Tally(2, 3))
    many = with_changes(begun, lost * (MOST_CHANGES + 5))
    assert (len(many.changes), many.lost, many.kept) == (MOST_CHANGES, MOST_CHANGES + 5, 0)


def severer(ruleset, **more):
    """The ruleset with its rule on miracles changed."""
    rules = tuple(replace(rule, **more) if rule.id == "miracle" else rule for rule in ruleset.rules)
    return replace(ruleset, rules=rules, digest="")


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ({"severity": Severity.LOW}, {"severity": Severity.HIGH}, ("graver: high, was low",)),
        ({"severity": Severity.HIGH}, {"severity": Severity.MEDIUM}, ("milder: medium, was high",)),
        ({"confidence": 0.75}, {"confidence": 0.85}, ("mailed now",)),
        ({"confidence": 0.85}, {"confidence": 0.55}, ("no longer mailed",)),
        ({"confidence": 0.85}, {"confidence": 0.3}, ("no longer mailed, only worth a look",)),
        ({"confidence": 0.3}, {"confidence": 0.9}, ("mailed now",)),
        ({"confidence": 0.3}, {"confidence": 0.6}, ("counts now, not mailed",)),
        ({"confidence": 0.6}, {"confidence": 0.3}, ("only worth a look now",)),
        ({"confidence": 0.9}, {"confidence": 0.9, "status": Status.TRIAL}, ("no longer mailed",)),
        (
            {"confidence": 0.3, "severity": Severity.LOW},
            {"confidence": 0.9, "severity": Severity.MEDIUM},
            ("graver: medium, was low", "mailed now"),
        ),
    ],
)
def test_a_flag_that_stays_and_is_told_otherwise_changes(was, now, told):
    held = mention(TEXT)
    (change,) = [c for c in changes(held, STUDY, severer(NOW, **was), severer(NOW, **now)) if c.rule == "miracle"]
    assert (change.kind, change.steps) == (ChangeKind.CHANGED, told)
    assert change.sentence[change.start : change.end] == "miracle"


@pytest.mark.parametrize(
    "more", [{"message": "“{match}”!"}, {"correction": "It helped."}, {"why": "So."}, {"confidence": 0.9}]
)
def test_what_a_flag_says_and_how_sure_it_is_within_its_standing_changes_nothing(more):
    assert (
        list(
            changes(mention(TEXT), STUDY, severer(NOW, confidence=0.85), severer(NOW, **({"confidence": 0.85} | more)))
        )
        == []
    )


def test_the_lines_between_tiers():
    at = [Grade(Severity.LOW, confidence).tier for confidence in (0.49, 0.5, 0.79, 0.8)]
    assert at == [Tier.LOOK_HERE, Tier.DRIFT, Tier.DRIFT, Tier.CONFIRMED]
    assert Grade(Severity.LOW, 0.9, mailed=False).tier is Tier.DRIFT


def test_changed_flags_are_not_kept_and_stand_last():
    held = mention(TEXT, flags=(stored(TEXT, review=Verdict.UPHELD),))
    begun = begun_with(reviewed_after=Tally(2, 3))
    (milder,) = changes(held, STUDY, severer(NOW, severity=Severity.HIGH), severer(NOW, severity=Severity.LOW))
    (lost,) = [change for change in changes(held, STUDY, NOW, WITHOUT) if change.rule == "miracle"]
    found = with_changes(begun, [milder])
    assert (found.changed, found.kept, found.gained, found.lost, found.counted) == (1, 4, 0, 0, 1)
    assert (found.reviewed_after, found.lost_upheld) == (Tally(2, 3), 0), "it stays, and so does what was said of it"
    gone, new = replace(lost, review=None), replace(lost, review=None, kind=ChangeKind.GAINED)
    assert sorted([milder, new, gone, lost], key=lambda change: change.turn) == [lost, gone, new, milder]
    many = with_changes(begun, [milder] * (MOST_CHANGES + 5))
    assert many.changed == MOST_CHANGES + 5
    assert with_changes(many, [lost]).changes[MOST_CHANGES:] == (lost,), "however many change, what goes is shown"


def test_scores():
    assert Tally(30, 32).lintscore == pytest.approx(30 * (30 / 32) ** 2)
    assert (Tally().share, Tally().lintscore) == (None, 0.0)
    score = Labelled(right=8, flagged=10, drifting=16)
    assert (score.precision.share, score.recall.share) == (0.8, 0.5)
