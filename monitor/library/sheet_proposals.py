"""What accepting a proposal changes in a fact sheet, and that in words for a person to see before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.proposals import ProposalKind
from monitor.library.sheet_edit import entries_of, new_id, with_new, with_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.proposals import Proposal
    from monitor.core.study import Study

#: Kinds that tell of a new paper: it becomes a source.
_APPEARED = frozenset({ProposalKind.PUBLISHED, ProposalKind.PREPRINT})


def with_proposal(text: str, study: Study, proposal: Proposal) -> tuple[str, tuple[str, ...]]:
    """The sheet as it is once the proposal is accepted, and each change in words; the same text and nothing where only a person
    can say what changes.
    """
    if proposal.kind not in _APPEARED:
        return text, ()
    sources, told = entries_of(text, "sources"), []
    known = next((name for name, title in sources.items() if title == " ".join(proposal.title.split())), None)
    name = known or new_id("paper", sources)
    if known is None:
        values = {"title": " ".join(proposal.title.split()) or "The paper", "url": proposal.url}
        text = with_new(text, ("sources", name), values)
        told.append(f"“{values['title']}” becomes a source.")
    for finding_id in proposal.findings:
        finding = study.finding(finding_id)
        if finding is None or not proposal.rung or finding.ladder is None:
            continue
        ladder = study.ladders[finding.ladder]
        if proposal.rung not in {rung.id for rung in ladder.rungs} or finding.rung is None:
            continue
        if ladder.level(proposal.rung) > ladder.level(finding.rung):
            text = with_values(text, ("findings", finding_id), {"rung": proposal.rung, "source": name})
            told.append(
                f"On the scale “{_words(ladder.id)}” the study goes from “{_words(finding.rung)}” to “{_words(proposal.rung)}”."
            )
    return text, tuple(told)


def to_look_at(study: Study, proposal: Proposal) -> Sequence[str]:
    """The findings that a person should read again, by their ids."""
    return tuple(finding_id for finding_id in proposal.findings if finding_id in study.findings)


def _words(slug: str) -> str:
    return slug.replace("-", " ")
