"""Digests: who gets them, what is frozen, and the mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from monitor.core.digests.subscribers import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from monitor.core.digests.bounces import Bounce
    from monitor.core.digests.digest import Digest, DigestInput
    from monitor.core.digests.periods import Period
    from monitor.core.digests.report import Report
    from monitor.core.digests.report_input import ReportInput
    from monitor.core.digests.schedule import Due
    from monitor.core.digests.search_mail import SearchNews
    from monitor.core.digests.subscribers import (
        Delivery,
        DeliveryOutcome,
        DigestKind,
        DigestState,
        FailingDigest,
        FrozenDigest,
        LastDigest,
        SentMail,
        Subscriber,
        Subscription,
        Wishes,
    )
    from monitor.core.digests.urgent import Told, Urgent
    from monitor.core.mention import Mention
    from monitor.core.people import Person
    from monitor.core.wording import Wording


class Digests(Protocol):
    """Who gets mail, what it says, and what became of it. Laws: see Store."""

    def got_by(self, email: str) -> tuple[Sequence[Subscription], Sequence[SentMail]]:
        """What the person with this address asked for, and the mails that were made for them, oldest first."""
        ...

    def erase_subscriber(self, email: str) -> bool:
        """Delete the person with this address, with subscriptions, mails and bounces; False if there is none. What they decided stays,
        without their name. Raises UsageError while a mail is handed over.
        """
        ...

    def add_subscriber(
        self, email: str, name: str, *, now: datetime, state: SubscriberState = SubscriberState.PENDING
    ) -> Subscriber: ...
    def subscriber(self, subscriber_id: int) -> Subscriber: ...
    def set_subscriber(self, subscriber_id: int, state: SubscriberState) -> None: ...
    def subscribe(
        self,
        subscriber_id: int,
        study_id: str,
        wishes: Wishes,
        *,
        paused_until: datetime | None = None,
        now: datetime,
        due: Due,
    ) -> Subscription: ...
    def subscription(self, subscription_id: int) -> Subscription: ...
    def subscriptions(self, *, suppressed: bool = False) -> Sequence[Subscription]:
        """All of them; or only those of people to whom nothing is sent because mail came back."""
        ...

    def subscription_of(self, email: str, study_id: str) -> Subscription | None:
        """This person's subscription to this study, also of who had left; None if there never was one."""
        ...

    def set_wishes(self, subscription_id: int, wishes: Wishes, *, due: Due | None = None) -> None: ...
    def end_subscription(self, subscription_id: int, now: datetime) -> bool:
        """The person wants no more of it; False if it had ended before."""
        ...

    def begin_subscription(self, subscription_id: int, due: Due) -> None:
        """The person wants it, or wants it again."""
        ...

    def note_asked(self, subscription_id: int, now: datetime) -> None: ...
    def set_subscription(
        self, subscription_id: int, *, paused_until: datetime | None = None, due: Due | None = None
    ) -> None:
        """None leaves a value as it is; `due` ends what was tried for the one before."""
        ...

    def claim_subscription(
        self, subscription_id: int, owner: str, now: datetime, ttl: timedelta, *, force: bool = False
    ) -> Subscription | None:
        """Take the lease for composing one digest; None if it is held, not due (unless `force`), paused, ended or not
        confirmed, or mail to it came back.
        """
        ...

    def reading(self, now: datetime) -> DigestReading:
        """Inputs for several digests at one moment, for some seconds: what they share is read once."""
        ...

    def digest_input(self, subscription: Subscription, now: datetime) -> DigestInput:
        """As `reading`, for one."""
        ...

    def freeze_digest(
        self,
        digest: FrozenDigest,
        mention_ids: Sequence[int],
        fixed_flag_ids: Sequence[int],
        *,
        lease: str,
        next_due: Due | None,
        proposal_ids: Sequence[int] = (),
    ) -> FrozenDigest:
        """Store a digest and which mentions and proposals it tells, once per subscription and local date: if there is one already,
        that one is returned and nothing changes.
        """
        ...

    def report_subscriptions(self, now: datetime) -> Sequence[Subscription]:
        """Those that want weekly or monthly reports, and bring mail."""
        ...

    def reports_made(self, keys: Collection[str]) -> frozenset[tuple[int, str]]:
        """(subscription, key) of the reports there are, of some weeks and months (`Period.key`)."""
        ...

    def report_input(self, subscription: Subscription, period: Period, now: datetime) -> ReportInput:
        """All that the report of a period is composed from. It tells again what digests told, and no digest tells less for it."""
        ...

    def urgent_subscriptions(self, now: datetime) -> Sequence[Subscription]:
        """Those that want urgent mails, and bring mail."""
        ...

    def spreading(self, study_id: str, since: datetime, now: datetime, least: int) -> Sequence[Mention]:
        """The mentions first seen since then that make a claim which at least so many of them may make; none if nothing spreads."""
        ...

    def urgent_told(self, subscription_id: int, since: datetime) -> Sequence[Told]:
        """The urgent mails that were made since then, oldest first."""
        ...

    def most_told(self, subscription_id: int, mention_ids: Collection[int], since: datetime, *, but: str) -> int:
        """How many of these mentions one mail told that was made since then, the one that told most of them: a daily digest, or an
        urgent mail about another claim than `but`.
        """
        ...

    def newest_digest(self, subscription_id: int, kind: DigestKind) -> int:
        """The number of the newest mail of a kind, 0 if there is none."""
        ...

    def freeze_telling(
        self, digest: FrozenDigest, quoted: Collection[int], *, newest: int, now: datetime
    ) -> FrozenDigest | None:
        """Store a report or an urgent mail, and whose words it quotes. None, and nothing changes, if the subscription brings no mail
        any more, something quoted is gone, there is one of this day, or its newest of this kind is not `newest`: then whoever
        composed it did not know all.
        """
        ...

    def digest(self, digest_id: int) -> FrozenDigest: ...
    def digest_for(self, subscription_id: int, local_date: str) -> FrozenDigest | None:
        """The digest that speaks for this local date: its own, or one that caught up on several."""
        ...

    def digest_named(self, subscription_id: int, begins: str) -> FrozenDigest | None:
        """The person's digest whose Message-ID begins so (`signed_links.mail_name`)."""
        ...

    def digests(self, limit: int = 50, *, bodies: bool = True) -> Sequence[FrozenDigest]:
        """Newest first; without `bodies` the mails themselves are left out, for a list of many."""
        ...

    def last_digests(self) -> Mapping[int, LastDigest]:
        """The newest digest of each subscription that has one, of whatever kind."""
        ...

    def withdrawn_digests(self) -> Sequence[FrozenDigest]:
        """Those that told of something which was withdrawn later."""
        ...

    def failing_digests(self, now: datetime) -> Sequence[FailingDigest]:
        """Digests that should be there and are not, with the reason: due and not composed, or not handed over."""
        ...

    def digest_mentions(self, digest_id: int) -> Sequence[Mention]: ...
    def claim_digest(
        self, digest_id: int, owner: str, now: datetime, ttl: timedelta, *, resends: int = 1
    ) -> FrozenDigest | None:
        """Ready -> sending. One found `sending` past its lease is `unknown`: claimed `resends` times more with the same
        bytes, and then never.
        """
        ...

    def send_digest_again(self, digest_id: int, now: datetime) -> bool:
        """Unknown or failed -> ready, because a person said so; False if it stands otherwise."""
        ...

    def finish_digest(
        self,
        digest: FrozenDigest,
        *,
        outcome: DeliveryOutcome,
        state: DigestState,
        reply: str,
        now: datetime,
        retry_at: datetime | None,
    ) -> bool:
        """Record one attempt, and where the digest stands after it; False if the lease was lost."""
        ...

    def deliveries(self, digest_id: int | None = None, limit: int = 100) -> Sequence[Delivery]: ...
    def add_bounce(self, bounce: Bounce) -> bool:
        """Keep that mail came back, whatever its `id`; False if the same is known already. It suppresses nobody by itself."""
        ...

    def bounces(self, subscriber_id: int | None = None, limit: int = 100) -> Sequence[Bounce]:
        """Newest first; None: of everybody."""
        ...

    def suppress(self, subscriber_id: int, why: str, now: datetime) -> bool:
        """Send nothing to this address any more; `why` is a sentence. False if that was so before, which changes nothing."""
        ...

    def lift_suppression(self, subscriber_id: int) -> bool:
        """Mail may go there again, and what came back before counts no more; False if nothing was suppressed."""
        ...

    def subscriber_at(self, email: str) -> Subscriber | None:
        """The person with this address, however its letters are written; None for an address that is not known."""
        ...

    def was_sent(self, message_id: str, subscriber_id: int) -> bool:
        """Did a mail of ours with this Message-ID go to this person?"""
        ...

    def any_sent(self, since: datetime) -> bool:
        """Was a digest handed over to anybody since then?"""
        ...


