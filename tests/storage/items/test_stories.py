"""Stories as they are stored: found, made one, told, and gone."""

from __future__ import annotations

import itertools
import json
import logging
import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.items.stories import RETELLING, StoryKeys, StoryRelation
from monitor.core.mention import About, Relevance, Review, Verdict
from monitor.core.search.nodes import Query
from monitor.core.search.query import parse_query
from monitor.storage.items import stories as story_rows
from monitor.storage.tables import mentions, merged_stories, stories
from monitor.storage.tables import story_keys as keys_table

ALL = Query()
PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data/pairs/stories.jsonl").read_text(encoding="utf-8").splitlines()
]
NEWS = (
    "Two of the four patients who were given the cells moved better after a year, the university told reporters on "
    "Monday. One of them stands with help, and the two others showed no change at all, the team said."
)
OTHER = (
    "The ministry will visit every clinic that sells such cells to people with injuries before the summer, an official "
    "wrote in a letter to parliament. Three clinics in the capital have closed their doors since the letter came."
)


def rows(store, table):
    with store._db.read() as conn:
        return conn.execute(sa.select(table)).all()


def clusters(store):
    """Which texts are together, by identity."""
    found = defaultdict(set)
    for row in rows(store, mentions):
        found[row.story_id].add(row.identity)
    assert {row.id: row.size for row in rows(store, stories)} == {story: len(told) for story, told in found.items()}
    return {frozenset(told) for told in found.values()}


def linking(*links):
    """Texts that are linked by a pair of their words; each says them all."""
    wanted = {frozenset(link) for link in links}

    def same(one, other):
        return frozenset((one.text, other.text)) in wanted or one.text == other.text

    one_key = StoryKeys(frozenset({17}), frozenset())
    return StoryRelation(lambda _told: one_key, same, lambda _one, _other: False, version=1)


def test_stories_keep_their_number_and_know_who_said_it_first(store, make):
    late = make.draft(1, "Copy", hours=1, title="Late")
    (late_id,) = store.import_mentions([late], make.same_words, now=make.NOW)
    story = store.mention(late_id).story_id
    earlier = make.draft(2, "Copy", hours=5, title="Early")
    other = make.draft(3, "Other", hours=3)
    store.import_mentions([other, earlier], make.same_words, now=make.NOW)
    early_id = next(mention.id for mention in store.search(ALL) if mention.title == "Early")
    first = next(found for found in store.stories(ALL) if found.id == story)
    assert (first.title, first.first_mention_id, first.size) == ("Early", early_id, 2)
    assert (first.first_at, first.last_at) == (make.NOW - timedelta(hours=5), make.NOW - timedelta(hours=1))
    assert [mention.id for mention in store.story_members(story)] == [early_id, late_id]
    assert len(store.stories(ALL)) == 2


# --- whatever the order ----------------------------------------------------------------------------------------------


def labelled(make, study):
    """The texts of a study in the pairs as drafts, each once."""
    texts = {}
    for pair in PAIRS:
        if pair["study"] == study:
            for side in "ab":
                texts[json.dumps(pair[side], sort_keys=True)] = (pair[side], tuple(pair["about"]))
    drafts = []
    for number, (text, about) in enumerate(texts.values()):
        draft = make.draft(number, text["text"], title=text["title"], study=study, lang=text["lang"])
        entry = replace(draft.entry, published=datetime.fromisoformat(text["published"]))
        drafts.append(replace(draft, entry=entry, relevance=Relevance(verdict=About.ABOUT, because=about)))
    return drafts


@pytest.mark.parametrize("study", sorted({pair["study"] for pair in PAIRS}))
def test_stories_are_the_same_in_twenty_orders_and_batches_of_any_size(store, make, study):
    """One at a time, in threes, and all at once; each order in a study of its own in the same database."""
    drafts = labelled(make, study)
    results = set()
    for seed in range(20):
        order = list(drafts)
        random.Random(seed).shuffle(order)
        mine = [
            replace(draft, study_id=f"{study}-{seed}", identity=f"{seed}-{draft.identity}", names=names)
            for draft in order
            for names in [replace(draft.names, certain=(), candidate=())]
        ]
        size = (1, 3, len(mine))[seed % 3]
        for at in range(0, len(mine), size):
            store.import_mentions(mine[at : at + size], RETELLING, now=make.NOW)
        told = defaultdict(set)
        for row in rows(store, mentions):
            if row.study_id == f"{study}-{seed}":
                told[row.story_id].add(row.identity.split("-", 1)[1])
        results.add(frozenset(frozenset(one) for one in told.values()))
    (only,) = results
    assert 5 < len(only) < len(drafts)


