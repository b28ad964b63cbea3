"""Bluesky's stream against a Jetstream of our own: what is kept, where the next reading begins, and every bad ending."""

from __future__ import annotations

import json
import ssl
import subprocess
import tarfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Network, Outcome
from monitor.core.search.tokens import split
from monitor.sources.connector import Setup
from monitor.sources.http.client import HttpClient
from monitor.sources.networks.jetstream import MOST_DELETED, MOST_GARBAGE, BlueskyStream

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
US = 1_000_000
T = int(NOW.timestamp()) * US  # now, as the stream writes it
FEED = FeedForPoll(id=1, kind=FeedKind.BLUESKY_STREAM, url='"walking again" OR (Keio iPS)')
HYPE = "He is walking again!"
MINUTE = 60 * US


def none_stored(identities, prefixes):
    return frozenset()


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


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_what_matches_is_kept_and_the_next_reading_goes_on_from_there(stream, jetstream, make):
    link = {"facets": [{"features": [{"uri": "https://lantern.example/keio-ips"}]}]}
    stream.script = jetstream.says(
        [
            jetstream.post(T - 6 * MINUTE, "old", HYPE),
            jetstream.post(T - 4 * MINUTE, "1", HYPE),
            jetstream.post(T - 3 * MINUTE, "2", "He had breakfast."),
            jetstream.post(T - 3 * MINUTE, "3", "Read this.", **link),
            jetstream.post(T - 2 * MINUTE, "4", "Nothing.", tags=["Keio", "iPS"]),
            jetstream.post(T - 2 * MINUTE, "5", "Look!", embed={"images": [{"alt": "Patients of the Keio iPS trial"}]}),
            {"did": "did:plc:b", "time_us": T - MINUTE, "kind": "identity", "identity": {"did": "did:plc:b"}},
        ]
    )
    source = make()
    first = source.read(FEED, rows_left=500)
    assert told(first) == [
        (guid("1"), HYPE, False),
        (guid("3"), "Read this.", False),
        (guid("4"), "Nothing.", False),
        (guid("5"), "Look!\nPatients of the Keio iPS trial", False),
    ]
    one = first.entries[0]
    assert (one.network, one.source, one.url, one.lang, one.published) == (
        Network.BLUESKY,
        "@did:plc:ada",
        "https://bsky.app/profile/did:plc:ada/post/1",
        "en",
        NOW - timedelta(minutes=4),  # its author's clock is ahead: Bluesky heard of it before
    )
    assert first.entries[1].links == ("https://lantern.example/keio-ips",)
    assert (first.outcome, first.problem, first.more) == (Outcome.FETCHED, None, False)
    assert first.cursor == str(T - MINUTE - 5 * US), "some seconds before the last event, whatever that was about"
    again = source.read(replace(FEED, cursor=first.cursor), rows_left=500)
    assert (told(again), again.cursor) == ([], first.cursor)
    common = {"wantedCollections": ["app.bsky.feed.post"], "maxMessageSizeBytes": ["100000"]}
    assert stream.asked == [
        {**common, "cursor": [str(T - 5 * MINUTE)]},
        {**common, "cursor": [str(T - MINUTE - 5 * US)]},
    ]
    assert stream.headers[0]["User-Agent"] == "Hypewatch/test (reads news about a study; press@example.org)"
    assert "zstd" not in str(stream.headers[0])


def test_a_reading_ends_when_it_has_caught_up(stream, jetstream, make):
    def busy(connection, asked):
        at = T - 10 * US
        while True:  # for ever, as the real one
            connection.send(json.dumps(jetstream.post(at, str(at), HYPE)))
            at += US
            time.sleep(0.01)

    stream.script = busy
    parsed = make().read(FEED, rows_left=500)
    assert (len(parsed.entries), parsed.more, parsed.cursor) == (6, False, str(T - 10 * US))


def test_more_than_may_be_read_is_left_for_the_next_reading(stream, jetstream, make):
    stream.script = jetstream.says([jetstream.post(T - MINUTE + at, str(at), HYPE) for at in range(5)])
    source, feed, got = make(), FEED, []
    for _ in range(3):
        parsed = source.read(feed, rows_left=2)
        got.append((len(parsed.entries), parsed.more, int(parsed.cursor) - T + MINUTE))
        feed = replace(feed, cursor=parsed.cursor)
    assert got == [(2, True, 2), (2, True, 4), (1, False, 4)]
    assert source.read(FEED, rows_left=0).problem == "No more posts may be read now."


