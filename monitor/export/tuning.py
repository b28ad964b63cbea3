"""Rules, their versions and back-tests as rows for JSON and CSV: the same in commands and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.export.rows import stamp

if TYPE_CHECKING:
    from monitor.core.evaluation.backtest import Backtest, Change, Grade
    from monitor.core.mention import RuleSetVersion
    from monitor.core.reviews import RuleRecord
    from monitor.core.rules.rule import Rule
    from monitor.core.rules.statistics import RuleHits


def rule_row(rule: Rule) -> dict[str, Any]:
    """A rule as output holds it."""
    return {
        "id": rule.id,
        "pack": rule.pack,
        "drift": rule.drift.value,
        "severity": rule.severity.value,
        "status": rule.status.value,
        "kind": rule.kind.value,
        "finding": rule.finding,
        "languages": list(rule.languages),
        "confidence": rule.confidence,
        "message": rule.message,
        "why": rule.why,
    }


def used_rule_row(rule: Rule, record: RuleRecord | None, hits: RuleHits | None) -> dict[str, Any]:
    """A rule with its flags of thirty days and what people decided about them."""
    return rule_row(rule) | {
        "flags_30_days": hits.total if hits else 0,
        "right": record.upheld if record else 0,
        "wrong": record.dismissed if record else 0,
    }


def version_row(version: RuleSetVersion) -> dict[str, Any]:
    """A saved version of your rules as output holds it."""
    return {
        "version": version.id,
        "at": stamp(version.at),
        "by": version.author,
        "step": version.step.value,
        "note": version.note,
        "judge_old": version.judge_old,
        "files": sorted(version.files),
        "digest": version.digest,
    }


def backtest_row(found: Backtest) -> dict[str, Any]:
    """A back-test as output holds it."""
    changed: dict[str, list[dict[str, Any]]] = {kind: [] for kind in ("gained", "lost", "changed")}
    for change in found.changes:
        changed[change.kind].append(change_row(change))
    return {
        "id": found.id,
        "study": found.study_id,
        "state": found.state.value,
        "mentions": found.total,
        "judged": found.judged,
        "rules": list(found.rules),
        "kept": found.kept,
        "gained_count": found.gained,
        "lost_count": found.lost,
        "changed_count": found.changed,
        **changed,
        "lost_upheld": found.lost_upheld,
        "reviewed": {"before": _tally(found.reviewed_before), "after": _tally(found.reviewed_after)},
        "labelled": {"before": _labelled(found.labelled_before), "after": _labelled(found.labelled_after)},
        "seconds": round(found.seconds, 2),
    }


def change_row(change: Change) -> dict[str, Any]:
    """A change as output holds it; `before` is null for a flag that comes or goes."""
    return {
        "kind": change.kind,
        "mention": change.mention_id,
        "source": change.source,
        "published": change.published.isoformat().replace("+00:00", "Z"),
        "rule": change.rule,
        "drift": change.drift,
        **_grade(change.grade),
        "before": None if change.before is None else _grade(change.before),
        "in": change.where,
        "quote": change.quote,
        "sentence": change.sentence,
        "start": change.start,
        "end": change.end,
        "review": change.review,
    }


def _grade(grade: Grade) -> dict[str, Any]:
    return {"severity": grade.severity, "confidence": grade.confidence, "tier": grade.tier}


def _tally(tally: Any) -> dict[str, Any]:
    return {"right": tally.right, "of": tally.of, "precision": tally.share, "lintscore": round(tally.lintscore, 2)}


def _labelled(score: Any) -> dict[str, Any] | None:
    if score is None:
        return None
    return {
        "precision": score.precision.share,
        "recall": score.recall.share,
        "right": score.right,
        "flagged": score.flagged,
        "drifting": score.drifting,
        "lintscore": round(score.precision.lintscore, 2),
    }
