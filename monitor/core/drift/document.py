"""The whole text: which caveats does it tell, in any wording, and what does an account of a benefit leave out?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drift.compile import Pattern, speaks
from monitor.core.drift.context import Context
from monitor.core.drift.flags import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.drift.compile import Compiled
    from monitor.core.drift.judge import Judge
    from monitor.core.judgement import Flag
    from monitor.core.rules.matcher import Match, Matcher
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Caveat
    from monitor.core.text.doc import Doc

#: A text this long has room for caveats (guide: 120 words); shorter ones are passing mentions.
LONG_ENOUGH = 120
#: Fewer of the required caveats than this, and the account is not fair.
ENOUGH_CAVEATS = 2


def caveats_in(matchers: Iterable[Matcher], caveats: Sequence[Caveat]) -> tuple[str, ...]:
    """Slugs of the caveats that a title or text tells."""
    told = list(matchers)
    return tuple(
        caveat.slug
        for caveat in caveats
        if any(matcher.sentences_with(f"sheet-caveat-{caveat.slug}") for matcher in told)
    )


def omissions(
    judge: Judge, matcher: Matcher, *, present: Sequence[str], missing: Sequence[str], lang: str
) -> Iterator[Flag]:
    """What omission rules say of a text that is long enough and asserts a benefit; points at the first such sentence.

    A rule `about` one caveat asks for that one; a rule with phrases of its own asks for its finding once the text holds
    one of them; any other asks for enough of the caveats that are required.
    """
    rules = [compiled for compiled in judge.omission_rules if speaks(compiled.rule, lang)]
    if not rules or not (judge.everything or long_enough(matcher.doc)):
        return
    benefit = _benefit(matcher)
    if benefit is None:
        return
    required = [caveat for caveat in judge.study.caveats if caveat.required]
    enough = not required or sum(caveat.slug in present for caveat in required) >= ENOUGH_CAVEATS
    for compiled in rules:
        rule = compiled.rule
        if rule.any:
            yield from _unsaid(judge, compiled, matcher)
            continue
        if rule.about is None:
            lacking = [] if enough else [caveat for caveat in required if caveat.slug in missing]
        else:
            lacking = [c for c in judge.study.caveats if c.slug == rule.about and c.slug not in present]
        if lacking:
            yield _omission(judge, rule, matcher, benefit, lacking)


def _benefit(matcher: Matcher) -> Match | None:
    """The first words that assert a benefit."""
    context = Context(matcher)
    return next(
        (
            found
            for found in matcher.class_found("benefit-claim")
            if not any(context.hold(name, found) for name in ("negated", "refuted", "elsewhere", "question"))
        ),
        None,
    )


def _unsaid(judge: Judge, compiled: Compiled, matcher: Matcher) -> Iterator[Flag]:
    """A flag at the first words that call for a finding which the text does not tell."""
    finding = judge.finding(compiled.rule.finding)
    if finding is None or any(matcher.holds(parts) for parts in (*judge.said[finding.id], *compiled.unless["text"])):
        return
    for pattern in compiled.patterns:
        found = next(matcher.find(pattern.parts), None)
        if found is not None:
            yield judge.flag(compiled.rule, matcher, found, pattern, "text")
            return


def _omission(judge: Judge, rule: Rule, matcher: Matcher, benefit: Match, lacking: Sequence[Caveat]) -> Flag:
    flag = judge.flag(rule, matcher, benefit, Pattern(parts=(), finding=lacking[0].finding), "text")
    told = " ".join(caveat.sentence for caveat in lacking)
    message = fill(rule.message.replace("{missing}", told), flag.span.quote, judge.finding(flag.finding))
    return replace(flag, message=message, correction=f"Add: {told}")


def long_enough(doc: Doc) -> bool:
    """Has the text room for caveats? Japanese and Chinese have no spaces to count: two characters are about a word."""
    cjk = sum("\u3040" <= char <= "\u9fff" for char in doc.text)
    return len(doc.words) + cjk // 2 >= LONG_ENOUGH
