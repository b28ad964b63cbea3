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
        "ada@exämple.org",
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
