"""What of a phrase is not in a text: of a rule's phrases the one that came nearest, and its words that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.rules.phrase import Choice, Gap, Substring, written, written_piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.rules.matcher import Matcher
    from monitor.core.rules.phrase import Parts
    from monitor.core.text.doc import Sentence


def nearest(phrases: Iterable[Parts], matchers: Sequence[Matcher]) -> tuple[Parts, tuple[str, ...]] | None:
    """The phrase of which a single sentence holds the largest share, and what that sentence lacks of it; if it lacks
    nothing, the words stand in another order or too far apart. None if there are no phrases.
    """
    best: tuple[float, int, Parts, tuple[str, ...]] | None = None
    for phrase in phrases:
        for option in _options(phrase):
            total = sum(1 for _ in _needed(option))
            for missing in _missing(option, matchers):
                share = 1 - len(missing) / max(1, total)
                if best is None or (share, -total) > best[:2]:
                    best = (share, -total, option, missing)
    return None if best is None else best[2:]


def _options(phrase: Parts) -> Iterator[Parts]:
    """A phrase that is one choice of whole phrases as each of them."""
    only = phrase[0] if len(phrase) == 1 else None
    if isinstance(only, Choice):
        for option in only.options:
            yield from _options(option)
    elif phrase:
        yield phrase


def _needed(phrase: Parts) -> Iterator[object]:
    for part in phrase:
        if isinstance(part, Substring):
            yield from part.pieces
        elif not isinstance(part, Gap) and not (isinstance(part, Choice) and not all(part.options)):
            yield part


def _missing(phrase: Parts, matchers: Sequence[Matcher]) -> Iterator[tuple[str, ...]]:
    """For each sentence what it lacks of the phrase; of a text without sentences, all of it."""
    read = False
    for matcher in matchers:
        for sentence in matcher.doc.sentences:
            read = True
            yield tuple(_lacks(phrase, matcher, sentence))
    if not read:
        yield tuple(written((part,)) for part in phrase if not isinstance(part, Gap))


def _lacks(phrase: Parts, matcher: Matcher, sentence: Sentence) -> Iterator[str]:
    for part in phrase:
        if isinstance(part, Substring):
            yield from map(written_piece, matcher.lacking(part, sentence))
        elif isinstance(part, Gap) or (isinstance(part, Choice) and not all(part.options)):
            continue
        elif sentence.index not in matcher.sentences_of(part):
            yield written((part,))
