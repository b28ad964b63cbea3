"""`hypewatch feeds`: the sources that are read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.shared import emit, format_option, open_service, stamp
from monitor.core.feeds.by_address import FEED_ADDRESSES, GOOGLE_NEWS_NOTICE
from monitor.core.feeds.standing import State
from monitor.core.json_lines import NoObjectError, read_object
from monitor.core.model import FeedKind

if TYPE_CHECKING:
    from monitor.core.feed import Feed
    from monitor.core.feeds.standing import Standing
    from monitor.core.study import Study
    from monitor.service import Service

#: A saved search by its network's name, and a stream by its own.
SEARCHES = {kind.value.removesuffix("-search"): kind for kind in FeedKind if kind.searches or kind.streams}
#: What watches the study itself, by its name.
WATCHES = {kind.slug: kind for kind in FeedKind if kind.watches}


@click.group()
def feeds() -> None:
    """The sources that are read.

    Example: hypewatch feeds add https://example.org/science.xml
    """


@feeds.command("list")
@format_option
def list_feeds(form: str) -> None:
    """Every source, how it is doing, and when it is read next.

    Example: hypewatch feeds list --format json
    """
    service = open_service()
    rows, told = feed_rows(service)
    emit(
        rows,
        form,
        columns=("id", "title", "url", "health", "next", "entries"),
        empty="No sources yet. `hypewatch feeds add ADDRESS` adds one.",
    )
    for line in told:
        click.echo(line, err=True)


def feed_rows(service: Service) -> tuple[list[dict[str, Any]], list[str]]:
    """All feeds as output shows them, and one sentence for each host that fails as a whole."""
    from monitor.pipeline.sources import overview

    rows = []
    faults = {}
    for one in overview(service.store, service.clock()):
        row = feed_row(one.feed)
        if one.state in {State.SILENT, State.WITH_HOST}:
            row["health"] = _health(one)
        if one.fault:
            faults[one.fault.host] = one.fault
        rows.append(
            row
            | {
                "silent_days": one.silent.days if one.silent else None,
                "with_host": one.fault.host if one.fault else None,
                "items_a_week": None if one.weekly is None else round(one.weekly, 1),
                "to_do": one.remedy,
            }
        )
    return rows, [fault.words(stamp(fault.since) or "") for _, fault in sorted(faults.items())]


def _health(one: Standing) -> str:
    """Its health where the feed alone does not tell it."""
    if one.silent:
        return f"It is read, but silent. {one.silent}"
    return f"With the whole of {one.fault.host}: not this feed's fault." if one.fault else ""


def feed_row(feed: Feed) -> dict[str, Any]:
    """A feed as output shows it; `health` is one sentence."""
    health = "paused" if feed.paused else feed.last_sentence or "not read yet"
    if feed.quarantined:
        health = (
            f"Left alone: reading it ended the process three times. `hypewatch feeds resume {feed.id}` tries again."
        )
    return {
        "id": feed.id,
        "kind": feed.kind.value,
        "title": feed.title or "-",
        "url": feed.url,
        "lang": feed.lang,
        "weight": feed.weight,
        "paused": feed.paused,
        "health": health,
        "outcome": feed.last_outcome.value if feed.last_outcome else None,
        "failing": feed.failing,
        "last_polled": stamp(feed.last_polled_at),
        "last_success": stamp(feed.last_success_at),
        "next": stamp(feed.due_at),
        "entries": feed.entries,
    }


@feeds.command()
@click.argument("feed_id", type=int)
@format_option
def show(feed_id: int, form: str) -> None:
    """What became of the last 30 readings of a source, newest first.

    Example: hypewatch feeds show 3
    """
    store = open_service().store
    rows = [
        {
            "at": stamp(record.at),
            "outcome": record.outcome.value,
            "new": record.new,
            "changed": record.changed,
            "same": record.same,
            "seconds": round(record.seconds, 2),
            "sentence": record.sentence,
        }
        for record in store.poll_outcomes(store.feed(feed_id).id)
    ]
    columns = ("at", "outcome", "new", "changed", "same", "seconds", "sentence")
    emit(rows, form, columns=columns, empty=f"It was not read yet. `hypewatch poll {feed_id}` reads it.")


@feeds.command()
@click.argument("address")
@click.option(
    "--network",
    type=click.Choice(["web", *SEARCHES, *FEED_ADDRESSES, *WATCHES]),
    default="web",
    help=f"web: ADDRESS is a feed; youtube: a channel id; mastodon: a #hashtag or words; bluesky-stream: words that live posts must hold; {', '.join(WATCHES)}: the id of the study to watch; else what to search there",
)
@click.option("--title", default="", help="What to call it")
@click.option("--lang", default="", help="Its language (en, ja, es ...) if it does not say; the edition of Google News")
@click.option("--weight", type=click.IntRange(1, 5), help="Its reach, 1 to 5")
@click.option("--accept-terms", is_flag=True, help="Google News: you have read its terms, and they fit your use")
@click.option("--discover", is_flag=True, help="If ADDRESS is a web page, add the first feed that it offers")
@click.option("--check", is_flag=True, help="Read it once before it is added, and refuse it if it is no feed")
@format_option
def add(
    address: str,
    network: str,
    title: str,
    lang: str,
    weight: int | None,
    accept_terms: bool,
    discover: bool,
    check: bool,
    form: str,
) -> None:
    """Add a source; it is read at the next tick, which tells how it went. With --check, exit 2 if it is no feed.

    \b
    Example: hypewatch feeds add https://example.org/science.xml --weight 4
    Example: hypewatch feeds add https://example.org/ --discover
    Example: hypewatch feeds add '(Keio OR 慶應) (iPS OR iPSC)' --network x
    Example: hypewatch feeds add '#iPSC' --network mastodon
    Example: hypewatch feeds add '(Keio OR 慶應) (iPS OR iPSC)' --network bluesky-stream
    Example: hypewatch feeds add 'keio iPS' --network google-news --lang en --accept-terms
    Example: hypewatch feeds add keio-ips-sci --network pubmed
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.errors import UsageError

    address = address.strip()
    if not address:
        raise UsageError("Nothing was named to be read.", "Write an address, or the words to search for.")
    if network == "google-news":
        if not accept_terms:
            raise UsageError(GOOGLE_NEWS_NOTICE, "If it is, add --accept-terms.")
        click.echo(GOOGLE_NEWS_NOTICE, err=True)
    kind, address = _what_to_read(address, network, lang)
    service = open_service()
    if kind.watches:
        feed = add_watch(service, kind, service.library.study(address), title)
        emit([feed_row(feed)], form, columns=("id", "title", "url", "health", "next"))
        return
    from monitor.pipeline.sources import checked, save

    address = checked(service.deps, kind, address)
    known = any(feed.kind is kind and feed.url == address for feed in service.store.feeds())
    if (check or discover) and not known and network == "web":
        from monitor.pipeline.discover import feed_to_add

        address, said = feed_to_add(service.deps, address, discover=discover)
        click.echo(said, err=True)
    saved = save(service.deps, kind, address, title=title, lang=lang, weight=weight, terms=True)
    emit([feed_row(saved.feed)], form, columns=("id", "title", "url", "health", "next"))


