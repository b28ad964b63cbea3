"""trafilatura and lxml behind one typed wall. It runs in the child process (reader.py), never in ours.

What comes out is plain text and raw strings: dates, links and languages are judged by the core.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.core.bounds import MOST_LINKS, link_within
from monitor.core.items.urls import linked
from monitor.sources.encoding import decoded
from monitor.sources.markup import html_text, one_line, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_TEXT = 200_000
#: A line of more characters says too much for all of it to be about what it links to.
MOST_PASSAGE = 5000
#: Where pages tell when they were published, most reliable first.
_DATES = (
    ("property", "article:published_time"),
    ("itemprop", "datePublished"),
    ("property", "og:published_time"),
    ("name", "article:published_time"),
    ("name", "date"),
    ("name", "dc.date"),
    ("name", "dc.date.issued"),
    ("name", "dcterms.created"),
    ("name", "citation_publication_date"),
    ("name", "pubdate"),
    ("name", "publish-date"),
    ("name", "parsely-pub-date"),
    ("name", "sailthru.date"),
)
#: "— Glass Almanac (@glassalmanac) May 4, 2025", at the start of a line or behind the post's own words.
SIGNED = re.compile(
    r"(?P<dash>[—–―]|--|(?:(?<=\n)|^)-)\s?(?P<name>[^\n()@—–]{1,80}?)\s?\(@(?P<handle>[A-Za-z0-9_][\w.@-]{0,79})\)"
    r"[\s,·|]{1,4}(?P<date>(?:[^\W\d_]{3,10}\.?\s\d{1,2},?\s\d{4}|\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,10}\.?,?\s(?:de\s)?\d{4}"
    r"|\d{4}年\d{1,2}月\d{1,2}日)(?:\s(?:at\s)?\d{1,2}:\d{2}(?:\s?[AP]M)?)?)",
    re.IGNORECASE,
)
#: lxml refuses letters that were read already and still name an encoding.
_DECLARATION = re.compile(r"^\s*<\?xml\b[^<>]{0,400}\?>", re.IGNORECASE)
#: Behind the date of a post that is written out may stand how many liked it.
MOST_BEHIND = 40
#: What may hold the signature of a quotation, behind it.
_BEHIND = frozenset({"p", "div", "figcaption", "footer", "cite"})
#: Where a line of words ends for who reads the page.
_LINES = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
})  # fmt: skip
#: What stands in these is no part of an article, whatever the extraction makes of it.
_APART = frozenset({
    "aside", "button", "footer", "form", "head", "nav", "noscript", "script", "select", "style", "svg", "template", "textarea",
})  # fmt: skip
_NO_LETTER = re.compile(r"[\W_]+")
_PASSWORD = "//input[translate(@type,'PASWORD','pasword')='password']"  # noqa: S105 - a path in a page


def read_article(body: bytes, url: str, content_type: str) -> dict[str, Any]:
    """Read a page: {title, text, author, site, dates, lang, canonical, quoted, links, login}. `text` is "" if there is no article.

    `quoted` holds the posts that it embeds, taken out of the text: {network, handle, name, text, date, url, uri, lang};
    `network` is "" for one that a plain <blockquote> holds down to its signature. `links` are those of the article's own
    body: [address, the line of `text` that holds it], absolute and http(s) only.
    """
    import trafilatura
    from trafilatura.settings import use_config

    tree = trafilatura.load_html(_DECLARATION.sub("", decoded(body, content_type)))
    if tree is None:
        return {"text": "", "login": False, "quoted": [], "links": []}
    facts = _facts(tree)
    quoted = [post for element in list(_embeds(tree)) if (post := _taken_out(element))]
    quoted += [post for element in list(tree.iter("blockquote")) if (post := _written_out(element))]
    base = _base(tree, url)
    linking = list(_linking_lines(tree))  # now: the posts are out, and trafilatura has not pruned it yet
    config = use_config()
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")  # it would set an alarm; our own limit is on
    document = trafilatura.bare_extraction(
        tree, url=url, include_comments=False, include_tables=True, with_metadata=True, config=config
    )
    found = document if isinstance(document, dict) else document.as_dict() if document is not None else {}
    text = tidy(found.get("text") or "")[:MOST_TEXT]
    return {
        **facts,
        "title": one_line(facts["title"] or found.get("title") or ""),
        "text": text,
        "author": one_line(found.get("author") or ""),
        "site": one_line(facts["site"] or _site_name(found.get("sitename") or "", url)),
        "quoted": quoted,
        "links": _links(linking, text, base),
    }


def _site_name(name: str, url: str) -> str:
    """Trafilatura falls back to the host, which is no name: the feed's title is the better one then."""
    host = urlsplit(url).netloc.lower().removeprefix("www.")
    return "" if host in name.lower() or name.lower() in host else name


