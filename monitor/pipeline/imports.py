"""Import mentions: streamed, judged in batches, every refused line told with its place, and every line counted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from monitor.core.entry import Entry
from monitor.core.errors import Problem
from monitor.core.feeds.dates import read_date
from monitor.core.items import stories
from monitor.core.items.aliases import names_of
from monitor.core.items.identity import entry_identity, post_identity
from monitor.core.items.urls import domain_of, http_link, unwrapped
from monitor.core.mention import About, Relevance, TextFrom
from monitor.core.model import Kind, Network
from monitor.pipeline.assess_text import draft_mentions
from monitor.pipeline.one_by_one import ONE_BY_ONE
from monitor.pipeline.poll import found_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from monitor.core.entry import ItemNames
    from monitor.core.mention import MentionDraft, Row
    from monitor.ports import Deps, Judges, Library

#: Lines written in one transaction: large enough to be quick, small enough for bounded memory.
BATCH = 200


@dataclass(slots=True)
class Imported:
    """What became of the lines: `read` is the sum of `written` (new or changed), `known`, `other` and `refused`.

    `known` were stored before, stand twice in the file, or were withdrawn; `other` are about none of the studies.
    `undated` counts lines whose date could not be read: the time of the import stands in for it.
    """

    read: int = 0
    written: int = 0
    known: int = 0
    other: int = 0
    refused: int = 0
    undated: int = 0

    def __str__(self) -> str:
        """One sentence for a person."""
        told = f"{self.read} read: {self.written} written, {self.known} known, {self.other} not about your studies, {self.refused} refused."
        if self.undated:
            told += f" {self.undated} had a date that could not be read; the time of the import stands in for it."
        return told


#: Lines that are judged by the same rules: after so many it is asked whether newer ones were saved.
ROUND = 5_000


def _silent(_problem: Problem) -> None:
    """Nobody asked to be told of each line; they are counted."""


def _counted(_lines: int) -> None:
    """Nobody watches."""


def import_rows(
    deps: Deps,
    rows: Iterable[Row | Problem],
    *,
    name: str,
    assume_relevant: bool = False,
    tell: Callable[[Problem], None] = _silent,
    told: Callable[[int], object] = _counted,
    judges: Judges = ONE_BY_ONE,
) -> Imported:
    """Store the mentions of some rows; twice adds nothing: a row is known by its external_id or url.

    `tell` is called with each row that is refused, `told` with how many lines are done, batch by batch; `name` is the file's,
    for its problems. Rules that are saved meanwhile judge from the next ROUND on.
    """
    result = Imported()
    entries = (row if isinstance(row, Problem) else _entry(row, deps, name) for row in rows)
    while first := list(itertools.islice(entries, 1)):
        library = deps.library.current()  # looked up once: it asks the database for newer rules
        some = itertools.chain(first, itertools.islice(entries, ROUND - 1))
        judged = judges.each(library, partial(_judged, assume_relevant=assume_relevant), some)
        while batch := list(itertools.islice(judged, BATCH)):
            _batch(deps, library, batch, result, tell)
            told(len(batch))
    return result


def _judged(
    library: Library, entry: Entry | Problem, *, assume_relevant: bool
) -> tuple[Entry | Problem, list[MentionDraft], bool]:
    """A line with its mentions, and whether it may be about a study though it hardly names it."""
    if isinstance(entry, Problem):
        return entry, [], False
    return entry, *_drafts(library, entry, assume_relevant=assume_relevant)


def _batch(
    deps: Deps,
    library: Library,
    batch: Sequence[tuple[Entry | Problem, list[MentionDraft], bool]],
    result: Imported,
    tell: Callable[[Problem], None],
) -> None:
    """Store some judged lines, and count them."""
    found: list[list[MentionDraft]] = []
    unsure: list[tuple[int, str, Entry, ItemNames]] = []
    for entry, drafts, maybe in batch:
        result.read += 1
        if isinstance(entry, Problem):
            result.refused += 1
            tell(entry)
            continue
        result.undated += bool(entry.raw_date and entry.published is None)
        if maybe and not drafts and entry.kind is Kind.POST:
            identity = entry_identity(entry)
            unsure.append((len(found), identity, entry, names_of(entry, identity, text=entry.text)))
        found.append(drafts)
    # A post that hardly names the study may be stored already: a page on the study quotes it.
    known = deps.store.studies_of([(identity, entry, names) for _, identity, entry, names in unsure]) if unsure else {}
    for at, identity, entry, names in unsure:
        if identity in known:
            found[at], _ = _drafts(library, entry, about=known[identity], names=names)
    _write(deps, found, result)


def _write(deps: Deps, found: Sequence[Sequence[MentionDraft]], result: Imported) -> list[bool]:
    """Store the drafts of some lines in one transaction, and count them; for each line, whether anything was written."""
    drafts = [draft for line in found for draft in line]
    ids = deps.store.import_mentions(drafts, stories.RETELLING, now=deps.clock()) if drafts else ()
    fresh = set(deps.store.identities_of(ids))
    wrote = []
    for line in found:
        new = {draft.identity for draft in line} & fresh
        fresh -= new  # the same item further down in the file is known
        wrote.append(bool(new))
        if new:
            result.written += 1
        elif line:
            result.known += 1
        else:
            result.other += 1
    return wrote


def import_addresses(
    deps: Deps, lines: Iterable[str], *, name: str, tell: Callable[[Problem], None], say: Callable[[str], None]
) -> Imported:
    """Read each address of a list as a page, and store what is about a study; what became of each goes to `say`.

    Empty lines and lines that begin with # are passed over. `tell` is called with each line that is refused.
    """
    result = Imported()
    for number, line in enumerate(lines, start=1):
        url = line.strip().lstrip("\ufeff")
        if not url or url.startswith("#"):
            continue
        result.read += 1
        problem = "is no web address; write it with https:// in front" if http_link(url) is None else ""
        if not problem:
            page, fetched = deps.pages.read(unwrapped(url))
            problem = f"could not be read: {fetched.sentence}" if page is None else ""
        if problem or page is None:
            result.refused += 1
            tell(Problem(name, number, 1, f"{url[:200]} {problem}"))
            continue
        drafts = found_page(deps, page)
        (wrote,) = _write(deps, [drafts], result)
        say(f"{'written' if wrote else 'known' if drafts else 'not about':<10} {url}")
    return result


def _drafts(
    library: Library,
    entry: Entry,
    *,
    assume_relevant: bool = False,
    about: Sequence[str] = (),
    names: ItemNames | None = None,
) -> tuple[list[MentionDraft], bool]:
    """The mentions in one line, and whether it may be about a study though it hardly names it."""
    identity = entry_identity(entry)
    if assume_relevant:
        about = [study.id for study in library.studies()]
    return draft_mentions(
        library,
        entry,
        identity=identity,
        title=entry.title,
        text=entry.text,
        text_from=TextFrom.IMPORT,
        about=about,
        taken=Relevance(verdict=About.ABOUT, because=("imported as relevant",)) if assume_relevant else None,
        names=names,
    )


def _entry(row: Row, deps: Deps, name: str) -> Entry | Problem:
    given = row.fields

    def wrong(field: str, what: str) -> Problem:
        return Problem(name, row.line, row.columns.get(field, 1), what)

    if not str(given.get("text") or given.get("title") or "").strip():
        return wrong("text", "has neither text nor title")
    url = given.get("url")
    if url and http_link(str(url)) is None:
        return wrong("url", f"has a url that is no web address: {str(url)[:80]!r}")
    if not url and not given.get("external_id"):
        return wrong("url", "has neither url nor external_id, so it could not be known again")
    for field, known in (("kind", Kind), ("network", Network)):
        if given.get(field) and given[field] not in list(known):
            return wrong(
                field, f"has a {field} {str(given[field])[:80]!r} that is not known; known are {', '.join(known)}"
            )
    return _made(given, deps)


def _made(given: Any, deps: Deps) -> Entry:
    url = http_link(str(given["url"])) if given.get("url") else None
    published, confidence = read_date(str(given.get("published") or ""), deps.clock())
    author, network = str(given.get("author") or "").removeprefix("@"), Network(given.get("network") or "web")
    speaks = f"@{author}" if author and network is not Network.WEB else domain_of(url)
    entry = Entry(
        guid=str(given["external_id"]) if given.get("external_id") else None,
        url=url,
        title=str(given.get("title") or ""),
        text=str(given.get("text") or ""),
        source=str(given.get("source") or speaks or "import"),
        author=author,
        kind=Kind(given.get("kind") or "article"),
        network=network,
        published=published,
        date_confidence=confidence,
        raw_date=str(given.get("published") or "")[:200],
        lang=str(given.get("lang") or ""),
    )
    return replace(entry, guid=_guid(entry))


def _guid(entry: Entry) -> str | None:
    """The id that makes it the same item as one that a poll brings, or that comes from another file."""
    if entry.kind is Kind.POST and entry.url and (known := post_identity(entry.url)):
        return known
    if entry.guid is None:
        return None
    if entry.kind is Kind.POST and entry.network is not Network.WEB:
        # As Post.as_entry writes it.
        return entry.guid if entry.guid.startswith(f"{entry.network}:") else f"{entry.network}:{entry.guid}"
    if entry.kind is Kind.POST:
        return f"import:{entry.source}|{entry.guid}"  # ids of posts are only their own site's
    # Beside an address it is a likely name: the line may have come without the address before.
    return f"import:{entry.guid}"
