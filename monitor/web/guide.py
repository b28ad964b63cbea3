"""The guide: the pages of monitor/docs."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from monitor.core.errors import NotFoundError
from monitor.web.render import page

router = APIRouter(default_response_class=HTMLResponse)

#: The guide's pages that one begins with.
GUIDE_FIRST = ("start", "keys", "rules", "glossary", "accuracy")


@router.get("/help")
def help_pages(request: Request) -> str:
    """The guide's table of contents."""
    return page(request, "help.html", title="Help", pages=_guide(), body="")


@router.get("/help/{name}")
def help_page(request: Request, name: str) -> str:
    """One page of the guide."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    guide = _guide()
    if name not in guide:
        raise NotFoundError(f"There is no page {name!r}.", f"There are: {', '.join(guide)}.")
    text = (files("monitor.docs") / f"{name}.md").read_text(encoding="utf-8")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = html.replace("<pre>", '<pre tabindex="0">')  # wide examples scroll, by the keyboard too
    return page(request, "help.html", title=guide[name], pages=guide, body=Markup(html))  # noqa: S704 - our own pages, raw HTML off


def _guide() -> dict[str, str]:
    """The guide's pages with their titles: those that one begins with first, the others by name."""
    pages = {
        item.name.removesuffix(".md"): item for item in files("monitor.docs").iterdir() if item.name.endswith(".md")
    }
    return {
        name: pages[name].read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        for name in sorted(pages, key=lambda name: (GUIDE_FIRST.index(name) if name in GUIDE_FIRST else 99, name))
    }
