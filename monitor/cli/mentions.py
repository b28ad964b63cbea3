"""`hypewatch mentions`: search, show, add, import and withdraw what was said."""

from __future__ import annotations

import difflib
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.mention_imports import add, backfill, import_file
from monitor.cli.shared import SearchCommand, console, emit, open_service, refuse_list, typed
from monitor.core.errors import UsageError
from monitor.core.mention import FlagState
from monitor.core.model import Network
from monitor.core.text.lang import not_judged
from monitor.export.rows import mention_row, stamp
from monitor.export.tables import Rows, flag_rows, mentions_in_portions, rows_in, table_of
from monitor.ports import RETAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.mention import Mention, Review
    from monitor.export.provenance import Provenance
    from monitor.service import Service


#: What is told where a search finds nothing, and forms that no screen shows.
NOTHING = "Nothing was found."
BINARY = frozenset({"xlsx", "parquet"})


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
        """An empty search lists everything, newest first. What is nearly a command's name is taken for a slip."""
        if not any(arg in {"--help", "-h"} for arg in args) and (not args or args[0] not in self.commands):
            refuse_list(args, "mentions")
            meant = difflib.get_close_matches(args[0], self.commands, n=1, cutoff=0.75) if args else ()
            if meant:
                raise UsageError(
                    f"There is no command {args[0]!r}; did you mean `hypewatch mentions {meant[0]}`?",
                    f"To search for the word: `hypewatch mentions search {args[0]}`.",
                )
            args = ["search", *args]
        return super().parse_args(ctx, args)


@click.group(cls=QueryGroup)
def mentions() -> None:
    """Search what was said (`hypewatch mentions cure since:7d`), or show, add, import and withdraw.

    \b
    Words, "a phrase", -not, AND, OR, NEAR, ( ), walk*, patient~, and: source:
    outlet: network: lang: drift: rule: severity: tier: score:>50 flagged:yes
    reviewed:no has:correction story: study: author: title: since:7d until: read:24h

    \b
    Example: hypewatch mentions '"walking again" flagged:yes' --since 7d
    """  # noqa: D301 - click wants the character, not the two signs


