"""Writing YAML that people go on editing: a file is cut at its top-level keys, and only what changed is written anew."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.library.yaml_nodes import Node

#: A line that begins a top-level key, in one of the ways a key of ours can be written.
_KEY = re.compile(r"""^(?:"([^"\n]+)"|'([^'\n]+)'|([^\s#"'\[\]{},&*!|>%@`:-][^\s:#]*))\s*:(?=\s|$)""")
#: Characters that YAML does not print, or takes for the end of a line.
_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
#: A value that reads the same without quotation marks.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def quoted(text: str) -> str:
    """A text as a YAML scalar on one line; lone surrogates, which no file holds, become question marks."""
    text = re.sub("[\ud800-\udfff]", "?", text)
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def scalar(text: str) -> str:
    """A word as it is, anything else in quotation marks."""
    return text if _PLAIN.fullmatch(text) else quoted(text)


def flow(node: Node) -> str:
    """What stands in a file as the same on one line, for a file that is written in no way that can be cut."""
    if isinstance(node.value, str):
        return quoted(node.value)
    if isinstance(node.value, list):
        return f"[{', '.join(map(flow, node.value))}]"
    return f"{{{', '.join(f'{quoted(key)}: {flow(inner)}' for key, inner in node.value.items())}}}"


def cuttable(text: str, root: Node) -> str:
    """The text, if `top_level` finds all of its keys; else the same with a key to a line, and without its comments."""
    if not isinstance(root.value, dict) or [key for key, _ in top_level(text) if key] == list(root.value):
        return text
    return "".join(f"{scalar(key)}: {flow(inner)}\n" for key, inner in root.value.items())


def block(key: str, value: str | Iterable[str]) -> str:
    """`key: value`, or a list of texts with one to a line."""
    if isinstance(value, str):
        return f"{key}: {scalar(value)}\n"
    items = [f"  - {quoted(item)}\n" for item in value]
    return f"{key}:\n{''.join(items)}" if items else f"{key}: []\n"


def top_level(text: str) -> list[tuple[str, str]]:
    """The text cut before each top-level key: (key, its lines with the comments that stand above it). What stands before the
    first, or in no key at all, has the key "".
    """
    found: list[tuple[str, str]] = []
    key = ""
    lines: list[str] = []
    above: list[str] = []
    for line in text.splitlines(keepends=True):
        begins = _KEY.match(line)
        if begins:
            found.append((key, "".join(lines)))
            key = next(name for name in begins.groups() if name is not None)
            lines, above = [*above, line], []
        elif line.startswith("#") or not line.strip():
            above.append(line)
        else:
            lines += [*above, line]
            above = []
    found.append((key, "".join([*lines, *above])))
    return [(name, part) for name, part in found if part]


def with_blocks(text: str, blocks: Mapping[str, str | None]) -> str:
    """The text with these top-level keys written anew: in their old places, under the comments that stood above them; new ones
    at the end. None takes a key out, with those comments.
    """
    kept: list[str] = []
    left = dict(blocks)
    for key, part in top_level(text):
        if key not in left:
            kept.append(part)
            continue
        new = left.pop(key)
        if new is not None:
            above = [line for line in part.splitlines(keepends=True) if line.startswith("#") or not line.strip()]
            begins = next(at for at, line in enumerate(part.splitlines()) if _KEY.match(line))
            kept.append("".join(above[:begins]) + new)
    written = "".join(kept)
    if written and not written.endswith("\n"):
        written += "\n"
    return written + "".join(new for new in left.values() if new is not None)
