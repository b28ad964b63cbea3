"""The one door: what it refuses, what it survives, and the sentence it says."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feed import Validators
from monitor.core.model import Outcome
from monitor.deadline import Deadline
from monitor.sources.http import client as http
from monitor.sources.http import connection
from monitor.sources.http.client import HttpClient


def ended(fetched):
    return fetched.outcome, fetched.sentence


# --- addresses -------------------------------------------------------------------------------------------------------


def spellings(corpora, section):
    text = (corpora / "addresses.txt").read_text(encoding="utf-8")
    part = text.partition(f"# {section}")[2].partition("\n# ")[0]
    return [line for line in part.splitlines()[1:] if line.strip()]


def test_every_refused_spelling_is_refused_directly_and_as_a_redirect(corpora, web, door, fakes, monkeypatch):
    connected = []
    connect = connection.SyncBackend.connect_tcp

    def watched(self, host, port, *rest):
        connected.append((host, port))
        return connect(self, host, port, *rest)

    monkeypatch.setattr(connection.SyncBackend, "connect_tcp", watched)
    refused = spellings(corpora, "refuse")
    assert len(refused) == 44
    for spelling in refused:
        for url in (f"http://{spelling}/", f"https://{spelling}/feed"):
            fetched = door.fetch(url)
            assert fetched.outcome in {Outcome.HARD, Outcome.TEMPORARY}, (url, fetched)
            assert fetched.status is None
        web["/in"] = fakes.answer("", 302, Location=f"http://{spelling}/latest/meta-data")
        fetched = door.fetch(web.url("/in"))
        assert fetched.outcome in {Outcome.HARD, Outcome.TEMPORARY}, (spelling, fetched)
        assert fetched.moved_to is None
    assert {place for place in connected if place != ("127.0.0.1", web.port)} == set()


@given(st.text(max_size=40))
def test_any_text_as_an_address_ends_in_a_sentence(text):
    fetched = HttpClient(deadline=0.5, connect_timeout=0.2).fetch(f"ht tp://{text}")
    assert fetched.outcome is Outcome.HARD
    assert fetched.sentence.endswith(".")


def test_a_host_with_one_private_address_among_public_ones_is_refused(monkeypatch, door):
    monkeypatch.setattr(http, "resolve", lambda *_: [ip_address("8.8.8.8"), ip_address("10.0.0.1")])
    assert ended(door.fetch("https://two.example/")) == (
        Outcome.HARD,
        (
            "two.example was not asked: it leads into a private network; "
            "if it is yours, HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it."
        ),
    )


def test_the_name_is_resolved_once_and_the_checked_address_connected_to(monkeypatch, web, fakes):
    """A name that answers differently the second time (DNS rebinding) is not asked a second time."""
    web["/"] = fakes.answer("hello")
    answers = [[ip_address("127.0.0.1")]]
    monkeypatch.setattr(http, "resolve", lambda *_: answers.pop())
    fetched = HttpClient(allow_private=frozenset({f"name.example:{web.port}"})).fetch(
        f"http://name.example:{web.port}/"
    )
    assert (fetched.outcome, fetched.body, answers) == (Outcome.FETCHED, b"hello", [])
    assert web.asked[0].headers["host"] == f"name.example:{web.port}"


def test_other_ports_are_refused(monkeypatch, door):
    monkeypatch.setattr(http, "resolve", lambda *_: [ip_address("8.8.8.8")])
    assert ended(door.fetch("http://example.org:25/")) == (
        Outcome.HARD,
        (
            "example.org was not asked: port 25 is not one that pages are served on (80 and 443); "
            "HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it."
        ),
    )


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_feed_is_read_with_its_validators_and_an_honest_name(web, door, fakes):
    web["/feed"] = fakes.answer("<rss/>", ETag='"a1"', Last_Modified="Mon, 24 Mar 2025 10:00:00 GMT")
    fetched = door.fetch(web.url("/feed"), headers={"X-Ours": "yes\r\nEvil: 1"})
    assert (fetched.outcome, fetched.status, fetched.body, fetched.sentence) == (
        Outcome.FETCHED,
        200,
        b"<rss/>",
        "Read.",
    )
    assert fetched.validators == Validators(etag='"a1"', last_modified="Mon, 24 Mar 2025 10:00:00 GMT")
    headers = web.asked[0].headers
    assert headers["user-agent"] == "Hypewatch/test (reads news about a study; press@example.org)"
    assert (headers["x-ours"], "evil" in headers, headers["accept-encoding"][:13]) == (
        "yesEvil: 1",
        False,
        "gzip, deflate",
    )


def test_validators_are_sent_back_unread_and_304_is_an_ending(web, door, fakes):
    web["/feed"] = b'HTTP/1.1 304 Not Modified\r\nETag: "a2"\r\n\r\n'
    validators = Validators(etag='W/"a1"', last_modified="yesterday, I think")
    assert ended(door.fetch(web.url("/feed"), validators)) == (
        Outcome.NOT_MODIFIED,
        "Not modified since the last time.",
    )
    headers = web.asked[0].headers
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('W/"a1"', "yesterday, I think")
    assert door.fetch(web.url("/feed")).outcome is Outcome.SOFT


# --- redirects -------------------------------------------------------------------------------------------------------


def test_permanent_redirects_are_remembered_up_to_the_first_temporary_one(web, door, fakes):
    web["/a"] = fakes.answer("", 301, Location="/b")
    web["/b"] = fakes.answer("", 308, Location=web.url("/c#frag"))
    web["/c"] = fakes.answer("", 302, Location="d")
    web["/d"] = fakes.answer("here")
    fetched = door.fetch(web.url("/a"))
    assert (fetched.body, fetched.final_url, fetched.moved_to) == (b"here", web.url("/d"), web.url("/c"))


def test_a_place_that_does_not_answer_well_is_not_moved_to(web, door, fakes):
    web["/a"] = fakes.answer("", 301, Location="/b")
    fetched = door.fetch(web.url("/a"))
    assert (fetched.outcome, fetched.moved_to) == (Outcome.HARD, None)


def test_a_redirect_inward_is_refused_with_both_places_named(web, door, fakes):
    web["/a"] = fakes.answer("", 301, Location="http://169.254.169.254/latest")
    fetched = door.fetch(web.url("/a"))
    assert (*ended(fetched), fetched.moved_to) == (
        Outcome.HARD,
        (
            f"{web.url('/a')} sends us on. 169.254.169.254 was not asked: it leads into a private network; "
            "if it is yours, HYPEWATCH_ALLOW_PRIVATE_NETWORKS can allow it."
        ),
        None,
    )


@pytest.mark.parametrize("place", ["file:///etc/passwd", "javascript:alert(1)", "gopher://x/", "http://a@127.0.0.1/"])
def test_a_redirect_to_another_scheme_is_refused(web, door, fakes, place):
    web["/a"] = fakes.answer("", 302, Location=place)
    assert door.fetch(web.url("/a")).outcome is Outcome.HARD
    assert len(web.asked) == 1


def test_circles_and_chains_end(web, door, fakes):
    web["/a"] = fakes.answer("", 302, Location="/b")
    web["/b"] = fakes.answer("", 302, Location="/a")
    assert ended(door.fetch(web.url("/a"))) == (Outcome.HARD, "127.0.0.1 sends us in a circle.")
    for step in range(9):
        web[f"/{step}"] = fakes.answer("", 302, Location=f"/{step + 1}")
    web.asked.clear()
    assert ended(door.fetch(web.url("/0"))) == (Outcome.HARD, "127.0.0.1 sends us on more than 5 times.")
    assert len(web.asked) == 6
    web["/n"] = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"
    assert ended(door.fetch(web.url("/n"))) == (Outcome.HARD, "127.0.0.1 sends us elsewhere without saying where.")


def test_a_key_does_not_follow_a_redirect_to_another_host(web, door, fakes):
    with fakes.Web() as other:
        other["/"] = fakes.answer("got it")
        web["/a"] = fakes.answer("", 302, Location=other.url())
        both = HttpClient(allow_private=frozenset({web.host, other.host}), host_gap=0)
        assert both.fetch(web.url("/a"), headers={"Authorization": "Bearer s"}).body == b"got it"
        assert ("authorization" in web.asked[0].headers, "authorization" in other.asked[0].headers) == (True, False)


# --- hostile servers -------------------------------------------------------------------------------------------------


def slow(pieces, pause):
    def script(_):
        for piece in pieces:
            yield piece
            yield pause

    return script


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


LATE = "127.0.0.1 took longer than 1 seconds."
SLOW = "127.0.0.1 sends so slowly that its answer was not whole after 1 seconds."


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (slow([HEAD, b"Content-Length: 1000\r\n\r\n", *[b"x"] * 100], 0.1), SLOW),  # a byte of the body now and then
        (slow([bytes([byte]) for byte in HEAD * 10], 0.1), LATE),  # a byte of the head now and then
        (slow([HEAD + b"\r\n"], 8), SLOW),  # nothing after the head
        (slow([b""], 8), LATE),  # nothing at all
        (slow([HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 100], 0.1), SLOW),
        (slow([b"HTTP/1.1 100 Continue\r\n\r\n"] * 100, 0.1), LATE),
    ],
    ids=["body", "head", "no body", "silence", "chunks", "continue"],
)
def test_a_server_that_drips_is_left_at_the_deadline(web, script, sentence):
    web["/"] = script
    door = HttpClient(allow_private=frozenset({web.host}), deadline=1.0)
    started = time.monotonic()
    assert ended(door.fetch(web.url())) == (Outcome.TEMPORARY, sentence)
    assert time.monotonic() - started < 2


def test_time_that_ends_while_a_chunk_is_handed_on_is_told_as_a_slow_body():
    with pytest.raises(connection.DrippingError):
        HttpClient._body({}, iter([b"x"]), 1000, Deadline(0))


def test_a_server_that_never_ends_is_cut_off(web):
    def endless(_):
        yield HEAD + b"\r\n"
        while True:
            yield b"<item/>" * 1000

    web["/"] = endless
    door = HttpClient(allow_private=frozenset({web.host}), deadline=5.0, most_bytes=1_000_000)
    assert ended(door.fetch(web.url())) == (
        Outcome.SOFT,
        "127.0.0.1 sent more than 1 MB, which no feed or article has; whoever runs it can make it shorter.",
    )


def test_endless_headers_are_cut_off(web, door):
    def endless(_):
        yield HEAD
        while True:
            yield b"X-More: " + b"x" * 1000 + b"\r\n"

    web["/"] = endless
    assert door.fetch(web.url()).outcome is Outcome.TEMPORARY


# --- manners ---------------------------------------------------------------------------------------------------------


def test_one_request_at_a_time_to_a_host(web):
    def script(_):
        yield 0.05
        with web._lock:
            most.append(web.running)
        yield HEAD + b"Content-Length: 2\r\n\r\nok"

    most = []
    web["/"] = script
    door = HttpClient(allow_private=frozenset({web.host}))
    threads = [threading.Thread(target=door.fetch, args=(web.url(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def test_waiting_for_a_turn_counts_as_time(web):
    web["/"] = slow([HEAD + b"\r\n", b"x", b"x", b"x"], 0.7)
    patient = HttpClient(allow_private=frozenset({web.host}), deadline=3)
    patient._deadline = 3
    thread = threading.Thread(target=patient.fetch, args=(web.url(),))
    thread.start()
    time.sleep(0.2)
    patient._deadline = 0.5
    fetched = patient.fetch(web.url())
    thread.join()
    assert (*ended(fetched), fetched.retry_after) == (
        Outcome.RATE_LIMITED,
        "Other requests to 127.0.0.1 are still running; it is asked again later.",
        timedelta(minutes=1),
    )


def test_a_gap_lies_between_two_requests_to_a_public_host(monkeypatch, web, fakes):
    web["/"] = fakes.answer("ok")
    monkeypatch.setattr(http, "is_public", lambda _: True)
    door = HttpClient(host_gap=0.3)
    # The scripted server has no port 80, so the check of the port is met by name and only the gap is tried.
    monkeypatch.setattr(
        HttpClient,
        "_check",
        lambda _self, _url, _deadline: connection.Target(
            "http", "127.0.0.1", web.port, "/", (ip_address("127.0.0.1"),), False
        ),
    )
    for _ in range(2):
        assert door.fetch("http://example.org/").body == b"ok"
    assert web.asked[1].at - web.asked[0].at >= 0.3


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch, web, door, fakes):
    with fakes.Web() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url())
        web["/"] = fakes.answer("direct")
        assert (door.fetch(web.url()).body, proxy.asked) == (b"direct", [])


def test_an_api_gets_its_errors_read(web, door, fakes):
    web["/2/x"] = fakes.answer_json({"title": "Unauthorized"}, 401)
    fetched = door.request("GET", web.url("/2/x"), headers={"Authorization": "Bearer k"})
    assert (fetched.status, fetched.body) == (401, b'{"title": "Unauthorized"}')
    web["/2/y"] = fakes.answer("", 302, Location="/2/x")
    assert door.request("POST", web.url("/2/y"), content=b"a=1").status == 302
    assert (web.asked[-1].method, web.asked[-1].body) == ("POST", b"a=1")
