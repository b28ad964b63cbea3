"""Deliver a digest: claim, compose, freeze, send, record. Once per subscription and local date, however often it runs."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.digests.compose import compose
from monitor.core.digests.delivery import after_attempt, compose_again, may_go_again, owed, unseen_words
from monitor.core.digests.subscribers import DeliveryOutcome, DigestKind, DigestState, FrozenDigest
from monitor.core.digests.urgent import is_hushed
from monitor.core.errors import (
    HypewatchError,
    MailPermanentError,
    MailTemporaryError,
    MailUnknownError,
    StorageError,
    UsageError,
)
from monitor.core.model import Work
from monitor.core.sentences import closed
from monitor.deadline import Deadline
from monitor.pipeline.bounces import note_refusal, refused_for_good
from monitor.pipeline.freezing import to_freeze

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.core.digests.delivery import Owed
    from monitor.core.digests.digest import Digest, DigestInput
    from monitor.core.digests.subscribers import Subscription, Wishes
    from monitor.ports import Deps, Printed, Rendered

logger = logging.getLogger(__name__)

#: Longer than the hard limit of their tasks (120 s), within which a mail server has its 80 s: whoever held them works no more when they
#: run out.
COMPOSE_LEASE = timedelta(seconds=130)
SEND_LEASE = timedelta(seconds=130)
#: How long the ending of a mail is kept in hand for a database that does not answer, and how often it is tried, seconds: with the
#: longest call to a mail server (80 s) less than a task may work (100 s).
HELD_S, HELD_EACH_S = 15.0, 1.0
#: Why a digest is not sent, as the ledger tells.
QUIET = "Nothing happened, and this subscriber asked for no mail on quiet days."
#: What the ledger says where the address takes no mail at all.
NO_MORE = "Nothing is sent to this address any more until somebody resumes it."


class Composing:
    """Composes for one person after the other at one moment: what several are told is read, composed and rendered once."""

    def __init__(self, deps: Deps, now: datetime) -> None:
        self.now = now
        self._deps = deps
        self._reading = deps.store.reading(now)
        # By the input's identity: `reading` keeps it, and gives the same one to those who are to be told the same.
        self._composed: dict[tuple[int, str, str, Wishes], tuple[Digest, Rendered]] = {}

    def digest_of(self, subscription: Subscription, day: str | None = None) -> tuple[DigestInput, Digest, Printed]:
        """What this subscription would get now, and from what. Nothing is written or sent."""
        deps, wishes = self._deps, subscription.wishes
        given = self._reading.input_of(subscription)
        local_date = day or owed(subscription, self.now).date
        key = (id(given), subscription.study_id, local_date, wishes)
        if key not in self._composed:
            digest = compose(
                given,
                deps.library.study(subscription.study_id),
                wishes=wishes,
                now=self.now,
                local_date=local_date,
                ruleset=deps.library.ruleset(subscription.study_id).digest,
                budget={network: budget.per_month for network, budget in deps.budgets.items()},
                wording=deps.printer.wording(wishes.language),
            )
            self._composed[key] = digest, deps.printer.rendered(digest, wishes)
        digest, rendered = self._composed[key]
        return given, digest, deps.printer.digest(digest, rendered, subscription, now=self.now)


def deliver_due(deps: Deps, subscription_id: int) -> FrozenDigest | None:
    """Compose and send what is due for a subscription; None if nothing is, or it could not be composed."""
    frozen = _compose_due(deps, subscription_id, Composing(deps, deps.clock()))
    return frozen and (send_digest(deps, frozen.id) or deps.store.digest(frozen.id))


def compose_due(deps: Deps, subscription_ids: Sequence[int], *, budget: float) -> Sequence[int]:
    """Compose what is due for several subscriptions, for `budget` seconds at most; the digests that wait to be sent, by number."""
    composing, begun = Composing(deps, deps.clock()), time.monotonic()
    ready = []
    for subscription_id in subscription_ids:
        if time.monotonic() - begun >= budget:
            break
        frozen = _compose_due(deps, subscription_id, composing)
        if frozen is not None and frozen.state is DigestState.READY:
            ready.append(frozen.id)
    return ready


def _compose_due(deps: Deps, subscription_id: int, composing: Composing) -> FrozenDigest | None:
    """Composing is work like the others: what stops it is kept on the row as a sentence, shown, and tried again."""
    now = composing.now
    subscription = deps.store.claim_subscription(subscription_id, deps.owner, now, COMPOSE_LEASE)
    if subscription is None:
        logger.info("no digest: it is not due, paused, not confirmed, or another process composes it")
        return None
    plan = owed(subscription, now)
    try:
        return _freeze(deps, subscription, plan, composing)
    except Exception as error:  # whatever stops it is told to a person, and tried again
        sentence = _why(error)
        again = compose_again(subscription.attempts, now)
        deps.store.postpone(Work.COMPOSE, subscription.id, subscription.lease, until=again, error=sentence)
        logger.exception(
            "the digest for %s could not be composed, and is tried again at %s UTC: %s",
            plan.date,
            f"{again:%H:%M}",
            sentence,
            exc_info=not isinstance(error, HypewatchError),  # of what people can mend the sentence is enough
        )
        return None


def deliver_digest(deps: Deps, subscription_id: int, day: str | None = None) -> FrozenDigest | None:
    """Compose and send by hand: what is due, else the digest for `day` (ISO date; default: today where the person lives).

    Returns the digest, or None if another process is composing it, or the subscription is paused or not confirmed.
    Raises HypewatchError with the reason if it cannot be composed.
    """
    now = deps.clock()
    subscription = deps.store.claim_subscription(subscription_id, deps.owner, now, COMPOSE_LEASE, force=True)
    if subscription is None:
        return None
    try:
        frozen = _freeze(deps, subscription, owed(subscription, now, day), Composing(deps, now))
    except Exception as error:
        # The person who asked is told; the row stays as it was.
        deps.store.release(Work.COMPOSE, subscription.id, subscription.lease, until=now)
        if isinstance(error, HypewatchError):
            raise
        raise HypewatchError(_why(error)) from error
    return send_digest(deps, frozen.id) or deps.store.digest(frozen.id)


def _why(error: Exception) -> str:
    """What stopped the composing, as a sentence for a person."""
    if isinstance(error, HypewatchError):
        return str(error)
    return f"Composing it ended with a fault of the program ({type(error).__name__}: {error}). The log tells where."


def compose_digest(
    deps: Deps, subscription: Subscription, now: datetime, day: str | None = None
) -> tuple[DigestInput, Digest, Printed]:
    """What this subscription would get now, and from what. Nothing is written or sent: also the preview."""
    return Composing(deps, now).digest_of(subscription, day)


def _freeze(deps: Deps, subscription: Subscription, plan: Owed, composing: Composing) -> FrozenDigest:
    """Make the bytes and the Message-ID that no later attempt changes."""
    now = composing.now
    present = deps.store.digest_for(subscription.id, plan.date)
    if present is not None:
        logger.info("digest %s speaks for %s already (%s)", present.id, plan.date, present.state)
        if plan.then is None:
            deps.store.release(Work.COMPOSE, subscription.id, subscription.lease, until=now)
        else:
            deps.store.set_subscription(subscription.id, due=plan.then)
        return present
    given, digest, printed = composing.digest_of(subscription, plan.date)
    frozen = deps.store.freeze_digest(
        to_freeze(
            subscription,
            printed,
            date=plan.date,
            through=plan.through,
            unwanted="" if subscription.wishes.quiet or not digest.quiet else QUIET,
            now=now,
        ),
        [mention.id for mention in given.mentions],
        [fixed.flag.id for fixed in given.fixed],
        lease=subscription.lease,
        next_due=plan.then,
        proposal_ids=[proposal.id for proposal in given.proposals],
    )
    through = f" to {plan.through}" if plan.through != plan.date else ""
    logger.info(
        "digest %s for %s%s composed: %s mentions. %s", frozen.id, plan.date, through, digest.new, frozen.sentence
    )
    return frozen


def send_digest(deps: Deps, digest_id: int) -> FrozenDigest | None:
    """Hand one frozen digest to the mail server; None if there is nothing to send (sent already, held, or given up)."""
    now = deps.clock()
    if _rests(deps, digest_id, now):
        return None
    digest = deps.store.claim_digest(digest_id, deps.owner, now, SEND_LEASE, resends=deps.resends)
    if digest is None:
        left = deps.store.digest(digest_id)
        logger.info("digest %s is not sent now: it is %s. %s", digest_id, left.state, left.sentence)
        return None
    refused: MailPermanentError | None = None
    try:
        reply = deps.mailer.send(mime=digest.mime, sender=deps.mail_from, recipient=digest.recipient)
        outcome = DeliveryOutcome.SENT
    except MailTemporaryError as error:
        outcome, reply = DeliveryOutcome.TEMPORARY, str(error)
    except MailPermanentError as error:
        outcome, reply, refused = DeliveryOutcome.PERMANENT, str(error), error
        if refused_for_good(error):
            reply = f"{closed(error.message)} {NO_MORE}"
    except MailUnknownError as error:
        outcome, reply = DeliveryOutcome.UNKNOWN, str(error)
    state, retry_at = after_attempt(outcome, digest.attempts, now, unknowns=digest.unknowns, resends=deps.resends)
    if state is DigestState.UNKNOWN:
        reply = f"{reply} {unseen_words(digest.unknowns + 1)}"
    _write_down(
        lambda: deps.store.finish_digest(
            digest, outcome=outcome, state=state, reply=reply, now=deps.clock(), retry_at=retry_at
        )
    )
    if refused is not None:
        note_refusal(deps, digest, refused)
    logger.log(
        logging.INFO if outcome is DeliveryOutcome.SENT else logging.WARNING,
        "digest %s for %s, attempt %s: %s. %s",
        digest.id,
        digest.local_date,
        digest.attempts,
        outcome,
        reply,
    )
    return deps.store.digest(digest.id)


def _write_down(finish: Callable[[], bool]) -> None:
    """Unwritten, the ending would count as unseen and the mail would go out twice: a database that restarts is waited for."""
    deadline = Deadline(HELD_S)
    while True:
        try:
            finish()
        except StorageError as error:
            if deadline.over:
                raise
            logger.warning("how the mail ended could not be written down, and is tried again: %s", error)
            time.sleep(HELD_EACH_S)
        else:
            return


def _rests(deps: Deps, digest_id: int, now: datetime) -> bool:
    """An urgent mail that was held up until the person's hours of rest waits for their end; the ticks find it then. What a saved search
    found does not wait: it can come at the digest's hour.
    """
    waiting = deps.store.digest(digest_id)
    if waiting.kind is not DigestKind.URGENT:
        return False
    rests = is_hushed(deps.store.subscription(waiting.subscription_id).wishes, now)
    if rests:
        logger.info("digest %s is urgent and waits: its reader wants no such mail at this hour", digest_id)
    return rests


def send_again(deps: Deps, digest_id: int) -> None:
    """Make a digest due once more that was held, refused or given up on: the same bytes, the same Message-ID.

    Raises NotFoundError, or UsageError if it went out, goes out by itself, or told of something that was withdrawn.
    """
    digest = deps.store.digest(digest_id)
    if not may_go_again(digest.state, withdrawn=digest.withdrawn):
        why = "it tells of something that was withdrawn" if digest.withdrawn else _WHY_NOT[digest.state]
        raise UsageError(f"The digest for {digest.local_date} to {digest.recipient} is not sent again: {why}.")
    deps.store.send_digest_again(digest_id, deps.clock())


_WHY_NOT = {
    DigestState.READY: "it waits to be sent anyway",
    DigestState.SENDING: "it is being sent",
    DigestState.SENT: "it was sent",
    DigestState.SKIPPED: "it was not to be sent",
    DigestState.UNKNOWN: "it was held",
    DigestState.FAILED: "it was refused",
}
