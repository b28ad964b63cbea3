"""Letters as rows: their words, the flags they ask about, the steps done with them. What follows from those the core decides."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.letters.closing import before_and_after, is_answered
from monitor.core.letters.letter import Letter, LetterState, Step, check_step, check_undo, standing
from monitor.core.mention import FlagState
from monitor.storage.database import CHUNK
from monitor.storage.tables import flags, letter_flags, letter_steps, letters, revisions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.core.letters.letter import LetterDraft
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)

_WAITING = [state.value for state in LetterState if state.waits]
#: What an outlet was asked for, and has not corrected: it may have said no, and do it all the same.
_OPEN = [*_WAITING, LetterState.REFUSED.value]


class LetterRows:
    """Store: ports.Letters."""

    _db: Database

    def draft_letter(self, draft: LetterDraft, *, by: str, now: datetime) -> Letter:
        words = {
            "language": draft.language,
            "recipient": draft.recipient,
            "subject": draft.subject,
            "body": draft.body,
        }
        with self._db.write() as conn:
            self._db.one_writer(conn)  # two people may press the button at once
            mine = letters.c.mention_id == draft.mention_id, letters.c.state == LetterState.DRAFT.value
            there = conn.execute(sa.select(letters.c.id, letters.c.edited).where(*mine)).first()
            if there is not None and there.edited:
                return _letter(conn, there.id)
            if there is not None:
                letter_id = there.id
                conn.execute(sa.update(letters).where(letters.c.id == letter_id).values(words))
            else:
                made = {
                    "study_id": draft.study_id,
                    "mention_id": draft.mention_id,
                    "source_id": draft.source_id,
                    "created_at": now,
                    "created_by": by,
                    "state": LetterState.DRAFT.value,
                }
                letter_id = conn.execute(sa.insert(letters).values(made | words).returning(letters.c.id)).scalar_one()
            _set_flags(conn, letter_id, draft.flag_ids)
            return _letter(conn, letter_id)

    def letter(self, letter_id: int) -> Letter:
        with self._db.read() as conn:
            return _letter(conn, letter_id)

    def letters(
        self,
        *,
        states: Collection[LetterState] = (),
        mention_id: int | None = None,
        source_id: int | None = None,
        limit: int = 500,
    ) -> Sequence[Letter]:
        wanted: list[sa.ColumnElement[bool]] = []
        if states:
            wanted.append(letters.c.state.in_([state.value for state in states]))
        if mention_id is not None:
            wanted.append(letters.c.mention_id == mention_id)
        if source_id is not None:
            wanted.append(letters.c.source_id == source_id)
        ended = letters.c.withdrawn, 2
        turn = sa.case(
            ended, (letters.c.state.in_(_WAITING), 0), (letters.c.state == LetterState.DRAFT.value, 1), else_=2
        )
        waits = sa.case((turn == 0, letters.c.remind_at), else_=None)
        ordered = sa.select(letters).where(*wanted).order_by(turn, waits, letters.c.id.desc()).limit(limit)
        with self._db.read() as conn:
            return _letters(conn, conn.execute(ordered).mappings().all())

    def letters_about(self, flag_ids: Collection[int]) -> Mapping[int, Letter]:
        asked = sorted(flag_ids)
        newest: dict[int, int] = {}
        with self._db.read() as conn:
            for at in range(0, len(asked), CHUNK):
                theirs = letter_flags.c.flag_id.in_(asked[at : at + CHUNK])
                chosen = sa.select(letter_flags.c.flag_id, sa.func.max(letter_flags.c.letter_id)).where(theirs)
                newest |= {row[0]: row[1] for row in conn.execute(chosen.group_by(letter_flags.c.flag_id))}
            wanted = sa.select(letters).where(letters.c.id.in_(sorted(set(newest.values()))))
            found = {one.id: one for one in _letters(conn, conn.execute(wanted).mappings().all())}
        return {flag_id: found[letter_id] for flag_id, letter_id in newest.items()}

    def rewrite_letter(
        self,
        letter_id: int,
        *,
        recipient: str | None = None,
        subject: str | None = None,
        body: str | None = None,
        language: str | None = None,
        flag_ids: Sequence[int] | None = None,
        edited: bool | None = None,
        remind_days: int | None = None,
    ) -> Letter:
        given = {
            "recipient": recipient,
            "subject": subject,
            "body": body,
            "language": language,
            "edited": edited,
            "remind_days": remind_days,
        }
        values = {name: value for name, value in given.items() if value is not None}
        with self._db.write() as conn:
            self._db.one_writer(conn)
            held = _letter(conn, letter_id)
            if held.withdrawn:
                return held
            if flag_ids is not None:
                _set_flags(conn, letter_id, flag_ids)
            if values:
                conn.execute(sa.update(letters).where(letters.c.id == letter_id).values(values))
            return _follow(conn, letter_id)

    def step_letter(self, letter_id: int, to: LetterState, *, by: str, now: datetime, message_id: str = "") -> Letter:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            check_step(_letter(conn, letter_id), to)
            return _step(conn, letter_id, to, by=by, now=now, message_id=message_id)

    def undo_letter(self, letter_id: int, *, by: str, now: datetime) -> Letter:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            last = check_undo(_letter(conn, letter_id))
            its = letter_steps.c.letter_id == letter_id, letter_steps.c.number == last.number
            conn.execute(sa.update(letter_steps).where(*its).values(undone_at=now, undone_by=by))
            if last.to is LetterState.CORRECTED:
                conn.execute(sa.update(letters).where(letters.c.id == letter_id).values(before="", after=""))
            return _follow(conn, letter_id)

    def letters_waiting(self, now: datetime) -> tuple[int, int]:
        due = sa.func.sum(sa.case((letters.c.remind_at <= now, 1), else_=0))
        with self._db.read() as conn:
            row = conn.execute(
                sa.select(sa.func.count(), due).where(letters.c.state.in_(_WAITING), ~letters.c.withdrawn)
            ).one()
        return int(row[0]), int(row[1] or 0)

    def withdrawn_letters(self) -> Sequence[Letter]:
        chosen = sa.select(letters).where(letters.c.withdrawn, letters.c.message_id != "").order_by(letters.c.id)
        with self._db.read() as conn:
            return _letters(conn, conn.execute(chosen).mappings().all())


# --- inside the transactions of whoever writes mentions --------------------------------------------------------------


def close_answered(conn: sa.Connection, mention_id: int, new: tuple[str, str], *, revision: int, now: datetime) -> None:
    """The page of a mention was changed to `new` (headline, text), which is its revision of this number: letters that it answers
    are corrected. Its older revisions are stored.
    """
    chosen = sa.select(letters.c.id).where(letters.c.mention_id == mention_id, letters.c.state.in_(_OPEN))
    for letter_id in conn.scalars(chosen.order_by(letters.c.id)).all():
        about = sa.select(flags.c.state, flags.c.closed_in, flags.c.quote).join(
            letter_flags, letter_flags.c.flag_id == flags.c.id
        )
        asked = conn.execute(about.where(letter_flags.c.letter_id == letter_id)).all()
        fixed = [row for row in asked if row.state == FlagState.FIXED.value]
        if not is_answered((FlagState(row.state), row in fixed and row.closed_in == revision) for row in asked):
            continue
        # It may have been corrected word by word: what stood there before the first of these changes tells all.
        first = sa.select(revisions.c.title, revisions.c.text).where(
            revisions.c.mention_id == mention_id, revisions.c.number == min(row.closed_in for row in fixed) - 1
        )
        old = conn.execute(first).one()
        before, after = before_and_after((old.title, old.text), new, [row.quote for row in asked])
        _step(conn, letter_id, LetterState.CORRECTED, by="", now=now)
        conn.execute(sa.update(letters).where(letters.c.id == letter_id).values(before=before, after=after))
        logger.info("Letter %s: the page of mention %s was corrected", letter_id, mention_id)


def empty_letters(conn: sa.Connection, mention_ids: Sequence[int]) -> None:
    """Mentions are withdrawn: drafts about them go, and the words of letters that went out are removed."""
    for at in range(0, len(mention_ids), CHUNK):
        theirs = letters.c.mention_id.in_(mention_ids[at : at + CHUNK])
        conn.execute(sa.delete(letters).where(theirs, letters.c.state == LetterState.DRAFT.value))
        gone = {"subject": "", "body": "", "before": "", "after": "", "withdrawn": True, "remind_at": None}
        conn.execute(sa.update(letters).where(theirs).values(gone))


def hand_over(db: Database, conn: sa.Connection, old: int, new: int, over: Mapping[int, int]) -> None:
    """A mention goes into another: its letters ask about that one, and about the flags there on the same words."""
    moved = conn.scalars(sa.select(letters.c.id).where(letters.c.mention_id == old)).all()
    if not moved:
        return
    conn.execute(sa.update(letters).where(letters.c.id.in_(moved)).values(mention_id=new))
    asked = conn.execute(sa.select(letter_flags).where(letter_flags.c.letter_id.in_(moved))).all()
    there = [{"letter_id": row.letter_id, "flag_id": over[row.flag_id]} for row in asked if row.flag_id in over]
    if there:
        conn.execute(db.insert(letter_flags).on_conflict_do_nothing(), there)


# --- rows ------------------------------------------------------------------------------------------------------------


def _step(
    conn: sa.Connection, letter_id: int, to: LetterState, *, by: str, now: datetime, message_id: str = ""
) -> Letter:
    newest = sa.select(sa.func.max(letter_steps.c.number)).where(letter_steps.c.letter_id == letter_id)
    number = (conn.scalar(newest) or 0) + 1
    conn.execute(sa.insert(letter_steps).values(letter_id=letter_id, number=number, state=to.value, at=now, by=by))
    if message_id:
        conn.execute(sa.update(letters).where(letters.c.id == letter_id).values(message_id=message_id))
    return _follow(conn, letter_id)


def _follow(conn: sa.Connection, letter_id: int) -> Letter:
    """Bring a letter's row to what its steps lead to."""
    held = _letter(conn, letter_id)
    now_is = standing(held.steps, held.remind_days)
    values = {
        "state": now_is.state.value,
        "asked_at": now_is.asked_at,
        "remind_at": now_is.remind_at,
        "reminded": now_is.reminded,
        "closed_at": now_is.closed_at,
    }
    conn.execute(sa.update(letters).where(letters.c.id == letter_id).values(values))
    return _letter(conn, letter_id)


