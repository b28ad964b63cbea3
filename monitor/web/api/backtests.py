"""Back-tests: what changed rules would have done to the stored mentions, and putting them to use."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.errors import LibraryError, UsageError
from monitor.core.evaluation.backtest import BacktestState, ChangeKind
from monitor.core.judgement import Drift, Severity, Tier
from monitor.core.mention import Verdict
from monitor.export.rows import stamp
from monitor.export.tuning import backtest_row, version_row
from monitor.pipeline.backtests import begin_backtest, continue_backtest, save_backtest, stop_backtest
from monitor.pipeline.tune import rule_problems
from monitor.web.access import who_of
from monitor.web.api.paging import Asked
from monitor.web.api.problems import StatusError
from monitor.web.api.route import ApiRoute
from monitor.web.api.rules import MOST_NOTE, FilesIn, Version
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.request import RowId, service_of
from monitor.web.rule_editor import newer_versions, own_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.evaluation.backtest import Backtest

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["back-tests"])

#: Seconds that a request goes on with a back-test that no worker has, and back-tests that are listed.
SLICE, LISTED = 1.0, 500


class BacktestIn(FilesIn):
    """Files of your pack as they would be, tried on the mentions published since a day."""

    since: date | None = Field(None, description="null: every stored mention")
    study: str | None = Field(None, max_length=64)


class Grade(Shape):
    """How severe a flag is and how sure."""

    severity: Severity
    confidence: float
    tier: Tier


class FlagChange(Grade):
    """A flag that comes, goes, or is told otherwise."""

    kind: ChangeKind
    mention: int
    source: str
    published: Stamp
    rule: str
    drift: Drift
    before: Grade | None
    where: str = Field(alias="in")
    quote: str
    sentence: str
    start: int
    end: int
    review: Verdict | None


class Tally(Shape):
    """How often flags were right, of those that people decided about."""

    right: int
    of: int
    precision: float | None
    lintscore: float


class Labelled(Shape):
    """How labelled sentences are judged."""

    precision: float | None
    recall: float | None
    right: int
    flagged: int
    drifting: int
    lintscore: float


class Tallies(Shape):
    """With the rules in use, and with the changed ones."""

    before: Tally
    after: Tally


class Labels(Shape):
    """As Tallies, on labelled sentences; null while it runs, and for studies without any."""

    before: Labelled | None
    after: Labelled | None


class BacktestListed(Shape):
    """A back-test, and how far it is."""

    id: int
    study: str
    state: BacktestState
    at: Stamp
    by: str
    mentions: int
    seen: int
    says: str = Field(description="Why it failed")


class BacktestOut(Shape):
    """What would change. Of `mentions` that can hold what changed `judged` were judged; up to 500 changes of a kind have their words."""

    id: int
    study: str
    state: BacktestState
    mentions: int
    seen: int
    judged: int
    rules: list[str]
    kept: int
    gained_count: int
    lost_count: int
    changed_count: int
    gained: list[FlagChange]
    lost: list[FlagChange]
    changed: list[FlagChange]
    lost_upheld: int = Field(description="Flags that would go and that somebody called right")
    reviewed: Tallies
    labelled: Labels
    seconds: float
    says: str


class SaveIn(Sent):
    """How the rules of a back-test are put to use."""

    note: str = Field("", max_length=MOST_NOTE)
    judge_old: bool = True
    lose: bool = Field(False, description="Flags that somebody called right may go")


@router.get("/backtests", response_model=Page[BacktestListed])
def listed(request: Request, place: Asked) -> Any:
    """Back-tests of the last 30 days, newest first."""
    return place.cut(service_of(request).store.backtests(limit=min(place.needed, LISTED)), _listed)


def _listed(found: Backtest) -> Mapping[str, Any]:
    return {
        "id": found.id,
        "study": found.study_id,
        "state": found.state,
        "at": stamp(found.at),
        "by": found.author,
        "mentions": found.total,
        "seen": found.seen,
        "says": found.sentence,
    }


@router.post("/rules/backtest", response_model=BacktestOut, status_code=201)
def begin(request: Request, sent: BacktestIn) -> Any:
    """Begin a back-test. It answers with what the newest mentions say within a second; a worker goes on, or `continue`."""
    service = service_of(request)
    files = sent.upon(service)
    if files == own_files(service):
        raise UsageError("Nothing was changed.", "Send a file that is another than the one in use.")
    if problems := rule_problems(files, service.deps.rules_with):
        raise LibraryError(problems)
    since = datetime.combine(sent.since, time(0), UTC) if sent.since else None
    return _row(begin_backtest(service.deps, files, author=who_of(request).name, study_id=sent.study, since=since))


def _row(found: Backtest) -> Mapping[str, Any]:
    return backtest_row(found) | {"seen": found.seen, "says": found.sentence}


@router.get("/backtests/{backtest_id}", response_model=BacktestOut)
def one(request: Request, backtest_id: RowId) -> Any:
    """How far a back-test is, and what it found."""
    return _row(service_of(request).store.backtest(backtest_id))


@router.post("/backtests/{backtest_id}/continue", response_model=BacktestOut)
def go_on(request: Request, backtest_id: RowId) -> Any:
    """Go on with it for a second, if no worker does."""
    return _row(continue_backtest(service_of(request).deps, backtest_id, budget=SLICE))


@router.post("/backtests/{backtest_id}/stop", response_model=BacktestOut)
def stop(request: Request, backtest_id: RowId) -> Any:
    """End it where it is."""
    return _row(stop_backtest(service_of(request).deps, backtest_id))


@router.post("/backtests/{backtest_id}/save", response_model=Version, status_code=201)
def save(request: Request, backtest_id: RowId, sent: SaveIn) -> Any:
    """Put the changed rules to use, as a new version. 409 if other rules were saved since it was begun, or a flag that somebody called
    right would go and `lose` does not say that it may.
    """
    service = service_of(request)
    found = service.store.backtest(backtest_id)
    if newer_versions(service, found):
        raise StatusError(
            409, "conflict", "Other rules were saved since this was begun.", "Begin another on top of them."
        )
    if found.lost_upheld and not sent.lose:
        hint = "Look at `lost`, and send `lose` if it may."
        raise StatusError(409, "conflict", "A flag that somebody called right would go.", hint)
    before = own_files(service)
    version = save_backtest(
        service.deps,
        backtest_id,
        author=who_of(request).name,
        note=" ".join(sent.note.split()),
        judge_old=sent.judge_old,
    )
    service.follow_rules(before, version.files)
    return version_row(version)
