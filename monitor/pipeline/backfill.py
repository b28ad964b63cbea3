"""Fill in what was said before Hypewatch looked: articles that an archive of news lists, each read as a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from monitor.core.entry import Entry
from monitor.core.items.identity import entry_identity
from monitor.core.items.urls import domain_of
from monitor.pipeline.imports import Imported, import_addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from monitor.core.errors import Problem
    from monitor.ports import Deps


class Found(Protocol):
    """An article that an archive lists."""

    @property
    def url(self) -> str: ...


class FoundSpan(Protocol):
    """What an archive lists for a span of time."""

    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...
    @property
    def articles(self) -> Sequence[Found]: ...
    @property
    def missing(self) -> str | None: ...


@dataclass(slots=True)
class Filled:
    """What became of it: `listed` articles, of which `stored` were known before; the rest were read (`imported`).

    `missing` names each span of which articles may be missing, with the reason.
    """

    listed: int = 0
    stored: int = 0
    imported: Imported = field(default_factory=Imported)
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"{self.listed} listed, {self.stored} of them stored before. {self.imported}"


def backfill(
    deps: Deps,
    spans: Iterator[FoundSpan],
    *,
    name: str,
    tell: Callable[[Problem], None],
    say: Callable[[str], None],
) -> Filled:
    """Read what is listed and not stored, span after span; what is about a study becomes a mention. Twice adds nothing."""
    filled = Filled()
    for span in spans:
        urls = [article.url for article in span.articles]
        fresh = _not_stored(deps, urls)
        filled.listed += len(urls)
        filled.stored += len(urls) - len(fresh)
        when = f"{span.since:%Y-%m-%d %H:%M} to {span.until:%Y-%m-%d %H:%M}"
        say(f"{when}: {len(urls)} listed, {len(fresh)} to read")
        if span.missing:
            filled.missing.append(f"{when}: {span.missing}")
        read = import_addresses(deps, fresh, name=name, tell=tell, say=say)
        for count in ("read", "written", "known", "other", "refused", "undated"):
            setattr(filled.imported, count, getattr(filled.imported, count) + getattr(read, count))
    return filled


def _not_stored(deps: Deps, urls: Sequence[str]) -> list[str]:
    """Those that are not stored as an entry or a mention: their pages need not be read again."""
    identities = {
        url: entry_identity(Entry(guid=None, url=url, title="", text="", source=domain_of(url) or "unknown"))
        for url in urls
    }
    stored = deps.store.stored_identities(list(identities.values()))
    return [url for url in urls if identities[url] not in stored]
