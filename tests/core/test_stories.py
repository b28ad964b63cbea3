"""Which texts carry the same news: pairs written for this, hard ones among them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.judgement import Assessment
from monitor.core.mention import MentionDraft, Relevance, StoryMember, TextFrom
from monitor.core.model import Entry
from monitor.core.stories import assign

AT = datetime(2025, 3, 24, 7, tzinfo=UTC)
TEXT = (
    "A paralysed man can stand on his own after an injection of neural stem cells, researchers in Tokyo told a press "
    "conference on Friday. Another of the four volunteers can move his arms and legs. The two others showed no "
    "substantial improvement, and outside experts ask for larger trials with controls."
)
POST = 'Breaking barriers! A paralyzed man is walking again thanks to "reprogramming" in Japan'


def draft(title, text="", at=AT, because=("iPS", "Keio", "spinal cord", "慶応", "脊髄損傷")):
    return MentionDraft(
        study_id="s",
        identity="i",
        entry=Entry(guid=None, url=None, title=title, text=text, source="x", published=at),
        title=title,
        text=text,
        text_from=TextFrom.FEED,
        lang="en",
        relevance=Relevance(verdict="about", because=because),
        assessment=Assessment(flags=(), caveats_present=(), caveats_missing=(), score=0, ruleset=""),
    )


def member(title, text="", story=1, at=AT):
    return StoryMember(mention_id=story, story_id=story, title=title, text=text, published=at, lang="en")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A", TEXT), ("Quite another headline", "By our staff. " + TEXT + " Subscribe now.")),
        (("A", TEXT), ("B", TEXT.partition("The two others")[0] + "He is 55 years old and lives in Chiba.")),
        (("", POST + " https://t.co/a #Miracle"), ("", f"RT @someone: {POST} https://t.co/b")),
        (("Paralysed man walks again after stem-cell shot", ""), ("Man with paralysis can walk again following stem cell injection", "")),
        (("First-ever stem cell therapy helps paralyzed man stand", ""), ("Stem cell therapy helps paralysed man to stand in world first", "")),
        (("Two of four patients improve in spinal cord iPS cell trial", ""), ("Spinal cord iPS trial: two of four patients show improvement", "")),
        (("iPS細胞で脊髄損傷改善、1人は立てるように 慶応大が発表", ""), ("脊髄損傷にiPS細胞移植、1人が自力で立てる 慶応大チーム発表", "")),
        (("", "慶応大のチームは、iPS細胞から作った細胞を移植する臨床研究で4人のうち2人の運動機能が改善したと発表した。"), ("続報", "慶応大のチームは、iPS細胞から作った細胞を移植する臨床研究で4人のうち2人の運動機能が改善したと発表した。専門家は慎重だ。")),
    ],
)  # fmt: skip
def test_copies_and_paraphrases_are_one_story(one, other):
    assert assign(draft(*one), [member(*other)]) == 1
    assert assign(draft(*other), [member(*one)]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paralysed man stands after iPS treatment, Keio team says", "Japan's health ministry approves expansion of Keio iPS spinal cord trial"),
        ("Paralysed man stands again after stem-cell injection", "Keio spin-off seeks approval for stem-cell injection by 2027"),
        ("Experts warn against hype over Keio spinal cord trial", "Keio spinal cord trial wins national science prize"),
        ("Keio iPS spinal cord study: remember n=4 and no controls", "Keio iPS spinal cord study cures paralysis! Amazing"),
        ("iPS細胞で脊髄損傷患者の運動機能が改善 慶応大", "iPS細胞の脊髄損傷治験、第2段階を申請 慶応大"),
        ("iPS細胞で脊髄損傷患者が歩行可能に 慶応大", "iPS細胞による角膜移植、大阪大が承認申請"),
    ],
)  # fmt: skip
def test_other_news_about_the_same_study_is_another_story(one, other):
    assert assign(draft(one), [member(other)]) is None
    assert assign(draft(other), [member(one)]) is None


def test_the_most_alike_story_wins():
    members = [
        member("Stem cell therapy helps paralysed man to stand in world first", story=3),
        member("A", TEXT, story=2),
        member("Unrelated news of pigs and hearts in the city of Boston", story=1),
    ]
    assert assign(draft("Stem cell therapy helps paralysed man to stand", TEXT), members) == 2
    assert assign(draft("Nothing of this"), members) is None
    assert assign(draft("x"), []) is None


def test_a_paraphrase_weeks_later_is_other_news_and_a_copy_is_not():
    later = AT + timedelta(days=20)
    assert assign(draft("Man with paralysis can walk again following stem cell shot", at=later), [member("Paralysed man walks again after stem-cell shot")]) is None  # fmt: skip
    assert assign(draft("Other", TEXT, at=later), [member("A", TEXT)]) == 1
    assert assign(draft("Other", TEXT, at=None), [member("A", TEXT)]) == 1


def test_words_that_all_stories_share_do_not_join_them():
    kinds = (
        "approval filed",
        "patients recruited",
        "prize awarded",
        "experts sceptical",
        "costs debated",
        "mice treated",
    )
    members = [member(f"Stem cell trial for paralysis in Japan: {kind}", story=at) for at, kind in enumerate(kinds)]
    assert assign(draft("Stem cell trial for paralysis in Japan: website hacked", because=()), members) is None
    assert assign(draft("Stem cell trial for paralysis in Japan: experts are sceptical", because=()), members) == 3


def test_the_answer_does_not_depend_on_the_order_of_equal_text():
    members = [member("A", TEXT, story=story) for story in (5, 4)]
    assert assign(draft("A", TEXT), members) == 5  # of equals the newest, which comes first


def test_a_thousand_members_are_compared_in_time():
    members = [member(f"Title {at} of a text", TEXT[at % 50 :] + f" {at}" * 5, story=at) for at in range(1000)]
    started = time.process_time()
    assign(draft("Something else", "entirely " * 300), members)
    first = time.process_time() - started
    assign(draft("Something else again", "entirely " * 300), members)
    assert first < 3
    assert time.process_time() - started - first < 0.3  # the members' words are remembered
