"""Proposals about the study itself: opened once however many indexes tell them, decided by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.proposals import Proposal, ProposalKind, ProposalState
from monitor.storage.tables import digest_proposals, proposals, storable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.proposals import ProposalDraft
    from monitor.storage.database import Database

#: New proposals in one digest; the next tells on.
MOST_TOLD = 5
#: The advisory lock for opening proposals.
_LOCK = 4


class ProposalRows:
    """Store: propose, proposal, proposals, decide_proposal."""

    _db: Database

    def propose(self, drafts: Sequence[ProposalDraft], *, now: datetime) -> tuple[int, ...]:
        p = proposals.c
        opened = []
        with self._db.write() as conn:
            if drafts:
                self._db.one_writer(conn, _LOCK)
            for draft in drafts:
                key = storable(draft.key)
                same = sa.select(p.id, p.seen).where(
                    p.study_id == draft.study_id, p.kind == draft.kind.value, p.key == key
                )
                known = conn.execute(same).one_or_none()
                if known is None:
                    values = {
                        "study_id": draft.study_id,
                        "kind": draft.kind.value,
                        "key": key,
                        "sentence": draft.sentence,
                        "findings": list(draft.findings),
                        "rung": draft.rung,
                        "title": draft.title,
                        "url": draft.url,
                        "detail": draft.detail,
                        "seen": [draft.seen_in],
                        "opened_at": now,
                    }
                    opened.append(conn.execute(sa.insert(proposals).values(values).returning(p.id)).scalar_one())
                elif draft.seen_in not in known.seen:
                    again = sa.update(proposals).where(p.id == known.id)
                    conn.execute(again.values(seen=[*known.seen, draft.seen_in]))
        return tuple(opened)

    def proposals(self, study_id: str | None = None, *, state: ProposalState | None = None) -> Sequence[Proposal]:
        statement = sa.select(proposals).order_by(proposals.c.opened_at.desc(), proposals.c.id.desc())
        if study_id is not None:
            statement = statement.where(proposals.c.study_id == study_id)
        if state is not None:
            statement = statement.where(proposals.c.state == state)
        with self._db.read() as conn:
            return tuple(_stored(row) for row in conn.execute(statement).mappings())

    def decide_proposal(self, proposal_id: int, state: ProposalState, *, by: str, why: str, now: datetime) -> Proposal:
        statement = sa.update(proposals).where(proposals.c.id == proposal_id)
        with self._db.write() as conn:
            conn.execute(statement.values(state=state, by=by, why=why, decided_at=now))
            return _one(conn, proposal_id)


def open_proposals(conn: sa.Connection, study_id: str, now: datetime) -> tuple[Proposal, ...]:
    """Those about a study that nobody has decided on, oldest first."""
    p = proposals.c
    statement = (
        sa.select(proposals)
        .where(p.study_id == study_id, p.state == ProposalState.OPEN, p.opened_at <= now)
        .order_by(p.opened_at, p.id)
    )
    return tuple(_stored(row) for row in conn.execute(statement).mappings())


def untold(conn: sa.Connection, subscription_id: int, opened: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """The first of them that no digest of this subscription has told."""
    if not opened:
        return ()
    told = digest_proposals.c
    known = set(conn.scalars(sa.select(told.proposal_id).where(told.subscription_id == subscription_id)))
    return tuple(proposal for proposal in opened if proposal.id not in known)[:MOST_TOLD]


def _one(conn: sa.Connection, proposal_id: int) -> Proposal:
    row = conn.execute(sa.select(proposals).where(proposals.c.id == proposal_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is no proposal {proposal_id}.", command="`hypewatch studies proposals --all` shows them."
        )
    return _stored(row)


def _stored(row: sa.RowMapping) -> Proposal:
    return Proposal(
        id=row["id"],
        study_id=row["study_id"],
        kind=ProposalKind(row["kind"]),
        key=row["key"],
        sentence=row["sentence"],
        findings=tuple(row["findings"]),
        rung=row["rung"],
        title=row["title"],
        url=row["url"],
        detail=row["detail"],
        seen=tuple(row["seen"]),
        opened_at=row["opened_at"],
        state=ProposalState(row["state"]),
        by=row["by"],
        decided_at=row["decided_at"],
        why=row["why"],
    )
