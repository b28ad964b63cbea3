"""One plain mail address, and nothing that a header would take for two."""

from __future__ import annotations

import pytest

from monitor.core.digests.address import check_address
from monitor.core.errors import UsageError


@pytest.mark.parametrize(
    "address", ["ada@example.org", " ada@example.org ", "a.b+press@mail.example.co.uk", "ops@localhost"]
)
def test_plain_addresses_are_taken(address: str):
    assert check_address(address) == address.strip(" ")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example.org, bob@example.org",
        "ada@example.org;bob@example.org",
        "ada@example.org\nBcc: bob@example.org",
        "ada@example.org\r",
        '"ada" <ada@example.org>',
        "ada@-example.org",
        "ada..b@example.org",
        "ada@example..org",
        "ädä@example.org",
        "ada@exämple.org, bob@example.org",
        "ada@x，b@exämple.org",
        "ada@exämple..org",
        "ada@ex\u00admple\nä.org",
        f"ada@{'ä' * 64}.org",
        f"{'a' * 65}@example.org",
        f"ada@{'a' * 251}.org",
    ],
)
def test_anything_else_is_refused_with_a_sentence(address: str):
    with pytest.raises(UsageError) as refused:
        check_address(address)
    assert "is not one mail address" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
        ("ada@EXÄMPLE.org", "ada@xn--exmple-cua.org"),
        (" ada@例え.jp ", "ada@xn--r8jz45g.jp"),
        ("ada@xn--exmple-cua.org", "ada@xn--exmple-cua.org"),
    ],
)
def test_a_domain_of_other_letters_is_written_as_mail_servers_take_it(written: str, sent: str):
    assert check_address(written) == sent


def test_a_name_of_other_letters_is_refused_with_the_reason():
    with pytest.raises(UsageError, match="Before the @"):
        check_address("ädä@example.org")


def test_the_longest_address_that_mail_servers_take():
    domain = f"{'a' * 60}.{'b' * 60}.{'c' * 60}.example.org"
    longest = f"{'x' * (254 - len(domain) - 1)}@{domain}"
    assert check_address(longest) == longest
    with pytest.raises(UsageError):
        check_address(f"x{longest}")
