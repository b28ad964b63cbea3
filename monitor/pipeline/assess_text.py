"""From a text to its assessment: in which language is it, is it about the study, and does it drift? From an item to judged
mentions. Pure but for what the Library holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.items.aliases import names_of
from monitor.core.mention import About, MentionDraft, TextFrom, is_part
from monitor.core.model import Availability, Kind
from monitor.core.relevance import find_mention, may_concern
from monitor.core.text.lang import detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.entry import Entry, ItemNames
    from monitor.core.judgement import Assessment
    from monitor.core.mention import Relevance
    from monitor.core.study import Study
    from monitor.ports import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What one text is for one study. `assessment` is None for a text that is not about it."""

    lang: str
    relevance: Relevance
    assessment: Assessment | None


def assess_text(
    title: str,
    text: str,
    study: Study,
    ruleset: RuleSet,
    *,
    kind: Kind,
    lang: str = "",
    hint: str = "",
    assume: bool = False,
    on_its_page: bool = False,
    taken: Relevance | None = None,
    partial: bool = False,
    on: date | None = None,
) -> Assessed:
    """The one way to judge a text that comes in: its language, whether it is about the study, and its drift if it is.

    `lang` is the language where it is known, `hint` what its source says it is. `assume` judges it whatever relevance finds.
    A text `on_its_page` is quoted on a page about the study, which need not name it again; `taken` stands in for what
    relevance finds of a text that does not name the study. Of a `partial` text nobody can say what it leaves out.
    `on` is the day on which it was told.
    """
    lang = lang or detect_language(f"{title}\n{text}", hint=hint)
    relevance = find_mention(title, text, study, on_its_page=on_its_page)
    if taken is not None and relevance.verdict is not About.ABOUT:
        relevance = taken
    about = assume or relevance.verdict is About.ABOUT or (on_its_page and relevance.verdict is About.MAYBE)
    assessment = assess(title, text, study, ruleset, kind=kind, lang=lang, partial=partial, on=on) if about else None
    return Assessed(lang=lang, relevance=relevance, assessment=assessment)


def draft_mentions(
    library: Library,
    entry: Entry,
    *,
    identity: str,
    title: str,
    text: str,
    text_from: TextFrom,
    canonical_url: str | None = None,
    found_on: str | None = None,
    about: Sequence[str] = (),
    taken: Relevance | None = None,
    availability: Availability = Availability.WHOLE,
    names: ItemNames | None = None,
) -> tuple[list[MentionDraft], bool]:
    """The mentions in one text, one per study it is about, judged; and whether its page could still tell more.

    `about` names studies that the text is known to be about (a post quoted in an article on the study may not name it);
    with `taken` it stands in for whatever relevance finds. Of a text that is not WHOLE nobody can say what it leaves out.
    `names` are the item's as met in this very text, if they were made before.
    """
    drafts: list[MentionDraft] = []
    maybe, lang = False, ""
    for study in library.studies():
        on_its_page = study.id in about
        if not on_its_page and not may_concern(title, text, study):
            continue
        found = assess_text(
            title,
            text,
            study,
            library.ruleset(study.id),
            kind=entry.kind,
            lang=lang,
            hint=entry.lang,
            on_its_page=on_its_page,
            taken=taken if on_its_page else None,
            partial=is_part(text_from, availability),
            on=entry.told_on,
        )
        lang = found.lang
        if found.assessment is not None:
            names = names or names_of(entry, identity, text=text, canonical=canonical_url)
            drafts.append(
                MentionDraft(
                    study_id=study.id,
                    identity=identity,
                    entry=entry,
                    title=title,
                    text=text,
                    text_from=text_from,
                    lang=lang,
                    relevance=found.relevance,
                    assessment=found.assessment,
                    names=names,
                    found_on=found_on,
                    canonical_url=canonical_url,
                    availability=availability,
                )
            )
        maybe = maybe or found.relevance.verdict is About.MAYBE
    return drafts, maybe


def draft_entry(
    library: Library,
    entry: Entry,
    identity: str,
    names: ItemNames,
    *,
    about: Sequence[str] = (),
    taken: Relevance | None = None,
) -> tuple[list[MentionDraft], bool]:
    """The mentions in what a feed or network gave of an item; and whether its article page is to be read. `about` and `taken`: see
    above.
    """
    text_from = TextFrom.POST if entry.kind is Kind.POST else TextFrom.FEED
    drafts, maybe = draft_mentions(
        library,
        entry,
        identity=identity,
        title=entry.title,
        text=entry.text,
        text_from=text_from,
        about=about,
        taken=taken,
        availability=Availability.CUT if entry.cut else Availability.WHOLE,
        names=names,
    )
    wants_page = entry.kind is Kind.ARTICLE and entry.url is not None and bool(drafts or maybe)
    return drafts, wants_page
