"""What the classifier sees of a sentence: words with the study's own masked, and what the findings check says.

A model may know language but no study: facts are masked to `matches`, `contradicts`, `not mentioned`, so the same
sentence is drift under one fact sheet and faithful under another. Every feature has a name a person can read.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.drift.annotation import Annotated, SentenceContext
    from monitor.core.drift.evidence import Evidence
    from monitor.core.text.doc import Doc, Sentence

#: Word classes of the fact sheet that stand for themselves in every study: class -> the word the model sees.
MASKED = {
    "sheet-who": "§who",
    "sheet-other": "§other",
    "sheet-treatment": "§treatment",
    "sheet-condition": "§condition",
    "sheet-function": "§function",
    "sheet-patients": "§patients",
}
#: Cues whose presence in the sentence is a feature of its own.
CUES = (
    "negated",
    "none",
    "denied",
    "refuted",
    "elsewhere",
    "hedged",
    "aim",
    "before",
    "condition",
    "team",
    "says",
    "ours",
)
CLASSES = (
    *("patients", "treatment", "team", "credits", "thanks", "gained", "did-not", "regulators", "benefit-claim"),
    *("sheet-above", "sheet-reached", "sheet-agrees"),
)
#: Sentences this short or long read differently.
SHORT, LONG = 6, 25
#: Words that begin with the same so many letters are mostly one verb in its forms: regain, regained, regaining.
STEM = 5
#: Runs of so many letters within a word and its edges: "regrown" and "regain" share " reg", "curing" and "healing" "ing ".
#: They tell something of words that were never learned from (character n-grams: Cavnar & Trenkle 1994).
RUN_LETTERS = 4
RUNS = "r:"
#: Features that are one word, or two that follow each other.
WORD = "w:"
#: Features that come from words, and weigh less in a long sentence.
WORDY = (WORD, "p:", "k:", "x:", "begin:", RUNS)
#: Features that come from what the rules and the fact sheet's ladders and numbers say. They tell types apart; whether a
#: sentence drifts is judged without them, or the classifier's agreement with a rule would be the rule's own echo.
_OF_RULES = re.compile(
    r"(?:rule|guarded):|(?:rule|only-guarded|number:right|class:sheet-above)$|.*§number-(?:right|wrong)"
)
#: Emoji and pictographs begin here (U+1F300).
FIRST_EMOJI = 0x1F300


def of_rules(name: str) -> bool:
    """Does this feature come from what the rules say?"""
    return _OF_RULES.match(name) is not None


class Features:
    """The features of one text's sentences: name -> words (indices) that it comes from; a cue comes from none in particular."""

    def __init__(self, text: Annotated, numbers: frozenset[float]) -> None:
        """Works nothing out yet. `numbers` are those that the fact sheet allows."""
        self._text, self._numbers = text, numbers
        self._sentences: dict[int, Mapping[str, Sequence[int]]] = {}

    def of(self, at: int) -> Mapping[str, Sequence[int]]:
        """Those of the sentence of this index; worked out once."""
        known = self._sentences.get(at)
        if known is None:
            known = self._sentences[at] = self._features(self._text.sentence(at))
        return known

    def _features(self, seen: SentenceContext) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        runs: dict[str, list[int]] = {}
        masked = self._masked(seen)
        for at, (text, words) in enumerate(masked):
            found.setdefault(f"w:{text}", []).extend(words)
            if not text.startswith("§"):
                if len(text) > STEM:
                    found.setdefault(f"p:{text[:STEM]}", []).extend(words)
                runs.update(_runs_of(text))
            for step, (following, more) in enumerate(masked[at + 1 : at + 3]):
                name = f"k:{text} _ {following}" if step else f"w:{text} {following}"
                found.setdefault(name, []).extend((*words, *more))
        found.update(_pairs(masked))
        if masked:
            found.setdefault(f"begin:{masked[0][0]}", []).extend(masked[0][1])
        for name in (*_cues(seen), *_form(self._text.doc, seen.sentence, len(masked))):
            found.setdefault(name, [])
        # Of which words a run comes is asked of few sentences, and told by `words_of_runs`.
        found.update(runs)
        return found

    def _masked(self, seen: SentenceContext) -> list[tuple[str, Sequence[int]]]:
        """The sentence's words, the study's own replaced by what they are, each with the words it stands for."""
        matcher, masks = self._text.matcher, self._masks
        texts, known = matcher.texts, matcher.numbers_of("number")
        out: list[tuple[str, Sequence[int]]] = []
        at = seen.sentence.first
        while at < seen.sentence.last:
            step = masks.get(at)
            number = None if step else known.get(at)
            if step:
                name, end = step
            elif number:
                name, end = _number_mask(at, number[0], seen.evidence, self._numbers), number[1]
            else:
                name, end = texts[at], at + 1
            out.append((name, range(at, end)))
            at = end
        return out

    @cached_property
    def _masks(self) -> Mapping[int, tuple[str, int]]:
        """Where the study's own words stand: word -> (mask, end), the longest at each. Found once a text."""
        masks: dict[int, tuple[str, int]] = {}
        for name, mask in MASKED.items():
            for at in self._text.matcher.class_starts(name):
                ends = self._text.matcher.class_at(name, at)
                if ends and (at not in masks or ends[-1] > masks[at][1]):
                    masks[at] = (mask, ends[-1])
        return masks


