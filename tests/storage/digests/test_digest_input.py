"""What a digest is composed from."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.digests.digest import DigestInput, FeedHealth, FixedFlag, StoryLine
from monitor.core.mention import Review, Verdict
from monitor.core.model import Network, Outcome
from monitor.core.search.query import Query

ALL = Query()


MINUTE = timedelta(minutes=1)


DAY = timedelta(days=1)


TEXT = "He is walking again."


def test_a_digest_is_given_all_it_is_composed_from(newsroom, make):
    store = newsroom.store
    one = make.draft(1, TEXT, "walking again", title="First", hours=5)
    two = make.draft(2, TEXT, title="Copy", hours=2, source="other.example.org")
    newsroom.poll(one, two, assign=make.same_words, title="The feed", now=make.NOW - 2 * DAY)
    subscription = newsroom.subscribe(now=make.NOW - 2 * DAY + 2 * MINUTE)
    newsroom.poll(outcome=Outcome.TEMPORARY, sentence="No connection.", now=make.NOW)
    store.spend("x", 7, make.NOW)
    store.spend("x", 5, make.NOW - timedelta(days=40))
    found = store.search(ALL)
    story = found[0].story_id
    given = store.digest_input(subscription, make.NOW)
    assert given == DigestInput(
        mentions=tuple(found),
        stories={
            story: StoryLine(
                id=story,
                title="First",
                members=2,
                new=2,
                first_source="Example.Org",
                first_at=make.NOW - timedelta(hours=5),
            )
        },
        fixed=(),
        feeds=(
            FeedHealth(
                title="The feed",
                last_success_at=make.NOW - 2 * DAY,
                problem="No connection.",
                network="web",
                read=1,
            ),
        ),
        since=make.NOW - 3 * DAY + 2 * MINUTE,
        daily=(0,) * 27 + (2,),
        daily_flagged=(0,) * 27 + (1,),
        spent={"x": 7},
        first=True,
    )


def test_what_was_there_long_before_the_subscription_is_not_told(newsroom, make):
    newsroom.poll(make.draft(1, TEXT), now=make.NOW - 3 * DAY)
    newsroom.poll(make.draft(2, TEXT), now=make.NOW - timedelta(hours=5))
    given = newsroom.store.digest_input(newsroom.subscribe(), make.NOW)
    assert [mention.identity[-1] for mention in given.mentions] == ["2"]


def test_a_corrected_flag_is_told_once(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again", title="T"))
    subscription = newsroom.subscribe()
    newsroom.freeze(subscription)
    (mention,) = newsroom.store.search(ALL)
    later = make.NOW + timedelta(hours=5)
    newsroom.poll(make.draft(1, "He stands.", title="T"), now=later)
    tomorrow = make.NOW + DAY
    given = newsroom.store.digest_input(subscription, tomorrow)
    (closed,) = newsroom.store.mention(mention.id).flags
    assert given.fixed == (
        FixedFlag(
            flag=closed,
            mention_id=mention.id,
            source="Example.Org",
            title="T",
            url="https://example.org/1",
            network=Network.WEB,
            lang="en",
        ),
    )
    assert given.mentions == ()
    assert given.since == make.NOW
    newsroom.freeze(subscription, now=tomorrow)
    assert newsroom.store.digest_input(subscription, tomorrow + DAY).fixed == ()


def test_a_dismissed_flag_is_not_told_as_corrected(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again"))
    (mention,) = newsroom.store.search(ALL)
    newsroom.store.review(Review(flag_id=mention.flags[0].id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW))
    newsroom.poll(make.draft(1, "He stands."), now=make.NOW + MINUTE)
    assert newsroom.store.digest_input(newsroom.subscribe(), make.NOW + DAY).fixed == ()
