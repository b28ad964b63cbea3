"""From the lines of a file to rows to import: which shape it has, and what its fields are called. Pure, and streaming.

A line that cannot be read is a Problem with its place, and the next line is read; nothing is passed over in silence.
The names of columns are those that 4CAT and Zeeschuimer write (4CAT's `map_item`), and common others.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from monitor.core.errors import Problem, UsageError
from monitor.core.items.urls import domain_of, http_link
from monitor.core.json_lines import NoObjectError, read_object
from monitor.core.mention import Row
from monitor.core.model import Kind, Network
from monitor.sources.files import zeeschuimer
from monitor.sources.files.json_stream import JsonList
from monitor.sources.files.tables import (
    MOST_CHARACTERS,
    SEPARATOR,
    TableRow,
    cells_of,
    delimiter_of,
    fault_in,
    folded,
    open_table,
    table_rows,
    whole_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Form = Literal["jsonl", "json", "csv", "ndjson", "urls", "text"]

#: So many empty lines and notes may stand before the first line that tells what a file is.
MOST_NOTES = 100
FIELDS = ("url", "title", "text", "published", "source", "kind", "lang", "external_id", "network", "author")
#: What others call our fields; the first that a row has, with something in it, is taken.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "url": ("url", "link", "post_url", "tweet_url", "tiktok_url", "permalink", "uri", "address"),
    "title": ("title", "headline", "subject"),
    "text": ("text", "body", "content", "full_text", "message", "caption", "description"),
    "published": ("published", "timestamp", "created_at", "date", "published_at", "created", "time", "unix_timestamp"),
    "source": ("source_name", "outlet", "publisher", "media_name", "source"),
    "kind": ("kind",),
    "lang": ("lang", "language", "language_guess"),
    "external_id": ("external_id", "id", "post_id", "item_id", "tweet_id"),
    "network": ("network", "platform", "source_platform"),
    "author": (
        "author",
        "username",
        "user",
        "screen_name",
        "handle",
        "author_username",
        "account_username",
        "author_name",
    ),
}
_MEANS = {name: field for field, names in SYNONYMS.items() for name in names}
_HOSTS = {
    "x.com": Network.X,
    "twitter.com": Network.X,
    "mobile.twitter.com": Network.X,
    "bsky.app": Network.BLUESKY,
    "reddit.com": Network.REDDIT,
    "old.reddit.com": Network.REDDIT,
    "news.ycombinator.com": Network.HACKERNEWS,
}
_PLATFORMS = {"twitter": Network.X, "twitter.com": Network.X, "x.com": Network.X, "bsky.app": Network.BLUESKY}


#: How files begin that are no text, as the letters that their bytes become, and what to do with them.
_PACKED = {
    "PK\x03\x04": "is an Excel workbook or another packed file; in Excel choose File, Save As, “CSV UTF-8”, and import that",
    "\udcd0\udccf\x11\u0871": "is an old Excel workbook; in Excel choose File, Save As, “CSV UTF-8”, and import that",
    "\x1f\udc8b": "is packed with gzip; unpack it first, or: gunzip -c FILE | hypewatch mentions import -",
    "%PDF-": "is a PDF; copy its words and import them with --text",
}


def refuse_packed(first: str, name: str) -> None:
    """Raises UsageError if a file begins as one does that holds no lines of text."""
    for mark, what in _PACKED.items():
        if first.startswith(mark):
            raise UsageError(f"{name} {what}.")


def guess_form(first: str, name: str = "") -> Form:
    """The shape of a file, by its first line that tells; a name in .csv or .tsv stands above it."""
    if SEPARATOR.fullmatch(first.strip("\ufeff \r\n")):
        return "csv"
    first = first.strip()
    if name.lower().endswith((".csv", ".tsv")):
        return "csv"
    if re.match(r"\[\s*(?:\{|$)", first):
        return "json"
    if first.startswith("{"):
        return _json_form(first)
    if re.fullmatch(r"https?://\S+", first, re.IGNORECASE):
        return "urls"
    named = {_MEANS.get(folded(cell)) for cell in cells_of(first, delimiter_of(first, _MEANS))}
    return "csv" if {"text", "title"} & named and len(named - {None}) > 1 else "text"


def _json_form(first: str) -> Form:
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        return "jsonl"
    return "ndjson" if _is_foreign(row) else "jsonl"


def _is_foreign(row: Any) -> bool:
    """Is it what another program writes, and not a slip in a field's name of ours?"""
    foreign = isinstance(row, dict) and not set(row) <= set(FIELDS)
    return foreign and bool(zeeschuimer.is_item(row) or {"body", "thread_id", "id", "content"} & set(row))


