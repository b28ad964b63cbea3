"""What the classifier sees of a sentence: words with the study's own masked, and what the findings check says.

A model may know language but no study: facts are masked to `matches`, `contradicts`, `not mentioned`, so the same
sentence is drift under one fact sheet and faithful under another. Every feature has a name a person can read.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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
#: Features whose number is a sentence's length: words, and neighbouring words.
COUNTED = (WORD, "begin:")
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


class Names(NamedTuple):
    """The names of a sentence's features in groups that weigh alike, each in its order."""

    words: Collection[str]  # words, neighbours, beginnings, what stands with the study's own
    counted: int  # how many of them are a word, or two that follow each other, or begin the sentence: its length
    runs: Collection[str]
    cues: Collection[str]

    @classmethod
    def of(cls, features: Iterable[str]) -> Names:
        """The groups of some features."""
        names = list(features)
        words = [name for name in names if name.startswith(WORDY) and not name.startswith(RUNS)]
        return cls(
            words,
            sum(name.startswith(COUNTED) for name in words),
            [name for name in names if name.startswith(RUNS)],
            [name for name in names if not name.startswith(WORDY)],
        )


class Features:
    """The features of one text's sentences: their names, and name -> words (indices) that it comes from; a cue comes from none in
    particular.
    """

    def __init__(self, text: Annotated, numbers: frozenset[float]) -> None:
        """Works nothing out yet. `numbers` are those that the fact sheet allows."""
        self._text, self._numbers = text, numbers
        self._names: dict[int, Names] = {}

    def names(self, at: int) -> Names:
        """The names of those of the sentence of this index; worked out once. Most sentences are asked for no more than these."""
        known = self._names.get(at)
        if known is None:
            known = self._names[at] = self._named(self._text.sentence(at))
        return known

    def _named(self, seen: SentenceContext) -> Names:
        """What `of` has, without the words."""
        masked = self._masked(seen)
        texts = [text for text, _ in masked]
        # Each name once, where it first stands: in this order their weights are added up, wherever that is done.
        words: dict[str, None] = {}
        runs: dict[str, None] = {}
        behind = len(texts)
        for at, text in enumerate(texts):
            named, own = _of_word(text)
            words.update(named)
            runs.update(own)
            if at + 1 < behind:
                words[f"w:{text} {texts[at + 1]}"] = None
                if at + 2 < behind:
                    words[f"k:{text} _ {texts[at + 2]}"] = None
        counted = sum(name.startswith(WORD) for name in words)
        stems = dict.fromkeys(text if text.startswith("§") else text[:STEM] for text in texts)
        words.update(dict.fromkeys(_paired(stems)))
        if texts:
            words[f"begin:{texts[0]}"] = None
            counted += 1
        cues = dict.fromkeys((*_cues(seen), *_form(self._text.doc, seen.sentence, behind)))
        return Names(words, counted, runs, cues)

    def of(self, at: int) -> Mapping[str, Sequence[int]]:
        """Those of the sentence of this index, with the words that each comes from."""
        seen = self._text.sentence(at)
        found: dict[str, list[int]] = {}
        runs: dict[str, list[int]] = {}
        masked = self._masked(seen)
        for place, (text, words) in enumerate(masked):
            named, own = _of_word(text)
            for name in named:
                found.setdefault(name, []).extend(words)
            runs.update(dict.fromkeys(own, _NO_WORDS))
            for step, (following, more) in enumerate(masked[place + 1 : place + 3]):
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
        texts, known = matcher.words.texts, matcher.words.numbers_of("number")
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


@lru_cache(maxsize=16_384)
def _of_word(text: str) -> tuple[Mapping[str, None], Mapping[str, None]]:
    """The features of a word by itself, and of its runs of letters; both are shared, and never written to. What is masked has no
    more than its name.
    """
    if text.startswith("§"):
        return {f"w:{text}": None}, {}
    named = (f"w:{text}", f"p:{text[:STEM]}") if len(text) > STEM else (f"w:{text}",)
    return dict.fromkeys(named), dict.fromkeys(_runs_of(text))


def _runs_of(word: str) -> Iterator[str]:
    """The features of a word's runs of letters."""
    whole = f" {word} "
    return (f"{RUNS}{whole[at : at + RUN_LETTERS]}" for at in range(len(whole) - RUN_LETTERS + 1))


def _pairs(masked: Sequence[tuple[str, Sequence[int]]]) -> dict[str, list[int]]:
    """Which of the study's own things stands with which word, wherever in the sentence: what is said of whom."""
    stems: dict[str, list[int]] = {}
    for text, words in masked:
        stems.setdefault(text if text.startswith("§") else text[:STEM], []).extend(words)
    return {name: stems[other] for name, other in _paired(stems).items()}


def _paired(stems: Mapping[str, object]) -> dict[str, str]:
    """Feature -> the stem that stands in the sentence of one of the study's own things."""
    own = [name for name in stems if name.startswith("§")]
    return {f"x:{mask}&{name}": name for mask in own for name in stems if name < mask or not name.startswith("§")}


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
        "emoji": not text.isascii() and ord(max(text)) >= FIRST_EMOJI,
        "quotation": '"' in doc.folded[sentence.start : sentence.end],
        "short": length <= SHORT,
        "long": length >= LONG,
        "middle": SHORT < length < LONG,
    }
    yield from (name for name, holds in form.items() if holds)
