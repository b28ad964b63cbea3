"""`hypewatch rules import`, `export`, `pull` and `diff`: your rules as files, in and out."""

from __future__ import annotations

import difflib
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.desk import bring, read_folder, rules_folder, saved_files
from monitor.cli.rule_apply import apply_now, tell_saved
from monitor.cli.shared import open_service
from monitor.home_files import follow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.mention import RuleSetVersion


@click.command("import")
@click.argument("source", type=click.Path(allow_dash=True))
@click.option("--note", default="", help="Why, for the history")
@click.option("--by", default=None, help="Who imports; default: your login name")
@click.option("--replace", is_flag=True, help="Rules in use that are not among them go out of use")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def import_(source: str, note: str, by: str | None, form: str, *, replace: bool) -> None:
    """Put rules to use from a folder, a YAML file, or what `rules export` wrote (`-`: from standard input): a new version.

    Rules in use that are not among them stay, unless --replace is given; what is in use already makes no version. Refused with every problem if one does not load.

    \b
    Example: hypewatch rules import their-rules/
    Example: hypewatch rules import rules.json --replace
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.pipeline.tune import save_rules

    service = open_service()
    was = saved_files(service)
    given = files_from(source)
    files = given if replace else {**was, **given}
    if files == was:
        _say_nothing_new(form)
        return
    version = save_rules(
        service.deps,
        files,
        author=by or getpass.getuser(),
        note=note or f"import of {len(given)} files",
        was=None if replace else was,
    )
    judged = apply_now(service)
    service.make_home()
    edited = follow(rules_folder(service), was, version.files)
    tell_saved(f"{len(given)} files are in use as version {version.id}", version, judged, form, edited)


def _say_nothing_new(form: str) -> None:
    if form == "json":
        click.echo(json.dumps({"version": None, "judged": 0}))
    else:
        click.echo("Nothing new: all of these rules are in use as they are.")


def files_from(source: str) -> dict[str, str]:
    """The rule files of a folder, of one YAML file, or of an export, by name. Raises LibraryError or UsageError."""
    from monitor.export.rule_pack import names_of, read_pack
    from monitor.home_files import UnreadableError, read_text

    path = Path(source)
    if source != "-" and path.is_dir():
        found = read_folder(path)
    elif path.suffix in {".yaml", ".yml"}:
        found = {f"{path.stem}.yaml": _text(path, read_text, UnreadableError)}
    else:
        found = read_pack(sys.stdin.read() if source == "-" else _text(path, read_text, UnreadableError), source)
    return names_of(found, source)


def _text(path: Path, read_text: Any, unreadable: type[Exception]) -> str:
    from monitor.core.errors import UsageError

    try:
        return str(read_text(path))
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.", "Name a folder, a YAML file, or an export.") from None
    except unreadable as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Name a folder, a YAML file, or an export.") from None


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
def export(file: str | None) -> None:
    """Your rules in use as one file, to standard output or FILE: `rules import` takes it back, byte for byte the same.

    Example: hypewatch rules export rules.json
    """
    from monitor.export.rule_pack import write_pack
    from monitor.home_files import write_private

    service = open_service()
    text = write_pack(saved_files(service))
    if file is None or file == "-":
        click.echo(text, nl=False)
    else:
        write_private(Path(file), text)
        click.echo(f"Written: {file}.")


@click.command()
def pull() -> None:
    """Write the rules in use into your folder, as on another machine or after a file was lost. What you edited is left.

    Example: hypewatch rules pull
    """
    service = open_service()
    service.make_home()
    for line in bring(service):
        click.echo(line)


@click.command()
@click.argument("old", type=int)
@click.argument("new", type=int)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def diff(old: int, new: int, form: str) -> None:
    """What differs between two saved versions; 0 is the time before the first. Exit 1 if something does.

    Example: hypewatch rules diff 3 5
    """
    versions = {version.id: version for version in open_service().store.rules_history(limit=None)}
    was, now = (_files(versions, number) for number in (old, new))
    rows = [
        {"file": name, "change": _change(was, now, name), "lines": _lines(was.get(name), now.get(name))}
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    if form == "json":
        click.echo(json.dumps({"old": old, "new": new, "files": rows}, ensure_ascii=False, indent=2))
    else:
        for row in rows:
            click.echo(f"{row['file']}: {row['change']}")
            for line in row["lines"]:
                click.echo(f"  {line}")
        if not rows:
            click.echo(f"Versions {old} and {new} hold the same rules.")
    sys.exit(1 if rows else 0)


def _files(versions: Mapping[int, RuleSetVersion], number: int) -> Mapping[str, str]:
    from monitor.core.errors import NotFoundError

    if number == 0:
        return {}
    if number not in versions:
        raise NotFoundError(f"There is no version {number} of the rules.", "`hypewatch rules history` lists them.")
    return versions[number].files


def _change(was: Mapping[str, str], now: Mapping[str, str], name: str) -> str:
    return "added" if name not in was else "removed" if name not in now else "changed"


def _lines(was: str | None, now: str | None) -> list[str]:
    """Lines that went (-) and came (+), with what stands around them."""
    found = difflib.unified_diff((was or "").splitlines(), (now or "").splitlines(), n=1, lineterm="")
    return [line for line in found if not line.startswith(("---", "+++"))]
