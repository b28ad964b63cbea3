"""Telling other programs: an address that somebody named, what it is told, and each call with its tries. Pure data and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from monitor.core.errors import UsageError
from monitor.core.items.urls import http_link

if TYPE_CHECKING:
    from collections.abc import Sequence


class Service(StrEnum):
    """Who is told: a program that understands Standard Webhooks, or a chat."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    DISCORD = "discord"
    MATRIX = "matrix"
    TELEGRAM = "telegram"

    @property
    def chat(self) -> bool:
        return self is not Service.WEBHOOK


class Event(StrEnum):
    """What happened."""

    FLAG = "flag.confirmed"  # something goes too far, sure enough to be mailed
    DIGEST = "digest.sent"  # the digest on a study went out for a local date
    TEST = "test"


#: What an address is told unless somebody says otherwise.
EVENTS = (Event.FLAG, Event.DIGEST)


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # tried too often, or refused for good: shown until somebody sends it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address that is told of `events` on `study_id` ("": all studies) that happen after `since`.

    `url` and `secret` are secrets: of a chat the address alone lets in whoever knows it.
    """

    id: int
    service: Service
    url: str
    secret: str
    events: tuple[Event, ...]
    study_id: str
    since: datetime
    disabled: str = ""  # why it is told nothing any more, a sentence; "" while it is

    @property
    def place(self) -> str:
        """Where it leads, as far as others may see it."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing to tell one address. Id and body never change; `key` names what happened, once for each address."""

    id: int
    hook_id: int
    event: Event
    key: str
    message_id: str
    body: bytes
    state: CallState
    created_at: datetime
    attempts: int = 0
    not_before: datetime | None = None
    last_error: str = ""
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call to store. `mention_id`: the mention whose words stand in it; it goes when that goes."""

    event: Event
    key: str
    message_id: str
    body: bytes
    mention_id: int | None = None


@dataclass(frozen=True, slots=True)
class ToldFlag:
    """A flag that may be told."""

    flag_id: int
    mention_id: int
    story_id: int | None
    published: datetime

    def key(self, service: Service) -> str:
        """What counts as the same: to a program each flag is its own, in a chat a story is told once."""
        if service.chat and self.story_id is not None:
            return f"story:{self.story_id}"
        return f"mention:{self.mention_id}" if service.chat else f"flag:{self.flag_id}"


@dataclass(frozen=True, slots=True)
class ToldDigest:
    """A digest that went out to somebody."""

    digest_id: int
    study_id: str
    local_date: str
    mentions: int

    @property
    def key(self) -> str:
        """Of all the people who get it, once."""
        return f"digest:{self.study_id}:{self.local_date}"


#: Standard Webhooks (v1.0.0, "Deliverability and reliability"): the wait after each failed attempt, a day and a bit in all
#: before the last three.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: What happened longer ago is told nobody: after days without work there is the digest.
TOLD_WITHIN = timedelta(days=3)
#: A chat is for what is new: older pieces that an import or new rules bring up are in the digest.
CHAT_WITHIN = timedelta(days=14)
#: Messages to one chat in 24 hours; more would be muted, and then nothing is read.
CHAT_A_DAY = 20
GONE = "The address said that it wants no more (410)."


@dataclass(frozen=True, slots=True)
class AfterCall:
    """What follows an attempt: where the call stands, when it is tried again, and why its address is told nothing any more."""

    state: CallState
    not_before: datetime | None = None
    disabled: str = ""


def after_call(status: int | None, attempts: int, now: datetime, retry_after: timedelta | None = None) -> AfterCall:
    """What follows the `attempts`-th attempt, answered with `status`, None if there was no answer."""
    if status is not None and 200 <= status < 300:
        return AfterCall(CallState.SENT)
    if status == 410:
        return AfterCall(CallState.DEAD, disabled=GONE)
    if attempts > len(WAITS):
        return AfterCall(CallState.DEAD)
    return AfterCall(CallState.WAITING, now + max(WAITS[attempts - 1], retry_after or timedelta()))


def check_hook(service: Service, url: str) -> str:
    """The address as it is kept; raises UsageError if this service has no such address. Where it leads is checked when it is called."""
    link = http_link(url)
    if link is None:
        raise UsageError("This is no web address.", "It must begin with https:// or http:// and name a host.")
    asked = parse_qs(urlsplit(link).query)
    if service is Service.TELEGRAM and not (asked.get("chat_id") and "/bot" in link):
        raise UsageError(
            "Telegram needs a bot and a chat.",
            "Write https://api.telegram.org/bot<token>/sendMessage?chat_id=<number of the chat>.",
        )
    if service is Service.MATRIX and not (asked.get("access_token") and "/rooms/" in link):
        raise UsageError(
            "Matrix needs a room and an access token.",
            "Write https://<server>/_matrix/client/v3/rooms/<id of the room>/send/m.room.message?access_token=<token>.",
        )
    return link


def read_events(names: Sequence[str]) -> tuple[Event, ...]:
    """The events that somebody named; none means EVENTS. Raises UsageError for a name that is none."""
    known = {event.value: event for event in EVENTS}
    for name in names:
        if name not in known:
            raise UsageError(f"There is no event {name!r}.", f"There are {' and '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names)) or EVENTS
