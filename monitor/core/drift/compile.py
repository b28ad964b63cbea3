"""Rules made ready to read: their phrases parsed, with what the fact sheet adds to them, and the word classes of both."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.drift.context import HEEDED
from monitor.core.drift.cues import CLASSES, KINDS
from monitor.core.drift.slots import CLASS as SLOT_CLASSES
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.phrase import alternatives, parse
from monitor.core.rules.rule import RuleKind, Slot, Status, When, Within
from monitor.core.text.doc import read
from monitor.core.text.lang import is_judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor.core.judgement import Severity
    from monitor.core.rules.phrase import Parts
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Quantity, Study
    from monitor.core.text.doc import Doc

#: Word classes that the engine itself asks for; a pack that does not define one has none of its cues.
ENGINE_CLASSES = (
    *(f"guard-{kind}" for kind in KINDS),
    *("benefit-claim", "benefit-works", "boosters", "debunks", "time-will", "time-could"),
    *(name.format(slot) for slot in Slot for name in SLOT_CLASSES.values()),
)

_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase of a rule, with what the fact sheet adds to it: how far above the ladder, whose words, which number."""

    parts: Parts
    distance: int = 0
    finding: str | None = None
    correction: str | None = None
    severity: Severity | None = None
    quantity: Quantity | None = None
    unless: tuple[Parts, ...] = ()
    need: int = 0  # what every text has that holds it (`Lexicon.plan`)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule, ready to read."""

    rule: Rule
    patterns: tuple[Pattern, ...]
    needs: tuple[Parts, ...]
    unless: Mapping[Within, tuple[Parts, ...]]
    context: tuple[str, ...]


def speaks(rule: Rule, lang: str) -> bool:
    """Is the rule for this language? A text whose language is not known is read with the rules of all.

    What a rule takes from the fact sheet is written in the languages that are judged: elsewhere it would hit words that mean
    something else there, and no word that denies them would be heeded.
    """
    base = lang.partition("-")[0].lower()
    if base in {"", "und"} or base in rule.languages:
        return True
    return "*" in rule.languages and (rule.when is None or is_judged(lang))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRules:
    """One ruleset against one fact sheet."""

    study: Study
    lexicon: Lexicon
    rules: tuple[CompiledRule, ...]  # those that find words
    omissions: tuple[CompiledRule, ...]  # those that say what is missing
    classifier_rule: Rule | None  # which speaks for the classifier, where one does
    own: frozenset[tuple[str, ...]]  # the sentences that the fact sheet itself says, as words
    said: Mapping[str, tuple[Parts, ...]]  # what tells each finding rightly, by finding


def compile_rules(study: Study, rules: Iterable[Rule], classes: Mapping[str, Sequence[str]]) -> CompiledRules:
    """The rules that are in use for the study; raises PhraseError for a phrase or word class that cannot be read."""
    lexicon = Lexicon(dict.fromkeys(CLASSES, ()) | word_classes(study, classes) | sheet_classes(study))
    compiler = _Compiler(study, lexicon)
    live = [rule for rule in rules if rule.status in {Status.ACTIVE, Status.TRIAL} and not reached(study, rule.below)]
    omissions = tuple(compiler.compile(rule) for rule in live if rule.kind is RuleKind.OMISSION)
    return CompiledRules(
        study=study,
        lexicon=lexicon,
        rules=tuple(compiler.compile(rule) for rule in live if rule.kind is not RuleKind.OMISSION),
        omissions=omissions,
        classifier_rule=next((rule for rule in live if rule.when is When.CLASSIFIER), None),
        own=frozenset(said for _, text in study.own_words() for said in sentences_of(read(text))),
        said={finding.id: tuple(map(compiler.parse, finding.says)) for finding in study.findings.values()},
    )


def sentences_of(doc: Doc) -> Iterator[tuple[str, ...]]:
    """Each sentence of a text as its folded words: the same sentence has the same ones."""
    return (tuple(word.text for word in doc.words_of(sentence)) for sentence in doc.sentences)


