"""The Judge: one study and one ruleset, compiled. Reads a text once and asks every rule."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, OrderedDict
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from monitor.core.drift.claims import asserts, claim
from monitor.core.drift.compile import Compiled, Pattern, speaks
from monitor.core.drift.context import HEEDED, Context
from monitor.core.drift.document import caveats_in, omissions
from monitor.core.drift.ensemble import join_readings, reads
from monitor.core.drift.features import STEM, Evidence, features, right_numbers, sheet_classes
from monitor.core.drift.flags import fill
from monitor.core.drift.score import score
from monitor.core.judgement import Assessment, Flag, Reference, Span
from monitor.core.model import Kind
from monitor.core.rules.matcher import Lexicon, Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.rule import RuleKind, Status, When
from monitor.core.text.content_words import FUNCTION_WORDS
from monitor.core.text.doc import read
from monitor.core.text.ranges import Ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor.core.drift.claims import Claim
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Drift
    from monitor.core.rules.matcher import Match
    from monitor.core.rules.phrase import Parts
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Finding, Quantity, Study
    from monitor.core.text.doc import Doc, Word

#: A text that corrects others tells at least so many caveats itself, and its flags count less.
DEBUNK_CAVEATS, DEBUNK_FACTOR = 2, 0.5
#: Sentences that refute; of texts written for the project, only debunks with caveats had so many.
DEBUNK_REFUTES = 3
#: So many flags inside quotations, and half of all: of 62 such texts only debunks quoted so, and spread hype did not.
DEBUNK_QUOTES = 2
#: Word classes that the engine itself asks for; a pack that does not define one has none of its cues.
ENGINE_CLASSES = (
    *(f"guard-{name}" for name in ("negated", "denied", "refuted", "elsewhere", "ours", "hedged", "aim", "before")),
    *(f"guard-{name}" for name in ("none", "condition", "team", "says", "taken-back", "critic", "doubts", "apart")),
    "benefit-claim",
    "boosters",
    "debunks",
    "time-will",
    "time-could",
)
#: Every rung above the study's own adds this much confidence: three rungs too high is no slip of the pen.
RUNG_CONFIDENCE = 0.04
MOST_CONFIDENT = 0.99
_FUNCTION_WORDS = frozenset(FUNCTION_WORDS["en"])
#: More than any rule has phrases.
OMISSION_VOTES = 1000


class Judge:
    """Judges texts about one study with one ruleset. Immutable once made; can be used from many threads."""

    def __init__(self, study: Study, ruleset: RuleSet, *, everything: bool = False) -> None:
        """Compile; raises PhraseError for a phrase or word class that cannot be read (the loader finds these first).

        `everything` lets omission rules speak on texts of any length: a rule's examples need not be articles.
        """
        self.study = study
        self.everything = everything
        self.ruleset = ruleset
        self.lexicon = Lexicon(word_classes(study, ruleset.classes) | sheet_classes(study))
        self.numbers = right_numbers(study)
        live = [
            rule
            for rule in ruleset.rules
            if rule.status in {Status.ACTIVE, Status.TRIAL} and not reached(study, rule.below)
        ]
        self.rules = tuple(self._compile(rule) for rule in live if rule.kind is not RuleKind.OMISSION)
        self.classifier_rule = next((rule for rule in live if rule.when is When.CLASSIFIER), None)
        self.omission_rules = tuple(self._compile(rule) for rule in live if rule.kind is RuleKind.OMISSION)
        self.said = {
            finding.id: tuple(map(self._parse, finding.says))
            for finding in (self.finding(compiled.rule.finding) for compiled in self.omission_rules)
            if finding is not None
        }
        self._findings_of = self._usual_findings()

    def assess(self, title: str, text: str, *, kind: Kind, lang: str) -> Assessment:
        """Judge one text; see `drift.assess`."""
        matchers = {where: Matcher(read(part), self.lexicon) for where, part in (("title", title), ("text", text))}
        flags = [flag for where, matcher in matchers.items() for flag in self._flags(matcher, where, lang)]
        present = caveats_in(matchers.values(), self.study.caveats)
        missing = tuple(c.slug for c in self.study.caveats if c.required and c.slug not in present)
        if kind is Kind.ARTICLE:
            flags.extend(omissions(self, matchers["text"], present=present, missing=missing, lang=lang))
        if debunks(matchers["title"], matchers["text"], present, flags):
            flags = [replace(flag, confidence=round(flag.confidence * DEBUNK_FACTOR, 2)) for flag in flags]
        flags = tidy(flags)
        total, parts = score(flags)
        return Assessment(
            flags=tuple(flags),
            caveats_present=present,
            caveats_missing=missing,
            score=total,
            ruleset=self.ruleset.digest,
            score_parts=parts,
        )

    def _flags(self, matcher: Matcher, where: str, lang: str) -> list[Flag]:
        context = Context(matcher)
        evidence = [Evidence() for _ in matcher.doc.sentences]
        by_sentence: list[list[Flag]] = [[] for _ in matcher.doc.sentences]
        for compiled in self.rules:
            if speaks(compiled.rule, lang):
                for found, pattern in self._matches(compiled, matcher, context, evidence):
                    by_sentence[found.sentence].append(self.flag(compiled.rule, matcher, found, pattern, where))
        if self.ruleset.reader is None or not reads(lang):
            return [flag for flags in by_sentence for flag in flags]
        return list(join_readings(self, matcher, context, evidence, by_sentence, where))

    def sentence_features(self, doc: Doc) -> list[dict[str, list[int]]]:
        """What the second reader sees of each sentence of an English text."""
        matcher = Matcher(doc, self.lexicon)
        context = Context(matcher)
        evidence = self._hits(matcher, context, "en")
        return [features(matcher, context, s, evidence[s.index], self.numbers) for s in doc.sentences]

    def claims(self, text: str, *, lang: str) -> list[Claim]:
        """What each sentence that says anything of the study claims, in reading order."""
        matcher = Matcher(read(text), self.lexicon)
        context = Context(matcher)
        evidence = self._hits(matcher, context, lang)
        return [
            claim(matcher, context, sentence, evidence[sentence.index])
            for sentence in matcher.doc.sentences
            if asserts(matcher, sentence, evidence[sentence.index])
        ]

    def _hits(self, matcher: Matcher, context: Context, lang: str) -> list[Evidence]:
        """What the rules say of each sentence."""
        evidence = [Evidence() for _ in matcher.doc.sentences]
        for compiled in self.rules:
            if speaks(compiled.rule, lang):
                for _ in self._matches(compiled, matcher, context, evidence):
                    pass
        return evidence

    def _matches(
        self, compiled: Compiled, matcher: Matcher, context: Context, evidence: Sequence[Evidence]
    ) -> Iterator[tuple[Match, Pattern]]:
        """Matches of a rule that stand; what was found and taken back is noted in `evidence`."""
        drift = compiled.rule.drift.value
        for pattern in compiled.patterns:
            for found in matcher.find(pattern.parts):
                if pattern.quantity is not None and not _differs(pattern.quantity, found):
                    evidence[found.sentence].right.update(range(found.first, found.last))
                elif any(context.hold(name, found) for name in compiled.context) or self._kept_quiet(
                    compiled, pattern, matcher, found
                ):
                    evidence[found.sentence].guarded.add(drift)
                else:
                    hit = evidence[found.sentence]
                    hit.live.add(drift)
                    if pattern.quantity is not None:
                        hit.wrong.update(range(found.first, found.last))
                    hit.distance = max(hit.distance, pattern.distance)
                    yield found, pattern

    def _kept_quiet(self, compiled: Compiled, pattern: Pattern, matcher: Matcher, found: Match) -> bool:
        sentence = matcher.doc.sentences[found.sentence]
        if any(matcher.found_in(parts, sentence) for parts in (*compiled.unless["sentence"], *pattern.unless)):
            return True
        if any(matcher.holds(parts) for parts in compiled.unless["text"]):
            return True
        if any(_within(matcher.found_in(parts, sentence), found) for parts in compiled.unless["phrase"]):
            return True
        if compiled.needs:
            around = matcher.doc.sentences[max(0, found.sentence - 1) : found.sentence + 1]
            return not any(matcher.found_in(parts, near) for near in around for parts in compiled.needs)
        return False

    def flag(self, rule: Rule, matcher: Matcher, found: Match, pattern: Pattern, where: str) -> Flag:
        """The Flag of one match, its words filled in from the fact sheet."""
        start, end, quote = matcher.doc.span(found.start, found.end)
        span = Span(start=start, end=end, quote=quote, where=where)
        finding = self.finding(pattern.finding or rule.finding)
        confidence = min(MOST_CONFIDENT, rule.confidence + RUNG_CONFIDENCE * max(0, pattern.distance - 1))
        return Flag(
            rule=rule.id,
            drift=rule.drift,
            severity=pattern.severity or rule.severity,
            confidence=round(confidence, 2),
            span=span,
            message=fill(rule.message, span.quote, finding),
            why=rule.why,
            finding=finding.id if finding else None,
            found=finding.sentence if finding else None,
            source=finding.reference if finding else None,
            correction=self.correction(rule, pattern, finding),
            mailed=rule.status is Status.ACTIVE,
        )

    def finding(self, finding_id: str | None) -> Finding | None:
        return self.study.findings.get(finding_id) if finding_id else None

    @staticmethod
    def correction(rule: Rule, pattern: Pattern, finding: Finding | None) -> str | None:
        """What to say instead: of the words that matched, else of the rule, else of the finding."""
        text = pattern.correction or rule.correction or (finding.correction if finding else None)
        return fill(text, "", finding) if text else None

    # --- compiling

    def _parse(self, phrase: str) -> Parts:
        return self.lexicon.resolve(parse(phrase))

    def _compile(self, rule: Rule) -> Compiled:
        unless: dict[str, tuple[Parts, ...]] = {"phrase": (), "sentence": (), "text": ()}
        for condition in rule.unless:
            unless[condition.within] += tuple(map(self._parse, condition.any))
        return Compiled(
            rule=rule,
            patterns=tuple(self._patterns(rule)),
            needs=tuple(map(self._parse, rule.needs)),
            unless=unless,
            context=tuple(name for name in HEEDED[rule.drift] if name not in rule.ignores),
        )

    def _patterns(self, rule: Rule) -> Iterator[Pattern]:
        for phrase in rule.any:
            quantity = self._quantity(rule.about) if rule.kind is RuleKind.NUMBER else None
            if rule.kind is not RuleKind.NUMBER or quantity is not None:
                yield Pattern(self._parse(phrase), quantity=quantity)
        if rule.when is When.ABOVE_LADDER:
            yield from self._above(rule)
        elif rule.when in {When.ON_NOT_LIST, When.WIDER_THAN}:
            yield from self._excluded(rule)
        elif rule.when is When.DIFFERS:
            for quantity in self.study.quantities:
                if rule.about in {None, "number", quantity.id}:
                    unless = tuple(map(self._parse, quantity.unless))
                    for phrase in quantity.says:
                        yield Pattern(self._parse(phrase), finding=quantity.finding, quantity=quantity, unless=unless)

    def _usual_findings(self) -> dict[Drift, tuple[tuple[Finding, frozenset[str]], ...]]:
        """The findings that phrases of a drift type are compared with, most often first, each with its words' beginnings."""
        votes: dict[Drift, Counter[str]] = {}
        for compiled in self.omission_rules:
            # What an omission rule asks for is what a text that is silent about it is to be told.
            asked = next((c.finding for c in self.study.caveats if c.slug == compiled.rule.about), None)
            if asked is not None:
                votes.setdefault(compiled.rule.drift, Counter())[asked] += OMISSION_VOTES
        for compiled in self.rules:
            for pattern in compiled.patterns:
                finding = pattern.finding or compiled.rule.finding
                if finding is not None and finding in self.study.findings:
                    votes.setdefault(compiled.rule.drift, Counter())[finding] += 1
        return {
            drift: tuple(
                (self.study.findings[name], stems(read(self.study.findings[name].sentence).words))
                for name in sorted(counts, key=lambda f: (-counts[f], f))
            )
            for drift, counts in votes.items()
        }

    def finding_near(self, drift: Drift, words: Sequence[Word]) -> Finding | None:
        """Of the findings that a drift type is compared with, the one that speaks of most of these words, else the usual one."""
        said = stems(words)
        near = self._findings_of.get(drift, ())
        return max(near, key=lambda known: len(known[1] & said))[0] if near else None

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
                yield Pattern(self._parse(phrase), distance=distance, finding=rule.finding or finding.id)

    def _excluded(self, rule: Rule) -> Iterator[Pattern]:
        for finding in self.study.findings.values():
            for entry in finding.excludes:
                if entry.about == rule.about and entry.drift is rule.drift:
                    unless = tuple(map(self._parse, entry.unless))
                    for phrase in entry.says:
                        yield Pattern(
                            self._parse(phrase),
                            finding=finding.id,
                            correction=entry.correction,
                            severity=entry.severity,
                            unless=unless,
                        )


