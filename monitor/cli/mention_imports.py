"""`hypewatch mentions add|import|backfill`: what was said and no source brought."""

from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

from monitor.cli.shared import open_service, reading
from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.core.errors import Problem
    from monitor.ports import Library


@click.command()
@click.argument("url")
def add(url: str) -> None:
    """Read an article that no source brought, and store it. Exit 2 if it cannot be read or is not about your study.

    Example: hypewatch mentions add https://example.org/news/spinal-cord
    """
    from monitor.pipeline.poll import add_address

    ids = add_address(open_service().deps, url)
    click.echo(f"Stored as {', '.join(str(mention_id) for mention_id in ids)}." if ids else "It was stored before.")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "jsonl", "json", "csv", "ndjson", "urls", "text"]),
    default="auto",
    show_default=True,
    help="Shape of the file; auto looks at its first line",
)
@click.option("--text", help="Import these words instead of a file")
@click.option("--url", help="Where the words of --text or a text file can be read")
@click.option("--title", default="", help="Their headline")
@click.option("--source", default="", help="Who said them: an outlet's domain or @name")
@click.option("--date", default="", help="When they were said, such as 2025-03-24")
@click.option(
    "--encoding", default="utf-8", show_default=True, help="How the file's letters are written, such as cp1252"
)
@click.option("--assume-relevant", is_flag=True, help="Take every line as about the study")
def import_file(
    file: Path | None,
    form: str,
    text: str | None,
    url: str | None,
    title: str,
    source: str,
    date: str,
    encoding: str,
    assume_relevant: bool,
) -> None:
    """Import a file of mentions, a list of addresses, or pasted words; twice adds nothing.

    JSONL lines are {"url", "title", "text", "published", "source", "kind", "lang", "external_id", "network", "author"}.
    A JSON file is a list of such objects. CSV and NDJSON as 4CAT and Zeeschuimer write them, and columns with other
    usual names. Each address of a list is read as a page. Exit 1 if a line could not be taken.

    \b
    Example: hypewatch mentions import saved.jsonl
    Example: hypewatch mentions import export.csv
    Example: hypewatch mentions import addresses.txt --format urls
    Example: pbpaste | hypewatch mentions import - --format text --url https://example.org/news
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.library.judges import ProcessJudges
    from monitor.pipeline import imports
    from monitor.sources.files import rows, tables

    if (file is None) == (text is None):
        raise UsageError("Nothing, or two things, to import.", "Name a file (- is standard input) or give --text.")
    deps = open_service().deps
    name = str(file) if file else "--text"
    given = {"url": url, "title": title, "source": source, "published": date}
    about = {field: value for field, value in given.items() if value}
    with _opened(file, text, encoding) as stream:
        first, lines = rows.peek(tables.pieces(stream))
        rows.refuse_packed(first, name)
        shape = rows.guess_form(first, name) if form == "auto" else cast("rows.Form", form)
        shape = shape if file else "text"
        if file and form == "auto" and shape == "text":
            click.echo(f"{name} is read as the words of one text; --format says it if it is not.", err=True)
        if shape != "text" and about:
            raise UsageError(f"{name} is read as {shape}: --url, --title, --source and --date are for pasted words.")
        if shape == "urls":
            result = imports.import_addresses(deps, tables.whole_lines(lines), name=name, tell=_refused, say=click.echo)
        else:
            found = [rows.text_row(lines, name, about=about)] if shape == "text" else rows.read_rows(lines, shape, name)
            size, place = _length(file, stream)
            with ProcessJudges() as judges, reading(f"Importing {name}", size=size, place=place) as told:
                result = imports.import_rows(
                    deps,
                    found,
                    name=name,
                    assume_relevant=assume_relevant,
                    tell=_refused,
                    told=told,
                    judges=judges,
                )
    click.echo(str(result))
    sys.exit(1 if result.refused else 0)


def _refused(problem: Problem) -> None:
    click.echo(str(problem), err=True)


def _length(file: Path | None, stream: IO[str]) -> tuple[int | None, Callable[[], int]]:
    """The bytes of a file, None of what cannot be measured (a pipe, pasted words), and how far it is read."""
    if file is None or not file.is_file() or not isinstance(stream, io.TextIOWrapper):
        return None, int
    raw = cast("io.BufferedReader", stream.buffer).raw
    return file.stat().st_size, raw.tell


def _opened(file: Path | None, text: str | None, encoding: str) -> IO[str]:
    """The words as a stream of lines; bytes that are not in the encoding are kept, to be told with their place."""
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        raise UsageError(
            f"{encoding!r} is no encoding.", "Usual ones are utf-8, utf-16, cp1252 and shift_jis."
        ) from None
    if file is None:
        return io.StringIO(text)
    stream = io.BufferedReader(cast("io.RawIOBase", click.open_file(str(file), "rb")))
    start = stream.peek(2)[:2]
    # "Unicode text" of an office program is UTF-16 with its mark, whatever else is said.
    known = "utf-16" if start in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig" if known == "utf-8" else known
    # The wider encodings have no place for a stray byte; a mark stands for it.
    errors = "replace" if known.startswith(("utf-16", "utf-32")) else "surrogateescape"
    return io.TextIOWrapper(stream, encoding=known, errors=errors)


@click.command()
@click.option("--study", "study_id", help="Fact sheet whose words are searched for; default: the first")
@click.option("--since", default="30d", show_default=True, help="How far back: 30d, 2w or 2025-03-24")
@click.option("--until", help="As --since; default: now")
@click.option(
    "--query", "words", help='Words instead of the study\'s: words, "phrases" and groups such as (iPS OR iPSC)'
)
def backfill(study_id: str | None, since: str, until: str | None, words: str | None) -> None:
    """Find what was said before you began: asks GDELT's archive of the last months' news and reads each article found.

    It asks one question every six seconds, and reads every page politely: a month may take an hour. It can be stopped and begun again;
    what is stored is not read again. Exit 1 if GDELT could not be asked for all of it; then it says for when.

    \b
    Example: hypewatch mentions backfill --since 30d
    Example: hypewatch mentions backfill --since 2025-03-20 --until 2025-04-05 --query 'Keio (iPS OR "stem cell")'
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.search.fields import read_moment
    from monitor.pipeline.backfill import backfill as fill
    from monitor.sources.papers.gdelt import query_for

    service = open_service()
    deps, now = service.deps, service.clock()
    begin = read_moment("since", since, now, day_ends=False)
    end = min(read_moment("until", until, now, day_ends=True), now) if until else now
    query = query_for(_archive_words(words, service.library, study_id))
    if begin >= end or not query:
        raise UsageError(
            "There is nothing to ask for.", "--since must be before --until, and the words in Latin letters."
        )
    click.echo(f"GDELT is asked for {query} from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} (UTC).")
    filled = fill(deps, service.gdelt.articles(query, begin, end), name="GDELT", tell=_refused, say=click.echo)
    click.echo(str(filled))
    for line in filled.missing:
        click.echo(f"Not complete: {line}", err=True)
    sys.exit(1 if filled.missing else 0)


def _archive_words(words: str | None, library: Library, study_id: str | None) -> tuple[tuple[str, ...], ...]:
    """The words to search for: those given, else the study's first saved search that an archive can be asked."""
    from dataclasses import replace

    from monitor.core.papers import parse_words, words_for

    if words is not None:
        try:
            return parse_words(words)
        except ValueError as error:
            raise UsageError(f"--query {error}.") from None
    study = library.study(study_id) if study_id else library.default()
    # What a paper is about is not how the news says it: the saved searches are.
    return words_for(replace(study, watch=replace(study.watch, query="")))
