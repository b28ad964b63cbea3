"""The guide: the pages of monitor/docs, in the order in which they are read, with a search over their sections."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt
from markupsafe import Markup

from monitor.core.errors import NotFoundError
from monitor.core.text.excerpt import shortened
from monitor.web.render import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

router = APIRouter(default_response_class=HTMLResponse)

#: The pages in the order in which they are read, by who reads them. One that is not named stands at the end of the last.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Every day": ("start", "studies", "rules", "letters", "keys", "accuracy", "glossary"),
    "Who runs it": ("operations", "webhooks", "commands", "api", "tables", "performance", "changelog"),
    "Who works on it": ("design", "develop", "labelling"),
}
#: Sections that a search shows, and letters of what was searched for that are read.
MOST_FOUND, MOST_ASKED = 20, 200
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under one heading; `anchor` is "" for what stands before the first one."""

    page: str
    title: str
    heading: str
    anchor: str
    text: str


@router.get("/help")
def help_pages(request: Request, q: Annotated[str, Query(max_length=2_000)] = "") -> str:
    """The guide's table of contents, or the sections that hold all words of a search."""
    found = _search(q[:MOST_ASKED])
    return page(request, "help.html", title="Help", pages=_guide(), body="", q=q[:MOST_ASKED], found=found)


@router.get("/help/{name}")
def help_page(request: Request, name: str) -> str:
    """One page of the guide."""
    titles = {key: title for pages in _guide().values() for key, title in pages.items()}
    if name not in titles:
        raise NotFoundError(f"There is no page {name!r}.", f"There are: {', '.join(titles)}.")
    return page(request, "help.html", title=titles[name], pages=_guide(), body=_html(name), q="", found=())


@cache
def _text(name: str) -> str:
    return (files("monitor.docs") / f"{name}.md").read_text(encoding="utf-8")


@cache
def _html(name: str) -> Markup:
    """A page as HTML; its headings can be linked to."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(_text(name))
    for heading, words in itertools.pairwise(tokens):
        if heading.type == "heading_open" and heading.tag != "h1":
            heading.attrSet("id", _anchor(words.content))
    html = str(reader.renderer.render(tokens, reader.options, {}))
    html = html.replace("<pre>", '<pre tabindex="0">')  # wide examples scroll, by the keyboard too
    return Markup(html)  # noqa: S704 - our own pages, raw HTML off


@cache
def _guide() -> Mapping[str, Mapping[str, str]]:
    """By group, the pages with their titles."""
    there = sorted(
        item.name.removesuffix(".md") for item in files("monitor.docs").iterdir() if item.name.endswith(".md")
    )
    grouped = {group: [name for name in names if name in there] for group, names in GROUPS.items()}
    known = {name for names in grouped.values() for name in names}
    grouped[next(reversed(grouped))] += [name for name in there if name not in known]
    return {
        group: {name: _text(name).partition("\n")[0].lstrip("# ") for name in names} for group, names in grouped.items()
    }


@cache
def _sections() -> Sequence[Section]:
    return tuple(
        section for pages in _guide().values() for name, title in pages.items() for section in _parted(name, title)
    )


def _parted(name: str, title: str) -> Iterator[Section]:
    heading, fenced = "", False
    lines: list[str] = []
    for line in [*_text(name).splitlines()[1:], "## "]:
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            text = " ".join(" ".join(lines).split())
            if text or heading:
                yield Section(name, title, heading, _anchor(heading), text)
            heading, lines = line.lstrip("# "), []
        else:
            lines.append(line)


def _anchor(heading: str) -> str:
    return "-".join(_WORDS.findall(heading.lower()))


def _search(q: str) -> Sequence[tuple[Section, str]]:
    """Sections that hold the beginning of every word, those first whose heading does, each with the words around the first."""
    asked = [word.lower() for word in _WORDS.findall(q)]
    if not asked:
        return ()
    hits = []
    for section in _sections():
        head, text = f"{section.title} {section.heading}".lower(), section.text.lower()
        if all(_begins(word, head) or _begins(word, text) for word in asked):
            hits.append((-sum(_begins(word, head) for word in asked), section))
    hits.sort(key=lambda hit: hit[0])
    return [(section, _around(section.text, asked)) for _, section in hits[:MOST_FOUND]]


def _begins(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}", text) is not None


def _around(text: str, asked: Sequence[str]) -> str:
    plain = re.sub(r"[`*|]|-{3,}|\]\([^()]*\)|\[", "", text)
    at = min(
        (found.start() for word in asked if (found := re.search(rf"\b{re.escape(word)}", plain.lower()))), default=0
    )
    begin = plain.rfind(" ", 0, max(0, at - 60)) + 1
    return ("… " if begin else "") + shortened(plain[begin:], 220)
