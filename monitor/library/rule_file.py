"""One rule file, word-class file or changes file: YAML nodes to Rules, with every problem at its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.drift.compile import word_classes
from monitor.core.drift.context import NAMES, READER
from monitor.core.errors import Problem
from monitor.core.judgement import Drift, Severity
from monitor.core.rules.change import Change, Written
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.phrase import PhraseError, parse
from monitor.core.rules.rule import Rule, RuleKind, Slot, Status, Unless, When, Within
from monitor.library.ids import id_problem
from monitor.library.yaml_nodes import Form, compose, scalars, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.study import Study
    from monitor.library.yaml_nodes import Node

GUARDS = (*NAMES, READER)
#: Of phrases and examples in one list so many; the longest that ship have 34 and 7.
MOST_PHRASES, MOST_EXAMPLES = 1_000, 200
#: How sure a rule is if its file does not say; the scale is that of Flag.confidence.
CONFIDENCE = {RuleKind.CLAIM: 0.9, RuleKind.NUMBER: 0.85, RuleKind.PHRASE: 0.75, RuleKind.OMISSION: 0.7}


def read_rule(node: Node, path: str, text: str, pack: str, problems: list[Problem]) -> Rule | None:
    """Read one rule; None if it has problems, which are added to the list."""
    before = len(problems)
    form = Form(node, path, problems, "rule")
    name = path.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml")
    rule_id = form.text("id")
    if rule_id and rule_id != name:
        form.wrong(form.node_of("id"), f"has the id {rule_id!r} but the file is called {name!r}: they must be the same")
    elif rule_id and (said := id_problem(rule_id)):
        form.wrong(form.node_of("id"), f"{rule_id!r} {said}")
    kind = RuleKind(form.choice("kind", [k.value for k in RuleKind]))
    match = form.form("match", "match")
    phrases = match.texts("any", least=1) if match else ()
    if match:
        _check_phrases(match, "any")
        match.close()
    when = form.optional("when")
    if when and when not in {w.value for w in When}:
        form.wrong(form.node_of("when"), f"`when: {when}` is not known; {suggest(when, [w.value for w in When])}")
        when = None
    of = form.choice("of", ["", *(slot.value for slot in Slot)], "")
    rule = Rule(
        id=rule_id,
        pack=pack,
        message=form.text("message"),
        why=form.text("why"),
        severity=Severity(form.choice("severity", [s.value for s in Severity])),
        status=Status(form.choice("status", [s.value for s in Status], "active")),
        kind=kind,
        drift=Drift(form.choice("drift", [d.value for d in Drift])),
        finding=form.optional("finding"),
        any=phrases,
        needs=form.texts("needs"),
        unless=_unless(form),
        of=Slot(of) if of else None,
        about=form.optional("about"),
        when=When(when) if when else None,
        correction=form.optional("correction"),
        mistaken_when=form.text("mistaken-when", ""),
        references=form.texts("references"),
        languages=form.texts("languages") or ("en",),
        studies=form.texts("studies"),
        below=_below(form),
        confidence=_confidence(form, CONFIDENCE[kind]),
        ignores=_ignores(form),
        flags=form.texts("flags", least=2),
        passes=form.texts("passes", least=1),
        path=path,
        source=text,
    )
    _check_phrases(form, "needs")
    _check_examples(form, "flags", "passes")
    _check_kind(form, rule)
    form.close()
    return rule if len(problems) == before else None


def _check_kind(form: Form, rule: Rule) -> None:
    if rule.kind in {RuleKind.PHRASE, RuleKind.NUMBER} and not rule.any:
        what = f"a rule of kind {rule.kind.value} needs `match: any:`"
        form.wrong(None, what, key="match", plain="write the words that are to be flagged")
    if rule.kind is RuleKind.CLAIM and rule.when is None:
        form.wrong(None, "a rule of kind claim needs `when`", key="when")
    if rule.kind is RuleKind.CLAIM and rule.when is not When.CLASSIFIER and rule.about is None:
        form.wrong(None, "a rule of kind claim needs `about`", key="about")
    if rule.kind is RuleKind.NUMBER and rule.about is None:
        what = "a rule of kind number needs `about`: the quantity of the fact sheet it is compared with"
        form.wrong(None, what, key="about")
    if rule.kind is not RuleKind.OMISSION and "{match}" not in rule.message:
        form.wrong(form.node_of("message"), "`message` must hold {match}, or a reader cannot see the words")
    for example in rule.flags:
        if example.count("[") != example.count("]"):
            form.wrong(form.node_of("flags"), f"an example has a bracket without its pair: {example!r}")


def _confidence(form: Form, default: float) -> float:
    text = form.text("confidence", "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        form.wrong(form.node_of("confidence"), f"`confidence: {text}` must be a number from 0 to 1")
        return default
    return value


def _below(form: Form) -> tuple[str, str] | None:
    """`below: evidence randomised`: the rule says nothing of a study that reached this rung."""
    text = form.text("below", "")
    if not text:
        return None
    ladder, _, rung = text.partition(" ")
    if not rung.strip():
        form.wrong(form.node_of("below"), f"`below: {text}` must name a ladder and a rung, as `evidence randomised`")
        return None
    return ladder, rung.strip()


def _ignores(form: Form) -> tuple[str, ...]:
    names = form.texts("ignores")
    for name in names:
        if name not in GUARDS:
            form.wrong(form.node_of("ignores"), f"there is no guard {name!r}; {suggest(name, GUARDS)}")
    return names


def _unless(form: Form) -> tuple[Unless, ...]:
    found = []
    for inner in form.forms("unless", "unless"):
        within = Within(inner.choice("within", Within, Within.SENTENCE))
        found.append(Unless(within=within, any=inner.texts("any", least=1)))
        _check_phrases(inner, "any")
        inner.close()
    if sum(len(one.any) for one in found) > MOST_PHRASES:
        form.wrong(form.node_of("unless"), f"holds more than {MOST_PHRASES:,} phrases in all")
    return tuple(found)


def _check_phrases(form: Form, key: str) -> None:
    """Every phrase must be readable, and there may not be too many; the place told is that of the phrase."""
    node = form.node_of(key)
    items = node.value if node is not None and isinstance(node.value, list) else [node] if node else []
    if _too_many(form, items, MOST_PHRASES, "phrases"):
        return
    for item in items:
        if isinstance(item.value, str) and item.value.strip():
            try:
                parse(item.value.strip())
            except PhraseError as error:
                form.wrong(item, f"“{item.value.strip()}” {error}")


def _too_many(form: Form, items: Sequence[Node], most: int, what: str) -> bool:
    """Note it at the first that is too many: each costs time with every text that is judged, or every save."""
    if len(items) > most:
        form.wrong(items[most], f"is one too many: a list holds at most {most:,} {what}, and this one {len(items):,}")
    return len(items) > most


def _check_examples(form: Form, *keys: str) -> None:
    for key in keys:
        node = form.node_of(key)
        _too_many(
            form, node.value if node is not None and isinstance(node.value, list) else [], MOST_EXAMPLES, "examples"
        )


def read_classes(node: Node, path: str, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Read a file of word classes: name -> phrases."""
    form = Form(node, path, problems, "word-class file")
    classes = {}
    for name, inner in (node.value if isinstance(node.value, dict) else {}).items():
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            form.wrong(inner, f"a word class is named with small letters, digits and hyphens, not {name!r}")
            continue
        classes[name] = form.texts_in(inner, name)
        form.node_of(name)
        _check_phrases(form, name)
    return classes