def _facts(tree: Any) -> dict[str, Any]:
    """What the page's head says. Read before trafilatura prunes the tree."""
    structured = list(_structured(tree))
    dates = [str(row["datePublished"]) for row in structured if row.get("datePublished")]
    dates += [value for attribute, name in _DATES if (value := _meta(tree, attribute, name))]
    dates += [
        str(value)
        for value in tree.xpath("//article//time/@datetime")[:1] or tree.xpath("//time[@datetime]/@datetime")[:1]
    ]
    canonical = tree.xpath("//link[translate(@rel,'CANONIL','canonil')='canonical']/@href")
    lang = tree.xpath("/html/@lang") or tree.xpath("/html/@*[name()='xml:lang']")
    return {
        "title": _meta(tree, "property", "og:title")
        or next((str(row["headline"]) for row in structured if row.get("headline")), ""),
        "site": _meta(tree, "property", "og:site_name"),
        "dates": dates[:10],
        "lang": str(lang[0]) if lang else _meta(tree, "property", "og:locale"),
        "canonical": str(canonical[0]) if canonical else "",
        "login": bool(tree.xpath(_PASSWORD)),
        "free": next((_free(row) for row in structured if "isAccessibleForFree" in row), None),
    }


def _free(row: dict[str, Any]) -> bool:
    """Whether an article says of itself that everybody may read it: written as a truth value, or as a word."""
    return str(row["isAccessibleForFree"]).rpartition("/")[2].strip().lower() != "false"


def _meta(tree: Any, attribute: str, name: str) -> str:
    lowered = f"translate(@{attribute},'ABCDEFGHIJKLMNOPQRSTUVWXYZ','abcdefghijklmnopqrstuvwxyz')"
    found = tree.xpath(f"//meta[{lowered}=$name]/@content", name=name.lower())
    if not found and attribute == "itemprop":
        found = tree.xpath("//*[@itemprop=$name]/@datetime | //*[@itemprop=$name]/@content", name=name)
    return str(found[0]).strip() if found else ""


def _structured(tree: Any) -> Iterator[dict[str, Any]]:
    """The articles in the page's JSON-LD."""
    for script in tree.xpath("//script[@type='application/ld+json']")[:20]:
        try:
            data = json.loads((script.text or "")[:200_000])
        except (ValueError, RecursionError):
            continue  # broken JSON-LD is common, and only one of several places
        rows = data if isinstance(data, list) else [data]
        for row in rows:
            if isinstance(row, dict):
                graph = row.get("@graph")
                yield from (
                    one
                    for one in [row, *(graph if isinstance(graph, list) else [])]
                    if isinstance(one, dict) and "Article" in str(one.get("@type", ""))
                )


# --- links -----------------------------------------------------------------------------------------------------------


def _base(tree: Any, url: str) -> str:
    """Against what the page's links are meant."""
    given = tree.xpath("//base/@href")[:1]
    return (linked(url, link_within(str(given[0]))) if given else None) or url


def _linking_lines(tree: Any) -> Iterator[tuple[str, list[str]]]:
    """The lines that hold links, in one pass: (their letters, the addresses as they are written)."""
    from lxml import etree

    words: list[str] = []
    links: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        begins = event == "start"
        if tag in _LINES:
            if links and (letters := _letters("".join(words))):
                yield letters, links
            words, links = [], []
        if begins and tag in _APART:
            walk.skip_subtree()
        elif begins:
            if tag == "a" and (href := element.get("href")):
                links.append(href)
            if element.text:
                words.append(element.text)
        if not begins and element.tail:
            words.append(element.tail)


def _letters(words: str) -> str:
    """What of a line is the same in the page and in the text made of it: its letters and digits."""
    return _NO_LETTER.sub("", words)


def _links(lines: Sequence[tuple[str, list[str]]], text: str, base: str) -> list[tuple[str, str]]:
    """Of the links in lines those whose line is a whole line of the text too: (address, that line of the text), each once.

    A menu, a list of other articles or a foot is no line of the text, though its words may stand somewhere in it.
    """
    said = {_letters(line): line for line in _passages(text)} if lines else {}
    found: dict[tuple[str, str], None] = {}
    for letters, hrefs in lines:
        if (line := said.get(letters)) is None:
            continue
        for href in hrefs:
            if (written := link_within(href)) and (link := linked(base, written)):
                found[link, line] = None
            if len(found) >= MOST_LINKS:
                return list(found)
    return list(found)


