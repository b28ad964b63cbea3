"""A search asked of one text: the same words, phrases and brackets as the search of what is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.errors import QueryError
from monitor.core.search.matching import Matcher
from monitor.core.search.query import parse_query

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
POST = (
    "Keio's iPS-cell trial: a man is walking again! #MedicalMiracle",
    "https://lantern.example/ips-trial",
    "SpinalCord",
)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("keio iPS", True),
        ("Keio gene", False),
        ("gene OR (Keio walk*)", True),
        ("walk", False),
        ('"walking again"', True),
        ('"again walking"', False),
        ('"again MedicalMiracle"', True),
        ('"MedicalMiracle https"', False),
        ("#medicalmiracle", True),
        ("#SpinalCord", True),
        ("iPS-cell -miracle", True),
        ("iPS-cell -walking", False),
        ("Keio NEAR/4 trial", True),
        ("trial NEAR/1 Keio", False),
        ("man NEAR/0 again", False),
        ("lantern.example", True),
        ("iPS lang:en", True),
        ("iPS lang:ja", False),
        ("iPS !!!", True),
    ],
)
def test_what_a_post_holds(query, holds):
    assert Matcher(parse_query(query, NOW))(POST, "en-GB") is holds


@pytest.mark.parametrize(
    ("query", "holds"), [("細胞", True), ("ips細胞", True), ("胞移", True), ("移植 慶應", True), ("治療", False)]
)
def test_scripts_without_spaces(query, holds):
    assert Matcher(parse_query(query, NOW))(["慶應大学のｉＰＳ細胞移植"], "ja") is holds


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "A stream needs at least one word that its posts must hold. Write the words, such as: Keio iPS."),
        ("-cure", "A stream needs at least one word that its posts must hold. Write the words, such as: Keio iPS."),
        ("iPS OR lang:ja", "A stream needs at least one word that its posts must hold. Write the words, such as: Keio iPS."),
        ("iPS OR !!!", "A stream needs at least one word that its posts must hold. Write the words, such as: Keio iPS."),
        ("iPS -source:x", "source:x cannot be asked of a stream. Of the fields only lang: can, such as lang:ja."),
        ("iPS read:7d", "read:... cannot be asked of a stream. Of the fields only lang: can, such as lang:ja."),
        ("iPS since:7d", "since:... cannot be asked of a stream. Of the fields only lang: can, such as lang:ja."),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(query, sentence):
    with pytest.raises(QueryError) as refused:
        Matcher(parse_query(query, NOW))
    assert str(refused.value) == sentence