def peek(lines: Iterable[str]) -> tuple[str, Iterator[str]]:
    """The first line that tells what a file is, not empty and no # note (or ""), and all lines."""
    lines = iter(lines)
    kept: list[str] = []
    for line in islice(lines, MOST_NOTES):
        kept.append(line)
        if line.strip("\ufeff \t\r\n#") and not line.lstrip("\ufeff \t").startswith("#"):
            return line.lstrip("\ufeff"), chain(kept, lines)
    return "", chain(kept, lines)


def read_rows(lines: Iterable[str], form: Form, name: str) -> Iterator[Row | Problem]:
    """The rows of a CSV, JSON, JSONL or NDJSON file, from its `pieces`.

    Raises UsageError if a CSV's first line names no text, or a JSON file is no list.
    """
    if form == "json":
        yield from _listed_rows(lines, name)
        return
    lines = whole_lines(lines)
    if form == "csv":
        yield from _csv_rows(lines, name)
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        yield fault_in(line, number, name) or _json_row(line.lstrip("\ufeff"), number, name, strict=form == "jsonl")


def text_row(lines: Iterable[str], name: str, *, about: Mapping[str, str]) -> Row | Problem:
    """Pasted words as one row. `about` holds their url, title, source and date; without a url they are known by themselves."""
    kept: list[str] = []
    size = 0
    for line in whole_lines(lines):
        kept.append(line)
        size += len(line)
        if size > MOST_CHARACTERS:
            return Problem(name, 1, 1, f"has more than {MOST_CHARACTERS:,} characters; import it in parts")
        if fault := fault_in(line, len(kept), name):
            return fault
    text = "".join(kept).strip().removeprefix("\ufeff")
    fields = {"text": text, **about}
    if not about.get("url"):
        said = f"{about.get('title', '')}\x00{text}"
        fields["external_id"] = f"text:{sha256(said.encode('utf-8', 'replace')).hexdigest()}"
    return Row(1, fields, {})


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json_row(line: str, number: int, name: str, *, strict: bool) -> Row | Problem:
    try:
        row = read_object(line)
    except NoObjectError as error:
        return Problem(name, number, error.column, error.what)
    columns: dict[str, int] = {}
    for found in re.finditer(r'"(\w{1,40})"\s*:', line):
        columns.setdefault(found[1], found.start() + 1)
    return _own_row(row, number, name, columns) if strict else _foreign_row(row, number, name, columns)


def _listed_rows(given: Iterable[str], name: str) -> Iterator[Row | Problem]:
    rows = JsonList(given, most=MOST_CHARACTERS)
    if rows.skip("\ufeff \t\r\n") != "[":
        raise UsageError(
            f"{name} is no JSON list.", "One begins with [; objects on lines of their own are --format jsonl."
        )
    rows.take(1)
    strict: bool | None = None
    while (letter := rows.skip(" \t\r\n,")) not in {"", "]"}:
        line, column = rows.line, rows.column
        try:
            row, text = rows.value()
        except json.JSONDecodeError as error:
            yield Problem(name, line, column, f"is no JSON: {error.msg}")
            continue
        except RecursionError:
            yield Problem(name, line, column, "is nested too deeply")
            continue
        if fault := fault_in(text, line, name):
            yield fault
        elif not isinstance(row, dict):
            yield Problem(name, line, column, "is no JSON object")
        else:
            strict = not _is_foreign(row) if strict is None else strict
            columns = dict.fromkeys((*FIELDS, "data", *row), column)
            yield _own_row(row, line, name, columns) if strict else _foreign_row(row, line, name, columns)
    if not letter:
        yield Problem(name, rows.line, rows.column, "ends before its list is closed; what stood behind is missing")


