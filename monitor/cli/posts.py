"""`hypewatch posts`: recorded payloads of a network, read offline."""

from __future__ import annotations

import json
import sys

import click

from monitor.core.model import FeedKind


@click.group()
def posts() -> None:
    """Read recorded posts of a network, offline.

    Example: hypewatch posts parse --network x saved.json
    """


@posts.command()
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--network",
    type=click.Choice([*(kind.slug for kind in FeedKind if kind.searches), "reddit"]),
    required=True,
    help="Whose payloads they are",
)
@click.option("--format", "form", type=click.Choice(["jsonl", "text"]), default="text", help="Shape of the output")
def parse(files: tuple[str, ...], network: str, form: str) -> None:
    """Read payloads as the network's API gave them, one post a line. Exit 2 if a file cannot be read.

    In `jsonl`, `beside` holds what is judged along with the text: content warnings, answers of polls, descriptions of
    pictures, titles of cards.

    Example: hypewatch posts parse --network x saved.json --format jsonl
    """
    from monitor.sources.networks.recorded import posts_parse_file

    failed = False
    for path in files:
        try:
            for row in posts_parse_file(path, network):
                line = f"{row['published'] or '-'}  @{row['author']}  {row['text'][:100]}"
                click.echo(json.dumps(row, ensure_ascii=False) if form == "jsonl" else line.replace("\n", " "))
        except (OSError, ValueError) as error:
            failed = True
            click.echo(json.dumps({"file": path, "error": str(error)}, ensure_ascii=False), err=form == "text")
    sys.exit(2 if failed else 0)
