"""Deliver a digest: claim, compose, freeze, send, record. Once per subscription and local date, however often it runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.digest import compose
from monitor.core.errors import MailPermanentError, MailTemporaryError
from monitor.core.judgement import Severity
from monitor.core.people import FrozenDigest
from monitor.core.schedule import local_date, next_local, retry_in

if TYPE_CHECKING:
    from monitor.core.digest import Digest, DigestInput
    from monitor.core.people import Subscription
    from monitor.ports import Printed, World

COMPOSE_LEASE = timedelta(minutes=5)
#: Longer than a mail server may take to answer after DATA.
SEND_LEASE = timedelta(minutes=3)
#: A mail that could not be handed over this often stays "failed" and is shown.
SEND_ATTEMPTS = 8


def deliver_digest(world: World, subscription_id: int, day: str | None = None) -> FrozenDigest | None:
    """Compose and send the digest of one subscription for its local `day` (ISO date; default: today where it lives).

    Returns the digest, or None if another process is composing it, or the subscription is paused or not confirmed.
    """
    now = world.clock()
    subscription = world.store.claim_subscription(subscription_id, world.owner, now, COMPOSE_LEASE)
    if subscription is None:
        return None
    frozen = _freeze(world, subscription, day or local_date(now, subscription.zone), now)
    return send_digest(world, frozen.id) or world.store.digest(frozen.id)


def compose_digest(world: World, subscription: Subscription, now: datetime) -> tuple[DigestInput, Digest, Printed]:
    """What this subscription would get now, and from what. Nothing is written or sent: also the preview."""
    given = world.store.digest_input(subscription, now)
    digest = compose(
        given,
        world.library.study(subscription.study_id),
        now=now,
        zone=ZoneInfo(subscription.zone),
        threshold=Severity(subscription.threshold),
        ruleset=world.library.ruleset(subscription.study_id).digest,
        budget={network: budget.per_month for network, budget in world.budgets.items()},
    )
    flag_ids = [item.flag_id for item in (*digest.needs, *digest.also)]
    return given, digest, world.printer.digest(digest, subscription, now=now, flag_ids=flag_ids)


def _freeze(world: World, subscription: Subscription, day: str, now: datetime) -> FrozenDigest:
    """Make the bytes and the Message-ID that no later attempt changes."""
    next_due = next_local(subscription.at, subscription.zone, subscription.weekdays, now)
    present = world.store.digest_for(subscription.id, day)
    if present is not None:
        world.store.set_subscription(subscription.id, due_at=next_due)
        return present
    given, digest, printed = compose_digest(world, subscription, now)
    wanted = subscription.quiet or not digest.quiet
    frozen = FrozenDigest(
        id=0,
        subscription_id=subscription.id,
        local_date=day,
        subject=printed.subject,
        message_id=printed.message_id,
        recipient=subscription.subscriber.email,
        mime=printed.mime,
        text=printed.text,
        html=printed.html,
        state="ready" if wanted else "skipped",
        created_at=now,
        sentence="" if wanted else "Nothing happened, and this subscriber asked for no mail on quiet days.",
    )
    return world.store.freeze_digest(
        frozen,
        [mention.id for mention in given.mentions],
        [fixed.flag.id for fixed in given.fixed],
        lease=subscription.lease,
        next_due=next_due,
        proposal_ids=[proposal.id for proposal in given.proposals],
    )


def send_digest(world: World, digest_id: int) -> FrozenDigest | None:
    """Hand one frozen digest to the mail server; None if there is nothing to send (sent already, held, or given up)."""
    now = world.clock()
    digest = world.store.claim_digest(digest_id, world.owner, now, SEND_LEASE)
    if digest is None:
        return None
    retry_at = None
    try:
        reply = world.mailer.send(mime=digest.mime, sender=world.mail_from, recipient=digest.recipient)
        outcome = "sent"
    except MailTemporaryError as error:
        outcome, reply = "temporary", str(error)
        retry_at = now + retry_in(digest.attempts) if digest.attempts < SEND_ATTEMPTS else None
    except MailPermanentError as error:
        outcome, reply = "permanent", str(error)
    world.store.finish_digest(digest, outcome=outcome, reply=reply, now=world.clock(), retry_at=retry_at)
    return world.store.digest(digest.id)
