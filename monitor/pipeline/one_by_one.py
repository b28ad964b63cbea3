"""Judging in this process, one text after the other: what a worker does, of which there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitor.ports import Library

T = TypeVar("T")
R = TypeVar("R")


class OneByOne:
    """Implements ports.Judges without other processes."""

    def each(self, library: Library, act: Callable[[Library, T], R], items: Iterable[T]) -> Iterator[R]:
        """`act` on each item, in order."""
        for item in items:
            yield act(library, item)


ONE_BY_ONE = OneByOne()
