"""Weekly and monthly reports: once, at the right hour, for who wants them, and withdrawn with what they quote."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from monitor.cli.digest import digest as digest_command
from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.errors import NotFoundError
from monitor.core.model import LATE, Network, Work
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_due, send_digest
from monitor.pipeline.health import HealthCheck
from monitor.pipeline.poll import poll_feed
from monitor.pipeline.reports import due_reports, make_reports
from monitor.pipeline.subscribe import change, leave, pause
from monitor.service import Service
from monitor.settings import load
from monitor.web.app import build_app

MONDAY = datetime(2025, 3, 31, 7, 0, tzinfo=UTC)  # the week from 24 March is over, and it is seven
DAY = timedelta(days=1)


def made(deps, clock, at=None):
    """The reports that the tick makes at a moment."""
    clock.now = at or clock.now
    return [deps.store.digest(key) for key in make_reports(deps, budget=60)]


def weekly(deps, reader, **changes):
    return reader(deps, **({"weekly": True} | changes))


def read(deps, outside, feed_id, *entries):
    outside.entries = entries
    poll_feed(deps, feed_id, force=True)
    return [mention.id for mention in deps.store.search(Query())]


def test_it_comes_once_at_the_first_hour_of_the_new_week(deps, outside, feed_id, entry, reader, clock):
    weekly(deps, reader)
    read(deps, outside, feed_id, entry(1), entry(2), entry(3, "Keio University reports on iPS cells."))
    assert made(deps, clock, MONDAY - timedelta(seconds=1)) == []
    (report,) = made(deps, clock, MONDAY)
    assert (report.kind, report.local_date, report.through_date) == (DigestKind.WEEKLY, "2025-W13", "2025-W13")
    assert report.subject == "Week 13 of 2025: 2 of 3 mentions go too far"
    assert "walking again" in report.text
    assert "paper1.example" in report.text
    assert send_digest(deps, report.id).state is DigestState.SENT
    assert made(deps, clock, MONDAY + timedelta(hours=1)) == []
    assert made(deps, clock, MONDAY + 6 * DAY) == []
    assert [one.local_date for one in made(deps, clock, MONDAY + 7 * DAY)] == ["2025-W14"]


def test_it_takes_nothing_from_the_daily_digest(deps, outside, feed_id, entry, reader, clock):
    subscription = weekly(deps, reader)
    read(deps, outside, feed_id, entry(1))
    before = deps.store.subscription(subscription)
    made(deps, clock, MONDAY)
    assert deps.store.subscription(subscription) == before
    daily = deliver_due(deps, subscription)
    assert daily.kind is DigestKind.DAILY
    assert daily.subject.startswith("1 drift, 1 new")


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Pacific/Kiritimati", datetime(2025, 3, 30, 17, 0, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2025, 3, 31, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_mention_is_of_the_week_that_it_was_for_the_person(deps, outside, feed_id, entry, reader, clock, zone, due):
    weekly(deps, reader, zone=zone)
    begins = due - timedelta(hours=7)
    for number, at in ((1, begins - timedelta(seconds=1)), (2, begins)):
        clock.now = at
        read(deps, outside, feed_id, entry(number, published=at))
    (report,) = made(deps, clock, due)
    assert report.subject == "Week 13 of 2025: 1 of 1 mention goes too far"
    (following,) = made(deps, clock, due + 7 * DAY)
    assert following.subject == "Week 14 of 2025: 1 of 1 mention goes too far"
    assert "The week before: 1, 1 too far." in " ".join(following.text.split())


def test_after_weeks_without_work_the_newest_alone_comes(deps, reader, clock):
    weekly(deps, reader, monthly=True)
    reports = made(deps, clock, MONDAY + 36 * DAY)
    assert sorted(report.local_date for report in reports) == ["2025-04", "2025-W18"]


def test_two_workers_end_with_one(deps, outside, feed_id, entry, reader, clock):
    weekly(deps, reader)
    read(deps, outside, feed_id, entry(1))
    clock.now = MONDAY
    with ThreadPoolExecutor(4) as pool:
        numbers = [key for keys in pool.map(lambda _: make_reports(deps, budget=60), range(4)) for key in keys]
    assert len(numbers) == len(deps.store.digests()) == 1


def test_who_pauses_left_or_wants_none_gets_none(deps, reader, clock):
    subscription = weekly(deps, reader)
    pause(deps, subscription, MONDAY + DAY)
    assert made(deps, clock, MONDAY) == []
    assert len(made(deps, clock, MONDAY + DAY)) == 1
    change(deps, subscription, weekly=False)
    assert made(deps, clock, MONDAY + 7 * DAY) == []
    change(deps, subscription, weekly=True)
    leave(deps, subscription)
    assert made(deps, clock, MONDAY + 14 * DAY) == []


def test_who_came_later_gets_no_report_of_before(deps, reader, clock):
    clock.now = MONDAY
    weekly(deps, reader, monthly=True)
    assert made(deps, clock) == []
    assert [one.local_date for one in made(deps, clock, MONDAY + DAY)] == ["2025-03"], "they were there on its last day"


def test_a_quiet_week_sends_two_lines_or_none(deps, reader, clock):
    subscription = weekly(deps, reader)
    (report,) = made(deps, clock, MONDAY)
    assert report.subject == "Week 13 of 2025: nothing new"
    assert "Nothing new was found that week." in report.text
    change(deps, subscription, quiet=False)
    assert made(deps, clock, MONDAY + 7 * DAY) == []
    newest = deps.store.digests()[0]
    assert (newest.local_date, newest.state) == ("2025-W14", DigestState.SKIPPED)
    assert "asked for no mail about quiet times" in newest.sentence


def test_what_is_not_wanted_is_not_counted(deps, outside, feed_id, entry, reader, clock):
    weekly(deps, reader, networks=(Network.X,))
    read(deps, outside, feed_id, entry(1))
    (report,) = made(deps, clock, MONDAY)
    assert report.subject == "Week 13 of 2025: nothing new"


def test_a_waiting_report_is_composed_anew_when_what_it_quotes_is_withdrawn(
    deps, outside, feed_id, entry, reader, clock
):
    subscription = weekly(deps, reader)
    gone, stays = read(
        deps,
        outside,
        feed_id,
        entry(1, "A man is walking again, said Keio University of iPS cells and Quixbury."),
        entry(2),
    )
    if "Quixbury" in deps.store.mention(stays).text:
        gone = stays
    due = deps.store.subscription(subscription).due_date
    (report,) = made(deps, clock, MONDAY)
    assert "Quixbury" in report.text
    deps.store.purge(gone, now=MONDAY)
    assert deps.store.digests() == ()
    assert deps.store.subscription(subscription).due_date == due, "a week is no date"
    (again,) = made(deps, clock)
    assert again.local_date == report.local_date
    assert again.message_id == report.message_id
    assert "Quixbury" not in again.text
    assert again.subject == "Week 13 of 2025: 1 of 1 mention goes too far"


def test_of_a_report_that_was_sent_the_words_are_removed(deps, outside, feed_id, entry, reader, clock):
    weekly(deps, reader)
    (gone,) = read(deps, outside, feed_id, entry(1))
    (report,) = made(deps, clock, MONDAY)
    send_digest(deps, report.id)
    assert [mention.id for mention in deps.store.digest_mentions(report.id)] == [gone]
    deps.store.purge(gone, now=MONDAY)
    emptied = deps.store.digest(report.id)
    assert (emptied.state, emptied.withdrawn) == (DigestState.SENT, True)
    assert b"walking" not in emptied.mime
    assert made(deps, clock) == []


def test_what_stops_one_report_stops_no_other_and_is_seen(deps, reader, clock, caplog):
    weekly(deps, reader)
    broken = replace(deps, printer=None)
    clock.now = MONDAY
    assert make_reports(broken, budget=60) == []
    assert "could not be composed, and is tried again" in caplog.text
    check = HealthCheck()
    assert "reports" not in check.look(deps).waiting
    clock.now += LATE + timedelta(minutes=1)
    assert check.look(deps).waiting["reports"] >= LATE.total_seconds()
    assert len(made(deps, clock)) == 1
    assert "reports" not in check.look(deps).waiting
    assert due_reports(deps, clock()) == []


def test_it_is_sent_again_by_the_work_that_sends_digests(deps, reader, clock):
    weekly(deps, reader)
    (report,) = made(deps, clock, MONDAY)
    assert report.id in deps.store.due(Work.SEND, MONDAY)


def test_a_preview_shows_any_kind_and_the_ledger_names_it(deps, outside, feed_id, entry, reader, clock, monkeypatch):
    weekly(deps, reader)
    read(deps, outside, feed_id, entry(1), entry(2))
    told = {}
    clock.now = MONDAY - 6 * DAY
    monkeypatch.setattr(
        "monitor.cli.digest.open_service", lambda: SimpleNamespace(deps=deps, store=deps.store, clock=clock)
    )
    for kind in ("daily", "weekly", "monthly", "urgent"):
        told[kind] = CliRunner().invoke(digest_command, ["preview", "--kind", kind]).output.splitlines()[0]
    assert told == {
        "daily": told["daily"],
        "weekly": "Subject: Week 12 of 2025: nothing new",
        "monthly": "Subject: February 2025: nothing new",
        "urgent": told["urgent"],
    }
    assert "2 drift, 2 new" in told["daily"]
    assert "spreads: 2 mentions in 24 hours" in told["urgent"]
    clock.now = MONDAY
    nothing = CliRunner().invoke(digest_command, ["preview", "--kind", "urgent"])
    assert isinstance(nothing.exception, NotFoundError)
    assert deps.store.digests() == (), "a preview keeps nothing"
    made(deps, clock)
    rows = json.loads(CliRunner().invoke(digest_command, ["status", "--format", "json"]).output)
    assert [(row["kind"], row["date"]) for row in rows] == [("weekly", "2025-W13")]


def test_the_pages_say_which_kind_a_mail_is_and_for_when(deps, reader, clock, tmp_path, database_url):
    weekly(deps, reader, monthly=True)
    made(deps, clock, MONDAY + 2 * DAY)
    values = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_SECRET_KEY": "k"}
    service = Service(load(values), clock=clock)
    client = TestClient(build_app(service), base_url="http://127.0.0.1:8080", client=("127.0.0.1", 1))
    page = client.get("/digests").text
    assert {"weekly report", "monthly report", "week 13 of 2025", "March 2025"} <= set(
        re.findall(r">([^<>]+)</td>", page)
    )
    one = client.get(f"/digests/{deps.store.digests()[0].id}")
    assert one.status_code == 200
    assert "report for" in one.text
    service.store.close()