def stems(words: Sequence[Word]) -> frozenset[str]:
    """How the words begin that say what a text is about."""
    return frozenset(word.text[:STEM] for word in words if word.text not in _FUNCTION_WORDS)


def debunks(title: Matcher, text: Matcher, caveats: Sequence[str], flags: Sequence[Flag]) -> bool:
    """Does the text correct the hype rather than spread it? Its title or first sentence says so, or it refutes again and
    again, or most of what is flagged in it are quotations; and it tells caveats.

    Claims are then quoted to be refuted, in more ways than guards can follow, so its flags are only worth a look.
    """
    if len(caveats) < DEBUNK_CAVEATS:
        return False
    says = title.sentences_with("debunks") or 0 in text.sentences_with("debunks")
    refutes = text.sentences_with("debunks") | text.sentences_with("guard-refuted")
    return bool(says) or len(refutes) >= DEBUNK_REFUTES or _quotes_what_it_flags(text, flags)


def _quotes_what_it_flags(text: Matcher, flags: Sequence[Flag]) -> bool:
    spans = [flag.span for flag in flags if flag.is_drift and flag.span.where == "text"]
    quotations = Ranges(text.doc.span(*quotation)[:2] for quotation in text.doc.quotations)
    quoted = sum(quotations.hold(span.start, span.end) for span in spans)
    return quoted >= DEBUNK_QUOTES and quoted >= len(spans) / 2


