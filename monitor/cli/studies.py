"""`hypewatch studies`: the fact sheets that texts are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.shared import emit, format_option, open_service

if TYPE_CHECKING:
    from monitor.core.errors import Problem
    from monitor.core.study import Study
    from monitor.library.load import Library


@click.group()
def studies() -> None:
    """The fact sheets that texts are compared with. Yours lie in the folder `studies` of the home.

    Example: hypewatch studies show keio-ips-sci
    """


def _library() -> Library:
    from monitor.library.load import Library

    return Library(open_service().settings.home / "studies", {})


@studies.command("list")
@format_option
def list_studies(form: str) -> None:
    """Every fact sheet.

    Example: hypewatch studies list
    """
    rows = [
        {
            "id": study.id,
            "name": study.name,
            "institution": study.institution,
            "as_of": study.as_of.isoformat(),
            "findings": len(study.findings),
        }
        for study in _library().studies()
    ]
    emit(rows, form, columns=("id", "name", "as_of", "findings"))


@studies.command()
@click.argument("study_id")
@format_option
def show(study_id: str, form: str) -> None:
    """What a study found, each finding with its source and its date.

    Example: hypewatch studies show keio-ips-sci
    """
    emit(finding_rows(_library().study(study_id)), form, columns=("finding", "says", "source", "as_of"))


def finding_rows(study: Study) -> list[dict[str, Any]]:
    """The findings as output holds them."""
    return [
        {
            "finding": finding.id,
            "says": finding.sentence,
            "quote": finding.quote,
            "source": finding.reference.title,
            "url": finding.reference.url,
            "as_of": finding.as_of.isoformat(),
            "correction": finding.correction,
        }
        for finding in study.findings.values()
    ]


@studies.command()
@click.argument("study_id")
@click.option(
    "--from", "source", type=click.File(encoding="utf-8"), help="An abstract or press release to draft it from"
)
def new(study_id: str, source: Any) -> None:
    """Begin a fact sheet of your own: writes a file to edit. Sentences of the text become findings to confirm.

    Example: hypewatch studies new my-study --from abstract.txt
    """
    from monitor.core.errors import UsageError
    from monitor.library.draft import draft_study

    service = open_service()
    service.make_home()
    path = service.settings.home / "studies" / f"{study_id}.yaml"
    if path.exists():
        raise UsageError(f"{path} is there already.", "Edit it, or choose another name.")
    text = draft_study(study_id, source.read() if source else "", today=service.clock().date())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"Written: {path}. Edit it, then `hypewatch studies check {path}`.")


@studies.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(files: tuple[Path, ...]) -> None:
    """Check fact sheets: do they load, and do the rules read them? Every problem with its place; exit 2 if there is one.

    Example: hypewatch studies check my-study.yaml
    """
    from monitor.core.errors import LibraryError
    from monitor.library.load import Library

    problems: list[Problem] = []
    good: list[str] = []
    for path in files or sorted((open_service().settings.home / "studies").glob("*.yaml")):
        try:
            study = Library.single(path)
        except LibraryError as error:
            problems.extend(error.problems)
        else:
            good.append(study.id)
    if problems:
        raise LibraryError(problems)
    click.echo(f"{', '.join(good)}: all right." if good else "There is no fact sheet of yours to check.")
