"""`hypewatch stories`: which news was told by whom, and who said it first."""

from __future__ import annotations

import sys

import click

from monitor.cli.shared import emit, format_option, open_service, stamp


@click.command()
@click.argument("words", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="At most so many")
@format_option
def stories(words: tuple[str, ...], limit: int, form: str) -> None:
    """Which news was told by whom, newest first, and who said it first. Exit 1 if there is none.

    Example: hypewatch stories walking since:7d
    """
    from monitor.core.query import parse_query

    service = open_service()
    rows = []
    for story in service.store.stories(parse_query(" ".join(words), service.clock()), limit=limit):
        members = service.store.story_members(story.id)
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
                        "mention": m.id,
                        "source": m.source.name,
                        "published": stamp(m.published),
                        "drift": sorted(
                            {f.flag.drift.value for f in m.flags if f.state == "active" and f.flag.is_drift}
                        ),
                    }
                    for m in members
                ],
            }
        )
    emit(rows, form, columns=("id", "title", "mentions", "first_said_by", "first_at"), empty="No stories yet.")
    sys.exit(0 if rows else 1)
