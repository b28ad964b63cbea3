"""Decide about flags, take a decision back, and bring decisions from another installation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import Problem, UsageError
from monitor.core.json_lines import NoObjectError, read_object
from monitor.core.mention import FlagState, Review, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from monitor.core.mention import Mention, StoredFlag
    from monitor.ports import Reviews

#: Letters of a reason; more is a text that was pasted.
WHY_MAX = 2_000
#: So far the clocks of two machines may differ.
CLOCKS_APART = timedelta(minutes=5)


def decide(
    reviews: Reviews, flag_ids: Iterable[int], verdict: Verdict, *, by: str, why: str, now: datetime
) -> tuple[int, ...]:
    """Decide about flags together; returns all that the verdict holds for. Raises NotFoundError at the first that is gone."""
    decided: dict[int, None] = {}
    for flag_id in flag_ids:
        if flag_id not in decided:
            held = reviews.review(
                Review(flag_id=flag_id, verdict=verdict, by=by, at=now, why=" ".join(why.split())[:WHY_MAX])
            )
            decided.update(dict.fromkeys(held))
    return tuple(decided)


def take_back(
    reviews: Reviews,
    flag_ids: Iterable[int],
    *,
    by: str,
    now: datetime,
    verdict: Verdict | None = None,
    whole: bool = False,
) -> int:
    """Take back the newest decision about each of the flags, one that holds for several once; returns how many decisions.

    With `verdict` only where it is the one in force: what somebody said since stays. With `whole` all goes that the same person
    said at the same instant, as of mentions that were ticked together. Raises UsageError if there was nothing to take back.
    """
    decisions: set[int] = set()
    instants: set[datetime] = set()
    for flag_id in flag_ids:
        held = reviews.reviews(flag_id)
        newest = next((review for review in held if review.stands), None)
        taken = any(review.decision in decisions for review in held)  # with another of the flags, a moment ago
        if taken or newest is None or verdict not in {None, newest.verdict}:
            continue
        decisions.add(reviews.undo_review(flag_id, by=by, now=now).decision)
        if newest.by == by:
            instants.add(newest.at)
    if not decisions:
        raise UsageError(
            "There is nothing to take back: nobody decided about these flags, or somebody said something else since.",
            "Load the page again to see what holds.",
        )
    if whole and instants:
        for one in reviews.decisions(by=by, since=min(instants), limit=None):
            newest = next((review for review in reviews.reviews(one.review.flag_id) if review.stands), None)
            if newest is not None and newest.decision == one.review.decision and newest.at in instants:
                decisions.add(reviews.undo_review(one.review.flag_id, by=by, now=now).decision)
    return len(decisions)


def to_decide(mention: Mention) -> tuple[int, ...]:
    """The flags that a verdict on a whole mention is about: all that are active."""
    return tuple(stored.id for stored in mention.flags if stored.state is FlagState.ACTIVE)


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file: `unknown` have no such flag here, and each is told of."""

    written: int = 0
    known: int = 0
    unknown: int = 0
    refused: int = 0

    def __str__(self) -> str:
        """One sentence for a person."""
        told = [
            f"{self.written} reviews are new",
            f"{self.known} were known",
            f"{self.unknown} are about flags that are not stored here",
        ]
        if self.refused:
            told.append(f"{self.refused} could not be read")
        return ", ".join(told) + "."


def bring_reviews(
    reviews: Reviews, lines: Iterable[str], count: Imported, *, source: str, now: datetime
) -> Iterator[Problem]:
    """Store exported decisions, a line of JSON each, while they are read; yields what was wrong with a line of `source`."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            problem = _bring(reviews, read_object(line), count, now=now)
        except NoObjectError as error:
            count.refused += 1
            yield Problem(source, number, error.column, error.what)
        else:
            if problem:
                yield Problem(source, number, 1, problem)


def _bring(reviews: Reviews, row: Mapping[str, Any], count: Imported, *, now: datetime) -> str | None:
    """Store one exported decision; a repeat adds nothing. Returns what was wrong with it, None if nothing was.

    One that is dated more than CLOCKS_APART after `now` is refused: it would hold against all that is said until then.
    """
    try:
        review, like = _read(row, now)
    except _RefusedError as error:
        count.refused += 1
        return str(error)
    found = _find(reviews.flags_of(str(row.get("item", ""))), like)
    if found is None:
        count.unknown += 1
        return f"no flag on “{like.quote}” is stored for {row.get('url') or row.get('item')}"
    held = reviews.reviews(found.id)
    if any((known.by, known.at, known.verdict) == (review.by, review.at, review.verdict) for known in held):
        count.known += 1
        return None
    reviews.review(replace(review, flag_id=found.id), imported=True)
    count.written += 1
    return None


class _RefusedError(ValueError):
    """What a row lacks, as a sentence's end."""


@dataclass(frozen=True, slots=True)
class _Like:
    """By what a flag of another installation is found here."""

    rule: str
    drift: str
    where: str
    quote: str


def _read(row: Mapping[str, Any], now: datetime) -> tuple[Review, _Like]:
    lacking = [name for name in ("item", "rule", "drift", "in", "quote", "verdict", "by", "at") if not _word(row, name)]
    if lacking:
        raise _RefusedError(f"it lacks {', '.join(lacking)}")
    try:
        verdict = Verdict(_word(row, "verdict"))
    except ValueError:
        raise _RefusedError(f"its verdict is none of {', '.join(Verdict)}") from None
    try:
        at = datetime.fromisoformat(_word(row, "at"))
    except ValueError:
        raise _RefusedError(f"its time {_word(row, 'at')!r} is none") from None
    if at.tzinfo is None:
        raise _RefusedError("its time has no zone")
    if at > now + CLOCKS_APART:
        raise _RefusedError(f"its time {_word(row, 'at')!r} is still to come")
    review = Review(flag_id=0, verdict=verdict, by=_word(row, "by"), at=at, why=_word(row, "why")[:WHY_MAX])
    return review, _Like(_word(row, "rule"), _word(row, "drift"), _word(row, "in"), _word(row, "quote"))


def _word(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _find(held: Sequence[StoredFlag], like: _Like) -> StoredFlag | None:
    """The flag that is meant: on the same words, of the same rule if there is one; an active one before one that was closed."""

    def unlike(stored: StoredFlag) -> tuple[bool, bool, bool]:
        span = stored.flag.span
        return stored.flag.rule != like.rule, stored.state is not FlagState.ACTIVE, span.where != like.where

    said = " ".join(like.quote.casefold().split())
    same = [
        stored
        for stored in held
        if " ".join(stored.flag.span.quote.casefold().split()) == said
        and (stored.flag.rule == like.rule or stored.flag.drift.value == like.drift)
    ]
    return min(same, key=unlike, default=None)
