"""A study written as a fact sheet: YAML that loads again, with a remark wherever a person should look. The draft of a text is one."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from monitor.core.drafting.blanks import ANSWER
from monitor.core.drafting.draft import draft_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from monitor.core.drafting.draft import SheetDraft
    from monitor.core.judgement import Reference
    from monitor.core.question import Question
    from monitor.core.study import Caveat, Confusable, Finding, Ladder, Quantity, Study, Terms, Watch

#: A text that means the same with and without quotation marks, also to who reads it.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?: [A-Za-z0-9-]+)*")


def draft_study(study_id: str, text: str, *, today: date) -> str:
    """YAML of a draft: reporting sentences as findings, their numbers as quantities, what is unsure as questions."""
    return sheet_text(draft_sheet(study_id, text, today=today))


def sheet_text(draft: SheetDraft) -> str:
    """The draft as a file: remarks say which numbers stay in a finding's sentence, and why."""
    remarks: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kept in draft.kept:
        remarks[kept.finding][kept.why].append(kept.written)
    return write_study(
        draft.study,
        head=(
            "A draft. Read every line, correct it, answer the questions at its end, and replace what is said in CAPITALS.",
        ),
        remarks={
            finding: [f"not checked: {', '.join(told)} ({why})" for why, told in by_why.items()]
            for finding, by_why in remarks.items()
        },
    )


def write_study(study: Study, *, head: Sequence[str] = (), remarks: Mapping[str, Sequence[str]] | None = None) -> str:
    """Any study as the text of a fact sheet. What is read from it again is the same study."""
    names = _source_names(study)
    lines = [f"# {_remark(line)}" for line in head]
    lines += [
        f"id: {study.id}",
        f"name: {_quoted(study.name)}",
        f"institution: {_quoted(study.institution)}",
        f'as-of: "{study.as_of.isoformat()}"',
        f"reference: {names[study.reference]}",
    ]
    lines += _said_in(study, {"name": study.name}, "")
    lines += _list("people", study.people, "")
    lines += _list("searches", study.searches, "")
    lines += ["", "sources:"]
    for reference, name in names.items():
        lines += [f"  {name}:", f"    title: {_quoted(reference.title)}"]
        lines += [f"    url: {_quoted(reference.url)}"] if reference.url else []
    lines += _watch(study.watch)
    lines += _terms(study.terms)
    lines += _confusable(study.confusable)
    lines += _ladders(study.ladders)
    lines += ["", "findings:"]
    for finding in study.findings.values():
        lines += _finding(finding, study, names, (remarks or {}).get(finding.id, ()))
    lines += _quantities(study.quantities)
    lines += _caveats(study.caveats, study)
    if study.classes:
        lines += ["", "classes:"]
        for name, phrases in study.classes.items():
            lines += _list(name, phrases, "  ")
    if study.abstract:
        lines += ["", f"abstract: {_quoted(study.abstract)}"]
    lines += _questions(study.questions)
    return "\n".join(lines) + "\n"


def _source_names(study: Study) -> dict[Reference, str]:
    """The sources, each with a name: the first is the paper."""
    found: dict[Reference, str] = {}
    for reference in (study.reference, *(finding.reference for finding in study.findings.values())):
        found.setdefault(reference, "paper" if not found else f"source-{len(found) + 1}")
    return found


def _watch(watch: Watch) -> list[str]:
    lines: list[str] = []
    if watch.query:
        lines.append(f"  query: {_quoted(watch.query)}")
    if watch.since:
        lines.append(f'  since: "{watch.since.isoformat()}"')
    lines += _list("dois", watch.dois, "  ")
    lines += _list("numbers", watch.numbers, "  ")
    lines += [f"  registry: {_quoted(watch.registry)}"] if watch.registry else []
    for key, phrases in (("ignore", watch.ignore), ("needs", watch.needs), ("unless", watch.unless)):
        lines += _list(key, phrases, "  ")
    return ["", "watch:", *lines] if lines else []


def _terms(terms: Terms) -> list[str]:
    lines = ["", "terms:", "  must:"]
    for name, phrases in terms.must.items():
        lines += _list(name, phrases, "    ")
    lines += _list("about-if", [" + ".join(names) for names in terms.about_if], "  ")
    lines += _list("maybe-if", [" + ".join(names) for names in terms.maybe_if], "  ")
    lines += _list("also", terms.also, "  ")
    return lines + _list("not", terms.never, "  ")


def _confusable(others: Sequence[Confusable]) -> list[str]:
    lines = ["", "confusable:"] if others else []
    for other in others:
        lines += [f"  - id: {_quoted(other.id)}", f"    name: {_quoted(other.name)}", f"    why: {_quoted(other.why)}"]
        lines += _list("says", other.says, "    ")
    return lines


