"""A first draft of a fact sheet from a pasted abstract or release. Nothing is concluded: a person confirms every line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from monitor.core.text.doc import read
from monitor.core.text.numbers import number_at
from monitor.library.yaml_nodes import scalars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from monitor.core.text.doc import Doc, Sentence
    from monitor.library.yaml_nodes import Node

#: Sentences that report something hold one of these; the rest is background.
_REPORTS = frozenset(
    [
        "found",
        "showed",
        "improved",
        "reduced",
        "increased",
        "observed",
        "reported",
        "occurred",
        "received",
        "patients",
        "participants",
        "results",
        "trial",
        "enrolled",
        "randomised",
        "randomized",
        "safety",
        "adverse",
        "associated",
        "suggests",
        "suggest",
    ]
)
MOST_FINDINGS = 12
INSTITUTION = "NAME OF THE INSTITUTION"
TITLE = "TITLE OF THE PAPER OR RELEASE"
RESEARCHER = "NAME OF THE LEAD RESEARCHER"
STUDIED = "WHAT WAS STUDIED"
FINDING = "WHAT THE STUDY FOUND, IN ONE SENTENCE"
LIMIT = "SAY WHAT LIMITS THE RESULT"
#: What a draft leaves to be filled in. A sheet that still holds one of these values is a draft: it judges nothing.
BLANKS = frozenset({INSTITUTION, TITLE, RESEARCHER, STUDIED, FINDING, LIMIT})


def draft_study(study_id: str, text: str, *, today: date) -> str:
    """YAML of a fact sheet that loads: reporting sentences as findings, their numbers as quantities to confirm."""
    doc = read(text)
    title = next((line.strip() for line in text.splitlines() if line.strip()), "") or study_id
    reporting = [s for s in doc.sentences if _reports(doc, s)][:MOST_FINDINGS]
    lines = [
        "# A draft. Read every line, correct it, and replace what is said in CAPITALS.",
        f"id: {study_id}",
        f"name: {_quote(title[:120])}",
        f"institution: {INSTITUTION}",
        f'as-of: "{today.isoformat()}"',
        "reference: paper",
        "sources:",
        "  paper:",
        f"    title: {TITLE}",
        "terms:",
        "  must:",
        f"    who: [{INSTITUTION}, {RESEARCHER}]",
        f"    what: [{STUDIED}]",
        "  about-if: [who + what]",
        "findings:",
    ]
    for at, sentence in enumerate(reporting, start=1):
        words = doc.span(sentence.start, sentence.end)[2]
        lines += [f"  finding-{at}:", f"    sentence: {_quote(words)}", "    source: paper"]
        numbers = _numbers(doc, sentence)
        if numbers:
            lines.append(f"    # numbers in it: {', '.join(numbers)}")
    if not reporting:
        lines += ["  main:", f"    sentence: {json.dumps(FINDING)}", "    source: paper"]
    first = "finding-1" if reporting else "main"
    lines += [
        "caveats:",
        "  not-peer-reviewed:",
        f"    finding: {first}",
        f"    sentence: {LIMIT}",
        "    says: [<caveat-not-peer-reviewed>]",
    ]
    return "\n".join(lines) + "\n"


def open_questions(sheet: Node) -> Iterator[Node]:
    """The values of a fact sheet that are still to be filled in, in reading order."""
    return (node for _, node in scalars(sheet) if node.value in BLANKS)


def _reports(doc: Doc, sentence: Sentence) -> bool:
    words = {word.text for word in doc.words_of(sentence)}
    return len(words) >= 5 and bool(words & _REPORTS)


def _numbers(doc: Doc, sentence: Sentence) -> list[str]:
    texts = [word.text for word in doc.words]
    found, at = [], sentence.first
    while at < sentence.last:
        number = number_at(texts, at, sentence.last)
        if number and number[0] > 0:
            found.append(f"{number[0]:g}")
            at = number[1]
        else:
            at += 1
    return found


def _quote(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
