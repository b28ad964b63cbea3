"""Where fact sheets come from: files of a folder, versions saved on the pages, and those that ship. Yours stand above.

Of a study that has both a saved version and a file, the file counts only if somebody edited it since: then it is no version
that was ever saved. So nobody's work goes out of use in silence, wherever it was done.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.errors import Problem
from monitor.home_files import UnreadableError, read_text, yaml_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The line of a fact sheet that names its study, also where YAML cannot be read.
_ID = re.compile(r"""^id:[ \t]*["']?([a-z0-9][a-z0-9-]*)["']?[ \t]*(?:#|$)""", re.MULTILINE)
#: Under this name the installation keeps which study is meant where none is named.
MEANT = "first-study"
#: Where the shipped files are.
SHIPPED = "monitor.library"


class Origin(StrEnum):
    """Whose a sheet is."""

    FOLDER = "folder"
    SAVED = "saved"
    SHIPPED = "shipped"


class Sheet(NamedTuple):
    """The text of one fact sheet, and what it is called in messages: its path, or its study's name."""

    path: str
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSheets:
    """Your fact sheets: `folder` need not exist, `saved` is study to newest text, `known` the SHA-256 of every text ever saved;
    `meant` is the study that is meant where none is named, if somebody chose one.
    """

    folder: Path
    saved: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    meant: str = ""


def fact_sheets(own: OwnSheets | Path, wrong: dict[str, list[Problem]] | None = None) -> Iterator[Sheet]:
    """Every fact sheet, of two of one study the one in use first; one that cannot be read as text goes to `wrong` by its name."""
    own = own if isinstance(own, OwnSheets) else OwnSheets(folder=own)
    unreadable: dict[str, list[Problem]] = {} if wrong is None else wrong
    for sheet in own_files(own.folder, unreadable):
        was_saved = hashlib.sha256(sheet.text.encode()).hexdigest() in own.known
        if not (was_saved and own.saved.get(named(sheet.text, sheet.path))):
            yield sheet
    for study_id, text in sorted(own.saved.items()):
        if text:
            yield Sheet(f"{study_id}.yaml", text, Origin.SAVED)
    for path, text in shipped("studies"):
        yield Sheet(path, text, Origin.SHIPPED)


def own_files(folder: Path, wrong: dict[str, list[Problem]] | None = None) -> Iterator[Sheet]:
    """The fact sheets of a folder; one that cannot be read as text goes to `wrong` by its name."""
    unreadable: dict[str, list[Problem]] = {} if wrong is None else wrong
    try:
        sheets = yaml_paths(folder)
    except UnreadableError as error:
        unreadable.setdefault(folder.name, []).append(Problem(str(folder), 1, 1, error.reason))
        return
    for file in sheets:
        try:
            yield Sheet(str(file), read_text(file), Origin.FOLDER)
        except FileNotFoundError:
            continue  # it was taken away since the folder was looked at
        except UnreadableError as error:
            unreadable.setdefault(file.stem, []).append(Problem(str(file), 1, 1, error.reason))


def named(text: str, path: str) -> str:
    """The id that a fact sheet gives itself, also a broken one, as far as can be seen; else its file's name."""
    found = _ID.search(text)
    return found[1] if found else PurePath(path).stem


@cache
def shipped(folder: str) -> tuple[tuple[str, str], ...]:
    """(path, text) of the YAML files that ship in a folder of the library. They do not change while a process runs."""
    root = files(SHIPPED).joinpath(folder)
    return tuple(
        (f"{folder}/{item.name}", item.read_text(encoding="utf-8"))
        for item in sorted(root.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".yaml")
    )
