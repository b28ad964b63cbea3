"""Bring in a list of people: who is new is asked, who is known keeps what the list does not name, and nobody who left comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from monitor.core.digests.address import check_address
from monitor.core.digests.subscribers import Standing, Wishes
from monitor.core.digests.wish_fields import WISHES, read_wish
from monitor.core.errors import MailError, Problem, UsageError
from monitor.core.sentences import closed
from monitor.pipeline.subscribe import change, check_pause, checked, pause, subscribe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.core.digests.subscribers import Subscription, WishChanges
    from monitor.core.mention import Row
    from monitor.ports import Deps

#: Letters of a name that are kept.
MOST_NAME = 200


class Became(StrEnum):
    """What became of a row."""

    ADDED = "added"
    ASKED = "asked"  # added, and the person gets the mail that asks
    CHANGED = "changed"
    SAME = "same"
    PASSED = "passed"  # left as it is, for the reason that is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A row that was taken, or passed over with a reason."""

    line: int
    email: str
    study: str
    became: Became
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a row asks for."""

    line: int
    email: str
    name: str
    study: str
    state: Standing | None
    changes: WishChanges
    paused_until: datetime | None


def import_people(
    deps: Deps,
    rows: Iterable[Row | Problem],
    *,
    name: str,
    study_id: str,
    confirmed: bool = False,
    dry: bool = False,
) -> Iterator[Taken | Problem]:
    """Take the rows one by one, and tell what became of each; twice changes nothing. `study_id` is for rows that name none.

    `confirmed`: all agreed already, but for rows that say of themselves that the answer is awaited. `dry`: only tell.
    """
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        person = _person(deps, row, name=name, study_id=study_id)
        if isinstance(person, Problem):
            yield person
            continue
        try:
            agreed = confirmed and person.state is not Standing.PENDING
            became, why = _take(deps, person, agreed=agreed, dry=dry)
        except MailError as error:
            what = f"{person.email} is not asked yet: {closed(error.message)} Import the row again when that is mended"
            yield Problem(name, row.line, row.columns.get("email", 1), what)
            continue
        yield Taken(line=row.line, email=person.email, study=person.study, became=became, why=why)


def _take(deps: Deps, person: Person, *, agreed: bool, dry: bool) -> tuple[Became, str]:
    known = deps.store.subscription_of(person.email, person.study)
    if why := _passed(deps, person, known):
        return Became.PASSED, why
    if known is None or _unanswered(deps, known, agreed=agreed):
        if not dry:
            subscribe(
                deps,
                person.email,
                study_id=person.study,
                name=person.name,
                confirmed=agreed,
                paused_until=person.paused_until,
                **person.changes,
            )
        if known is not None:
            return Became.CHANGED, ""
        # An address that is known from another study is theirs already.
        theirs = deps.store.subscriber_at(person.email) if dry else None
        asked = not agreed and (theirs is None or theirs.state == "pending")
        if not dry:
            made = deps.store.subscription_of(person.email, person.study)
            asked = made is not None and made.is_asked
        return (Became.ASKED if asked else Became.ADDED), ""
    return (Became.CHANGED if _change(deps, person, known, dry=dry) else Became.SAME), ""


def _passed(deps: Deps, person: Person, known: Subscription | None) -> str:
    """Why a row changes nothing, a sentence; "" if it does."""
    if known is not None and known.left_at is not None:
        return "They left here, and only they can come back: add the address by hand to ask them."
    theirs = deps.store.subscriber_at(person.email)
    if theirs is not None and theirs.suppressed_at is not None:
        return "Mail to them came back here, so nothing is sent until somebody resumes it."
    if known is None and person.state is Standing.LEFT:
        return "They had left when the list was made."
    if known is None and person.state is Standing.SUPPRESSED:
        return "Mail to them had come back when the list was made."
    return ""


def _unanswered(deps: Deps, known: Subscription, *, agreed: bool) -> bool:
    """Is the person still to be asked, or has their answer come with the list?"""
    return known.standing(deps.clock()) is Standing.PENDING and (agreed or known.asked_at is None)


def _change(deps: Deps, person: Person, known: Subscription, *, dry: bool) -> bool:
    """Make the known subscription as the row says; False if it is so already."""
    now = deps.clock()
    wishes = checked(replace(known.wishes, **person.changes)) != known.wishes
    named = bool(person.name) and person.name != known.subscriber.name
    paused = person.paused_until is not None and person.paused_until > now
    paused = paused and person.paused_until != known.paused_until
    if dry:
        return wishes or named or paused
    if wishes:
        change(deps, known.id, **person.changes)
    if named:
        deps.store.add_subscriber(known.subscriber.email, person.name, now=now, state=known.subscriber.state)
    if paused and person.paused_until is not None:
        pause(deps, known.id, person.paused_until)
    return wishes or named or paused


# --- reading a row -----------------------------------------------------------------------------------------------------


def _person(deps: Deps, row: Row, *, name: str, study_id: str) -> Person | Problem:
    """What a row asks for, or what is wrong with the first of its fields that cannot be."""
    field = "email"
    try:
        email = check_address(row.fields.get("email", "")).lower()
        field = "study"
        study = deps.library.study(row.fields.get("study") or study_id).id
        field = "state"
        state = _state(row.fields.get("state", ""))
        field = "paused_until"
        paused_until = _moment(row.fields.get("paused_until", ""))
        if paused_until is not None:
            check_pause(paused_until, deps.clock())
        changes: Any = {}
        for field in WISHES:
            if text := row.fields.get(field, ""):
                changes |= read_wish(field, text)
                checked(replace(Wishes(), **changes))
    except UsageError as error:
        return Problem(name, row.line, row.columns.get(field, 1), f"{closed(error.message)} {error.hint}".strip())
    return Person(
        line=row.line,
        email=email,
        name=" ".join(row.fields.get("name", "").split())[:MOST_NAME],
        study=study,
        state=state,
        changes=changes,
        paused_until=paused_until,
    )


def _state(text: str) -> Standing | None:
    try:
        return Standing(text.lower()) if text else None
    except ValueError:
        raise UsageError(f"There is no state {text[:40]!r}.", f"There are: {', '.join(Standing)}.") from None


def _moment(text: str) -> datetime | None:
    """A moment as an export writes it (RFC 3339), or a day, which begins in UTC."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{text[:40]!r} is no moment; write it as 2027-03-24 or 2027-03-24T07:00:00Z.") from None
