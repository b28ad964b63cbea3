"""How an answer, or its lack, ends: outcome, sentence, and when to come again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Outcome
from monitor.sources.http.client import HttpClient
from monitor.sources.http.outcomes import retry_after


def ended(fetched):
    return fetched.outcome, fetched.sentence


@pytest.mark.parametrize(
    ("status", "outcome", "sentence"),
    [
        (401, Outcome.HARD, "127.0.0.1 wants a login (401)."),
        (403, Outcome.HARD, "127.0.0.1 refuses to give it to us (403)."),
        (404, Outcome.HARD, "127.0.0.1 has nothing at this address (404)."),
        (410, Outcome.GONE, "127.0.0.1 says that it is gone for good (410)."),
        (418, Outcome.HARD, "127.0.0.1 does not give it out (status 418)."),
        (429, Outcome.RATE_LIMITED, "127.0.0.1 was asked too often and wants us to come later (429)."),
        (500, Outcome.TEMPORARY, "127.0.0.1 has a fault of its own (500); it is asked again later."),
        (503, Outcome.TEMPORARY, "127.0.0.1 has a fault of its own (503); it is asked again later."),
    ],
)
def test_statuses(web, door, fakes, status, outcome, sentence):
    web["/"] = fakes.answer("<html>sorry</html>", status)
    fetched = door.fetch(web.url())
    assert (fetched.outcome, fetched.status, fetched.sentence, fetched.body) == (outcome, status, sentence, b"")


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, timedelta(hours=24)),
        (format_datetime(datetime(2025, 3, 24, 10, 5, tzinfo=UTC), usegmt=True), timedelta(minutes=5)),
        (format_datetime(datetime(2025, 3, 24, 9, tzinfo=UTC), usegmt=True), None),
        (format_datetime(datetime(2035, 3, 24, 9, tzinfo=UTC), usegmt=True), timedelta(hours=24)),
    ],
)
def test_retry_after_in_both_forms(web, door, fakes, value, wait):
    date = format_datetime(datetime(2025, 3, 24, 10, tzinfo=UTC), usegmt=True)
    for status in (429, 503):
        web["/"] = fakes.answer("", status, Retry_After=value, Date=date)
        fetched = door.fetch(web.url())
        assert (fetched.outcome, fetched.retry_after) == (Outcome.RATE_LIMITED, wait)


@given(st.text(max_size=60))
def test_retry_after_never_raises(text):
    wait = retry_after(text)
    assert wait is None or timedelta(0) < wait <= timedelta(hours=24)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def test_lying_lengths_and_early_ends_are_told(web, door):
    broke = (Outcome.TEMPORARY, "127.0.0.1 broke off in the middle of its answer, or does not speak HTTP.")
    web["/short"] = HEAD + b"Content-Length: 100\r\n\r\nonly this"
    assert ended(door.fetch(web.url("/short"))) == broke
    web["/none"] = b""
    assert ended(door.fetch(web.url("/none"))) == broke
    web["/other"] = b"SSH-2.0-OpenSSH_9.2\r\n"
    assert ended(door.fetch(web.url("/other"))) == broke
    web["/huge"] = HEAD + b"Content-Length: 99999999999\r\n\r\nx"
    assert door.fetch(web.url("/huge")).outcome is Outcome.SOFT
    web["/long"] = HEAD + b"Content-Length: 2\r\n\r\nmore than two"
    assert door.fetch(web.url("/long")).body == b"mo"


def test_a_closed_port_is_told(web):
    port = web.port
    web.__exit__()
    fetched = HttpClient(allow_private=frozenset({f"127.0.0.1:{port}"})).fetch(f"http://127.0.0.1:{port}/")
    web.__enter__()
    assert ended(fetched) == (
        Outcome.TEMPORARY,
        "No connection to 127.0.0.1: it does not take one, or its certificate is not valid.",
    )
