"""Weekly and monthly reports: find whose is due, compose, freeze. They are sent as digests are. Once per subscription and period."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from monitor.core.digests.periods import last_ended, owed_report
from monitor.core.digests.report import compose_report
from monitor.core.digests.subscribers import DigestKind, DigestState, FrozenDigest
from monitor.pipeline.freezing import alone, to_freeze
from monitor.pipeline.turns import turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.periods import Period
    from monitor.core.digests.report import Report
    from monitor.core.digests.subscribers import Subscription
    from monitor.ports import Deps, Printed

logger = logging.getLogger(__name__)

KINDS = (DigestKind.WEEKLY, DigestKind.MONTHLY)
#: Why a report is not sent, as the ledger tells.
QUIET = "Nothing happened in that time, and this subscriber asked for no mail about quiet times."


def due_reports(deps: Deps, now: datetime) -> Sequence[tuple[Subscription, Period]]:
    """The reports that should be there and are not: of each kind the newest for each who wants it."""
    owed = [
        (subscription, period)
        for subscription in deps.store.report_subscriptions(now)
        for kind in KINDS
        if (period := owed_report(subscription, kind, now)) is not None
    ]
    made = deps.store.reports_made({period.key for _, period in owed})
    return [one for one in owed if (one[0].id, one[1].key) not in made]


def make_reports(deps: Deps, *, budget: float) -> Sequence[int]:
    """Compose the reports that are due, for `budget` seconds at most; those that wait to be sent, by number. Of several processes one
    does it; what is left then, and what could not be composed, is found by the next tick.
    """
    ready: list[int] = []
    with turn(deps, "reports") as mine:
        if not mine:
            return ready
        now, begun = deps.clock(), time.monotonic()
        for subscription, period in due_reports(deps, now):
            if time.monotonic() - begun >= budget:
                break
            frozen = alone(
                f"the report for {period.key} of subscription {subscription.id}",
                partial(make_report, deps, subscription, period, now),
            )
            if frozen is not None and frozen.state is DigestState.READY:
                ready.append(frozen.id)
    return ready


def make_report(deps: Deps, subscription: Subscription, period: Period, now: datetime) -> FrozenDigest | None:
    """Make the bytes and the Message-ID that no later attempt changes; None if there is one, or what it was made from changed
    meanwhile.
    """
    newest = deps.store.newest_digest(subscription.id, period.kind)
    report, printed = report_of(deps, subscription, period, now)
    wanted = subscription.wishes.quiet or not report.quiet
    frozen = deps.store.freeze_telling(
        to_freeze(subscription, printed, date=period.key, kind=period.kind, unwanted="" if wanted else QUIET, now=now),
        report.quoted,
        newest=newest,
        now=now,
    )
    if frozen is not None:
        logger.info("report %s for %s composed. %s", frozen.id, period.key, frozen.sentence)
    return frozen


def report_of(deps: Deps, subscription: Subscription, period: Period, now: datetime) -> tuple[Report, Printed]:
    """The report of a period for this subscription. Nothing is written or sent: also the preview."""
    report = compose_report(
        deps.store.report_input(subscription, period, now),
        deps.library.study(subscription.study_id),
        period,
        wishes=subscription.wishes,
        now=now,
        ruleset=deps.library.ruleset(subscription.study_id).digest,
        wording=deps.printer.wording(subscription.wishes.language),
    )
    return report, deps.printer.report(report, subscription, now=now)


def newest_report(deps: Deps, subscription: Subscription, kind: DigestKind, now: datetime) -> Printed:
    """The report of the newest week or month that is over, whether it is wanted or not."""
    return report_of(deps, subscription, last_ended(kind, now, subscription.wishes.zone), now)[1]
