"""A rule's embedded examples, run as the tests they are: `flags` must be flagged at the [brackets], `passes` must not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.drift.judge import Judge
from monitor.core.drift.ruleset import RuleSet
from monitor.core.model import Kind
from monitor.core.rules.rule import RuleKind, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from monitor.core.judgement import Flag
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Study

_BRACKET = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSentence:
    """A sentence that people labelled: does it drift from the study? `on` is the day on which it was told."""

    text: str
    drift: bool
    lang: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """One example that does not hold, under the rule's key `flags` or `passes`. `what` is a sentence for the rule's author, and
    `plain` the same for who sees no keys.
    """

    rule: str
    example: str
    what: str
    key: str
    plain: str = ""


def unbracket(example: str) -> tuple[str, list[tuple[int, int]]]:
    """An example without its brackets, and the spans they marked."""
    plain, spans, at = "", [], 0
    for match in _BRACKET.finditer(example):
        plain += example[at : match.start()]
        spans.append((len(plain), len(plain) + len(match.group(1))))
        plain += match.group(1)
        at = match.end()
    return plain + example[at:], spans


def failed_examples(rule: Rule, classes: Mapping[str, tuple[str, ...]], study: Study) -> Iterator[Failed]:
    """Run a rule by itself over its examples, against one fact sheet; drafts and retired rules are tested too."""
    live = replace(rule, status=Status.ACTIVE)
    judge = Judge(study, RuleSet(rules=(live,), classes=classes), everything=True)
    lang = rule.languages[0] if rule.languages[0] != "*" else "en"
    for example in rule.flags:
        text, spans = unbracket(example)
        flags = _flags(judge, rule, text, lang)
        if not flags:
            what, plain = "is not flagged, but stands under `flags`", "is not flagged, and must be"
            yield Failed(rule.id, example, what, "flags", plain)
        for start, end in spans:
            if flags and not any((flag.span.start, flag.span.end) == (start, end) for flag in flags):
                seen = ", ".join(f"“{flag.span.quote}”" for flag in flags)
                yield Failed(rule.id, example, f"is flagged at {seen}, not at the brackets", "flags")
    for example in rule.passes:
        for flag in _flags(judge, rule, unbracket(example)[0], lang):
            at = f"is flagged at “{flag.span.quote}”"
            yield Failed(
                rule.id, example, f"{at}, but stands under `passes`", "passes", f"{at}, and must be left alone"
            )


def _flags(judge: Judge, rule: Rule, text: str, lang: str) -> list[Flag]:
    kind = Kind.ARTICLE if rule.kind is RuleKind.OMISSION else Kind.POST
    return list(judge.assess("", text, kind=kind, lang=lang).flags)
