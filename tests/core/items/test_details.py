"""What another meeting with an item betters of what is stored beside its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.items.details import Details, bettered, revised
from monitor.core.model import DateConfidence, Network

DAY = datetime(2025, 3, 24, tzinfo=UTC)
BEFORE = DAY + timedelta(days=2)
STORED = Details(
    network=Network.X,
    url="https://x.com/ada/status/1",
    canonical_url=None,
    author="@ada",
    source_id=1,
    published=DAY,
    date_confidence=DateConfidence.DAY,
    reposts=3,
    likes=None,
)


def again(stored: Details = STORED, **met) -> Details:
    return bettered(stored, replace(stored, **met), before=BEFORE)


def test_new_counts_are_taken_and_missing_ones_are_not():
    assert again(reposts=9, likes=2) == replace(STORED, reposts=9, likes=2)
    assert again(reposts=None) == STORED
    assert again(reposts=0).reposts == 0


@pytest.mark.parametrize(
    ("confidence", "hours", "taken"),
    [
        (DateConfidence.EXACT, 7, True),
        (DateConfidence.EXACT, 48, False),  # a search from that date on would not find it
        (DateConfidence.DAY, 7, False),
        (DateConfidence.CLAIMED, 7, False),
        (DateConfidence.NONE, 7, False),
    ],
)
def test_a_date_is_taken_that_can_be_trusted_more(confidence: DateConfidence, hours: int, taken: bool):
    told = DAY + timedelta(hours=hours)
    found = again(published=told, date_confidence=confidence)
    assert (found.published, found.date_confidence) == ((told, confidence) if taken else (DAY, DateConfidence.DAY))


def test_an_address_is_taken_where_there_was_none():
    assert again(url="https://other.example/1").url == STORED.url
    assert again(replace(STORED, url=None), url="https://x.com/i/1").url == "https://x.com/i/1"
    assert again(canonical_url="https://c.example").canonical_url == "https://c.example"
    assert (
        again(replace(STORED, canonical_url="https://c.example"), canonical_url=None).canonical_url
        == "https://c.example"
    )


@pytest.mark.parametrize("number", ["", "id:17", "did:plc:abc"])
def test_an_account_is_named_once_its_name_is_known(number: str):
    unnamed = replace(STORED, author=number)
    named = again(unnamed, author="@ada", source_id=2)
    assert (named.author, named.source_id) == ("@ada", 2)
    assert again(unnamed, author="id:18", source_id=2) == unnamed
    assert again(author="@eve", source_id=2) == STORED


def test_an_article_speaks_for_its_outlet_whoever_wrote_it():
    page = replace(STORED, network=Network.WEB, author="")
    assert again(page, author="Ada Byron", source_id=2) == replace(page, author="Ada Byron")


def test_a_new_text_brings_its_own_details():
    met = replace(STORED, url="https://mirror.example/1", author="@ada_b")
    assert revised(STORED, met, alias=False) == met
    assert revised(STORED, met, alias=True).url == STORED.url
    assert revised(replace(STORED, url=None), met, alias=True).url == met.url
    assert revised(STORED, replace(met, author="id:17"), alias=False).author == "@ada"