class _Compiler:
    """Compiles single rules against one fact sheet."""

    def __init__(self, study: Study, lexicon: Lexicon) -> None:
        self.study, self.lexicon = study, lexicon

    def parse(self, phrase: str) -> Parts:
        return self.lexicon.resolve(parse(phrase))

    def compile(self, rule: Rule) -> CompiledRule:
        unless: dict[Within, tuple[Parts, ...]] = dict.fromkeys(Within, ())
        for condition in rule.unless:
            unless[condition.within] += tuple(map(self.parse, condition.any))
        return CompiledRule(
            rule=rule,
            patterns=tuple(replace(found, need=self.lexicon.plan(found.parts).need) for found in self._patterns(rule)),
            needs=tuple(map(self.parse, rule.needs)),
            unless=unless,
            context=tuple(name for name in HEEDED[rule.drift] if name not in rule.ignores),
        )

    def _patterns(self, rule: Rule) -> Iterator[Pattern]:
        for phrase in rule.any:
            quantity = self._quantity(rule.about) if rule.kind is RuleKind.NUMBER else None
            if rule.kind is not RuleKind.NUMBER or quantity is not None:
                yield Pattern(self.parse(phrase), quantity=quantity)
        if rule.when is When.ABOVE_LADDER:
            yield from self._above(rule)
        elif rule.when in {When.ON_NOT_LIST, When.WIDER_THAN}:
            yield from self._excluded(rule)
        elif rule.when is When.DIFFERS:
            for quantity in self.study.quantities:
                if rule.about in {None, "number", quantity.id}:
                    unless = tuple(map(self.parse, quantity.unless))
                    for phrase in quantity.says:
                        yield Pattern(self.parse(phrase), finding=quantity.finding, quantity=quantity, unless=unless)

    def _quantity(self, quantity_id: str | None) -> Quantity | None:
        return next((q for q in self.study.quantities if q.id == quantity_id), None)

    def _above(self, rule: Rule) -> Iterator[Pattern]:
        """Every rung above the one that the study reached. A rule may name its own phrases' finding."""
        ladder = self.study.ladders.get(rule.about or "")
        finding = self.study.finding_on(rule.about or "")
        if ladder is None or finding is None or finding.rung is None:
            return
        reached = ladder.level(finding.rung)
        for distance, rung in enumerate(ladder.rungs[reached + 1 :], start=1):
            for phrase in rung.says:
                yield Pattern(self.parse(phrase), distance=distance, finding=rule.finding or finding.id)

    def _excluded(self, rule: Rule) -> Iterator[Pattern]:
        for finding in self.study.findings.values():
            for entry in finding.excludes:
                if entry.about == rule.about and entry.drift is rule.drift:
                    unless = tuple(map(self.parse, entry.unless))
                    for phrase in entry.says:
                        yield Pattern(
                            self.parse(phrase),
                            finding=finding.id,
                            correction=entry.correction,
                            severity=entry.severity,
                            unless=unless,
                        )


def word_classes(study: Study, packs: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The packs' word classes with the fact sheet's words added, and those that the fact sheet implies."""
    merged = {name: tuple(phrases) for name, phrases in packs.items()}
    for name, phrases in study.classes.items():
        merged[name] = (*merged.get(name, ()), *phrases)
    others = tuple(phrase for other in study.confusable for phrase in other.says)
    merged["other-diseases"] = _others(merged.get("other-diseases", ()), study.classes.get("condition", ()))
    merged["guard-elsewhere"] = (*merged.get("guard-elsewhere", ()), *others)
    for slot in Slot:
        # A study of many people has words of its own for its treatment and its patients.
        own = f"slot-{slot}"
        merged[own] = (*merged.get(own, ()), *study.classes.get(slot.value, ()))
    merged["guard-team"] = (*merged.get("guard-team", ()), *study.people)
    merged["guard-ours"] = (*merged.get("guard-ours", ()), *study.people)
    for name in ENGINE_CLASSES:
        merged.setdefault(name, ())
    return merged


def _others(diseases: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """The diseases that are not the study's own: a study of dementia may speak of dementia."""
    known = {word for phrase in own for word in _WORDS.findall(phrase.casefold())}

    def other(phrase: str) -> bool:
        words = [word for word in _WORDS.findall(phrase.casefold()) if len(word) > 1]
        return not words or not known.issuperset(words)

    kept = []
    for phrase in diseases:
        options = alternatives(phrase[1:-1]) if phrase.startswith("(") and phrase.endswith(")") else [phrase]
        kept.append("(" + "|".join(filter(other, options)) + ")" if len(options) > 1 else phrase)
    return tuple(phrase for phrase in kept if other(phrase) and phrase != "()")


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


def reached(study: Study, below: tuple[str, str] | None) -> bool:
    """Has the study reached the rung below which a rule speaks? A randomised trial may say that the treatment did it."""
    if below is None or below[0] not in study.ladders:
        return False
    ladder, finding = study.ladders[below[0]], study.finding_on(below[0])
    if finding is None or finding.rung is None or below[1] not in {rung.id for rung in ladder.rungs}:
        return False
    return ladder.level(finding.rung) >= ladder.level(below[1])


def right_numbers(study: Study) -> frozenset[float]:
    """Small whole numbers that the fact sheet allows for some quantity, and its single values."""
    found: set[float] = set()
    for quantity in study.quantities:
        for low, high in quantity.allowed:
            found.update((low, high))
            if high - low <= 400:
                found.update(float(value) for value in range(int(low), int(high) + 1))
    return frozenset(found)