def add_watch(service: Service, kind: FeedKind, study: Study, title: str = "") -> Feed:
    """Watch a study once a day; raises UsageError if its fact sheet lacks what this watch needs."""
    from monitor.pipeline.sources import save

    return save(service.deps, kind, study.id, title=title).feed


def _what_to_read(address: str, network: str, lang: str) -> tuple[FeedKind, str]:
    """The kind of source, and its address or query; raises UsageError."""
    if network in WATCHES:
        return WATCHES[network], address
    if network in FEED_ADDRESSES:
        return FeedKind.FEED, FEED_ADDRESSES[network](address, lang)
    return SEARCHES.get(network, FeedKind.FEED), address


@feeds.command("test")
@click.argument("address")
@format_option
def try_feed(address: str, form: str) -> None:
    """Read a feed now without adding it: what it is, and its newest entries. Exit 1 if it is none.

    Example: hypewatch feeds test https://example.org/science.xml
    """
    from monitor.core.model import Outcome
    from monitor.pipeline import discover

    parsed, said = discover.try_feed(open_service().deps, address)
    click.echo(said, err=True)
    if parsed is None:
        sys.exit(1)
    rows = [
        {"title": entry.title or entry.text[:80], "published": stamp(entry.published), "link": entry.url}
        for entry in parsed.entries
    ]
    for link in parsed.discovered:
        click.echo(f"It offers a feed: {link}", err=True)
    emit(rows[:20] if form == "table" else rows, form, columns=("published", "title", "link"))
    sys.exit(0 if parsed.outcome is Outcome.FETCHED else 1)


