"""One fact sheet under the rules that ship: does it load, and does it pass its own words? Each failure at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.errors import Problem
from monitor.core.evaluation.own_words import failed_words
from monitor.home_files import read_text
from monitor.library.load import Library
from monitor.library.locate import deepest
from monitor.library.yaml_nodes import compose

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.core.study import Study


def check_sheet(path: Path) -> tuple[Study, tuple[Problem, ...]]:
    """The study, and what it does not pass of its own words; raises LibraryError if it does not load or is a draft."""
    study = Library.single(path)
    return study, own_failures(study, read_text(path), str(path), Library(path.parent / "-", {}))


def own_failures(study: Study, text: str, path: str, library: Library) -> tuple[Problem, ...]:
    """What a study that loads does not pass of its own words under the rules of a library; `text` is its sheet."""
    root, _ = compose(text, path)
    ruleset = library.ruleset_of(study)
    failures = []
    for failed in failed_words(study, ruleset):
        node = deepest(root, failed.keys) if root is not None else None
        failures.append(
            Problem(
                path, node.line if node else 1, node.column if node else 1, failed.what, ".".join(map(str, failed.keys))
            )
        )
    return tuple(failures)
