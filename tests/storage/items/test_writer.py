"""Writing mentions: new ones, revisions, repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.core.mention import TextFrom
from monitor.core.model import (
    DateConfidence,
    Network,
)
from monitor.core.search.nodes import Query

ALL = Query()


TEXT = "He is walking again, and it is a miracle."


def test_a_quoted_post_does_not_replace_what_its_network_gave(newsroom, make):
    whole = make.draft(7, "All of the post, to its end", network=Network.X, source="@who", text_from=TextFrom.POST)
    article = make.draft(1, "Article", text_from=TextFrom.PAGE)
    newsroom.store.import_mentions([whole, article], make.alone, now=make.NOW)
    cut = make.draft(
        7, "All of the post", network=Network.X, source="@who", text_from=TextFrom.POST, found_on=article.identity
    )
    assert newsroom.store.import_mentions([cut], make.alone, now=make.NOW) == ()
    found = {mention.identity: mention for mention in newsroom.store.search(ALL)}
    assert found[whole.identity].text == whole.text
    assert found[whole.identity].found_on_id == found[article.identity].id


def test_an_import_twice_adds_nothing(store, make):
    drafts = [make.draft(number, f"Text {number}", text_from=TextFrom.IMPORT) for number in range(30)]
    assert len(set(store.import_mentions(drafts, make.alone, now=make.NOW))) == 30
    assert store.import_mentions(drafts, make.alone, now=make.NOW) == ()
    assert store.count(ALL) == 30


def test_many_mentions_of_one_second_get_ids_of_their_own(store, make):
    drafts = [make.draft(number, f"Text {number}") for number in range(3000)]
    ids = store.import_mentions(drafts, make.alone, now=make.NOW)
    assert len(set(ids)) == 3000
    assert {key >> 20 for key in ids} == {int(make.NOW.timestamp())}


def test_a_better_date_is_taken_and_the_id_stays(store, make):
    undated = make.draft(1, "Text", published=None, date_confidence=DateConfidence.NONE)
    (key,) = store.import_mentions([undated], make.alone, now=make.NOW)
    assert store.mention(key).published == make.NOW
    dated = make.draft(1, "Text", hours=48)
    assert store.import_mentions([dated], make.alone, now=make.NOW) == ()
    mention = store.mention(key)
    assert (mention.published, mention.date_confidence) == (make.NOW - timedelta(hours=48), DateConfidence.EXACT)
    assert store.import_mentions([undated], make.alone, now=make.NOW) == ()
    assert store.mention(key) == mention


def test_one_item_about_two_studies_is_two_mentions(newsroom, make):
    one = make.draft(1, TEXT)
    plan = newsroom.plan(one)
    newsroom.store.save_poll(plan, {one.identity: [one, replace(one, study_id="other")]}, make.alone)
    assert {mention.study_id for mention in newsroom.store.search(ALL)} == {make.STUDY, "other"}


def test_text_no_database_can_hold_is_kept_in_place(store, make):
    text = "a\x00b \ud800 walking again"
    draft = replace(make.draft(1, text), assessment=make.assessed(make.flag(text, "walking again")))
    (key,) = store.import_mentions([draft], make.alone, now=make.NOW)
    mention = store.mention(key)
    assert mention.text == "a\ufffdb \ufffd walking again"
    span = mention.flags[0].flag.span
    assert mention.text[span.start : span.end] == span.quote
    assert store.import_mentions([draft], make.alone, now=make.NOW) == ()
