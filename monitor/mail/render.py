"""From a composed Digest to what a person reads: a hand-shaped text part and one HTML column. No markup of others gets in."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.items.urls import http_link

if TYPE_CHECKING:
    from jinja2 import Environment

    from monitor.core.digests.digest import Digest

TEXT_COLUMNS = 72
#: "   Why it matters  " is the longest label of an item.
LABEL_COLUMNS = 19
#: Gmail cuts mails above 102 KB; with quoted-printable and a text part beside it, 80 KB of HTML is the room there is.
HTML_MAX = 80_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLinks:
    """Addresses that the digest points to. Those with an effect are signed and lead to a page with one button."""

    today: str
    mention: str  # with {id}
    wrong: dict[int, str]  # by flag id
    unsubscribe: str
    pause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    text: str
    html: str


def render_digest(digest: Digest, links: MailLinks, *, schedule: str) -> Rendered:
    """Render both parts. `schedule` says when this person gets it ("every day at 07:00, Asia/Tokyo")."""
    values = {"digest": digest, "links": links, "schedule": schedule}
    text = _environment().get_template("digest.txt").render(values)
    mjml = _environment().get_template("digest.mjml").render(values)
    return Rendered(text=_tidy(text), html=_html(mjml))


def render_confirmation(study_name: str, link: str) -> Rendered:
    """Render the mail that asks for consent."""
    values = {"study_name": study_name, "link": link}
    text = _environment().get_template("confirm.txt").render(values)
    return Rendered(text=_tidy(text), html=_html(_environment().get_template("confirm.mjml").render(values)))


def _html(mjml: str) -> str:
    import mrml

    html: str = mrml.to_html(mjml).content
    return html


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
    environment.filters["words"] = lambda slug: slug.replace("-", " ")
    return environment


def _row(text: str, label: str) -> str:
    """A labelled paragraph: labels in one column, words in the other, as far as 72 columns."""
    folded = textwrap.wrap(
        " ".join(str(text).split()), TEXT_COLUMNS - LABEL_COLUMNS, break_long_words=False, break_on_hyphens=False
    )
    rest = [" " * LABEL_COLUMNS + line for line in folded[1:]]
    return "\n".join([f"   {label}".ljust(LABEL_COLUMNS) + (folded[0] if folded else ""), *rest])


def _fold(text: str, indent: int = 0, hang: int | None = None) -> str:
    """Wrap to 72 columns; addresses are never broken, or a mail program could not open them."""
    return textwrap.fill(
        " ".join(str(text).split()),
        TEXT_COLUMNS,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hang is None else hang),
        break_long_words=False,
        break_on_hyphens=False,
    )
