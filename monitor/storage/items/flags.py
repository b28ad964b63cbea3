"""Flags and their life: raised at a revision, closed as fixed or withdrawn. What people decide of them: `reviews`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.items.flag_life import HeldFlag, plan_flags
from monitor.core.judgement import Drift, Flag, Reference, Severity, Span
from monitor.core.mention import DISMISSED, FlagState, StoredFlag, Verdict
from monitor.core.reviews import Said, decided_alike, standing_score
from monitor.storage.database import CHUNK
from monitor.storage.tables import flags, mentions, moved_flags, reviews, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.judgement import Assessment
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)


class FlagRows:
    """Store: flag."""

    _db: Database

    def flag(self, flag_id: int, *, as_of: datetime | None = None) -> StoredFlag:
        with self._db.read() as conn:
            row = _row(conn, flag_id)
            # SQLite gives the number of a deleted row again: what was raised later is another flag.
            if row is None or (as_of is not None and row["raised_at"] > as_of):
                moved = conn.scalar(sa.select(moved_flags.c.flag_id).where(moved_flags.c.old_id == flag_id))
                row = None if moved is None else _row(conn, moved)
        if row is None:
            raise unknown_flag(flag_id)
        return stored_flag(row)


def _row(conn: sa.Connection, flag_id: int) -> sa.RowMapping | None:
    return conn.execute(sa.select(flags).where(flags.c.id == flag_id)).mappings().one_or_none()


def lead_to(conn: sa.Connection, moved: Mapping[int, int]) -> None:
    """The first of each pair of flags is about to go with its mention; mails hold its number: it leads to the second."""
    for old, new in moved.items():
        conn.execute(sa.update(moved_flags).where(moved_flags.c.flag_id == old).values(flag_id=new))
        conn.execute(sa.delete(moved_flags).where(moved_flags.c.old_id == old))
        conn.execute(sa.insert(moved_flags).values(old_id=old, flag_id=new))


def unknown_flag(flag_id: int) -> NotFoundError:
    return NotFoundError(
        f"There is no flag {flag_id}.", command="`hypewatch mentions show ID` lists a mention's flags."
    )


def set_newest_review(conn: sa.Connection, flag_id: int) -> None:
    """Keep the newest verdict that was not taken back beside the flag."""
    newest = (
        sa.select(reviews.c.verdict)
        .where(reviews.c.flag_id == flag_id, reviews.c.undone_at.is_(None))
        .order_by(reviews.c.at.desc(), reviews.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    conn.execute(sa.update(flags).where(flags.c.id == flag_id).values(review=newest))


def fingerprint(flag: Flag) -> str:
    """The flag's fingerprint as it is stored."""
    return storable(flag.fingerprint)


def raise_flags(
    conn: sa.Connection, assessed: Iterable[tuple[int, Assessment]], *, now: datetime, revision: int = 1
) -> None:
    """Insert the flags of mentions that have none."""
    rows = [
        _values(flag, mention_id, assessment.ruleset, now, revision)
        for mention_id, assessment in assessed
        for flag in assessment.flags
    ]
    if rows:
        conn.execute(sa.insert(flags), rows)
        settle(conn, sorted({row["mention_id"] for row in rows}))


def judge_anew(
    conn: sa.Connection, mention_id: int, assessment: Assessment, *, now: datetime, revision: int, closed_as: FlagState
) -> None:
    """Bring a mention's flags to what `assessment` holds (`core/items/flag_life.py`); what no longer holds is `closed_as`."""
    chosen = sa.select(flags.c.id, flags.c.fingerprint, flags.c.state).where(flags.c.mention_id == mention_id)
    held = [
        HeldFlag(row.id, row.fingerprint, FlagState(row.state))
        for row in conn.execute(chosen.order_by(flags.c.start, flags.c.id))
    ]
    plan = plan_flags(held, ((fingerprint(flag), flag) for flag in assessment.flags))
    for flag, flag_id in plan.kept:
        values = _values(flag, mention_id, assessment.ruleset, now, revision)
        del values["raised_at"], values["raised_in"]
        conn.execute(
            sa.update(flags).where(flags.c.id == flag_id).values(values | {"closed_at": None, "closed_in": None})
        )
    for flag, like in plan.raised:
        values = _values(flag, mention_id, assessment.ruleset, now, revision)
        raised = conn.execute(sa.insert(flags).values(values).returning(flags.c.id)).scalar_one()
        if like is not None:
            logger.info("Flag %s takes over what was decided about flag %s: the same words are back", raised, like)
            _copy_reviews(conn, like, raised)
    if plan.closed:
        logger.info("Mention %s: flags %s are closed as %s", mention_id, plan.closed, closed_as.value)
        conn.execute(
            sa.update(flags)
            .where(flags.c.id.in_(plan.closed))
            .values(state=closed_as, closed_at=now, closed_in=revision)
        )
    settle(conn, [mention_id])