LETTERS = "ABCDE"


@pytest.mark.parametrize("seed", range(12))
def test_linked_texts_are_together_in_every_order_and_apart_without_a_way(store, make, seed):
    """Small graphs, in all orders of arrival that chance draws: the components, by a plain search, are the stories."""
    chance = random.Random(seed)
    links = [pair for pair in itertools.combinations(LETTERS, 2) if chance.random() < 0.35]
    near = {letter: {letter} for letter in LETTERS}
    for _ in LETTERS:
        for one, other in links:
            near[one] |= near[other]
            near[other] |= near[one]
    expected = {frozenset(f"url:example.org/{LETTERS.index(letter)}" for letter in group) for group in near.values()}
    order = [make.draft(number, letter, hours=number) for number, letter in enumerate(LETTERS)]
    chance.shuffle(order)
    at = chance.randrange(len(order))
    for batch in (order[:at], order[at:]):
        store.import_mentions(batch, linking(*links), now=make.NOW)
    assert clusters(store) == expected


# --- two become one --------------------------------------------------------------------------------------------------


def bridged(store, make, *, before=None):
    """Stories of A and of C, then B which links them; returns the number that stayed and the one that went."""
    first = store.import_mentions(
        [make.draft(1, "A", "A", hours=9, title="Headline one")], make.same_words, now=make.NOW
    )
    second = store.import_mentions([make.draft(3, "C", "C", hours=5)], make.same_words, now=make.NOW)
    stays, goes = (store.mention(ids[0]).story_id for ids in (first, second))
    if before:
        before(first[0], second[0], stays, goes)
    store.import_mentions([make.draft(2, "B", hours=7)], linking(), now=make.NOW)  # they have no keys of `linking` yet
    relation = linking(("A", "B"), ("B", "C"))
    assert store.key_stories(replace(relation, version=2), 100) == 3
    return stays, goes


def test_a_bridge_makes_one_of_two_and_the_old_number_leads_there(store, make, caplog):
    with caplog.at_level(logging.INFO, logger="monitor"):
        stays, goes = bridged(store, make)
    assert stays < goes
    (story,) = store.stories(ALL)
    assert (story.id, story.size, story.title) == (stays, 3, "Headline one")
    assert store.story(goes) == store.story(stays) == story
    assert [mention.text for mention in store.story_members(goes)] == ["A", "B", "C"]
    for number in (stays, goes):
        found = store.search(parse_query(f"story:{number}", make.NOW))
        assert [mention.text for mention in found] == ["C", "B", "A"]
    assert f"Story {goes} goes into story {stays}" in caplog.text


def test_a_story_that_went_into_another_leads_on_when_that_goes_too(store, make):
    for number, (letter, hours) in enumerate(zip("CBA", (3, 6, 9), strict=True)):
        store.import_mentions([make.draft(number, letter, hours=hours)], linking(), now=make.NOW)
    a, b, c = sorted((row.id for row in rows(store, stories)), reverse=True)
    store.import_mentions([make.draft(10, "BC")], linking(("C", "BC"), ("B", "BC")), now=make.NOW)
    assert {(row.old_id, row.story_id) for row in rows(store, merged_stories)} == {(b, c)}
    store.import_mentions([make.draft(11, "AB")], linking(("A", "AB"), ("B", "AB")), now=make.NOW)
    assert {(row.old_id, row.story_id) for row in rows(store, merged_stories)} == {(b, c), (a, c)}
    store.import_mentions([make.draft(12, "alone")], linking(), now=make.NOW)
    assert max(row.id for row in rows(store, stories)) > a  # no number leads to two places


