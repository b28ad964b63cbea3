"""The laws of a PostSource, for every search without a charge: no answer makes it raise, and none brings too many rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feed import FeedForPoll, Fetched, ParsedFeed
from monitor.core.model import FeedKind, Outcome
from monitor.sources.connector import Setup
from monitor.sources.networks.bluesky import BlueskySearch
from monitor.sources.networks.hackernews import HackerNewsSearch
from monitor.sources.networks.mastodon import MastodonSearch

NOW = datetime(2026, 3, 24, 12, tzinfo=UTC)
KEYS = [
    "hits", "nbPages", "objectID", "author", "created_at_i", "posts", "cursor", "uri", "record", "createdAt", "text",
    "accessJwt", "refreshJwt", "statuses", "id", "account", "acct", "content", "mentions", "tags", "url",
    "configuration", "timelines_access", "hashtag_feeds", "local", "remote", "error", "message", "deleted",
]  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["\ud800", "at://did:plc:a/app.bsky.feed.post/1", "disabled", "ExpiredToken", "2026-03-24T11:00:00Z"])
    | st.text(max_size=5)
)  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, min_size=1, max_size=6),
    max_leaves=30,
)
STATUS = {"id": "\ud800", "account": {"acct": "\ud800"}, "content": "\ud800", "uri": "\ud800"}
VIEW = {"uri": "at://a/app.bsky.feed.post/\ud800", "author": {}, "record": {"text": "\ud800"}}


class Says:
    """A door behind which every request is answered with the next document, the last for ever."""

    def __init__(self, *documents, status=200):
        self.documents, self.status = list(documents), status

    def request(self, _method, url, *, headers=None, content=b""):
        document = self.documents.pop(0) if len(self.documents) > 1 else self.documents[0]
        outcome = Outcome.FETCHED if self.status == 200 else Outcome.HARD
        body = json.dumps(document).encode()
        return Fetched(url=url, final_url=url, outcome=outcome, status=self.status, headers={}, body=body, sentence="No.")  # fmt: skip


def searches(door):
    common = {"door": door, "clock": lambda: NOW, "study_of": None, "stored": None}
    feed = FeedForPoll(id=1, kind=FeedKind.HACKERNEWS_SEARCH, url="Keio iPS")
    mastodon = MastodonSearch(Setup(own={"servers": "a.example,b.example", "token": "t"}, **common))
    bluesky = BlueskySearch(Setup(own={"handle": "h", "password": "p"}, address="https://pds.example", **common))
    yield HackerNewsSearch(Setup(address="https://hn.example", **common)), feed
    yield bluesky, feed
    yield mastodon, feed
    yield mastodon, replace(feed, url="#iPSC", cursor='{"https://a.example": "1"}')


@given(st.lists(DOCUMENTS, min_size=1, max_size=4), st.sampled_from([200, 400, 401, 403]), st.integers(-1, 120))
def test_no_answer_raises_or_brings_too_many_rows(documents, status, rows_left):
    for search, feed in searches(Says(*documents, status=status)):
        parsed = search.read(feed, rows_left=rows_left)
        assert isinstance(parsed, ParsedFeed)
        assert len(parsed.entries) <= max(rows_left, 0)
        assert parsed.outcome is Outcome.FETCHED or parsed.problem, "every ending has its sentence"
        json.dumps([parsed.problem, parsed.cursor], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "document",
    [
        {"posts": [VIEW], "cursor": "\ud800", "accessJwt": "\ud800", "refreshJwt": "\ud800"},
        {"statuses": [STATUS] * 40},
        [STATUS] * 40,
        {"hits": [{"objectID": "\ud800", "author": "\ud800"}], "nbPages": 9},
    ],
)
def test_broken_characters_in_what_is_sent_back_do_not_raise(document):
    for search, feed in searches(Says(document)):
        parsed = search.read(feed, rows_left=400)
        json.dumps([parsed.cursor, [entry.text for entry in parsed.entries]], ensure_ascii=False).encode()