@feeds.command()
@click.argument("files", nargs=-1)
@click.option("--url", help="The address the files came from: links are made absolute with it")
@click.option("--content-type", help="The Content-Type they came with")
@click.option("--jsonl", is_flag=True, help='Read lines {"file": ..., "headers": {...}} from standard input')
@click.option("--format", "form", type=click.Choice(["jsonl", "text"]), default="text", help="Shape of the output")
def parse(files: tuple[str, ...], url: str | None, content_type: str | None, jsonl: bool, form: str) -> None:
    """Read feed files, offline. Exit 2 if a file cannot be opened.

    Example: hypewatch feeds parse saved.xml --format jsonl
    """
    from monitor.sources.feeds.parse import feeds_parse_file

    failed = False
    for path, headers in _files(files, jsonl):
        base = headers.get("content-location") or url
        try:
            row = feeds_parse_file(
                path, url=base, content_type=headers.get("content-type") or content_type, headers=headers
            )
        except OSError as error:
            failed = True
            row = {"file": path, "error": f"cannot be read: {error.strerror}"}
        if form == "jsonl" or "error" in row:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{path}: {row['problem'] or row['format']}, {row['entries']} entries, “{row['title']}”")
    sys.exit(2 if failed else 0)


def _files(files: tuple[str, ...], jsonl: bool) -> list[tuple[str, dict[str, str]]]:
    from monitor.core.errors import UsageError

    if not jsonl:
        return [(path, {}) for path in files]
    asked = []
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            wanted = read_object(line)
            asked.append((str(wanted["file"]), {str(k).lower(): str(v) for k, v in wanted.get("headers", {}).items()}))
        except NoObjectError as error:
            raise UsageError(f"<stdin>:{number}:{error.column}: {error.what}.") from None
        except (KeyError, TypeError, AttributeError):
            raise UsageError(f'<stdin>:{number}:1: not a line like {{"file": ..., "headers": {{...}}}}.') from None
    return asked


@feeds.command()
@click.argument("feed_id", type=int)
def pause(feed_id: int) -> None:
    """Do not read a source for now.

    Example: hypewatch feeds pause 3
    """
    open_service().store.set_feed(feed_id, paused=True)
    click.echo(f"Source {feed_id} is paused. `hypewatch feeds resume {feed_id}` goes on.")


@feeds.command()
@click.argument("feed_id", type=int)
def resume(feed_id: int) -> None:
    """Read a paused source again, at once.

    Example: hypewatch feeds resume 3
    """
    service = open_service()
    service.store.set_feed(feed_id, paused=False, due_at=service.clock())
    click.echo(f"Source {feed_id} is read at the next tick.")


@feeds.command()
@click.argument("feed_id", type=int)
def remove(feed_id: int) -> None:
    """Stop reading a source for good; what it brought stays.

    Example: hypewatch feeds remove 3
    """
    open_service().store.remove_feed(feed_id)
    click.echo(f"Source {feed_id} is no longer read. What it brought stays.")


@feeds.command("export")
@click.argument("file", type=click.Path(path_type=Path), required=False)
def export_opml(file: Path | None) -> None:
    """Write all sources as OPML, to a file or to standard output: feeds for every reader, searches and watches for Hypewatch.

    Example: hypewatch feeds export feeds.opml
    """
    from monitor.pipeline.source_lists import to_list
    from monitor.sources.feeds.opml import write_opml

    text = write_opml(to_list(open_service().store.feeds()))
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_opml(file: Path) -> None:
    """Add the sources of an OPML file, with one line for each. Exit 1 if one could not be added.

    Example: hypewatch feeds import feeds.opml
    """
    from monitor.pipeline.source_lists import Did, bring
    from monitor.sources.feeds.opml import MOST_BYTES, read_opml

    service = open_service()
    with file.open("rb") as opened:
        found = read_opml(opened.read(MOST_BYTES + 1), str(file))
    if found.problem:
        click.echo(str(found.problem), err=True)
    for line in found.mended:
        click.echo(f"{file}:{line}:1: a slip in this line was mended.", err=True)
    failed = found.problem is not None
    for one in bring(service.deps, found.listed):
        failed = failed or one.did is Did.NOT
        click.echo(f"{one.did.value:<9}  {one.source.url}{f': {one.why}' if one.why else ''}")
    sys.exit(1 if failed else 0)
