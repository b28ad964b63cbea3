"""Claims as rows for JSON and CSV, and as lines of a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.judgement import Drift
from monitor.export.lists import Line
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.repetition import ClaimHistory, RepeatedClaim


def claim_row(claim: RepeatedClaim) -> dict[str, Any]:
    """A claim with how often, by how many and since when it is made, and what is right."""
    return {
        "id": str(claim.key),
        "study": claim.key.study_id,
        "drift": claim.key.drift.value,
        "finding": claim.key.finding or None,
        "mentions": claim.mentions,
        "outlets": claim.outlets,
        "repeaters": claim.repeaters,
        "first": stamp(claim.first),
        "last": stamp(claim.last),
        "quote": claim.quote,
        "study_found": claim.found,
        "source_title": claim.source.title if claim.source else None,
        "source_url": claim.source.url if claim.source else None,
        "correction": claim.correction,
    }


def claim_history_row(history: ClaimHistory) -> dict[str, Any]:
    """A claim over time: by UTC day (days without it left out), who makes it most often, in which words, and its newest examples."""
    return {
        **claim_row(history.claim),
        "days": [{"day": day.isoformat(), "mentions": times} for day, times in history.days],
        "made_by": [
            {
                "outlet": one.source.id,
                "name": one.source.name,
                "network": one.source.network.value,
                "mentions": one.times,
                "first": stamp(one.first),
                "last": stamp(one.last),
                "asked": one.asked,
                "corrected": one.corrected,
            }
            for one in history.repeaters
        ],
        "wordings": [{"quote": one.quote, "mentions": one.times} for one in history.wordings],
        "examples": [
            {
                "mention": one.mention.id,
                "flag": one.flag.id,
                "source": one.mention.source.name,
                "title": one.mention.title,
                "url": one.mention.url,
                "published": stamp(one.mention.published),
                "lang": one.mention.lang,
                "quote": one.flag.flag.span.quote,
            }
            for one in history.examples
        ],
    }


def claim_line(row: Mapping[str, Any]) -> Line:
    """A claim, when it was made last."""
    found = f" The study found: {row['study_found']}" if row["study_found"] else ""
    return Line(
        page=f"/claims/{row['id']}",
        title=f"{Drift(row['drift']).words.capitalize()}: “{row['quote']}”",
        summary=f"In {row['mentions']:,} mentions of {row['outlets']:,} outlets.{found}",
        at=row["last"],
    )