def settle(conn: sa.Connection, mention_ids: Sequence[int]) -> None:
    """What was decided about the same words, in these mentions or in those of their stories, holds for their new flags;
    their scores follow. To be called once their rows hold their texts and what judging says.
    """
    for at in range(0, len(mention_ids), CHUNK):
        chunk = mention_ids[at : at + CHUNK]
        mine = flags.c.mention_id.in_(chunk)
        stories = sa.select(mentions.c.story_id).where(mentions.c.id.in_(chunk), mentions.c.story_id.is_not(None))
        near = sa.or_(mine, mentions.c.story_id.in_(stories))
        decided = said_of(conn, near, flags.c.review.is_not(None))
        if not decided:
            continue  # as with nearly all that arrives
        undecided = said_of(conn, mine, flags.c.review.is_(None), flags.c.state == FlagState.ACTIVE)
        for flag_id, like in decided_alike(undecided, decided).items():
            _copy_reviews(conn, like, flag_id)
        wrong = sa.select(flags.c.mention_id).where(
            mine, flags.c.state == FlagState.ACTIVE, flags.c.review.in_(DISMISSED)
        )
        rescore(conn, conn.scalars(wrong.distinct()).all())  # of others the score is that of their assessment


def said_of(conn: sa.Connection, *wanted: sa.ColumnElement[bool]) -> list[Said]:
    """Flags with the texts that they point into, newest first."""
    chosen = (
        sa.select(flags, mentions.c.title.label("its_title"), mentions.c.text.label("its_text"))
        .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
        .where(*wanted)
        .order_by(flags.c.id.desc())
    )
    return [
        Said(
            flag_id=row["id"],
            mention_id=row["mention_id"],
            flag=stored_flag(row).flag,
            title=row["its_title"],
            text=row["its_text"],
            review=None if row["review"] is None else Verdict(row["review"]),
        )
        for row in conn.execute(chosen).mappings()
    ]


def rescore(conn: sa.Connection, mention_ids: Sequence[int]) -> None:
    """Bring the scores of mentions to what stands."""
    active: dict[int, list[StoredFlag]] = {mention_id: [] for mention_id in mention_ids}
    chosen = sa.select(flags).where(flags.c.mention_id.in_(mention_ids), flags.c.state == FlagState.ACTIVE)
    for row in conn.execute(chosen).mappings():
        active[row["mention_id"]].append(stored_flag(row))
    for mention_id, raised in active.items():
        total, parts = standing_score(raised)
        conn.execute(
            sa.update(mentions).where(mentions.c.id == mention_id).values(score=total, score_parts=dict(parts))
        )


def _copy_reviews(conn: sa.Connection, old: int, new: int) -> None:
    """Let what was said about one flag hold for another; what was said there at the same instant stays, as where it was taken back."""
    columns = [column for column in reviews.c if column.name not in {"id", "flag_id"}]
    said = reviews.alias()
    there = sa.exists().where(said.c.flag_id == new, said.c.by == reviews.c.by, said.c.at == reviews.c.at)
    chosen = sa.select(sa.literal(new), *columns).where(reviews.c.flag_id == old, ~there)
    conn.execute(sa.insert(reviews).from_select(["flag_id", *(column.name for column in columns)], chosen))
    set_newest_review(conn, new)


def _values(flag: Flag, mention_id: int, ruleset: str, now: datetime, revision: int) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "fingerprint": fingerprint(flag),
        "rule": flag.rule,
        "ruleset": ruleset,
        "drift": flag.drift.value,
        "severity": flag.severity.value,
        "confidence": flag.confidence,
        "start": flag.span.start,
        "end": flag.span.end,
        "quote": flag.span.quote,
        "place": flag.span.where,
        "message": flag.message,
        "why": flag.why,
        "finding": flag.finding,
        "found": flag.found,
        "source_title": flag.source.title if flag.source else None,
        "source_url": flag.source.url if flag.source else None,
        "correction": flag.correction,
        "mailed": flag.mailed,
        "state": FlagState.ACTIVE,
        "raised_at": now,
        "raised_in": revision,
    }


def stored_flag(row: sa.RowMapping) -> StoredFlag:
    """A flag from its row."""
    source = None if row["source_title"] is None else Reference(title=row["source_title"], url=row["source_url"])
    return StoredFlag(
        id=row["id"],
        mention_id=row["mention_id"],
        flag=Flag(
            rule=row["rule"],
            drift=Drift(row["drift"]),
            severity=Severity(row["severity"]),
            confidence=row["confidence"],
            span=Span(start=row["start"], end=row["end"], quote=row["quote"], where=row["place"]),
            message=row["message"],
            why=row["why"],
            finding=row["finding"],
            found=row["found"],
            source=source,
            correction=row["correction"],
            mailed=row["mailed"],
        ),
        ruleset=row["ruleset"],
        state=FlagState(row["state"]),
        raised_at=row["raised_at"],
        raised_in=row["raised_in"],
        closed_at=row["closed_at"],
        closed_in=row["closed_in"],
        review=None if row["review"] is None else Verdict(row["review"]),
    )
