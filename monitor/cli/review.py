"""`hypewatch review`: say whether a flag is right. `hypewatch reviews`: what was decided, and how often each rule was right."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.mention import Verdict

if TYPE_CHECKING:
    from datetime import datetime

#: The word that takes a verdict back.
UNDO = "undo"


@click.command()
@click.argument("flag_id", type=int)
@click.argument("verdict", type=click.Choice([*(verdict.value for verdict in Verdict), UNDO]))
@click.option("--why", default="", help="A note for later")
@click.option("--by", default=None, help="Who says so; default: your login name")
def review(flag_id: int, verdict: str, why: str, by: str | None) -> None:
    """Say whether a flag is right: upheld, dismissed, or not about the study; `undo` takes the newest verdict back.

    It is in force at once, also for the same words in the same text and in its copies; not-about sets the whole text aside.
    Dismissed flags are mailed no more.

    Example: hypewatch review 17 dismissed --why "the sentence before takes it back"
    """
    from monitor.pipeline.review import decide, take_back

    service = open_service()
    by, now = by or getpass.getuser(), service.clock()
    if verdict == UNDO:
        take_back(service.store, [flag_id], by=by, now=now)
        newest = service.store.flag(flag_id).review
        click.echo(f"Flag {flag_id}: taken back; it is {newest or 'not decided'} again.")
        return
    held = decide(service.store, [flag_id], Verdict(verdict), by=by, why=why, now=now)
    click.echo(f"Flag {flag_id}: {verdict}.")
    if more := len(held) - 1:
        click.echo(f"It holds for {more} more {'flag' if more == 1 else 'flags'}: the same words, or the same text.")
    if Verdict(verdict) is Verdict.DISMISSED:
        click.echo(
            "To make the rule keep quiet on such sentences, add the sentence to its `passes:` (`hypewatch help rules`)."
        )


@click.group()
def reviews() -> None:
    """What people decided about flags, and how often each rule was right.

    \b
    Example: hypewatch reviews list --since 30d
    Example: hypewatch reviews rules
    """  # noqa: D301 - click wants the character, not the two signs


@reviews.command("list")
@click.option("--rule", default=None, help="Of one rule")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]), default=None, help="Of one kind")
@click.option("--by", default=None, help="By one person")
@click.option("--since", default=None, help="Since when: 7d, or a day such as 2025-03-24")
@click.option("--undone", is_flag=True, help="Also those that were taken back")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many")
@format_option
def list_reviews(
    rule: str | None, verdict: str | None, by: str | None, since: str | None, *, undone: bool, limit: int, form: str
) -> None:
    """Decisions, newest first; what holds for copies is told once.

    Example: hypewatch reviews list --rule above-outcome --verdict dismissed
    """
    from monitor.export.rows import review_row

    service = open_service()
    found = service.store.decisions(
        rule=rule,
        verdict=Verdict(verdict) if verdict else None,
        by=by,
        since=_since(since, service.clock()),
        undone=undone,
        limit=limit,
    )
    columns = ("at", "by", "verdict", "flag", "rule", "quote", "outlet", "why")
    empty = "Nothing was decided yet. `hypewatch review FLAG upheld` decides; the pages do, too."
    emit([review_row(one) for one in found], form, columns=columns, empty=empty)


@reviews.command()
@format_option
def rules(form: str) -> None:
    """How often each rule was right by what was decided, with a 95 % interval (Wilson's).

    Whether a text is about the study is not the rule's affair: `not_about` is counted and is no part of the precision.

    Example: hypewatch reviews rules --format json
    """
    rows = [
        {
            "rule": record.rule,
            "right": record.upheld,
            "wrong": record.dismissed,
            "not_about": record.not_about,
            "precision": None if record.precision is None else round(record.precision, 3),
            "interval": None if record.interval is None else [round(end, 3) for end in record.interval],
            "wrong_in_a_row": record.streak,
        }
        for record in open_service().store.rule_records().values()
    ]
    columns = ("rule", "right", "wrong", "not_about", "precision", "interval", "wrong_in_a_row")
    emit(rows, form, columns=columns, empty="Nothing was decided yet.")


@reviews.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="A file; default: the screen"
)
def export(out: Path | None) -> None:
    """Every decision in force as JSON lines, oldest first, which `hypewatch reviews import` reads on another machine.

    Example: hypewatch reviews export --out reviews.jsonl
    """
    from monitor.export.rows import review_row

    found = open_service().store.decisions(limit=None)
    lines = [json.dumps(review_row(one), ensure_ascii=False) for one in reversed(found)]
    text = "".join(f"{line}\n" for line in lines)
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"{len(lines)} decisions are written to {out}.")


@reviews.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
def import_reviews(file: Path) -> None:
    """Take over decisions that were exported elsewhere. Twice adds nothing; each line that cannot be used is told.

    Exit 1 if a flag is not stored here, 2 if a line cannot be read; the others are taken over.

    Example: hypewatch reviews import reviews.jsonl
    """
    from monitor.pipeline.review import Imported, bring_reviews

    service, count = open_service(), Imported()
    name = "-" if str(file) == "-" else str(file)
    with click.open_file(str(file), encoding="utf-8-sig", errors="replace") as lines:
        for problem in bring_reviews(service.store, lines, count, source=name, now=service.clock()):
            click.echo(str(problem), err=True)
    click.echo(str(count))
    sys.exit(2 if count.refused else 1 if count.unknown else 0)


def _since(given: str | None, now: datetime) -> datetime | None:
    """A moment as the query language reads it after `since:`."""
    from monitor.core.errors import UsageError
    from monitor.core.search.nodes import Since
    from monitor.core.search.query import parse_query

    if given is None:
        return None
    root = parse_query(f"since:{given}", now).root
    if not isinstance(root, Since):
        raise UsageError(f"--since {given!r} is no time.", "Write 24h, 7d, 2w or a day such as 2025-03-24.")
    return root.moment
