"""Where a fact sheet says what, so that a person can be told which line of which file to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from monitor.core.errors import NotFoundError
from monitor.library.sheets import Origin, OwnSheets, fact_sheets
from monitor.library.yaml_nodes import compose

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.core.study import Keys
    from monitor.library.yaml_nodes import Node


class Place(NamedTuple):
    """A line of a fact sheet. `shipped`: the file belongs to Hypewatch; yours, of the same id, stands above it."""

    path: str
    line: int
    text: str
    shipped: bool


def place_in_sheet(own: OwnSheets | Path, study_id: str, *keys: str) -> Place:
    """Where the deepest of the keys stands in a study's fact sheet; raises NotFoundError if there is no such sheet."""
    for path, text, origin in fact_sheets(own):
        root, _ = compose(text, path)
        found = _value(root, "id")
        if root is None or found is None or found.value != study_id:
            continue
        node = deepest(root, keys)
        return Place(path, node.line, text.split("\n")[node.line - 1].strip(), origin is Origin.SHIPPED)
    raise NotFoundError(f"There is no study {study_id!r}.", command="`hypewatch studies list` shows them.")


def deepest(root: Node, keys: Keys) -> Node:
    """The deepest node on the way that the keys go, as far as it is there."""
    node = root
    for key in keys:
        inner = _value(node, key)
        if inner is None:
            break
        node = inner
    return node


def _value(node: Node | None, key: str | int) -> Node | None:
    """What stands under a key of a mapping or at a place of a list; what is no list counts as a list of one."""
    if node is None:
        return None
    if isinstance(key, str):
        return node.value.get(key) if isinstance(node.value, dict) else None
    if isinstance(node.value, list):
        return node.value[key] if key < len(node.value) else None
    return node if key == 0 else None
