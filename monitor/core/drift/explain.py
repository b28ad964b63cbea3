"""Why did a rule not fire, or why so? Takes one rule through a text in the order in which judging takes it (`judge.py`).

A rule may match at many places, and each may be stopped by something else: the place that came farthest is told of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from monitor.core.drift.compile import reached, speaks
from monitor.core.drift.cue_words import taken_back_by
from monitor.core.drift.document import ENOUGH_CAVEATS, first_benefit, long_enough
from monitor.core.drift.evidence import differs
from monitor.core.drift.explanation import Check, Checked, Explanation
from monitor.core.drift.flags import flag_of
from monitor.core.drift.judge import Judge, can_lack, judge_for
from monitor.core.drift.slots import Filler
from monitor.core.judgement import DRIFT_CONFIDENCE, Span
from monitor.core.mention import About
from monitor.core.model import Kind
from monitor.core.relevance import lacking
from monitor.core.rules.near_miss import nearest
from monitor.core.rules.phrase import written
from monitor.core.rules.rule import RuleKind, Status, When, Within
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from monitor.core.drift.annotation import Annotated
    from monitor.core.drift.compile import CompiledRule, Pattern
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Assessment, Drift, Flag
    from monitor.core.mention import Relevance
    from monitor.core.rules.matcher import Match
    from monitor.core.rules.phrase import Parts
    from monitor.core.rules.rule import Rule, Slot
    from monitor.core.study import Study

#: Phrases of a group of the study's terms that are told as examples of what is missing.
MOST_TERMS = 4
#: Places of an exception that are told, of all that stand there.
MOST_SPANS = 20


def explain(
    rule: Rule,
    title: str,
    text: str,
    study: Study,
    ruleset: RuleSet,
    *,
    kind: Kind = Kind.ARTICLE,
    lang: str = "en",
    partial: bool = False,
    on: date | None = None,
    relevance: Relevance | None = None,
) -> Explanation:
    """Why the rule flags the text or does not, among the rules of `ruleset` (in which it stands in for the one of its id).

    `relevance` is what was found of the text's being about the study; None: it is taken to be. The rest as in
    `drift.assess`. Raises PhraseError if a phrase of the rule cannot be read.
    """
    steps = list(_before_reading(rule, title, text, study, lang, relevance))
    if not all(step.passed for step in steps):
        return Explanation(rule=rule.id, steps=tuple(steps))
    read_as = kind if can_lack(lang, partial=partial) else Kind.POST
    walk = _Walk(rule, title, text, study, ruleset, read_as, lang, on)
    found, flag = walk.walk()
    return Explanation(rule=rule.id, steps=(*steps, *found), flag=flag)


def _before_reading(
    rule: Rule, title: str, text: str, study: Study, lang: str, relevance: Relevance | None
) -> Iterator[Checked]:
    """What can be told without looking for the rule's words."""
    yield Checked(check=Check.STATUS, passed=rule.status in {Status.ACTIVE, Status.TRIAL}, name=rule.status.value)
    if rule.studies:
        yield Checked(check=Check.STUDIES, passed=study.id in rule.studies, name=study.id, missing=rule.studies)
    if rule.below is not None:
        yield Checked(check=Check.BELOW, passed=not reached(study, rule.below), name=" ".join(rule.below))
    yield Checked(check=Check.LANGUAGE, passed=speaks(rule, lang), name=lang, missing=rule.languages)
    if relevance is not None:
        about = relevance.verdict is About.ABOUT
        terms = {} if about or relevance.confusable else lacking(title, text, study)
        yield Checked(
            check=Check.ABOUT,
            passed=about,
            phrase=", ".join(relevance.because),
            missing=tuple(", ".join(phrases[:MOST_TERMS]) for phrases in terms.values()),
            name=relevance.confusable or "",
        )


