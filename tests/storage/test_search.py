"""Searching: the words people look for, filters, counts, pages; and that nothing typed can break it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from monitor.core.errors import QueryError
from monitor.core.judgement import Drift, Severity
from monitor.core.mention import Day, Review, Verdict
from monitor.core.model import Network
from monitor.core.search.nodes import Query, quoted
from monitor.core.search.query import parse_query
from monitor.storage.tables import mentions

TEXTS = {
    1: "An iPS-cell therapy: he is walking again, the team says.",
    2: "#MedicalMiracle! It's in C++ they wrote.",
    3: "慶應大学は脊髄損傷の治療にiPS細胞を移植した。",
    4: "干细胞疗法让瘫痪者重新站立",
    5: "Un médecin de Genève a vu l’étude. Miracle?",
    6: "A cure? No patient was cured, says Müller; walks were practised.",
    7: "고려대 연구팀은 환자가 다시 걷는다고 했다",
    9: "Das Rückenmark heilt nicht, sagt Frau Mueller aus København. Der Poet schweigt: ﬁn, Œuvre.",
}


@pytest.fixture
def library(newsroom, make):
    """Eight mentions in seven languages, one hour apart, the first the newest."""
    langs = {1: "en", 2: "en", 3: "ja", 4: "zh-Hans", 5: "fr", 6: "en", 7: "ko", 9: "de"}
    drafts = [
        make.draft(
            number, text, title=f"Headline {number}", hours=number, lang=langs[number], source=f"s{number}.example.org"
        )
        for number, text in TEXTS.items()
    ]
    drafts[0] = replace(drafts[0], assessment=make.assessed(make.flag(TEXTS[1], "walking again"), score=83))
    candidate = make.flag(
        TEXTS[6], "cure", rule="cure-word", drift=Drift.SENSATIONAL_LANGUAGE, severity=Severity.LOW, confidence=0.3
    )
    drafts[5] = replace(drafts[5], assessment=make.assessed(candidate, score=51))
    newsroom.poll(*drafts)
    post = make.draft(8, "walking post", hours=8, network=Network.X, source="@Reader", lang="en", author="Reader Ä")
    newsroom.store.import_mentions([post], make.alone, now=make.NOW)
    return newsroom.store


def numbers(found):
    """Which mentions: their identities end in their numbers."""
    return [int(mention.identity[-1]) for mention in found]


#: What each search finds, the newest first, on each database.
FOUND = [
    ("iPS-cell", [1]),
    ("ips", [1, 3]),
    ("#MedicalMiracle", [2]),
    ("medicalmiracle", [2]),
    ("C++", [2]),
    ("it's", [2]),
    ("it’s", [2]),
    ("治療", [3]),
    ("脊髄損傷", [3]),
    ("損傷の治療", [3]),
    ("損傷治療", []),
    ("iPS細胞", [3]),
    ("ｉＰＳ細胞", [3]),
    ("移", [3]),
    ("た", [3]),
    ("疗法", [4]),
    ("瘫痪者", [4]),
    ("환자", [7]),
    ("geneve", [5]),
    ("Genève", [5]),
    ("l'étude", [5]),
    ("muller", [6]),
    ("walk*", [1, 6, 8]),
    ("walk", []),
    ('"walking again"', [1]),
    ('"again walking"', []),
    ("walking again", [1]),
    ("walking -again", [8]),
    ("-walking", [2, 3, 4, 5, 6, 7, 9]),
    ("cure OR 治療", [3, 6]),
    ("(cure OR walking) patient", [6]),
    ("walking NEAR team", [1]),
    ("team NEAR walking", [1]),
    ("walking NEAR/1 team", []),
    ('"walking again" NEAR/1 team', [1]),
    ('team NEAR/1 "walking again"', [1]),
    ('team NEAR/0 "walking again"', []),
    ("!!!", []),
    ("cure !!!", [6]),
    ("title:headline -title:3", [1, 2, 4, 5, 6, 7, 9]),
    ("title:walking", []),
    ('title:"headline 4"', [4]),
    ("source:s3.example.org", [3]),
    ("source:example.org", [1, 2, 3, 4, 5, 6, 7, 9]),
    ("source:s3", [3]),
    ("source:@reader", [8]),
    ("source:x:reader", [8]),
    ("source:nobody", []),
    ("network:x", [8]),
    ("-network:x lang:en", [1, 2, 6]),
    ("lang:zh", [4]),
    ("flagged:yes", [1]),
    ("flagged:no", [2, 3, 4, 5, 6, 7, 8, 9]),
    ("drift:sensational-language", [6]),
    ("rule:walking-again", [1]),
    ("severity:low OR severity:high", [1, 6]),
    ("reviewed:yes", []),
    ("study:keio-ips-sci network:x", [8]),
    ("study:other", []),
    ("author:reader", [8]),
    ("author:writer -flagged:yes", [2, 3, 4, 5, 6, 7, 9]),
    ("author:% ", []),
    ("since:3h", [1, 2, 3]),
    ("until:6h", [7, 8, 9]),
    ("since:6h until:3h", [4, 5, 6]),
    ("since:1h OR network:x", [1, 8]),
    ("-since:6h walking", [8]),
    ("since:2025-03-25", []),
    ("until:2025-03-23", []),
    ("", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("cure AND patient", [6]),
    ("(cure OR again) AND (patient OR team)", [1, 6]),
    ("NOT (walking OR cure OR 治療)", [2, 4, 5, 7, 9]),
    ("walking NOT again", [8]),
    ("title:(3 OR 4)", [3, 4]),
    ("outlet:s3", [3]),
    ("lang:Japanese", [3]),
    ("network:X", [8]),
    ('drift:"outcome overstated"', [1]),
    ("tier:confirmed", [1]),
    ("tier:look-here", [6]),
    ("tier:confirmed OR cure", [1, 6]),
    ("score:>50", [1, 6]),
    ("score:83", [1]),
    ("score:>=80", [1]),
    ("score:84..100", []),
    ("score:0..82", [2, 3, 4, 5, 6, 7, 8, 9]),
    ("score:<50 walking", [8]),
    ("-score:>=51 lang:en", [2, 8]),
    ("has:correction", [1, 6]),
    ("has:letter", []),
    ("-has:letter walking", [1, 8]),
    ("has:revision", []),
    ("慶応", [3]),
    ("慶應", [3]),
    ("慶応大学", [3]),
    ("慶大", [3]),
    ("慶應義塾大学", [3]),
    ("patients~", [6]),
    ("patient~ NEAR walks~", [6]),
    ("patients", []),
    ("Müller", [6, 9]),
    ("Mueller", [9]),
    ("Rueckenmark", [9]),
    ("Rückenmark", [9]),
    ("Ru\u0308ckenmark", [9]),
    ("Rücken*", [9]),
    ("Kobenhavn OR Oeuvre", [9]),
    ("fin oeuvre", [9]),
    ("pot", []),
    ("ＷＡＬＫＩＮＧ", [1, 8]),
    ("walk\u00ading", [1, 8]),
    ("author:Rea", [8]),
    ("author:(reader OR nobody)", [8]),
    ("author:ä", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ('author:"reader ä"', [8]),
    ('author:"ä reader"', [8]),
    ("author:eader", []),
]


def test_words_and_filters_find_the_same_on_each_database(library, make):
    wrong = {}
    for words, expected in FOUND:
        query = parse_query(words, make.NOW)
        facets = library.facets(query, most=100)
        counted = library.count(query), library.count(query, most=100), sum(facets["network"].values())
        if (found := numbers(library.search(query))) != expected or set(counted) != {len(expected)}:
            wrong[words] = found, counted
        assert library.languages(query) == facets["lang"], words
    assert wrong == {}


@pytest.mark.parametrize("name", ['the "daily" (echo)', "or", "l'écho «du» jour", "c:\\news", "日報「速報」"])
def test_a_source_of_any_name_is_found_by_the_link_to_its_mentions(newsroom, make, name):
    newsroom.poll(make.draft(1, "walking", source=name), make.draft(2, "walking"))
    (key,) = (mention.source.key for mention in newsroom.store.search(Query()) if mention.identity.endswith("/1"))
    query = parse_query(f"walking source:{quoted(key)}", make.NOW)
    assert numbers(newsroom.store.search(query)) == [1]


def test_counts_stop_where_they_are_told_to(library):
    assert library.count(Query(), most=3) == 3
    assert sum(library.facets(Query(), most=3)["lang"].values()) == 3
    newest = library.search(Query(), limit=2)
    assert library.facets(Query(), most=2)["source"] == {mention.source.key: 1 for mention in newest}


@pytest.mark.parametrize(
    ("field", "value", "known"),
    [
        ("source", "s3", True),
        ("source", "headline", False),
        ("rule", "walking-again", True),
        ("rule", "walking", False),
        ("study", "keio-ips-sci", True),
        ("study", "other", False),
        ("story", "99", False),
    ],
)
def test_what_a_search_names_is_known_or_not(library, field, value, known):
    assert library.knows(field, value) is known
    assert {"s3.example.org", "x:reader"} <= set(library.source_names())


def test_pages_go_on_where_the_last_one_ended(library):
    found, before = [], None
    while part := library.search(Query(), limit=3, before=before):
        assert len(part) <= 3
        found += numbers(part)
        before = part[-1].id
    assert found == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    walking = parse_query("walking", library.search(Query())[0].published)
    first = library.search(walking, limit=1)
    assert numbers(library.search(walking, before=first[0].id)) == [8]


def test_facets_count_all_that_is_found(library, make):
    assert library.facets(parse_query("lang:en", make.NOW), most=100) == {
        "source": {"s1.example.org": 1, "s2.example.org": 1, "s6.example.org": 1, "x:reader": 1},
        "network": {"web": 3, "x": 1},
        "lang": {"en": 4},
        "drift": {"overstated-outcome": 1, "sensational-language": 1},
    }


def test_a_dismissed_flag_no_longer_counts(library, make):
    (mention,) = library.search(parse_query("flagged:yes", make.NOW))
    (stored,) = mention.flags
    library.review(Review(flag_id=stored.id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW))
    assert library.count(parse_query("flagged:yes", make.NOW)) == 0
    assert library.count(parse_query("rule:walking-again", make.NOW)) == 0
    assert numbers(library.search(parse_query("reviewed:yes", make.NOW))) == [1]
    assert library.facets(Query(), most=100)["drift"] == {"sensational-language": 1}
    assert [shown.review for shown in library.mention(mention.id).flags] == ["dismissed"]
    library.review(Review(flag_id=stored.id, verdict=Verdict.UPHELD, by="ed", at=make.NOW + timedelta(minutes=1)))
    assert library.count(parse_query("flagged:yes", make.NOW)) == 1


def test_a_revision_is_found_by_its_new_words_only(newsroom, make):
    newsroom.poll(make.draft(1, "old wording", title="T"))
    newsroom.poll(make.draft(1, "new wording", title="T"), now=make.NOW + timedelta(hours=1))
    found = {word: newsroom.store.count(parse_query(word, make.NOW)) for word in ("old", "new", "wording")}
    assert found == {"old": 0, "new": 1, "wording": 1}


def test_stories_of_a_search(library, make):
    story = library.search(parse_query("治療", make.NOW))[0].story_id
    assert [found.id for found in library.stories(parse_query("治療", make.NOW))] == [story]
    assert numbers(library.search(parse_query(f"story:{story}", make.NOW))) == [3]
    assert len(library.stories(Query(), limit=5)) == 5


def test_days_are_counted_by_first_sight(newsroom, make):
    newsroom.poll(make.draft(1, "walking again", "walking again", hours=100), make.draft(2, "x"))
    newsroom.poll(make.draft(3, "y"), now=make.NOW + timedelta(days=2))
    now = make.NOW + timedelta(days=2, hours=14, minutes=59)
    assert newsroom.store.daily(now, days=4) == (
        Day(date=date(2025, 3, 23), all=0, flagged=0),
        Day(date=date(2025, 3, 24), all=2, flagged=1),
        Day(date=date(2025, 3, 25), all=0, flagged=0),
        Day(date=date(2025, 3, 26), all=1, flagged=0),
    )
    assert {day.all for day in newsroom.store.daily(now, study_id="other", days=4)} == {0}


def test_a_day_is_the_24_hours_that_end_now_and_its_count_is_that_of_its_search(newsroom, make):
    newsroom.poll(make.draft(1, "walking again", "walking again", hours=100), make.draft(2, "x"))
    newsroom.poll(make.draft(3, "walking again", "walking again"), now=make.NOW + timedelta(hours=23))
    for hours in (0, 23, 24, 25, 46, 47, 48):
        now = make.NOW + timedelta(hours=hours)
        last, both = newsroom.store.daily(now, days=1), newsroom.store.daily(now, days=2)
        for days, asked in ((last, "read:24h"), (both, "read:2d")):
            query = parse_query(asked, now)
            assert sum(day.all for day in days) == newsroom.store.count(query) == len(newsroom.store.search(query))
            too_far = parse_query(f"{asked} tier:confirmed", now)
            assert sum(day.flagged for day in days) == newsroom.store.count(too_far)
    assert [day.all for day in newsroom.store.daily(make.NOW + timedelta(hours=24), days=2)] == [0, 3]
    assert [day.all for day in newsroom.store.daily(make.NOW + timedelta(hours=25), days=2)] == [2, 1]


def test_a_tier_is_found_by_how_sure_a_flag_is_while_it_stands(store, make):
    said = "walking again"
    flags = {
        1: make.flag(said, said, confidence=0.8),
        2: make.flag(said, said, confidence=0.79),
        3: make.flag(said, said, confidence=0.49),
        4: make.flag(said, said, confidence=0.9, mailed=False),  # of a rule on trial: shown, not mailed
    }
    drafts = [replace(make.draft(number, said), assessment=make.assessed(flag)) for number, flag in flags.items()]
    ids = store.import_mentions(drafts, make.alone, now=make.NOW)

    def found(query):
        return sorted(numbers(store.search(parse_query(query, make.NOW))))

    assert [found(f"tier:{tier}") for tier in ("confirmed", "drift", "look-here")] == [[1], [2, 4], [3]]
    assert found("-tier:confirmed") == [2, 3, 4]
    assert found("walking -tier:drift read:24h") == [1, 3]
    assert found("tier:confirmed OR tier:look-here") == [1, 3]
    (stored,) = next(m for m in map(store.mention, ids) if m.identity.endswith("/1")).flags
    store.review(Review(flag_id=stored.id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW))
    assert found("tier:confirmed") == []
    assert {stored.flag.tier for m in map(store.mention, ids) for stored in m.flags} == {
        "confirmed",
        "drift",
        "look-here",
    }


def test_a_very_long_text_is_stored_and_found(store, make):
    text = "start " + "word " * 40_000 + " ".join(f"x{number}" for number in range(60_000)) + " end"
    (key,) = store.import_mentions([make.draft(1, text)], make.alone, now=make.NOW)
    assert [mention.id for mention in store.search(parse_query("start word", make.NOW))] == [key]
    assert store.mention(key).text == text


#: Pieces of our own words and of every query syntax that could be behind a search box.
PIECES = [
    "iPS-cell",
    "#MedicalMiracle",
    "C++",
    "it's",
    "治療",
    "脊",
    '"',
    "'",
    "*",
    "^",
    "(",
    ")",
    "NEAR",
    "NEAR/3",
    "NEAR(",
    "AND",
    "OR",
    "NOT",
    "-",
    "--",
    ":",
    "title:",
    "{",
    "}",
    "+",
    "\\",
    "/",
    "<->",
    "&",
    "|",
    "!",
    "%",
    "_",
    ";",
    "\x00",
    "\ud800",
    "\u200b",
    "🎉",
    "é",
    "İ",
    "ß",
    "§all·",
    "§source·1",
    "source:",
    "source:a'b",
    "author:%",
    "author:\x00",
    "since:1d",
    "story:9",
    'title:"a b"',
    "ก็",
    "한국",
    " ",
    "  ",
    "\n",
    "0",
    "1e9",
    "http://a.b/c?d=e",
    "12:30",
    "lang:'",
    "rule:§",
]


def test_no_search_fails_however_it_is_written(library, make):
    chosen = random.Random(20250324)
    asked = 0
    while asked < 20_000:
        text = "".join(chosen.choice(PIECES) for _ in range(chosen.randint(1, 8)))
        try:
            query = parse_query(text, make.NOW)
        except QueryError:
            continue  # an unknown field, with a sentence: see tests/core/test_query.py
        library.search(query, limit=3)
        asked += 1


#: Every so many mentions hold the word; the oldest alone holds "first".
RATES = {"daily": 2, "rare": 90, "rarer": 331}


@pytest.fixture
def years(newsroom, make, monkeypatch):
    """700 mentions: one an hour at first, then further and further apart, the oldest two years ago. Returns the texts, newest first."""
    monkeypatch.setattr("monitor.storage.search._LOOKED_AT", 50)  # so that these are many
    texts = {}
    for number in range(1, 701):
        held = [word for word, every in RATES.items() if number % every == 0]
        near = "daily soup" if number % 4 == 0 else "soup"
        end = " first" if number == 700 else ""
        texts[number] = f"Paper {number}: {' '.join(held)} iPS spinal {'far ' * 12}{near}{end}."
    drafts = [make.draft(number, text, hours=hours_ago(number)) for number, text in texts.items()]
    newsroom.store.import_mentions(drafts, make.alone, now=make.NOW)
    return texts


def hours_ago(number):
    return number + number**3 // 20_000


def held_by(texts, *, every=(), none=()):
    """The numbers of the texts that hold all the words of `every` and none of `none`."""
    words = {number: set(text.lower().rstrip(".").replace(":", "").split()) for number, text in texts.items()}
    return [number for number in texts if words[number] >= set(every) and not words[number] & set(none)]


def test_the_newest_come_first_and_none_is_left_out_however_rare_the_word(newsroom, make, years):
    asked = {
        "daily": held_by(years, every=["daily"]),
        "rare": held_by(years, every=["rare"]),
        "rar*": [number for number in years if number % 90 == 0 or number % 331 == 0],
        "rarer OR first": [number for number in years if number % 331 == 0 or number == 700],
        "first": [700],
        "daily NOT rare": held_by(years, every=["daily"], none=["rare"]),
        "daily NEAR/2 soup": [number for number in years if number % 4 == 0],
        "rare NEAR/2 soup": [],
        "daily NOT (daily NEAR/2 soup)": [number for number in years if number % 2 == 0 and number % 4],
        "rare OR daily NEAR/2 soup": [number for number in years if number % 90 == 0 or number % 4 == 0],
        "NOT daily": held_by(years, none=["daily"]),
    }
    long_ago = (make.NOW - timedelta(days=300)).date()
    asked[f"until:{long_ago} daily"] = [
        number
        for number in held_by(years, every=["daily"])
        if (make.NOW - timedelta(hours=hours_ago(number))).date() <= long_ago
    ]
    for typed, expected in asked.items():
        query = parse_query(typed, make.NOW)
        for limit in (7, 51, 700):
            found = newsroom.store.search(query, limit=limit)
            assert [paper(mention) for mention in found] == expected[:limit], (typed, limit)
        assert newsroom.store.count(query, most=20) == min(len(expected), 20)
        if len(expected) > 3:
            beyond = newsroom.store.search(query, limit=60, before=newsroom.store.search(query, limit=3)[-1].id)
            assert [paper(mention) for mention in beyond] == expected[3:63]


def paper(mention):
    return int(mention.text.removeprefix("Paper ").partition(":")[0])


def test_what_is_found_by_day_is_that_of_the_day_however_far_back(newsroom, make, years):
    every = newsroom.store.search(Query(), limit=700)
    for far in (100, 350, 600):
        day = every[far].published.date()
        query = parse_query(f"daily since:{day} until:{day}", make.NOW)
        expected = [paper(m) for m in every if m.published.date() == day and "daily" in m.text]
        assert [paper(m) for m in newsroom.store.search(query)] == expected
        assert expected or far != 100, "on that day there are several"


def test_a_mention_that_is_dated_back_is_found_before_its_new_date(newsroom, make, years):
    numbered = {paper(mention): mention.id for mention in newsroom.store.search(Query(), limit=700)}
    with newsroom.store._db.write() as conn:
        moved = sa.update(mentions).where(mentions.c.id.in_([numbered[2], numbered[4], numbered[5]]))
        conn.execute(moved.values(published=make.NOW - timedelta(days=400)))
    day = (make.NOW - timedelta(days=300)).date()
    query = parse_query(f"daily until:{day}", make.NOW)
    found = newsroom.store.search(query, limit=700)
    assert [paper(mention) for mention in found[:2]] == [2, 4]
    assert {mention.published.date() <= day for mention in found} == {True}
    assert newsroom.store.search(query, limit=1) == found[:1]
    assert newsroom.store.search(query, limit=5, before=numbered[2]) == found[1:6]
    assert newsroom.store.search(query, limit=5, before=found[3].id) == found[4:9]
    assert newsroom.store.count(query, most=1000) == newsroom.store.count(query) == len(found)


def test_a_prefix_of_more_words_than_are_named_finds_the_same(newsroom, make, years, monkeypatch):
    query = parse_query("rar* soup", make.NOW)
    named = newsroom.store.search(query, limit=700)
    monkeypatch.setattr("monitor.storage.search_language.WORDS_MOST", 1)
    assert newsroom.store.search(query, limit=700) == named
    assert len(named) == 700 // 90 + 700 // 331
