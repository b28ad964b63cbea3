"""First sources from lines that a person pasted: each is recognised, read once, and added if it can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.feeds.recognise import recognise
from monitor.core.feeds.remedies import for_page
from monitor.core.sentences import closed
from monitor.pipeline.source_looks import look
from monitor.pipeline.sources import lacking_for, save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from monitor.core.feed import Feed
    from monitor.core.feeds.choice import Choice
    from monitor.core.model import FeedKind
    from monitor.core.study import Study
    from monitor.ports import Deps

#: Lines that are looked at at once: each is a visit to another's server that a person waits for.
MOST_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one line: the source, or why there is none."""

    text: str
    feed: Feed | None = None
    known: bool = False
    items: int = 0
    newest: str = ""
    trouble: str = ""


def add_lines(
    deps: Deps, lines: Sequence[str], *, studies: Sequence[Study], own: Callable[[str], Mapping[str, str]]
) -> list[Line]:
    """Look at each line and add what can be read. Raises UsageError for more lines than a person can wait for."""
    if len(lines) > MOST_LINES:
        raise UsageError(
            f"{len(lines)} lines are more than can be looked at in one go.",
            f"Begin with {MOST_LINES}; a list of sources can be brought along on the page Sources later.",
        )
    return [_add(deps, line, studies=studies, own=own) for line in lines]


def _add(deps: Deps, text: str, *, studies: Sequence[Study], own: Callable[[str], Mapping[str, str]]) -> Line:
    try:
        choice = _first(recognise(text, studies=studies, own=own).choices)
        seen = look(deps, choice.kind, choice.url)
        url, items = seen.url, seen.items
        if seen.offered:  # a home page with several: the first is the one that it names as its own
            url = seen.offered[0]
            seen = look(deps, choice.kind, url)
            items = seen.items
        if not seen.addable or seen.trouble:
            return Line(text=text, trouble=closed(f"{closed(seen.trouble)} {seen.remedy}".strip()))
        saved = save(deps, choice.kind, url, title=choice.title or seen.title, lang=seen.lang)
        newest = items[0].title if items else ""
        return Line(text=text, feed=saved.feed, known=saved.known, items=seen.total or len(items), newest=newest)
    except UsageError as error:
        return Line(text=text, trouble=f"{closed(for_page(error.message))} {error.hint}".strip())


def _first(choices: Sequence[Choice]) -> Choice:
    """Of what could be followed the first that needs no key and no terms."""
    free = next((choice for choice in choices if not choice.lacks and not choice.terms), None)
    if free is None:
        raise UsageError(
            f"{choices[0].words} needs {choices[0].lacks or 'its terms to be read'}.",
            "Add it on the page Sources later.",
        )
    return free


def add_watches(deps: Deps, study: Study, kinds: Iterable[FeedKind]) -> list[Feed]:
    """Watch a study by every index that its fact sheet allows; one that is watched already stays as it is."""
    return [save(deps, kind, study.id).feed for kind in kinds if not lacking_for(deps, kind, study)]
