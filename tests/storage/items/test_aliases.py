"""Items under several names: what two that turn out to be one keep, and that nothing of a withdrawn one is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.items.aliases import names_of
from monitor.core.mention import Review, TextFrom, Verdict
from monitor.core.model import Kind, Network
from monitor.core.search.nodes import Query
from monitor.storage.backup import backup, restore
from monitor.storage.database import Database
from monitor.storage.items.aliases import put_stored
from monitor.storage.tables import names

ALL = Query()
TEXT = "The man who could not move is walking again, and his doctor is proud of it."
HOUR = timedelta(hours=1)


@pytest.fixture
def db(store, database_url):
    opened = Database(database_url)
    yield opened
    opened.close()


def noted(db):
    with db.read() as conn:
        return {(row.name, row.identity, row.sure) for row in conn.execute(sa.select(names))}


def two(newsroom, make):
    """An article under two addresses, an hour apart: two mentions, for neither page was read."""
    for number in (1, 2):
        one = make.draft(number, TEXT, "walking again", title="He walks again in Tokyo", hours=3 - number)
        newsroom.poll(one, now=make.NOW + number * HOUR)
    first, second = sorted(newsroom.store.search(ALL), key=lambda mention: mention.identity)
    return first, second


def told(make, number=2, canonical="https://example.org/1"):
    """What the page of the second says: that the first is its own address."""
    draft = make.draft(number, TEXT, "walking again", title="He walks again in Tokyo", text_from=TextFrom.PAGE)
    return named(draft, canonical_url=canonical)


def named(draft, **changes):
    """The draft with changes, and the names that follow from them."""
    draft = replace(draft, **changes)
    return replace(draft, names=names_of(draft.entry, draft.identity, text=draft.text, canonical=draft.canonical_url))


def test_what_was_decided_told_and_quoted_goes_to_the_one_that_stays(newsroom, make):
    store = newsroom.store
    first, second = two(newsroom, make)
    verdict = Review(flag_id=second.flags[0].id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW, why="fair")
    store.review(verdict)
    store.review(replace(verdict, flag_id=first.flags[0].id, by="jo", verdict=Verdict.UPHELD, at=make.NOW - HOUR))
    post = make.draft(3, "Quoted", network=Network.X, source="@a", found_on=second.identity, text_from=TextFrom.POST)
    store.import_mentions([post], make.alone, now=make.NOW)
    person = newsroom.subscribe()
    frozen = newsroom.freeze(person, now=make.NOW + 3 * HOUR)
    assert len(store.digest_mentions(frozen.id)) == 3
    store.import_mentions([told(make)], make.alone, now=make.NOW + 3 * HOUR)
    kept, quoted = sorted(store.search(ALL), key=lambda mention: mention.identity)
    assert (kept.id, kept.identity, kept.url, kept.first_seen) == (
        first.id,
        first.identity,
        first.url,
        first.first_seen,
    )
    assert store.mention(second.id).id == kept.id
    assert [revision.text for revision in store.revisions(second.id)] == [TEXT]
    assert quoted.found_on_id == kept.id
    (flag,) = store.mention(kept.id).flags
    assert flag.review == "dismissed"
    # A mail may hold the number of the flag that went.
    assert store.flag(second.flags[0].id).id == flag.id
    assert {(review.by, review.verdict) for review in store.reviews(flag.id)} == {("ed", "dismissed"), ("jo", "upheld")}
    assert store.digest_input(person, make.NOW + 4 * HOUR).mentions == ()
    assert {mention.id for mention in store.digest_mentions(frozen.id)} == {kept.id, quoted.id}
    assert sorted(story.size for story in store.stories(ALL)) == [1, 1]
    assert store.count(ALL) == 2


def test_numbers_of_flags_lead_on_from_mention_to_mention(newsroom, make):
    """The flag's mention goes into another, and that one into a third; SQLite may give its number again meanwhile."""
    store = newsroom.store
    _, second = two(newsroom, make)
    told_of = second.flags[0]
    store.import_mentions([told(make)], make.alone, now=make.NOW + 3 * HOUR)
    late = make.NOW + 4 * HOUR
    other = make.draft(7, "Others are walking again too.", "walking again")
    newsroom.poll(other, now=late)
    earlier = make.draft(0, TEXT, "walking again", title="He walks again in Tokyo", hours=9)
    newsroom.poll(earlier, now=make.NOW)
    store.import_mentions([told(make, 1, "https://example.org/0")], make.alone, now=late)
    kept = next(mention for mention in store.search(ALL) if mention.text == TEXT)
    assert [flag.id for flag in kept.flags] == [store.flag(told_of.id, as_of=make.NOW + 3 * HOUR).id]
    store.purge(kept.id, now=late)
    with pytest.raises(NotFoundError):
        store.flag(told_of.id, as_of=make.NOW + 3 * HOUR)


def test_a_digest_that_told_of_the_second_alone_told_of_it(newsroom, make):
    store = newsroom.store
    first = make.draft(1, TEXT, title="He walks again in Tokyo")
    second = make.draft(2, TEXT, title="He walks again in Tokyo")
    newsroom.poll(second, now=make.NOW + HOUR)
    person = newsroom.subscribe()
    newsroom.freeze(person, now=make.NOW + HOUR)
    newsroom.poll(first)
    assert len(store.digest_input(person, make.NOW + 2 * HOUR).mentions) == 1
    store.import_mentions([told(make)], make.alone, now=make.NOW + 2 * HOUR)
    assert store.digest_input(person, make.NOW + 3 * HOUR).mentions == ()


