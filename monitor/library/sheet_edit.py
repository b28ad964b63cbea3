"""Editing a fact sheet as values: one part of it to a form and back, without touching what the form does not show.

A part is where something stands, from the top: `()` the sheet itself, `("findings", "walking")`, `("findings", "walking",
"not", 0)`. Only the keys whose values changed are written anew; comments and all other lines stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.errors import LibraryError, NotFoundError
from monitor.core.judgement import Drift, Severity
from monitor.library.yaml_nodes import compose
from monitor.library.yaml_text import block, cuttable, flow, scalar, top_level, with_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitor.core.study import Keys
    from monitor.library.yaml_nodes import Node

#: What a form holds of a part: a text, or a list of them.
Values = dict[str, "str | tuple[str, ...]"]


class FieldKind(StrEnum):
    """How a field is asked."""

    TEXT = "text"  # one line
    LONG = "long"  # a sentence or more
    LINES = "lines"  # texts, one a line
    DATE = "date"
    SOURCE = "source"  # one of the sheet's sources
    FINDING = "finding"
    LADDER = "ladder"
    RUNG = "rung"  # of the finding's ladder
    DRIFT = "drift"
    SEVERITY = "severity"
    YES_NO = "yes-no"
    ABOUT = "about"  # one of the aspects that a rule looks for


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a part, as a person is asked for it."""

    key: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    help: str = ""
    required: bool = False


_PHRASES = "one a line; * for any ending, | for or, ... for words between"
#: The fields of each kind of part, in the order in which they are asked.
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "study": (
        Field(key="name", label="What the study is called", required=True),
        Field(key="institution", label="Institution", required=True),
        Field(key="people", label="People and names it is known by", kind=FieldKind.LINES, help="one a line"),
        Field(key="as-of", label="Day on which all of it was checked", kind=FieldKind.DATE, required=True),
        Field(key="reference", label="Where a reader begins", kind=FieldKind.SOURCE, required=True),
        Field(key="abstract", label="Abstract", kind=FieldKind.LONG, help="in its authors’ words"),
    ),
    "sources": (
        Field(key="title", label="What it is", required=True, help="as it stands under what the study found"),
        Field(key="url", label="Address", help="begins with https://"),
    ),
    "findings": (
        Field(key="sentence", label="What the study found, in one sentence", kind=FieldKind.LONG, required=True),
        Field(key="source", label="Source", kind=FieldKind.SOURCE, required=True),
        Field(key="quote", label="The source’s own words", kind=FieldKind.LONG, help="a sentence at most"),
        Field(key="correction", label="What one could say instead", kind=FieldKind.LONG, help="when a text goes too far"),
        Field(key="ladder", label="Scale", kind=FieldKind.LADDER, help="where the finding is a degree of something"),
        Field(key="rung", label="How far the study goes on it", kind=FieldKind.RUNG),
        Field(key="says", label="Words that tell it faithfully", kind=FieldKind.LINES, help=_PHRASES),
        Field(key="as-of", label="Day on which it was checked", kind=FieldKind.DATE, help="empty: that of the sheet"),
        Field(key="since", label="Texts could contradict it from", kind=FieldKind.DATE, help="empty: always"),
        Field(key="until", label="and before", kind=FieldKind.DATE, help="empty: still"),
    ),
    "not": (
        Field(key="says", label="Words that contradict it", kind=FieldKind.LINES, required=True, help=_PHRASES),
        Field(key="unless", label="Unless the sentence holds", kind=FieldKind.LINES, help="one a line"),
        Field(key="about", label="What they are wrong about", kind=FieldKind.ABOUT, required=True),
        Field(key="drift", label="How they go too far", kind=FieldKind.DRIFT, required=True),
        Field(key="severity", label="How grave it is", kind=FieldKind.SEVERITY, required=True),
        Field(key="correction", label="What one could say instead", kind=FieldKind.LONG, help="empty: that of the finding"),
    ),
    "rungs": (
        Field(key="says", label="Words that claim this step", kind=FieldKind.LINES, help=_PHRASES),
    ),
    "quantities": (
        Field(key="says", label="Words around the number", kind=FieldKind.LINES, required=True, help="<n:number> stands for it"),
        Field(key="allowed", label="Right numbers", kind=FieldKind.LINES, required=True, help="one a line: 4, or 14..28"),
        Field(key="ignore", label="Numbers that mean something else", kind=FieldKind.LINES, help="one a line"),
        Field(key="unless", label="Unless the sentence holds", kind=FieldKind.LINES, help="one a line"),
        Field(key="finding", label="Finding that it belongs to", kind=FieldKind.FINDING, required=True),
    ),
    "caveats": (
        Field(key="sentence", label="What to add where it is missing", kind=FieldKind.LONG, required=True),
        Field(key="says", label="Words by which a text says it", kind=FieldKind.LINES, required=True, help=_PHRASES),
        Field(key="finding", label="Finding that it belongs to", kind=FieldKind.FINDING, required=True),
        Field(key="required", label="A fair text must say it", kind=FieldKind.YES_NO),
    ),
}  # fmt: skip
#: Parts that can be added to, each with what one is called.
SECTIONS: Mapping[str, str] = {
    "findings": "finding",
    "sources": "source",
    "caveats": "caveat",
    "quantities": "number",
}


