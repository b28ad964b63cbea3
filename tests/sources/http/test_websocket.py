"""WebSocket through the one door: handshakes, frames, and servers that do not speak it; the stream on it is Bluesky's."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Response

from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Outcome
from monitor.sources.connector import Setup
from monitor.sources.http.client import HttpClient
from monitor.sources.networks.jetstream import BlueskyStream

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


US = 1_000_000


T = int(NOW.timestamp()) * US  # now, as the stream writes it


FEED = FeedForPoll(id=1, kind=FeedKind.BLUESKY_STREAM, url='"walking again" OR (Keio iPS)')


HYPE = "He is walking again!"


MINUTE = 60 * US


@pytest.fixture
def make(stream):
    """A source for the scripted stream, or another address; what it asks about deletions is in `make.asked`."""

    def made(url=None, *, stored=(), seconds=3.0, quiet=0.2, allowed=None):
        def known(identities, prefixes):
            made.asked.append((list(identities), list(prefixes)))
            begun = tuple(prefixes)
            return frozenset(one for one in stored if one in identities or (begun and one.startswith(begun)))

        door = HttpClient(
            allow_private=frozenset(allowed or {stream.host}), contact="press@example.org", version="test"
        )
        setup = Setup(door=door, clock=lambda: NOW, address=url or stream.url, stored=known, study_of=None)
        return BlueskyStream(setup, seconds=seconds, quiet=quiet)

    made.asked = []
    return made


def told(parsed):
    return [(entry.guid, entry.text, entry.deleted) for entry in parsed.entries]


def guid(rkey: str, did: str = "did:plc:ada") -> str:
    return f"bluesky:at://{did}/app.bsky.feed.post/{rkey}"


def ends(parsed):
    return parsed.outcome, parsed.problem, parsed.entries, parsed.cursor


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "sentence", "wait"),
    [
        (302, {"Location": "ws://169.254.169.254/"}, Outcome.HARD, "127.0.0.1 sends us elsewhere, where a stream is not followed; name its own address.", None),
        (200, {}, Outcome.SOFT, "127.0.0.1 answers with a page, and not with a stream.", None),
        (400, {}, Outcome.HARD, "127.0.0.1 does not give it out (status 400).", None),
        (410, {}, Outcome.HARD, "127.0.0.1 says that it is gone for good (410).", None),
        (429, {"Retry-After": "600"}, Outcome.RATE_LIMITED, "127.0.0.1 was asked too often and wants us to come later (429).", timedelta(minutes=10)),
        (502, {}, Outcome.TEMPORARY, "127.0.0.1 has a fault of its own (502); it is asked again later.", None),
    ],
)  # fmt: skip
def test_answers_that_are_no_handshake(jetstream, make, status, headers, outcome, sentence, wait):
    from websockets.datastructures import Headers

    def refuse(_connection, _request):
        return Response(status, "Scripted", Headers({"Content-Length": "0", **headers}), b"")

    with jetstream.Stream(process_request=refuse) as refusing:
        parsed = make(refusing.url, allowed={refusing.host}).read(FEED, rows_left=500)
        assert (*ends(parsed), parsed.retry_after) == (outcome, sentence, (), None, wait)


def test_what_does_not_speak_websocket(web, make):
    web["/subscribe"] = lambda asked: b"HTTP/1.1 101 Fine\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    source = make(f"ws://{web.host}", allowed={web.host})
    sentence = "127.0.0.1 does not speak WebSocket at this address."
    assert ends(source.read(FEED, rows_left=500)) == (Outcome.SOFT, sentence, (), None)
    web["/subscribe"] = lambda asked: b"220 smtp ready\r\n"
    assert ends(source.read(FEED, rows_left=500)) == (Outcome.SOFT, sentence, (), None)


def test_a_handshake_that_drips_ends_in_time(web, make):
    def drip(asked):
        yield b"HTTP/1.1 101 Fine\r\n"
        for number in range(100):
            yield f"X-{number}: 1\r\n".encode()
            yield 0.1

    web["/subscribe"] = drip
    began = time.monotonic()
    parsed = make(f"ws://{web.host}", allowed={web.host}, seconds=1.0).read(FEED, rows_left=500)
    assert ends(parsed) == (Outcome.TEMPORARY, "127.0.0.1 sent no whole event in 1 seconds.", (), None)
    assert time.monotonic() - began < 3


def drips(connection, asked):
    """A frame of 100 bytes, a byte every 50 ms."""
    connection.socket.sendall(b"\x81\x64")
    for _ in range(100):
        connection.socket.sendall(b"{")
        time.sleep(0.05)


def floods(connection, asked):
    """Pings without end, and never reads the answers."""
    pings = Frame(Opcode.PING, b"x" * 100).serialize(mask=False) * 1000
    while True:
        connection.socket.sendall(pings)


def says_nothing(connection, asked):
    connection.recv()


@pytest.mark.parametrize("script", [drips, floods, says_nothing], ids=lambda script: script.__name__)
def test_a_server_that_sends_no_event_ends_in_time(stream, make, script):
    def quietly(connection, asked):
        try:
            script(connection, asked)
        except OSError:
            raise ConnectionClosed(None, None) from None

    stream.script = quietly
    began = time.monotonic()
    parsed = make(seconds=1.0).read(FEED, rows_left=500)
    assert ends(parsed) == (Outcome.TEMPORARY, "127.0.0.1 sent no whole event in 1 seconds.", (), None)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("compression", ["deflate", None])
def test_a_message_too_large_is_not_taken(jetstream, make, compression):
    """With deflate 20 MB come as 20 KB: they are counted while they are inflated."""
    large = json.dumps(jetstream.post(T - MINUTE, "2", "a" * (20_000_000 if compression else 250_000)))
    with jetstream.Stream(compression=compression) as stream:
        first = jetstream.post(T - 2 * MINUTE, "1", HYPE)
        source = make(stream.url, allowed={stream.host})
        stream.script = jetstream.says([large])
        sentence = "127.0.0.1 sent a message of more than 200 KB, as no post is."
        assert ends(source.read(FEED, rows_left=500)) == (Outcome.SOFT, sentence, (), None)
        stream.script = jetstream.says([first, large])
        parsed = source.read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem) == (Outcome.FETCHED, f"Only a part was read: {sentence}")
    assert (told(parsed), parsed.cursor) == ([(guid("1"), HYPE, False)], str(T - 2 * MINUTE - 5 * US))


def test_fragments_and_pings_between_them(stream, jetstream, make):
    def fragments(connection, asked):
        text = json.dumps(jetstream.post(T - MINUTE, "1", HYPE))
        connection.ping()
        connection.send([text[:10], text[10:20], text[20:]])
        connection.recv()

    stream.script = fragments
    assert told(make().read(FEED, rows_left=500)) == [(guid("1"), HYPE, False)]
