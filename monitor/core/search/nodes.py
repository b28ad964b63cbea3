"""A search as a tree: what each node asks of a mention. `query.py` reads one from what a person typed; storage makes SQL of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

#: Words between the two sides of NEAR, unless NEAR/n says otherwise (after FTS5's default).
NEAR_DEFAULT = 10
NEAR_MAX = 50
#: A mention's score is within these.
SCORE_MIN, SCORE_MAX = 0, 100


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was typed (`iPS-cell`, `#MedicalMiracle`); with `prefix`, any word that begins so; with `forms`, also its
    other English forms (`patient~`: patients).
    """

    text: str
    prefix: bool = False
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other."""

    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two words or phrases with at most `distance` words between them, in any order."""

    left: Word | Phrase
    right: Word | Phrase
    distance: int = NEAR_DEFAULT


@dataclass(frozen=True, slots=True)
class Field:
    """`name:value`. Values of a closed list are in lower case; story's is digits. `at`: where it was typed, from and to."""

    name: str
    value: str
    at: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Score:
    """A score from `least` to `most`, both included."""

    least: int = SCORE_MIN
    most: int = SCORE_MAX


@dataclass(frozen=True, slots=True)
class Since:
    """Published at this moment (UTC) or later."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Until:
    """Published before this moment (UTC). `until:2025-03-24` includes that day: its moment is the next midnight."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """First read here at this moment (UTC) or later, whenever it was published."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


Node: TypeAlias = Word | Phrase | Near | Field | Score | Since | Until | Read | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A search that was understood. `root` None finds everything; `text` is what was typed, for titles of exports. `remarks` are
    sentences on how it was read, where that could surprise.
    """

    text: str = ""
    root: Node | None = None
    remarks: tuple[str, ...] = field(default=(), compare=False)


def both(one: Query, other: Query) -> Query:
    """What both find."""
    asked = [(query.text, query.root) for query in (one, other) if query.root is not None]
    if len(asked) < 2:
        return one if one.root is not None else other
    text = " ".join(f"({text})" if isinstance(root, Or) else text for text, root in asked)
    return Query(text, And(tuple(root for _, root in asked)), one.remarks + other.remarks)


def joined(kind: type[And | Or], nodes: list[Node]) -> Node:
    """Several nodes as one; one stays as it is."""
    return nodes[0] if len(nodes) == 1 else kind(tuple(nodes))


#: Quotation marks that open and close a phrase: straight, curly, German, Japanese and French ones.
OPENING_MARKS, CLOSING_MARKS = '"“„「『«', '"”“」』»'
_MARKS = re.compile(f"[{OPENING_MARKS}{CLOSING_MARKS}\\\\]")


def quoted(value: str) -> str:
    """A value as the query language takes it after `field:`, whatever is in it."""
    return value if value.replace("-", "").replace(".", "").replace("_", "").isalnum() else f'"{_escaped(value)}"'


def _escaped(text: str) -> str:
    """Words as they stand between quotation marks: a backslash before a mark makes it one of theirs."""
    return _MARKS.sub(r"\\\g<0>", text)


def unescaped(text: str) -> str:
    """What `_escaped` wrote, as it was; a backslash before any other sign is itself."""
    return re.sub(rf"\\({_MARKS.pattern})", r"\1", text)


def written(node: Node) -> str:  # noqa: PLR0911 - one line for each kind of node
    """A node with all its operators and brackets, as the query language reads it."""
    match node:
        case Word(text, prefix, forms):
            return f"{text}{'*' if prefix else ''}{'~' if forms else ''}"
        case Phrase(text):
            return f'"{_escaped(text)}"'
        case Near(left, right, distance):
            return f"{written(left)} NEAR/{distance} {written(right)}"
        case Field(name, value):
            return f"{name}:{quoted(value)}"
        case Score(least, most):
            return f"score:{least}..{most}"
        case Since(moment) | Until(moment) | Read(moment):
            return f"{type(node).__name__.lower()}:{moment:%Y-%m-%dT%H:%M}"
        case Not(inner):
            return f"NOT {_in_brackets(inner)}"
        case And(nodes):
            return " AND ".join(map(_in_brackets, nodes))
        case Or(nodes):
            return " OR ".join(map(_in_brackets, nodes))


def _in_brackets(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, And | Or) else written(node)