def fields_of(part: Keys) -> tuple[Field, ...]:
    """The fields of a part; raises NotFoundError if there is no form for it."""
    match part:
        case ():
            return FIELDS["study"]
        case (str(section), str()) if section in SECTIONS:
            return FIELDS[section]
        case ("findings", str(), "not", int()):
            return FIELDS["not"]
        case ("ladders", str(), int()):
            return FIELDS["rungs"]
    raise NotFoundError("A fact sheet has no such part.", "Open it from the study's page.")


def part_of(text: str) -> Keys:
    """A part as addresses write it: `findings.walking.not.0`."""
    return tuple(int(key) if key.isascii() and key.isdecimal() else key for key in text.split(".") if key)


def values_of(text: str, part: Keys) -> Values:
    """What stands in a part of the sheet, by key of its fields; keys that are not there are empty. Raises NotFoundError."""
    node = _at(_root(text), part)
    table = node.value if isinstance(node.value, dict) else {}
    found: Values = {}
    for field in fields_of(part):
        held = table.get(field.key)
        if field.kind is FieldKind.LINES:
            found[field.key] = tuple(_texts(held))
        else:
            found[field.key] = held.value.strip() if held is not None and isinstance(held.value, str) else ""
    return found


def with_values(text: str, part: Keys, values: Mapping[str, str | tuple[str, ...]]) -> str:
    """The sheet with these values in a part; an empty one takes its key out. What did not change stays as it is written.

    Raises LibraryError if the sheet is no YAML, NotFoundError if it has no such part.
    """
    before = values_of(text, part)
    blocks = {
        key: (block(key, value) if value else None)
        for key, value in values.items()
        if key in before and value != before[key]
    }
    return _changed(text, part, lambda inner: with_blocks(inner, blocks)) if blocks else text


def with_new(text: str, part: Keys, values: Mapping[str, str | tuple[str, ...]]) -> str:
    """The sheet with one part more: an entry of a section, or of a finding's `not` list (its number is not looked at)."""
    fields = fields_of(part)
    inner = "".join(block(field.key, value) for field in fields if (value := values.get(field.key)))
    if part[-2:-1] == ("not",):
        item = _indented(inner, "  ", "- ")
        return _grown(text, part[:-2], "not", item)
    return _grown(text, (), str(part[0]), f"{scalar(str(part[-1]))}:\n{_indented(inner, '  ')}")


def without(text: str, part: Keys) -> str:
    """The sheet without a part; raises NotFoundError if there is none."""
    holder, last = part[:-1], part[-1]
    held = _at(_root(text), holder).value
    _at(_root(text), part)
    if len(held) == 1:  # an empty section is no mapping, and an empty list says nothing
        return _changed(text, holder[:-1], lambda inner: with_blocks(inner, {str(holder[-1]): None}))
    if isinstance(last, int):
        return _changed(text, holder, lambda inner: "".join(_without_item(_items(inner), last)))
    return _changed(text, holder, lambda inner: with_blocks(inner, {str(last): None}))


