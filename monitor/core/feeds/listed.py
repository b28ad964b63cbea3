"""A source as a list of sources holds it, on its way in or out. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One source of a list. `kind` is FeedKind's value as it was written, of which an older version may not know one; `url`
    the address, the query, or the study's id; `line` where it stood (0: nowhere).
    """

    kind: str
    url: str
    title: str = ""
    lang: str = ""
    weight: int | None = None
    paused: bool = False
    line: int = 0
