"""Stories as they are stored."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.search.nodes import Query

ALL = Query()


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


def test_assign_sees_the_newest_members_first_and_those_of_the_same_batch(store, make):
    seen = []

    def watch(draft, members):
        seen.append((draft.identity[-1], [member.text for member in members]))
        return members[0].story_id if members else None

    store.import_mentions([make.draft(1, "one", hours=2)], watch, now=make.NOW)
    store.import_mentions([make.draft(3, "three"), make.draft(2, "two", hours=1)], watch, now=make.NOW)
    assert seen == [("1", []), ("2", ["one"]), ("3", ["two", "one"])]
    assert [story.size for story in store.stories(ALL)] == [3]
