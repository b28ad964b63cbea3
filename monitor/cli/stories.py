"""`hypewatch stories`: which news was told by whom, who said it first, and what became of it on the way."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.shared import emit, format_option, open_service, refuse_list
from monitor.core.text.lang import not_judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Story
    from monitor.ports import Store

#: Tellings in a tree: each is compared with those before it.
TREE_MOST = 300


class QueryGroup(click.Group):
    """`hypewatch stories cure since:7d` is a search; `hypewatch stories show 3` a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is no command's name begins a search."""
        if not any(arg in {"--help", "-h"} for arg in args) and (not args or args[0] not in self.commands):
            refuse_list(args, "stories")
            args = ["search", *args]
        return super().parse_args(ctx, args)


@click.group(cls=QueryGroup)
def stories() -> None:
    """Which news was told by whom, newest first (`hypewatch stories walking since:7d`), or show one.

    \b
    Example: hypewatch stories walking since:7d
    Example: hypewatch stories --lineage severity:high
    Example: hypewatch stories show 12
    """  # noqa: D301 - click wants the character, not the two signs


@stories.command()
@click.argument("words", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="At most so many")
@click.option("--lineage", "tree", is_flag=True, help="Who took it from whom, what each added and left out")
@format_option
def search(words: tuple[str, ...], limit: int, tree: bool, form: str) -> None:
    """Stories with a text that the query finds, told latest first. Exit 1 if there is none.

    Example: hypewatch stories search walking --lineage
    """
    service = open_service()
    found = service.store.stories(service.ask(" ".join(words)), limit=limit)
    rows = _rows(service.store, found)
    if tree and form == "table":
        for row in rows:
            _print_tree(row)
    else:
        emit(rows, form, columns=("id", "title", "mentions", "first_said_by", "first_at"), empty="No stories yet.")
    sys.exit(0 if rows else 1)


@stories.command()
@click.argument("story_id", type=click.IntRange(1, 2**63 - 1))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def show(story_id: int, form: str) -> None:
    """One story: who told it first, who took it from whom, and what each added and left out.

    The number of a story that went into another shows that one.

    Example: hypewatch stories show 12
    """
    store = open_service().store
    story = store.story(story_id)
    (row,) = _rows(store, [story])
    if form == "json":
        emit([row], "json", columns=(), empty="")
        return
    if story.id != story_id:
        click.echo(f"Story {story_id} went into story {story.id}: a text that retells both was found.")
    _print_tree(row)


def _rows(store: Store, found: Sequence[Story]) -> list[dict[str, Any]]:
    from monitor.core.items.lineage import lineage
    from monitor.export.rows import story_row, telling_row

    overviews = store.story_overviews([story.id for story in found])
    rows = []
    for story in found:
        if story.id not in overviews:
            continue  # withdrawn between the two looks
        tellings = lineage(store.story_members(story.id, limit=TREE_MOST))
        told = [telling_row(telling) for telling in tellings]
        rows.append({**story_row(story, overviews[story.id]), "more": max(0, story.size - len(told)), "told_by": told})
    return rows


def _print_tree(story: dict[str, Any]) -> None:
    """A story as a tree: each telling below the one that it was taken from."""
    click.echo(f"{story['title']} (story {story['id']}, {story['mentions']} mentions)")
    for told in story["told_by"]:
        how = f"{told['how']} {told['copied']:.0%}" if told["how"] == "copies" else told["how"]
        unjudged = "" if told["judged"] else f"; {not_judged(told['lang'])}"
        new = f"; new here: {', '.join(told['new_drift'])}" if told["new_drift"] else ""
        dropped = f"; leaves out: {', '.join(told['dropped_caveats'])}" if told["dropped_caveats"] else ""
        click.echo(f"  {'  ' * told['hop']}{told['source']}, {told['published']}, {how}{unjudged}{new}{dropped}")
    if story["more"]:
        click.echo(f"  and {story['more']} more later: hypewatch mentions story:{story['id']}")
