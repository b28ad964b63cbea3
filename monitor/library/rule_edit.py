"""Editing rules as values: a form's fields to YAML and back, without touching what the form does not show.

One of your own rules is its file; a shipped rule is changed by its entry in `_changes.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.errors import LibraryError, Problem, UsageError
from monitor.core.judgement import Severity
from monitor.core.rules.draft import id_from, phrase_from, signs_of_words
from monitor.core.rules.phrase import unmatched_signs
from monitor.core.rules.rule import Status, Within
from monitor.library.load import CHANGES_FILE, OWN_PACK
from monitor.library.rule_file import read_changes, read_rule
from monitor.library.rule_template import rule_template
from monitor.library.yaml_nodes import compose
from monitor.library.yaml_text import block, cuttable, quoted, scalar, with_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.judgement import Drift
    from monitor.core.rules.change import Change
    from monitor.core.rules.rule import Rule, Unless
    from monitor.library.yaml_nodes import Node

#: What stands in a rule that is tried before it is written to its end: for what changes no flag, and for choices not made yet.
_NEUTRAL = {"message": "“{match}”", "why": "Not written yet.", "flags": ("One.", "Two."), "passes": ("None.",)}
_TO_BE_CHOSEN = {"kind": "phrase", "severity": "medium", "status": "trial", "drift": "sensational-language"}
_LOWER = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleForm:
    """What a form shows of a rule. `unless` are the exceptions that hold in the sentence; the others stay as they are.

    `words` is empty for a rule that takes its words from the fact sheet, and then stays so.
    """

    id: str
    words: tuple[str, ...]
    unless: tuple[str, ...]
    message: str
    correction: str
    severity: Severity
    status: Status
    finding: str | None
    drift: Drift
    flags: tuple[str, ...]
    passes: tuple[str, ...]
    why: str
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """What a form shows of a change of a shipped rule. None: as it is shipped. `unless` as in RuleForm, what you added."""

    status: Status | None = None
    severity: Severity | None = None
    unless: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()


def form_of(rule: Rule) -> RuleForm:
    """A rule as a form shows it."""
    return RuleForm(
        id=rule.id,
        words=rule.any,
        unless=_in_sentence(rule.unless),
        message=rule.message,
        correction=rule.correction or "",
        severity=rule.severity,
        status=rule.status,
        finding=rule.finding,
        drift=rule.drift,
        flags=rule.flags,
        passes=rule.passes,
        why=rule.why,
        languages=rule.languages,
    )


def rule_yaml(form: RuleForm, source: str = "") -> str:
    """The YAML of a rule with the form's values. `source` is its text before: keys that the form does not show, and comments,
    stay; without one it is a new rule. It may bear another id: that of the form is written. Raises LibraryError with every
    problem if `source` cannot be read.
    """
    before, base = _read(source or rule_template(form.id, "words"), form.id)
    new, old = _blocks(form, before), _blocks(form_of(before), before)
    return with_blocks(base, {key: written for key, written in new.items() if not source or written != old[key]})


def _read(source: str, rule_id: str) -> tuple[Rule, str]:
    """A rule, whatever it is called there, and its text in a way that can be cut at its keys; problems are told of `rule_id`."""
    problems: list[Problem] = []
    path = f"{rule_id}.yaml"
    node, wrong = compose(source, path)
    rule = read_rule(node, f"{_id_in(node) or rule_id}.yaml", source, OWN_PACK, problems) if node else None
    if node is None or rule is None:
        raise LibraryError([*wrong, *(replace(problem, path=path) for problem in problems)])
    return rule, cuttable(source, node)


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule that is still being written, to be tried: its YAML, and those of its phrases that are left out because they hold
    signs that no phrase can match. `yaml` is "" if that leaves it no words.
    """

    yaml: str
    unheard: tuple[str, ...]


def to_try(source: str, rule_id: str) -> Trial:
    """A rule under the name `rule_id`, with its own words and exceptions. What it says of them and its examples, which change no
    flag, need not be written yet: something neutral stands for them. Raises LibraryError if its words cannot be read.
    """
    node, wrong = compose(source, f"{rule_id}.yaml")
    keys = node.value if node is not None and isinstance(node.value, dict) else {}
    if node is None or not keys:
        raise LibraryError(wrong or [Problem(f"{rule_id}.yaml", 1, 1, "holds no rule")])
    text = with_blocks(cuttable(source, node), {"id": block("id", rule_id)})
    try:
        rule, text = _read(text, rule_id)
    except LibraryError:
        missing = {key: value for key, value in _TO_BE_CHOSEN.items() if key not in keys or not keys[key].value}
        neutral = {key: block(key, value) for key, value in {**_NEUTRAL, **missing}.items()}
        rule, text = _read(with_blocks(text, neutral), rule_id)
    phrases = (*rule.any, *(phrase for one in rule.unless for phrase in one.any))
    unheard = tuple(dict.fromkeys(phrase for phrase in phrases if unmatched_signs(phrase)))
    if not unheard:
        return Trial(text, ())
    words = heard(rule.any)
    if rule.any and not words:
        return Trial("", unheard)
    exceptions = [replace(one, any=heard(one.any)) for one in rule.unless]
    blocks = {"unless": _unless_block((), [one for one in exceptions if one.any], "")}
    return Trial(with_blocks(text, blocks | ({"match": _match_block(words)} if words else {})), unheard)


