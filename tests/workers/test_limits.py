"""What the settings of Celery must be (reliability, rule 9), and that beat's ticks are what the tasks are called."""

from __future__ import annotations

from datetime import timedelta

from monitor.pipeline import backtests, deliver, poll, rejudge
from workers import tasks
from workers.app import PULSE_EXCHANGE, SLOW_HARD_LIMIT_S, SLOW_SOFT_LIMIT_S, app
from workers.beat import HOUSEKEEPING_S, schedule
from workers.queues import PULSES, QUEUES

#: Celery's default for Redis, left as it is.
VISIBILITY = timedelta(hours=1)


def test_limits_are_below_leases_and_leases_below_the_visibility_timeout():
    leases = {
        tasks.poll_feed: poll.LEASE,
        tasks.read_page: poll.LEASE,
        tasks.deliver_digest: deliver.COMPOSE_LEASE,
        tasks.send_digest: deliver.SEND_LEASE,
    }
    for task, lease in leases.items():
        soft = task.soft_time_limit or app.conf.task_soft_time_limit
        hard = task.time_limit or app.conf.task_time_limit
        assert 0 < soft < hard < lease.total_seconds() < VISIBILITY.total_seconds(), task.name
    for renewed in (backtests.LEASE, rejudge.LEASE):  # while the work goes on: what is lost with it is void
        assert backtests.SAVE_EVERY * 10 < renewed.total_seconds() <= 60, "of a killed process it is over soon"
    assert tasks.SLOW_BUDGET_S + 30 < SLOW_SOFT_LIMIT_S, "a slow task ends by itself"
    assert (tasks.housekeeping.soft_time_limit, tasks.housekeeping.time_limit) == (SLOW_SOFT_LIMIT_S, SLOW_HARD_LIMIT_S)


def test_what_a_killed_worker_held_is_done_within_120_seconds():
    sweep = max(row["schedule"] for name, row in schedule().items() if name not in {"housekeeping", "dispatch-reports"})
    assert poll.LEASE.total_seconds() + sweep <= 110


def test_the_settings_that_were_measured():
    wanted = {
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_publish_retry": False,
        "worker_max_tasks_per_child": 500,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
    }
    assert {name: app.conf[name] for name in wanted} == wanted


def test_every_task_has_a_queue_that_workers_serve_and_every_tick_is_a_task():
    ours = {name for name in app.tasks if name.startswith("workers.")}
    assert set(app.conf.task_routes) == ours
    assert {route["queue"] for route in app.conf.task_routes.values()} == {*QUEUES, PULSES}
    ticks = schedule(7.0)
    assert {name: (row["task"], row["schedule"], row["options"]) for name, row in ticks.items()} == {
        "dispatch": ("workers.tasks.dispatch", 7.0, {"expires": 7.0}),
        "dispatch-digests": ("workers.tasks.dispatch_digests", 7.0, {"expires": 7.0}),
        "dispatch-judging": ("workers.tasks.dispatch_judging", 7.0, {"expires": 7.0}),
        "dispatch-reports": ("workers.tasks.dispatch_reports", 28.0, {"expires": 28.0}),
        "dispatch-webhooks": ("workers.tasks.dispatch_webhooks", 7.0, {"expires": 7.0}),
        "housekeeping": ("workers.tasks.housekeeping", HOUSEKEEPING_S, {"expires": HOUSEKEEPING_S}),
        "pulse": ("workers.tasks.pulse", 7.0, {"expires": 7.0, "declare": [PULSE_EXCHANGE]}),
    }
    assert {row["task"] for row in ticks.values()} <= ours
