"""One sentence as the passes understood it: cues, who speaks, of which study, what the rules said, what it claims.

Annotated once a sentence and handed on: the classifier's features, the ensemble and `check --format json` read the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.core.drift.attribution import Attribution
from monitor.core.drift.claims import claim
from monitor.core.drift.context import Context
from monitor.core.drift.cues import CLASSES, NOTED, Cues
from monitor.core.drift.evidence import gather
from monitor.core.drift.slots import Slots
from monitor.core.judgement import Drift
from monitor.core.rules.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.drift.attribution import Speaker, Subject
    from monitor.core.drift.claims import Claim
    from monitor.core.drift.compile import CompiledRule
    from monitor.core.drift.cues import Cue
    from monitor.core.drift.evidence import Evidence
    from monitor.core.rules.lexicon import Lexicon
    from monitor.core.rules.matcher import Match
    from monitor.core.text.doc import Doc, Sentence


#: A match of which this share of the words is quoted is mentioned, not used.
MENTIONED = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceContext:
    """A sentence with everything that the passes before the classifier found out about it."""

    sentence: Sentence
    cues: frozenset[str]  # of cues.NOTED
    classes: frozenset[str]  # of cues.CLASSES
    speaker: Speaker
    subject: Subject
    evidence: Evidence
    claim: Claim


class Annotated:
    """A title or text after the passes cues, attribution, context and evidence; its sentences are annotated where asked for.

    A text of a thousand words with a stop behind each says nothing a thousand times: nobody asks for those.
    """

    def __init__(self, doc: Doc, lexicon: Lexicon, rules: Iterable[CompiledRule], lang: str) -> None:
        """Runs the passes, each with what those before it found."""
        self.matcher = Matcher(doc, lexicon)
        self._cues = Cues(self.matcher)
        self._attribution = Attribution(self.matcher, self._cues)
        self.context = Context(self.matcher, self._cues, self._attribution)
        self.slots = Slots(self.matcher, self._attribution)
        self.hits, self._evidence = gather(rules, self.matcher, self.context, self.slots, lang)
        self._sentences: dict[int, SentenceContext] = {}

    @property
    def doc(self) -> Doc:
        """The title or text that was read."""
        return self.matcher.doc

    def sentence(self, at: int) -> SentenceContext:
        """The sentence of this index; annotated once."""
        known = self._sentences.get(at)
        if known is None:
            known = self._sentences[at] = self._annotate(self.doc.sentences[at])
        return known

    def cues_at(self, kind: str, sentence: int) -> Sequence[Cue]:
        """The cues of a kind in a sentence, in reading order."""
        return self._cues.at(kind, sentence)

    def quoted(self, found: Match, drift: Drift) -> bool:
        """Does the match stand in quotation marks, or a good part of it: somebody's words, or words mentioned and not used?

        `Coffee "saves" hearts` does; a long clause with one word in quotation marks does not, nor does a mechanism whose
        name is quoted as a term of art is (`spinal cord "reprogramming"`).
        """
        words = self.doc.words[found.first : found.last]
        inside = sum(self._cues.quotations.hold(word.start, word.end) for word in words)
        return inside == len(words) or (drift is not Drift.MECHANISM_ERROR and inside >= MENTIONED * len(words))

    def refuted_before(self, found: Match) -> bool:
        """Is what matches refuted by words before it in its clause: "it is wrong that ..."?"""
        return any(
            cue.clause == found.clause and cue.last <= found.first for cue in self._cues.at("refuted", found.sentence)
        )

    @cached_property
    def _noted_cues(self) -> Mapping[int, frozenset[str]]:
        """The kinds of cues in each sentence, of those that are noted."""
        return _by_sentence((kind, self._cues.of(kind).sentences) for kind in NOTED)

    @cached_property
    def _noted_classes(self) -> Mapping[int, frozenset[str]]:
        """The word classes in each sentence, of those that are noted."""
        return _by_sentence((name, self.matcher.sentences_with(name)) for name in CLASSES)

    def _annotate(self, sentence: Sentence) -> SentenceContext:
        at = sentence.index
        cues, classes = self._noted_cues.get(at, frozenset()), self._noted_classes.get(at, frozenset())
        speaker, subject = self._attribution.speaker(at), self._attribution.subject(at)
        evidence = self._evidence[at]
        start, end, _ = self.doc.span(sentence.start, sentence.end)
        return SentenceContext(
            sentence=sentence,
            cues=cues,
            classes=classes,
            speaker=speaker,
            subject=subject,
            evidence=evidence,
            claim=claim(
                start,
                end,
                question=sentence.question,
                cues=cues,
                classes=classes,
                speaker=speaker,
                subject=subject,
                evidence=evidence,
            ),
        )


def _by_sentence(named: Iterable[tuple[str, Iterable[int]]]) -> dict[int, frozenset[str]]:
    """Sentence -> the names that it has, of names with their sentences."""
    found: dict[int, list[str]] = {}
    for name, sentences in named:
        for at in sentences:
            found.setdefault(at, []).append(name)
    return {at: frozenset(names) for at, names in found.items()}