def _passages(text: str) -> Iterator[str]:
    """The lines of a text without the mark of a list, and the cells of a table's rows."""
    for line in text.split("\n"):
        parts = line.split("|") if line.startswith("|") else [line.removeprefix("- ")]
        yield from (part for one in parts if (part := one.strip()) and len(part) <= MOST_PASSAGE)


# --- embedded posts --------------------------------------------------------------------------------------------------


def _embeds(tree: Any) -> Iterator[Any]:
    for element in tree.iter("blockquote", "iframe", "amp-twitter", "bluesky-embed"):
        kind = element.get("class") or ""
        source = element.get("src") or element.get("data-embed-url") or ""
        if (
            re.search(r"\b(?:twitter-tweet|twitter-video|bluesky-embed|mastodon-embed)\b", kind)
            or element.tag == "amp-twitter"
            or re.search(r"^https?://[^/]+/@[^/]+/\d+/embed", source)
        ):
            yield element


def _taken_out(element: Any) -> dict[str, Any] | None:
    """Take an embedded post out of the page; what it says, or None if only its place is in the page."""
    from lxml import html as lxml_html

    classes = element.get("class") or ""
    source = element.get("data-embed-url") or element.get("src") or ""
    links = [str(href) for href in element.xpath(".//a/@href")]
    paragraphs = element.xpath("./p") or element.xpath(".//p")
    text = html_text("\n".join(_inner(lxml_html, paragraph) for paragraph in paragraphs))
    lang = str(paragraphs[0].get("lang") or "") if paragraphs else ""
    whole = one_line(html_text(_inner(lxml_html, element)))
    after = whole.removeprefix(one_line(text))
    signed = re.search(
        r"(?:[—–-]\s?)?(?P<name>[^()]{0,80}?)\s?\(\s?@(?P<handle>[\w.@-]{1,80})\s?\)\s?(?P<date>.{0,60})", after
    )
    network = "bluesky" if "bluesky" in classes else "mastodon" if "mastodon" in classes or "/@" in source else "x"
    uri = element.get("data-bluesky-uri") or ""
    element.drop_tree()
    if network == "mastodon":
        place = source.removesuffix("/embed")
        found = re.match(r"https?://([^/]+)/@([^/]+)/(\d+)", place)
        handle = f"{found[2]}@{found[1]}" if found and "@" not in found[2] else found[2] if found else ""
        return (
            {
                "network": network,
                "handle": handle,
                "name": "",
                "text": text,
                "date": "",
                "url": place,
                "uri": "",
                "lang": lang,
            }
            if place
            else None
        )
    if not text:
        return None
    place = next((link for link in reversed(links) if "/status" in link or "/post/" in link), "")
    return {
        "network": network,
        "handle": signed["handle"] if signed else "",
        "name": signed["name"].strip(" —–-") if signed else "",
        "text": text,
        "date": signed["date"].strip() if signed else "",
        "url": place,
        "uri": uri,
        "lang": lang,
        "links": [link for link in links if link != place],
    }


def _written_out(element: Any) -> dict[str, Any] | None:
    """Take a plain quotation out of the page if it is a post with its signature at the end, or in the element behind it;
    None, and it stays, if not.

    In the text a quotation has no beginning any more, so one of several paragraphs must be found here.
    """
    from lxml import html as lxml_html

    if element.xpath(".//blockquote"):
        return None  # the inner ones are looked at by themselves
    parts = [element]
    text = html_text(_inner(lxml_html, element))
    found = list(SIGNED.finditer(text))
    behind = element.getnext()
    if not found and behind is not None and behind.tag in _BEHIND and not (element.tail or "").strip():
        signature = html_text(_inner(lxml_html, behind))
        if SIGNED.match(signature):
            parts, text = [element, behind], f"{text}\n{signature}"
            found = list(SIGNED.finditer(text))
    if len(found) != 1 or len(text) - found[0].end() > MOST_BEHIND:
        return None
    (signed,) = found
    words = text[: signed.start()].strip().strip('“”"')
    if not words:
        return None  # they stand above the quotation, in the text
    links = [str(href) for part in parts for href in part.xpath(".//a/@href")]
    place = next((link for link in reversed(links) if "/status" in link or "/post/" in link or "/@" in link), "")
    for part in parts:
        part.drop_tree()
    return {
        "network": "",
        "handle": signed["handle"],
        "name": signed["name"].strip(),
        "text": words,
        "date": signed["date"],
        "url": place,
        "uri": "",
        "lang": "",
        "links": [link for link in links if link != place],
    }


def _inner(lxml_html: Any, element: Any) -> str:
    return str(lxml_html.tostring(element, encoding="unicode", with_tail=False))
