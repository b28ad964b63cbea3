"""What becomes of a mention when its item comes again: is it an edit, more of the same, or less than there was? Pure.

A newspaper that puts an article behind a wall has corrected nothing, a site whose page is gone has not either, and a
page that says more than the feed's summary has not been edited. Each decision has its reason, which is logged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.items.aliases import said, same_words
from monitor.core.items.identity import normalise_title
from monitor.core.items.walls import says_wall
from monitor.core.mention import FlagState, TextFrom
from monitor.core.model import Availability
from monitor.core.text.content_words import STOPWORDS
from monitor.core.text.lines import levelled

if TYPE_CHECKING:
    from monitor.core.mention import Revision

#: A text that lost so much of its letters may be what a wall or a stub shows of it.
SHORTER = 0.6
#: A text that has so little in common with the one before it, counted in words that say something, is another text.
OTHER = 0.25
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$")


class Why(StrEnum):
    """The reason of a decision, as the log has it."""

    SAME_WORDS = "the same words"
    PAGE_OUTRANKS = "the whole page outranks a feed's summary"
    OTHER_ADDRESS = "the same article at another address may be set otherwise"
    PASSAGE = "a passage of it does not stand in for its own words"
    QUOTED = "a page quotes a post otherwise than its network gives it"
    MORE = "more of it than before, or as its network gives it"
    LESS = "less of the text can be read than before"
    EDITED = "its words were changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A text of an item: as it is stored, or as it is met now. `quoted`: it is a post that a page quotes.

    `availability` is what can be read at its address now, `partial` whether this very text is a part of what was said.
    """

    title: str
    text: str
    text_from: TextFrom
    quoted: bool = False
    alias: bool = False  # met under another name than the item is stored under
    partial: bool = False
    availability: Availability = Availability.WHOLE


@dataclass(frozen=True, slots=True)
class Decision:
    """`revise`: the text that is met is the new revision, and flags that it does not have end as `ends`.

    `availability` is what can be read of the text now; None: this telling says nothing of it. `ask_page`: only the
    article's page can tell whether its words were changed.
    """

    revise: bool
    why: Why
    ends: FlagState = FlagState.WITHDRAWN
    availability: Availability | None = None
    ask_page: bool = False


def decide(stored: Told, met: Told) -> Decision:
    """What becomes of the stored text."""
    return _kept(stored, met) or _revised(stored, met)


def _kept(stored: Told, met: Told) -> Decision | None:
    """Why the stored text stays; None if it does not."""
    page, was_page = met.text_from is TextFrom.PAGE, stored.text_from is TextFrom.PAGE
    passage, was_passage = met.text_from is TextFrom.PASSAGE, stored.text_from is TextFrom.PASSAGE
    if (stored.title, stored.text) == (met.title, met.text):
        looked = page or not was_page  # a summary says nothing of what the page shows
        return Decision(revise=False, why=Why.SAME_WORDS, availability=met.availability if looked else None)
    less = _less(stored, met) if page else met.availability if passage else Availability.WHOLE
    if less is not Availability.WHOLE:
        return Decision(revise=False, why=Why.LESS, availability=less)
    reasons = (
        (Why.PASSAGE, passage and not was_passage),
        (Why.PAGE_OUTRANKS, was_page and not page),
        # It may be set a little otherwise there: the two must not revise each other for ever.
        (Why.OTHER_ADDRESS, (was_page or (passage and was_passage)) and met.alias),
        (Why.QUOTED, met.quoted and not _quotes_more(stored, met)),
        (Why.LESS, not page and met.partial and not stored.partial),
    )
    why = next((why for why, holds in reasons if holds), None)
    return None if why is None else Decision(revise=False, why=why, ask_page=why is Why.PAGE_OUTRANKS)


def _revised(stored: Told, met: Told) -> Decision:
    """Only a text of the same kind, compared with itself, shows a correction: a summary's words were corrected by nobody."""
    whole = not stored.partial and not met.partial
    if whole and stored.text_from is met.text_from and stored.quoted == met.quoted:
        return Decision(revise=True, why=Why.EDITED, ends=FlagState.FIXED, availability=met.availability)
    why = Why.PAGE_OUTRANKS if met.text_from is TextFrom.PAGE else Why.MORE
    return Decision(revise=True, why=why, availability=met.availability)


def comparable(old: Revision, new: Revision) -> bool:
    """Do two revisions show how the text changed? What a feed's summary said and what the page says do not."""
    return old.text_from is new.text_from


def _quotes_more(stored: Told, met: Told) -> bool:
    """Each page sets a post a little otherwise, or cuts it; one that its network gave stays as it gave it."""
    return stored.quoted and (not same_words(met.text, stored.text) or len(said(met.text)) > len(said(stored.text)))


def _less(stored: Told, met: Told) -> Availability:
    """WHOLE if the page shows the article; else what stands in its place.

    What the page says of itself comes first: however much of the article stands above a wall, nobody has corrected it.
    Then the page is compared with what was read of it before. Much less, that begins like it and ends with a line of the
    site's own, or that has little in common with it, is no edit; nor is another page under another headline, however long.
    What was read before may itself be a part: less than a part is no edit either.
    """
    if met.availability is not Availability.WHOLE or stored.text_from is not TextFrom.PAGE:
        return met.availability
    old, new = _words(stored.text), _words(_CUT.sub("", met.text))
    common = _common(old, new)
    if len(new) < len(old) and (said := says_wall(_new_lines(stored.text, met.text))) is not Availability.WHOLE:
        return said
    if _shared(old, new) < OTHER and (
        _shorter(stored, met) or _shared(_words(stored.title), _words(met.title)) < OTHER
    ):
        return Availability.STUB
    if not _shorter(stored, met):
        return Availability.WHOLE
    begins = common >= OTHER * len(new) and _shared(old, new[common:]) < OTHER
    return Availability.STUB if begins or not new or _CUT.search(met.text) else Availability.WHOLE


def _shorter(stored: Told, met: Told) -> bool:
    return len(met.text) < SHORTER * len(stored.text)


def _common(old: list[str], new: list[str]) -> int:
    """How many words both begin with."""
    return next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )


def _shared(old: list[str], new: list[str]) -> float:
    """How many of the new words that say something are among the old ones; 0 if none says anything."""
    telling = set(new) - STOPWORDS
    return len(telling & set(old)) / len(telling) if telling else 0.0


def _new_lines(old: str, new: str) -> str:
    """The sentences that were not there before, in one text."""
    known = {" ".join(_words(sentence)) for sentence in _SENTENCE.split(levelled(old))}
    return " ".join(sentence for sentence in _SENTENCE.split(levelled(new)) if " ".join(_words(sentence)) not in known)


def _words(text: str) -> list[str]:
    """Words for comparing; each letter of a script without spaces is one."""
    folded = normalise_title(text)
    return re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+", folded)