def read_changes(node: Node, path: str, problems: list[Problem]) -> list[Change]:
    """Read `_changes.yaml`: rule id -> {status, severity, unless, passes}."""
    found = []
    for rule_id, inner in (node.value if isinstance(node.value, dict) else {}).items():
        form = Form(inner, path, problems, "change")
        status = form.choice("status", ["", *(s.value for s in Status)], "")
        severity = form.choice("severity", ["", *(s.value for s in Severity)], "")
        unless = _unless(form)
        form.texts("passes")
        _check_examples(form, "passes")
        form.close()
        written = [(key, Written(str(at.value).strip(), at.line, at.column)) for key, at in scalars(inner)]
        found.append(
            Change(
                rule=rule_id,
                status=Status(status) if status else None,
                severity=Severity(severity) if severity else None,
                unless=unless,
                passes=tuple(value for key, value in written if key == "passes"),
                exceptions=tuple(value for key, value in written if key == "any"),
                path=path,
                line=inner.line,
                column=inner.column,
                source=f"{status}|{severity}|{unless}",
            )
        )
    return found


def unknown_rule(change: Change, known: Sequence[str]) -> Problem:
    """The problem that a change is of a rule which is not there."""
    what = f"there is no rule {change.rule!r}; {suggest(change.rule, known)}"
    return Problem(change.path, change.line, change.column, what)


def phrase_problems(
    rules: Sequence[Rule], classes: Mapping[str, tuple[str, ...]], study: Study, changes: Sequence[Change] = ()
) -> Iterator[Problem]:
    """Word classes that nobody defines or that hold themselves, and findings or quantities that the fact sheet lacks. `changes`
    are those that the rules' exceptions come from where their own files do not hold them.
    """
    lexicon = Lexicon(word_classes(study, classes))
    for name in lexicon.classes:
        try:
            lexicon.options(name)
        except PhraseError as error:
            yield Problem(f"word class {name}", 1, 1, str(error))
    for rule in rules:
        if rule.studies and study.id not in rule.studies:
            continue
        unread = list(_unresolved(rule, lexicon))
        places = _places(rule, changes) if unread else {}
        for key, phrase, what in unread:
            yield Problem(*places.get((key, phrase), (rule.path, 1, 1)), f"“{phrase}” {what}", key)
        if rule.studies and rule.finding and rule.finding not in study.findings:
            what = f"names the finding {rule.finding!r}; {suggest(rule.finding, study.findings)}"
            yield Problem(*_places(rule, ()).get(("finding", rule.finding), (rule.path, 1, 1)), what, "finding")


def _unresolved(rule: Rule, lexicon: Lexicon) -> Iterator[tuple[str, str, str]]:
    """(key, phrase, what is wrong with it) of every phrase whose word classes cannot be filled in."""
    exceptions = [phrase for unless in rule.unless for phrase in unless.any]
    for key, phrases in (("match", rule.any), ("needs", rule.needs), ("unless", exceptions)):
        for phrase in phrases:
            try:
                lexicon.resolve(parse(phrase))
            except PhraseError as error:
                yield key, phrase, str(error)


def _places(rule: Rule, changes: Sequence[Change]) -> Mapping[tuple[str, str], tuple[str, int, int]]:
    """(key, text) -> (path, line, column) of what a rule's file holds, and of the exceptions that changes add to it."""
    found = {
        ("unless", at.text): (change.path, at.line, at.column)
        for change in changes
        if change.rule == rule.id
        for at in change.exceptions
    }
    root, _ = compose(rule.source, rule.path)
    for key, inner in root.value.items() if root is not None and isinstance(root.value, dict) else ():
        found |= {(key, str(at.value).strip()): (rule.path, at.line, at.column) for _, at in scalars(inner)}
    return found
