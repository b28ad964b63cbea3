"""Digests for several people at one moment: what they share is made once, and what fails fails alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import Composing, compose_digest, compose_due
from monitor.pipeline.imports import import_rows
from monitor.pipeline.subscribe import subscribe
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from workers import tasks
from workers.app import use_service

NOW = datetime(2027, 3, 3, 8, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"


@pytest.fixture
def service(tmp_path, clock):
    clock.now = NOW
    made = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_SECRET_KEY": "k"}), clock=clock)
    yield made
    made.store.close()


def readers(service, count, study=STUDY, **changes):
    return [
        subscribe(
            service.deps, f"reader{number}@{study}.example", study_id=study, at=time(9), confirmed=True, **changes
        ).id
        for number in range(count)
    ]


class Counting:
    """A printer that counts how often a mail was rendered."""

    def __init__(self, printer):
        self._printer, self.rendered_times = printer, 0

    def __getattr__(self, name):
        return getattr(self._printer, name)

    def rendered(self, digest, wishes):
        self.rendered_times += 1
        return self._printer.rendered(digest, wishes)


def test_one_mail_is_rendered_for_all_who_are_told_the_same(service, clock):
    deps = replace(service.deps, printer=Counting(service.deps.printer))
    ids = readers(service, 3)
    clock.forward(hours=2)
    composing = Composing(deps, clock())
    alike = [composing.digest_of(service.store.subscription(number)) for number in ids]
    assert deps.printer.rendered_times == 1
    for number, (given, digest, printed) in zip(ids, alike, strict=True):
        assert (given, digest, printed) == compose_digest(deps, service.store.subscription(number), clock())
    assert len({printed.message_id for _, _, printed in alike}) == 3


@pytest.mark.parametrize(
    "changes", [{"language": "ja"}, {"threshold": "high"}, {"zone": "Asia/Tokyo"}, {"at": time(10)}]
)
def test_who_asked_for_something_else_gets_it(service, changes):
    (one,) = readers(service, 1)
    other = subscribe(
        service.deps, "other@example.org", study_id=STUDY, confirmed=True, **({"at": time(9)} | changes)
    ).id
    composing = Composing(service.deps, NOW)
    mails = [composing.digest_of(service.store.subscription(number))[2] for number in (one, other, one)]
    assert mails[0] == mails[2]
    assert mails[1] == compose_digest(service.deps, service.store.subscription(other), NOW)[2]


def test_what_cannot_be_composed_holds_up_nobody_else(service, clock):
    first, broken, last = readers(service, 3)
    real = service.deps.store.claim_subscription

    class Store:
        def __getattr__(self, name):
            return getattr(service.deps.store, name)

        def claim_subscription(self, subscription_id, *args, **options):
            claimed = real(subscription_id, *args, **options)
            return replace(claimed, study_id="gone") if subscription_id == broken else claimed

    clock.forward(hours=2)
    ready = compose_due(replace(service.deps, store=Store()), [first, broken, last], budget=60)
    assert [service.store.digest(number).subscription_id for number in ready] == [first, last]
    (failing,) = service.store.failing_digests(clock())
    assert (failing.subscription_id, "gone" in failing.sentence) == (broken, True)
    assert compose_due(service.deps, [first, last], budget=60) == []


def test_after_its_time_it_leaves_the_rest_to_the_next_tick(service, clock):
    ids = readers(service, 3)
    clock.forward(hours=2)
    assert compose_due(service.deps, ids, budget=0) == []
    assert service.store.due(Work.COMPOSE, clock()) == tuple(ids)


def test_the_tick_gives_many_to_one_task_and_each_mail_is_sent_by_its_own(service, clock, monkeypatch):
    use_service(service)
    ids = readers(service, 5)
    clock.forward(hours=2)
    queued = []
    for task in (tasks.deliver_digest, tasks.send_digest):
        monkeypatch.setattr(task, "nudge", lambda *numbers, task=task: not queued.append((task.name, numbers)))
    monkeypatch.setattr(tasks, "TOGETHER", 3)
    tasks.dispatch_digests()
    assert queued == [
        ("workers.tasks.deliver_digest", tuple(ids[:3])),
        ("workers.tasks.deliver_digest", tuple(ids[3:])),
    ]
    queued.clear()
    tasks.deliver_digest(*ids[:3])
    ours = {digest.id for digest in service.store.digests()}
    assert {(name, *numbers) for name, numbers in queued} == {("workers.tasks.send_digest", number) for number in ours}
    for number in ours:
        tasks.send_digest(number)
    assert {digest.state for digest in service.store.digests()} == {"sent"}


def test_a_mention_that_is_withdrawn_meanwhile_is_told_to_nobody(service, clock, monkeypatch):
    """What was read for the first of them may be gone when the second is composed."""
    first, second, third = readers(service, 3)
    line = {"url": "https://o.example/1", "title": "Keio iPS cells", "text": "Keio's iPS cells: he is walking again."}
    import_rows(service.deps, read_rows([json.dumps(line)], "jsonl", "one"), name="one")
    (mention,) = service.store.search(Query())
    clock.forward(hours=2)
    real = Composing.digest_of

    def withdrawn_after_the_first(self, subscription, day=None):
        made = real(self, subscription, day)
        if subscription.id == second:
            service.store.purge(mention.id, now=clock())
        return made

    monkeypatch.setattr(Composing, "digest_of", withdrawn_after_the_first)
    compose_due(service.deps, [first, second, third], budget=60)
    assert service.store.digests() == ()  # the first was taken back, and is due again
    sentences = {failing.subscription_id: failing.sentence for failing in service.store.failing_digests(clock())}
    assert set(sentences) == {second, third}
    assert set(sentences.values()) == {
        "Something that this digest tells was withdrawn a moment ago. It is composed anew without it."
    }
    monkeypatch.undo()
    clock.forward(minutes=11)
    assert len(compose_due(service.deps, service.store.due(Work.COMPOSE, clock()), budget=60)) == 3
    assert all("walking again" not in digest.text for digest in service.store.digests())
