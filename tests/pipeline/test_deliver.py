"""A digest that cannot be composed: kept as work, shown everywhere within minutes, and mailed when it is mended."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from click.testing import CliRunner

from monitor.cli import doctor as doctor_module
from monitor.cli.digest import digest as digest_command
from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import DigestState, Wishes
from monitor.core.errors import HypewatchError, UsageError
from monitor.core.judgement import Severity
from monitor.core.model import (
    LATE,
    Work,
)
from monitor.core.search.nodes import Query
from monitor.pipeline import poll
from monitor.pipeline.deliver import compose_digest, deliver_digest, deliver_due
from monitor.pipeline.imports import import_rows
from monitor.pipeline.subscribe import confirm, pause, subscribe
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from monitor.web.app import build_app
from tests.fakes.studies import SHEET

NOW = datetime(2027, 3, 3, 8, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)


@pytest.fixture
def service(tmp_path, clock):
    clock.now = NOW
    made = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_SECRET_KEY": "k"}), clock=clock)
    yield made
    made.store.close()


@pytest.fixture
def sheet(service):
    path = service.make_home() / "studies" / "mine.yaml"
    path.parent.mkdir()
    path.write_text(SHEET, encoding="utf-8")
    return path


def reader(service, study="mine", at=time(9), **changes):
    return subscribe(service.deps, f"ada@{study}.example", study_id=study, at=at, confirmed=True, **changes).id


def mails(service):
    return sorted(path.name.partition("-")[0] for path in (service.settings.home / "outbox").glob("*.eml"))


def work(service):
    """What the ticks would do now."""
    for subscription_id in service.store.due(Work.COMPOSE, service.clock()):
        deliver_due(service.deps, subscription_id)


def pages(service):
    from starlette.testclient import TestClient

    return TestClient(build_app(service), base_url="http://127.0.0.1:8080", client=("127.0.0.1", 1))


def ledger(service, monkeypatch):
    monkeypatch.setattr("monitor.cli.digest.open_service", lambda: service)
    told = CliRunner().invoke(digest_command, ["status", "--format", "json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.output)


BREAKS = {
    "the sheet is gone": lambda path: path.unlink(),
    "the sheet is no text": lambda path: path.write_bytes(b"id: mine\n\xff"),
    "the sheet is no YAML": lambda path: path.write_text("id: mine\nname: [\n"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_it_is_shown_everywhere_while_others_get_theirs_and_mailed_when_mended(
    service, sheet, clock, monkeypatch, how, caplog
):
    broken, good = reader(service), reader(service, "keio-ips-sci")
    BREAKS[how](sheet)
    clock.forward(hours=1, minutes=1)
    work(service)
    assert mails(service) == ["ada@keio"]
    assert "could not be composed" in caplog.text

    clock.forward(minutes=1)
    (failing,) = service.store.failing_digests(clock())
    assert (failing.step, failing.subscription_id, failing.local_date) == (Work.COMPOSE, broken, "2027-03-03")
    assert "mine" in failing.sentence
    row, *others = ledger(service, monkeypatch)
    assert (row["date"], row["state"], row["to"], row["sentence"]) == (
        "2027-03-03",
        "failing",
        "ada@mine.example",
        failing.sentence,
    )
    assert [other["state"] for other in others] == ["sent"]
    said = [sentence for ok, sentence in doctor_module.CHECKS["digests"](service) if not ok]
    assert [failing.sentence in sentence for sentence in said] == [True]
    client = pages(service)
    health = client.get("/healthz")
    assert (health.status_code, health.json()["digests_not_composed"]) == (503, 1)
    assert "ada@" not in health.text
    for page in ("/", "/digests"):
        text = client.get(page).text
        assert "could not be composed" in text
        assert "ada@mine.example" in text

    for _ in range(12):  # two hours: it is tried again and again, and not given up
        clock.forward(minutes=11)
        work(service)
    assert service.store.failing_digests(clock())[0].next_try is not None
    sheet.write_text(SHEET, encoding="utf-8")
    clock.forward(minutes=11)
    work(service)
    assert mails(service) == ["ada@keio", "ada@mine.example"]
    assert service.store.failing_digests(clock()) == ()
    assert pages(service).get("/healthz").status_code == 200
    assert service.store.digest_for(broken, "2027-03-03").state == DigestState.SENT
    assert service.store.subscription(good).due_date == "2027-03-04"


def test_a_judge_that_raises_is_a_sentence_and_its_trace_is_logged(service, clock, caplog):
    subscription_id = reader(service, "keio-ips-sci")
    real = service.deps.library

    class Library:
        def __getattr__(self, name):
            return getattr(real, name)

        def ruleset(self, study_id):
            raise ZeroDivisionError(study_id)

    clock.forward(hours=2)
    deps = replace(service.deps, library=Library())
    with caplog.at_level(logging.ERROR):
        assert deliver_due(deps, subscription_id) is None
    assert caplog.records[-1].exc_info
    (failing,) = service.store.failing_digests(clock())
    assert "ZeroDivisionError" in failing.sentence
    with pytest.raises(HypewatchError, match="ZeroDivisionError"):
        deliver_digest(deps, subscription_id)
    assert deliver_digest(service.deps, subscription_id).state == DigestState.SENT
    assert service.store.failing_digests(clock()) == ()


def test_a_composing_that_ends_its_process_three_times_is_left_alone_and_can_be_sent_by_hand(service, clock):
    subscription_id = reader(service, "keio-ips-sci")
    store = service.store
    clock.forward(hours=2)
    for _ in range(3):
        assert store.claim_subscription(subscription_id, "killed", clock(), MINUTES) is not None
        clock.forward(minutes=2)
    assert store.claim_subscription(subscription_id, "killed", clock(), MINUTES) is None
    (failing,) = store.failing_digests(clock())
    assert failing.next_try is None
    assert "ended the process three times" in failing.sentence
    assert store.due(Work.COMPOSE, clock()) == ()
    assert pages(service).get("/healthz").status_code == 503
    assert deliver_digest(service.deps, subscription_id).local_date == "2027-03-03"
    assert store.failing_digests(clock()) == ()


def test_failures_between_are_no_crashes(service, sheet, clock):
    """A worker that is restarted while composing fails for other reasons does not make it given up."""
    subscription_id = reader(service)
    sheet.unlink()
    clock.forward(hours=2)
    for _ in range(6):
        work(service)
        clock.forward(minutes=11)
    assert service.store.claim_subscription(subscription_id, "killed", clock(), MINUTES) is not None
    clock.forward(minutes=2)
    work(service)
    assert service.store.failing_digests(clock())[0].next_try is not None


def test_what_was_not_done_for_two_minutes_is_late_to_everybody(service, clock):
    reader(service, "keio-ips-sci")
    clock.forward(hours=1)
    clock.now += LATE
    assert pages(service).get("/healthz").status_code == 200
    clock.forward(seconds=1)
    assert pages(service).get("/healthz").status_code == 503
    assert [ok for ok, _ in doctor_module.CHECKS["work"](service)] == [False]


def test_a_second_nudge_after_midnight_composes_nothing(service, clock):
    subscription_id = reader(service, "keio-ips-sci", at=time(23, 55))
    clock.now = datetime(2027, 3, 4, 0, 5, tzinfo=UTC)
    first = deliver_due(service.deps, subscription_id)
    assert (first.local_date, first.state) == ("2027-03-03", DigestState.SENT)
    assert deliver_due(service.deps, subscription_id) is None
    assert [digest.local_date for digest in service.store.digests()] == ["2027-03-03"]


def test_days_without_work_are_one_mail_and_each_mention_is_told_once(service, clock):
    subscription_id = reader(service, "keio-ips-sci")
    line = {
        "url": "https://o.example/1",
        "title": "Keio iPS cells",
        "text": "Keio University gave iPS cells to four patients with a spinal cord injury.",
    }
    import_rows(service.deps, read_rows([json.dumps(line)], "jsonl", "one"), name="one")
    clock.forward(days=4)
    frozen = deliver_due(service.deps, subscription_id)
    assert (frozen.local_date, frozen.through_date) == ("2027-03-03", "2027-03-06")
    assert len(service.store.digest_mentions(frozen.id)) == 1
    assert deliver_digest(service.deps, subscription_id, "2027-03-05") == service.store.digest(frozen.id)
    clock.forward(days=1)
    after = deliver_due(service.deps, subscription_id)
    assert (after.local_date, service.store.digest_mentions(after.id)) == ("2027-03-07", ())
    assert len(service.store.deliveries()) == 2


def test_who_confirms_late_or_pauses_is_sent_at_their_own_hour(service, clock):
    waiting = subscribe(service.deps, "bob@example.org", study_id="keio-ips-sci", at=time(9))
    clock.forward(days=3)
    confirm(service.deps, waiting.subscriber.id)
    assert service.store.due(Work.COMPOSE, clock()) == ()
    assert service.store.subscription(waiting.id).due_at == datetime(2027, 3, 6, 9, tzinfo=UTC)
    paused = pause(service.deps, waiting.id, clock() + timedelta(days=7))
    assert paused.due_at == datetime(2027, 3, 13, 9, tzinfo=UTC)
    assert pause(service.deps, waiting.id, clock()).due_at == datetime(2027, 3, 6, 9, tzinfo=UTC)


def test_adding_again_changes_what_is_named_and_keeps_the_rest(service, clock):
    first = subscribe(
        service.deps,
        "ken@example.org",
        study_id="keio-ips-sci",
        name="Ken",
        at=time(6, 30),
        zone="Asia/Tokyo",
        weekdays=(0, 2),
        confirmed=True,
    )
    again = subscribe(service.deps, "Ken@example.org", study_id="keio-ips-sci", confirmed=True)
    assert again == first
    moved = subscribe(service.deps, "ken@example.org", study_id="keio-ips-sci", at=time(8), confirmed=True)
    assert (moved.wishes.at, moved.wishes.zone, moved.wishes.weekdays, moved.subscriber.name) == (
        time(8),
        "Asia/Tokyo",
        (0, 2),
        "Ken",
    )


def test_what_is_read_while_no_fact_sheet_can_be_used_is_judged_when_one_can(service, web, fakes, clock):
    """A home with one study whose sheet is broken: its feeds are read, nothing is lost, and nothing fails."""
    service.settings = replace(service.settings, allow_private_networks=(web.host,))
    from monitor.core.model import FeedKind
    from monitor.core.search.nodes import Query
    from monitor.pipeline.missed import judge_missed
    from monitor.pipeline.poll import poll_feed

    sheet = service.settings.home / "studies" / "keio-ips-sci.yaml"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text("id: keio-ips-sci\nname: [\n")
    words = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>L</title><item><guid>1</guid><title>T</title><description>{words}</description></item></channel></rss>"
    )
    feed = service.store.add_feed(FeedKind.FEED, web.url("/feed"), now=clock())
    assert poll_feed(service.deps, feed.id).new == 1
    assert service.store.search(Query()) == ()
    sheet.unlink()
    assert judge_missed(service.deps) == 1
    (mention,) = service.store.search(Query())
    assert any(flag.flag.confirmed for flag in mention.flags)


STUDY = "keio-ips-sci"


HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


def test_each_mention_is_told_once_whatever_happens_between(deps, outside, feed_id, clock, entry, reader):
    """Days, a pause, reruns and a summer-time change: every mention in exactly one digest, one digest a local date."""
    clock.now = datetime(2025, 3, 27, 9, 0, tzinfo=UTC)
    subscription_id = reader(deps, zone="Europe/Berlin", at=time(2, 30))  # 02:30 does not exist on 30 March
    told: list[int] = []
    days: list[str] = []
    for number in range(1, 9):
        outside.entries = (*outside.entries, entry(number, f"{HYPE} Number {number}."))
        poll.poll_feed(deps, feed_id, force=True)
        if number == 3:
            deps.store.set_subscription(subscription_id, paused_until=clock.now + timedelta(days=2))
        clock.forward(days=1)
        if subscription_id in deps.store.due(Work.COMPOSE, clock.now):
            frozen = deliver_digest(deps, subscription_id)
            assert deliver_digest(deps, subscription_id).id == frozen.id
            days.append(frozen.local_date)
            told += [mention.id for mention in deps.store.digest_mentions(frozen.id)]
    assert len(days) == len(set(days)) >= 5
    assert sorted(told) == sorted(mention.id for mention in deps.store.search(Query()))
    assert len(deps.store.deliveries()) == len(days)


def test_a_quiet_day_is_two_lines_or_none(deps, clock, reader):
    quiet = reader(deps)
    frozen = deliver_digest(deps, quiet)
    assert (frozen.state, len(deps.store.deliveries(frozen.id))) == ("sent", 1)
    assert "NEEDS YOU" not in frozen.text
    silent = deps.store.add_subscriber("bob@example.org", "Bob", now=deps.clock(), state="active")
    subscription = deps.store.subscribe(
        silent.id,
        STUDY,
        Wishes(at=time(7), zone="UTC", weekdays=(0, 1, 2, 3, 4, 5, 6), threshold=Severity.LOW, quiet=False),
        now=deps.clock(),
        due=Due(deps.clock(), deps.clock().date().isoformat()),
    )
    skipped = deliver_digest(deps, subscription.id)
    assert (skipped.state, skipped.sentence) == (
        "skipped",
        "Nothing happened, and this subscriber asked for no mail on quiet days.",
    )
    assert deps.store.deliveries(skipped.id) == ()


def test_a_preview_writes_nothing(deps, outside, feed_id, entry, reader):
    outside.entries = (entry(1),)
    poll.poll_feed(deps, feed_id)
    subscription = deps.store.subscription(reader(deps))
    _, _, first = compose_digest(deps, subscription, deps.clock())
    _, _, second = compose_digest(deps, subscription, deps.clock())
    assert first == second
    assert deps.store.digests() == ()


def test_nobody_gets_mail_who_did_not_confirm(deps, clock, reader):
    subscription_id = reader(deps, confirmed=False)
    assert deliver_digest(deps, subscription_id) is None
    with pytest.raises(UsageError, match="no time zone"):
        reader(deps, zone="Mars/Olympus")
