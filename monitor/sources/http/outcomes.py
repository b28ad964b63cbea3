"""How a call to the outside ends: from a status or an exception to an Outcome and one sentence for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpcore2

from monitor.core.feed import Fetched, Validators
from monitor.core.model import Outcome, Reason
from monitor.deadline import DeadlineError
from monitor.sources.http.decoders import BrokenError, TooLargeError

RETRY_AFTER_MOST = timedelta(hours=24)
PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class RefusedError(Exception):
    """An address that must not be asked; its text is the sentence."""

    def __init__(self, sentence: str, reason: Reason = Reason.ADDRESS) -> None:
        """`sentence` is for a person."""
        super().__init__(sentence)
        self.reason = reason


class DrippingError(DeadlineError):
    """The time is up in the middle of a body."""


class UnreachableError(Exception):
    """No connection; its text is the sentence."""


class BusyError(Exception):
    """Other requests to the host took all of our time."""


class NotOpenedError(Exception):
    """A connection for a stream that could not be made: how it ended, and its sentence."""

    def __init__(
        self, outcome: Outcome, sentence: str, wait: timedelta | None = None, *, reason: Reason | None = None
    ) -> None:
        """`sentence` is for a person; `wait`: how long the other side asks us to stay away, if it does."""
        super().__init__(sentence)
        self.outcome, self.sentence, self.wait, self.reason = outcome, sentence, wait, reason


class LostError(Exception):
    """Redirects that lead nowhere; its text is the sentence."""


class Ending(NamedTuple):
    """How a call ended: what it counts as, one sentence for a person, and why, as far as somebody can do something about it."""

    outcome: Outcome
    sentence: str
    reason: Reason | None = None


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = b""


class Trail:
    """The addresses of one call, from the first asked to the one that answered."""

    def __init__(self, url: str) -> None:
        self.seen = [url]
        self.moved_to: str | None = None
        self._permanent = True
        self._moving: str | None = None

    @property
    def url(self) -> str:
        return self.seen[-1]

    @property
    def host(self) -> str:
        try:
            return urlsplit(self.url).hostname or shown(self.url)
        except ValueError:
            return shown(self.url)

    def checked(self) -> None:
        """The address we are at is one that may be asked: only now it counts as the place a feed has moved to."""
        self.moved_to = self._moving

    def turn(self, answer: Answer, most: int) -> None:
        """Go where the answer sends us; raises LostError."""
        location = answer.headers.get("location", "").strip()
        if not location:
            raise LostError(f"{self.host} sends us elsewhere without saying where.")
        try:
            url = urljoin(self.url, location)
        except ValueError:
            raise LostError(f"{self.host} sends us to {shown(location)}, which is no web address.") from None
        url = url.partition("#")[0]
        if url in self.seen:
            raise LostError(f"{self.host} sends us in a circle.")
        if len(self.seen) > most:
            raise LostError(f"{urlsplit(self.seen[0]).hostname} sends us on more than {most} times.")
        self._permanent = self._permanent and answer.status in PERMANENT
        self.seen.append(url)
        if self._permanent:
            self._moving = url


def ended(trail: Trail, ending: Ending) -> Fetched:
    return Fetched(
        url=trail.seen[0],
        final_url=trail.url,
        outcome=ending.outcome,
        status=None,
        headers={},
        body=b"",
        sentence=ending.sentence,
        reason=ending.reason,
    )


def read_answer(answer: Answer, trail: Trail, *, conditional: bool) -> Fetched:
    ending = _meaning(answer, trail.host, conditional=conditional)
    outcome = ending.outcome
    fine = outcome in {Outcome.FETCHED, Outcome.NOT_MODIFIED}
    return replace(
        ended(trail, ending),
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        validators=Validators(
            etag=answer.headers.get("etag") or None, last_modified=answer.headers.get("last-modified") or None
        ),
        retry_after=retry_after(answer.headers.get("retry-after"), answer.headers.get("date"))
        if outcome in {Outcome.RATE_LIMITED, Outcome.TEMPORARY}
        else None,
        moved_to=trail.moved_to if fine else None,
    )


def _meaning(answer: Answer, host: str, *, conditional: bool) -> Ending:
    """What a status means."""
    status = answer.status
    if 200 <= status < 300:
        return Ending(Outcome.FETCHED, "Read.")
    if status == 304:
        if conditional:
            return Ending(Outcome.NOT_MODIFIED, "Not modified since the last time.")
        return Ending(Outcome.SOFT, f"{host} answered “not modified” (304), though it was asked for the whole.")
    if status == 503 and "retry-after" in answer.headers:
        return Ending(Outcome.RATE_LIMITED, f"{host} is busy and asks us to come later (503).", Reason.LATER)
    if status >= 500:
        sentence = f"{host} has a fault of its own ({status}); it is asked again later."
        return Ending(Outcome.TEMPORARY, sentence, Reason.OWN_FAULT)
    found = _STATUS.get(status, Ending(Outcome.HARD, "{host} does not give it out (status {status})."))
    return found._replace(sentence=found.sentence.format(host=host, status=status))


_STATUS = {
    401: Ending(Outcome.HARD, "{host} wants a login (401).", Reason.LOGIN),
    402: Ending(Outcome.HARD, "{host} wants to be paid first (402).", Reason.PAYMENT),
    403: Ending(Outcome.HARD, "{host} refuses to give it to us (403).", Reason.FORBIDDEN),
    404: Ending(Outcome.HARD, "{host} has nothing at this address (404).", Reason.MISSING),
    408: Ending(
        Outcome.TEMPORARY, "{host} waited too long for our question (408); it is asked again later.", Reason.LATER
    ),
    410: Ending(Outcome.GONE, "{host} says that it is gone for good (410).", Reason.GONE),
    425: Ending(Outcome.TEMPORARY, "{host} asks us to try again (425).", Reason.LATER),
    429: Ending(Outcome.RATE_LIMITED, "{host} was asked too often and wants us to come later (429).", Reason.TOO_OFTEN),
    451: Ending(Outcome.HARD, "{host} may not show it for legal reasons (451).", Reason.LEGAL),
}


def failure(error: Exception, trail: Trail, deadline: float, most: int) -> Ending:
    """The ending that an exception means. Our own say it themselves, the others are in the table."""
    if isinstance(error, RefusedError):
        sent = "" if len(trail.seen) == 1 else f"{shown(trail.seen[0])} sends us on. "
        return Ending(Outcome.HARD, f"{sent}{error}", error.reason)
    if isinstance(error, LostError):
        return Ending(Outcome.HARD, str(error), Reason.ASTRAY)
    if isinstance(error, UnreachableError):
        return Ending(Outcome.TEMPORARY, str(error), Reason.NAME)
    if isinstance(error, TooLargeError) and str(error):
        sentence = (
            f"{trail.host} sent a small answer ({error}) that unpacks to more than {most / 1e6:g} MB, as none should."
        )
        return Ending(Outcome.SOFT, sentence, Reason.UNREADABLE)
    for kinds, ending in _FAILURES:
        if isinstance(error, kinds):
            told = ending.sentence.format(host=trail.host, seconds=f"{deadline:g}", most=f"{most / 1e6:g}")
            return ending._replace(sentence=told)
    return Ending(
        Outcome.TEMPORARY, f"The connection to {trail.host} failed ({type(error).__name__}).", Reason.BROKE_OFF
    )


_FAILURES: tuple[tuple[tuple[type[Exception], ...], Ending], ...] = (
    (
        (BusyError,),
        Ending(
            Outcome.RATE_LIMITED, "Other requests to {host} are still running; it is asked again later.", Reason.LATER
        ),
    ),
    (
        (TooLargeError,),
        Ending(
            Outcome.SOFT,
            "{host} sent more than {most} MB, which no feed or article has; whoever runs it can make it shorter.",
            Reason.UNREADABLE,
        ),
    ),
    (
        (BrokenError,),
        Ending(Outcome.SOFT, "{host} sent its answer packed in a way that cannot be unpacked.", Reason.UNREADABLE),
    ),
    (
        (httpcore2.ConnectTimeout,),
        Ending(Outcome.TEMPORARY, "{host} did not take the connection in time.", Reason.SLOW),
    ),
    (
        (DrippingError,),
        Ending(
            Outcome.TEMPORARY,
            "{host} sends so slowly that its answer was not whole after {seconds} seconds.",
            Reason.SLOW,
        ),
    ),
    (
        (DeadlineError, httpcore2.TimeoutException),
        Ending(Outcome.TEMPORARY, "{host} took longer than {seconds} seconds.", Reason.SLOW),
    ),
    (
        (httpcore2.ConnectError,),
        Ending(
            Outcome.TEMPORARY,
            "No connection to {host}: it does not take one, or its certificate is not valid.",
            Reason.CONNECTION,
        ),
    ),
    (
        (httpcore2.NetworkError,),
        Ending(Outcome.TEMPORARY, "The connection to {host} broke off.", Reason.BROKE_OFF),
    ),
    (
        (httpcore2.RemoteProtocolError,),
        Ending(
            Outcome.TEMPORARY,
            "{host} broke off in the middle of its answer, or does not speak HTTP.",
            Reason.BROKE_OFF,
        ),
    ),
)


def retry_after(value: str | None, date: str | None = None) -> timedelta | None:
    """How long a server asks us to stay away: seconds or a date, at most 24 hours; None for none, the past, or nonsense.

    A date is measured from the server's own Date, because its clock may be wrong.
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        seconds = float(text[:12])
    else:
        until, since = _http_date(text), _http_date(date)
        if until is None:
            return None
        seconds = (until - (since or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return None
    return min(timedelta(seconds=min(seconds, 1e6)), RETRY_AFTER_MOST)


def _http_date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def shown(text: str) -> str:
    """What somebody else wrote, short and without controls, for a sentence."""
    clean = re.sub(r"[^\x20-\x7e\u00a1-\uffff]", "", text)
    return clean if len(clean) <= 100 else clean[:100] + "…"
