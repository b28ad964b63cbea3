"""What is wrong with a form, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from monitor.core.errors import UsageError
from monitor.core.sentences import closed

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def told(error: UsageError) -> str:
    """An error's sentences as they stand beside a field."""
    return f"{closed(error.message)} {error.hint}".strip()


def checked(problems: dict[str, str], field: str, check: Callable[[], T]) -> T | None:
    """What `check` returns; if it refuses, None, and why stands in `problems` at its field."""
    try:
        return check()
    except UsageError as error:
        problems[field] = told(error)
        return None
