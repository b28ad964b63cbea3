"""From a composed Digest to what a person reads: a hand-shaped text part and one HTML column. No markup of others gets in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from monitor.core.items.urls import http_link
from monitor.core.text.excerpt import width
from monitor.core.text.xml import for_xml
from monitor.mail.columns import columns
from monitor.mail.folding import TEXT_COLUMNS, folded
from monitor.ports import Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment

    from monitor.core.digests.digest import Digest
    from monitor.core.digests.report import Report
    from monitor.core.digests.search_mail import SearchNews
    from monitor.core.digests.subscribers import Wishes
    from monitor.core.digests.urgent import Urgent
    from monitor.core.wording import Wording

    #: What is mailed to subscribers.
    Told: TypeAlias = Digest | Report | Urgent | SearchNews

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


def render_digest(digest: Digest, links: MailLinks, wording: Wording, *, wishes: Wishes, schedule: str) -> Rendered:
    """Render both parts. `schedule` says when this person gets it ("every day at 07:00, Asia/Tokyo"), `wishes` of what."""
    return _rendered("digest", digest, links, wording, wishes, schedule)


def render_report(report: Report, links: MailLinks, wording: Wording, *, wishes: Wishes, schedule: str) -> Rendered:
    """As `render_digest`, for a weekly or monthly report."""
    return _rendered("report", report, links, wording, wishes, schedule)


def render_urgent(urgent: Urgent, links: MailLinks, wording: Wording, *, wishes: Wishes, schedule: str) -> Rendered:
    """As `render_digest`; `schedule` says what makes such a mail come."""
    return _rendered("urgent", urgent, links, wording, wishes, schedule)


def render_search(news: SearchNews, links: MailLinks, wording: Wording, *, wishes: Wishes, schedule: str) -> Rendered:
    """As `render_digest`, for what a saved search found."""
    return _rendered("search", news, links, wording, wishes, schedule)


def _rendered(name: str, mail: Told, links: MailLinks, wording: Wording, wishes: Wishes, schedule: str) -> Rendered:
    values = {
        "only": wishes.coverage.words(wording),
        name: mail,
        "links": links,
        "schedule": schedule,
        "say": wording.say,
        "many": wording.many,
        "gap": wording.gap,
    }
    text = _environment().get_template(f"{name}.txt").render(values)
    return Rendered(text=_tidy(text), html=_html(_environment().get_template(f"{name}.mjml").render(values)))


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

    html: str = mrml.to_html(for_xml(mjml)).content
    # MJML has no landmarks: its outermost element is the mail's content.
    return html.replace('<div class="page"', '<div role="main" class="page"', 1)


def _tidy(text: str) -> str:
    """No trailing spaces, never more than one empty line, and no characters that steer a terminal."""
    lines = [line.rstrip() for line in for_xml(text).strip().splitlines()]
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
    environment.filters["columns"] = columns
    return environment


def _row(text: str, label: str) -> str:
    """A labelled paragraph: labels in one column, words in the other, as far as 72 columns."""
    first, *rest = list(folded(text, TEXT_COLUMNS - LABEL_COLUMNS)) or [""]
    begin = f"   {label}"
    begin += " " * max(1 if label else 0, LABEL_COLUMNS - width(begin))
    return "\n".join([begin + first, *(" " * LABEL_COLUMNS + line for line in rest)])


def _fold(text: str, indent: int = 0, hang: int | None = None) -> str:
    """Wrap to 72 columns; addresses are never broken, or a mail program could not open them."""
    hang = indent if hang is None else hang
    first, *rest = list(folded(text, TEXT_COLUMNS - max(indent, hang))) or [""]
    return "\n".join([" " * indent + first, *(" " * hang + line for line in rest)])


def _head(words: str) -> str:
    """A heading of the text part, underlined."""
    return f"{words.upper()}\n{'-' * width(words)}"
