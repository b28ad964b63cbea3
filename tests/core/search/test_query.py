"""The query language: what each spelling means, and the sentence for each that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import QueryError
from monitor.core.search.fields import FIELDS
from monitor.core.search.nodes import (
    CLOSING_MARKS,
    OPENING_MARKS,
    And,
    Field,
    Near,
    Not,
    Or,
    Phrase,
    Query,
    Read,
    Score,
    Since,
    Until,
    Word,
    both,
    quoted,
    written,
)
from monitor.core.search.query import TERMS_MAX, parse_query

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
        ("-cure", Not(CURE)),
        ("NOT cure walk", And((Not(CURE), WALK))),
        ("walk AND NOT cure", And((WALK, Not(CURE)))),
        ("NOT (cure OR walk)", Not(Or((CURE, WALK)))),
        ('"NOT cure"', Phrase("NOT cure")),
        ('-"cure all" walk', And((Not(Phrase("cure all")), WALK))),
        ("-(cure OR walk)", Not(Or((CURE, WALK)))),
        ("cure -", And((CURE, Word("-")))),
        ("cure NEAR walk", Near(CURE, WALK, 10)),
        ('cure NEAR/3 "walk again"', Near(CURE, Phrase("walk again"), 3)),
        ("cure NEAR walk NEAR/2 Keio", And((Near(CURE, WALK, 10), Near(WALK, Word("Keio"), 2)))),
        ("walk*", Word("walk", prefix=True)),
        ("*", Word("*")),
        (
            "iPS-cell #MedicalMiracle C++ it's",
            And((Word("iPS-cell"), Word("#MedicalMiracle"), Word("C++"), Word("it's"))),
        ),
        ("https://example.org/a?b=c", Word("https://example.org/a?b=c")),
        ("12:30", Word("12:30")),
        ("速報:cure", Word("速報:cure")),
        ('"source:x"', Phrase("source:x")),
        ("source:Example.org", Field("source", "example.org")),
        ('SOURCE:"The Daily"', Field("source", "the daily")),
        ("-network:X", Not(Field("network", "x"))),
        ("lang:ja", Field("lang", "ja")),
        ("lang:Japanese", Field("lang", "ja")),
        ("lang:zh-Hant", Field("lang", "zh-hant")),
        ("lang:unknown", Field("lang", "und")),
        ("outlet:nhk.or.jp", Field("source", "nhk.or.jp")),
        ("has:Correction", Field("has", "correction")),
        ("score:>50", Score(51, 100)),
        ("score:>=50", Score(50, 100)),
        ("score:<50", Score(0, 49)),
        ("score:<=50", Score(0, 50)),
        ("score:50", Score(50, 50)),
        ("score:50..80", Score(50, 80)),
        ('score:"> 50"', Score(51, 100)),
        ("title:(cure OR walk)", Or((Field("title", "cure"), Field("title", "walk")))),
        ('title:(cure "walk again")', And((Field("title", "cure"), Field("title", "walk again")))),
        ("-lang:(ja OR en)", Not(Or((Field("lang", "ja"), Field("lang", "en"))))),
        ("NOT(cure)", Not(CURE)),
        ("NOT(cure OR walk)", Not(Or((CURE, WALK)))),
        ("cure AND(walk)", And((CURE, WALK))),
        ("cure OR(walk)", Or((CURE, WALK))),
        ("NOT NOT cure", Not(Not(CURE))),
        ("--cure", Not(CURE)),
        ("cure AND walk OR Keio AND -iPS", Or((And((CURE, WALK)), And((Word("Keio"), Not(Word("iPS"))))))),
        ("NOT cure OR walk", Or((Not(CURE), WALK))),
        ("patient~", Word("patient", forms=True)),
        ("『再び歩く』", Phrase("再び歩く")),
        ("«marche à nouveau»", Phrase("marche à nouveau")),
        ("note:", Word("note:")),
        ("drift:overstated-outcome", Field("drift", "overstated-outcome")),
        ('drift:"overstated outcome"', Field("drift", "overstated-outcome")),
        ('drift:"outcome overstated"', Field("drift", "overstated-outcome")),
        ('network:"Hacker News"', Field("network", "hackernews")),
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
        ("zzz:x", "There is no field zzz: to search in. There are: author, drift, flagged, has, lang, network, outl"),
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
        ("(((", "The bracket at character 3 is not closed. Write ) where it ends."),
        ("  ()", "There is nothing in the brackets at character 3. "),
        ('""', "There is nothing between the quotation marks at character 1. "),
        ("（）", "There is nothing in the brackets at character 1. "),
        ("OR AND", "OR at character 1 has nothing before it. "),
        ("(OR)", "OR at character 2 has nothing before it. "),
        ("NOT", "NOT at character 1 has nothing after it. Write what is to be left out: -word."),
        ("cure NOT", "NOT at character 6 has nothing after it. "),
        ("NEAR", "NEAR at character 1 has nothing before it. "),
        ("cure NEAR", "NEAR at character 6 needs a word or a phrase on both sides. "),
        ("cure NEAR lang:ja", "NEAR at character 6 needs a word or a phrase on both sides. "),
        ("cure NEAR/51 walk", "NEAR/51 at character 6 is too far. At most 50 words: NEAR/50."),
        ("cure OR", "OR at character 6 has nothing after it. Write what it joins on both sides. "),
        ("cure AND", "AND at character 6 has nothing after it. "),
        ("cure AND OR walk", "OR at character 10 has nothing before it. "),
        ("cure OR OR walk", "OR at character 9 has nothing before it. "),
        ("(cure OR) walk", "OR at character 7 has nothing after it. "),
        ("(cure walk", "The bracket at character 1 is not closed. "),
        ("cure) walk", "The bracket ) at character 5 closes none. "),
        (
            'cure "walking again',
            'The quotation mark at character 6 is not closed. Write "walking again", with one at its end.',
        ),
        (
            'title:"walking',
            'The quotation mark at character 7 is not closed. Write title:"walking", with one at its end.',
        ),
        ("cure”", "The quotation mark ” at character 5 closes none. "),
        (
            "source: nhk",
            "source: at character 1 has no value. Write the value behind it without a space, such as source:value.",
        ),
        ("zz:(cure)", "There is no field zz: to search in. "),
        ("title:()", "There is nothing in the brackets at character 7. "),
        ("title:(cure", "The bracket at character 7 is not closed. "),
        ("score:many", "score:many is no score. Write score:>50, "),
        ("score:>100", "No mention has score:>100. Scores go from 0 to 100."),
        ("score:80..50", "No mention has score:80..50. "),
        ("has:followers", "has:followers is not known. There are: correction, letter, revision."),
        ("lang:japanisch", "lang:japanisch is no language. Write its code or English name: lang:ja, lang:Japanese."),
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


def test_an_error_points_at_its_place():
    with pytest.raises(QueryError) as told:
        parse_query("慶應 cure OR", NOW)
    assert told.value.at == (8, 10)
    assert told.value.pointed == "慶應 cure OR\n          ^^"
    with pytest.raises(QueryError) as told:
        parse_query("walk drift:nonsense", NOW)
    assert told.value.pointed == "walk drift:nonsense\n     ^^^^^^^^^^^^^^"


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("cure walk", ()),
        ("cure OR walk", ()),
        ("(cure walk) OR Keio", ()),
        ("cure walk OR Keio", ("Read as: (cure AND walk) OR Keio. Brackets change that.",)),
        ("cure AND walk OR -Keio", ("Read as: (cure AND walk) OR NOT Keio. Brackets change that.",)),
        ("cure or walk", ('"or" was looked for as a word; OR in capitals joins words.',)),
        ("or not", ()),
        ('cure "or" walk', ()),
        ("cure !!!", ('"!!!" holds no letter and no digit, and was left out.',)),
    ],
)
def test_what_could_surprise_is_said(text, remarks):
    assert parse_query(text, NOW).remarks == remarks


def test_a_search_is_written_as_it_is_read_again():
    text = 'cure* (title:a OR NOT "b c") x NEAR/3 y -score:5..7 source:"The Daily" p~ since:2025-03-20'
    root = parse_query(text, NOW).root
    assert parse_query(written(root), NOW).root == root


@given(st.text(alphabet=[*"ab :-*()\\", *OPENING_MARKS, *CLOSING_MARKS], max_size=12))
def test_any_value_can_be_asked_for(value):
    plain = value.strip().lower()
    if plain:
        assert parse_query(f"cure source:{quoted(plain)} walk", NOW).root == And((CURE, Field("source", plain), WALK))
        phrase = Phrase(plain)
        assert parse_query(written(phrase), NOW).root == phrase


def test_a_backslash_is_itself_but_before_a_mark():
    assert parse_query(r'"C:\new \"a\\b\""', NOW).root == Phrase(r'C:\new "a\b"')
    with pytest.raises(QueryError, match="is not closed"):
        parse_query('"open\\"', NOW)


def test_bounds_hold_for_all_sides_of_a_search():
    query = both(parse_query("cure OR walk", NOW), parse_query("since:7d", NOW))
    assert query.root == And((Or((CURE, WALK)), Since(NOW - 7 * DAY)))
    assert query.text == "(cure OR walk) since:7d"
    assert both(Query(), Query()) == Query()


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
        # Only an empty search finds everything.
        told = (query.text == text.strip(), query == parse_query(text, NOW), (query.root is None) == (not text.strip()))
    assert all(told)
