"""Each list of the pages as lines of a feed: what a reader that follows it is told of a row, and when that became so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.core.judgement import Drift
from monitor.core.letters.letter import LetterState
from monitor.core.mention import Step, Verdict
from monitor.export.atom import FEED_ENTRIES, Entry, feed
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from monitor.core.mention import RuleSetVersion

    Row: TypeAlias = Mapping[str, Any]

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.UPHELD: "right",
    Verdict.DISMISSED: "wrong",
    Verdict.NOT_ABOUT: "not about the study",
}
_STEPS: Mapping[Step, str] = {Step.SAVE: "saved", Step.UNDO: "taken back", Step.REDO: "taken up again"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as a feed tells it. `page` is the path where it is seen; `mark`, behind it, makes the entry's id where one page has
    several. `at` is the UTC time since when it is so, as rows hold times.
    """

    page: str
    title: str
    summary: str
    at: str
    mark: str = ""


def list_feed(name: str, lines: Iterable[Line], *, page: str, base_url: str, now: datetime) -> str:
    """The newest lines as an Atom feed."""
    newest = sorted(lines, key=lambda line: line.at, reverse=True)[:FEED_ENTRIES]
    entries = [
        Entry(
            page=f"{base_url}{line.page}",
            id=f"{base_url}{line.page}{line.mark}",
            title=line.title,
            summary=line.summary,
            updated=datetime.fromisoformat(line.at).astimezone(UTC),
        )
        for line in newest
    ]
    return feed(f"Hypewatch: {name}", entries, page=f"{base_url}{page}", address=f"{base_url}{page}.atom", now=now)


def review_line(row: Row) -> Line:
    """Who decided what about which words."""
    verdict, drift = _VERDICTS[Verdict(row["verdict"])], Drift(row["drift"]).words
    return Line(
        page=f"/mentions/{row['mention']}",
        mark=f"#decision-{row['id']}",
        title=f"“{row['quote']}” ({drift}) was called {verdict}",
        summary=f"{row['outlet']}, by {row['by']}. {row['why']}".strip(),
        at=row["at"],
    )


def letter_line(row: Row) -> Line:
    """A letter and where it stands."""
    state = LetterState(row["state"]).words
    return Line(
        page=f"/letters/{row['id']}",
        title=f"{row['outlet'] or 'An outlet'}: {state}",
        summary=row["subject"] or "Its words were withdrawn.",
        at=row["closed_at"] or row["asked_at"] or row["created_at"],
    )


def outlet_line(row: Row, last: datetime) -> Line:
    """An outlet with its record; `last` is its newest mention."""
    asked = f" {row['asked']} corrections were asked for, {row['corrected']} made." if row["asked"] else ""
    return Line(
        page=f"/outlets/{row['id']}",
        title=row["name"],
        summary=f"{row['too_far']:,} of {row['mentions']:,} mentions go too far.{asked}",
        at=str(stamp(last)),
    )


def source_line(row: Row) -> Line:
    """A source that needs somebody, since when it was read last."""
    since = row["last_success"] or row["last_polled"]
    return Line(
        page=f"/sources/{row['id']}",
        mark=f"#since-{since}",
        title=f"{row['name']}: {row['state']}",
        summary=f"{row['health']} {row['to_do']}".strip(),
        at=since,
    )


def finding_line(row: Row) -> Line:
    """A finding of a study, from the day on which it held."""
    return Line(
        page=f"/studies/{row['study']}",
        mark=f"#finding-{row['finding']}",
        title=f"{row['name']}: {row['finding']}",
        summary=f"{row['says']} ({row['source']})",
        at=f"{row['as_of']}T00:00:00Z",
    )


def version_line(version: RuleSetVersion) -> Line:
    """A version of people's own rules."""
    return Line(
        page=f"/rules-history/{version.id}",
        title=f"Rules {_STEPS[version.step]} by {version.author}",
        summary=version.note or f"{len(version.files)} files.",
        at=str(stamp(version.at)),
    )


def digest_line(row: Row) -> Line:
    """A mail and how its delivery went."""
    return Line(
        page=f"/digests/{row['id']}",
        title=row["subject"],
        summary=f"To {row['to']}: {row['state']}. {row['sentence']}".strip(),
        at=row["created_at"],
    )


def change_line(row: Row) -> Line:
    """What somebody changed."""
    return Line(
        page=row["link"] or "/audit",
        mark=f"#change-{row['id']}",
        title=f"{row['by']} {row['did']}",
        summary=row["area"],
        at=row["at"],
    )


def story_line(row: Row) -> Line:
    """A story, when it was told last."""
    told = f"First said by {row['first_said_by']}. Mentions: {row['mentions']:,}; outlets: {row['outlets']:,}"
    return Line(
        page=f"/stories/{row['id']}",
        title=row["title"],
        summary=f"{told}; go too far: {row['too_far']:,}.",
        at=row["last_at"],
    )