def _ladders(ladders: Mapping[str, Ladder]) -> list[str]:
    lines = ["", "ladders:"] if ladders else []
    for ladder in ladders.values():
        lines.append(f"  {ladder.id}:")
        for rung in ladder.rungs:
            lines += [f"    - rung: {_quoted(rung.id)}", *_list("says", rung.says, "      ")]
    return lines


def _finding(finding: Finding, study: Study, names: Mapping[Reference, str], remarks: Sequence[str]) -> list[str]:
    lines = [f"  {finding.id}:", f"    sentence: {_quoted(finding.sentence)}"]
    lines += [f"    # {_remark(remark)}" for remark in remarks]
    lines += [f"    quote: {_quoted(finding.quote)}"] if finding.quote else []
    lines.append(f"    source: {names[finding.reference]}")
    days = {"as-of": finding.as_of if finding.as_of != study.as_of else None}
    days |= {"since": finding.since, "until": finding.until}
    lines += [f'    {key}: "{day.isoformat()}"' for key, day in days.items() if day is not None]
    if finding.ladder:
        lines += [f"    ladder: {finding.ladder}", f"    rung: {_quoted(finding.rung or '')}"]
    if finding.correction:
        lines.append(f"    correction: {_quoted(finding.correction)}")
    lines += _said_in(study, {"sentence": finding.sentence, "correction": finding.correction or ""}, "    ")
    lines += _list("says", finding.says, "    ")
    if finding.excludes:
        lines.append("    not:")
    for entry in finding.excludes:
        lines += [f"      - about: {_quoted(entry.about)}", f"        drift: {entry.drift.value}"]
        lines += [f"        severity: {entry.severity.value}", *_list("says", entry.says, "        ")]
        lines += _list("unless", entry.unless, "        ")
        if entry.correction:
            lines.append(f"        correction: {_quoted(entry.correction)}")
            lines += _said_in(study, {"correction": entry.correction}, "        ")
    return lines


def _quantities(quantities: Sequence[Quantity]) -> list[str]:
    lines = ["", "quantities:"] if quantities else []
    for quantity in quantities:
        lines += [f"  {quantity.id}:", f"    finding: {quantity.finding}"]
        lines += _list("allowed", map(_range, quantity.allowed), "    ")
        lines += _list("ignore", map(_range, quantity.ignore), "    ")
        lines += _list("says", quantity.says, "    ")
        lines += _list("unless", quantity.unless, "    ")
    return lines


def _caveats(caveats: Sequence[Caveat], study: Study) -> list[str]:
    lines = ["", "caveats:"] if caveats else []
    for caveat in caveats:
        lines += [f"  {caveat.slug}:", f"    finding: {caveat.finding}", f"    sentence: {_quoted(caveat.sentence)}"]
        lines += _said_in(study, {"sentence": caveat.sentence}, "    ")
        lines += _list("says", caveat.says, "    ")
        lines += [] if caveat.required else ['    required: "no"']
    return lines


def _questions(questions: Sequence[Question]) -> list[str]:
    lines = ["", "questions:"] if questions else []
    for question in questions:
        lines += [f"  - id: {_quoted(question.id)}", f"    asks: {_quoted(question.asks)}"]
        lines += [f"    key: {_quoted(question.key)}"] if question.key else []
        lines += [f"    why: {_quoted(question.why)}", f"    kind: {question.kind.value}"]
        lines += [f"    proposal: {_quoted(question.proposal)}"] if question.proposal else []
        lines += _list("choices", question.choices, "    ")
        lines.append(f"    answer: {ANSWER}" if question.required else '    required: "no"')
    return lines


def _said_in(study: Study, said: Mapping[str, str], indent: str) -> list[str]:
    """What stands under these keys, in other languages."""
    lines = []
    for language, told in study.translations.items():
        pairs = [f"{key}: {_quoted(told[text])}" for key, text in said.items() if text and text in told]
        if pairs:
            lines.append(f"{indent}  {language}: {{{', '.join(pairs)}}}")
    return [f"{indent}in:", *lines] if lines else []


def _list(key: str, values: Iterator[str] | Sequence[str] | map[str], indent: str) -> list[str]:
    items = [f"{indent}  - {_quoted(value)}" for value in values]
    return [f"{indent}{key}:", *items] if items else []


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.12g}" for end in ends)
    return low if low == high else f"{low}..{high}"


def _quoted(text: str) -> str:
    """Text that YAML reads back as it is: in quotation marks unless it is plain words."""
    return text if _PLAIN.fullmatch(text) and len(text) < 200 and "\n" not in text else _json(text)


def _json(text: str) -> str:
    """JSON is YAML, but for what stands beyond the basic plane: written as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")


def _remark(text: str) -> str:
    return " ".join(text.split())