def test_a_correction_of_what_is_stored_is_read_also_if_it_does_not_match_any_more(stream, jetstream, make):
    stream.script = jetstream.says(
        [
            jetstream.post(T - MINUTE, "1", "He stood for a moment.", operation="update"),
            jetstream.post(T - MINUTE, "2", "Not ours.", operation="update"),
            jetstream.post(T - MINUTE, "3", HYPE, operation="update"),
        ]
    )
    parsed = make(stored={guid("1")}).read(FEED, rows_left=500)
    assert told(parsed) == [(guid("3"), HYPE, False), (guid("1"), "He stood for a moment.", False)]


def test_deletions_count_if_the_post_is_stored_or_was_read_just_now(stream, jetstream, make):
    stream.script = jetstream.says(
        [
            jetstream.post(T - 4 * MINUTE, "new", HYPE),
            jetstream.delete(T - 3 * MINUTE, "new"),
            jetstream.delete(T - 3 * MINUTE, "stored"),
            jetstream.delete(T - 3 * MINUTE, "strange"),
        ]
    )
    source = make(stored={guid("stored")})
    assert told(source.read(FEED, rows_left=500)) == [(guid("new"), "", True), (guid("stored"), "", True)]
    assert make.asked == [([guid("new"), guid("stored"), guid("strange")], [])]


def test_an_account_that_is_gone_takes_its_posts_along(stream, jetstream, make):
    stream.script = jetstream.says(
        [
            jetstream.post(T - 4 * MINUTE, "1", HYPE),
            jetstream.post(T - 4 * MINUTE, "1", HYPE, did="did:plc:bob"),
            jetstream.post(T - 4 * MINUTE, "1", HYPE, did="did:plc:eve"),
            jetstream.account(T - 3 * MINUTE, "deleted"),
            jetstream.account(T - 3 * MINUTE, "deactivated", did="did:plc:bob"),
            jetstream.account(T - 3 * MINUTE, "takendown", did="did:plc:eve"),
        ]
    )
    source = make(stored={guid("9"), guid("9", "did:plc:adam"), guid("8", "did:plc:eve")})
    assert told(source.read(FEED, rows_left=500)) == [
        (guid("1", "did:plc:bob"), HYPE, False),
        (guid("1"), "", True),
        (guid("1", "did:plc:eve"), "", True),
        (guid("9"), "", True),
        (guid("8", "did:plc:eve"), "", True),
    ]
    assert make.asked[0][1] == ["bluesky:at://did:plc:ada/", "bluesky:at://did:plc:eve/"]


def test_a_day_of_the_stream_that_the_server_no_longer_has_is_told(stream, jetstream, make):
    stream.script = jetstream.says([jetstream.post(T - MINUTE * 60, "1", HYPE)])
    old = replace(FEED, cursor=str(T - 48 * 60 * MINUTE))
    parsed = make().read(old, rows_left=500)
    assert parsed.problem == (
        "What was posted between 2025-03-22 09:00 UTC and 2025-03-24 08:00 UTC was not seen: "
        "the stream no longer has it, but a search may."
    )
    assert (len(parsed.entries), parsed.outcome, parsed.cursor) == (1, Outcome.FETCHED, str(T - 60 * MINUTE - 5 * US))
    assert make().read(replace(FEED, cursor=parsed.cursor), rows_left=500).problem is None


@pytest.mark.parametrize("cursor", ["", "12", "1742806800", "١" * 16, "x" * 16])
def test_a_cursor_that_is_not_ours_begins_anew(stream, jetstream, make, cursor):
    stream.script = jetstream.says([jetstream.post(T - MINUTE, "1", HYPE)])
    assert make().read(replace(FEED, cursor=cursor), rows_left=500).problem is None
    assert stream.asked[0]["cursor"] == [str(T - 5 * MINUTE)]


