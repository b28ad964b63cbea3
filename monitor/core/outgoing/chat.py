"""A notice in the shape that each chat takes. A headline is whatever somebody wrote: here it calls nobody and links nowhere. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from monitor.core.outgoing.hook import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitor.core.outgoing.notice import Notice

#: Stands behind an @, so that no chat reads a name there (@channel, @everyone, @room), in <! and in ://; it is not seen.
_NOTHING = "\u200b"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~])")
#: The shortest of the services' limits is Discord's 2,000 characters.
MOST = 1900


@dataclass(frozen=True, slots=True)
class Request:
    """One request: how, where, with what."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


def body_for(service: Service, notice: Notice, url: str) -> bytes:
    """The body of a message to a chat; `url` is the address that somebody named, of which Telegram wants the chat in the body."""
    return json.dumps(_SHAPES[service](notice, url), ensure_ascii=False, separators=(",", ":")).encode()


def request_for(service: Service, url: str, message_id: str) -> Request:
    """Where and how it is sent. Secrets that stand in the address as it was named go where the service wants them."""
    parts = urlsplit(url)
    plain = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    if service is Service.TELEGRAM:
        return Request("POST", plain)
    if service is Service.MATRIX:
        token = parse_qs(parts.query)["access_token"][0]
        # The last part makes a repeat harmless: the server keeps one message of a number (Client-Server API, "Sending events").
        return Request("PUT", f"{plain.rstrip('/')}/{quote(message_id)}", {"authorization": f"Bearer {token}"})
    return Request("POST", url)


def plain(text: str) -> str:
    """Words of others that call nobody and lead nowhere."""
    for sign, rest in (("@", ""), ("＠", ""), ("<", "!"), (":", "//")):
        text = text.replace(f"{sign}{rest}", f"{sign}{_NOTHING}{rest}")
    return text


def in_markdown(text: str) -> str:
    """Words of others where Markdown is read: every sign of it is a sign and no more."""
    return _MARKDOWN.sub(r"\\\1", plain(text))


def in_slack(text: str) -> str:
    """Words of others in Slack, whose mentions and links begin with < (Formatting text, "Escaping")."""
    return plain(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _lines(notice: Notice, words: Callable[[str], str], link: str) -> str:
    return "\n".join(map(words, notice.lines))[:MOST] + f"\n{link}"


def _slack(notice: Notice, _: str) -> dict[str, Any]:
    link = f"<{notice.link}|Open in Hypewatch>"
    return {"text": _lines(notice, in_slack, link), "unfurl_links": False, "unfurl_media": False}


def _mattermost(notice: Notice, _: str) -> dict[str, Any]:
    return {"text": _lines(notice, in_markdown, notice.link)}


def _discord(notice: Notice, _: str) -> dict[str, Any]:
    # allowed_mentions: whatever stands in the text calls nobody; flags 4: no preview.
    content = _lines(notice, in_markdown, f"<{notice.link}>")
    return {"content": content, "allowed_mentions": {"parse": []}, "flags": 4}


def _teams(notice: Notice, _: str) -> dict[str, Any]:
    # A RichTextBlock reads no Markdown, a TextBlock does.
    body = [
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": plain(line)} | ({"weight": "bolder"} if at == 0 else {})],
        }
        for at, line in enumerate(notice.lines)
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Hypewatch", "url": notice.link}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _matrix(notice: Notice, _: str) -> dict[str, Any]:
    # m.notice asks bots not to answer; m.mentions without anybody calls nobody, whatever the text says (spec v1.7).
    return {"msgtype": "m.notice", "body": _lines(notice, plain, notice.link), "m.mentions": {}}


def _telegram(notice: Notice, url: str) -> dict[str, Any]:
    # Without parse_mode nothing in the text is read as a form.
    return {
        "chat_id": parse_qs(urlsplit(url).query)["chat_id"][0],
        "text": _lines(notice, plain, notice.link),
        "link_preview_options": {"is_disabled": True},
    }


_SHAPES: Mapping[Service, Callable[[Notice, str], dict[str, Any]]] = {
    Service.SLACK: _slack,
    Service.MATTERMOST: _mattermost,
    Service.DISCORD: _discord,
    Service.TEAMS: _teams,
    Service.MATRIX: _matrix,
    Service.TELEGRAM: _telegram,
}
