"""Claim strength: how strongly does a sentence tie one thing to another, and does a claim go beyond a finding?

The scale is that of Sumner et al. (BMJ 2014;349:g7015) as Yu et al. (EMNLP 2019) annotate it: 0 no relation, 1
correlation, 2 conditional causation, 3 direct causation. By cues: what ties two things together, whether a modal word
stands before it, and words of advice and method that tie nothing. No model and no training text is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Verdict(StrEnum):
    DOWNPLAYS = "downplays"
    SAME = "same"
    EXAGGERATES = "exaggerates"


@dataclass(frozen=True, slots=True)
class Strength:
    """0 none, 1 correlational, 2 conditional causal, 3 direct causal; `because` are the words that decided."""

    level: int
    because: tuple[str, ...]


#: The word classes that decide, `strength-<name>` in the packs.
DECIDING = ("causes", "ties", "tied-outcome", "modal", "advice")
_Range = tuple[int, int]


class Scale:
    """Tells the strength of claims by the word classes of a language."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        """`classes` are the packs'; raises PhraseError if one of DECIDING is missing or cannot be read."""
        self._lexicon = Lexicon(classes)
        for name in DECIDING:
            self._lexicon.options(f"strength-{name}")

    def strength(self, sentence: str) -> Strength:
        """The strength of one claim; of several sentences, the strongest counts."""
        matcher = Matcher(read(sentence), self._lexicon)
        best, texts = Strength(0, ()), matcher.doc.words
        for part in matcher.doc.sentences:
            found = {
                name: [(f.first, f.last) for f in matcher.class_in(f"strength-{name}", part.index)] for name in DECIDING
            }
            level, words = _level(found)
            if level > best.level:
                best = Strength(level, tuple(matcher.doc.span(texts[a].start, texts[b - 1].end)[2] for a, b in words))
        return best

    def compare(self, finding: str, claim: str) -> tuple[Strength, Strength, Verdict]:
        """Both strengths, and whether the claim goes beyond the finding."""
        found, said = self.strength(finding), self.strength(claim)
        if said.level == found.level:
            return found, said, Verdict.SAME
        return found, said, Verdict.EXAGGERATES if said.level > found.level else Verdict.DOWNPLAYS


def _level(found: dict[str, list[_Range]]) -> tuple[int, list[_Range]]:
    ties, modal = found["ties"], found["modal"]
    causes = [c for c in found["causes"] if not any(a <= c[0] < b for a, b in found["tied-outcome"])]
    if found["advice"] and not (causes and not modal):
        causes = [c for c in causes if c[1] <= min(a for a, _ in found["advice"])]
        ties = [t for t in ties if t[1] <= min(a for a, _ in found["advice"])]
    if causes and (not ties or causes[0][0] < ties[0][0]):
        before = [m for m in modal if m[0] < causes[0][1]]
        return (2, [*before[:1], causes[0]]) if before else (3, [causes[0]])
    if ties:
        return 1, [ties[0]]
    return 0, []