@mentions.command(cls=SearchCommand)
@click.argument("words", nargs=-1)
@click.option("--since", help="7d, 24h or 2025-03-24")
@click.option("--until", help="As --since")
@click.option("--saved", help="Within what this saved search finds: its name or number")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many mentions")
@click.option("--all", "everything", is_flag=True, help="Everything that is found, whatever --limit says")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv", "atom", "xlsx", "parquet", "html"]),
    default="table",
    help="Shape of the output",
)
@click.option(
    "--rows",
    type=click.Choice(["mentions", "flags"]),
    default="mentions",
    show_default=True,
    help="A row for each mention, or for each flag: who said what, what is right, where to read it",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write into this file; it is there once it is whole",
)
def search(
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    saved: str | None,
    limit: int,
    everything: bool,
    form: str,
    rows: str,
    output: Path | None,
) -> None:
    """Search, newest first. Exit 1 if nothing was found.

    \b
    Example: hypewatch mentions search cure lang:ja --format csv
    Example: hypewatch mentions since:7d --format html --output report.html
    Example: hypewatch mentions flagged:yes --all --rows flags --format xlsx --output said.xlsx
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.search.nodes import both
    from monitor.pipeline.searches import named_search

    service = open_service()
    bounds = [f"{name}:{value}" for name, value in (("since", since), ("until", until)) if value]
    query = both(service.ask(typed(words)), service.ask(" ".join(bounds)))
    if saved is not None:
        query = both(service.ask(named_search(service.store, saved).query), query)
    for remark in query.remarks:
        click.echo(remark, err=True)
    now = service.clock()
    # A table says nothing of how many there are: then no more is read than it shows.
    ids = service.store.found_ids(query, most=limit if form == "table" and not everything else None)
    held = ids if everything else ids[:limit]
    if form == "table":
        _print_table(service, held, Rows(rows))
    elif form == "html":
        from monitor.web.report import report_file

        _write(iter([report_file(service, query, now).encode()]), form, output)
    else:
        from monitor.export.provenance import provenance

        about = provenance(query.text, at=now, found=len(ids), held=len(held), library=service.library)
        _write(_pieces(service, held, form, Rows(rows), about), form, output)
    sys.exit(0 if ids else 1)


def _print_table(service: Service, ids: Sequence[int], rows: Rows) -> None:
    found = mentions_in_portions(service.store, ids)
    if rows is Rows.FLAGS:
        said = [row for one in found for row in flag_rows(one, service.settings.public_url)]
        emit(said, "table", columns=("published", "outlet", "tier", "quote", "study_found"), empty=NOTHING)
        return
    listed = [mention_row(one) for one in found]
    for row in listed:
        row["drift"] = row["drift"] or row["reason"] or []
    emit(listed, "table", columns=("id", "published", "source", "score", "drift", "title"), empty=NOTHING)


def _pieces(service: Service, ids: Sequence[int], form: str, rows: Rows, about: Provenance) -> Iterator[bytes]:
    """The file, made while it is written."""
    base_url = service.settings.public_url
    found = mentions_in_portions(service.store, ids)
    if form == "atom":
        from monitor.export.atom import COMMAND_ENTRIES, mentions_atom

        if len(ids) > COMMAND_ENTRIES:
            raise UsageError(f"A feed holds at most {COMMAND_ENTRIES:,} mentions.", "Take --format jsonl for more.")
        return iter([mentions_atom(tuple(found), about, base_url=base_url).encode()])
    from monitor.export.forms import FORMS, json_list_pieces

    table = table_of(found, rows, about, base_url=base_url)
    if form == "json":
        return json_list_pieces(table)
    FORMS[form].check(lambda: rows_in(service.store, ids, rows))
    return FORMS[form].write(table)


def _write(pieces: Iterator[bytes], form: str, output: Path | None) -> None:
    """Onto standard output, or into a file that has its name only when it is whole."""
    if output is None:
        out = sys.stdout.buffer
        if form in BINARY and out.isatty():
            raise UsageError(f"A file of the form {form} is nothing for a screen.", f"Say --output mentions.{form}.")
        for piece in pieces:
            out.write(piece)
        out.flush()
        return
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(output)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.", "Name another file.") from None
    finally:
        part.unlink(missing_ok=True)


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
        for flag in row["flags"]:
            flag["reviews"] = [
                {"verdict": review.verdict, "by": review.by, "at": stamp(review.at), "why": review.why}
                for review in store.reviews(flag["id"])
            ]
        row["found_on"] = mention.found_on_id  # the mention whose page quotes this post
        row["revisions"] = [
            {"number": r.number, "at": stamp(r.at), "title": r.title, "text": r.text, "text_hash": r.text_hash}
            for r in revisions
        ]
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))
        return
    _show_text(mention, len(revisions), {stored.id: store.reviews(stored.id) for stored in mention.flags})


def _show_text(mention: Mention, revisions: int, reviews: Mapping[int, Sequence[Review]]) -> None:
    from rich.text import Text

    screen = console()
    screen.print(Text(mention.title or mention.source.name, style="bold"))
    screen.print(
        f"{mention.source.name} · {stamp(mention.published)} · {mention.lang} · score {mention.score} · revision {mention.revision} of {revisions}",
        markup=False,
    )
    if not mention.judged:
        screen.print(f"{not_judged(mention.lang)}: there are no rules for this language.", markup=False)
    screen.print(f"About the study because of: {', '.join(mention.because) or '-'}", markup=False)
    body = Text(mention.text)
    for stored in mention.flags:
        if stored.state is FlagState.ACTIVE and stored.flag.span.where == "text":
            body.stylize("black on yellow", stored.flag.span.start, stored.flag.span.end)
    screen.print(body)
    for stored in mention.flags:
        flag = stored.flag
        state = "" if stored.state is FlagState.ACTIVE else f" ({stored.state})"
        screen.print(
            Text(f"\n{stored.id}  {flag.severity.value}  {flag.drift.value}  {flag.rule}{state}", style="bold")
        )
        screen.print(f"  {flag.message}", markup=False)
        if flag.source:
            screen.print(f"  Source: {flag.source.title} {flag.source.url or ''}", markup=False)
        if flag.correction:
            screen.print(f"  You could say: {flag.correction}", markup=False)
        for review in reviews[stored.id]:
            screen.print(f"  {review.verdict} by {review.by}, {stamp(review.at)} {review.why}".rstrip(), markup=False)


@mentions.command()
@click.argument("mention_id", type=int)
@click.confirmation_option("--yes", prompt="Take its text and author away for good?")
def purge(mention_id: int) -> None:
    """Take a mention's text and author away for good; it cannot be polled again.

    Example: hypewatch mentions purge 12 --yes
    """
    service = open_service()
    service.store.purge(mention_id, now=service.clock())
    service.forget_mails()
    click.echo(f"Mention {mention_id} is gone, and its address will not be read again.")


@mentions.command()
@click.option("--network", type=click.Choice([network.value for network in Network]), help="Whose mentions")
@click.option(
    "--days", type=click.IntRange(1, 36_500), help="How many days they are kept, from when they were first seen"
)
@click.option("--always", is_flag=True, help="From now on: housekeeping purges what gets older than that")
@click.option("--off", is_flag=True, help="Keep the network's mentions again for as long as you like")
@click.option("--yes", is_flag=True, help="Do not ask first")
def retain(network: str | None, days: int | None, always: bool, off: bool, yes: bool) -> None:
    """Purge what is older than some days, network by network, once or from now on. Alone it tells what is set.

    \b
    Example: hypewatch mentions retain --network x --days 30 --yes
    Example: hypewatch mentions retain --network x --days 30 --always --yes
    Example: hypewatch mentions retain --network x --off
    """  # noqa: D301 - click wants the character, not the two signs
    service = open_service()
    store, now = service.store, service.clock()
    if network is None and days is None and not (always or off):
        for one in Network:
            kept = store.setting(f"{RETAIN}{one}")
            click.echo(f"{one.value:<11} {f'{kept} days' if kept else 'for as long as you like'}")
        return
    if network is None or (days is None) == (not off) or (off and always):
        raise UsageError(
            "Name a --network, and either --days or --off.", "`hypewatch mentions retain --help` has examples."
        )
    if days is None:
        store.set_setting(f"{RETAIN}{network}", "")
        click.echo(f"What comes from {network} is kept for as long as you like.")
        return
    before = now - timedelta(days=days)
    said, read = store.older(network, before)
    click.echo(
        f"{said} mentions from {network} were first seen before {before:%Y-%m-%d}, and {read} other items that were read."
    )
    if not yes:
        click.confirm("Take their text and author away for good?", abort=True)
    if always:
        store.set_setting(f"{RETAIN}{network}", str(days))
    while store.purge_older(network, before, now=now):
        pass
    service.forget_mails()
    click.echo("They are gone." + (f" From now on each goes after {days} days." if always else ""))


for _command in (add, import_file, backfill):
    mentions.add_command(_command)