def test_fifty_thousand_deletions_of_strangers_cost_little(stream, jetstream, make):
    """Measured on one core: 0.8 s and 14 MB, with the server in a process of its own; here both share one, and are traced."""
    import tracemalloc

    lines = [json.dumps(jetstream.delete(T - MINUTE, str(at))) for at in range(50_000)]
    stream.script = jetstream.says([*lines, jetstream.post(T, "1", HYPE)])
    source = make(seconds=60.0, quiet=5.0)
    tracemalloc.start()
    began = time.monotonic()
    parsed = source.read(FEED, rows_left=500)
    took, most = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (told(parsed), parsed.more) == ([(guid("1"), HYPE, False)], False)
    assert most < 80_000_000
    assert took < 30


def test_the_stream_is_left_when_too_many_deletions_are_to_be_remembered(stream, jetstream, make, monkeypatch):
    assert MOST_DELETED == 200_000
    monkeypatch.setattr("monitor.sources.networks.jetstream.MOST_DELETED", 3)
    stream.script = jetstream.says([jetstream.delete(T - MINUTE + at, str(at)) for at in range(5)])
    parsed = make().read(FEED, rows_left=500)
    assert (parsed.more, parsed.cursor) == (True, str(T - MINUTE + 3))


def test_recorded_events_are_read(corpora, jetstream, make, stream):
    """Every post of a recorded stretch of the real stream is found by a word of its own."""
    with tarfile.open(corpora / "posts-dev.tar.gz") as archive:
        name = "posts-dev/posts/bluesky-jetstream/internal__corpus__expected_v1.part-a.jsonl"
        lines = archive.extractfile(name).read().decode().splitlines()
    events = [json.loads(line) for line in lines]
    written = [
        event
        for event in events
        if event["kind"] == "commit"
        and event["commit"]["collection"] == "app.bsky.feed.post"
        and event["commit"]["operation"] != "delete"
    ]
    longest = [max(split(event["commit"]["record"]["text"]), key=len, default="") for event in written]
    assert len(written) > 5
    stream.script = jetstream.says(lines)
    now = datetime.fromtimestamp(events[-1]["time_us"] / US + 60, tz=UTC)
    door = HttpClient(allow_private=frozenset({stream.host}))
    setup = Setup(door=door, clock=lambda: now, address=stream.url, stored=none_stored, study_of=None)
    source = BlueskyStream(setup, seconds=5, quiet=0.3)
    query = " OR ".join(filter(None, longest))
    parsed = source.read(replace(FEED, url=query), rows_left=500)
    assert {entry.guid for entry in parsed.entries} == {
        guid(event["commit"]["rkey"], event["did"]) for event in written
    }
    assert parsed.problem is None


# --- how it goes wrong -----------------------------------------------------------------------------------------------


def ends(parsed):
    return parsed.outcome, parsed.problem, parsed.entries, parsed.cursor


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("-iPS", "A stream needs at least one word that its posts must hold. Write the words, such as: Keio iPS."),
        ("iPS network:x", "network:x cannot be asked of a stream. Of the fields only lang: can, such as lang:ja."),
        ("iPS colour:x", "There is no field colour: to search in. "),
    ],
)
def test_a_filter_that_cannot_be_asked_is_told_without_asking(stream, make, query, sentence):
    parsed = make().read(replace(FEED, url=query), rows_left=500)
    assert (parsed.outcome, parsed.problem.startswith(sentence), stream.asked) == (Outcome.HARD, True, [])


@pytest.mark.parametrize(
    ("url", "outcome", "sentence"),
    [
        (
            "ws://127.0.0.1",
            Outcome.HARD,
            "127.0.0.1 was not asked: it leads into a private network; if it is yours, HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it.",
        ),
        (
            "wss://[::ffff:169.254.169.254]",
            Outcome.HARD,
            "::ffff:169.254.169.254 was not asked: it leads into a private network; if it is yours, HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it.",
        ),
        (
            "ws://2130706433",
            Outcome.HARD,
            "2130706433 was not asked: it leads into a private network; if it is yours, HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it.",
        ),
        (
            "wss://8.8.8.8:22",
            Outcome.HARD,
            "8.8.8.8 was not asked: port 22 is not one that pages are served on (80 and 443); HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it.",
        ),
        (
            "wss://nowhere.example",
            Outcome.TEMPORARY,
            "There is no host called nowhere.example, or the name could not be looked up.",
        ),
        (
            "https://stream.example",
            Outcome.HARD,
            "https://stream.example/subscribe?wantedCollections=app.bsky.feed.post&cursor=1742806500000000&maxMes… is no address of a stream: it must begin with wss:// or ws://.",
        ),
    ],
)
def test_an_address_that_may_not_be_asked(make, url, outcome, sentence):
    assert ends(make(url).read(FEED, rows_left=500)) == (outcome, sentence, (), None)


