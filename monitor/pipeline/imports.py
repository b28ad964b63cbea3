"""Import mentions from JSONL: streamed, judged in batches, every refused line told with its number."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from monitor.core import stories
from monitor.core.dates import read_date
from monitor.core.errors import Problem
from monitor.core.identity import entry_identity
from monitor.core.mention import Relevance, TextFrom
from monitor.core.model import Entry, Kind, Network
from monitor.core.urls import domain_of, http_link
from monitor.pipeline.judge import draft_mentions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.mention import MentionDraft
    from monitor.ports import World

#: Lines written in one transaction: large enough to be quick, small enough for bounded memory.
BATCH = 200
#: Problems kept; a file that is wrong throughout says so with the first ones.
MOST_PROBLEMS = 1000
FIELDS = {"url", "title", "text", "published", "source", "kind", "lang", "external_id", "network", "author"}


@dataclass(slots=True)
class Imported:
    """What an import did. `other` lines were about none of the studies."""

    read: int = 0
    written: int = 0
    other: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_lines(world: World, lines: Iterable[str], *, name: str, assume_relevant: bool = False) -> Imported:
    """Store the mentions of a JSONL file. Running it twice adds nothing: a line is known by its external_id or url."""
    result = Imported()
    numbered = enumerate(lines, start=1)
    while batch := list(itertools.islice(numbered, BATCH)):
        drafts: list[MentionDraft] = []
        for number, line in batch:
            if not line.strip():
                continue
            result.read += 1
            try:
                entry = _entry(json.loads(line), world)
            except (ValueError, TypeError) as error:
                if len(result.problems) < MOST_PROBLEMS:
                    result.problems.append(Problem(name, number, getattr(error, "colno", 1), _sentence(error)))
                continue
            found = _drafts(world, entry, assume_relevant=assume_relevant)
            result.other += not found
            drafts.extend(found)
        if drafts:
            result.written += len(world.store.import_mentions(drafts, stories.assign, now=world.clock()))
    return result


def _drafts(world: World, entry: Entry, *, assume_relevant: bool) -> list[MentionDraft]:
    identity = entry_identity(entry)
    about = [study.id for study in world.library.studies()] if assume_relevant else []
    drafts, _ = draft_mentions(
        world.library,
        entry,
        identity=identity,
        title=entry.title,
        text=entry.text,
        text_from=TextFrom.IMPORT,
        about=about,
        taken=Relevance(verdict="about", because=("imported as relevant",)) if assume_relevant else None,
    )
    return drafts


def _entry(row: Any, world: World) -> Entry:
    if not isinstance(row, dict):
        raise TypeError("is no JSON object")
    unknown = sorted(set(row) - FIELDS)
    if unknown:
        raise ValueError(f"has a field {unknown[0]!r} that is not known; known are {', '.join(sorted(FIELDS))}")
    if not str(row.get("text") or row.get("title") or "").strip():
        raise ValueError("has neither text nor title")
    url = row.get("url")
    if url is not None and http_link(str(url)) is None:
        raise ValueError(f"has a url that is no web address: {str(url)[:80]!r}")
    if not url and not row.get("external_id"):
        raise ValueError("has neither url nor external_id, so it could not be known again")
    published, confidence = read_date(str(row.get("published") or ""), world.clock())
    kind = Kind(row.get("kind") or "article")
    network = Network(row.get("network") or "web")
    entry = Entry(
        guid=str(row["external_id"]) if row.get("external_id") else None,
        url=http_link(str(url)) if url else None,
        title=str(row.get("title") or ""),
        text=str(row.get("text") or ""),
        source=str(row.get("source") or (domain_of(str(url)) if url else "") or "import"),
        author=str(row.get("author") or ""),
        kind=kind,
        network=network,
        published=published,
        date_confidence=confidence,
        raw_date=str(row.get("published") or ""),
        lang=str(row.get("lang") or ""),
    )
    return entry if entry.url else replace(entry, guid=f"import:{entry.guid}")


def _sentence(error: Exception) -> str:
    return f"is no JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
