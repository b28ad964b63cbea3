from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from monitor.core.session import Role
from monitor.web.api.allowance import Allowance, Left
from monitor.web.app import build_app
from tests.web.api.conftest import BASE, Program, made_key

NOW = datetime(2026, 3, 3, 12, 0, 20, tzinfo=UTC)


def test_a_key_has_so_many_requests_in_each_minute_of_the_clock():
    counts = Allowance(2)
    assert [counts.take(1, NOW) for _ in range(3)] == [
        Left(2, 1, 40, spent=False),
        Left(2, 0, 40, spent=False),
        Left(2, 0, 40, spent=True),
    ]
    assert counts.take(2, NOW) == Left(2, 1, 40, spent=False), "another key has its own"
    assert counts.take(1, NOW + timedelta(seconds=39)).spent
    assert counts.take(1, NOW + timedelta(seconds=40)) == Left(2, 1, 60, spent=False)


def test_none_of_many_threads_goes_uncounted():
    counts = Allowance(500)
    with ThreadPoolExecutor(8) as pool:
        left = list(pool.map(lambda _: counts.take(1, NOW), range(600)))
    assert sum(one.spent for one in left) == 100
    assert sorted(one.remaining for one in left if not one.spent) == list(range(500))


def test_without_a_limit_nothing_is_told():
    counts = Allowance(0)
    assert {(left.spent, tuple(left.headers)) for left in (counts.take(1, NOW) for _ in range(1_000))} == {(False, ())}


def test_a_program_that_asks_too_often_is_told_when_to_come_again(seeded, clock):
    seeded.settings = replace(seeded.settings, api_per_minute=3)
    client = TestClient(build_app(seeded), base_url=BASE, raise_server_exceptions=False)
    program, other = Program(client, made_key(seeded, Role.OWNER)), Program(client, made_key(seeded, Role.READER))
    left = [
        program("GET", path).headers["ratelimit-remaining"] for path in ("/mentions", "/nothing", "/mentions?limit=0")
    ]
    assert left == ["2", "1", "0"], "what fails counts too"
    answer = program("GET", "/mentions")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate")
    assert answer.headers["retry-after"] == answer.headers["ratelimit-reset"] == "60"
    assert answer.headers["ratelimit-limit"] == "3"
    assert other("GET", "/mentions").status_code == 200
    assert client.get("/api/v1/mentions").status_code == 200, "a browser is counted for nobody"
    clock.forward(seconds=60)
    assert program("GET", "/mentions").status_code == 200
