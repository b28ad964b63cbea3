"""`hypewatch stories`: which news was told by whom, and who said it first."""

from __future__ import annotations

import sys
from typing import Any

import click

from monitor.cli.shared import emit, format_option, open_service, refuse_list, stamp
from monitor.core.text.lang import not_judged


@click.command()
@click.argument("words", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="At most so many")
@click.option("--lineage", "tree", is_flag=True, help="Who took it from whom, and where which drift came in")
@format_option
def stories(words: tuple[str, ...], limit: int, tree: bool, form: str) -> None:
    """Which news was told by whom, newest first, and who said it first. Exit 1 if there is none.

    \b
    Example: hypewatch stories walking since:7d
    Example: hypewatch stories --lineage severity:high
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.items.lineage import lineage

    refuse_list(words, "stories")
    service = open_service()
    rows = []
    for story in service.store.stories(service.ask(" ".join(words)), limit=limit):
        members = service.store.story_members(story.id)
        tellings = lineage(members)
        rows.append(
            {
                "id": story.id,
                "study": story.study_id,
                "title": story.title,
                "mentions": story.size,
                "first_said_by": members[0].source.name if members else "",
                "first_at": stamp(story.first_at),
                "last_at": stamp(story.last_at),
                "told_by": [
                    {
                        "mention": telling.mention.id,
                        "source": telling.mention.source.name,
                        "published": stamp(telling.mention.published),
                        "lang": telling.mention.lang,
                        "judged": telling.mention.judged,
                        "hop": telling.hop,
                        "how": telling.how.value,
                        "from": telling.parent,
                        "copied": telling.copied,
                        "drift": sorted(
                            {f.flag.drift.value for f in telling.mention.flags if f.stands and f.flag.is_drift}
                        ),
                        "new_drift": list(telling.new_drift),
                    }
                    for telling in tellings
                ],
            }
        )
    if tree and form == "table":
        for row in rows:
            _print_tree(row)
        sys.exit(0 if rows else 1)
    emit(rows, form, columns=("id", "title", "mentions", "first_said_by", "first_at"), empty="No stories yet.")
    sys.exit(0 if rows else 1)


def _print_tree(story: dict[str, Any]) -> None:
    """A story as a tree: each telling below the one that it was taken from."""
    click.echo(f"{story['title']} (story {story['id']}, {story['mentions']} mentions)")
    for told in story["told_by"]:
        how = f"{told['how']} {told['copied']:.0%}" if told["how"] == "copies" else told["how"]
        unjudged = "" if told["judged"] else f"; {not_judged(told['lang'])}"
        new = f"; new here: {', '.join(told['new_drift'])}" if told["new_drift"] else ""
        click.echo(f"  {'  ' * told['hop']}{told['source']}, {told['published']}, {how}{unjudged}{new}")
