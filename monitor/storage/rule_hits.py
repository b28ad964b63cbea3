"""Statistics of rules, from one index of the flags: a mention's number holds the second at which it was published."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.mention import FlagState
from monitor.core.rules.statistics import RuleHits
from monitor.storage.tables import flags, mentions, storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.storage.database import Database

#: So many of the newest flags are looked at for others on the same words.
MOST_OVERLAPS = 2_000
_DAY = 86_400


class RuleHitRows:
    """Store: rule_hits, finding_hits."""

    _db: Database

    def rule_hits(
        self, now: datetime, *, study_id: str | None = None, rule: str | None = None, days: int = 30
    ) -> Mapping[str, RuleHits]:
        today = now.astimezone(UTC).date()
        start = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=days - 1)
        first = int(start.timestamp()) // _DAY
        f, m = flags.c, mentions.c
        oldest = int(start.timestamp()) << 20
        held, mine = [f.state == FlagState.ACTIVE, f.mention_id >= oldest], []
        if rule is not None:
            held.append(f.rule == storable(rule))
        with self._db.read() as conn:
            if study_id is not None and _has_others(conn, study_id):
                mine = [m.study_id == study_id]
                held.append(f.mention_id.in_(sa.select(m.id).where(m.id >= oldest, *mine)))
            each, newest = _queries(held)
            counts: dict[str, list[int]] = defaultdict(lambda: [0] * days)
            covered: Counter[str] = Counter()
            for row in conn.execute(each):
                counts[row.rule][min(days - 1, row.day - first)] += row.n
                covered[row.rule] += row.on
            of = conn.scalar(sa.select(sa.func.count()).select_from(mentions).where(m.id >= oldest, *mine)) or 0
            overlaps = _overlaps(conn.execute(newest).all())
        return {
            rule: RuleHits(
                rule=rule, days=tuple(by_day), mentions=covered[rule], of=of, overlaps=overlaps.get(rule, {})
            )
            for rule, by_day in sorted(counts.items())
        }

    def finding_hits(self, study_id: str, since: datetime) -> Mapping[str, int]:
        f, m = flags.c, mentions.c
        oldest = int(since.timestamp()) << 20
        held = [f.state == FlagState.ACTIVE, f.mention_id >= oldest, f.finding.is_not(None)]
        with self._db.read() as conn:
            if _has_others(conn, study_id):
                held.append(f.mention_id.in_(sa.select(m.id).where(m.id >= oldest, m.study_id == study_id)))
            found = (
                sa.select(f.finding, sa.func.count(f.mention_id.distinct()).label("n")).where(*held).group_by(f.finding)
            )
            return {row.finding: row.n for row in conn.execute(found)}


def _has_others(conn: sa.Connection, study_id: str) -> bool:
    """Are there mentions of other studies? Where there are none, no flag need be asked whose it is: that costs most."""
    m = mentions.c
    return conn.scalar(sa.select(m.id).where(sa.or_(m.study_id < study_id, m.study_id > study_id)).limit(1)) is not None


def _queries(held: Sequence[sa.ColumnElement[bool]]) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Flags and mentions by rule and day, and the newest flags with their places."""
    f = flags.c
    day: sa.ColumnElement[int] = sa.literal_column("flags.mention_id / 1048576 / 86400")
    # A mention has one day: those that are distinct on each day are distinct over all.
    on = sa.func.count(f.mention_id.distinct()).label("on")
    each = sa.select(f.rule, day.label("day"), sa.func.count().label("n"), on).where(*held).group_by(f.rule, day)
    newest = (
        sa.select(f.mention_id, f.rule, f.place, f.start, f.end)
        .where(*held)
        .order_by(f.mention_id.desc())
        .limit(MOST_OVERLAPS)
    )
    return each, newest


def _overlaps(rows: Sequence[Any]) -> Mapping[str, Mapping[str, int]]:
    """How often flags of two rules stand on the same words of a mention."""
    by_mention: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in rows:
        by_mention[row.mention_id, row.place].append(row)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for held in by_mention.values():
        for one in held:
            for other in held:
                if one.rule != other.rule and one.start < other.end and other.start < one.end:
                    found[one.rule][other.rule] += 1
    return found