def changed_parts(before: str, after: str) -> tuple[str, ...]:
    """What differs between two sheets, in words: "finding walking", "caveats", "name"."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    keys = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    named: dict[str, None] = {}
    for path in keys:
        section, entry = str(path[0]), str(path[1]) if len(path) > 1 and isinstance(path[1], str) else ""
        named[f"{SECTIONS[section]} {entry.replace('-', ' ')}" if section in SECTIONS and entry else section] = None
    return tuple(named)


def _leaves(text: str) -> Iterator[tuple[Keys, str]]:
    def walk(node: Node, path: Keys) -> Iterator[tuple[Keys, str]]:
        if isinstance(node.value, str):
            yield path, node.value
        elif isinstance(node.value, list):
            for at, item in enumerate(node.value):
                yield from walk(item, (*path, at))
        else:
            for key, inner in node.value.items():
                yield from walk(inner, (*path, key))

    root, _ = compose(text, "") if text.strip() else (None, [])
    return walk(root, ()) if root is not None else iter(())


def field_at(text: str, part: Keys, line: int, column: int) -> str | None:
    """The key of the part's field in which a place of the sheet lies (both count from 1); None if it lies elsewhere."""
    root = _root(text)
    if not _there(root, part):
        return None
    best: tuple[int, int, str] | None = None
    for path, at_line, at_column in _places(root, ()):
        inside = path[: len(part)] == part and len(path) > len(part)
        if (at_line, at_column) <= (line, column) and (best is None or (at_line, at_column) >= best[:2]):
            best = (at_line, at_column, str(path[len(part)]) if inside else "")
    return best[2] or None if best else None


def _places(node: Node, path: Keys) -> Iterator[tuple[Keys, int, int]]:
    yield path, node.line, node.column
    inner: Iterable[tuple[str | int, Node]] = ()
    if isinstance(node.value, dict):
        inner = node.value.items()
    elif isinstance(node.value, list):
        inner = enumerate(node.value)
    for key, held in inner:
        yield from _places(held, (*path, key))


def entries_of(text: str, section: str) -> Mapping[str, str]:
    """The entries of a section by id, each with what it says, or is called."""
    entries = _table(_root(text), section).items()
    return {name: _text_in(node, "sentence") or _text_in(node, "title") or name for name, node in entries}


def rungs_of(text: str, ladder: str) -> tuple[str, ...]:
    """The ids of a ladder's rungs, lowest first."""
    held = _table(_root(text), "ladders").get(ladder)
    return tuple(_text_in(item, "rung") for item in _list(held)) if held is not None else ()


def choices_of(text: str, part: Keys, field: Field) -> tuple[tuple[str, str], ...]:
    """(value, words) of what a field can be, in the sheet as it stands; nothing for fields that are written."""
    root = _root(text)
    found: list[tuple[str, str]] = []
    match field.kind:
        case FieldKind.SOURCE:
            found = list(entries_of(text, "sources").items())
        case FieldKind.FINDING:
            found = list(entries_of(text, "findings").items())
        case FieldKind.LADDER:
            found = [(name, name.replace("-", " ")) for name in _table(root, "ladders")]
        case FieldKind.RUNG:
            ladders = _table(root, "ladders")
            own = values_of(text, part).get("ladder") if _there(root, part) else ""
            chosen = [own] if isinstance(own, str) and own in ladders else list(ladders)
            rungs = [rung for name in chosen for rung in rungs_of(text, name) if rung]
            found = [(rung, rung.replace("-", " ")) for rung in dict.fromkeys(rungs)]
        case FieldKind.DRIFT:
            found = [(drift.value, drift.words) for drift in Drift]
        case FieldKind.SEVERITY:
            found = [(severity.value, severity.value) for severity in Severity]
        case FieldKind.YES_NO:
            found = [("yes", "yes"), ("no", "no")]
    return tuple(found)


# --- places in the text ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _root(text: str) -> Node:
    """The tree of a sheet, which nobody changes: a page asks a dozen things of one text."""
    root, wrong = compose(text, "fact sheet")
    if root is None:
        raise LibraryError(wrong)
    return root


def _there(root: Node, part: Keys) -> bool:
    try:
        _at(root, part)
    except NotFoundError:
        return False
    return True


def _at(node: Node, part: Keys) -> Node:
    for key in part:
        inner = None
        if isinstance(key, str) and isinstance(node.value, dict):
            inner = node.value.get(key)
        elif isinstance(key, int) and isinstance(node.value, list) and key < len(node.value):
            inner = node.value[key]
        if inner is None:
            raise NotFoundError("The fact sheet does not hold this part any more.", "Open it from the study's page.")
        node = inner
    return node


def _table(root: Node, key: str) -> Mapping[str, Node]:
    held = root.value.get(key) if isinstance(root.value, dict) else None
    return held.value if held is not None and isinstance(held.value, dict) else {}


