"""What people decided about flags, and how far it reaches: the same words are decided once. Pure.

Who calls a headline's "walking again" wrong does not want to be asked for the same words in the body, after the next
edit, or in each copy of the article.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.drift.score import score
from monitor.core.mention import Verdict
from monitor.core.text.doc import fold, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.judgement import Drift, Flag
    from monitor.core.mention import StoredFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A flag with the text that it points into."""

    flag_id: int
    mention_id: int
    flag: Flag
    title: str
    text: str
    review: Verdict | None = None


def same_words(one: Said, other: Said) -> bool:
    """Does a decision about one flag hold for the other?

    In one mention it does for the same words flagged as the same type of drift, wherever they stand. In another mention
    the whole sentence must be the same, as in a copy: "walking again" may be right in one article and wrong in the next.
    """
    if _claim(one) != _claim(other):
        return False
    return one.mention_id == other.mention_id or _sentence(one) == _sentence(other)


def reached(said: Sequence[Said], others: Iterable[Said]) -> list[Said]:
    """Those of the others that a decision about `said` holds for, and those that it holds for because of these, as far as it goes:
    from a headline to the body of a copy by way of the copy's headline. Else it would reach farther with each judging.
    """
    claims = {_claim(one) for one in said}
    left = [(other, _places(other)) for other in others if _claim(other) in claims]
    places = {place for one in said for place in _places(one)}
    found: list[Said] = []
    while more := [(other, its) for other, its in left if not places.isdisjoint(its)]:
        found += [other for other, _ in more]
        left = [pair for pair in left if pair not in more]
        places.update(*(its for _, its in more))
    return found


def decided_alike(undecided: Iterable[Said], decided: Sequence[Said]) -> Mapping[int, int]:
    """For each flag whose words were decided about elsewhere, the flag where: flag id -> flag id. The first given wins.

    A mention that is not about the study says nothing of it in other words either.
    """
    found: dict[int, int] = {}
    for said in undecided:
        like = next((other for other in decided if same_words(said, other) or _set_aside(other, said.mention_id)), None)
        if like is not None:
            found[said.flag_id] = like.flag_id
    return found


def _set_aside(decided: Said, mention_id: int) -> bool:
    return decided.mention_id == mention_id and decided.review is Verdict.NOT_ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """What people decided about a rule's flags; a decision counts once, however many copies it holds for.

    `streak` is how many of its newest decisions in a row were `dismissed`.
    """

    rule: str
    upheld: int = 0
    dismissed: int = 0
    not_about: int = 0
    streak: int = 0

    @property
    def judged(self) -> int:
        """Decisions that say something of the rule: whether a text is about the study is not its affair."""
        return self.upheld + self.dismissed

    @property
    def precision(self) -> float | None:
        """The share that was right, 0 to 1; None if nobody decided."""
        return self.upheld / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the precision; None if nobody decided."""
        return wilson(self.upheld, self.judged) if self.judged else None


def rule_record(rule: str, verdicts: Sequence[Verdict]) -> RuleRecord:
    """The record of a rule from its decisions, newest first."""
    judged = [verdict for verdict in verdicts if verdict is not Verdict.NOT_ABOUT]
    streak = next((at for at, verdict in enumerate(judged) if verdict is Verdict.UPHELD), len(judged))
    upheld = judged.count(Verdict.UPHELD)
    return RuleRecord(
        rule=rule,
        upheld=upheld,
        dismissed=len(judged) - upheld,
        not_about=len(verdicts) - len(judged),
        streak=streak,
    )


#: The normal quantile of a 95 % interval.
_Z = 1.959964


def wilson(right: int, of: int) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share, 95 %: unlike the plain one it is sane for 8 of 8. `of` is at least 1."""
    share, spread = right / of, _Z * _Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def standing_score(flags: Iterable[StoredFlag]) -> tuple[int, Mapping[str, float]]:
    """The score (0-100) of a text by those of its flags that nobody called wrong, and its parts by drift type."""
    return score([stored.flag for stored in flags if stored.stands])


def _claim(said: Said) -> tuple[Drift, tuple[str, ...]]:
    """What a flag says: its type of drift, and the words."""
    return said.flag.drift, _words(said.flag.span.quote)


def _places(said: Said) -> frozenset[tuple[object, ...]]:
    """Where it says so: in this mention, and in sentences of these words, wherever they stand."""
    claim = _claim(said)
    return frozenset({(claim, said.mention_id), (claim, _sentence(said))})


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