def test_what_was_decided_in_one_story_holds_in_the_other_once_they_are_one(store, make):
    words = "He is walking again, they say."
    ids = []
    for number, hours in ((1, 9), (2, 5)):
        draft = make.draft(number, words, "walking again", hours=hours)
        ids += store.import_mentions([draft], make.alone, now=make.NOW)
    (flag,) = store.mention(ids[0]).flags
    store.review(Review(flag_id=flag.id, verdict=Verdict.DISMISSED, by="Ana", at=make.NOW, why="said with irony"))
    assert store.mention(ids[1]).flags[0].review is None
    assert store.key_stories(RETELLING if RETELLING.version > 1 else replace(make.same_words, version=5), 10) == 2
    assert store.mention(ids[1]).flags[0].review is Verdict.DISMISSED
    assert len(store.search(parse_query("reviewed:yes", make.NOW))) == 2
    assert store.count(parse_query("flagged:yes", make.NOW)) == 0


# --- what is found ---------------------------------------------------------------------------------------------------


def test_a_copy_of_last_years_story_is_found_among_many(store, make):
    old = make.draft(1, NEWS, title="Two of four move better", hours=400 * 24)
    (old_id,) = store.import_mentions([old], RETELLING, now=make.NOW - timedelta(days=400))
    many = [
        make.draft(number, f"{number} " * 40 + OTHER[number % 40 :], hours=number / 20) for number in range(10, 650)
    ]
    for at in range(0, len(many), 200):
        store.import_mentions(many[at : at + 200], RETELLING, now=make.NOW)
    (again,) = store.import_mentions([make.draft(2, f"{NEWS} So it was.", title="A year ago")], RETELLING, now=make.NOW)
    assert store.mention(again).story_id == store.mention(old_id).story_id


def test_a_text_that_is_read_whole_later_is_looked_at_again(newsroom, make):
    """The feed gave a line; the page is a copy of what was there."""
    store = newsroom.store
    newsroom.poll(
        make.draft(1, NEWS, hours=9), make.draft(2, "Read more on our page.", title="Keio", hours=5), assign=RETELLING
    )
    assert len(store.stories(ALL)) == 2
    newsroom.poll(
        make.draft(2, NEWS + " More on page two.", title="Keio", hours=5),
        now=make.NOW + timedelta(hours=1),
        assign=RETELLING,
    )
    (story,) = store.stories(ALL)
    assert story.size == 2
    kept = {row.mention_id: set() for row in rows(store, keys_table)}
    for row in rows(store, keys_table):
        kept[row.mention_id].add(row.key)
    with store._db.read() as conn:
        for one in story_rows.texts_of(conn, kept):
            keys = RETELLING.keys(one)
            assert kept[one.mention_id] == keys.copies | keys.words  # and none of the first text


def test_in_a_rush_of_copies_few_are_asked(store, make, monkeypatch):
    """A thousand copies of a headline in a day: what is read of them stays the same, and the story is found."""
    drafts = [
        make.draft(number, f"{NEWS} Edition {number}.", title="Two of four move better", hours=number / 40)
        for number in range(300)
    ]
    for at in range(0, 300, 100):
        store.import_mentions(drafts[at : at + 100], RETELLING, now=make.NOW)
    assert len(store.stories(ALL)) == 1
    asked = []
    texts_of = story_rows.texts_of
    monkeypatch.setattr(story_rows, "texts_of", lambda conn, ids: asked.append(sorted(ids)) or texts_of(conn, ids))
    store.import_mentions([make.draft(999, f"{NEWS} Edition last.", hours=3)], RETELLING, now=make.NOW)
    assert len(store.stories(ALL)) == 1
    assert [len(ids) for ids in asked if ids] == [story_rows.ASKED_AT_ONCE]


# --- keys ------------------------------------------------------------------------------------------------------------


