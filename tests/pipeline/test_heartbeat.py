"""A sign of life goes out while work is done, once a minute, and nothing is said when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.model import Outcome, Work
from monitor.pipeline.health import HealthCheck
from monitor.pipeline.heartbeat import last_ping, ping
from monitor.service import Service
from monitor.settings import load, shown

URL = "https://alarm.example/ping/secret-uuid"


class Caller:
    def __init__(self, fetched):
        self.asked, self.status, self._fetched = [], 200, fetched

    def request(self, method, url, *, headers=None, content=b""):
        self.asked.append((method, url, content))
        outcome = Outcome.FETCHED if self.status == 200 else Outcome.TEMPORARY
        return self._fetched(url, outcome, status=self.status)


@pytest.fixture
def caller(fetched):
    return Caller(fetched)


@pytest.fixture
def live(deps, caller):
    return replace(deps, caller=caller)


def test_once_a_minute_by_whichever_process(live, caller, clock):
    other = replace(live, owner="another")
    for _ in range(12):
        for process in (live, other):
            ping(process, URL, HealthCheck())
        clock.forward(seconds=30)
    assert caller.asked == [("GET", URL, b"")] * 6
    assert last_ping(live.store).good


def test_silence_when_work_waits(live, caller, clock, feed_id):
    clock.forward(minutes=5)  # a source is due, and nobody reads it
    check = HealthCheck()
    assert live.store.oldest_due(Work.POLL, clock.now) == timedelta(minutes=5)
    assert ping(live, URL, check) is None
    assert caller.asked == []
    live.store.set_feed(feed_id, paused=True)
    clock.forward(minutes=1)
    assert ping(live, URL, check).good


@pytest.mark.parametrize("status", [None, 302, 404, 500])
def test_what_is_not_taken_is_told_and_fails_nothing(live, caller, status):
    caller.status = status
    made = ping(live, URL, HealthCheck())
    assert (made.good, last_ping(live.store)) == (False, made)
    assert "secret-uuid" not in made.sentence


def test_the_address_is_a_secret_and_checked(tmp_path):
    from monitor.core.errors import SettingError

    settings = load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_HEARTBEAT_URL": URL})
    assert "secret-uuid" not in repr(settings) + str(shown(settings))
    for wrong in ("ftp://alarm.example/secret-uuid", "https:///secret-uuid", "secret-uuid"):
        with pytest.raises(SettingError, match="HYPEWATCH_HEARTBEAT_URL") as told:
            load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_HEARTBEAT_URL": wrong})
        assert "secret-uuid" not in str(told.value)


def test_an_address_of_ones_own_network_must_be_named(tmp_path, web, fakes):
    web["/ping/secret-uuid"] = fakes.answer(b"OK")
    url, told = web.url("/ping/secret-uuid"), {"HYPEWATCH_HOME": str(tmp_path)}
    refused = Service(load(told)).courier.request("GET", url)
    assert (refused.status, web.asked) == (None, [])
    assert "secret-uuid" not in refused.sentence
    service = Service(load(told | {"HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host}))
    assert service.courier.request("GET", url).status == 200


def test_the_tick_asks_and_goes_on_whatever_comes_of_it(tmp_path, web, fakes, monkeypatch, caplog):
    """The whole way through the tasks; the address stands in no log line."""
    from workers import app, tasks

    web["/ping/secret-uuid"] = fakes.answer(b"no", 500)
    settings = load(
        {
            "HYPEWATCH_HOME": str(tmp_path),
            "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
            "HYPEWATCH_HEARTBEAT_URL": web.url("/ping/secret-uuid"),
        }
    )
    service = Service(settings)
    monkeypatch.setitem(app._services, "open", service)
    queued = []
    monkeypatch.setattr(tasks.ping_heartbeat, "nudge", lambda: queued.append("ping"))
    caplog.set_level("DEBUG", "monitor")
    tasks.dispatch_digests()
    assert (queued, web.asked) == (["ping"], [])
    tasks.ping_heartbeat()
    assert len(web.asked) == 1
    assert "500" in last_ping(service.store).sentence
    assert "was not taken" in caplog.text
    assert "secret-uuid" not in caplog.text
    service.store.close()
