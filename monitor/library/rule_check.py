"""What a rule that loads is refused for when it is checked or saved, each problem at its place. Rules that were saved before go on
as they are: a stricter check must not stop an installation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.errors import Problem
from monitor.core.rules.rule import RuleKind
from monitor.core.text.lang import JUDGED, is_language
from monitor.library.rule_template import blank
from monitor.library.yaml_nodes import compose, scalars, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from monitor.core.rules.rule import Rule
    from monitor.core.study import Study
    from monitor.library.yaml_nodes import Node

#: Stands in `languages` for all of them.
EVERY = "*"
#: What is filled in where a rule speaks; of a text that leaves something out, what it leaves out.
PLACEHOLDERS = ("{match}", "{finding}")
OF_OMISSIONS = ("{missing}", "{finding}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def refused(rule: Rule, studies: Sequence[Study]) -> Iterator[Problem]:
    """What is still to be written, and languages, findings and placeholders that there are not. `studies` are those that the
    rule may speak of.
    """
    root, _ = compose(rule.source, rule.path)
    for key, at in scalars(root) if root else ():
        for what in _wrong(key, at, rule, studies):
            yield Problem(rule.path, at.line, at.column, what)


def _wrong(key: str, at: Node, rule: Rule, studies: Sequence[Study]) -> Iterator[str]:
    value = str(at.value).strip()
    if blank(key, value):
        yield f"is still to be written: {value}" if value else f"is still to be written: `{key}`"
    if key == "languages" and value != EVERY and not is_language(value):
        yield f"there is no language {value!r}; {suggest(value, [*JUDGED, EVERY])}"
    if key == "finding" and value and not any(value in study.findings for study in studies):
        findings = {name for study in studies for name in study.findings}
        yield f"names the finding {value!r}, which no fact sheet has; {suggest(value, findings)}"
    if key in {"message", "correction"}:
        yield from _placeholders(value, OF_OMISSIONS if rule.kind is RuleKind.OMISSION else PLACEHOLDERS)


def _placeholders(text: str, known: Collection[str]) -> Iterator[str]:
    for found in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if found not in known:
            yield f"{found} stands for nothing: only {' and '.join(known)} are filled in"
