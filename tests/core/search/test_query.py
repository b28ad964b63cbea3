"""The query language: what each spelling means, and the sentence for each that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import QueryError
from monitor.core.search.query import (
    FIELDS,
    TERMS_MAX,
    And,
    Field,
    Near,
    Not,
    Or,
    Phrase,
    Query,
    Read,
    Since,
    Until,
    Word,
    parse_query,
)

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CURE, WALK = Word("cure"), Word("walk")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", None),
        ("   ", None),
        ("cure", CURE),
        ("cure walk", And((CURE, WALK))),
        ("cure AND walk", And((CURE, WALK))),
        ("cure OR walk", Or((CURE, WALK))),
        ("cure walk OR Keio", Or((And((CURE, WALK)), Word("Keio")))),
        ("cure or walk", And((CURE, Word("or"), WALK))),
        ('"walking again"', Phrase("walking again")),
        ("“walking again”", Phrase("walking again")),
        ("「再び歩く」 治療", And((Phrase("再び歩く"), Word("治療")))),
        ('"walking again', Phrase("walking again")),
        ("-cure", Not(CURE)),
        ("NOT cure walk", And((Not(CURE), WALK))),
        ("walk AND NOT cure", And((WALK, Not(CURE)))),
        ("NOT (cure OR walk)", Not(Or((CURE, WALK)))),
        ("walk NOT", WALK),
        ('"NOT cure"', Phrase("NOT cure")),
        ("--cure", Not(CURE)),
        ('-"cure all" walk', And((Not(Phrase("cure all")), WALK))),
        ("-(cure OR walk)", Not(Or((CURE, WALK)))),
        ("(cure walk", And((CURE, WALK))),
        ("cure) walk", And((CURE, WALK))),
        ("- OR AND", Word("-")),
        ("cure -", And((CURE, Word("-")))),
        ("OR cure OR", CURE),
        ("cure NEAR walk", Near(CURE, WALK, 10)),
        ('cure NEAR/3 "walk again"', Near(CURE, Phrase("walk again"), 3)),
        ("cure NEAR/9999 walk", Near(CURE, WALK, 50)),
        ("cure NEAR walk NEAR/2 Keio", And((Near(CURE, WALK, 10), Near(WALK, Word("Keio"), 2)))),
        ("NEAR cure NEAR", CURE),
        ("walk*", Word("walk", prefix=True)),
        ("*", Word("*")),
        (
            "iPS-cell #MedicalMiracle C++ it's",
            And((Word("iPS-cell"), Word("#MedicalMiracle"), Word("C++"), Word("it's"))),
        ),
        ("https://example.org/a?b=c", Word("https://example.org/a?b=c")),
        ("12:30", Word("12:30")),
        ("note:", Word("note:")),
        ("速報:cure", Word("速報:cure")),
        ('"source:x"', Phrase("source:x")),
        ("source:Example.org", Field("source", "example.org")),
        ('SOURCE:"The Daily"', Field("source", "the daily")),
        ("-network:X", Not(Field("network", "x"))),
        ("lang:ja", Field("lang", "ja")),
        ("drift:overstated-outcome", Field("drift", "overstated-outcome")),
        ('drift:"overstated outcome"', Field("drift", "overstated-outcome")),
        ("rule:walking-again", Field("rule", "walking-again")),
        ("severity:HIGH", Field("severity", "high")),
        ("flagged:yes reviewed:no", And((Field("flagged", "yes"), Field("reviewed", "no")))),
        ("story:12", Field("story", "12")),
        ("study:keio", Field("study", "keio")),
        ("author:Jones", Field("author", "Jones")),
        ('title:"walking again"', Field("title", "walking again")),
        ("since:7d", Since(NOW - 7 * DAY)),
        ("since:24h", Since(NOW - DAY)),
        ("tier:confirmed", Field("tier", "confirmed")),
        ("read:24h", Read(NOW - DAY)),
        ("read:2025-03-20", Read(datetime(2025, 3, 20, tzinfo=UTC))),
        ("since:2w", Since(NOW - 14 * DAY)),
        ("since:2025-03-20", Since(datetime(2025, 3, 20, tzinfo=UTC))),
        ("until:2025-03-20", Until(datetime(2025, 3, 21, tzinfo=UTC))),
        ("until:2d", Until(NOW - 2 * DAY)),
        ("since:2025-03-20T12:30", Since(datetime(2025, 3, 20, 12, 30, tzinfo=UTC))),
        ("since:2025-03-20T12:30+09:00", Since(datetime(2025, 3, 20, 3, 30, tzinfo=UTC))),
    ],
)
def test_a_search_means(text, root):
    assert parse_query(text, NOW) == Query(text=text.strip(), root=root)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sorce:x", "There is no field sorce: to search in. Did you mean source:? There are: author, drift, "),
        ("zzz:x", "There is no field zzz: to search in. There are: author, drift, flagged, lang, network, read, revi"),
        ("drift:overstated", "drift:overstated is not known. Did you mean drift:overstated-outcome? There are: overst"),
        ("flagged:maybe", "flagged:maybe is not known. There are: yes, no."),
        ("network:twitter", "network:twitter is not known. "),
        ("severity:hi", "severity:hi is not known. "),
        ("story:first", "story:first is no number. Write it as story:12."),
        ("since:yesterday", "since:yesterday is no time. Write since:7d, since:24h, or a day: since:2025-03-24."),
        ("since:2025-02-30", "since:2025-02-30 is no time. "),
        ("until:9999-12-31", "until:9999-12-31 is no time. "),
        ("since:999999w", "since:999999w is no time. "),
        ("word " * (TERMS_MAX + 1), "A search may have at most 100 words and fields. "),
        ("x" * 4001, "A search may have at most 4,000 characters; this one has 4,001. Leave some out, "),
        *(
            (
                text,
                f"There is no word to search for: {text.strip()!r} at character {at} is only brackets, quotes and operators. ",
            )
            for text, at in (
                ("(((", 1),
                ("  ()", 3),
                ('""', 1),
                ("OR AND", 1),
                ("NOT", 1),
                ("NEAR", 1),
                ("(OR)", 1),
                ("（）", 1),
            )
        ),
        ("(" * 30 + "cure", "Brackets may be nested at most 20 deep. "),
    ],
)
def test_a_search_that_means_nothing_says_what_would(text, said):
    with pytest.raises(QueryError) as told:
        parse_query(text, NOW)
    assert str(told.value).startswith(said)


def test_an_unknown_field_lists_all_fields():
    with pytest.raises(QueryError) as told:
        parse_query("sorce:x", NOW)
    assert [name for name in FIELDS if name not in told.value.hint] == []


#: Everything the grammar knows, so that random text meets its corners.
PIECES = st.sampled_from(
    (
        *[
            "OR",
            "AND",
            "NEAR",
            "NEAR/2",
            "NEAR/",
            "“",
            "「",
            "」",
            "(",
            ")",
            "-",
            "*",
            ":",
            "source:",
            "since:",
            "story:",
            "flagged:yes",
            "since:1d",
            "a",
            "b*",
            "治療",
        ],
        *'" \n\x00\ud800',
        "  ",
        "since:+1",
        "story:²",
        "since:１d",
    )
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_only_a_query_error_is_ever_raised(text):
    try:
        query = parse_query(text, NOW)
    except QueryError as error:
        told = (error.message, error.hint)
    else:
        told = (query.text == text.strip(), query == parse_query(text, NOW))
    assert all(told)
