"""What people decide about flags. A decision is a row for each flag that it holds for; one that was taken back stays, marked."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import UsageError
from monitor.core.mention import FlagState, Review, ReviewedFlag, Verdict
from monitor.core.reviews import reached, rule_record
from monitor.core.text.excerpt import sentence_around
from monitor.storage import search_index as index
from monitor.storage.items.flags import rescore, said_of, set_newest_review, stored_flag, unknown_flag
from monitor.storage.tables import flags, mentions, reviews, sources, storable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.core.mention import StoredFlag
    from monitor.core.reviews import RuleRecord, Said
    from monitor.storage.database import Database

_R = reviews.c


class ReviewRows:
    """Store: ports.Reviews."""

    _db: Database

    def review(self, review: Review, *, imported: bool = False) -> tuple[int, ...]:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            alike = _alike(conn, review.flag_id, review.verdict)
            if not alike:
                raise unknown_flag(review.flag_id)
            held = tuple(said.flag_id for said in alike)
            standing = {flag_id: _standing(conn, flag_id) for flag_id in held}
            if not imported:
                if all(_repeats(review, rows) for rows in standing.values()):
                    _say_why(conn, review, standing[held[0]][0])
                    return held
                # Dated by a clock that went wrong, it would stay in force whatever anybody said from now on.
                later = {row.decision for rows in standing.values() for row in rows if row.at > review.at}
                alike = [*alike, *_take_back(conn, later, by=review.by, now=review.at, but=held)]
            self._write(conn, review, held)
            self._follow(conn, alike)
            return held

    def _write(self, conn: sa.Connection, review: Review, held: Sequence[int]) -> None:
        """One decision, as a row for each flag that it holds for."""
        decision = 0
        for flag_id in held:
            values = {
                "flag_id": flag_id,
                "verdict": review.verdict,
                "by": review.by,
                "at": review.at,
                "why": review.why,
                "decision": decision,
                "undone_at": None,
                "undone_by": "",
            }
            insert = self._db.insert(reviews).values(values)
            # The same person at the same instant: the verdict is another one now.
            put = insert.on_conflict_do_update(
                index_elements=["flag_id", "by", "at"],
                set_={name: insert.excluded[name] for name in values if name not in {"flag_id", "by", "at"}},
            )
            row_id = conn.execute(put.returning(_R.id)).scalar_one()
            if not decision:
                decision = row_id
                conn.execute(sa.update(reviews).where(_R.id == row_id).values(decision=decision))

    def undo_review(self, flag_id: int, *, by: str, now: datetime) -> Review:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            if conn.scalar(sa.select(flags.c.id).where(flags.c.id == flag_id)) is None:
                raise unknown_flag(flag_id)
            rows = _standing(conn, flag_id)
            if not rows:
                raise UsageError(f"Nobody decided about flag {flag_id}.", "There is nothing to take back.")
            newest = rows[0]
            # A verdict that its person repeated is one decision: databases of earlier versions hold it several times.
            same = itertools.takewhile(lambda row: (row.by, row.verdict) == (newest.by, newest.verdict), rows)
            self._follow(conn, _take_back(conn, {row.decision for row in same}, by=by, now=now))
            return _review(conn.execute(sa.select(reviews).where(_R.id == newest.id)).one())

    def reviews(self, flag_id: int) -> Sequence[Review]:
        with self._db.read() as conn:
            if conn.scalar(sa.select(flags.c.id).where(flags.c.id == flag_id)) is None:
                raise unknown_flag(flag_id)
            return self._of(conn, [flag_id]).get(flag_id, ())

    def reviews_of(self, flag_ids: Sequence[int]) -> Mapping[int, Sequence[Review]]:
        with self._db.read() as conn:
            return self._of(conn, flag_ids)

    def decisions(
        self,
        *,
        rule: str | None = None,
        verdict: Verdict | None = None,
        by: str | None = None,
        since: datetime | None = None,
        undone: bool = False,
        limit: int | None = 100,
        before: int | None = None,
    ) -> Sequence[ReviewedFlag]:
        first = sa.select(sa.func.min(_R.id)).group_by(_R.decision)  # what holds for copies is told once
        wanted: list[sa.ColumnElement[bool]] = [_R.id.in_(first)]
        if not undone:
            wanted.append(_R.undone_at.is_(None))
        if rule is not None:
            wanted.append(flags.c.rule == rule)
        if verdict is not None:
            wanted.append(_R.verdict == verdict.value)
        if by is not None:
            wanted.append(_R.by == storable(by))
        if since is not None:
            wanted.append(_R.at >= since)
        if before is not None:
            wanted.append(_R.id < before)
        chosen = (
            sa.select(
                flags,
                *(column.label(f"its_{column.name}") for column in reviews.c),
                mentions.c.identity.label("item"),
                mentions.c.url.label("address"),
                mentions.c.title.label("headline"),
                mentions.c.text.label("body"),
                mentions.c.lang.label("language"),
                sources.c.name.label("outlet"),
            )
            .join_from(reviews, flags, flags.c.id == _R.flag_id)
            .join(mentions, mentions.c.id == flags.c.mention_id)
            .join(sources, sources.c.id == mentions.c.source_id)
            .where(*wanted)
            .order_by(_R.id.desc())
            .limit(limit)
        )
        with self._db.read() as conn:
            return tuple(_reviewed(row) for row in conn.execute(chosen).mappings())

    def decision_counts(self) -> Mapping[Verdict, int]:
        first = sa.select(sa.func.min(_R.id)).group_by(_R.decision)
        counted = sa.select(_R.verdict, sa.func.count().label("n")).where(_R.id.in_(first), _R.undone_at.is_(None))
        with self._db.read() as conn:
            return {Verdict(row.verdict): row.n for row in conn.execute(counted.group_by(_R.verdict))}

    def rule_records(self, rule: str | None = None) -> Mapping[str, RuleRecord]:
        newest = (
            sa.select(flags.c.rule, _R.decision, _R.verdict, sa.func.max(_R.at).label("at"))
            .join_from(reviews, flags, flags.c.id == _R.flag_id)
            .where(_R.id == _in_force())
            .group_by(flags.c.rule, _R.decision, _R.verdict)
            .order_by(sa.desc("at"), _R.decision.desc())
        )
        if rule is not None:
            newest = newest.where(flags.c.rule == rule)
        verdicts: dict[str, list[Verdict]] = defaultdict(list)
        with self._db.read() as conn:
            for row in conn.execute(newest):
                verdicts[row.rule].append(Verdict(row.verdict))
        return {name: rule_record(name, given) for name, given in sorted(verdicts.items())}

    def flags_of(self, identity: str) -> Sequence[StoredFlag]:
        chosen = sa.select(flags).join(mentions, mentions.c.id == flags.c.mention_id)
        with self._db.read() as conn:
            found = conn.execute(chosen.where(mentions.c.identity == storable(identity)).order_by(flags.c.id))
            return tuple(stored_flag(row) for row in found.mappings())

    def _of(self, conn: sa.Connection, flag_ids: Sequence[int]) -> Mapping[int, Sequence[Review]]:
        chosen = sa.select(reviews).where(_R.flag_id.in_(flag_ids)).order_by(_R.at.desc(), _R.id.desc())
        found: dict[int, list[Review]] = defaultdict(list)
        for row in conn.execute(chosen):
            found[row.flag_id].append(_review(row))
        return found

    def _follow(self, conn: sa.Connection, touched: Sequence[Said]) -> None:
        """What hangs on verdicts: the newest beside each flag, scores, and what the search finds."""
        for said in touched:
            set_newest_review(conn, said.flag_id)
        affected = sorted({said.mention_id for said in touched})
        rescore(conn, affected)
        index.put(self._db, conn, affected)


def _standing(conn: sa.Connection, flag_id: int) -> Sequence[sa.Row[Any]]:
    """What was said about a flag and not taken back; the one that is in force first."""
    chosen = sa.select(reviews).where(_R.flag_id == flag_id, _R.undone_at.is_(None))
    return conn.execute(chosen.order_by(_R.at.desc(), _R.id.desc())).all()


def _in_force() -> sa.ScalarSelect[int]:
    """The id of the review that is in force for the flag of the row outside."""
    held = reviews.alias()
    newest = sa.select(held.c.id).where(held.c.flag_id == _R.flag_id, held.c.undone_at.is_(None))
    return newest.order_by(held.c.at.desc(), held.c.id.desc()).limit(1).correlate(reviews).scalar_subquery()


def _repeats(review: Review, standing: Sequence[sa.Row[Any]]) -> bool:
    """Does the same person say again what is in force, or was the page sent twice?"""
    said = [(row.by, row.verdict) == (storable(review.by), review.verdict) for row in standing]
    return any(same and (at == 0 or standing[at].at == review.at) for at, same in enumerate(said))


def _say_why(conn: sa.Connection, review: Review, known: sa.Row[Any]) -> None:
    """Who says it again with a reason gives the reason of the decision that is in force."""
    if review.why:
        conn.execute(sa.update(reviews).where(_R.decision == known.decision).values(why=review.why))


def _take_back(
    conn: sa.Connection, decisions: Collection[int], *, by: str, now: datetime, but: Collection[int] = ()
) -> list[Said]:
    """Take decisions back, for each flag that they hold for; returns those flags, without those of `but`."""
    whole = _R.decision.in_(decisions), _R.undone_at.is_(None)
    touched = set(conn.scalars(sa.select(_R.flag_id).where(*whole)))
    conn.execute(sa.update(reviews).where(*whole).values(undone_at=now, undone_by=by))
    return said_of(conn, flags.c.id.in_(touched - set(but)))


def _alike(conn: sa.Connection, flag_id: int, verdict: Verdict) -> list[Said]:
    """A flag, and those of its mention and of its story that a decision about it holds for; none if there is no such flag.

    A mention that is not about the study is not in any of its words, nor are the copies that hold them.
    """
    found = said_of(conn, flags.c.id == flag_id)
    if not found:
        return []
    mention_id = found[0].mention_id
    if verdict is Verdict.NOT_ABOUT:
        active = flags.c.mention_id == mention_id, flags.c.state == FlagState.ACTIVE
        found += [said for said in said_of(conn, *active) if said.flag_id != flag_id]
    story = sa.select(mentions.c.story_id).where(mentions.c.id == mention_id).scalar_subquery()
    near = sa.or_(flags.c.mention_id == mention_id, mentions.c.story_id == story)
    drifts, known = {said.flag.drift.value for said in found}, {said.flag_id for said in found}
    others = said_of(conn, near, flags.c.drift.in_(sorted(drifts)))
    return [*found, *reached(found, (other for other in others if other.flag_id not in known))]


def _review(row: sa.Row[Any]) -> Review:
    return Review(
        flag_id=row.flag_id,
        verdict=Verdict(row.verdict),
        by=row.by,
        at=row.at,
        why=row.why,
        id=row.id,
        decision=row.decision,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )


def _reviewed(row: sa.RowMapping) -> ReviewedFlag:
    stored = stored_flag(row)
    span = stored.flag.span
    its = {name.removeprefix("its_"): value for name, value in row.items() if name.startswith("its_")}
    return ReviewedFlag(
        review=Review(**its | {"verdict": Verdict(its["verdict"])}),
        flag=stored,
        identity=row["item"],
        url=row["address"],
        source=row["outlet"],
        title=row["headline"],
        lang=row["language"],
        sentence=sentence_around(row["headline"] if span.where == "title" else row["body"], span.start, span.end),
    )
