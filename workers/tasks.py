"""The tasks: each claims its row's lease through a use case and does nothing else. Any of them may run twice."""

from __future__ import annotations

import logging
import socket
from datetime import timedelta

from monitor.core.model import Work
from monitor.pipeline import (
    alarm,
    alive,
    backtests,
    deliver,
    heartbeat,
    missed,
    poll,
    rejudge,
    reports,
    retellings,
    search_mails,
    urgent,
    webhooks,
)
from workers.app import SLOW_HARD_LIMIT_S, SLOW_SOFT_LIMIT_S, HypewatchTask, app, own_name

logger = logging.getLogger(__name__)

#: Seconds that a slow task works before it lets others come: less than its soft limit by more than the longest single step.
SLOW_BUDGET_S = 60.0
#: How many rows one tick nudges; the rest is nudged by the next.
BATCH = 500
#: Digests that one task composes: they share what they are composed from.
TOGETHER = 50


@app.task(bind=True, about="feed")
def poll_feed(self: HypewatchTask, feed_id: int) -> None:
    """Poll one feed; what it brought is committed before its pages are nudged."""
    outcome = poll.poll_feed(self.service.deps, feed_id)
    if outcome is None:
        logger.info("not read now: it is not due, another process reads it, or it waits for its turn")
    else:
        written = len(outcome.changed_mentions)
        logger.info("%s: %s %s mentions are new or changed", outcome.outcome, outcome.sentence, written)
        read_page.nudge_all(outcome.pages_due)


@app.task(bind=True, about="entry")
def read_page(self: HypewatchTask, entry_id: int) -> None:
    """Read one article page."""
    written = poll.read_page(self.service.deps, entry_id)
    logger.info("its page was looked at: %s mentions are new or changed", len(written))