def _set_flags(conn: sa.Connection, letter_id: int, flag_ids: Sequence[int]) -> None:
    conn.execute(sa.delete(letter_flags).where(letter_flags.c.letter_id == letter_id))
    rows = [{"letter_id": letter_id, "flag_id": flag_id} for flag_id in dict.fromkeys(flag_ids)]
    if rows:
        conn.execute(sa.insert(letter_flags), rows)


def _letter(conn: sa.Connection, letter_id: int) -> Letter:
    found = _letters(conn, conn.execute(sa.select(letters).where(letters.c.id == letter_id)).mappings().all())
    if not found:
        raise NotFoundError(
            f"There is no letter {letter_id}.", command="`hypewatch letters list` lists those there are."
        )
    return found[0]


def _letters(conn: sa.Connection, rows: Sequence[sa.RowMapping]) -> tuple[Letter, ...]:
    about: dict[int, list[int]] = defaultdict(list)
    steps: dict[int, list[Step]] = defaultdict(list)
    ids = [row["id"] for row in rows]
    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        asked = sa.select(letter_flags).where(letter_flags.c.letter_id.in_(chunk)).order_by(letter_flags.c.flag_id)
        for row in conn.execute(asked):
            about[row.letter_id].append(row.flag_id)
        done = sa.select(letter_steps).where(letter_steps.c.letter_id.in_(chunk)).order_by(letter_steps.c.number)
        for row in conn.execute(done):
            steps[row.letter_id].append(_stored_step(row))
    return tuple(
        Letter(
            **{**row, "state": LetterState(row["state"])},
            flag_ids=tuple(about[row["id"]]),
            steps=tuple(steps[row["id"]]),
        )
        for row in rows
    )


def _stored_step(row: sa.Row[Any]) -> Step:
    return Step(
        number=row.number,
        to=LetterState(row.state),
        at=row.at,
        by=row.by,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )
