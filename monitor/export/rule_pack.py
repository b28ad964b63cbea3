"""Your rules as one file: every YAML text by its name, in the order of the alphabet. The same rules make the same bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "hypewatch.rules/1"
#: What a rule file may be called: it is written into a folder, and a path must lead nowhere else.
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,63}|_classes|_changes)\.yaml")
_COMMAND = "Export them with `hypewatch rules export`."


def write_pack(files: Mapping[str, str]) -> str:
    """The files as one text."""
    pack = {"schema": SCHEMA, "files": {name: files[name] for name in sorted(files)}}
    return json.dumps(pack, ensure_ascii=False, indent=1) + "\n"


def read_pack(text: str, source: str) -> dict[str, str]:
    """The files of a text that `write_pack` wrote; raises UsageError for any other."""
    try:
        pack = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{source} is no export of rules: it is no JSON.", command=_COMMAND) from None
    files = pack.get("files") if isinstance(pack, dict) and pack.get("schema") == SCHEMA else None
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        raise UsageError(
            f"{source} is no export of rules: it does not say `{SCHEMA}` with its files.", command=_COMMAND
        )
    return files


def names_of(files: Mapping[str, str], source: str) -> dict[str, str]:
    """The files, none of which is called what no rule file is; raises UsageError, also if there are none."""
    wrong = sorted(name for name in files if not _NAME.fullmatch(name))
    if wrong:
        raise UsageError(
            f"{source} holds {', '.join(map(repr, wrong[:3]))}, and a rule file is called by its rule's id.",
            "Small letters, digits and hyphens, ending in .yaml.",
        )
    if not files:
        raise UsageError(f"{source} holds no rules.", "Name a folder with YAML files, a YAML file, or an export.")
    return dict(files)
