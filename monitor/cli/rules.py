"""`hypewatch rules`: see what is flagged and why, and tune it. Your own rules are files in the home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.desk import load_with, read_folder, rule_of, rules_folder, saved_files
from monitor.cli.rule_apply import apply, redo, save, undo
from monitor.cli.rule_backtest import backtest
from monitor.cli.rule_explain import explain
from monitor.cli.rule_files import diff, export, import_, pull
from monitor.cli.shared import emit, format_option, open_service
from monitor.export.tuning import rule_row, version_row
from monitor.home_files import UnreadableError, read_text, write_private
from monitor.library.rule_template import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.service import Service


@click.group()
def rules() -> None:
    """See and tune what is flagged. Your own rules are files in the folder `rules` of the home.

    \b
    Example: hypewatch rules new our-cure --words "cure for paralysis"
    Example: hypewatch rules backtest --since 30d
    Example: hypewatch rules save --note "our own word list"
    """  # noqa: D301 - click wants the character, not the two signs


@rules.command("list")
@format_option
def list_rules(form: str) -> None:
    """Every rule in use, what it flags, and where it comes from.

    Example: hypewatch rules list --format csv
    """
    service = open_service()
    library = load_with(service, saved_files(service))
    rows = [rule_row(rule) for rule in library.rules()]
    emit(rows, form, columns=("id", "pack", "drift", "severity", "status", "finding"))


@rules.command()
@click.argument("rule_id")
def show(rule_id: str) -> None:
    """One rule as its file says it, with its examples.

    Example: hypewatch rules show above-outcome
    """
    service = open_service()
    rule = rule_of(load_with(service, saved_files(service)), rule_id)
    click.echo(f"# {rule.path}")
    click.echo(rule.source.rstrip())


@rules.command()
@click.argument("rule_id")
@click.option("--words", default=WORDS, show_default=True, help="The phrase it begins with")
def new(rule_id: str, words: str) -> None:
    """Begin a rule of your own: writes a file to edit. It is on trial (shown, not mailed) until you make it active.

    Example: hypewatch rules new our-cure --words "cure for paralysis"
    """
    from monitor.core.errors import LibraryError, UsageError
    from monitor.library.ids import id_problem
    from monitor.library.rule_template import rule_template

    if said := id_problem(rule_id):
        raise UsageError(f"{rule_id!r} {said}.", "Choose another name, such as our-cure.")
    service = open_service()
    service.make_home()
    path = rules_folder(service) / f"{rule_id}.yaml"
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already.", "Edit it, or choose another name.")
    text = rule_template(rule_id, words.replace("\\", "").replace('"', ""))
    try:
        load_with(service, {path.name: text}).rules()
    except LibraryError as error:
        raise UsageError(
            f"That makes no rule: {error.problems[0].what}.", "Choose another name or other words."
        ) from None
    write_private(path, text)
    click.echo(f"Written: {path}. Edit it, then `hypewatch rules check`, `rules backtest` and `rules save`.")


@rules.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(files: tuple[Path, ...]) -> None:
    """Check your rules (or the files named): do they load, and do their examples hold? Exit 2 if not.

    Example: hypewatch rules check
    """
    from monitor.core.errors import LibraryError
    from monitor.pipeline.tune import rule_problems, warnings

    service = open_service()
    texts = named_texts(files) or {
        str(rules_folder(service) / name): text for name, text in read_folder(rules_folder(service)).items()
    }
    if problems := rule_problems(texts, lambda files: load_with(service, files)):
        raise LibraryError(problems)
    mine = [rule for rule in load_with(service, texts).rules() if rule.path in texts]
    click.echo(f"{len(mine)} rules of yours load and their examples hold." if mine else _no_rules(service))
    saved = saved_files(service)
    if gone := [] if files else sorted(saved.keys() - texts_by_name(texts)):
        click.echo(f"In use, and not in the folder: {', '.join(gone)}. `hypewatch rules pull` writes them there.")
        for problem in warnings(service.deps.rules_with(saved), saved):
            if problem.path in gone:
                click.echo(f"In use, and to be mended: {problem}.")


def named_texts(files: tuple[Path, ...]) -> dict[str, str]:
    """The texts of the files that were named, by their paths; raises LibraryError with all that cannot be read."""
    from monitor.core.errors import LibraryError, Problem

    found: dict[str, str] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            found[str(path)] = read_text(path)
        except UnreadableError as error:
            problems.append(Problem(str(path), 1, 1, error.reason))
    if problems:
        raise LibraryError(problems)
    return found


def texts_by_name(texts: Mapping[str, str]) -> set[str]:
    """The file names of texts that are named by their paths."""
    return {Path(path).name for path in texts}


def _no_rules(service: Service) -> str:
    return f"You have no rules of your own yet in {rules_folder(service)}. `hypewatch rules new NAME` begins one."


@rules.command()
@format_option
def history(form: str) -> None:
    """Every saved version: who, when, why.

    Example: hypewatch rules history --format json
    """
    rows = [version_row(version) for version in open_service().store.rules_history(limit=None)]
    emit(rows, form, columns=("version", "at", "by", "step", "note", "files"), empty="No version was saved yet.")


for _command in (apply, backtest, diff, explain, export, import_, pull, redo, save, undo):
    rules.add_command(_command)
#: The name that `backtest` had first.
rules.add_command(backtest, "try")