def heard(phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases that hold no sign which a text is not asked for."""
    return tuple(phrase for phrase in phrases if not unmatched_signs(phrase))


def id_in(source: str) -> str | None:
    """What the YAML of a rule calls it; None if it does not, or cannot be read."""
    node, _ = compose(source, "")
    return _id_in(node) if node else None


def _id_in(node: Node) -> str | None:
    named = node.value.get("id") if isinstance(node.value, dict) else None
    return named.value.strip() or None if named is not None and isinstance(named.value, str) else None


def rule_from_words(
    marked: str, sentence: str, *, taken: Sequence[str], drift: Drift, lang: str = "en", finding: str | None = None
) -> tuple[str, str]:
    """A new rule drafted from a marked piece of a text, on trial: its id, which is none of `taken`, and its YAML. The sentence
    that the piece stands in is its first example; why it misleads and what to say instead are left to be written.

    Raises UsageError for a piece that holds no word, or signs that no phrase can match ("C++", "$5").
    """
    words = phrase_from(marked)
    if not words:
        raise UsageError(f"“{marked.strip()}” holds no word.", "Mark some words of the text.")
    if signs := signs_of_words(marked):
        raise UsageError(
            f"“{marked.strip()}” holds the signs {signs}, which a phrase cannot match: it would find its words without them.",
            "Mark words without them.",
        )
    rule_id = id_from(words, taken)
    whole = " ".join(sentence.replace("[", "(").replace("]", ")").split())
    examples = tuple(dict.fromkeys((whole, f"{words}.", f"It says: {words}.")))[:2]
    blocks = {
        "drift": block("drift", drift.value),
        "finding": block("finding", finding) if finding else None,
        "languages": block("languages", (lang,)) if lang not in {"en", "", "und"} else None,
        "flags": block("flags", examples),
    }
    return rule_id, with_blocks(rule_template(rule_id, words), {key: new for key, new in blocks.items() if new})


def _blocks(form: RuleForm, before: Rule) -> dict[str, str | None]:
    """Each key that the form shows as its lines; None: it is left out."""
    others = [unless for unless in before.unless if unless.within is not Within.SENTENCE]
    return {
        "id": block("id", form.id),
        "message": block("message", form.message),
        "why": block("why", form.why),
        "severity": block("severity", form.severity.value),
        "status": block("status", form.status.value),
        "drift": block("drift", form.drift.value),
        "finding": block("finding", form.finding) if form.finding else None,
        "languages": block("languages", form.languages) if form.languages != ("en",) else None,
        "match": _match_block(form.words) if form.words else None,
        "unless": _unless_block(form.unless, others, ""),
        "correction": block("correction", form.correction) if form.correction else None,
        "flags": block("flags", form.flags),
        "passes": block("passes", form.passes),
    }


def _match_block(phrases: Iterable[str]) -> str:
    return "match:\n  any:\n" + "".join(f"    - {quoted(phrase)}\n" for phrase in phrases)


def _in_sentence(unless: Iterable[Unless]) -> tuple[str, ...]:
    return tuple(phrase for one in unless if one.within is Within.SENTENCE for phrase in one.any)


def _unless_block(phrases: Sequence[str], others: Sequence[Unless], indent: str) -> str | None:
    """The exceptions that hold in the sentence, and those of other places as they were; None if there are none."""
    groups = [(Within.SENTENCE, tuple(phrases))] if phrases else []
    groups += [(one.within, one.any) for one in others]
    if not groups:
        return None
    lines = [f"{indent}unless:\n"]
    for within, any_of in groups:
        lines.append(f"{indent}  - within: {within.value}\n{indent}    any:\n")
        lines += [f"{indent}      - {quoted(phrase)}\n" for phrase in any_of]
    return "".join(lines)


# --- changes of shipped rules ----------------------------------------------------------------------------------------


def change_of(text: str, rule_id: str) -> ChangeForm:
    """What `_changes.yaml` changes of a rule, as a form shows it. Raises LibraryError if the file cannot be read."""
    change = _change(text, rule_id)
    if change is None:
        return ChangeForm()
    passes = tuple(example.text for example in change.passes)
    return ChangeForm(status=change.status, severity=change.severity, unless=_in_sentence(change.unless), passes=passes)


def change_yaml(text: str, rule_id: str, form: ChangeForm) -> str:
    """The text of `_changes.yaml` with this change of a rule; a change of nothing is taken out. The other rules' entries stay
    as they are, with their comments. Raises LibraryError if the file cannot be read.
    """
    changes, text = _read_changes(text)
    before = next((change for change in changes if change.rule == rule_id), None)
    others = [one for one in before.unless if one.within is not Within.SENTENCE] if before else []
    lines = [f"  status: {form.status.value}\n" if form.status else ""]
    lines += [f"  severity: {form.severity.value}\n" if form.severity else ""]
    lines += [_unless_block(form.unless, others, "  ") or ""]
    lines += ["  passes:\n", *(f"    - {quoted(example)}\n" for example in form.passes)] if form.passes else []
    inner = "".join(lines)
    return with_blocks(text, {rule_id: f"{scalar(rule_id)}:\n{inner}" if inner else None})


def _change(text: str, rule_id: str) -> Change | None:
    return next((change for change in _read_changes(text)[0] if change.rule == rule_id), None)


def _read_changes(text: str) -> tuple[Sequence[Change], str]:
    """All changes, and their text in a way that can be cut at the rules' ids."""
    if not any(line.strip() and not line.startswith("#") for line in text.splitlines()):
        return (), text
    problems: list[Problem] = []
    node, wrong = compose(text, CHANGES_FILE)
    found = read_changes(node, CHANGES_FILE, problems) if node else []
    if node is None or problems:
        raise LibraryError([*wrong, *problems])
    return found, cuttable(text, node)


# --- what a flag that was wrong can lead to, for rules of either kind ------------------------------------------------


def with_exception(files: Mapping[str, str], rule: Rule, phrase: str) -> dict[str, str]:
    """Your files with one more exception of the rule, in the sentence; the rule keeps quiet where the phrase stands."""
    if rule.pack == OWN_PACK:
        form = form_of(rule)
        return _own(files, rule, replace(form, unless=_added(form.unless, phrase)))
    change = change_of(files.get(CHANGES_FILE, ""), rule.id)
    return _changed(files, rule, replace(change, unless=_added(change.unless, phrase)))


def with_pass(files: Mapping[str, str], rule: Rule, sentence: str) -> dict[str, str]:
    """Your files with one more sentence that the rule must leave alone: it is refused until its words or exceptions do."""
    sentence = " ".join(sentence.replace("[", "(").replace("]", ")").split())
    if rule.pack == OWN_PACK:
        form = form_of(rule)
        return _own(files, rule, replace(form, passes=_added(form.passes, sentence)))
    change = change_of(files.get(CHANGES_FILE, ""), rule.id)
    return _changed(files, rule, replace(change, passes=_added(change.passes, sentence)))


def with_lower_severity(files: Mapping[str, str], rule: Rule) -> dict[str, str]:
    """Your files with the rule one step less severe; raises UsageError if it is low already."""
    if rule.severity not in _LOWER:
        raise UsageError(f"The rule {rule.id} is of low severity already.", "Put it on trial, or take it out of use.")
    return with_severity(files, rule, _LOWER[rule.severity])


def with_severity(files: Mapping[str, str], rule: Rule, severity: Severity) -> dict[str, str]:
    """Your files with the rule of this severity."""
    if rule.pack == OWN_PACK:
        return _own(files, rule, replace(form_of(rule), severity=severity))
    return _changed(files, rule, replace(change_of(files.get(CHANGES_FILE, ""), rule.id), severity=severity))


def with_status(files: Mapping[str, str], rule: Rule, status: Status) -> dict[str, str]:
    """Your files with the rule in this status: on trial it is shown and never mailed."""
    if rule.pack == OWN_PACK:
        return _own(files, rule, replace(form_of(rule), status=status))
    return _changed(files, rule, replace(change_of(files.get(CHANGES_FILE, ""), rule.id), status=status))


def _own(files: Mapping[str, str], rule: Rule, form: RuleForm) -> dict[str, str]:
    name = f"{rule.id}.yaml"
    return {**files, name: rule_yaml(form, files[name])}


def _changed(files: Mapping[str, str], rule: Rule, form: ChangeForm) -> dict[str, str]:
    written = change_yaml(files.get(CHANGES_FILE, ""), rule.id, form)
    others = {name: text for name, text in files.items() if name != CHANGES_FILE}
    return {**others, CHANGES_FILE: written} if written.strip() else others


def _added(texts: tuple[str, ...], text: str) -> tuple[str, ...]:
    return texts if text in texts else (*texts, text)
