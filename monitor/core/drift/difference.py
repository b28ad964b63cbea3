"""What differs between two RuleSets, and of which texts they can judge differently.

A rule whose phrases match nowhere in a text says nothing of it, so two rulesets agree on every text that holds neither the
phrases that changed nor those of the rules whose exceptions, wording or severity changed. A change of a word class reaches as
far as the words that it gained or lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.core.drift.judge import judge_for
from monitor.core.judgement import Drift
from monitor.core.rules.clues import Clues, Held, all_of, any_of
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import Class, parse
from monitor.core.rules.rule import Within
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitor.core.drift.compile import CompiledRule, CompiledRules
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.rules.clues import Clue
    from monitor.core.rules.lexicon import Lexicon
    from monitor.core.rules.phrase import Parts
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Finding, Study

#: A day begins up to so long before or after it does in UTC.
_ZONES = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Texts that hold one of the phrases `finds` and, where it is given, one of `also`, all under one Lexicon."""

    lexicon: Lexicon
    finds: tuple[Parts, ...]
    also: tuple[Parts, ...] = ()

    @property
    def clue(self) -> Clue:
        clues = Clues(self.lexicon)
        found = any_of(map(clues.of, self.finds))
        return all_of([found, any_of(map(clues.of, self.also))]) if self.also else found


@dataclass(frozen=True, slots=True)
class NearChange:
    """What the second reader's own flags of these types are compared with changed: they carry another finding, or, in texts
    published `before` or `after` (UTC), on a day on which one of the findings is not in force, come or go.
    """

    rule: str
    drifts: frozenset[Drift]
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True)
class Difference:
    """What differs between two RuleSets of one study. `rules` are the ids of the rules that can judge differently."""

    rules: frozenset[str] = frozenset()
    reaches: tuple[Reach, ...] = ()
    near: NearChange | None = None
    everything: bool = False

    @property
    def nothing(self) -> bool:
        """Do both judge every text alike?"""
        return not (self.reaches or self.near or self.everything)

    @cached_property
    def clue(self) -> Clue:
        """What a text must hold to be judged differently; not asked if `everything` may be."""
        return any_of(reach.clue for reach in self.reaches)

    @cached_property
    def _clues(self) -> tuple[Clue, ...]:
        return tuple(reach.clue for reach in self.reaches)

    def reaches_text(self, title: str, text: str) -> bool:
        """Does a title or text hold a phrase that changed? Words first, and only where these are there the phrases."""
        if self.everything:
            return True
        held = Held(title, text)
        left = [reach for reach, clue in zip(self.reaches, self._clues, strict=True) if held.hold(clue)]
        if not left:
            return False
        docs = [read(title), read(text)]
        matchers: dict[int, list[Matcher]] = {}
        for reach in left:
            known = matchers.setdefault(id(reach.lexicon), [Matcher(doc, reach.lexicon) for doc in docs])
            if all(
                any(matcher.holds(parts) for matcher in known for parts in phrases)
                for phrases in (reach.finds, reach.also)
                if phrases
            ):
                return True
        return False


def difference(study: Study, before: RuleSet, after: RuleSet) -> Difference:
    """What differs between two RuleSets of a study; raises PhraseError if one of them cannot be read."""
    judges = [judge_for(study, before), judge_for(study, after)]
    old, new = (judge.compiled for judge in judges)
    if before.classifier != after.classifier or _decides(old.classifier_rule) != _decides(new.classifier_rule):
        return Difference(rules=frozenset(rule.id for rule in (*before.rules, *after.rules)), everything=True)
    changed = _changed_classes(old.lexicon, new.lexicon)
    if changed is None:
        return Difference(rules=frozenset(rule.id for rule in (*before.rules, *after.rules)), everything=True)
    reaches: list[Reach] = [*changed]
    rules: set[str] = set()
    for one, other in _pairs(old, new):
        found = list(_reaches(one, other, old.lexicon, new.lexicon))
        reaches += found
        rules.update(rule.rule.id for rule in (one, other) if rule is not None and found)
    if changed:
        rules.update(rule.rule.id for rule in (*new.rules, *new.omissions))
    near = None
    if before.classifier is not None and new.classifier_rule is not None:
        near = _near(new.classifier_rule.id, *(judge.near.order for judge in judges))
    return Difference(rules=frozenset(rules), reaches=tuple(reaches), near=near)


