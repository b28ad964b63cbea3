"""A drafted fact sheet read again, to go on answering its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.drafting.draft import resumed
from monitor.core.errors import LibraryError, Problem
from monitor.library.study_file import read_study
from monitor.library.yaml_nodes import compose

if TYPE_CHECKING:
    from monitor.core.drafting.draft import SheetDraft


def read_draft(text: str, path: str) -> SheetDraft:
    """The draft in the text of a fact sheet; raises LibraryError with every problem if it does not load."""
    node, wrong = compose(text, path)
    problems = list(wrong)
    study = read_study(node, path, text, problems) if node is not None else None
    if problems or study is None:
        raise LibraryError(problems or [Problem(path, 1, 1, "is no fact sheet")])
    return resumed(study)
