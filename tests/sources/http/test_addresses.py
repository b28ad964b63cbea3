"""Which addresses are public, however they are spelled and whatever is inside them."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