def word_classes(study: Study, packs: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The packs' word classes with the fact sheet's words added, and those that the fact sheet implies."""
    merged = {name: tuple(phrases) for name, phrases in packs.items()}
    for name, phrases in study.classes.items():
        merged[name] = (*merged.get(name, ()), *phrases)
    others = tuple(phrase for other in study.confusable for phrase in other.says)
    merged["guard-elsewhere"] = (*merged.get("guard-elsewhere", ()), *others)
    merged["guard-team"] = (*merged.get("guard-team", ()), *study.people)
    merged["guard-ours"] = (*merged.get("guard-ours", ()), *study.people)
    for name in ENGINE_CLASSES:
        merged.setdefault(name, ())
    return merged


def reached(study: Study, below: tuple[str, str] | None) -> bool:
    """Has the study reached the rung below which a rule speaks? A randomised trial may say that the treatment did it."""
    if below is None or below[0] not in study.ladders:
        return False
    ladder, finding = study.ladders[below[0]], study.finding_on(below[0])
    if finding is None or finding.rung is None or below[1] not in {rung.id for rung in ladder.rungs}:
        return False
    return ladder.level(finding.rung) >= ladder.level(below[1])


def _within(inner: Sequence[Match], found: Match) -> bool:
    """Does one of the matches, which stand in reading order, lie within this one?"""
    at = bisect_left(inner, found.first, key=lambda match: match.first)
    return any(match.last <= found.last for match in inner[at : at + found.last - found.first])


def _differs(quantity: Quantity, found: Match) -> bool:
    """Is a caught number neither allowed nor surely about something else?"""
    if not found.numbers:
        return True
    return not all(
        any(low <= number <= high for low, high in (*quantity.allowed, *quantity.ignore)) for number in found.numbers
    )


def tidy(flags: Iterable[Flag]) -> list[Flag]:
    """One flag per place and type: of overlapping flags of a type the severest, surest, longest stands. In reading order."""
    kept: list[Flag] = []
    taken: dict[
        tuple[Drift, str], list[tuple[int, int]]
    ] = {}  # the places of kept flags; those of a type never overlap
    order = sorted(
        flags, key=lambda f: (-f.severity.rank, -f.confidence, f.span.start - f.span.end, f.span.start, f.rule)
    )
    for flag in order:
        places, span = taken.setdefault((flag.drift, flag.span.where), []), flag.span
        at = bisect_left(places, (span.end, 0))
        if at == 0 or places[at - 1][1] <= span.start:
            insort(places, (span.start, span.end))
            kept.append(flag)
    return sorted(kept, key=lambda f: (f.span.where != "title", f.span.start, f.span.end, f.rule))


_JUDGES: OrderedDict[tuple[str, str], Judge] = OrderedDict()
_LOCK = Lock()
#: Back-tests hold two rulesets, each study one more; beyond that the oldest is compiled again when asked for.
MOST_JUDGES = 16


def judge_for(study: Study, ruleset: RuleSet) -> Judge:
    """The compiled Judge of a study and ruleset; made once per digest."""
    key = (study.id, ruleset.digest)
    with _LOCK:
        if ruleset.digest and key in _JUDGES:
            _JUDGES.move_to_end(key)
            return _JUDGES[key]
    judge = Judge(study, ruleset)
    if ruleset.digest:
        with _LOCK:
            _JUDGES[key] = judge
            while len(_JUDGES) > MOST_JUDGES:
                _JUDGES.popitem(last=False)
    return judge


__all__ = ["Judge", "Reference", "judge_for", "tidy", "word_classes"]
