"""`hypewatch rules`: see what is flagged and why, and tune it. Your own rules are files in the home folder."""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.desk import bring, follow, load_with, read_folder, rule_of, rules_folder, saved_files
from monitor.cli.rule_explain import explain
from monitor.cli.shared import emit, format_option, open_service, stamp
from monitor.core.mention import Step
from monitor.home_files import UnreadableError, read_text, write_private
from monitor.library.rule_template import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.evaluation.backtest import Backtest, Moved
    from monitor.core.rules.rule import Rule
    from monitor.service import Service


@click.group()
def rules() -> None:
    """See and tune what is flagged. Your own rules are files in the folder `rules` of the home.

    \b
    Example: hypewatch rules new our-cure --words "cure for paralysis"
    Example: hypewatch rules try --since 30d
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


def rule_row(rule: Rule) -> dict[str, Any]:
    """A rule as output holds it."""
    return {
        "id": rule.id,
        "pack": rule.pack,
        "drift": rule.drift.value,
        "severity": rule.severity.value,
        "status": rule.status.value,
        "kind": rule.kind.value,
        "finding": rule.finding,
        "languages": list(rule.languages),
        "confidence": rule.confidence,
        "message": rule.message,
        "why": rule.why,
    }


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
    click.echo(f"Written: {path}. Edit it, then `hypewatch rules check`, `rules try` and `rules save`.")


@rules.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(files: tuple[Path, ...]) -> None:
    """Check your rules (or the files named): do they load, and do their examples hold? Exit 2 if not.

    Example: hypewatch rules check
    """
    from monitor.core.errors import LibraryError
    from monitor.pipeline.tune import example_problems

    service = open_service()
    texts = named_texts(files) or {
        str(rules_folder(service) / name): text for name, text in read_folder(rules_folder(service)).items()
    }
    library = load_with(service, texts)
    mine = [rule for rule in library.rules() if rule.path in texts]
    changes = [change for change in library.changes() if change.path in texts]
    problems = [*library.unwritten(mine), *example_problems(library, mine, changes)]
    if problems:
        raise LibraryError(problems)
    click.echo(f"{len(mine)} rules of yours load and their examples hold." if mine else _no_rules(service))
    if gone := [] if files else sorted(saved_files(service).keys() - texts_by_name(texts)):
        click.echo(f"In use, and not in the folder: {', '.join(gone)}. `hypewatch rules pull` writes them there.")


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


@rules.command("try")
@click.option("--since", default="30d", show_default=True, help="How far back")
@click.option("--study", "study_id", help="Fact sheet; default: the first")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def try_(since: str, study_id: str | None, form: str) -> None:
    """What your edited rules would have done to the stored mentions: flags gained, lost, kept. Nothing is saved or sent.

    Exit 1 if a flag would be lost that somebody upheld.

    Example: hypewatch rules try --since 30d
    """
    from monitor.pipeline.tune import try_rules

    service = open_service()
    edited = load_with(service, read_folder(rules_folder(service)))
    study = edited.study(study_id) if study_id else edited.default()
    saved = load_with(service, saved_files(service))
    result = try_rules(service.store, study, saved, edited, since, service.clock)
    if form == "json":
        click.echo(json.dumps(_backtest_row(result), ensure_ascii=False, indent=2))
    else:
        _print_backtest(result, since)
    sys.exit(1 if result.lost_upheld else 0)


def _backtest_row(result: Backtest) -> dict[str, Any]:
    def moved(rows: list[Moved]) -> list[dict[str, Any]]:
        return [
            {
                "mention": row.mention_id,
                "source": row.source,
                "rule": row.flag.rule,
                "drift": row.flag.drift.value,
                "quote": row.flag.span.quote,
                "review": row.review,
            }
            for row in rows
        ]

    return {
        "mentions": result.mentions,
        "kept": result.kept,
        "gained": moved(result.gained),
        "lost": moved(result.lost),
        "lost_upheld": len(result.lost_upheld),
    }


def _print_backtest(result: Backtest, since: str) -> None:
    for sign, rows in (("+", result.gained), ("-", result.lost)):
        for row in rows:
            reviewed = f" ({row.review})" if row.review else ""
            click.echo(
                f"{sign} {row.source}, mention {row.mention_id}: {row.flag.rule} “{row.flag.span.quote}”{reviewed}"
            )
    click.echo(
        f"{result.mentions} mentions since {since}: {len(result.gained)} flags gained, {len(result.lost)} lost, {result.kept} kept."
    )
    if result.lost_upheld:
        click.echo(
            f"{len(result.lost_upheld)} of the lost flags were upheld by a person: look at them before you save."
        )


@rules.command()
@click.option("--note", default="", help="What you changed, for the history")
@click.option("--by", default=None, help="Who saves; default: your login name")
@click.option("--remove", is_flag=True, help="Rules in use whose file is not in the folder go out of use")
def save(note: str, by: str | None, *, remove: bool) -> None:
    """Put your edited rules to use: a new version, which `undo` takes back.

    Refused if an example fails, and, without --remove, if a rule in use has no file in the folder: on another machine the
    folder may never have held it.

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
    version, judged = save_rules(
        service.deps, files, lambda texts: load_with(service, texts), author=by or getpass.getuser(), note=note
    )
    click.echo(f"Saved as version {version.id} ({version.digest[:19]}); {judged} stored mentions were judged again.")


@rules.command()
@click.option("--by", default=None, help="Who undoes; default: your login name")
def undo(by: str | None) -> None:
    """Take the last save back: what stood before it is put to use again, and into your folder. Again: the one before that.

    Example: hypewatch rules undo
    """
    _move(Step.UNDO, by)


@rules.command()
@click.option("--by", default=None, help="Who redoes; default: your login name")
def redo(by: str | None) -> None:
    """Put to use again what the last undo took back, as long as nothing was saved since.

    Example: hypewatch rules redo
    """
    _move(Step.REDO, by)


def _move(step: Step, by: str | None) -> None:
    from monitor.pipeline.tune import move_rules

    service = open_service()
    was = saved_files(service)
    version, judged, said = move_rules(
        service.deps, lambda texts: load_with(service, texts), step=step, author=by or getpass.getuser()
    )
    click.echo(f"{said} as version {version.id}; {judged} mentions were judged again.")
    for path in follow(rules_folder(service), was, version.files):
        click.echo(f"{path} holds changes that were not saved; it is left as it is.")


@rules.command()
def pull() -> None:
    """Write the rules in use into your folder, as on another machine or after a file was lost. What you edited is left.

    Example: hypewatch rules pull
    """
    service = open_service()
    service.make_home()
    for line in bring(service):
        click.echo(line)


@rules.command()
@format_option
def history(form: str) -> None:
    """Every saved version: who, when, why.

    Example: hypewatch rules history --format json
    """
    rows = [
        {
            "version": version.id,
            "at": stamp(version.at),
            "by": version.author,
            "step": version.step.value,
            "note": version.note,
            "files": sorted(version.files),
            "digest": version.digest,
        }
        for version in open_service().store.rules_history(limit=None)
    ]
    emit(rows, form, columns=("version", "at", "by", "step", "note", "files"), empty="No version was saved yet.")


rules.add_command(explain)
