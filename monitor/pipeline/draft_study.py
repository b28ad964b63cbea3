"""Drafting a fact sheet: from a pasted text, an address or a DOI to a draft that passes its own words, and its answers put in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drafting.answers import answer
from monitor.core.drafting.draft import draft_sheet
from monitor.core.drafting.settle import settled
from monitor.core.errors import UsageError
from monitor.core.items.urls import http_link
from monitor.core.papers import doi_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from monitor.core.drafting.answers import Answer
    from monitor.core.drafting.draft import SheetDraft
    from monitor.core.papers import Paper
    from monitor.ports import PageReader, PaperLookup, RuleLibrary

#: Fewer characters than this are no article: a page that shows a menu and a title.
LEAST_TEXT = 100


def draft_from_text(
    library: RuleLibrary, study_id: str, text: str, *, today: date, paper: Paper | None = None, url: str = ""
) -> SheetDraft:
    """A draft of a pasted abstract or release. Raises UsageError, with a sentence, for what is none."""
    draft = draft_sheet(study_id, text, today=today, paper=paper, url=url)
    return _settled(library, draft)


def draft_from_doi(library: RuleLibrary, papers: PaperLookup, study_id: str, doi: str, *, today: date) -> SheetDraft:
    """A draft of the abstract that an index of papers has. Raises UsageError if none has it."""
    known = doi_of(doi)
    if known is None:
        raise UsageError(f"{doi!r} is no DOI.", "Write it as 10.1016/j.reth.2021.08.005.")
    paper, said = papers.find(known)
    if paper is None:
        why = said or "Neither Europe PMC nor Crossref knows it."
        raise UsageError(f"There is no paper to be had for {known}: {why}", "Paste its abstract instead.")
    if not paper.summary:
        raise UsageError(
            f"The indexes know {known} (“{paper.title}”), but no abstract of it.", "Paste the abstract instead."
        )
    return draft_from_text(library, study_id, paper.summary, today=today, paper=paper)


def draft_from_url(
    library: RuleLibrary, pages: PageReader, papers: PaperLookup, study_id: str, url: str, *, today: date
) -> SheetDraft:
    """A draft of a page's text; of an address that holds a DOI, of that paper's abstract if an index has it."""
    link = http_link(url)
    if link is None:
        raise UsageError(f"{url!r} is no address of a page.", "It begins with https:// or http://.")
    if (doi := doi_of(link)) is not None:
        paper, _ = papers.find(doi)
        if paper is not None and paper.summary:
            return draft_from_text(library, study_id, paper.summary, today=today, paper=paper)
    page, fetched = pages.read(link)
    if page is None or len(page.text) < LEAST_TEXT:
        why = "The page holds no text of an article." if page is not None else fetched.sentence
        raise UsageError(f"{url} could not be read: {why}", "Paste its text instead.")
    return draft_from_text(library, study_id, f"{page.title.rstrip('.')}\n{page.text}", today=today, url=link)


def draft_answered(library: RuleLibrary, draft: SheetDraft, answers: Mapping[str, Answer]) -> SheetDraft:
    """The draft with answers filled in, passing its own words again. Raises UsageError for an answer that cannot be."""
    filled = answer(draft, answers)
    return _settled(library, filled)


def _settled(library: RuleLibrary, draft: SheetDraft) -> SheetDraft:
    # Rules are compiled once for a study's text, and a draft has none yet: without a digest nothing of it is remembered.
    return settled(draft, replace(library.ruleset_of(draft.study), digest=""))
