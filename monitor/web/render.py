"""Templates to HTML. Everything that others wrote is escaped here; marks around flagged words are made from offsets."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from monitor.core.items.urls import http_link
from monitor.core.sentences import closed
from monitor.core.text.excerpt import sentence_around
from monitor.core.text.lang import language_name, not_judged
from monitor.core.text.lines import levelled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from jinja2 import Environment

    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention, StoredFlag

PACKAGE = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """Render a page template; an undefined name is an error, never an empty string."""
    return _environment().get_template(template).render(values)


def marked(text: str, flags: Sequence[StoredFlag], where: str = "text") -> Markup:
    """The text, escaped, with each flagged span in a <mark> that leads to its flag. Overlapping spans become one mark.

    Of flags on the very same words the surest is the one it leads to.
    """
    spans = sorted(
        (stored for stored in flags if stored.stands and stored.flag.span.where == where),
        key=lambda stored: (stored.flag.span.start, stored.flag.span.end, -stored.flag.confidence, stored.id),
    )
    text = levelled(text)
    out, at = [], 0
    for stored in spans:
        start, end = stored.flag.span.start, stored.flag.span.end
        if end <= at:
            continue
        begin = max(start, at)
        out.append(escape(text[at:begin]))
        kind = "sure" if stored.flag.confirmed else "look"
        out.append(Markup('<mark class="{}"><a href="#flag-{}">{}</a></mark>').format(kind, stored.id, text[begin:end]))
        at = end
    out.append(escape(text[at:]))
    # Page texts part their paragraphs by one line break; a reader wants to see them apart.
    return Markup(re.sub(r"\n+", "\n\n", Markup("").join(out)))  # noqa: S704 - escaped above


def said_in(context: str, said: str) -> Markup:
    """The flagged words, marked, within the sentence around them."""
    before, found, after = context.partition(said)
    if not found:
        return Markup('<mark class="sure">{}</mark>').format(said)
    return Markup('{}<mark class="sure">{}</mark>{}').format(before, found, after)


def around(mention: Mention, flag: Flag) -> str:
    """The sentence of title or text that holds a flag's words."""
    text = mention.title if flag.span.where == "title" else mention.text
    return sentence_around(text, flag.span.start, flag.span.end)


def quoted(value: str) -> str:
    """A value as the query language takes it after `field:`."""
    return value if value.replace("-", "").replace(".", "").replace("_", "").isalnum() else f'"{value}"'


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["closed"] = closed
    environment.filters["words"] = lambda slug: slug.replace("-", " ")
    environment.filters["when"] = _when
    environment.filters["language"] = language_name
    environment.filters["not_judged"] = not_judged
    environment.filters["http"] = http_link  # a second lock: links of other schemes are refused where they come in
    environment.filters["quoted"] = quoted
    environment.globals |= {"marked": marked, "said_in": said_in, "around": around}
    return environment


def _when(moment: datetime | None) -> str:
    return f"{moment:%a %d %b %Y, %H:%M} UTC" if moment else "never"
