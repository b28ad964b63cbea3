"""`hypewatch rules save`, `apply`, `undo`, `redo`: rules are put to use, and stored mentions are brought to them."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

import click

from monitor.cli.desk import read_folder, rules_folder, saved_files
from monitor.cli.shared import open_service, progress
from monitor.core.mention import Step
from monitor.export.tuning import version_row
from monitor.home_files import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from monitor.core.mention import RuleSetVersion
    from monitor.service import Service

_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output"
)


@click.command()
@click.option("--note", default="", help="What you changed, for the history")
@click.option("--by", default=None, help="Who saves; default: your login name")
@click.option("--remove", is_flag=True, help="Rules in use whose file is not in the folder go out of use")
@click.option("--no-wait", is_flag=True, help="Leave judging stored mentions again to a worker, or to `rules apply`")
@click.option(
    "--new-only", is_flag=True, help="Only mentions that come from now on; older ones stay as they were judged"
)
@_format
def save(note: str, by: str | None, form: str, *, remove: bool, no_wait: bool, new_only: bool) -> None:
    """Put your edited rules to use: a new version, which `undo` takes back; stored mentions are judged again.

    Refused if an example fails, and, without --remove, if a rule in use has no file in the folder: on another machine the
    folder may never have held it. Only mentions that can hold what changed need judging; the others take the new version as
    they are.

    Example: hypewatch rules save --note "no flag on clinic adverts"
    """
    from monitor.core.errors import UsageError
    from monitor.pipeline.tune import save_rules

    service = open_service()
    folder = rules_folder(service)
    files = read_folder(folder)
    if (gone := sorted(saved_files(service).keys() - files.keys())) and not remove:
        raise UsageError(
            f"{', '.join(gone)}: in use, and not in {folder}.",
            "`hypewatch rules pull` writes them there; `rules save --remove` takes them out of use.",
        )
    version = save_rules(service.deps, files, author=by or getpass.getuser(), note=note, judge_old=not new_only)
    judged = None if no_wait else apply_now(service)
    tell_saved(f"Saved as version {version.id} ({version.digest[:19]})", version, judged, form)


def tell_saved(said: str, version: RuleSetVersion, judged: int | None, form: str, edited: Sequence[Path] = ()) -> None:
    """Print that a version was put to use: `said`, what became of the stored mentions, and the files that were left (`edited`)."""
    if form == "json":
        click.echo(json.dumps(version_row(version) | {"judged": judged}, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{said}; stored mentions wait to be judged again by a worker: `hypewatch rules apply` does it now."
        if judged is None
        else f"{said}; {judged} stored mentions were judged again."
    )
    for path in edited:
        click.echo(f"{path} holds changes that were not saved; it is left as it is.")


def apply_now(service: Service) -> int:
    """Bring every stored mention to the rules in use, behind a progress bar; returns how many were not."""
    from monitor.library.judges import ProcessJudges
    from monitor.pipeline.rejudge import holding, judge_all, rejudging

    deps = service.deps
    total = 0
    with holding(deps, f"{deps.owner}/by-hand") as renew, ProcessJudges() as judges:
        for study in deps.library.studies():
            done, all_of = rejudging(deps, study)
            if done < all_of:
                with progress(f"Judging again: {study.id}", total=all_of - done) as advance:

                    def told(count: int, advance: Callable[[int], None] = advance) -> None:
                        advance(count)
                        renew()

                    total += judge_all(deps, study, told=told, judges=judges)
    return total


@click.command()
@_format
def apply(form: str) -> None:
    """Judge again, now, whatever stored mentions other rules judged: what `save --no-wait` or a page left to a worker.

    Example: hypewatch rules apply
    """
    judged = apply_now(open_service())
    if form == "json":
        click.echo(json.dumps({"judged": judged}))
    else:
        click.echo(
            f"{judged} stored mentions were judged again."
            if judged
            else "Every stored mention is judged by the rules in use."
        )


@click.command()
@click.option("--by", default=None, help="Who undoes; default: your login name")
@_format
def undo(by: str | None, form: str) -> None:
    """Take the last save back: what stood before it is put to use again, and into your folder. Again: the one before that.

    Example: hypewatch rules undo
    """
    _move(Step.UNDO, by, form)


@click.command()
@click.option("--by", default=None, help="Who redoes; default: your login name")
@_format
def redo(by: str | None, form: str) -> None:
    """Put to use again what the last undo took back, as long as nothing was saved since.

    Example: hypewatch rules redo
    """
    _move(Step.REDO, by, form)


def _move(step: Step, by: str | None, form: str) -> None:
    from monitor.pipeline.tune import move_rules

    service = open_service()
    was = saved_files(service)
    version, said = move_rules(service.deps, step=step, author=by or getpass.getuser())
    judged = apply_now(service)
    edited = follow(rules_folder(service), was, version.files)
    tell_saved(f"{said} as version {version.id}", version, judged, form, edited)
