"""Mentions and flags as rows for JSON and CSV: the same in commands, pages and exports. Light: nothing is loaded for it."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention, StoredFlag


def mention_row(mention: Mention) -> dict[str, Any]:
    """A mention as output holds it: everything but its older revisions."""
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
        "first_seen": stamp(mention.first_seen),
        "because": list(mention.because),
        "score": mention.score,
        "drift": sorted(
            {flag.flag.drift.value for flag in mention.flags if flag.state == "active" and flag.flag.is_drift}
        ),
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


def flag_fields(flag: Flag) -> dict[str, Any]:
    """A flag as output holds it; `tier` says how it is shown: confirmed (mailed), drift, or look-here."""
    return {
        "rule": flag.rule,
        "drift": flag.drift.value,
        "severity": flag.severity.value,
        "confidence": flag.confidence,
        "tier": flag.tier,
        "in": flag.span.where,
        "start": flag.span.start,
        "end": flag.span.end,
        "quote": flag.span.quote,
        "message": flag.message,
        "finding": flag.finding,
        "source": {"title": flag.source.title, "url": flag.source.url} if flag.source else None,
        "correction": flag.correction,
    }


def to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV (RFC 4180) that no spreadsheet runs as a formula."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def safe_cell(value: Any) -> str:
    """A cell that a spreadsheet shows as text: a leading `= + - @`, tab or return (also after spaces or quotes) gets a '."""
    text = (
        json.dumps(value, ensure_ascii=False)
        if isinstance(value, (dict, list))
        else ""
        if value is None
        else str(value)
    )
    if isinstance(value, (int, float)):
        return text
    bare = text.lstrip(" \"'\u00a0\ufeff")
    return f"'{text}" if bare.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text


def stamp(moment: datetime | None) -> str | None:
    """A UTC time as JSON holds it (RFC 3339)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
