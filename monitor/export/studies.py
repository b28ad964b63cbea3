"""Fact sheets and what may have happened to a study, as rows for JSON and CSV: the same in commands and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.export.rows import stamp

if TYPE_CHECKING:
    from monitor.core.proposals import Proposal
    from monitor.core.study import Study


def study_row(study: Study) -> dict[str, Any]:
    """A study as a list holds it."""
    return {
        "id": study.id,
        "name": study.name,
        "institution": study.institution,
        "as_of": study.as_of.isoformat(),
        "findings": len(study.findings),
        "state": "draft" if study.draft else "in use",
    }


def finding_rows(study: Study) -> list[dict[str, Any]]:
    """The findings as output holds them."""
    return [
        {
            "finding": finding.id,
            "says": finding.sentence,
            "quote": finding.quote,
            "source": finding.reference.title,
            "url": finding.reference.url,
            "as_of": finding.as_of.isoformat(),
            "since": finding.since.isoformat() if finding.since else None,
            "until": finding.until.isoformat() if finding.until else None,
            "correction": finding.correction,
        }
        for finding in study.findings.values()
    ]


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """A proposal as output holds it."""
    return {
        "id": proposal.id,
        "study": proposal.study_id,
        "kind": proposal.kind.value,
        "opened": stamp(proposal.opened_at),
        "sentence": proposal.sentence,
        "seen": list(proposal.seen),
        "findings": list(proposal.findings),
        "title": proposal.title,
        "url": proposal.url,
        "detail": proposal.detail,
        "state": proposal.state,
        "by": proposal.by,
        "decided": stamp(proposal.decided_at),
        "why": proposal.why,
    }
