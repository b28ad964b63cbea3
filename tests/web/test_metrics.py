"""What a program reads that watches the installation: the format is Prometheus's own, and each number is the database's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from monitor import __version__
from monitor.core.errors import StorageError
from monitor.core.model import FeedKind, Work
from monitor.web.app import build_app


def told(answer):
    """Each sample by its name and labels."""
    return {
        (sample.name.removeprefix("hypewatch_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def client(service):
    return TestClient(build_app(service), base_url="http://127.0.0.1")


def test_work_and_sources_are_told_as_they_stand(service, client, clock):
    for at in range(4):
        service.store.add_feed(FeedKind.FEED, f"https://paper{at}.example/feed", now=clock.now)
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    figures = told(answer)
    assert figures["healthy",] == 1
    assert figures["info", __version__] == 1
    assert figures["sources", "new"] == 4
    assert ("sources_last_success_seconds",) not in figures
    assert figures["work_due", "poll"] == 4
    clock.now += timedelta(minutes=7)
    first, second, third, _ = service.store.feeds()
    service.store.set_feed(first.id, paused=True)
    for feed in (second, third):
        claimed = service.store.claim_feed(feed.id, "w", clock.now, timedelta(minutes=1))
        service.store.postpone(
            Work.POLL,
            feed.id,
            claimed.lease,
            until=clock.now + timedelta(hours=1),
            error="It failed.",
            attempts_max=1 if feed is third else None,
        )
    figures = told(client.get("/metrics"))
    assert figures["sources", "paused"] == 1
    assert (figures["work_due", "poll"], figures["work_left_alone", "poll"]) == (1, 1)
    assert figures["work_oldest_due_seconds", "poll"] == 7 * 60
    assert figures["work_oldest_due_seconds", "send"] == 0
    assert figures["healthy",] == 0
    assert client.get("/healthz").status_code == 503


def test_a_database_that_fails_is_told_as_no_answer_and_a_sentence(service, client, monkeypatch):
    def broken(*_):
        raise StorageError("The disk is full.", "Make room.")

    monkeypatch.setattr("monitor.storage.store.SqlStore.backlog", broken)
    answer = client.get("/metrics")
    assert answer.status_code == 503
    assert "The disk is full." in answer.text
