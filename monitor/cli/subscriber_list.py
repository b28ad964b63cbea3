"""`hypewatch subscribers export` and `import`: the list of people as a file."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service, the_study

if TYPE_CHECKING:
    from monitor.pipeline.subscriber_list import Taken


@click.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "jsonl"]),
    default="csv",
    show_default=True,
    help="Shape of the file",
)
def export_list(form: str) -> None:
    """Everybody, with all that they asked for and where they stand. `subscribers import` reads it again, here or elsewhere.

    Example: hypewatch subscribers export > list.csv
    """
    from monitor.export.subscribers import subscriber_row

    service = open_service()
    rows = [subscriber_row(subscription, service.clock()) for subscription in service.store.subscriptions()]
    emit(rows, form, columns=())


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--study", "study_id", help="Fact sheet for rows that name none; needed if there is more than one")
@click.option("--confirmed", is_flag=True, help="All of them agreed already: send no confirmation mails")
@click.option("--dry-run", is_flag=True, help="Only tell what would become of each row")
@click.option(
    "--encoding", default="utf-8", show_default=True, help="How the file's letters are written, such as cp1252"
)
@format_option
def import_list(file: Path, study_id: str | None, *, confirmed: bool, dry_run: bool, encoding: str, form: str) -> None:
    """Take people from a file: an export, a table with a column email (CSV, also with semicolons), or one address on each line.

    Who is new is asked by mail first. Who is known keeps what the file does not name; twice changes nothing. Who had left
    does not come back by a list, and who gets no mail because it came back gets none still. Each row that cannot be taken
    is told as FILE:LINE:COLUMN, and the others are taken. Exit 1 if there was one.

    \b
    Example: hypewatch subscribers import list.csv --dry-run
    Example: hypewatch subscribers import list.csv --confirmed
    Example: hypewatch subscribers import addresses.txt --study keio-ips-sci
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.errors import Problem, UsageError
    from monitor.export.rows import plain_cell
    from monitor.pipeline.subscriber_list import import_people
    from monitor.sources.files.people import read_people
    from monitor.sources.files.tables import pieces

    deps = open_service().deps
    name, count, taken = str(file), Counter[str](), []
    study = deps.library.study(study_id).id if study_id else the_study(deps.library)
    try:
        stream = click.open_file(name, encoding=encoding, errors="surrogateescape")
    except LookupError:
        raise UsageError(f"There is no encoding {encoding!r}.", "Write utf-8, utf-16-le or cp1252.") from None
    with stream:
        rows = read_people(pieces(stream), name, tell=_say, plain=plain_cell)
        for one in import_people(deps, rows, name=name, study_id=study, confirmed=confirmed, dry=dry_run):
            if isinstance(one, Problem):
                count["refused"] += 1
                _say(str(one))
                continue
            count[one.became] += 1
            taken.append(one)
            if one.why and not dry_run:
                _say(f"{name}:{one.line}: {one.email} is passed over. {one.why}")
    if dry_run or form != "table":
        emit([_row(one) for one in taken], form, columns=("line", "email", "study", "became", "why"))
    _say(_summary(count, dry=dry_run))
    sys.exit(1 if count["refused"] else 0)


def _say(words: str) -> None:
    """Beside the rows, which may go into a file."""
    click.echo(words, err=True)


def _row(one: Taken) -> dict[str, object]:
    return {"line": one.line, "email": one.email, "study": one.study, "became": one.became.value, "why": one.why}


def _summary(count: Counter[str], *, dry: bool) -> str:
    """One sentence for a person."""
    asked = f" ({count['asked']} of them {'would be' if dry else 'are'} asked first)" if count["asked"] else ""
    begin = "Nothing was changed. An import would say: " if dry else ""
    return (
        f"{begin}{count.total()} read: {count['added'] + count['asked']} added{asked}, {count['changed']} changed, "
        f"{count['same']} the same, {count['passed']} passed over, {count['refused']} refused."
    )
