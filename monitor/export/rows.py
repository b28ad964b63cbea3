"""Mentions, flags, decisions, letters and outlets as rows for JSON and CSV: the same in commands, pages and exports. Light: nothing is loaded for it."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from monitor.core.judgement import flag_fields
from monitor.core.text.lang import not_judged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.changes import Change
    from monitor.core.items.lineage import Telling
    from monitor.core.letters.letter import Letter
    from monitor.core.letters.record import OutletRecord
    from monitor.core.mention import Mention, ReviewedFlag, Source, StoredFlag, Story, StoryOverview
    from monitor.core.search.saved import SavedSearch


def mention_row(mention: Mention) -> dict[str, Any]:
    """A mention as output holds it: everything but its older revisions. `reason` says why it is not judged; None if it is."""
    return {
        "id": mention.id,
        "study": mention.study_id,
        "kind": mention.kind.value,
        "network": mention.network.value,
        "source": mention.source.name,
        "source_key": mention.source.key,
        "url": mention.url,
        "title": mention.title or mention.text[:80],
        "text": mention.text,
        "author": mention.author,
        "lang": mention.lang,
        "published": stamp(mention.published),
        "date_confidence": mention.date_confidence.value,
        "availability": mention.availability.value,
        "availability_since": stamp(mention.availability_since),
        "first_seen": stamp(mention.first_seen),
        "because": list(mention.because),
        "score": mention.score,
        "judged": mention.judged,
        "reason": not_judged(mention.lang) or None,
        "drift": sorted({flag.flag.drift.value for flag in mention.flags if flag.stands and flag.flag.is_drift}),
        "story": mention.story_id,
        "revision": mention.revision,
        "ruleset": mention.ruleset,
        "caveats": {"present": list(mention.caveats_present), "missing": list(mention.caveats_missing)},
        "flags": [flag_row(flag) for flag in mention.flags],
    }


def flag_row(stored: StoredFlag) -> dict[str, Any]:
    """A stored flag as output holds it."""
    return {
        "id": stored.id,
        **flag_fields(stored.flag),
        "state": stored.state,
        "review": stored.review,
        "ruleset": stored.ruleset,
    }


def review_row(reviewed: ReviewedFlag) -> dict[str, Any]:
    """A decision as output holds it: enough to find its flag again on another machine (`hypewatch reviews import`)."""
    review, flag = reviewed.review, reviewed.flag.flag
    return {
        "id": review.id,
        "flag": review.flag_id,
        "mention": reviewed.flag.mention_id,
        "item": reviewed.identity,
        "url": reviewed.url,
        "outlet": reviewed.source,
        "title": reviewed.title,
        "lang": reviewed.lang,
        "rule": flag.rule,
        "drift": flag.drift.value,
        "in": flag.span.where,
        "quote": flag.span.quote,
        "sentence": reviewed.sentence,
        "verdict": review.verdict.value,
        "by": review.by,
        "at": exact_stamp(review.at),
        "why": review.why,
        "undone_at": exact_stamp(review.undone_at) if review.undone_at else None,
        "undone_by": review.undone_by,
    }


def search_row(search: SavedSearch) -> dict[str, Any]:
    """A saved search as output holds it."""
    return {
        "id": search.id,
        "name": search.name,
        "query": search.query,
        "by": search.by,
        "saved_at": stamp(search.saved_at),
    }


def letter_row(letter: Letter, outlet: Source | None) -> dict[str, Any]:
    """A letter as output holds it; `outlet` is None for an account that was withdrawn."""
    return {
        "id": letter.id,
        "state": letter.state.value,
        "outlet": outlet.name if outlet else None,
        "outlet_key": outlet.key if outlet else None,
        "study": letter.study_id,
        "mention": letter.mention_id,
        "flags": list(letter.flag_ids),
        "lang": letter.language,
        "recipient": letter.recipient,
        "subject": letter.subject,
        "body": letter.body,
        "created_at": stamp(letter.created_at),
        "created_by": letter.created_by,
        "asked_at": stamp(letter.asked_at),
        "remind_at": stamp(letter.remind_at),
        "reminded": letter.reminded,
        "closed_at": stamp(letter.closed_at),
        "before": letter.before,
        "after": letter.after,
        "withdrawn": letter.withdrawn,
    }


def change_row(change: Change) -> dict[str, Any]:
    """What somebody changed, as output holds it."""
    return {
        "id": change.id,
        "at": stamp(change.at),
        "by": change.by,
        "area": change.area.value,
        "did": change.did,
        "link": change.link,
    }


def story_row(story: Story, overview: StoryOverview) -> dict[str, Any]:
    """A story as output holds it, without its tellings."""
    return {
        "id": story.id,
        "study": story.study_id,
        "title": story.title,
        "lang": overview.lang,
        "mentions": story.size,
        "outlets": overview.outlets,
        "too_far": overview.flagged,
        "drift": list(overview.drift),
        "first_said_by": overview.first_source,
        "first_key": overview.first_key,
        "first_mention": story.first_mention_id,
        "first_at": stamp(story.first_at),
        "last_at": stamp(story.last_at),
    }


def telling_row(telling: Telling) -> dict[str, Any]:
    """One telling of a story as output holds it: whom it was taken from (a mention's number), and what it added and dropped."""
    mention = telling.mention
    return {
        "mention": mention.id,
        "source": mention.source.name,
        "source_key": mention.source.key,
        "url": mention.url,
        "title": mention.title or mention.text[:80],
        "published": stamp(mention.published),
        "lang": mention.lang,
        "judged": mention.judged,
        "hop": telling.hop,
        "how": telling.how.value,
        "from": telling.parent,
        "copied": telling.copied,
        "drift": sorted({flag.flag.drift.value for flag in mention.flags if flag.stands and flag.flag.is_drift}),
        "new_drift": list(telling.new_drift),
        "dropped_caveats": list(telling.dropped),
    }


def outlet_row(record: OutletRecord) -> dict[str, Any]:
    """An outlet as output holds it, with what became of what it was asked for."""
    source = record.source
    return {
        "id": source.id,
        "key": source.key,
        "name": source.name,
        "network": source.network.value,
        "weight": source.weight,
        "followers": source.followers,
        "contact": source.contact,
        "language": source.language,
        "mentions": record.mentions,
        "too_far": record.flagged,
        "share": round(record.share, 3),
        "asked": record.asked,
        "corrected": record.corrected,
        "refused": record.refused,
    }


#: What begins a formula, a full-width one included.
_FORMULA = frozenset("=+-@＝＋－＠")
#: What parts cells or rows where a spreadsheet reads the file otherwise than it was written: a semicolon in most of Europe.
_PARTING = re.compile(r"([;\t\r\n])")
#: More characters no spreadsheet takes into a cell.
CELL_MAX = 32_767
_CUT = " … (cut: the whole is in the JSON export)"


def to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV (RFC 4180) that no spreadsheet runs as a formula, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    if rows:
        out.write("\ufeff")
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def safe_cell(value: Any) -> str:
    """A cell that a spreadsheet shows as text, and takes.

    A leading `= + - @` gets an apostrophe, also behind quotes, spaces and characters that nobody sees, and also behind a
    semicolon, tab or line end inside the text; a leading tab or return gets one too.
    """
    if isinstance(value, (int, float)):
        return str(value)
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    parts = _PARTING.split(text)
    safe = "".join(part if at % 2 else _defused(part) for at, part in enumerate(parts)) if parts[1:] else _defused(text)
    if safe[:1] in {"\t", "\r", "\n"}:
        safe = f"'{safe}"
    return fitting(safe)


def fitting(text: str) -> str:
    """A text as long as a cell may be; one that is cut says so."""
    return text if len(text) <= CELL_MAX else text[: CELL_MAX - len(_CUT)] + _CUT


def plain_cell(cell: str) -> str:
    """What `safe_cell` made of a text, as it was before; any other cell as it is."""
    return "".join(part if at % 2 else _armed(part) for at, part in enumerate(_PARTING.split(cell)))


def _armed(part: str) -> str:
    return part[1:] if part[:1] == "'" and _defused(part[1:]) == part else part


def _defused(part: str) -> str:
    if part[:1].isalnum():  # nearly every cell
        return part
    first = next((char for char in part if not _unseen(char)), "")
    return f"'{part}" if first in _FORMULA else part


def _unseen(char: str) -> bool:
    """Spaces of every script, quotes, and characters without a shape of their own."""
    return char in "\"'" or char.isspace() or unicodedata.category(char)[0] == "C"


def stamp(moment: datetime | None) -> str | None:
    """A UTC time as JSON holds it (RFC 3339)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def exact_stamp(moment: datetime) -> str:
    """A UTC time with its microseconds, by which a decision is known again."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
