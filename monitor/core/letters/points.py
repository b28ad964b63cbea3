"""What a letter asks for: its points, one for each finding, made from the flags of a mention and the fact sheet. Pure.

A point holds what an editor needs and nothing else: where, the words as published, what the study found, its source, what it could
say. What the fact sheet does not have in the letter's language stands in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.items.notes import notes
from monitor.core.items.urls import http_link
from monitor.core.mention import FlagState
from monitor.core.model import DateConfidence, Kind
from monitor.core.text.excerpt import one_line, sentence_bounds, shortened, width
from monitor.core.translation import LEFT_OUT, instead, said
from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from monitor.core.items.notes import Note
    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention, Source, StoredFlag
    from monitor.core.study import Study
    from monitor.core.translation import Said

#: Points of a letter that nobody chose: a longer one is a lecture.
MOST_POINTS = 3
#: A sentence up to this long is quoted whole; of a longer one the words in question are.
MOST_SENTENCE = 300
#: Further wordings of one finding that are quoted beside the first.
MOST_ALSO = 2
#: Words of such a width are found again in a text; of less the sentence is quoted, if it is no wider than this.
FINDABLE, MOST_ALSO_SENTENCE = 25, 160
#: Width of a headline in a subject.
MOST_HEADLINE = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One finding that a text differs from. `sentence` is as published, "" if it stands in the letter already (the headline, or an
    earlier point); `words` are those in question, "" if they are all of `sentence`.
    """

    number: int
    headline: bool
    sentence: str
    words: str
    also: tuple[str, ...]
    adds: bool
    found: Said
    source: str
    source_url: str
    instead: Said | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who asks, and how to reach them: `name`, or several lines with post and address."""

    name: str
    contact: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        told = [line.strip() for line in self.name.splitlines() if line.strip()]
        return (*told, self.contact) if self.contact and self.contact not in self.name else tuple(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContent:
    """All that a letter is written from."""

    language: str
    outlet: str
    study: str
    as_of: date
    post: bool
    headline: str  # of a post its first words
    short_headline: str
    published: date | None
    url: str
    points: tuple[Point, ...]
    signer: Signer


def letter_language(outlet: Source, mention: Mention, chosen: str = "") -> str:
    """The language of a letter: as chosen, else the outlet's, else the text's, else English."""
    spoken = mention.lang.partition("-")[0]
    return next((one for one in (chosen, outlet.language, spoken) if one in LANGUAGES), "en")


def askable(mention: Mention) -> tuple[Note, ...]:
    """The notes of a mention that a letter can ask for: they stand, and the study found something about them."""
    return tuple(
        note for note in notes(stored for stored in mention.flags if stored.stands) if note.lead.flag.found is not None
    )


def first_choice(mention: Mention, flag_id: int) -> tuple[int, ...]:
    """The flags of a letter that begins with one: that one's finding, and the gravest others that go too far. In reading order.

    Raises UsageError if the flag cannot be asked for, with what to do.
    """
    found = askable(mention)
    own = next((note for note in found if any(stored.id == flag_id for stored in note.flags)), None)
    if own is None:
        raise UsageError(*_why_not(mention, flag_id))
    chosen = [own]
    for note in sorted(found, key=lambda one: (-one.lead.flag.severity.rank, one.number)):
        if len(chosen) < MOST_POINTS and note.sure and note.lead.flag.mailed and not _overlaps(note, chosen):
            chosen.append(note)
    return tuple(stored.id for note in found if note in chosen for stored in _surest(note, flag_id))


def _overlaps(note: Note, chosen: Iterable[Note]) -> bool:
    """Is it about the words that a chosen one is about? An editor who mends those mends both."""
    mine = note.lead.flag.span
    others = (one.lead.flag.span for one in chosen)
    return any(mine.where == its.where and mine.start < its.end and its.start < mine.end for its in others)


def _surest(note: Note, flag_id: int) -> Iterator[StoredFlag]:
    """What of a finding's flags a letter names: of those beside a sure one the sure ones, and the one that was asked about."""
    return (one for one in note.flags if one.flag.confirmed or not note.sure or one.id == flag_id)


