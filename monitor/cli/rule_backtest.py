"""`hypewatch rules backtest`: what your edited rules would have done to the stored mentions, before they are saved."""

from __future__ import annotations

import getpass
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.desk import read_folder, rules_folder, saved_files
from monitor.cli.shared import SINCE_ALL, begins, emit, open_service, progress, stamp
from monitor.export.tuning import backtest_row

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.evaluation.backtest import Backtest
    from monitor.service import Service

#: Seconds that a command works between two looks at its progress bar.
STEP_SECONDS = 1.5
_SIGNS = {"gained": "+", "lost": "-", "changed": "~"}


@click.command()
@click.option("--since", default="30d", show_default=True, help=f"How far back; {SINCE_ALL}: every stored mention")
@click.option("--study", "study_id", help="Fact sheet; default: the first")
@click.option("--by", default=None, help="Who tries it; default: your login name")
@click.option("--remove", is_flag=True, help="Rules in use whose file is not in the folder are taken out")
@click.option(
    "--list", "listed", is_flag=True, help="Back-tests of the last days: how far each is, and who goes on with it"
)
@click.option("--go-on", "number", type=int, help="Go on with this one, which was broken off, instead of beginning one")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def backtest(
    since: str, study_id: str | None, by: str | None, form: str, number: int | None, *, remove: bool, listed: bool
) -> None:
    """What your edited rules would do to the stored mentions: flags that come, go, change, stay. Nothing is saved or sent.

    A flag changes if it would be graver or milder, or be mailed, counted, or only worth a look where it was not.

    Only mentions that can hold what changed are judged, newest first. Rules in use that have no file in the folder stay, unless
    --remove is given. Exit 1 if a flag would go that somebody called right.

    Example: hypewatch rules backtest --since 90d
    """
    service = open_service()
    if listed:
        now = service.clock()
        rows = [_listed_row(one, now) for one in service.store.backtests()]
        emit(rows, "table" if form == "text" else form, columns=("id", "at", "by", "state", "seen", "mentions", "says"))
        return
    if number is None:
        found = run_backtest(service, since, study_id, by or getpass.getuser(), remove=remove)
    else:
        found = _to_its_end(service, service.store.backtest(number), stop=False)
        since = f"{found.since:%Y-%m-%d}" if found.since else SINCE_ALL
    if form == "json":
        click.echo(json.dumps(backtest_row(found), ensure_ascii=False, indent=2))
    else:
        print_backtest(found, since)
    sys.exit(1 if found.lost_upheld else 0)


def run_backtest(service: Service, since: str, study_id: str | None, by: str, *, remove: bool = False) -> Backtest:
    """Begin it and go on to its end, behind a progress bar; stopped if the command is. Raises StorageError if it fails."""
    from monitor.pipeline.backtests import begin_backtest

    files = read_folder(rules_folder(service))
    if not remove:
        files = _with_saved(service, files)
    found = begin_backtest(service.deps, files, author=by, study_id=study_id, since=begins(since, service.clock()))
    return _to_its_end(service, found, stop=True)


def _to_its_end(service: Service, found: Backtest, *, stop: bool) -> Backtest:
    """Go on with it behind a progress bar, or wait for who does. `stop`: if the command is broken off, it is stopped."""
    from monitor.core.errors import StorageError
    from monitor.core.evaluation.backtest import BacktestState
    from monitor.pipeline.backtests import continue_backtest, stop_backtest

    try:
        with progress("Judging", total=found.total) as advance:
            advance(found.seen)
            while found.running:
                seen = found.seen
                found = continue_backtest(service.deps, found.id, budget=STEP_SECONDS)
                advance(found.seen - seen)
                if found.running and not found.idle(service.clock()):
                    time.sleep(STEP_SECONDS)  # somebody else has it
    finally:
        if stop:
            stop_backtest(service.deps, found.id)
    if found.state is BacktestState.FAILED:
        raise StorageError(found.sentence, "Try again.")
    return found


def _with_saved(service: Service, files: dict[str, str]) -> dict[str, str]:
    """The files, and those in use that are not among them: a page or another machine saved them. Each is told."""
    kept = {name: text for name, text in saved_files(service).items() if name not in files}
    if kept:
        hint = "`hypewatch rules pull` writes them there; --remove tries what would be without them."
        click.echo(f"In use, not in the folder, and kept: {', '.join(sorted(kept))}. {hint}", err=True)
    return {**files, **kept}


def _listed_row(found: Backtest, now: datetime) -> dict[str, Any]:
    """A back-test in the list, with what is to be known or done of it."""
    says = found.sentence
    if found.idle(now):
        says = f"Nobody goes on with it at the moment: a worker does, or `hypewatch rules backtest --go-on {found.id}`."
    elif found.running:
        says = f"It is looked through; that was kept last at {found.kept_at:%H:%M:%S} UTC."
    return {
        "id": found.id,
        "at": stamp(found.at),
        "by": found.author,
        "state": found.state.value,
        "seen": found.seen,
        "mentions": found.total,
        "idle": found.idle(now),
        "says": says,
    }


def print_backtest(found: Backtest, since: str) -> None:
    """A back-test for people: lost flags that were called right first."""
    for change in sorted(found.changes, key=lambda change: change.turn):
        reviewed = f" ({change.review})" if change.review else ""
        steps = f": {'; '.join(change.steps)}" if change.steps else ""
        where = f"{change.source}, mention {change.mention_id}"
        click.echo(f"{_SIGNS[change.kind]} {where}: {change.rule} “{change.quote}”{steps}{reviewed}")
    more = found.counted - len(found.changes)
    if more > 0:
        click.echo(f"... and {more} more")
    click.echo(
        f"{found.total} mentions since {since} can hold what changed, {found.judged} of them were judged:"
        f" {found.gained} flags gained, {found.lost} lost, {found.changed} changed, {found.kept} kept as they are."
    )
    if found.judged and not found.counted:
        click.echo("Only what flags say, such as their message and correction, would change.")
    before, after = found.reviewed_before, found.reviewed_after
    if before.of or after.of:
        click.echo(
            f"Right, of those that were decided about: {before.right} of {before.of}, then {after.right} of {after.of}."
        )
    if found.labelled_before and found.labelled_after:
        was, now = found.labelled_before, found.labelled_after
        click.echo(
            f"On labelled sentences: {was.right} of {was.flagged} flagged ones drift, then {now.right} of {now.flagged}"
            f" ({now.drifting} drift in all)."
        )
    if found.lost_upheld:
        click.echo(f"{found.lost_upheld} of the lost flags were upheld by a person: look at them before you save.")
