"""The MailPrinter: renders mails for one person, with links signed for them, and makes the bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

from monitor.core.digests.signed_links import Action, sign
from monitor.core.digests.subscribers import DigestKind
from monitor.core.wording import ENGLISH
from monitor.mail.dkim import unsigned
from monitor.mail.message import build_message
from monitor.mail.render import MailLinks, render_confirmation, render_digest, render_report, render_urgent
from monitor.mail.trial import SUBJECT, trial_parts
from monitor.ports import Printed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from monitor.core.digests.digest import Digest
    from monitor.core.digests.report import Report
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.digests.urgent import Urgent
    from monitor.core.wording import Wording
    from monitor.mail.render import Rendered

#: A "wrong flag" link is of use while its mail is being read; later the page serves.
FEEDBACK_LIFE = timedelta(days=30)
#: A text is read later too: mails are kept, and looked up when a letter is answered.
READING_LIFE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Printer:
    """`base_url` is where the pages are, `key` signs links, `sender` is HYPEWATCH_MAIL_FROM."""

    base_url: str
    sender: str
    key: str = field(repr=False)
    wording: Callable[[str], Wording] = lambda _: ENGLISH
    signed: Callable[[bytes], bytes] = unsigned  # a mail with its DKIM signature, if there is a key

    def digest(self, digest: Digest, subscription: Subscription, *, now: datetime, flag_ids: Sequence[int]) -> Printed:
        """Render and build. The Message-ID is made of subscription and date, so a second try has the same one."""
        wording = self.wording(digest.language)
        tag, links = self._tag_and_links(digest.local_date, subscription, now, flag_ids)
        rendered = render_digest(digest, links, wording, schedule=subscription.wishes.schedule(wording))
        return self._printed(digest, subscription, tag, links, rendered, now)

    def report(self, report: Report, subscription: Subscription, *, now: datetime, flag_ids: Sequence[int]) -> Printed:
        """As `digest`; the week or month stands for the date."""
        wording = self.wording(report.language)
        tag, links = self._tag_and_links(report.local_date, subscription, now, flag_ids)
        often = wording.say("every week") if report.kind is DigestKind.WEEKLY else wording.say("every month")
        rendered = render_report(report, links, wording, schedule=often)
        return self._printed(report, subscription, tag, links, rendered, now)

    def urgent(self, urgent: Urgent, subscription: Subscription, *, now: datetime, flag_ids: Sequence[int]) -> Printed:
        """As `digest`; the minute stands for the date."""
        wording = self.wording(urgent.language)
        tag, links = self._tag_and_links(urgent.local_date, subscription, now, flag_ids)
        when = wording.many(
            "when {count} mention makes one claim within a day",
            "when {count} mentions make one claim within a day",
            subscription.wishes.urgent_from or urgent.item.mentions,
        )
        rendered = render_urgent(urgent, links, wording, schedule=when)
        return self._printed(urgent, subscription, tag, links, rendered, now)

    def _tag_and_links(
        self, local_date: str, subscription: Subscription, now: datetime, flag_ids: Sequence[int]
    ) -> tuple[str, MailLinks]:
        """What names the mail of a subscription and day (or week, month, minute), and the links that are signed for its reader."""
        tag = hashlib.sha256(f"{subscription.id}|{local_date}|{self.key}".encode()).hexdigest()[:24]
        at = int(now.timestamp())  # with the time of the mail: a number may be given again when a flag is gone
        links = MailLinks(
            today=f"{self.base_url}/",
            mention=lambda mention_id: self._link(
                Action.OPEN, (mention_id, subscription.id, at), expires=now + READING_LIFE
            ),
            wrong={
                flag_id: self._link(Action.WRONG, (flag_id, subscription.id, at), expires=now + FEEDBACK_LIFE)
                for flag_id in flag_ids
            },
            note={
                flag_id: self._link(Action.NOTE, (flag_id, subscription.id, at), expires=now + FEEDBACK_LIFE)
                for flag_id in flag_ids
            },
            unsubscribe=self._link(Action.UNSUBSCRIBE, (subscription.id,)),
            pause=self._link(Action.PAUSE, (subscription.id,)),
            settings=self._link(Action.SETTINGS, (subscription.id,)),
            issue=self._link(Action.ISSUE, (subscription.id, int(tag, 16))),
        )
        return tag, links

    def _printed(
        self,
        mail: Digest | Report | Urgent,
        subscription: Subscription,
        tag: str,
        links: MailLinks,
        rendered: Rendered,
        now: datetime,
    ) -> Printed:
        message_id = f"<digest.{tag}@{self._domain}>"
        mime = build_message(
            subject=mail.subject,
            text=rendered.text,
            html=rendered.html,
            sender=self.sender,
            recipient=subscription.subscriber.email,
            recipient_name=subscription.subscriber.name,
            message_id=message_id,
            list_id=f"<{_label(mail.study_id)}.hypewatch.{self._domain}>",
            unsubscribe_url=links.unsubscribe,
            now=now,
        )
        return Printed(
            subject=mail.subject,
            message_id=message_id,
            mime=self.signed(mime),
            text=rendered.text,
            html=rendered.html,
        )

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

    @property
    def _domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"

    def _link(self, action: Action, ids: tuple[int, ...], *, expires: datetime | None = None) -> str:
        return f"{self.base_url}/l/{action.value}/{sign(self.key, action, ids, expires=expires)}"


def _label(study_id: str) -> str:
    """A study's id as a List-Id may hold it (RFC 2919: letters, digits and signs of ASCII)."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", study_id).strip("-")[:60] or "study"
