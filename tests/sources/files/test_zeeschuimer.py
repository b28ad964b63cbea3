"""Items that a browser extension saved, each network's in its own shape."""

from __future__ import annotations

import pytest

from monitor.sources.files.zeeschuimer import NotReadError, is_item, read_item

SECONDS = 1742810400


def item(platform: str, data: dict) -> dict:
    return {"source_platform": platform, "item_id": "1", "data": data}


def tweet(text: str = "He stands.", **legacy) -> dict:
    return {
        "rest_id": "1904000000000000001",
        "core": {"user_results": {"result": {"core": {"screen_name": "ada"}}}},
        "legacy": {"full_text": text, "created_at": "Mon Mar 24 10:00:00 +0000 2025", "lang": "en", **legacy},
    }


def test_an_item_is_known_by_its_frame():
    assert is_item(item("x.com", {}))
    assert is_item({"__import_meta": {"source_platform": "x.com"}, "rest_id": "1"})
    assert not is_item({"data": "words", "item_id": "1"})
    assert not is_item({"text": "He stands."})


@pytest.mark.parametrize("platform", ["twitter.com", "x.com", "www.X.com"])
def test_a_post_on_x(platform: str):
    found = read_item(item(platform, tweet("He &amp; she stand.")))
    assert (found["external_id"], found["author"], found["text"], found["url"]) == (
        "1904000000000000001", "ada", "He & she stand.", "https://x.com/ada/status/1904000000000000001",
    )  # fmt: skip


def test_4cat_hands_the_same_on_in_another_frame():
    data = tweet()
    assert read_item({**data, "__import_meta": {"source_platform": "x.com"}}) == read_item(item("x.com", data))


def test_a_repost_has_the_whole_words_of_what_it_repeats():
    again = tweet("RT @bob: He sta…", retweeted_status_result={"result": {"tweet": tweet("He stands with support.")}})
    assert read_item(item("x.com", again))["text"] == "RT @ada: He stands with support."


@pytest.mark.parametrize(
    ("platform", "data", "url"),
    [
        (
            "tiktok.com",
            {"id": "7", "author": {"uniqueId": "ada"}, "desc": "He stands.", "createTime": SECONDS},
            "https://www.tiktok.com/@ada/video/7",
        ),
        (
            "instagram.com",
            {"code": "C7", "user": {"username": "ada"}, "caption": {"text": "He stands."}, "taken_at": SECONDS},
            "https://www.instagram.com/p/C7",
        ),
        (
            "threads.net",
            {"code": "C7", "user": {"username": "ada"}, "caption": {"text": "He stands."}, "taken_at": SECONDS},
            "https://www.threads.com/@ada/post/C7",
        ),
        (
            "truthsocial.com",
            {"id": "7", "account": {"username": "ada"}, "content": "<p>He stands.</p>", "created_at": "2025-03-24"},
            "https://truthsocial.com/@ada/7",
        ),
    ],
)
def test_other_networks(platform, data, url):
    found = read_item(item(platform, data))
    assert (found["text"], found["author"], found["url"]) == ("He stands.", "ada", url)


def test_a_number_of_linkedin_tells_its_time():
    number = (SECONDS * 1000) << 22
    data = {
        "updateMetadata": {"urn": f"urn:li:fsd_update:(urn:li:activity:{number},FEED)"},
        "actor": {"navigationContext": {"actionTarget": "https://www.linkedin.com/in/ada?x=1"}},
        "commentary": {"text": {"text": "He stands."}},
    }
    found = read_item(item("linkedin.com", data))
    assert (found["published"], found["author"]) == (str(SECONDS * 1000), "ada")


@pytest.mark.parametrize(
    ("platform", "data", "said"),
    [
        ("pinterest.com", {"id": "7"}, "pinterest.com, which is not read"),
        ("", {"id": "7"}, "a network without a name"),
        ("tiktok.com", {"id": "7", "desc": "He stands."}, "without its author and published"),
        ("gab.com", {"type": "comment"}, "is a comment of gab.com, not a post"),
        ("instagram.com", {"code": "C7", "user": "ada", "caption": None}, "without its text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(platform, data, said):
    with pytest.raises(NotReadError, match=said):
        read_item(item(platform, data))
