"""What people decided about flags, and how far it reaches: the same words are decided once. Pure.

Who calls a headline's "walking again" wrong does not want to be asked for the same words in the body, after the next
edit, or in each copy of the article.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.drift.score import score
from monitor.core.text.doc import fold, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.judgement import Flag
    from monitor.core.mention import StoredFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A flag with the text that it points into."""

    flag_id: int
    mention_id: int
    flag: Flag
    title: str
    text: str


def same_words(one: Said, other: Said) -> bool:
    """Does a decision about one flag hold for the other?

    In one mention it does for the same words flagged as the same type of drift, wherever they stand. In another mention
    the whole sentence must be the same, as in a copy: "walking again" may be right in one article and wrong in the next.
    """
    if one.flag.drift is not other.flag.drift or _words(one.flag.span.quote) != _words(other.flag.span.quote):
        return False
    return one.mention_id == other.mention_id or _sentence(one) == _sentence(other)


def decided_alike(undecided: Iterable[Said], decided: Sequence[Said]) -> Mapping[int, int]:
    """For each flag whose words were decided about elsewhere, the flag where: flag id -> flag id. The first given wins."""
    found: dict[int, int] = {}
    for said in undecided:
        like = next((other for other in decided if same_words(said, other)), None)
        if like is not None:
            found[said.flag_id] = like.flag_id
    return found


def standing_score(flags: Iterable[StoredFlag]) -> tuple[int, Mapping[str, float]]:
    """The score (0-100) of a text by those of its flags that nobody called wrong, and its parts by drift type."""
    return score([stored.flag for stored in flags if stored.stands])


def _words(quote: str) -> tuple[str, ...]:
    return tuple(word.text for word in read(quote).words) or (fold(quote),)


def _sentence(said: Said) -> tuple[str, ...]:
    """The words of the sentences that a flag points into."""
    span = said.flag.span
    reading = read(said.title if span.where == "title" else said.text)
    words: list[str] = []
    for sentence in reading.sentences:
        start, end, _ = reading.span(sentence.start, sentence.end)
        if start < span.end and span.start < end:
            words.extend(word.text for word in reading.words_of(sentence))
    return tuple(words)