#: Shared by all runs, and never written to.
_NO_WORDS: list[int] = []


def words_of_runs(features: Mapping[str, Sequence[int]]) -> Mapping[str, Sequence[int]]:
    """Run of letters -> the words (indices) that it comes from, of a sentence's features."""
    found: dict[str, list[int]] = {}
    for name, words in features.items():
        text = name.removeprefix(WORD)
        if name.startswith(WORD) and " " not in text and not text.startswith("§"):
            for run in _runs_of(text):
                found.setdefault(run, []).extend(words)
    return found


@lru_cache(maxsize=4096)
def _runs_of(word: str) -> Mapping[str, list[int]]:
    """The features of a word's runs of letters, without the words that they come from."""
    whole = f" {word} "
    return {f"{RUNS}{whole[at : at + RUN_LETTERS]}": _NO_WORDS for at in range(len(whole) - RUN_LETTERS + 1)}


def _pairs(masked: Sequence[tuple[str, Sequence[int]]]) -> dict[str, list[int]]:
    """Which of the study's own things stands with which word, wherever in the sentence: what is said of whom."""
    stems: dict[str, list[int]] = {}
    for text, words in masked:
        stems.setdefault(text if text.startswith("§") else text[:STEM], []).extend(words)
    own = [name for name in stems if name.startswith("§")]
    return {
        f"x:{mask}&{name}": words
        for mask in own
        for name, words in stems.items()
        if name < mask or not name.startswith("§")
    }


def _number_mask(at: int, value: float, evidence: Evidence, numbers: frozenset[float]) -> str:
    """A number that the fact sheet was asked about is right or wrong; of others only the size is known."""
    if at in evidence.right:
        return "§number-right"
    if at in evidence.wrong:
        return "§number-wrong"
    return "§number-known" if value in numbers else "§number"


def _cues(seen: SentenceContext) -> Iterator[str]:
    """Features that come from no word in particular: cues, classes, what the rules said."""
    yield from (f"cue:{name}" for name in CUES if name in seen.cues)
    yield from (f"class:{name}" for name in CLASSES if name in seen.classes)
    if "sheet-caveats" in seen.classes:
        yield "caveat"
    yield from seen.claim.parts
    evidence = seen.evidence
    yield from (f"rule:{drift}" for drift in sorted(evidence.asserted))
    yield from (f"guarded:{drift}" for drift in sorted(evidence.negated))
    if evidence.asserted:
        yield "rule"
    elif evidence.negated:
        yield "only-guarded"
    if evidence.numbers_right:
        yield "number:right"


def _form(doc: Doc, sentence: Sentence, length: int) -> Iterator[str]:
    """The sentence's form; `length` is how many words it has when the study's own are masked."""
    text = doc.text[sentence.start : sentence.end]
    form = {
        "question": sentence.question,
        "exclamation": "!" in text,
        "emoji": any(ord(char) >= FIRST_EMOJI for char in text),
        "quotation": '"' in doc.folded[sentence.start : sentence.end],
        "short": length <= SHORT,
        "long": length >= LONG,
        "middle": SHORT < length < LONG,
    }
    yield from (name for name, holds in form.items() if holds)