def test_no_key_of_a_withdrawn_text_stays(store, make):
    ids = store.import_mentions(
        [make.draft(1, NEWS, hours=9), make.draft(2, NEWS + " A copy.", hours=5), make.draft(3, OTHER)],
        RETELLING,
        now=make.NOW,
    )
    assert {row.mention_id for row in rows(store, keys_table)} == set(ids)
    gone = next(mention.id for mention in store.search(ALL) if mention.text == OTHER)
    store.purge(gone, now=make.NOW)
    assert {row.mention_id for row in rows(store, keys_table)} == set(ids) - {gone}
    assert len(store.stories(ALL)) == 1


def test_a_withdrawn_story_takes_its_old_numbers_along(store, make):
    bridged(store, make)
    for mention in store.search(ALL):
        store.purge(mention.id, now=make.NOW)
    assert rows(store, merged_stories) == rows(store, keys_table) == rows(store, stories) == []
    with pytest.raises(NotFoundError, match="There is no story 7"):
        store.story(7)


def test_what_was_stored_without_keys_gets_them_bit_by_bit_newest_first(store, make):
    """As in a home of an earlier version: stories stay, and those that belong together become one."""
    for number in range(7):
        text = NEWS if number % 2 else f"{OTHER} {number}"
        store.import_mentions([make.draft(number, text, hours=number)], make.alone, now=make.NOW)
    assert rows(store, keys_table) == []
    assert len(store.stories(ALL)) == 7
    assert [store.key_stories(RETELLING, 3) for _ in range(4)] == [3, 3, 1, 0]
    assert sorted(story.size for story in store.stories(ALL)) == [3, 4]
    before = rows(store, keys_table)
    assert store.key_stories(RETELLING, 100) == 0
    assert store.key_stories(replace(RETELLING, version=RETELLING.version + 1), 100) == 7  # made otherwise: all anew
    assert sorted(rows(store, keys_table)) == sorted(before)


def test_a_story_in_lists(newsroom, make):
    store = newsroom.store
    goes_too_far = make.draft(1, "He is walking again, they say.", "walking again", hours=30, source="one.example")
    newsroom.poll(
        goes_too_far,
        make.draft(2, "He is walking again, they say. Truly.", "walking again", hours=4, source="two.example"),
        make.draft(3, "Quite other news of the day.", hours=2, source="two.example"),
        assign=StoryRelation(
            lambda told: make.together.keys(replace(told, study_id=told.text[:5])),
            lambda one, other: one.text[:5] == other.text[:5],
            lambda _one, _other: False,
            version=1,
        ),
    )
    newest, older = store.stories(ALL)
    assert (newest.size, older.size) == (1, 2)
    assert store.stories(ALL, limit=1, offset=1) == (older,)
    assert store.count_stories(ALL) == 2
    assert store.count_stories(parse_query("truly", make.NOW)) == 1
    assert store.stories(parse_query("truly", make.NOW)) == (older,)
    overview = store.story_overviews([older.id, newest.id])
    assert (overview[older.id].first_source, overview[older.id].outlets, overview[older.id].flagged) == (
        "One.Example",
        2,
        2,
    )
    assert overview[older.id].drift == ("overstated-outcome",)
    assert (overview[newest.id].outlets, overview[newest.id].flagged, overview[newest.id].drift) == (1, 0, ())
    assert store.story_overviews([]) == {}
    assert store.story_times(older.id) == (
        (make.NOW - timedelta(hours=30), True),
        (make.NOW - timedelta(hours=4), True),
    )
    assert len(store.story_members(older.id, limit=1)) == 1


def test_the_candidates_of_a_batch_are_asked_for_in_one_statement(store, make):
    """However many texts arrive together: what is asked of the database does not grow with them."""
    asked = []

    def listen(_conn, _cursor, statement, *_more):
        if "ROW_NUMBER() OVER" in statement and "story_keys" in statement:
            asked.append(statement)

    sa.event.listen(store._db.engine, "before_cursor_execute", listen)
    for count in (5, 50):
        asked.clear()
        drafts = [make.draft(count * 100 + number, f"{OTHER} {number}", hours=number) for number in range(count)]
        store.import_mentions(drafts, RETELLING, now=make.NOW)
        assert len(asked) == 1
    sa.event.remove(store._db.engine, "before_cursor_execute", listen)
