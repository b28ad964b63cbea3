"""Who speaks, and of whose study: what one sentence carries over to the next.

A quotation has one speaker, however many sentences it has and wherever the attribution stands; a sentence that begins
with "It" or "The treatment" goes on about what the sentence before was about.
"""

from __future__ import annotations

from bisect import bisect_left
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.drift.cues import Cues
    from monitor.core.rules.matcher import Matcher
    from monitor.core.text.doc import Sentence


class Speaker(StrEnum):
    """Whose words a sentence tells."""

    WRITER = "writer"
    TEAM = "team"  # those who did the study, faithfully attributed
    CRITIC = "critic"  # somebody who doubts what is claimed
    OTHER = "other"  # somebody else who is quoted


class Subject(StrEnum):
    """Which study a sentence is about."""

    STUDY = "study"
    OTHER = "other"  # somebody else's
    OPEN = "open"  # it does not say


#: No farther back than this: a paragraph on, somebody else is meant.
MOST_CARRIED = 3
#: A sentence is all quotation if no more characters than this stand outside.
_OUTSIDE = 4


class Attribution:
    """Speakers and subjects of one text's sentences; each is worked out when first asked for."""

    def __init__(self, matcher: Matcher, cues: Cues) -> None:
        """Reads nothing yet."""
        self._matcher, self._cues = matcher, cues
        self._subjects: dict[int, Subject] = {}
        self._speakers: dict[int, Speaker] = {}
        self._together: dict[int, tuple[int, ...]] | None = None

    def subject(self, sentence: int) -> Subject:
        """Whose study the sentence is about: its own words say, or else the sentence that it goes on from."""
        known = self._subjects.get(sentence)
        if known is None:
            known = self._subjects[sentence] = self._subject(sentence)
        return known

    def _subject(self, sentence: int) -> Subject:
        if self._cues.at("apart", sentence):
            return Subject.OTHER
        if self._cues.at("ours", sentence):
            return Subject.STUDY
        if self._cues.at("elsewhere", sentence):
            return Subject.OTHER
        for before in range(sentence - 1, max(-1, sentence - 1 - MOST_CARRIED), -1):
            if not self.goes_on(before + 1):
                break
            if self._cues.at("ours", before):
                return Subject.STUDY
            # Only another study is carried over: the animals of the sentence before are no subject of this one.
            if before in self._matcher.sentences_with("sheet-other"):
                return Subject.OTHER
        return Subject.OPEN

    def goes_on(self, sentence: int) -> bool:
        """Does the sentence begin with words that point back?"""
        back = self._cues.at("goes-on", sentence)
        if not back:
            return False
        # A word of a text without spaces may be half a sentence: its cue must stand at its beginning.
        return back[0].start == self._matcher.doc.words[self._matcher.doc.sentences[sentence].first].start

    def speaker(self, sentence: int) -> Speaker:
        """Whose words the sentence tells, by the cues of all sentences that share a quotation with it."""
        together = self.together(sentence)
        known = self._speakers.get(together[0])
        if known is None:
            known = self._speakers[together[0]] = self._speaker(together)
        return known

    def _speaker(self, together: Sequence[int]) -> Speaker:
        said = doubted = False
        for at in together:
            if self._cues.at("team", at) and self._cues.at("says", at):
                return Speaker.TEAM
            doubted = doubted or bool(self._cues.at("critic", at) and self._cues.at("doubts", at))
            said = said or bool(self._cues.at("says", at))
        if doubted:
            return Speaker.CRITIC
        return Speaker.OTHER if said else Speaker.WRITER

    def together(self, sentence: int) -> tuple[int, ...]:
        """The sentences that one speaker says together with this one, itself among them."""
        if self._together is None:
            self._together = self._spans()
        return self._together[sentence]

    def _spans(self) -> dict[int, tuple[int, ...]]:
        """Sentences joined by a quotation across them, and by one that goes on after its attribution."""
        doc = self._matcher.doc
        goes_on: set[int] = set()  # sentences that the speaker of the one before says
        for start, end in doc.quotations:
            first = bisect_left(doc.sentences, start + 1, key=lambda sentence: sentence.end)
            behind = bisect_left(doc.sentences, end, key=lambda sentence: sentence.start)
            # "...," he said. "...": the second quotation has no attribution of its own.
            if first < behind and first and self._all_quoted(doc.sentences[first], start, end):
                first -= 1
            goes_on.update(range(first + 1, behind))
        groups: list[list[int]] = []
        for at in range(len(doc.sentences)):
            if at in goes_on:
                groups[-1].append(at)
            else:
                groups.append([at])
        return {at: together for together in map(tuple, groups) for at in together}

    def _all_quoted(self, sentence: Sentence, start: int, end: int) -> bool:
        outside = max(0, start - sentence.start) + max(0, sentence.end - end)
        before = self._matcher.doc.sentences[sentence.index - 1]
        return outside <= _OUTSIDE and self._cues.quotations.meet(before.start, before.end)
