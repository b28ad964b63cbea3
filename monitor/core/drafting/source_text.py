"""The text that a sheet is drafted from: cleaned, its title apart, its sentences each with the section that it stands in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.text.doc import read

if TYPE_CHECKING:
    from monitor.core.text.doc import Doc, Sentence

#: Longer than any abstract and nearly any release; what is longer is a paper or a mistake.
MOST_CHARACTERS = 40_000
LONGEST_TITLE = 300


class Section(StrEnum):
    BACKGROUND = "background"
    METHODS = "methods"
    RESULTS = "results"
    CONCLUSION = "conclusion"
    ASIDE = "aside"  # funding, registration, contacts


_NAMES = {
    Section.BACKGROUND: "background|objectives?|aims?|importance|introduction|purpose|context|rationale|question|significance"
    "|background and (?:aims?|objectives?|purpose)|aims? and objectives?|why it matters",
    Section.METHODS: "methods?|design|setting|settings|participants|patients|interventions?|exposures?|materials and methods"
    "|methods and (?:analysis|materials)|study design|main outcomes? (?:and )?measures?|outcomes?|data sources?|study selection"
    "|design, setting,? and participants|data extraction(?: and synthesis)?|patients and methods|measurements|search strategy",
    Section.RESULTS: "results?|findings|methods and findings|methods and results|main results|principal findings",
    Section.CONCLUSION: "conclusions?|conclusions? and relevance|interpretation|discussion|meaning|implications",
    Section.ASIDE: "funding|trial registration|registration|limitations?|data availability|competing interests|contact|keywords?"
    "|notes? (?:to|for) editors|declaration of interests?|ethics|acknowledgements?",
}
_LABEL = re.compile(
    r"(?:^|(?<=[.!?)\n] )|(?<=\n))[ ]*(?:"
    + "|".join(f"(?P<{section.value}>{names})" for section, names in _NAMES.items())
    + r")[ ]*(?::|\.(?= [A-Z])|[ ]*\n|[ ]-[ ]|(?=[ ](?-i:[A-Z0-9])))[ ]*",
    re.IGNORECASE,
)
#: Marks of a press release: what it says is its writer's, and stands in no sheet as the authors' words.
_RELEASE = re.compile(
    r"for immediate release|press release|media contact|notes? (?:to|for) editors|embargo|###"
    r"|[\"”’'],? (?:said|says|explained|explains|added|commented)\b|\b(?:said|says|explained|added) (?:dr|prof|professor|lead|senior|study)\b",
    re.IGNORECASE,
)


#: What stands above the title of a release.
_OPENING = re.compile(
    r"\s*(?:for immediate release|press release|news release|embargo\w*.{0,80}|abstract)\s*:?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One sentence: its words as they stand, without a section's name before them, and its place in the reading."""

    words: str
    sentence: Sentence
    section: Section | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A text made ready for drafting. `body` is what `doc` was read from."""

    title: str
    body: str
    doc: Doc
    parts: tuple[Part, ...]
    release: bool


def clean(text: str) -> str:
    """The text without characters that no file holds or that turn a line's direction; spaces are single, lines stay."""
    kept = "".join(
        char
        if char == "\n"
        else " "
        if char in "\t\r\v\f\u00a0\u2028\u2029"
        else ""
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}
        else char
        for char in text.replace("\r\n", "\n").replace("·", ".")
    )
    lines = (" ".join(line.split()) for line in kept.split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def source_text(text: str, title: str = "") -> SourceText:
    """Read what was pasted. Without a title of its own the first line is the title, if it is one and more follows."""
    body = clean(text)
    while (opening := body.partition("\n"))[2] and _OPENING.match(opening[0]):
        body = opening[2]
    first, _, rest = body.partition("\n")
    title = " ".join(clean(title).split()).removesuffix(".")
    if title and first.rstrip(".").casefold() == title.rstrip(".").casefold():
        body = rest
    elif (
        not title
        and rest
        and len(first) <= LONGEST_TITLE
        and not _label_at(first)
        and not first.endswith((".", ":", "。"))
    ):
        title, body = first, rest
    doc = read(body)
    return SourceText(
        title=title, body=body, doc=doc, parts=tuple(_parts(body, doc)), release=bool(_RELEASE.search(text))
    )


def _label_at(line: str) -> bool:
    found = _LABEL.match(f"{line}\n")
    return found is not None


def _parts(body: str, doc: Doc) -> list[Part]:
    labels = [
        (found.start(), found.end(), Section(found.lastgroup or "aside")) for found in _LABEL.finditer(f"{body}\n")
    ]
    parts = []
    for sentence in doc.sentences:
        start, end, _ = doc.span(sentence.start, sentence.end)
        section = None
        for begins, ends, name in labels:
            if begins <= start or (begins < end and ends <= end):
                section = name
                if begins <= start < ends:
                    start = min(ends, end)
        words = " ".join(body[start:end].split())
        if words:
            parts.append(Part(words=words, sentence=sentence, section=section))
    return parts
