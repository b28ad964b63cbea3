"""The fixtures that everybody's tests stand on: no way out of loopback, and servers that answer."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "8.8.8.8"])
def test_no_test_reaches_another_machine(address):
    with socket.socket() as sock, pytest.raises(RuntimeError, match="only loopback is allowed"):
        sock.connect((address, 80))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(RuntimeError, match="only loopback"):
        sock.connect((address, 53))


def test_no_name_is_looked_up():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.org", 80)
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert socket.getaddrinfo("localhost", 80)


def test_redis_answers(redis_url):
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.set("key", "value")
        assert client.get("key") == b"value"


def test_postgresql_answers_and_each_test_has_a_database_of_its_own(postgresql_url, empty_postgresql_url):
    import psycopg

    assert postgresql_url != empty_postgresql_url
    for url, tables in ((postgresql_url, True), (empty_postgresql_url, False)):
        with psycopg.connect(url) as conn:
            (found,) = conn.execute("SELECT to_regclass('mentions') IS NOT NULL").fetchone()
        assert found is tables
