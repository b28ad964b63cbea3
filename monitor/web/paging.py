"""Long lists in pages of a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from fastapi import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Lines on a page, and how many pages an address can name.
PAGE, MOST_PAGES = 100, 10_000
#: Up to so many are seen at a glance: nothing to search them by.
FEW = 12
#: The page that what follows `?` names.
Number = Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)]
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Paged(Generic[One]):
    """A page of a list: what stands on it, its number and the number of pages (from 1), and how many were found on all."""

    shown: Sequence[One]
    number: int
    pages: int
    found: int


def paged(found: Sequence[One], number: int) -> Paged[One]:
    """The page of this number, or the last one where there are fewer."""
    pages = max(1, -(-len(found) // PAGE))
    number = min(number, pages)
    return Paged(found[(number - 1) * PAGE : number * PAGE], number, pages, len(found))
