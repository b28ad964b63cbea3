"""What the pages behind a mail's links share: whose link it is, in whose language they speak, and how they say when mail comes.

Nobody has to be signed in: the link's signature is the proof. So no page leads to one that asks for a sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse

from monitor.core.digests.signed_links import Action, sign, verify
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import LibraryError, NotFoundError
from monitor.library.wording import wording
from monitor.web.render import render
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fastapi import Request

    from monitor.core.digests.subscribers import Subscription
    from monitor.core.study import Study
    from monitor.core.wording import Wording
    from monitor.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The person whose link it is, with what they get. `study` is None while its fact sheet cannot be read: who wants no more mail
    is not kept waiting for that. `now`: the moment of the request, UTC.
    """

    subscription: Subscription
    study: Study | None
    wording: Wording
    now: datetime
    settings: str  # the path of their own page

    @property
    def address(self) -> str:
        return self.subscription.subscriber.email

    @property
    def study_name(self) -> str:
        """What the study is called in the reader's language; its id while nothing else is known."""
        return self.study.name_in(self.wording.language) if self.study else self.subscription.study_id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.subscription.wishes.zone)

    @property
    def schedule(self) -> str:
        return self.subscription.wishes.schedule(self.wording)

    def day(self, moment: datetime) -> str:
        """The date of a moment where the reader lives."""
        return self.wording.day(moment.astimezone(self.zone).date(), self.now.astimezone(self.zone).date())

    def moment(self, moment: datetime) -> str:
        """A date and its hour where the reader lives."""
        local = moment.astimezone(self.zone)
        return self.wording.moment(local, self.now.astimezone(self.zone).date())

    def outlook(self) -> str:
        """The sentence that says when the next mail comes, or why none does."""
        say, standing = self.wording.say, self.subscription.standing(self.now)
        if standing is Standing.PENDING:
            return say("You were asked whether you want it, and have not answered yet.")
        if standing is Standing.LEFT:
            return say("No mail comes: you left.")
        if standing is Standing.SUPPRESSED:
            return say("No mail comes: mail to this address came back.")
        at = self.subscription.next_mail(self.now)
        return self._comes(at) if at is not None else say("No mail is due.")

    def _comes(self, at: datetime) -> str:
        wishes, say = self.subscription.wishes, self.wording.say
        if at <= self.now:
            return say("The next mail is on its way.")
        local = at.astimezone(self.zone)
        day = self.wording.long_day(local) if local.year == self.now.year else self.day(at)
        when = {"day": day, "hour": self.wording.hour(local)}
        if wishes.quiet:
            return say("The next mail comes on {day}, {hour}.", **when)
        return say("The next mail comes on {day}, {hour}, if there is anything to tell.", **when)


def ids_of(request: Request, token: str, action: Action) -> tuple[int, ...] | None:
    """What a link is about, if it is ours, for this action, and not too old."""
    service = service_of(request)
    return verify(service.key, token, action, service.clock())


def reader_of(service: Service, subscription_id: int) -> Reader:
    """Whose link it is. Raises NotFoundError for a subscription that is gone."""
    subscription = service.store.subscription(subscription_id)
    token = sign(service.key, Action.SETTINGS, (subscription.id,))
    return Reader(
        subscription=subscription,
        study=_study(service, subscription.study_id),
        wording=wording(subscription.wishes.language),
        now=service.clock(),
        settings=f"/l/{Action.SETTINGS}/{token}",
    )


def _study(service: Service, study_id: str) -> Study | None:
    try:
        return service.library.study(study_id)
    except (LibraryError, NotFoundError):  # the desk is told what is broken; a reader can do nothing about it
        return None


def reader_page(reader: Reader, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language, under the study's name."""
    given = {
        "lang": reader.wording.language,
        "say": reader.wording.say,
        "many": reader.wording.many,
        "study_name": reader.study_name,
        "reader": reader,
    }
    return HTMLResponse(render(template, **given | values), status_code=status)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of others on a page, and the language they are in."""

    words: str
    lang: str


def question(
    reader: Reader,
    title: str,
    *details: str,
    choices: Sequence[tuple[str, str]] = (),
    name: str = "then",
    asks: bool = False,
    reason: bool = False,
    quote: Quote | None = None,
    own: bool = True,
    status: int = 200,
) -> HTMLResponse:
    """A page that asks or answers one thing. `choices`: the buttons as (value, words); `name` is the field that they send. `asks`: it
    is asked for the first of them; else they take back what is so. `own`: it leads to the reader's own page; not one that may be passed
    on, or whoever got it could end their mail.
    """
    return reader_page(
        reader,
        "link.html",
        status=status,
        title=title,
        question=title,
        details=[detail for detail in details if detail],
        quote=quote,
        choices=choices,
        name=name,
        asks=asks,
        reason=reason,
        settings=reader.settings if own else "",
    )


def spoiled() -> HTMLResponse:
    """The page for a link that is not whole, was used, or is too old."""
    page = render(
        "error.html",
        title="This link does not work",
        message="This link is incomplete, too old, or was used before.",
        hint="Copy it whole from where it was written, or take a newer one.",
        problems=(),
        menu=False,
    )
    return HTMLResponse(page, status_code=404)