def test_nobody_listens(make):
    from socket import socket

    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        parsed = make(f"ws://{host}", allowed={host}).read(FEED, rows_left=500)
    sentence = "No connection to 127.0.0.1: it does not take one, or its certificate is not valid."
    assert ends(parsed) == (Outcome.TEMPORARY, sentence, (), None)


def test_no_proxy_of_the_environment_is_used(stream, jetstream, make, monkeypatch):
    for name in ("ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "https_proxy", "ws_proxy", "socks_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    stream.script = jetstream.says([jetstream.post(T - MINUTE, "1", HYPE)])
    assert make().read(FEED, rows_left=500).problem is None


@pytest.fixture
def certificate(tmp_path):
    """A certificate that nobody vouches for, in the name of 127.0.0.1."""
    import shutil

    if shutil.which("openssl") is None:
        pytest.skip("no openssl on PATH to make a certificate with")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=stream", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return key, cert


def test_tls_is_verified(jetstream, make, certificate, monkeypatch):
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with jetstream.Stream(ssl=context) as secure:
        secure.script = jetstream.says([jetstream.post(T - MINUTE, "1", HYPE)])
        source = make(f"wss://{secure.host}", allowed={secure.host})
        sentence = "No connection to 127.0.0.1: it does not take one, or its certificate is not valid."
        assert ends(source.read(FEED, rows_left=500)) == (Outcome.TEMPORARY, sentence, (), None)
        trusting = ssl.create_default_context(cafile=cert)
        monkeypatch.setattr("monitor.sources.http.client.HttpClient._tls", trusting)
        source = make(f"wss://{secure.host}", allowed={secure.host})
        assert told(source.read(FEED, rows_left=500)) == [(guid("1"), HYPE, False)]
        named = make(f"wss://localhost:{secure.host.partition(':')[2]}", allowed={secure.host})
        assert "certificate is not valid" in named.read(FEED, rows_left=500).problem, "in another name"


def test_a_slow_stream_is_read_on_at_the_next_tick(stream, jetstream, make):
    def slow(connection, asked):
        for at in range(100):
            connection.send(json.dumps(jetstream.post(T - 4 * MINUTE + at, str(at), HYPE)))
            time.sleep(0.1)

    stream.script = slow
    parsed = make(seconds=1.0).read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem, parsed.more) == (Outcome.FETCHED, None, True)
    assert 1 <= len(parsed.entries) <= 11
    assert parsed.cursor == str(T - 4 * MINUTE + len(parsed.entries)), "behind the last one that was read"


def test_garbage(stream, jetstream, make):
    deep = "[" * 50_000
    garbage = ["", "not json", deep, "[]", "{}", '{"time_us": true}', '{"time_us": "1"}', '{"time_us": -1}']
    stream.script = jetstream.says(garbage)
    sentence = "127.0.0.1 sends what no Jetstream does."
    assert ends(make().read(FEED, rows_left=500)) == (Outcome.SOFT, sentence, (), None)
    stream.script = jetstream.says(["nothing"] * (MOST_GARBAGE + 50))
    assert ends(make(quiet=30.0, seconds=30.0).read(FEED, rows_left=500)) == (Outcome.SOFT, sentence, (), None)
    odd = [
        {"time_us": T - 2 * MINUTE},
        {"time_us": T - 2 * MINUTE, "kind": "commit", "commit": 3},
        {"time_us": T - 2 * MINUTE, "kind": "commit", "did": 3, "commit": {"collection": "app.bsky.feed.post", "operation": "create", "record": {"text": 7, "tags": 1, "langs": [None], "facets": [1], "embed": []}}},
        {"time_us": T - 2 * MINUTE, "kind": "account", "account": [], "did": "did:plc:x"},
        {"time_us": T - 2 * MINUTE, "kind": "account", "account": {"status": "deleted"}},
        {"time_us": T - 2 * MINUTE, "kind": "account", "account": {"status": ["deleted"]}, "did": ["x"]},
    ]  # fmt: skip
    stream.script = jetstream.says([*garbage, *odd, jetstream.post(T - MINUTE, "1", f"{HYPE} \ud800\x00")])
    parsed = make().read(FEED, rows_left=500)
    assert [entry.guid for entry in parsed.entries] == [guid("1")]
    parsed.entries[0].text.encode()  # what is no text is none
    assert (parsed.outcome, parsed.problem) == (Outcome.FETCHED, "8 of its messages could not be read.")