def _own_row(row: Mapping[str, Any], number: int, name: str, columns: Mapping[str, int]) -> Row | Problem:
    unknown = sorted(set(row) - set(FIELDS))
    if unknown:
        what = f"has a field {unknown[0]!r} that is not known; known are {', '.join(sorted(FIELDS))}"
        return Problem(name, number, columns.get(unknown[0], 1), what)
    return Row(number, row, columns)


def _foreign_row(row: Mapping[str, Any], number: int, name: str, columns: Mapping[str, int]) -> Row | Problem:
    if zeeschuimer.is_item(row):
        try:
            return Row(number, zeeschuimer.read_item(row), columns)
        except zeeschuimer.NotReadError as error:
            return Problem(name, number, columns.get("data", 1), str(error))
    given = {folded(key): value for key, value in row.items() if isinstance(value, (str, int, float))}
    return Row(number, _named(given), {_MEANS[key]: at for key, at in columns.items() if key in _MEANS})


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv_rows(lines: Iterable[str], name: str) -> Iterator[Row | Problem]:
    table, header, delimiter = open_table(lines, _MEANS)
    columns: dict[str, int] = {}
    for at, cell in enumerate(header, start=1):
        if cell in _MEANS:
            columns.setdefault(_MEANS[cell], at)
    if not {"text", "title"} & set(columns):
        raise UsageError(
            f"{name}:1:1: the first line names no column with the text.",
            f"Call one of them text, body, content or title; it has: {', '.join(header)[:300]}.",
        )
    for row in table_rows(table, delimiter, name):
        yield row if isinstance(row, Problem) else _csv_row(row, header, columns, name)


def _csv_row(row: TableRow, header: Sequence[str], columns: Mapping[str, int], name: str) -> Row | Problem:
    cells = row.fitted(header, name)
    if isinstance(cells, Problem):
        return cells
    return Row(row.line, _named(dict(zip(header, cells, strict=True))), columns)


# --- names -----------------------------------------------------------------------------------------------------------


def _named(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a row by our names, and what follows from them: its network, whether it is a post, who speaks."""
    of_4cat = "body" in given and "thread_id" in given
    row: dict[str, Any] = {}
    for field, names in SYNONYMS.items():
        # 4CAT's `source` is the app that a post was written with.
        wanted = (name for name in names if not (of_4cat and name == "source"))
        row[field] = next((str(given[name]).strip() for name in wanted if str(given.get(name) or "").strip()), "")
    if not row["external_id"] and not row["url"] and given.get("thread_id"):
        # The posts of one thread share it.
        row["external_id"] = f"{given['thread_id']}#{sha256(row['text'].encode('utf-8', 'replace')).hexdigest()[:16]}"
    host = (urlsplit(http_link(row["url"]) or "").hostname or "").removeprefix("www.")
    platform = row["network"].casefold()
    known = platform if platform in list(Network) else _PLATFORMS.get(platform) or _HOSTS.get(host) or Network.WEB
    row["network"] = str(known)
    row["kind"] = row["kind"] or (Kind.POST if of_4cat or row["network"] in _POSTS else Kind.ARTICLE).value
    row["author"] = row["author"].removeprefix("@")
    if row["network"] != Network.WEB and row["author"]:
        row["source"] = f"@{row['author']}"
    elif row["kind"] == Kind.POST:
        row["source"] = row["source"] or domain_of(row["url"]) or platform
    return {field: value for field, value in row.items() if value}


_POSTS = frozenset(Network) - {Network.WEB, Network.YOUTUBE}
