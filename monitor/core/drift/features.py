"""What the second reader sees of a sentence: words with the study's own masked, and what the findings check says.

A model may know language but no study: facts are masked to `matches`, `contradicts`, `not mentioned`, so the same
sentence is drift under one fact sheet and faithful under another. Every feature has a name a person can read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.drift.claims import claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.drift.context import Context
    from monitor.core.rules.matcher import Matcher
    from monitor.core.study import Study
    from monitor.core.text.doc import Sentence

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
CUES = ("negated", "denied", "refuted", "elsewhere", "hedged", "aim", "before", "condition", "team", "says", "ours")
CLASSES = ("patients", "treatment", "team", "credits", "thanks", "gained", "did-not", "regulators", "benefit-claim")
#: Sentences this short or long read differently.
SHORT, LONG = 6, 25
#: Words that begin with the same so many letters are mostly one verb in its forms: regain, regained, regaining.
STEM = 5
#: Features that come from words, and weigh less in a long sentence.
WORDY = ("w:", "p:", "k:", "x:", "begin:")
#: Emoji and pictographs begin here (U+1F300).
FIRST_EMOJI = 0x1F300


@dataclass(slots=True)
class Evidence:
    """What the rules said of one sentence: matches that stand and matches that a guard took back, by drift type."""

    live: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    right: set[int] = field(default_factory=set)  # words of phrases whose number is the fact sheet's
    wrong: set[int] = field(default_factory=set)  # and of those whose number differs
    distance: int = 0  # rungs above the study's own that are claimed

    @property
    def numbers_right(self) -> bool:
        return bool(self.right)

    @property
    def numbers_wrong(self) -> bool:
        return bool(self.wrong)


def sheet_classes(study: Study) -> dict[str, tuple[str, ...]]:
    """The classes that only the fact sheet fills, under names of their own; rungs and caveats too."""
    groups = study.terms.must
    classes = {
        "sheet-who": (*study.people, *groups.get("who", ()), *study.terms.also),
        "sheet-other": tuple(phrase for other in study.confusable for phrase in other.says),
        "sheet-treatment": study.classes.get("treatment", ()),
        "sheet-condition": study.classes.get("condition", ()),
        "sheet-function": study.classes.get("function", ()),
        "sheet-patients": study.classes.get("patients", ()),
    }
    above: list[str] = []
    reached: list[str] = []
    for ladder in study.ladders.values():
        finding = study.finding_on(ladder.id)
        if finding is None or finding.rung is None:
            continue
        level = ladder.level(finding.rung)
        for at, rung in enumerate(ladder.rungs):
            (above if at > level else reached).extend(rung.says)
    classes["sheet-above"], classes["sheet-reached"] = tuple(above), tuple(reached)
    classes["sheet-agrees"] = tuple(phrase for finding in study.findings.values() for phrase in finding.says)
    for caveat in study.caveats:
        classes[f"sheet-caveat-{caveat.slug}"] = caveat.says
    classes["sheet-caveats"] = tuple(f"<sheet-caveat-{caveat.slug}>" for caveat in study.caveats)
    return classes


def features(
    matcher: Matcher, context: Context, sentence: Sentence, evidence: Evidence, numbers: frozenset[float]
) -> dict[str, list[int]]:
    """The features of a sentence: name -> words (indices) it comes from; cues come from no word in particular."""
    found: dict[str, list[int]] = {}
    masked = _masked(matcher, sentence, evidence, numbers)
    for at, (text, words) in enumerate(masked):
        found.setdefault(f"w:{text}", []).extend(words)
        if len(text) > STEM and not text.startswith("§"):
            found.setdefault(f"p:{text[:STEM]}", []).extend(words)
        for step, (following, more) in enumerate(masked[at + 1 : at + 3]):
            name = f"k:{text} _ {following}" if step else f"w:{text} {following}"
            found.setdefault(name, []).extend((*words, *more))
    found.update(_pairs(masked))
    if masked:
        found.setdefault(f"begin:{masked[0][0]}", []).extend(masked[0][1])
    for name in _cues(matcher, context, sentence, evidence, len(masked)):
        found.setdefault(name, [])
    return found


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


def _masked(
    matcher: Matcher, sentence: Sentence, evidence: Evidence, numbers: frozenset[float]
) -> list[tuple[str, Sequence[int]]]:
    """The sentence's words, the study's own replaced by what they are, each with the words it stands for."""
    texts, masks, known = matcher.texts, _masks(matcher), matcher.numbers_of("number")
    out: list[tuple[str, Sequence[int]]] = []
    at = sentence.first
    while at < sentence.last:
        step = masks.get(at)
        number = None if step else known.get(at)
        if step:
            name, end = step
        elif number:
            name, end = _number_mask(at, number[0], evidence, numbers), number[1]
        else:
            name, end = texts[at], at + 1
        out.append((name, range(at, end)))
        at = end
    return out


def _number_mask(at: int, value: float, evidence: Evidence, numbers: frozenset[float]) -> str:
    """A number that the fact sheet was asked about is right or wrong; of others only the size is known."""
    if at in evidence.right:
        return "§number-right"
    if at in evidence.wrong:
        return "§number-wrong"
    return "§number-known" if value in numbers else "§number"


def _masks(matcher: Matcher) -> dict[int, tuple[str, int]]:
    """Where the study's own words stand: word -> (mask, end), the longest at each. Found once a text."""
    if matcher.masks is None:
        matcher.masks = {}
        for name, mask in MASKED.items():
            for at in matcher.class_starts(name):
                ends = matcher.class_at(name, at)
                if ends and (at not in matcher.masks or ends[-1] > matcher.masks[at][1]):
                    matcher.masks[at] = (mask, ends[-1])
    return matcher.masks


