"""`hypewatch poll`: read sources now, in the foreground."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service, with_progress

if TYPE_CHECKING:
    from monitor.ports import Deps


@click.command()
@click.argument("feed_ids", type=int, nargs=-1)
@click.option("--due", is_flag=True, help="Only what is due")
@click.option(
    "--replay",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Answer from a folder of recorded files (index.jsonl) instead of the network",
)
@format_option
def poll(feed_ids: tuple[int, ...], due: bool, replay: Path | None, form: str) -> None:
    """Read sources now: all of them, those named, or those due; then the article pages they brought. Exit 1 if one failed.

    \b
    Example: hypewatch poll
    Example: hypewatch poll 3 7
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.model import Work
    from monitor.pipeline import poll as walk

    deps = open_service().deps
    if replay is not None:
        deps = replayed(deps, replay)
    titles = {feed.id: feed.title or feed.url for feed in deps.store.feeds() if not feed.paused}
    ids = list(feed_ids) or (list(deps.store.due(Work.POLL, deps.clock())) if due else list(titles))
    for feed_id in feed_ids:
        deps.store.feed(feed_id)  # an id that does not exist is told before anything is read
    rows = []

    def one(feed_id: int) -> None:
        outcome = walk.poll_feed(deps, feed_id, force=not due)
        if outcome is None:
            rows.append(
                {
                    "feed": feed_id,
                    "title": titles.get(feed_id, "?"),
                    "outcome": "skipped",
                    "new": 0,
                    "changed": 0,
                    "same": 0,
                    "sentence": "Another process is reading it, or its host; it is read later.",
                }
            )
            return
        rows.append(
            {
                "feed": feed_id,
                "title": titles.get(feed_id, "?"),
                "outcome": outcome.outcome.value,
                "new": outcome.new,
                "changed": outcome.changed,
                "same": outcome.same,
                "sentence": outcome.sentence,
            }
        )

    def read_page(entry_id: int) -> None:
        walk.read_page(deps, entry_id)

    with_progress("Reading sources", ids, one)
    with_progress("Reading pages", deps.store.due(Work.PAGE, deps.clock()), read_page)
    emit(
        rows,
        form,
        columns=("feed", "title", "outcome", "new", "changed", "sentence"),
        empty="No sources to read. `hypewatch feeds add ADDRESS` adds one.",
    )
    sys.exit(1 if any(row["outcome"] in {"temporary", "soft", "hard", "gone"} for row in rows) else 0)


def replayed(deps: Deps, folder: Path) -> Deps:
    """The same world, but feeds and pages are answered from recorded files."""
    from monitor.sources.files.replay import Replay
    from monitor.sources.pages.page import PageReader

    fetcher = Replay(folder)
    return replace(deps, fetcher=fetcher, pages=PageReader(fetcher, clock=deps.clock), networks={})
