"""What a digest is composed from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.core.digests.digest import DigestInput, FeedHealth, FixedFlag, StoryLine
from monitor.core.judgement import Drift
from monitor.core.letters.letter import LetterDraft, LetterState
from monitor.core.mention import Review, Verdict
from monitor.core.model import Network, Outcome
from monitor.core.search.nodes import Query
from monitor.storage.digests import digest_input

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
                first_key="example.org",
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
            source_key="example.org",
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


# --- several at one moment -------------------------------------------------------------------------------------------


def test_those_who_are_to_be_told_the_same_share_it_and_others_do_not(newsroom, make):
    store = newsroom.store
    newsroom.poll(make.draft(1, TEXT, "walking again"), now=make.NOW - 2 * DAY)
    first, second = newsroom.subscribe(), newsroom.subscribe(email="second@example.org", now=make.NOW + MINUTE)
    newsroom.poll(make.draft(2, "New."), now=make.NOW)
    late = newsroom.subscribe(email="late@example.org", now=make.NOW + 2 * DAY)
    newsroom.poll(make.draft(3, "Newer."), now=make.NOW + 2 * DAY)
    told = newsroom.subscribe(email="told@example.org")
    newsroom.freeze(told, now=make.NOW + DAY)

    def numbers(given):
        return sorted(mention.identity[-1] for mention in given.mentions)

    moment = make.NOW + 2 * DAY + MINUTE
    people = (late, first, told, second)
    for order in (people, people[::-1]):
        reading = store.reading(moment)
        inputs = {one.id: reading.input_of(one) for one in order}
        assert [numbers(inputs[one.id]) for one in people] == [["3"], ["2", "3"], ["3"], ["2", "3"]]
        for one in people:
            assert inputs[one.id] == store.digest_input(one, moment)
    # The same mentions, but since another minute: what they share are the mentions themselves.
    assert inputs[first.id] is not inputs[second.id]
    assert inputs[first.id].mentions is inputs[second.id].mentions
    twin = newsroom.subscribe(email="twin@example.org")
    assert reading.input_of(twin) is inputs[first.id]


def test_who_began_later_misses_nothing_when_there_is_more_than_a_digest_holds(newsroom, make, monkeypatch):
    monkeypatch.setattr(digest_input, "MENTIONS_MAX", 2)
    for number in range(1, 6):
        newsroom.poll(make.draft(number, "Words."), now=make.NOW + number * DAY)
    early, late = newsroom.subscribe(), newsroom.subscribe(email="late@example.org", now=make.NOW + 5 * DAY)
    reading = newsroom.store.reading(make.NOW + 6 * DAY)
    found = [[m.identity[-1] for m in reading.input_of(one).mentions] for one in (early, late)]
    assert found == [["2", "1"], ["5", "4"]]


def test_the_usual_day_is_that_of_the_coverage_which_is_wanted(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again"), make.draft(2, TEXT, lang="ja"), now=make.NOW - 2 * DAY)
    reader = newsroom.subscribe()
    for wishes, usual in (
        ({}, (2, 1)),
        ({"languages": ("ja",)}, (1, 0)),
        ({"networks": (Network.X,)}, (0, 0)),
        ({"drifts": (Drift.NUMBER_ERROR,)}, (2, 0)),
    ):
        wanting = replace(reader, wishes=replace(reader.wishes, **wishes))
        given = newsroom.store.digest_input(wanting, make.NOW)
        assert (sum(given.daily), sum(given.daily_flagged)) == usual, wishes


def test_that_they_were_asked_for_a_correction_stands_beside_it(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again", title="T"))
    subscription = newsroom.subscribe()
    newsroom.freeze(subscription)
    store, (mention,) = newsroom.store, newsroom.store.search(ALL)
    draft = LetterDraft(
        study_id=make.STUDY,
        mention_id=mention.id,
        source_id=mention.source.id,
        flag_ids=(mention.flags[0].id,),
        language="en",
        recipient="",
        subject="s",
        body="b",
    )
    letter = store.draft_letter(draft, by="ada", now=make.NOW)
    store.step_letter(letter.id, LetterState.ASKED, by="ada", now=make.NOW + MINUTE)
    newsroom.poll(make.draft(1, "He stands.", title="T"), now=make.NOW + timedelta(hours=5))
    (fixed,) = store.digest_input(subscription, make.NOW + DAY).fixed
    assert fixed.asked_at == make.NOW + MINUTE
