"""From HTML to the words a reader sees. Linear in the length of the input, whatever is in it; shared by feeds and posts."""

from __future__ import annotations

import html
import re

#: What is read of one description or post: the longest articles have a third of this.
MOST_CHARACTERS = 100_000

_UNSEEN = ("script", "style", "template", "iframe", "noscript", "svg", "head")
_BREAKS = re.compile(
    r"<(?:/?(?:p|div|li|ul|ol|tr|table|caption|h[1-6]|blockquote|section|article|aside|header|footer|main|nav|figure"
    r"|figcaption|details|summary|address|fieldset|form|pre|dl|dt)|/dd|br|hr)\b[^<>]*>",
    re.IGNORECASE,
)
#: What stands beside its neighbour on one line, and is no part of its word.
_BESIDE = re.compile(r"<(?:/?(?:t[dh]|option|button)|dd|img)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_HREF = re.compile(r"""<a\b[^<>]*?\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")


def html_text(markup: str) -> str:
    """The words of a piece of HTML: blocks on lines of their own, no tags, no scripts, entities as letters."""
    text = without_comments(markup[:MOST_CHARACTERS])
    for name in _UNSEEN:
        text = _without_element(text, name)
    text = _BESIDE.sub(" ", _BREAKS.sub("\n", text.replace("\n", " ").replace("\r", " ")))
    text = _TAG.sub("", text)
    return tidy(html.unescape(text))


def html_links(markup: str) -> tuple[str, ...]:
    """Every address that its links lead to, as written, each once."""
    found = (html.unescape(next(filter(None, groups), "")) for groups in _HREF.findall(markup[:MOST_CHARACTERS]))
    return tuple(dict.fromkeys(link for link in found if link))


def tidy(text: str) -> str:
    """Single spaces, no empty lines, no controls."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    """The text on one line: for titles and names."""
    return " ".join(tidy(text).split())


def well_formed(text: str) -> str:
    """Without halves of surrogate pairs, which JSON and `&#xD800;` can bring and no file, database or mail can hold."""
    return _SURROGATE.sub("\ufffd", text)


def without_comments(markup: str) -> str:
    """No `<!-- ... -->`; of one that is never closed only its mark goes."""
    if "<!--" not in markup:
        return markup
    kept, at = [], 0
    while (start := markup.find("<!--", at)) >= 0:
        kept.append(markup[at:start])
        end = markup.find("-->", start + 4)
        if end < 0:
            kept.append(markup[start + 4 :].replace("<!--", ""))
            at = len(markup)
            break
        at = end + 3
    kept.append(markup[at:])
    return "".join(kept)


def _without_element(text: str, name: str) -> str:
    """Without an element and all that is in it; one that is never closed goes to the end."""
    opening, closing = re.compile(rf"<{name}\b", re.IGNORECASE), re.compile(rf"</{name}\s*>", re.IGNORECASE)
    kept, at = [], 0
    while start := opening.search(text, at):
        kept.append(text[at : start.start()])
        end = closing.search(text, start.end())
        if end is None:
            return "".join(kept)
        at = end.end()
    kept.append(text[at:])
    return "".join(kept)
