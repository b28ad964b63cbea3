"""What is told of an event: as data for a program, and as a few lines for a chat. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.core.judgement import flag_fields
from monitor.core.outgoing.hook import Event
from monitor.core.text.excerpt import one_line, shortened

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.mention import Mention, StoredFlag

#: Of words that others wrote a chat shows so many characters; the page has them all.
MOST_QUOTED = 280


@dataclass(frozen=True, slots=True)
class Notice:
    """`lines` for people, the first says the most; `link` leads to the page; `data` is the same for programs."""

    event: Event
    lines: tuple[str, ...]
    link: str
    data: dict[str, Any]


def of_flag(stored: StoredFlag, mention: Mention, study_name: str, base_url: str) -> Notice:
    """Something goes too far: who says it, in which words, what the study found, and what one could say."""
    flag = stored.flag
    link = f"{base_url}/mentions/{mention.id}"
    lines = [
        f"{_short(mention.source.name)}: “{_short(flag.span.quote)}”",
        f"Goes too far: {flag.drift.words}. ({_short(study_name)})",
    ]
    if flag.found:
        lines.append(f"The study found: {_short(flag.found)}")
    if flag.correction:
        lines.append(f"You could say: {_short(flag.correction)}")
    told = {
        "study": mention.study_id,
        "link": link,
        "mention": {
            "id": mention.id,
            "url": mention.url,
            "title": mention.title,
            "source": mention.source.name,
            "network": mention.network.value,
            "lang": mention.lang,
            "published": _stamp(mention.published),
            "story": mention.story_id,
        },
        "flag": {"id": stored.id, **flag_fields(flag)},
    }
    return Notice(Event.FLAG, tuple(lines), link, told)


def of_digest(digest_id: int, *, study_id: str, study_name: str, date: str, mentions: int, base_url: str) -> Notice:
    """A digest went out. Nobody's address and nobody's words: those who read a channel need not be those who get mail."""
    link = f"{base_url}/digests/{digest_id}"
    count = "no new mention" if mentions == 0 else "1 mention" if mentions == 1 else f"{mentions} mentions"
    lines = (f"The digest on {one_line(study_name)} for {date} went out: {count}.",)
    return Notice(Event.DIGEST, lines, link, {"study": study_id, "date": date, "mentions": mentions, "link": link})


def of_test(base_url: str) -> Notice:
    """Somebody wants to see whether calls arrive."""
    lines = ("This is a test of Hypewatch: what it tells arrives here. Nothing is to be done.",)
    return Notice(Event.TEST, lines, f"{base_url}/", {"link": f"{base_url}/"})


def last_of_the_day(notice: Notice, most: int) -> Notice:
    """The same, saying that no more is told here within a day."""
    more = f"This is message {most} within a day: more is told here tomorrow, and all of it stands on the pages."
    return Notice(notice.event, (*notice.lines, more), notice.link, notice.data)


def body_of(notice: Notice, at: datetime) -> bytes:
    """A call's body as Standard Webhooks has it."""
    told = {"type": notice.event.value, "timestamp": _stamp(at), "data": notice.data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _short(text: str) -> str:
    return shortened(one_line(text), MOST_QUOTED)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