@app.task(bind=True, about="subscription", soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def deliver_digest(self: HypewatchTask, *subscription_ids: int) -> None:
    """Compose what is due for these subscriptions, and send it: of several each by a task of its own, so that a slow mail server
    holds up none of the others.
    """
    deps = self.service.deps
    if len(subscription_ids) == 1:
        deliver.deliver_due(deps, *subscription_ids)
    else:
        send_digest.nudge_all(deliver.compose_due(deps, subscription_ids, budget=SLOW_BUDGET_S))


@app.task(bind=True, about="digest", soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def send_digest(self: HypewatchTask, digest_id: int) -> None:
    """Try again to hand over a digest that was composed before."""
    deliver.send_digest(self.service.deps, digest_id)


@app.task(bind=True, soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def make_reports(self: HypewatchTask) -> None:
    """Compose the weekly and monthly reports that are due; each is sent by a task of its own."""
    send_digest.nudge_all(reports.make_reports(self.service.deps, budget=SLOW_BUDGET_S))


@app.task(bind=True, soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def watch_spread(self: HypewatchTask) -> None:
    """Compose the urgent mails that are called for; each is sent by a task of its own."""
    send_digest.nudge_all(urgent.watch_spread(self.service.deps))


@app.task(bind=True, soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def mail_searches(self: HypewatchTask) -> None:
    """Compose the mails about saved searches that are called for; each is sent by a task of its own."""
    send_digest.nudge_all(search_mails.mail_searches(self.service.deps))


@app.task(bind=True, about="back-test", soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def run_backtest(self: HypewatchTask, backtest_id: int) -> None:
    """Go on with a back-test that somebody began; what is left then is nudged again."""
    found = backtests.continue_backtest(self.service.deps, backtest_id, budget=SLOW_BUDGET_S)
    logger.info("%s: %s of %s mentions were looked at", found.state, found.seen, found.total)
    if found.running:
        run_backtest.nudge(backtest_id)


@app.task(bind=True, soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def judge_stored(self: HypewatchTask) -> None:
    """Judge again what other rules judged, one process at a time; what is left then is found by the next tick."""
    deps = self.service.deps
    studies = [study for study in deps.library.studies() if rejudge.waits(deps, study)]
    owner = f"{deps.owner}/{self.request.id}"
    if not studies:
        return
    with rejudge.holding(deps, owner) as renew:
        if not renew():
            return
        for study in studies:
            done = rejudge.judge_all(deps, study, budget=SLOW_BUDGET_S / len(studies), told=lambda _: renew())
            logger.info("%s: %s stored mentions were brought to the rules in use", study.id, done)


@app.task(bind=True)
def dispatch(self: HypewatchTask) -> None:
    """The tick for polls and pages: nudge what is due. Two beats are harmless, the claims see to that."""
    for work, worker in ((Work.POLL, poll_feed), (Work.PAGE, read_page)):
        behind = worker.waiting()
        if behind is None:
            break  # it may need 2 s to say so
        _nudge_due(self, work, worker, behind=behind)


@app.task(bind=True)
def dispatch_digests(self: HypewatchTask) -> None:
    """The tick for digests: local hours that have come, and mails to be tried again."""
    due = self.service.deps.store.due(Work.COMPOSE, self.service.clock(), BATCH)
    for at in range(0, len(due), TOGETHER):
        if not deliver_digest.nudge(*due[at : at + TOGETHER]):
            break  # it may need 2 s to say no
    _nudge_due(self, Work.SEND, send_digest)
    if self.service.settings.heartbeat_url is not None:
        ping_heartbeat.nudge()


@app.task(bind=True)
def dispatch_reports(self: HypewatchTask) -> None:
    """The tick for what looks back and what cannot wait: reports that are due, claims that spread, and work that stands still."""
    watch_health.nudge()
    deps, now = self.service.deps, self.service.clock()
    if reports.due_reports(deps, now):
        make_reports.nudge()
    if deps.store.urgent_subscriptions(now):
        watch_spread.nudge()
    if deps.store.search_mails(now=now):
        mail_searches.nudge()


@app.task(bind=True, about="call")
def call_webhook(self: HypewatchTask, call_id: int) -> None:
    """Tell another program or a chat one thing."""
    webhooks.make_call(self.service.deps, call_id)


@app.task(bind=True)
def dispatch_webhooks(self: HypewatchTask) -> None:
    """The tick for other programs: find what they have not been told, and nudge the calls that are due."""
    webhooks.find_events(self.service.deps)
    _nudge_due(self, Work.CALL, call_webhook)


@app.task(bind=True)
def ping_heartbeat(self: HypewatchTask) -> None:
    """Tell the outside that work is being done, if it is. A task of its own: the round waits for nobody."""
    service = self.service
    if service.settings.heartbeat_url is not None:
        heartbeat.ping(service.deps, service.settings.heartbeat_url.get_secret_value(), service.health)


@app.task(bind=True)
def watch_health(self: HypewatchTask) -> None:
    """Tell the owners by mail that work stands still, and that it goes on."""
    alarm.watch_health(self.service.deps, self.service.health)


@app.task(bind=True, acks_late=False)  # one that was given back would lie in Redis, where nobody takes it
def pulse(self: HypewatchTask) -> None:
    """Every worker gets one each tick, and leaves its sign; `hypewatch alive` asks for it."""
    name = own_name()
    if name is not None:
        alive.leave_sign(self.service.store, name, socket.gethostname(), self.service.clock())


@app.task(bind=True)
def dispatch_judging(self: HypewatchTask) -> None:
    """The tick for tuning: back-tests that go on, and mentions that other rules judged."""
    _nudge_due(self, Work.BACKTEST, run_backtest)
    deps = self.service.deps
    if any(rejudge.waits(deps, study) for study in deps.library.studies()):
        judge_stored.nudge()


@app.task(bind=True, soft_time_limit=SLOW_SOFT_LIMIT_S, time_limit=SLOW_HARD_LIMIT_S)
def housekeeping(self: HypewatchTask) -> None:
    """The slow tick, one process at a time: judge what came while its fact sheet was broken, and drop what is only history."""
    deps = self.service.deps
    now = deps.clock()
    if not deps.store.lock("housekeeping", deps.owner, now, timedelta(minutes=10)):
        return
    try:
        missed.judge_missed(deps)
    except Exception:  # the rest of the house is kept all the same
        logger.exception("what was missed could not be judged")
    try:
        retellings.catch_up(deps)
    except Exception:
        logger.exception("retellings among what was stored earlier could not be looked for")
    deps.store.housekeeping(now)
    self.service.forget_mails()


def _nudge_due(task: HypewatchTask, work: Work, worker: HypewatchTask, *, behind: int = 0) -> None:
    """Nudge what is due. `behind` so many messages lie in the queue, and they are of what has been due for longest: with more due than
    is done between two ticks, each would otherwise be nudged again and again.
    """
    store = task.service.deps.store
    worker.nudge_all(store.due(work, task.service.clock(), behind + BATCH)[behind:])
