"""YAML with places: the one door through which rules and fact sheets come in.

Every scalar is a string (a safe loader would turn `[no, on, yes, 1:30]` into `[False, True, True, 90]`). Tags, anchors,
aliases, tabs, duplicate keys, more than 1 MB or a depth over 20 are refused, each with its place.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from monitor.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_BYTES = 1_000_000
MOST_DEPTH = 20
#: Halves of surrogate pairs, which JSON can bring.
_HALF = re.compile("[\ud800-\udfff]")
#: So a problem begins whose place no YAML can be read behind.
NO_YAML = "is no YAML"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands. `value` is a string, a list of Nodes, or a dict of key to Node; lines count from 1."""

    value: str | list[Node] | dict[str, Node]
    line: int
    column: int


class _RefusedError(Exception):
    def __init__(self, line: int, column: int, what: str) -> None:
        super().__init__(what)
        self.line, self.column, self.what = line, column, what


def compose(text: str, path: str) -> tuple[Node | None, list[Problem]]:
    """Read one document. Returns the tree, or None and all that is wrong with it; behind a place that is no YAML nothing is read."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return None, [Problem(path, 1, 1, "is larger than 1 MB, which no rule or fact sheet is")]
    wrong = [
        Problem(path, number, written.index("\t") + 1, "has a tab; indent with spaces")
        for number, written in enumerate(text.split("\n"), start=1)
        if "\t" in written
    ]
    if wrong:  # what a tab was to indent is not known, so nothing is said of YAML that does not hold together
        _, others = compose(text.replace("\t", " "), path)
        return None, [*wrong, *(other for other in others if not other.what.startswith(NO_YAML))]
    try:
        _refuse_halves(text)
        events = iter(yaml.parse(text, Loader=_Loader))
        root = _document(events, path, wrong)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        return None, [*wrong, Problem(path, line, column, f"{NO_YAML}: {what}")]
    except yaml.YAMLError as error:
        return None, [*wrong, Problem(path, 1, 1, f"{NO_YAML}: {' '.join(str(error).split())}")]
    except _RefusedError as error:
        return None, [*wrong, Problem(path, error.line, error.column, error.what)]
    return (None, wrong) if wrong else (root, [])


def _document(events: Iterator[Any], path: str, duplicates: list[Problem]) -> Node:
    root: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if root is not None:
                raise _RefusedError(_line(event), 1, "holds a second document; one file holds one thing")
            root = _node(next(events), events, path, duplicates, 1)
    if root is None:
        raise _RefusedError(1, 1, "is empty")
    return root


def _refuse_halves(text: str) -> None:
    if half := _HALF.search(text):
        line, column = text.count("\n", 0, half.start()) + 1, half.start() - text.rfind("\n", 0, half.start())
        raise _RefusedError(line, column, "holds half of a character, which no file can hold")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse(event: Any, line: int, column: int, depth: int) -> None:
    """What YAML can do and a rule need not."""
    if isinstance(event, yaml.AliasEvent):
        raise _RefusedError(line, column, f"uses an alias (*{event.anchor}); write the value out")
    if event.anchor is not None:
        raise _RefusedError(line, column, f"has an anchor (&{event.anchor}); write the value out")
    if event.tag is not None and event.tag != "!":
        raise _RefusedError(line, column, f"has a tag ({event.tag}); every value is plain text")
    if depth > MOST_DEPTH:
        raise _RefusedError(line, column, f"is nested more than {MOST_DEPTH} deep")


def _node(event: Any, events: Iterator[Any], path: str, duplicates: list[Problem], depth: int) -> Node:
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    _refuse(event, line, column, depth)
    if isinstance(event, yaml.ScalarEvent):
        return Node(event.value, line, column)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events, path, duplicates, depth + 1))
        return Node(items, line, column)
    table: dict[str, Node] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events, path, duplicates, depth + 1)
        value = _node(next(events), events, path, duplicates, depth + 1)
        if not isinstance(key.value, str):
            raise _RefusedError(key.line, key.column, "has a key that is no word")
        if key.value in table:
            duplicates.append(Problem(path, key.line, key.column, f"has the key {key.value!r} twice"))
        table[key.value] = value
    return Node(table, line, column)


class Form:
    """Reads the keys of one mapping and notes every problem with its place. Unknown keys are told when it is closed."""

    def __init__(self, node: Node, path: str, problems: list[Problem], what: str = "file") -> None:
        """`what` names the thing in sentences ("rule", "finding")."""
        self.node, self.path, self.problems, self.what = node, path, problems, what
        self._table: Mapping[str, Node] = node.value if isinstance(node.value, dict) else {}
        self._asked: list[str] = []
        if not isinstance(node.value, dict):
            self.wrong(node, f"must hold `key: value` lines for a {what}")

    def wrong(self, node: Node | None, what: str, *, key: str = "", plain: str = "") -> None:
        """Note a problem at a node (at the mapping itself if None); `key` and `plain` as in Problem."""
        at = node or self.node
        self.problems.append(Problem(self.path, at.line, at.column, what, key, plain))

    def node_of(self, key: str) -> Node | None:
        self._asked.append(key)
        return self._table.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default the key is required."""
        node = self.node_of(key)
        if node is None:
            if default is None:
                self.wrong(None, f"has no `{key}`, which every {self.what} needs", key=key, plain="is empty")
            return default or ""
        if not isinstance(node.value, str):
            self.wrong(node, f"`{key}` must be text")
            return default or ""
        if default is None and not node.value.strip():
            self.wrong(node, f"`{key}` is empty")
        return node.value.strip()

    def optional(self, key: str) -> str | None:
        return self.text(key, "") or None

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of some words, with a suggestion if it is none of them."""
        options = list(allowed)
        value = self.text(key, default)
        if value and value not in options:
            self.wrong(self._table.get(key), f"`{key}: {value}` is not known; {suggest(value, options)}")
            return default or options[0]
        return value or options[0]

    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        """A list of strings; one string counts as a list of one."""
        node = self.node_of(key)
        if node is None:
            if least:
                self.wrong(None, f"has no `{key}`, which every {self.what} needs", key=key, plain="is empty")
            return ()
        return self.texts_in(node, key, least=least)

    def texts_in(self, node: Node, key: str, *, least: int = 0) -> tuple[str, ...]:
        """As `texts`, of a node at hand."""
        items = node.value if isinstance(node.value, list) else [node]
        found = []
        for item in items:
            if isinstance(item.value, str) and item.value.strip():
                found.append(item.value.strip())
            else:
                self.wrong(item, f"`{key}` must be a list of texts")
        if len(found) < least:
            self.wrong(node, f"`{key}` needs at least {least}")
        return tuple(found)

    def form(self, key: str, what: str) -> Form | None:
        """A mapping below this one."""
        node = self.node_of(key)
        return Form(node, self.path, self.problems, what) if node else None

    def forms(self, key: str, what: str) -> list[Form]:
        """A list of mappings; one mapping counts as a list of one."""
        node = self.node_of(key)
        if node is None:
            return []
        items = node.value if isinstance(node.value, list) else [node]
        return [Form(item, self.path, self.problems, what) for item in items]

    def table(self, key: str) -> Mapping[str, Node]:
        """A mapping with names of its own."""
        node = self.node_of(key)
        if node is None:
            return {}
        if not isinstance(node.value, dict):
            self.wrong(node, f"`{key}` must hold `name: value` lines")
            return {}
        return node.value

    def close(self) -> None:
        """Tell of keys that nobody asked for."""
        for key, node in self._table.items():
            if key not in self._asked:
                self.wrong(node, f"`{key}` is no key of a {self.what}; {suggest(key, self._asked)}")


def scalars(node: Node, key: str = "") -> Iterator[tuple[str, Node]]:
    """Every text value of a tree with the key that it, or its list, stands under; in reading order."""
    if isinstance(node.value, str):
        yield key, node
    elif isinstance(node.value, dict):
        for inner_key, inner in node.value.items():
            yield from scalars(inner, inner_key)
    else:
        for inner in node.value:
            yield from scalars(inner, key)


def suggest(word: str, options: Iterable[str]) -> str:
    """Say what was probably meant, or what there is."""
    known = sorted(set(options))
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
