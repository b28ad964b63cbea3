"""Evidence: what the rules say of each sentence - matches that stand, and those that context or an exception took back."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.drift.compile import speaks
from monitor.core.drift.slots import Filler
from monitor.core.rules.rule import Within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.drift.compile import CompiledRule, Pattern
    from monitor.core.drift.context import Context
    from monitor.core.drift.slots import Slots
    from monitor.core.rules.matcher import Match, Matcher
    from monitor.core.study import Quantity


#: Guards that say that the words mean nothing of the kind here: it is denied or refuted, or told of animals or another study.
TAKES_BACK = frozenset({"negated", "elsewhere", "refuted"})


@dataclass(slots=True)
class Evidence:
    """What the rules said of one sentence, by drift type: asserted, or found and taken back."""

    asserted: set[str] = field(default_factory=set)
    negated: set[str] = field(default_factory=set)
    right: set[int] = field(default_factory=set)  # words of phrases whose number is the fact sheet's
    wrong: set[int] = field(default_factory=set)  # and of those whose number differs
    denied: bool = False  # a match was taken back because the sentence denies it, or tells it of somebody else
    distance: int = 0  # rungs above the study's own that are claimed

    @property
    def numbers_right(self) -> bool:
        return bool(self.right)

    @property
    def numbers_wrong(self) -> bool:
        return bool(self.wrong)


@dataclass(frozen=True, slots=True)
class Hit:
    """A match of a rule that stands."""

    compiled: CompiledRule
    pattern: Pattern
    match: Match


def gather(
    rules: Iterable[CompiledRule], matcher: Matcher, context: Context, slots: Slots, lang: str
) -> tuple[list[Hit], list[Evidence]]:
    """What the rules of a language find in a text: the matches that stand, by rule, and the evidence of each sentence."""
    hits: list[Hit] = []
    evidence = [Evidence() for _ in matcher.doc.sentences]
    if not evidence:  # most posts have no headline
        return hits, evidence
    lacks = matcher.words.lacks
    for compiled in rules:
        possible = [pattern for pattern in compiled.patterns if not pattern.need & lacks]
        if possible and speaks(compiled.rule, lang) and _may_stand(compiled, matcher):
            for pattern in possible:
                hits.extend(
                    Hit(compiled, pattern, found)
                    for found in matcher.find(pattern.parts)
                    if _note(evidence[found.sentence], compiled, pattern, matcher, context, slots, found)
                )
    return hits, evidence


def _note(
    evidence: Evidence,
    compiled: CompiledRule,
    pattern: Pattern,
    matcher: Matcher,
    context: Context,
    slots: Slots,
    found: Match,
) -> bool:
    """Does the match stand? Noted in its sentence's evidence either way."""
    drift, words = compiled.rule.drift.value, range(found.first, found.last)
    if pattern.quantity is not None and not differs(pattern.quantity, found):
        evidence.right.update(words)
        return False
    if _lacks(compiled, matcher, found):
        return False  # without what the rule needs the words are none of its own
    guard = next((name for name in context.possible(compiled.context) if context.hold(name, found)), None)
    slot = compiled.rule.slot
    if guard is None and slot is not None and slots.filled(slot, found) is Filler.ELSE:
        guard = "elsewhere"  # told of something or somebody else than the study's
    if guard is not None or _excepted(compiled, pattern, matcher, found):
        evidence.negated.add(drift)
        evidence.denied = evidence.denied or guard in TAKES_BACK
        return False
    evidence.asserted.add(drift)
    if pattern.quantity is not None:
        evidence.wrong.update(words)
    evidence.distance = max(evidence.distance, pattern.distance)
    return True


def _excepted(compiled: CompiledRule, pattern: Pattern, matcher: Matcher, found: Match) -> bool:
    """Does one of the rule's own exceptions hold?"""
    sentence = matcher.doc.sentences[found.sentence]
    if any(matcher.found_in(parts, sentence) for parts in (*compiled.unless[Within.SENTENCE], *pattern.unless)):
        return True
    if any(matcher.holds(parts) for parts in compiled.unless[Within.TEXT]):
        return True
    return any(within(matcher.found_in(parts, sentence), found) for parts in compiled.unless[Within.PHRASE])


def _may_stand(compiled: CompiledRule, matcher: Matcher) -> bool:
    """Is anything of what the rule needs in the text? Where nothing is, no match of it is looked for."""
    return not compiled.needs or any(matcher.holds(parts) for parts in compiled.needs)


def _lacks(compiled: CompiledRule, matcher: Matcher, found: Match) -> bool:
    """Is what the rule needs lacking in the sentence and the one before?"""
    around = matcher.doc.sentences[max(0, found.sentence - 1) : found.sentence + 1]
    return bool(compiled.needs) and not any(
        matcher.found_in(parts, near) for near in around for parts in compiled.needs
    )


def within(inner: Sequence[Match], found: Match) -> bool:
    """Does one of the matches, which stand in reading order, lie within this one?"""
    at = bisect_left(inner, found.first, key=lambda match: match.first)
    return any(match.last <= found.last for match in inner[at : at + found.last - found.first])


def differs(quantity: Quantity, found: Match) -> bool:
    """Is a caught number neither allowed nor surely about something else? "0 of 4 walk" denies: that is no wrong number."""
    if not found.numbers:
        return True
    known = (*quantity.allowed, *quantity.ignore)
    return not all(number == 0 or any(low <= number <= high for low, high in known) for number in found.numbers)