class DigestReading(Protocol):
    """What digests are composed from. Laws: what a subscription has not been told is read anew for each; those who are to be told the
    same get the same object.
    """

    def input_of(self, subscription: Subscription) -> DigestInput:
        """All that the next digest of this subscription is composed from: mentions not in any of its digests yet ..."""
        ...


class Mailer(Protocol):
    """Hands one finished message to one recipient. Laws: the bytes go out as they are; returns the server's reply;
    raises MailTemporaryError or MailPermanentError, nothing else.
    """

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A digest ready to freeze."""

    subject: str
    message_id: str
    mime: bytes
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Both parts of a mail, still with places where each person's own links go."""

    text: str
    html: str


class MailPrinter(Protocol):
    """From what is to be said to the bytes of a mail, with links signed for this person.

    Laws: the same digest gives the same bytes; exactly one recipient; nothing said in a headline becomes a header.
    """

    def wording(self, language: str) -> Wording:
        """The language that mails are written in, by its primary tag; English for one that none can be had in."""
        ...

    def rendered(self, digest: Digest, wishes: Wishes) -> Rendered:
        """The same for all who are told the same by the same schedule."""
        ...

    def digest(self, digest: Digest, rendered: Rendered, subscription: Subscription, *, now: datetime) -> Printed:
        """The mail to one person, with their own links."""
        ...

    def report(self, report: Report, subscription: Subscription, *, now: datetime) -> Printed: ...

    def urgent(self, urgent: Urgent, subscription: Subscription, *, now: datetime) -> Printed: ...
    def search_news(self, news: SearchNews, subscription: Subscription, *, schedule: str, now: datetime) -> Printed:
        """`schedule` says when such a mail comes."""
        ...

    def confirmation(self, subscription: Subscription, study_name: str, *, now: datetime) -> bytes: ...
    def trial(self, recipient: str, *, now: datetime) -> bytes: ...
    def invitation(self, person: Person, link: str, *, by: str, now: datetime) -> bytes:
        """`by` is who invites, "" if that is not known."""
        ...

    def sign_in_mail(self, person: Person, link: str, *, now: datetime) -> bytes:
        """For who asked for a link."""
        ...

    def password_mail(self, person: Person, *, now: datetime) -> bytes:
        """For who has a new password: so that they learn of it if it was not them."""
        ...

    def alarm_mail(self, person: Person, subject: str, lines: Sequence[str], *, now: datetime) -> bytes:
        """For an owner: what stands still, a sentence each; none if it goes on again."""
        ...
