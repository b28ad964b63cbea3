"""A text that was checked as output holds it (`hypewatch.check/1`), and two sentences that were compared: the same in commands and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.judgement import flag_fields
from monitor.core.text.lang import is_judged, not_judged

if TYPE_CHECKING:
    from monitor.core.drift.strength import Scale
    from monitor.pipeline.assess_text import Assessed

SCHEMA = "hypewatch.check/1"


def check_row(text_id: str, found: Assessed, digest: str) -> dict[str, Any]:
    """What was found of a text; `digest` is that of the rules. `reason` is there if it is not judged, `confusable` if another study is meant."""
    relevance, assessment = found.relevance, found.assessment
    row: dict[str, Any] = {
        "schema": SCHEMA,
        "id": text_id,
        "about_study": assessment is not None,
        "because": list(relevance.because),
        "lang": found.lang,
        "judged": is_judged(found.lang),
        "drift": assessment.drift if assessment else False,
        "score": assessment.score if assessment else 0,
        "flags": [flag_fields(flag) for flag in assessment.flags] if assessment else [],
        "caveats": {
            "present": list(assessment.caveats_present) if assessment else [],
            "missing": list(assessment.caveats_missing) if assessment else [],
        },
        "score_parts": dict(assessment.score_parts) if assessment else {},
        "ruleset": digest,
    }
    if not row["judged"]:
        row["reason"] = not_judged(found.lang)
    if relevance.confusable:
        row["confusable"] = relevance.confusable
    return row


def compared_row(row_id: str, finding: str, claim: str, scale: Scale) -> dict[str, Any]:
    """How strongly a finding and a claim tie one thing to another, and whether the claim goes beyond."""
    found, said, verdict = scale.compare(finding, claim)
    return {
        "id": row_id,
        "finding_strength": found.level,
        "claim_strength": said.level,
        "verdict": verdict.value,
        "because": [*(f"finding: {words}" for words in found.because), *(f"claim: {words}" for words in said.because)],
    }