def _cues(matcher: Matcher, context: Context, sentence: Sentence, evidence: Evidence, length: int) -> Iterable[str]:
    """Features that come from no word in particular: cues, classes, what the rules said, the sentence's form."""
    yield from (f"cue:{name}" for name in CUES if context.cues(name, sentence.index))
    yield from (
        f"class:{name}"
        for name in (*CLASSES, "sheet-above", "sheet-reached", "sheet-agrees")
        if _holds(matcher, name, sentence)
    )
    if sentence.index in matcher.sentences_with("sheet-caveats"):
        yield "caveat"
    yield from claim(matcher, context, sentence, evidence).parts
    yield from (f"rule:{drift}" for drift in sorted(evidence.live))
    yield from (f"guarded:{drift}" for drift in sorted(evidence.guarded))
    form = {
        "rule": bool(evidence.live),
        "only-guarded": bool(evidence.guarded) and not evidence.live,
        "number:right": evidence.numbers_right,
        **_form(matcher, sentence, length),
    }
    yield from (name for name, holds in form.items() if holds)


def _form(matcher: Matcher, sentence: Sentence, length: int) -> dict[str, bool]:
    text = matcher.doc.text[sentence.start : sentence.end]
    return {
        "question": sentence.question,
        "exclamation": "!" in text,
        "emoji": any(ord(char) >= FIRST_EMOJI for char in text),
        "quotation": '"' in matcher.doc.folded[sentence.start : sentence.end],
        "short": length <= SHORT,
        "long": length >= LONG,
        "middle": SHORT < length < LONG,
    }


def _holds(matcher: Matcher, name: str, sentence: Sentence) -> bool:
    return sentence.index in matcher.sentences_with(name)


def right_numbers(study: Study) -> frozenset[float]:
    """Small whole numbers that the fact sheet allows for some quantity, and its single values."""
    found: set[float] = set()
    for quantity in study.quantities:
        for low, high in quantity.allowed:
            found.update((low, high))
            if high - low <= 400:
                found.update(float(value) for value in range(int(low), int(high) + 1))
    return frozenset(found)
