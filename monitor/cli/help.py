"""`hypewatch help`: the guide, as it ships."""

from __future__ import annotations

from importlib.resources import files

import click


@click.command()
@click.argument("page", required=False)
def help(page: str | None) -> None:  # noqa: A001 - the command's name
    """Read a page of the guide; without a name, the list of pages.

    Example: hypewatch help rules
    """
    from monitor.core.errors import NotFoundError

    folder = files("monitor.docs")
    pages = {item.name.removesuffix(".md"): item for item in folder.iterdir() if item.name.endswith(".md")}
    if page is None:
        for name in sorted(pages):
            title = pages[name].read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
            click.echo(f"{name:12} {title}")
        return
    if page not in pages:
        raise NotFoundError(f"There is no page {page!r}.", f"There are: {', '.join(sorted(pages))}.")
    click.echo_via_pager(pages[page].read_text(encoding="utf-8"))