def _list(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def _text_in(node: Node, key: str) -> str:
    held = node.value.get(key) if isinstance(node.value, dict) else None
    return held.value.strip() if held is not None and isinstance(held.value, str) else ""


def _texts(node: Node | None) -> Iterator[str]:
    items = [] if node is None else node.value if isinstance(node.value, list) else [node]
    return (item.value.strip() for item in items if isinstance(item.value, str) and item.value.strip())


def _changed(text: str, part: Keys, change: Callable[[str], str]) -> str:
    """The text with what stands in a part, taken out of its indentation, put through `change`."""
    root = _root(text)
    if not part:
        return change(cuttable(text, root) if isinstance(root.value, dict) else text)
    key, rest = part[0], part[1:]
    if isinstance(key, int):
        items = _items(text) if _is_block_list(text, root) else [f"- {flow(item)}\n" for item in _list(root)]
        inner = _of_item(items[key], _list(root)[key])
        items[key] = _indented(_changed(inner, rest, change), "  ", "- ")
        return "".join(items)
    text = cuttable(text, root)
    head, body, indent = _cut(text, key, _at(root, (key,)))
    return with_blocks(text, {key: f"{head}{_indented(_changed(body, rest, change), indent)}"})


def _grown(text: str, part: Keys, section: str, entry: str) -> str:
    """The text with one entry more at the end of a section of a part; the section is made if need be."""
    held = _at(_root(text), part).value
    if not isinstance(held, dict) or section not in held:
        return _changed(
            text, part, lambda inner: with_blocks(inner, {section: f"{section}:\n{_indented(entry, '  ')}"})
        )

    def grow(inner: str) -> str:
        root = _root(inner)
        if isinstance(root.value, dict):
            inner = cuttable(inner, root)
        elif not _is_block_list(inner, root):
            inner = "".join(f"- {flow(item)}\n" for item in _list(root))
        return f"{inner.rstrip()}\n{entry}"

    return _changed(text, (*part, section), grow)


def _cut(text: str, key: str, node: Node) -> tuple[str, str, str]:
    """The line that begins a key, what stands below it without its indentation, and that indentation. What stands on the
    key's own line is written below it.
    """
    part = next(lines for name, lines in top_level(text) if name == key)
    lines = part.splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    body = lines[first + 1 :]
    filled = [line for line in body if line.strip() and not line.lstrip().startswith("#")]
    head = f"{scalar(key)}:\n"
    after = re.sub(r"(?<!\s)\s+#.*", "", lines[first].split(":", 1)[1]).strip() if '"' not in lines[first] else ":"
    if after or not filled:
        if isinstance(node.value, dict):
            return head, "".join(f"{scalar(name)}: {flow(inner)}\n" for name, inner in node.value.items()), "  "
        return head, "".join(f"- {flow(item)}\n" for item in _list(node)), "  "
    indent = min((line[: len(line) - len(line.lstrip())] for line in filled), key=len)
    return head, "".join(line.removeprefix(indent) if line.strip() else line for line in body), indent or "  "


def _indented(text: str, indent: str, first: str = "") -> str:
    """Each line that holds something after `indent`; the first after `first`, if that is given."""
    lines = [f"{indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True)]
    if first and lines:
        at = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
        lines[at] = first + lines[at][len(indent) :]
    written = "".join(lines)
    return written if written.endswith("\n") else f"{written}\n"


def _is_block_list(text: str, root: Node) -> bool:
    return len(_items(text)) == len(_list(root)) and not text.lstrip().startswith("[")


def _items(text: str) -> list[str]:
    """A list's lines, cut before each item; comments above an item go with it."""
    found: list[list[str]] = []
    above: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith(("- ", "-\n")):
            found.append([*above, line])
            above = []
        elif line.startswith("#") or not line.strip():
            above.append(line)
        elif found:
            found[-1] += [*above, line]
            above = []
    if found:
        found[-1] += above
    return ["".join(lines) for lines in found]


def _of_item(item: str, node: Node) -> str:
    """An item of a list as lines of a mapping."""
    lines = item.splitlines(keepends=True)
    at = next(at for at, line in enumerate(lines) if line.startswith("-"))
    if isinstance(node.value, dict) and lines[at][1:].strip().startswith("{"):
        return "".join(f"{scalar(name)}: {flow(inner)}\n" for name, inner in node.value.items())
    rest = lines[at][1:]
    indent = " " * (1 + len(rest) - len(rest.lstrip(" ")))
    lines[at] = rest.lstrip(" ")
    return "".join(line.removeprefix(indent) for line in lines)


def _without_item(items: list[str], number: int) -> list[str]:
    return [item for at, item in enumerate(items) if at != number]


def new_id(words: str, taken: Mapping[str, object]) -> str:
    """An id for a new entry, from words that a person wrote: small letters and hyphens, and none of those that are taken."""
    written = re.findall(r"[a-z0-9]+", words.lower())
    base = "-".join(written[:4])[:40].strip("-") or "entry"
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