def test_each_address_is_known_and_repeats_change_nothing(newsroom, make, db):
    store = newsroom.store
    two(newsroom, make)
    for _ in range(2):
        store.import_mentions([told(make)], make.alone, now=make.NOW)
        (kept,) = store.search(ALL)
        before = noted(db)
        assert ("url:example.org/2", "url:example.org/1", True) in before
    again = make.draft(2, f"{TEXT} Edited.", title="He walks again in Tokyo")
    outcome = newsroom.poll(again, now=make.NOW + 5 * HOUR)
    assert (outcome.new, outcome.changed) == (0, 1)
    (now,) = store.search(ALL)
    assert (now.id, now.text, now.revision) == (kept.id, TEXT, kept.revision)
    assert noted(db) == before


def test_a_withdrawal_takes_both_with_all_names_and_a_restore_brings_none_back(
    newsroom, make, db, database_url, tmp_path
):
    store = newsroom.store
    first, second = two(newsroom, make)
    backup(database_url, tmp_path / "saved.db")
    store.import_mentions([told(make)], make.alone, now=make.NOW)
    (kept,) = store.search(ALL)
    assert kept.id == first.id
    store.purge(second.id, now=make.NOW)  # a mail may hold the number of the one that went into the other
    assert noted(db) == set()
    with pytest.raises(NotFoundError):
        store.mention(second.id)
    later = make.NOW + 9 * HOUR
    for number, canonical in ((1, None), (2, None), (3, "https://example.org/1"), (4, "https://example.org/2")):
        draft = named(told(make, number), canonical_url=canonical)
        assert store.import_mentions([draft], make.alone, now=later) == ()
    for number in (1, 2):
        assert newsroom.poll(make.draft(number, "Other words"), now=later).new == 0
    restore(tmp_path / "saved.db", database_url)
    assert store.search(ALL) == ()
    assert newsroom.poll(make.draft(2, "Other words"), now=later + HOUR).new == 0


def test_the_page_alone_tells_that_it_was_withdrawn_before(newsroom, make):
    """Under its own address nobody knew it; what its feed brought of it goes as well."""
    store = newsroom.store
    first, _ = two(newsroom, make)
    store.purge(first.id, now=make.NOW)
    third = told(make, 3)
    outcome = newsroom.poll(named(third, canonical_url=None), now=make.NOW + 4 * HOUR, pages=[third.identity])
    assert store.count(ALL) == 2
    page = store.claim_page(outcome.pages_due[0], "me", make.NOW + 4 * HOUR, HOUR)
    quoted = make.draft(5, "Quoted", network=Network.X, source="@a", found_on=third.identity, text_from=TextFrom.POST)
    wrote = store.save_page(page, [third, quoted], make.alone, now=make.NOW + 4 * HOUR, next_due=None, sentence="Read.")
    assert wrote == ()
    assert [mention.identity for mention in store.search(ALL)] == ["url:example.org/2"]
    assert newsroom.poll(third, now=make.NOW + 5 * HOUR).new == 0


def test_what_was_stored_before_there_were_names_gets_them(newsroom, make, db):
    store = newsroom.store
    url = "https://mas.example/@ada/115012345678901234"
    post = make.draft(7, TEXT, network=Network.MASTODON, source="@ada@mas.example", url=url, text_from=TextFrom.POST)
    newsroom.poll(post, told(make))
    plan = newsroom.plan(make.draft(6, f"About nothing. {TEXT}", network=Network.X, source="@bob"))
    store.save_poll(plan, {}, make.alone)
    before = noted(db)
    kinds = {name.partition(":")[0] for name, _, _ in before}
    assert kinds == {"status", "mastodon", "said", "url"}
    with db.write() as conn:
        conn.execute(sa.delete(names))
        put_stored(conn)
    assert noted(db) == before


def test_an_entry_is_known_by_its_other_name_as_of_another_feed(newsroom, make):
    url = "https://bsky.app/profile/ada.example/post/3lkabcdefgh2x"
    uri = "bluesky:at://did:plc:ada/app.bsky.feed.post/3lkabcdefgh2x"
    post = make.draft(1, TEXT, network=Network.BLUESKY, source="@ada.example", guid=uri, url=None, kind=Kind.POST)
    newsroom.poll(named(post, identity=uri))
    asked = ["bluesky:ada.example/3lkabcdefgh2x", f"url:{url.removeprefix('https://')}"]
    (known,) = newsroom.store.known_entries(newsroom.feed_id, [], asked)
    assert (known.identity, known.same_feed, known.guid) == (asked[0], False, None)


def test_no_name_holds_words(newsroom, make, db):
    post = make.draft(1, f"zyxcanary {TEXT} https://t.co/zyxcanary1", network=Network.X, source="@zyxcanary")
    newsroom.poll(post)
    assert {name.partition(":")[0] for name, _, _ in noted(db)} == {"said", "short"}
    assert not any("zyxcanary" in name for name, _, _ in noted(db))
