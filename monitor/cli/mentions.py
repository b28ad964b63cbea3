"""`hypewatch mentions`: search, show, add, import and withdraw what was said."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import console, emit, open_service
from monitor.web.rows import mention_row, stamp

if TYPE_CHECKING:
    from monitor.core.mention import Mention


class QueryGroup(click.Group):
    """`hypewatch mentions cure since:7d` is a search; `hypewatch mentions show 3` a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Whatever is no command's name begins a search."""
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "search", self.commands["search"], args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """An empty search lists everything, newest first."""
        if not any(arg in {"--help", "-h"} for arg in args) and (not args or args[0] not in self.commands):
            args = ["search", *args]
        return super().parse_args(ctx, args)


@click.group(cls=QueryGroup)
def mentions() -> None:
    """Search what was said (`hypewatch mentions cure since:7d`), or show, add, import and withdraw.

    \b
    Words, "a phrase", -not, OR, NEAR, and: source: network: lang: drift: rule:
    severity: flagged:yes reviewed:no story: author: since:7d until: title:

    \b
    Example: hypewatch mentions '"walking again" flagged:yes' --since 7d
    """  # noqa: D301 - click wants the character, not the two signs


@mentions.command()
@click.argument("words", nargs=-1)
@click.option("--since", help="7d, 24h or 2025-03-24")
@click.option("--until", help="As --since")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv", "atom"]),
    default="table",
    help="Shape of the output",
)
def search(words: tuple[str, ...], since: str | None, until: str | None, limit: int, form: str) -> None:
    """Search, newest first. Exit 1 if nothing was found.

    Example: hypewatch mentions search cure lang:ja --format csv
    """
    from monitor.core.query import parse_query

    service = open_service()
    text = " ".join([*words, *([f"since:{since}"] if since else []), *([f"until:{until}"] if until else [])])
    found = service.store.search(parse_query(text, service.clock()), limit=limit)
    if form == "atom":
        from monitor.web.atom import mentions_atom

        click.echo(mentions_atom(found, query=text, base_url=service.settings.public_url, now=service.clock()))
    else:
        emit(
            [mention_row(mention) for mention in found],
            form,
            columns=("id", "published", "source", "score", "drift", "title"),
            empty="Nothing was found.",
        )
    sys.exit(0 if found else 1)


@mentions.command()
@click.argument("mention_id", type=int)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def show(mention_id: int, form: str) -> None:
    """One mention: its text with the flagged words marked, what the study found, and its revisions.

    Example: hypewatch mentions show 12
    """
    store = open_service().store
    mention = store.mention(mention_id)
    revisions = store.revisions(mention_id)
    if form == "json":
        row = mention_row(mention)
        row["score_parts"] = dict(mention.score_parts)
        row["found_on"] = mention.found_on_id  # the mention whose page quotes this post
        row["revisions"] = [
            {"number": r.number, "at": stamp(r.at), "title": r.title, "text": r.text, "text_hash": r.text_hash}
            for r in revisions
        ]
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))
        return
    _show_text(mention, len(revisions))


def _show_text(mention: Mention, revisions: int) -> None:
    from rich.text import Text

    screen = console()
    screen.print(Text(mention.title or mention.source.name, style="bold"))
    screen.print(
        f"{mention.source.name} · {stamp(mention.published)} · {mention.lang} · score {mention.score} · revision {mention.revision} of {revisions}",
        markup=False,
    )
    screen.print(f"About the study because of: {', '.join(mention.because) or '-'}", markup=False)
    body = Text(mention.text)
    for stored in mention.flags:
        if stored.state == "active" and stored.flag.span.where == "text":
            body.stylize("black on yellow", stored.flag.span.start, stored.flag.span.end)
    screen.print(body)
    for stored in mention.flags:
        flag = stored.flag
        state = "" if stored.state == "active" else f" ({stored.state})"
        screen.print(
            Text(f"\n{stored.id}  {flag.severity.value}  {flag.drift.value}  {flag.rule}{state}", style="bold")
        )
        screen.print(f"  {flag.message}", markup=False)
        if flag.source:
            screen.print(f"  Source: {flag.source.title} {flag.source.url or ''}", markup=False)
        if flag.correction:
            screen.print(f"  You could say: {flag.correction}", markup=False)


@mentions.command()
@click.argument("url")
def add(url: str) -> None:
    """Read an article that no source brought, and store it. Exit 2 if it cannot be read or is not about your study.

    Example: hypewatch mentions add https://example.org/news/spinal-cord
    """
    from monitor.pipeline.poll import add_address

    ids = add_address(open_service().world, url)
    click.echo(f"Stored as {', '.join(str(mention_id) for mention_id in ids)}." if ids else "It was stored before.")


@mentions.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--assume-relevant", is_flag=True, help="Take every line as about the study")
def import_file(file: Path, assume_relevant: bool) -> None:
    """Import a JSONL file of mentions; twice adds nothing. Exit 1 if a line could not be taken.

    \b
    Each line: {"url", "title", "text", "published", "source", "kind", "lang", "external_id"}
    Example: hypewatch mentions import saved.jsonl
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.pipeline.imports import import_lines

    world = open_service().world
    with click.open_file(str(file), encoding="utf-8", errors="replace") as lines:
        result = import_lines(world, lines, name=str(file), assume_relevant=assume_relevant)
    for problem in result.problems:
        click.echo(str(problem), err=True)
    click.echo(
        f"{result.read} lines read: {result.written} mentions new or changed, {result.other} about none of your studies, {len(result.problems)} refused."
    )
    sys.exit(1 if result.problems else 0)


@mentions.command()
@click.argument("mention_id", type=int)
@click.confirmation_option("--yes", prompt="Take its text and author away for good?")
def purge(mention_id: int) -> None:
    """Take a mention's text and author away for good; it cannot be polled again.

    Example: hypewatch mentions purge 12 --yes
    """
    service = open_service()
    service.store.purge(mention_id, now=service.clock())
    click.echo(f"Mention {mention_id} is gone, and its address will not be read again.")