def _why_not(mention: Mention, flag_id: int) -> tuple[str, str]:
    stored = next((one for one in mention.flags if one.id == flag_id), None)
    if stored is not None and stored.state is FlagState.FIXED:
        return "The page was corrected: these words are no longer there.", "Nothing needs to be asked for."
    if stored is not None and stored.state is FlagState.ACTIVE and stored.stands:
        return (
            "These words are a matter of style, and the study found nothing about them.",
            "An editor needs a finding and its source: choose other words of the text.",
        )
    return "These words are not marked as going too far any more.", "Load the page again to see what is."


def letter_content(
    mention: Mention, flag_ids: Collection[int], study: Study, outlet: Source, language: str, signer: Signer
) -> LetterContent:
    """What a letter about these flags of a mention says, flag by flag gathered by finding."""
    chosen = [stored for stored in mention.flags if stored.id in flag_ids and stored.flag.found is not None]
    first_words = mention.title or shortened(one_line(mention.text), MOST_HEADLINE, width)
    dated = mention.date_confidence in {DateConfidence.EXACT, DateConfidence.DAY}
    return LetterContent(
        language=language,
        outlet=outlet.name,
        study=study.name_in(language),
        as_of=study.as_of,
        post=mention.kind is Kind.POST,
        headline=one_line(first_words),
        short_headline=shortened(one_line(first_words), MOST_HEADLINE, width),
        published=mention.published.date() if dated else None,
        url=http_link(mention.url) or "",
        points=tuple(_points(mention, chosen, study, language)),
        signer=signer,
    )


def _points(mention: Mention, chosen: Iterable[StoredFlag], study: Study, language: str) -> list[Point]:
    points: list[Point] = []
    quoted: list[str] = []
    for note in notes(chosen):
        lead = _told_first(note)
        adds = lead.drift in LEFT_OUT
        sentence = one_line(_sentence(mention, lead))
        words = one_line(lead.span.quote)
        again = sentence in quoted or lead.span.where == "title"
        quoted.append(sentence)
        points.append(
            Point(
                number=len(points) + 1,
                headline=lead.span.where == "title",
                sentence="" if again else sentence,
                words="" if words == sentence.rstrip(".!?。！？") and not again else words,
                also=() if adds else _also(mention, note, lead, quoted),
                adds=adds,
                found=said(study, language, lead.found or ""),
                source=lead.source.title if lead.source else "",
                source_url=(http_link(lead.source.url) or "") if lead.source else "",
                instead=instead(study, language, lead),
            )
        )
    return points


def _told_first(note: Note) -> Flag:
    """Of a finding's flags the one that a letter begins with: the headline is what most people read, and what an editor finds first."""
    headline = (one.flag for one in note.flags if one.flag.span.where == "title" and one.flag.confirmed)
    return min(headline, key=lambda flag: flag.span.start, default=note.lead.flag)


def _also(mention: Mention, note: Note, lead: Flag, quoted: list[str]) -> tuple[str, ...]:
    """Further words about a finding, where nothing that is `quoted` in the letter holds them; what is quoted here is added.

    Too few words to be found again are told with the sentence around them.
    """
    told: list[str] = []
    for other in note.flags:
        words = one_line(other.flag.span.quote)
        if other.flag is lead or len(told) == MOST_ALSO or any(words in one for one in quoted):
            continue
        sentence = one_line(_sentence(mention, other.flag))
        short = width(words) < FINDABLE and other.flag.span.where == "text" and width(sentence) <= MOST_ALSO_SENTENCE
        told.append(sentence if short else words)
        quoted.append(told[-1])
    return tuple(told)


def _sentence(mention: Mention, flag: Flag) -> str:
    """The sentence as published around the flagged words; the words alone if it is long."""
    if flag.span.where == "title":
        return mention.title
    left, right = sentence_bounds(mention.text, flag.span.start, flag.span.end)
    if right - left > MOST_SENTENCE:
        return flag.span.quote
    around = mention.text[left:right].strip()
    if mention.title and around.startswith(mention.title):  # a page that parts its headline from its text by nothing
        around = around.removeprefix(mention.title).strip()
    return around if flag.span.quote in around else flag.span.quote
