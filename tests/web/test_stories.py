"""Pages of stories: the list, one story, and their files."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.items.lineage import How, Telling
from monitor.core.search.nodes import Query
from monitor.web.app import build_app
from monitor.web.stories import DEPTH_MOST, TREE_MOST, tree_of
from tests.web.conftest import NOW, SCRIPT, WALKS, Browser, Document, draft, one_story


def by_size(service):
    return sorted(service.store.stories(Query()), key=lambda story: (-story.size, story.id))


@pytest.fixture
def story(seeded):
    """Three tell it: the second copies and leaves out a caveat, the third adds something."""
    far = draft("later", "Cured, says he", f"{WALKS} He is cured.", "is cured", published=NOW - timedelta(hours=1))
    bare = draft("bare", "Man walks", f"{WALKS} And so on.", published=NOW - timedelta(hours=2))
    missing = replace(bare.assessment, caveats_missing=("small-study",))
    seeded.store.import_mentions([replace(bare, assessment=missing), far], one_story, now=NOW)
    return by_size(seeded)[0]


def test_the_list_tells_who_said_it_first_and_leads_to_each(browser, story):
    got = browser("/stories")
    page = Document(got.text)
    assert got.status == 200
    assert f"/stories/{story.id}" in [link.get("href") for link in page.all("a")]
    assert "First said by" in page.words
    assert "outcome overstated" in page.words
    assert SCRIPT not in got.text
    assert ("Stories", "page") in [
        ("Stories", link.get("aria-current")) for link in page.all("a") if link.get("href") == "/stories"
    ]


def test_a_search_finds_stories_by_what_one_of_their_mentions_says(browser, story):
    page = Document(browser("/stories?q=%22is+cured%22").text)
    assert "1 story" in page.words
    assert f"/stories/{story.id}" in [link.get("href") for link in page.all("a")]
    nothing = Document(browser("/stories?q=zebra").text)
    assert "No story has such a text." in nothing.words
    assert "/stories" in [link.get("href") for link in nothing.all("a")]
    wrong = browser("/stories?q=sorce%3Ax")
    assert wrong.status == 400
    assert "This search cannot be read." in wrong.text
    assert browser("/stories?page=0").status == 400
    assert browser("/stories?page=9999").status == 200  # the last one


def test_an_empty_list_says_what_to_do(service):
    page = Document(Browser(build_app(service))("/stories").text)
    assert "No story is told yet." in page.words
    assert "/sources/new" in [link.get("href") for link in page.all("a")]


def test_long_lists_have_pages(seeded):
    many = [
        draft(f"many{number}", f"Number {number}", f"{number:05} Keio iPS news of its own.") for number in range(120)
    ]
    seeded.store.import_mentions(many, one_story, now=NOW)
    browser = Browser(build_app(seeded))
    pages = [Document(browser(f"/stories?q=news&page={number}").text) for number in (1, 2)]
    shown = [{link["href"] for link in page.all("a") if link.get("class") == "open"} for page in pages]
    assert [len(some) for some in shown] == [100, 20]
    assert not shown[0] & shown[1]
    assert any(link.get("rel") == "next" and "q=news&page=2" in link["href"] for link in pages[0].all("a"))


def test_a_story_tells_who_took_it_from_whom_what_came_in_and_what_was_lost(browser, story):
    got = browser(f"/stories/{story.id}")
    page = Document(got.text)
    assert got.status == 200
    assert "First said by First" in page.words
    assert "4 mentions by 4 outlets" in page.words
    assert "said it first" in page.words
    assert "Where it began to go too far" in page.words
    assert "Bare leaves out: small study" in page.words
    assert "leaves out what its source says: small study" in page.words
    assert got.text.count("<ol") == got.text.count("</ol>")
    assert len(re.findall(r"<li[ >]", got.text)) == got.text.count("</li>")
    (chart,) = [tag for tag in page.all("svg") if tag.get("class") == "chart"]
    assert chart["role"] == "img"
    assert "By when" in page.words or "by when they were published" in page.words
    assert SCRIPT not in got.text


def test_what_others_wrote_stays_text(browser, seeded):
    evil = next(story for story in seeded.store.stories(Query()) if SCRIPT in story.title)
    got = browser(f"/stories/{evil.id}")
    assert got.status == 200
    assert SCRIPT not in got.text
    assert "Nobody has told it again so far." in got.text


def test_the_address_of_a_story_that_went_into_another_leads_there_and_says_so(browser, seeded, story):
    before = [found.id for found in by_size(seeded)]
    assert seeded.store.key_stories(_everything(), 100)
    (left,) = seeded.store.stories(Query())
    gone = next(number for number in before if number != left.id)
    got = browser(f"/stories/{gone}")
    assert (got.status, got.headers["location"]) == (301, f"/stories/{left.id}?was={gone}")
    assert f"Story {gone} and this one are the same" in browser(got.headers["location"]).text
    assert json.loads(browser(f"/stories/{gone}.json").text)["id"] == left.id


def _everything():
    return replace(
        one_story, keys=lambda told: one_story.keys(replace(told, text="")), copied=lambda *_: True, version=9
    )


def test_there_is_no_other_story(browser):
    for path in ("/stories/99999", "/stories/99999.json"):
        assert browser(path).status == 404
    assert browser("/stories/0").status == 404
    assert browser("/stories.xlsx").status == 404


def test_files_hold_what_the_page_shows(browser, story):
    rows = json.loads(browser("/stories.json?q=%22is+cured%22").text)["stories"]
    assert [(row["id"], row["mentions"], row["outlets"], row["first_said_by"]) for row in rows] == [
        (story.id, 4, 4, "First")
    ]
    table = list(csv.DictReader(io.StringIO(browser("/stories.csv").text.removeprefix("\ufeff"))))
    assert len(table) == len(json.loads(browser("/stories.json").text)["stories"]) > 3
    assert f"/stories/{story.id}" in browser("/stories.atom").text
    one = json.loads(browser(f"/stories/{story.id}.json").text)
    assert [told["source"] for told in one["told_by"]] == ["First", "Copy", "Bare", "Later"]
    assert one["told_by"][2]["dropped_caveats"] == ["small-study"]
    assert one["more"] == 0


def test_a_mention_leads_to_its_story(browser, seeded, story):
    for mention in seeded.store.search(Query()):
        links = [link.get("href") for link in Document(browser(f"/mentions/{mention.id}").text).all("a")]
        assert f"/stories/{mention.story_id}" in links


def test_a_very_long_story_shows_its_beginning_and_counts_the_rest(seeded):
    many = [
        draft(f"m{number}", f"Copy {number}", WALKS, published=NOW - timedelta(minutes=number))
        for number in range(TREE_MOST + 20)
    ]
    seeded.store.import_mentions(many, one_story, now=NOW)
    story = by_size(seeded)[0]
    got = Browser(build_app(seeded))(f"/stories/{story.id}")
    assert f"{story.size - TREE_MOST} more" in got.text
    assert json.loads(Browser(build_app(seeded))(f"/stories/{story.id}.json").text)["more"] == story.size - TREE_MOST


def test_a_deep_tree_is_nested_so_far_and_then_counted(seeded):
    mention = seeded.store.search(Query(), limit=1)[0]
    tellings = [Telling(mention=mention, how=How.COPIES, hop=hop) for hop in (*range(12), 3, 1, 0)]
    drawn = tree_of(tellings)
    assert [branch.depth for branch in drawn] == [0, 1, 2, 3, 4, 5, *([DEPTH_MOST] * 6), 3, 1, 0]
    opened = sum(branch.opens for branch in drawn)
    assert opened == sum(branch.closes for branch in drawn)
    assert tree_of([]) == []
