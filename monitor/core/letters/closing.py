"""When a page answers a letter by itself: its words were changed, and none that the letter asked about stands. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.mention import FlagState
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Letters of what is kept of the words before and after.
MOST_KEPT = 1_500


def is_answered(flags: Iterable[tuple[FlagState, bool]]) -> bool:
    """Did this change of the page do what the letter asked? For each of its flags: its state, and whether this change fixed it.

    A flag that the rules took back meanwhile asks for nothing any more, but answers nothing either.
    """
    told = list(flags)
    return any(now for _, now in told) and all(state is not FlagState.ACTIVE for state, _ in told)


def before_and_after(old: tuple[str, str], new: tuple[str, str], quotes: Sequence[str]) -> tuple[str, str]:
    """Of two texts (headline, text) the sentences with the quoted words that are gone, and the sentences that are new.

    Sentence by sentence, not by a diff: what costs linear time cannot be made slow by who writes the page.
    """
    was, now = _sentences(*old), _sentences(*new)
    known, kept = set(was), set(now)
    before = [one for one in was if one not in kept and any(quote in one for quote in quotes)]
    after = [one for one in now if one not in known]
    return " ".join(before)[:MOST_KEPT], " ".join(after)[:MOST_KEPT]


def _sentences(title: str, text: str) -> list[str]:
    doc = read(text)
    told = (doc.span(sentence.start, sentence.end)[2] for sentence in doc.sentences)
    return [line for one in (title, *told) if (line := " ".join(one.split()))]
