"""From matches to flags: their words from the fact sheet, the finding that they are compared with, one flag per place."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from typing import TYPE_CHECKING

from monitor.core.drift.features import STEM
from monitor.core.judgement import Flag, Span
from monitor.core.rules.rule import Status
from monitor.core.rules.unspaced import word_end
from monitor.core.text.content_words import FUNCTION_WORDS
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from monitor.core.drift.compile import CompiledRules, Pattern
    from monitor.core.judgement import Drift
    from monitor.core.rules.matcher import Match, Matcher
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Finding, Study
    from monitor.core.text.doc import Doc, Sentence, Word

#: Every rung above the study's own adds this much confidence: three rungs too high is no slip of the pen.
RUNG_CONFIDENCE = 0.04
MOST_CONFIDENT = 0.99
#: No quotation ends with one of these: what it belongs to follows.
DETERMINERS = frozenset(
    {
        "the",
        "a",
        "an",
        "any",
        "every",
        "their",
        "his",
        "her",
        "its",
        "own",
        "our",
        "your",
        "this",
        "these",
        "other",
        "another",
    }
)
#: Of words that follow so many are taken in at most.
MOST_WIDENED = 3
#: A finding answers a sentence that no rule compared with it if both hold so many words of the same beginning.
LEAST_SHARED = 2
#: A word that a larger share of the findings holds (and more than two) is what the study is about, and no sign of one of them.
MOST_FINDINGS = 0.2
#: More than any rule has phrases.
OMISSION_VOTES = 1000
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_FUNCTION_WORDS = frozenset(FUNCTION_WORDS["en"])


def fill(template: str, match: str, finding: Finding | None) -> str:
    """A rule's template with its two names filled in. Another name in braces stands for nothing: new rules with one are refused, and
    of those saved before readers see dots instead of what was meant for no reader.
    """
    known = {"{finding}": finding.sentence if finding else "", "{match}": match}
    return " ".join(_PLACEHOLDER.sub(lambda found: known.get(found[0], "…"), template).split())


def flag_of(rule: Rule, pattern: Pattern, found: Match, *, doc: Doc, where: str, study: Study) -> Flag:
    """The Flag of one match, its words filled in from the fact sheet. `where` is "title" or "text"."""
    start, end, quote = doc.span(found.start, word_end(doc.folded, found.start, _phrase_end(doc, found)))
    span = Span(start=start, end=end, quote=quote, where=where)
    finding = study.finding(pattern.finding or rule.finding)
    confidence = min(MOST_CONFIDENT, rule.confidence + RUNG_CONFIDENCE * max(0, pattern.distance - 1))
    return Flag(
        rule=rule.id,
        drift=rule.drift,
        severity=rule.severity if rule.severity_chosen else pattern.severity or rule.severity,
        confidence=round(confidence, 2),
        span=span,
        message=fill(rule.message, span.quote, finding),
        why=rule.why,
        finding=finding.id if finding else None,
        found=finding.sentence if finding else None,
        source=finding.reference if finding else None,
        correction=correction(rule, finding, pattern.correction),
        mailed=rule.status is Status.ACTIVE,
    )


def _phrase_end(doc: Doc, found: Match) -> int:
    """Where the phrase ends that a match breaks off: behind "regrow the" comes what the article belongs to."""
    last, most = found.last, min(doc.sentences[found.sentence].last, found.last + MOST_WIDENED)
    while last < most and doc.words[last - 1].text in DETERMINERS:
        if doc.folded[doc.words[last - 1].end : doc.words[last].start].strip():
            break  # a comma or a mark stands between
        last += 1
    return found.end if last == found.last else doc.words[last - 1].end


def correction(rule: Rule, finding: Finding | None, of_words: str | None = None) -> str | None:
    """What to say instead: of the words that matched, else of the rule, else of the finding."""
    text = of_words or rule.correction or (finding.correction if finding else None)
    return fill(text, "", finding) if text else None


class NearFindings:
    """The findings that phrases of each drift type are compared with, most often first, each with its words' beginnings."""

    def __init__(self, compiled: CompiledRules) -> None:
        """Counts how often the rules' phrases name each finding."""
        self._said, findings = compiled.said, compiled.study.findings
        votes: dict[Drift, Counter[str]] = {}
        for omission in compiled.omissions:
            # What an omission rule asks for is what a text that is silent about it is to be told.
            asked = next((c.finding for c in compiled.study.caveats if c.slug == omission.rule.about), None)
            if asked is not None:
                votes.setdefault(omission.rule.drift, Counter())[asked] += OMISSION_VOTES
        for rule in compiled.rules:
            for pattern in rule.patterns:
                finding = pattern.finding or rule.rule.finding
                if finding is not None and finding in findings:
                    votes.setdefault(rule.rule.drift, Counter())[finding] += 1
        speak_of = {name: stems(read(finding.sentence).words) for name, finding in findings.items()}
        common = _common(speak_of.values())
        self._near = {
            drift: tuple(
                (findings[name], speak_of[name] - common) for name in sorted(counts, key=lambda f: (-counts[f], f))
            )
            for drift, counts in votes.items()
        }

    def order(self, drift: Drift) -> Sequence[Finding]:
        """The findings of a drift type in the order in which they are tried."""
        return tuple(finding for finding, _ in self._near.get(drift, ()))

    def near(self, drift: Drift, sentence: Sentence, matcher: Matcher) -> Finding | None:
        """Of the findings of a drift type the one that speaks of most of a sentence's words.

        None if none speaks of two of them beside what most findings speak of, or if the sentence tells that finding rightly:
        a sentence that is answered by an unrelated fact, or by what it says itself, reads absurd.
        """
        said = stems(matcher.doc.words_of(sentence))
        near = max(self._near.get(drift, ()), key=lambda known: len(known[1] & said), default=None)
        if near is None or len(near[1] & said) < LEAST_SHARED:
            return None
        told = any(matcher.found_in(parts, sentence) for parts in self._said[near[0].id])
        return None if told else near[0]


def _common(findings: Collection[frozenset[str]]) -> frozenset[str]:
    """What so many findings speak of that it tells none from another: the patients, the cells, the study."""
    counts = Counter(stem for finding in findings for stem in finding)
    return frozenset(stem for stem, count in counts.items() if count > max(2, MOST_FINDINGS * len(findings)))


def stems(words: Sequence[Word]) -> frozenset[str]:
    """How the words begin that say what a text is about."""
    return frozenset(word.text[:STEM] for word in words if word.text not in _FUNCTION_WORDS)


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
