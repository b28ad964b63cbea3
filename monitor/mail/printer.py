"""The MailPrinter: renders mails for one person, with links signed for them, and makes the bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.digests.signed_links import Action, sign
from monitor.core.people import PersonState
from monitor.core.wording import ENGLISH
from monitor.mail.dkim import unsigned
from monitor.mail.message import build_message
from monitor.mail.people import (
    INVITATION,
    SIGN_IN,
    WAS_SET,
    alarm_parts,
    invitation_parts,
    password_parts,
    sign_in_parts,
)
from monitor.mail.places import Places
from monitor.mail.render import (
    MailLinks,
    render_confirmation,
    render_digest,
    render_report,
    render_search,
    render_urgent,
)
from monitor.mail.trial import SUBJECT, trial_parts
from monitor.ports import Printed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from monitor.core.digests.digest import Digest
    from monitor.core.digests.report import Report
    from monitor.core.digests.search_mail import SearchNews
    from monitor.core.digests.subscribers import Subscription, Wishes
    from monitor.core.digests.urgent import Urgent
    from monitor.core.people import Person
    from monitor.core.wording import Wording
    from monitor.mail.render import Told
    from monitor.ports import Rendered


@dataclass(frozen=True, slots=True)
class Printer:
    """`base_url` is where the pages are, `key` signs links, `sender` is HYPEWATCH_MAIL_FROM."""

    base_url: str
    sender: str
    key: str = field(repr=False)
    wording: Callable[[str], Wording] = lambda _: ENGLISH
    signed: Callable[[bytes], bytes] = unsigned  # a mail with its DKIM signature, if there is a key

    def rendered(self, digest: Digest, wishes: Wishes) -> Rendered:
        wording = self.wording(digest.language)
        return render_digest(digest, self._links(digest), wording, wishes=wishes, schedule=wishes.schedule(wording))

    def digest(self, digest: Digest, rendered: Rendered, subscription: Subscription, *, now: datetime) -> Printed:
        """The Message-ID is made of subscription and date, so a second try has the same one."""
        return self._printed(digest, rendered, subscription, now)

    def report(self, report: Report, subscription: Subscription, *, now: datetime) -> Printed:
        """As `digest`; the week or month stands for the date."""
        wording = self.wording(report.language)
        often = wording.say("every week") if report.weekly else wording.say("every month")
        rendered = render_report(report, self._links(report), wording, wishes=subscription.wishes, schedule=often)
        return self._printed(report, rendered, subscription, now)

    def urgent(self, urgent: Urgent, subscription: Subscription, *, now: datetime) -> Printed:
        """As `digest`; the minute stands for the date."""
        wording = self.wording(urgent.language)
        when = wording.many(
            "when {count} mention makes one claim within a day",
            "when {count} mentions make one claim within a day",
            subscription.wishes.urgent_from or urgent.item.mentions,
        )
        rendered = render_urgent(urgent, self._links(urgent), wording, wishes=subscription.wishes, schedule=when)
        return self._printed(urgent, rendered, subscription, now)

    def search_news(self, news: SearchNews, subscription: Subscription, *, schedule: str, now: datetime) -> Printed:
        """As `digest`; the second stands for the date."""
        wording = self.wording(news.language)
        rendered = render_search(news, self._links(news), wording, wishes=subscription.wishes, schedule=schedule)
        return self._printed(news, rendered, subscription, now)

    def _links(self, mail: Told) -> MailLinks:
        """Places for the links that are signed for each reader."""
        places = self._places(mail)
        return MailLinks(
            today=f"{self.base_url}/",
            mention=lambda mention_id: places.place(Action.OPEN, mention_id),
            wrong={flag_id: places.place(Action.WRONG, flag_id) for flag_id in mail.flag_ids},
            note={flag_id: places.place(Action.NOTE, flag_id) for flag_id in mail.flag_ids},
            unsubscribe=places.place(Action.UNSUBSCRIBE),
            pause=places.place(Action.PAUSE),
            settings=places.place(Action.SETTINGS),
            issue=places.place(Action.ISSUE),
        )

    def _printed(self, mail: Told, rendered: Rendered, subscription: Subscription, now: datetime) -> Printed:
        tag = hashlib.sha256(f"{subscription.id}|{mail.local_date}|{self.key}".encode()).hexdigest()[:24]
        message_id = f"<digest.{tag}@{self._domain}>"
        places = self._places(mail)
        fill = places.filler(subscription.id, int(tag, 16), now)
        text, html = fill(rendered.text), fill(rendered.html)
        mime = build_message(
            subject=mail.subject,
            text=text,
            html=html,
            sender=self.sender,
            recipient=subscription.subscriber.email,
            recipient_name=subscription.subscriber.name,
            message_id=message_id,
            list_id=f"<{_label(mail.study_id)}.hypewatch.{self._domain}>",
            unsubscribe_url=fill(places.place(Action.UNSUBSCRIBE)),
            now=now,
        )
        return Printed(subject=mail.subject, message_id=message_id, mime=self.signed(mime), text=text, html=html)

    def _places(self, mail: Told) -> Places:
        return Places(self.base_url, self.key, f"{mail.study_id}|{mail.local_date}")

    def confirmation(self, subscription: Subscription, study_name: str, *, now: datetime) -> bytes:
        """The mail that asks whether the address is theirs and whether they want digests. It says nothing else."""
        subscriber, wording = subscription.subscriber, self.wording(subscription.wishes.language)
        link = self._link(Action.CONFIRM, (subscriber.id, subscription.id))
        schedule = subscription.wishes.schedule(wording)
        rendered = render_confirmation(study_name, link, wording, schedule=schedule)
        tag = hashlib.sha256(f"confirm|{subscriber.id}|{now.isoformat()}|{self.key}".encode()).hexdigest()[:24]
        mime = build_message(
            subject=wording.say("Do you want the Hypewatch digest?"),
            text=rendered.text,
            html=rendered.html,
            sender=self.sender,
            recipient=subscriber.email,
            recipient_name=subscriber.name,
            message_id=f"<confirm.{tag}@{self._domain}>",
            now=now,
        )
        return self.signed(mime)

    def trial(self, recipient: str, *, now: datetime) -> bytes:
        """The mail that shows whether mails arrive."""
        text, html = trial_parts(self.base_url)
        tag = hashlib.sha256(f"trial|{recipient}|{now.isoformat()}|{self.key}".encode()).hexdigest()[:24]
        mime = build_message(
            subject=SUBJECT,
            text=text,
            html=html,
            sender=self.sender,
            recipient=recipient,
            recipient_name="",
            message_id=f"<test.{tag}@{self._domain}>",
            now=now,
        )
        return self.signed(mime)

    def invitation(self, person: Person, link: str, *, by: str, now: datetime) -> bytes:
        """See ports."""
        return self._to_person(person, INVITATION, invitation_parts(link, by), link, now)

    def sign_in_mail(self, person: Person, link: str, *, now: datetime) -> bytes:
        """See ports."""
        lasts = "an hour" if person.state is not PersonState.INVITED else "7 days"
        return self._to_person(person, SIGN_IN, sign_in_parts(link, lasts), link, now)

    def password_mail(self, person: Person, *, now: datetime) -> bytes:
        """See ports."""
        return self._to_person(person, WAS_SET, password_parts(f"{self.base_url}/account"), now.isoformat(), now)

    def alarm_mail(self, person: Person, subject: str, lines: Sequence[str], *, now: datetime) -> bytes:
        """See ports."""
        return self._to_person(person, subject, alarm_parts(subject, lines, self.base_url), now.isoformat(), now)

    def _to_person(self, person: Person, subject: str, parts: tuple[str, str], once: str, now: datetime) -> bytes:
        """`once` is what only this mail to the person has."""
        tag = hashlib.sha256(f"person|{person.id}|{once}|{self.key}".encode()).hexdigest()[:24]
        text, html = parts
        mime = build_message(
            subject=subject,
            text=text,
            html=html,
            sender=self.sender,
            recipient=person.email,
            recipient_name=person.name,
            message_id=f"<person.{tag}@{self._domain}>",
            now=now,
        )
        return self.signed(mime)

    @property
    def _domain(self) -> str:
        return _domain_of(self.sender)

    def _link(self, action: Action, ids: tuple[int, ...], *, expires: datetime | None = None) -> str:
        return f"{self.base_url}/l/{action.value}/{sign(self.key, action, ids, expires=expires)}"


@cache
def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _label(study_id: str) -> str:
    """A study's id as a List-Id may hold it (RFC 2919: letters, digits and signs of ASCII)."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", study_id).strip("-")[:60] or "study"