def test_events_from_the_future_are_not_believed(stream, jetstream, make):
    future = jetstream.post(T + 60 * MINUTE, "2", HYPE)
    stream.script = jetstream.says([future])
    sentence = "127.0.0.1 tells of what is still to come: the clock of one of us is wrong by more than ten minutes."
    assert ends(make().read(FEED, rows_left=500)) == (Outcome.SOFT, sentence, (), None)
    stream.script = jetstream.says([jetstream.post(T - MINUTE, "1", HYPE), future])
    parsed = make().read(FEED, rows_left=500)
    assert (parsed.cursor, parsed.problem) == (str(T - MINUTE - 5 * US), "One of its messages could not be read.")
    stream.script = jetstream.says([jetstream.post(T + 5 * MINUTE, "1", HYPE)])
    assert make().read(FEED, rows_left=500).cursor == str(T), "never later than now"


def test_a_stream_that_is_ended_or_breaks_off(stream, jetstream, make):
    def breaks(connection, asked):
        if events:
            connection.send(json.dumps(events[0]))
            time.sleep(0.1)
        connection.socket.shutdown(2)

    events = []
    stream.script = breaks
    sentence = "127.0.0.1 broke the connection off."
    assert ends(make().read(FEED, rows_left=500)) == (Outcome.TEMPORARY, sentence, (), None)
    events = [jetstream.post(T - MINUTE, "1", HYPE)]
    parsed = make().read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem, parsed.cursor) == (
        Outcome.FETCHED,
        f"Only a part was read: {sentence}",
        str(T - MINUTE - 5 * US),
    )
    stream.script = lambda connection, asked: connection.close(1012, "restart\r\nsoon")
    sentence = "127.0.0.1 ended the connection: restartsoon."
    assert ends(make().read(FEED, rows_left=500)) == (Outcome.TEMPORARY, sentence, (), None)
    stream.script = lambda connection, asked: connection.socket.sendall(b"\xff\xff\xff\xff")
    sentence = "127.0.0.1 sent what is not WebSocket's language."
    assert ends(make().read(FEED, rows_left=500)) == (Outcome.TEMPORARY, sentence, (), None)


def test_a_cursor_never_goes_back(stream, jetstream, make):
    stream.script = jetstream.says([json.dumps(jetstream.post(T - 30 * MINUTE, "1", HYPE))])
    parsed = make().read(replace(FEED, cursor=str(T - MINUTE)), rows_left=500)
    assert parsed.cursor == str(T - MINUTE)


def test_two_streams_are_read_side_by_side(stream, jetstream, make):
    """No turn at the host is taken: a slow one holds up nobody."""
    free = threading.Event()

    def first_waits(connection, asked):
        if len(stream.asked) == 1:
            free.wait(5)
        connection.send(json.dumps(jetstream.post(T - MINUTE, "1", HYPE)))
        connection.recv()

    stream.script = first_waits
    source, got = make(seconds=10.0), []
    slow = threading.Thread(target=lambda: got.append(source.read(FEED, rows_left=500)))
    slow.start()
    while not stream.asked:
        time.sleep(0.01)
    began = time.monotonic()
    assert len(source.read(FEED, rows_left=500).entries) == 1
    assert time.monotonic() - began < 3
    free.set()
    slow.join(timeout=10)
    assert len(got[0].entries) == 1