def _with(ruleset: RuleSet, rule: Rule) -> RuleSet:
    """The ruleset with the rule in it; one that holds the very rule is compiled already."""
    if any(known is rule or known == rule for known in ruleset.rules):
        return ruleset
    others = tuple(known for known in ruleset.rules if known.id != rule.id)
    return replace(ruleset, rules=(*others, rule), digest="")


class _Walk:
    """One rule's way through one text. It was judged once as a whole: what that kept is what is flagged."""

    def __init__(
        self,
        rule: Rule,
        title: str,
        text: str,
        study: Study,
        ruleset: RuleSet,
        kind: Kind,
        lang: str,
        on: date | None,
    ) -> None:
        self._rule, self._study, self._kind, self._lang, self._on = rule, study, kind, lang, on
        self._judge: Judge = judge_for(study, _with(ruleset, rule))
        self._parts = {
            name: self._judge.annotate(read(part), lang) for name, part in (("title", title), ("text", text))
        }
        self._result: Assessment = self._judge.assess(title, text, kind=kind, lang=lang, on=on)
        # Asked of every match: found once and by their place, or a text of a thousand matches costs a million looks.
        self._raised_at: dict[str, dict[tuple[int, int], list[Flag]]] = {}
        self._in_text: dict[tuple[int, int], tuple[Match, ...]] = {}  # by part and phrase, which live as long
        self._kept_at = _by_place(self._result.flags)
        self._kept_of: dict[tuple[Drift, str], list[Flag]] = {}
        for flag in sorted(self._result.flags, key=lambda flag: flag.span.start):  # of one type none overlap
            self._kept_of.setdefault((flag.drift, flag.span.where), []).append(flag)

    def walk(self) -> tuple[tuple[Checked, ...], Flag | None]:
        """The steps, and the flag that the rule raised."""
        if self._rule.kind is RuleKind.OMISSION:
            return self._omission()
        if self._rule.when is When.CLASSIFIER:
            return self._alone()
        compiled = next(one for one in self._judge.compiled.rules if one.rule.id == self._rule.id)
        ways = [
            self._match(where, part, compiled, pattern, found)
            for where, part in self._parts.items()
            for pattern in compiled.patterns
            for found in part.matcher.find(pattern.parts)
        ]
        if not ways:
            return (self._no_words(compiled),), None
        return max(ways, key=lambda way: (way[1].confidence if way[1] else -1.0, len(way[0])))

    def _no_words(self, compiled: CompiledRule) -> Checked:
        phrases = [pattern.parts for pattern in compiled.patterns]
        near = nearest(phrases, [part.matcher for part in self._parts.values()])
        if near is None:
            return Checked(check=Check.WORDS, passed=False)
        phrase, lacks = near
        return Checked(check=Check.WORDS, passed=False, phrase=written(phrase), missing=lacks)

    def _match(
        self, where: str, part: Annotated, compiled: CompiledRule, pattern: Pattern, found: Match
    ) -> tuple[tuple[Checked, ...], Flag | None]:
        """One match, as `evidence` and what comes behind it take it."""
        raw = flag_of(self._rule, pattern, found, doc=part.doc, where=where, study=self._study)
        steps = [Checked(check=Check.WORDS, passed=True, spans=(raw.span,), phrase=written(pattern.parts))]
        if pattern.quantity is not None:
            steps.append(
                Checked(
                    check=Check.NUMBER,
                    passed=differs(pattern.quantity, found),
                    spans=(raw.span,),
                    name=pattern.quantity.finding,
                )
            )
        if steps[-1].passed and compiled.needs:
            steps.append(self._needs(where, part, compiled, found))
        if steps[-1].passed:
            steps.append(self._guarded(where, part, compiled, found))
        if steps[-1].passed and self._rule.slot is not None:
            steps.append(self._told_of(where, part, self._rule.slot, found))
        if steps[-1].passed:
            steps.extend(self._excepted(where, part, compiled, pattern, found))
        if not steps[-1].passed:
            return tuple(steps), None
        return self._raised(steps, part, where, raw, quoted=part.quoted(found, self._rule.drift))

    def _guarded(self, where: str, part: Annotated, compiled: CompiledRule, found: Match) -> Checked:
        guard = next((name for name in compiled.context if part.context.hold(name, found)), None)
        if guard is None:
            return Checked(check=Check.GUARD, passed=True)
        aside, cues = taken_back_by(guard, part, found)
        spans = tuple(self._span(part, where, start, end) for start, end in cues)
        return Checked(check=Check.GUARD, passed=False, name=guard, aside=aside, spans=spans)

    def _told_of(self, where: str, part: Annotated, slot: Slot, found: Match) -> Checked:
        words = part.slots.words(slot, found)
        spans = (self._span(part, where, *words),) if words else ()
        passed = part.slots.filled(slot, found) is not Filler.ELSE
        return Checked(check=Check.SLOT, passed=passed, spans=spans, name=slot.value)

    def _excepted(
        self, where: str, part: Annotated, compiled: CompiledRule, pattern: Pattern, found: Match
    ) -> Iterator[Checked]:
        """The exceptions, up to the one that stops it."""
        for phrase, place in (
            *((parts, Within.SENTENCE) for parts in (*compiled.unless[Within.SENTENCE], *pattern.unless)),
            *((parts, Within.TEXT) for parts in compiled.unless[Within.TEXT]),
            *((parts, Within.PHRASE) for parts in compiled.unless[Within.PHRASE]),
        ):
            matches = self._exceptions(part, phrase, place, found)
            if matches:
                spans = tuple(self._span(part, where, match.start, match.end) for match in matches)
                yield Checked(check=Check.UNLESS, passed=False, spans=spans, phrase=written(phrase), name=place.value)
                return
        if any(compiled.unless.values()) or pattern.unless:
            yield Checked(check=Check.UNLESS, passed=True)

    def _needs(self, where: str, part: Annotated, compiled: CompiledRule, found: Match) -> Checked:
        around = part.doc.sentences[max(0, found.sentence - 1) : found.sentence + 1]
        near = next(
            (
                (phrase, match)
                for phrase in compiled.needs
                for sentence in around
                for match in part.matcher.found_in(phrase, sentence)
            ),
            None,
        )
        if near is None:
            missing = tuple(written(phrase) for phrase in compiled.needs)
            return Checked(check=Check.NEEDS, passed=False, missing=missing)
        spans = (self._span(part, where, near[1].start, near[1].end),)
        return Checked(check=Check.NEEDS, passed=True, spans=spans, phrase=written(near[0]))

    def _exceptions(self, part: Annotated, phrase: Parts, place: Within, found: Match) -> Sequence[Match]:
        """Where an exception stands in its place about the match: the first ones."""
        if place is Within.TEXT:
            key = (id(part), id(phrase))
            if key not in self._in_text:
                self._in_text[key] = tuple(islice(part.matcher.find(phrase), MOST_SPANS))
            return self._in_text[key]
        matches = part.matcher.found_in(phrase, part.doc.sentences[found.sentence])
        if place is Within.SENTENCE:
            return matches[:MOST_SPANS]
        begin = bisect_left(matches, found.first, key=lambda match: match.first)
        near = matches[begin : begin + min(MOST_SPANS, found.last - found.first)]
        return [match for match in near if match.last <= found.last]

    def _raised(
        self, steps: list[Checked], part: Annotated, where: str, raw: Flag, *, quoted: bool
    ) -> tuple[tuple[Checked, ...], Flag | None]:
        """What becomes of a match that stands: quotation marks, the second reader, the day, the text as a whole."""
        if where not in self._raised_at:
            self._raised_at[where] = _by_place(self._judge.flags_in(part, where, self._lang))
        joined = self._raised_at[where].get((raw.span.start, raw.span.end), ())
        sure = max((flag.confidence for flag in joined if _same(flag, raw)), default=raw.confidence)
        if quoted:
            steps.append(Checked(check=Check.QUOTED, passed=sure >= DRIFT_CONFIDENCE, spans=(raw.span,)))
        if self._judge.has_reader(self._lang):
            passed = quoted or sure >= min(DRIFT_CONFIDENCE, raw.confidence)
            steps.append(Checked(check=Check.READER, passed=passed, before=raw.confidence, after=sure))
        return self._kept(steps, raw, sure)

    def _kept(self, steps: list[Checked], raw: Flag, sure: float) -> tuple[tuple[Checked, ...], Flag | None]:
        """Is the flag among those that judging kept?"""
        in_force = self._study.in_force(raw.finding, self._on)
        if raw.finding is not None:
            steps.append(Checked(check=Check.DATE, passed=in_force, name=raw.finding))
        if not in_force:
            return tuple(steps), None
        kept = next((flag for flag in self._kept_at.get((raw.span.start, raw.span.end), ()) if _same(flag, raw)), None)
        if kept is None:
            over = self._over(raw)
            spans = (over.span,) if over else ()
            steps.append(Checked(check=Check.PLACE, passed=False, spans=spans, name=over.rule if over else ""))
            return tuple(steps), None
        if kept.confidence < sure:
            steps.append(Checked(check=Check.SPREADS, passed=False, before=sure, after=kept.confidence))
        steps.append(Checked(check=Check.PLACE, passed=True, spans=(kept.span,)))
        return tuple(steps), kept

    def _over(self, raw: Flag) -> Flag | None:
        """The kept flag of the same type that stands on the words of one that was not kept."""
        kept = self._kept_of.get((raw.drift, raw.span.where), ())
        at = bisect_right(kept, raw.span.start, key=lambda flag: flag.span.end)
        return kept[at] if at < len(kept) and kept[at].span.start < raw.span.end else None

    def _omission(self) -> tuple[tuple[Checked, ...], Flag | None]:
        """A rule that says what a text leaves out, as `document.omissions` takes it."""
        part = self._parts["text"]
        steps = [Checked(check=Check.WHOLE, passed=self._kind is Kind.ARTICLE, name=self._kind.value)]
        if steps[-1].passed:
            steps.append(Checked(check=Check.LENGTH, passed=long_enough(part.doc)))
        if not steps[-1].passed:
            return tuple(steps), None
        benefit = first_benefit(part.matcher, part.context, part.slots)
        spans = (self._span(part, "text", benefit.start, benefit.end),) if benefit else ()
        steps.append(Checked(check=Check.BENEFIT, passed=benefit is not None, spans=spans))
        if benefit is None:
            return tuple(steps), None
        steps.extend(self._own_omission(part) if self._rule.any else self._caveats(part))
        flag = next((flag for flag in self._result.flags if flag.rule == self._rule.id), None)
        if steps[-1].passed and flag is None:
            over = next((flag for flag in self._result.flags if flag.drift is self._rule.drift), None)
            steps.append(Checked(check=Check.PLACE, passed=False, name=over.rule if over else ""))
        return tuple(steps), flag

    def _caveats(self, part: Annotated) -> Iterator[Checked]:
        """Does the text leave out the caveat that the rule is about, or enough of those that are required?"""
        compiled = next(one for one in self._judge.compiled.omissions if one.rule.id == self._rule.id)
        said = ((parts, found) for parts in compiled.unless[Within.TEXT] for found in part.matcher.find(parts))
        for parts, found in said:
            spans = (self._span(part, "text", found.start, found.end),)
            name = Within.TEXT.value
            yield Checked(check=Check.UNLESS, passed=False, spans=spans, phrase=written(parts), name=name)
            return
        present = self._result.caveats_present
        if self._rule.about is not None:
            yield Checked(check=Check.UNTOLD, passed=self._rule.about not in present, missing=(self._rule.about,))
            return
        required = [caveat.slug for caveat in self._study.caveats if caveat.required]
        told = tuple(slug for slug in required if slug in present)
        enough = not required or len(told) >= ENOUGH_CAVEATS
        yield Checked(check=Check.UNTOLD, passed=not enough, phrase=", ".join(told), missing=tuple(required))

    def _own_omission(self, part: Annotated) -> Iterator[Checked]:
        """A rule with words of its own asks for its finding once the text holds one of them."""
        compiled = next(one for one in self._judge.compiled.omissions if one.rule.id == self._rule.id)
        said = self._judge.compiled.said.get(self._rule.finding or "", ())
        for check, phrases in ((Check.UNTOLD, said), (Check.UNLESS, compiled.unless[Within.TEXT])):
            told = next(((parts, found) for parts in phrases for found in part.matcher.find(parts)), None)
            spans = (self._span(part, "text", told[1].start, told[1].end),) if told else ()
            name = self._rule.finding or "" if check is Check.UNTOLD else Within.TEXT.value
            yield Checked(
                check=check, passed=told is None, spans=spans, phrase=written(told[0]) if told else "", name=name
            )
            if told:
                return
        found = next((found for pattern in compiled.patterns for found in part.matcher.find(pattern.parts)), None)
        if found is None:
            yield self._no_words(compiled)
        else:
            yield Checked(check=Check.WORDS, passed=True, spans=(self._span(part, "text", found.start, found.end),))

    def _alone(self) -> tuple[tuple[Checked, ...], Flag | None]:
        """The second reader's own rule: of which sentence does it think worst, and what keeps it from saying so?"""
        flag = max(
            (flag for flag in self._result.flags if flag.rule == self._rule.id),
            key=lambda flag: flag.confidence,
            default=None,
        )
        likely = [
            (probability, where, part, part.doc.sentences[at])
            for where, part in self._parts.items()
            for at, probability in enumerate(self._judge.likely_alone(part, self._lang))
        ]
        if flag is not None:
            chance = max((probability for probability, *_ in likely), default=flag.confidence)
            return (Checked(check=Check.READER, passed=True, spans=(flag.span,), after=round(chance, 3)),), flag
        if not likely:
            return (Checked(check=Check.LANGUAGE, passed=False, name=self._lang, missing=("en",)),), None
        chance, where, part, sentence = max(likely, key=lambda one: one[0])
        span = self._span(part, where, sentence.start, sentence.end)
        steps: list[Checked] = []
        ruled = [hit for hit in part.hits if hit.match.sentence == sentence.index]
        steps.append(
            Checked(
                check=Check.UNRULED,
                passed=not ruled,
                spans=(span,),
                name=ruled[0].compiled.rule.id if ruled else "",
            )
        )
        silence = self._judge.silence(part, sentence)
        if not ruled:
            steps.append(
                Checked(
                    check=Check.SENTENCE, passed=silence is None, spans=(span,), name=silence.value if silence else ""
                )
            )
        if not ruled and silence is None:
            look = self._judge.look_here
            steps.append(Checked(check=Check.READER, passed=False, spans=(span,), before=look, after=round(chance, 3)))
        return tuple(steps), None

    @staticmethod
    def _span(part: Annotated, where: str, start: int, end: int) -> Span:
        start, end, quote = part.doc.span(start, end)
        return Span(start=start, end=end, quote=quote, where=where)


def _same(flag: Flag, raw: Flag) -> bool:
    return flag.rule == raw.rule and flag.span == raw.span


def _by_place(flags: Iterable[Flag]) -> dict[tuple[int, int], list[Flag]]:
    found: dict[tuple[int, int], list[Flag]] = {}
    for flag in flags:
        found.setdefault((flag.span.start, flag.span.end), []).append(flag)
    return found