def _decides(rule: Rule | None) -> Rule | None:
    """A rule without what decides nothing."""
    blank = {"flags": (), "passes": (), "references": (), "mistaken_when": "", "path": "", "source": "", "pack": ""}
    return None if rule is None else replace(rule, **blank)  # type: ignore[arg-type]


def _changed_classes(old: Lexicon, new: Lexicon) -> list[Reach] | None:
    """The phrases that word classes gained or lost; None if a class became one of another script, which other phrases may
    hang on.
    """
    found: list[Reach] = []
    for name in sorted({*old.classes, *new.classes}):
        was, now = old.classes.get(name, ()), new.classes.get(name, ())
        if tuple(was) == tuple(now):
            continue
        if was and now and old.unspaced(Class(name)) != new.unspaced(Class(name)):
            return None
        for lexicon, phrases in ((old, set(was) - set(now)), (new, set(now) - set(was))):
            if phrases:
                finds = tuple(lexicon.resolve(parse(phrase)) for phrase in sorted(phrases))
                found.append(Reach(lexicon, finds))
    return found


def _pairs(old: CompiledRules, new: CompiledRules) -> Iterator[tuple[CompiledRule | None, CompiledRule | None]]:
    """Each rule before and after, by its id; None where it is not in use."""
    was = {compiled.rule.id: compiled for compiled in (*old.rules, *old.omissions)}
    now = {compiled.rule.id: compiled for compiled in (*new.rules, *new.omissions)}
    for rule_id in sorted({*was, *now}):
        yield was.get(rule_id), now.get(rule_id)


def _reaches(one: CompiledRule | None, other: CompiledRule | None, old: Lexicon, new: Lexicon) -> Iterator[Reach]:
    """Where a rule can judge differently before and after."""
    if one is None or other is None or _head(one) != _head(other) or bool(one.needs) != bool(other.needs):
        yield from _whole(one, old)
        yield from _whole(other, new)
        return
    for mine, its, lexicon in ((one, other, old), (other, one, new)):
        finds = tuple(pattern.parts for pattern in mine.patterns if pattern not in set(its.patterns))
        if finds:
            yield Reach(lexicon, finds)
        also = tuple(parts for within in Within for parts in mine.unless[within] if parts not in its.unless[within])
        also += tuple(parts for parts in mine.needs if parts not in its.needs)
        if also:
            for rule in _whole(mine, lexicon):
                yield replace(rule, also=also)


def _head(compiled: CompiledRule) -> object:
    """All that a rule decides by, but for its phrases, exceptions and needs."""
    rule = _decides(compiled.rule)
    return rule and replace(rule, any=(), unless=(), needs=()), compiled.context


def _whole(compiled: CompiledRule | None, lexicon: Lexicon) -> Iterator[Reach]:
    """Everywhere that a rule can speak at all. An omission rule without words speaks where a benefit is asserted."""
    if compiled is None:
        return
    finds = tuple(dict.fromkeys(pattern.parts for pattern in compiled.patterns))
    if not compiled.patterns and not compiled.rule.any and compiled.rule.when is None:
        finds = ((Class("benefit-claim"),),)
    if finds:
        yield Reach(lexicon, finds)


def _near(rule: str, *orders: Callable[[Drift], Iterable[Finding]]) -> NearChange | None:
    """The types of drift whose findings are tried in another order."""
    was, now = ({drift: tuple(order(drift)) for drift in Drift} for order in orders)
    drifts = frozenset(drift for drift in Drift if [f.id for f in was[drift]] != [f.id for f in now[drift]])
    if not drifts:
        return None
    findings = [finding for drift in drifts for finding in (*was[drift], *now[drift])]
    begin = max((finding.since for finding in findings if finding.since), default=None)
    end = min((finding.until for finding in findings if finding.until), default=None)
    return NearChange(
        rule=rule,
        drifts=drifts,
        before=None if begin is None else datetime.combine(begin, time(), UTC) + _ZONES,
        after=None if end is None else datetime.combine(end, time(), UTC) - _ZONES,
    )
