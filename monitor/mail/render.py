"""From a composed Digest to what a person reads: a hand-shaped text part and one HTML column. No markup of others gets in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.items.urls import http_link
from monitor.core.text.excerpt import width
from monitor.ports import Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2 import Environment

    from monitor.core.digests.digest import Digest
    from monitor.core.wording import Wording

TEXT_COLUMNS = 72
#: "   Why it matters  " is the longest label of an item.
LABEL_COLUMNS = 19
#: Gmail cuts mails above 102 KB; with quoted-printable and a text part beside it, 80 KB of HTML is the room there is.
HTML_MAX = 80_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLinks:
    """Addresses that the digest points to. Those with an effect are signed and lead to a page with one button."""

    today: str
    mention: Callable[[int], str]  # by mention id: its text with the marks, for this reader
    wrong: Mapping[int, str]  # by flag id
    note: Mapping[int, str]  # by flag id: the letter that asks for a correction
    unsubscribe: str
    pause: str
    settings: str
    issue: str  # the mail itself, in a browser


def render_digest(digest: Digest, links: MailLinks, wording: Wording, *, schedule: str) -> Rendered:
    """Render both parts. `schedule` says when this person gets it ("every day at 07:00, Asia/Tokyo")."""
    values = {"digest": digest, "links": links, "schedule": schedule, "say": wording.say, "many": wording.many}
    text = _environment().get_template("digest.txt").render(values)
    mjml = _environment().get_template("digest.mjml").render(values)
    return Rendered(text=_tidy(text), html=_html(mjml))


def render_confirmation(study_name: str, link: str, wording: Wording, *, schedule: str) -> Rendered:
    """Render the mail that asks for consent; `schedule` as for a digest."""
    values = {
        "study_name": study_name,
        "link": link,
        "language": wording.language,
        "say": wording.say,
        "schedule": schedule,
    }
    text = _environment().get_template("confirm.txt").render(values)
    return Rendered(text=_tidy(text), html=_html(_environment().get_template("confirm.mjml").render(values)))


def _html(mjml: str) -> str:
    import mrml

    html: str = mrml.to_html(mjml).content
    # MJML has no landmarks: its outermost element is the mail's content.
    return html.replace('<div class="page"', '<div role="main" class="page"', 1)


def _tidy(text: str) -> str:
    """No trailing spaces, never more than one empty line."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept) + "\n"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("monitor.mail", "templates"),
        autoescape=select_autoescape(enabled_extensions=("mjml", "html"), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fold"] = _fold
    environment.filters["row"] = _row
    environment.filters["http"] = http_link  # a second lock: links of other schemes are refused where they come in
    environment.filters["head"] = _head
    return environment


def _row(text: str, label: str) -> str:
    """A labelled paragraph: labels in one column, words in the other, as far as 72 columns."""
    folded = list(_lines(text, TEXT_COLUMNS - LABEL_COLUMNS))
    begin = f"   {label}"
    begin += " " * max(1 if label else 0, LABEL_COLUMNS - width(begin))
    rest = [" " * LABEL_COLUMNS + line for line in folded[1:]]
    return "\n".join([begin + (folded[0] if folded else ""), *rest])


def _fold(text: str, indent: int = 0, hang: int | None = None) -> str:
    """Wrap to 72 columns; addresses are never broken, or a mail program could not open them."""
    hang = indent if hang is None else hang
    first, *rest = list(_lines(text, TEXT_COLUMNS - max(indent, hang))) or [""]
    return "\n".join([" " * indent + first, *(" " * hang + line for line in rest)])


def _head(words: str) -> str:
    """A heading of the text part, underlined."""
    return f"{words.upper()}\n{'-' * width(words)}"


#: What may stand alone at the end of a line: a word, or one character of a script that is written without spaces, with the
#: signs that must not begin a line.
_PIECES = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef][、。，．：；！？）」』】ーっゃゅょッャュョ…]*|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+"
)


def _lines(text: str, columns: int) -> Iterator[str]:
    """The text in lines of at most so many columns, broken between words, and in Japanese between characters. Wide characters
    take two columns (UAX 11).
    """
    line, size = "", 0
    for piece in _PIECES.findall(" ".join(str(text).split())):
        wide = width(piece)
        if line.strip() and size + width(piece.rstrip()) > columns:
            yield line.rstrip()
            line, size = "", 0
        if line or piece.strip():
            line, size = line + piece, size + wide
    if line.strip():
        yield line.rstrip()
