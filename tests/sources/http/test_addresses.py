"""Which addresses are public, however they are spelled and whatever is inside them."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections import deque
from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.http import addresses
from monitor.sources.http.addresses import embedded, is_public, plain_host, resolve


def spellings(corpora, section):
    text = (corpora / "addresses.txt").read_text(encoding="utf-8")
    part = text.partition(f"# {section}")[2].partition("\n# ")[0]
    return [line for line in part.splitlines()[1:] if line.strip()]


def test_public_spellings_are_allowed(corpora):
    for spelling in [*spellings(corpora, "allow"), *spellings(corpora, "decide and document")]:
        assert [is_public(address) for address in resolve(plain_host(spelling.strip("[]")), 80, 5)] == [True]


@pytest.mark.parametrize(
    ("address", "inner", "public"),
    [
        ("64:ff9b::8.8.8.8", ["8.8.8.8"], True),
        ("64:ff9b::10.0.0.1", ["10.0.0.1"], False),
        ("::8.8.8.8", ["8.8.8.8"], False),
        ("2002:808:808::1", ["8.8.8.8"], True),
        ("2002:a00:1::1", ["10.0.0.1"], False),
        ("2001:4860::5efe:10.0.0.1", ["10.0.0.1"], False),
        ("2001:4860::200:5efe:192.168.0.1", ["192.168.0.1"], False),
        ("2606:4700::1111", [], True),
        ("3fff::1", [], False),
        ("4000::1", [], False),
    ],
)
def test_addresses_inside_addresses(address, inner, public):
    assert [str(one) for one in embedded(ip_address(address))] == inner
    assert is_public(ip_address(address)) is public


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_never_more_public_than_itself(address):
    bits = int(address)
    for wrapped in (bits, (0xFFFF << 32) | bits, (0x64FF9B << 96) | bits, (0x2002 << 112) | (bits << 80)):
        if wrapped >> 32:
            assert is_public(address) or not is_public(ip_address(wrapped.to_bytes(16)))


def test_a_name_that_hangs_keeps_nobody_waiting_and_its_thread_comes_back(monkeypatch):
    let_go = threading.Event()

    def slow(host, *_args, **_more):
        if host == "hangs.example":
            let_go.wait(20)
        return [(2, 1, 6, "", ("8.8.8.8", 80))]

    monkeypatch.setattr(addresses, "_idle", deque())
    monkeypatch.setattr(addresses.socket, "getaddrinfo", slow)
    with pytest.raises(TimeoutError):
        resolve("hangs.example", 80, 0.05)
    began = time.monotonic()
    for number in range(50):
        assert resolve(f"quick{number}.example", 80, 5) == [ip_address("8.8.8.8")]
    assert time.monotonic() - began < 5
    assert len([one for one in threading.enumerate() if one.name == "resolve" and one in addresses._idle]) <= 2
    let_go.set()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not any(True for _ in addresses._idle):
        time.sleep(0.01)
    assert resolve("hangs.example", 80, 5) == [ip_address("8.8.8.8")]


def test_a_copy_of_the_process_looks_up_with_threads_of_its_own(monkeypatch):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("8.8.8.8", 80))])
    resolve("before.example", 80, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # to fork beside threads is what a worker's pool does
        child = os.fork()
    if not child:
        with suppress(TimeoutError):
            os._exit(0 if resolve("after.example", 80, 5) == [ip_address("8.8.8.8")] else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    "spelt", ["224.0.1.1", "239.255.255.250", "ff0e::1", "ff05::2", "240.0.0.1", "255.255.255.255"]
)
def test_an_address_of_many_and_one_kept_for_later_is_not_public(spelt):
    assert not is_public(ip_address(spelt))


@pytest.mark.parametrize(
    ("spelt", "given"), [("::ffff:8.8.8.8", "8.8.8.8"), ("2001:4860::8888", "2001:4860::8888"), ("8.8.8.8", "8.8.8.8")]
)
def test_a_mapped_address_is_connected_to_as_what_it_is(spelt, given):
    assert addresses.network_address(ip_address(spelt)) == given


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("no name"), ValueError("no address")])
def test_a_name_that_cannot_be_looked_up_is_an_oserror(monkeypatch, error):
    def refuse(*_args, **_more):
        raise error

    monkeypatch.setattr(addresses.socket, "getaddrinfo", refuse)
    with pytest.raises(OSError, match=str(error)) as told:
        resolve("nowhere.example", 80, 5)
    assert told.value is error or not isinstance(error, OSError)


def test_the_longest_name_of_a_host():
    longest = ".".join(["a" * 62] * 4) + ".b"
    assert len(longest) == 253
    assert plain_host(longest) == longest
    with pytest.raises(ValueError, match="aaa"):
        plain_host(f"{longest}c")
