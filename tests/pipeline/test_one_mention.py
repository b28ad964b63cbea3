"""The same item by every road on which it can come: search, stream, embed, feed, file, address. It is one mention."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from monitor.core.identity import entry_identity
from monitor.core.model import Fetched, Outcome
from monitor.core.query import Query
from monitor.core.stories import assign
from monitor.pipeline.imports import import_lines
from monitor.pipeline.judge import draft_entry
from monitor.pipeline.poll import add_address, page_drafts, page_entry
from monitor.service import Service
from monitor.settings import load
from monitor.sources import bluesky, hackernews, mastodon, reddit, xpayload
from monitor.sources.feeds import parse_feed
from monitor.sources.page import read_page

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
DATE = "2025-03-24T08:00:00Z"
X_ID, AT_URI = "1904100000000000001", "at://did:plc:ada/app.bsky.feed.post/3k"
MAS_URI = "https://mas.example/users/ada/statuses/112233445566778899"
ARTICLE = "https://www.lantern.example/news/walks"


@pytest.fixture
def world(sqlite_url, tmp_path, clock):
    named = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url, "HYPEWATCH_SECRET_KEY": "k"}
    service = Service(load(named), clock=clock)
    yield service.world
    service.store.close()


def keep(world, entry):
    drafts, _ = draft_entry(world.library.current(), entry, entry_identity(entry))
    world.store.import_mentions(drafts, assign, now=world.clock())


def said(read_posts, payload):
    """As a connector hands it on."""

    def road(world):
        (post,) = read_posts(payload)
        keep(world, post.as_entry())

    return road


def answered(url, body, content_type):
    return Fetched(url=url, final_url=url, outcome=Outcome.FETCHED, status=200, headers={"content-type": content_type}, body=body.encode(), sentence="")  # fmt: skip


def fed(items, url="https://any.example/feed", head=""):
    """As a feed brings it."""

    def road(world):
        body = f"<rss version='2.0'><channel><title>F</title><link>https://any.example/</link>{head}{items}</channel></rss>"
        (entry,) = parse_feed(answered(url, body, "application/rss+xml"), now=world.clock()).entries
        keep(world, entry)

    return road


def filed(line, form="jsonl"):
    """As a file brings it."""

    def road(world):
        lines = [line if isinstance(line, str) else json.dumps(line)]
        result = import_lines(world, "\n".join(lines).splitlines(keepends=True), name="file", form=form)
        assert (result.read, result.written + result.known) == (1, 1)

    return road


def quoted(embed):
    """As a page quotes it; the page itself is no mention of its own here."""

    def road(world):
        body = f"<html lang='en'><body><article><h1>Reactions</h1><p>{HYPE} So they say, and others do not.</p>{embed}</article></body></html>"
        page, sentence = read_page(answered("https://page.example/a", body, "text/html"), now=world.clock())
        assert page is not None, sentence
        entry = page_entry(page)
        drafts = page_drafts(world, entry, entry_identity(entry), page)
        posts = [draft for draft in drafts if draft.found_on]
        assert len(posts) == 1
        world.store.import_mentions(posts, assign, now=world.clock())

    return road


def added(html_head, url):
    """As somebody reports it who read it at another address."""

    def road(world):
        body = f"<html lang='en'><head>{html_head}</head><body><article><h1>He walks</h1><p>{HYPE}</p></article></body></html>"

        class Pages:
            def read(self, asked):
                return read_page(answered(asked, body, "text/html"), now=world.clock())[0], answered(asked, body, "")

        add_address(replace(world, pages=Pages()), url)

    return road


TWEET = {"id": X_ID, "text": HYPE, "author_id": "7", "created_at": DATE}
OLD_TWEET = {"id_str": X_ID, "full_text": HYPE, "user": {"screen_name": "ada"}, "created_at": "Mon Mar 24 08:00:00 +0000 2025"}  # fmt: skip
TWEET_EMBED = f'<blockquote class="twitter-tweet"><p lang="en">{HYPE}</p>&mdash; Ada (@ada) <a href="https://twitter.com/ada/status/{X_ID}?ref_src=twsrc">March 24, 2025</a></blockquote>'
RECORD = {"text": HYPE, "createdAt": DATE, "langs": ["en"]}
SKEET_EMBED = f'<blockquote class="bluesky-embed" data-bluesky-uri="{AT_URI}"><p lang="en">{HYPE}</p>&mdash; Ada (<a href="https://bsky.app/profile/did:plc:ada?ref_src=embed">@ada.example</a>) <a href="https://bsky.app/profile/did:plc:ada/post/3k?ref_src=embed">March 24, 2025</a></blockquote>'
STATUS = {"uri": MAS_URI, "url": "https://mas.example/@ada/112233445566778899", "content": f"<p>{HYPE}</p>", "created_at": DATE, "language": "en"}  # fmt: skip
HIT = {"objectID": "8863", "author": "ada", "created_at_i": 1742803200, "title": HYPE, "url": ARTICLE}
THREAD = "https://www.reddit.com/r/science/comments/1abc/he_walks/"

ROADS = {
    "x": {
        "search": said(xpayload.read_posts, {"data": [TWEET]}),
        "edited, older API": said(xpayload.read_posts, OLD_TWEET),
        "embed": quoted(TWEET_EMBED),
        "address in a file": filed({"url": f"https://x.com/ada/status/{X_ID}?s=20", "text": HYPE, "kind": "post", "network": "x"}),
        "id in a file": filed({"external_id": X_ID, "text": HYPE, "kind": "post", "network": "x", "source": "@ada"}),
        "4CAT": filed(f"id,thread_id,timestamp,link,body,author\n{X_ID},1,2025-03-24 08:00:00,https://x.com/ada/status/{X_ID},{HYPE},ada\n", "csv"),
        "feed": fed(f"<item><title>{HYPE}</title><link>https://twitter.com/ada/status/{X_ID}</link><guid>z</guid></item>"),
    },
    "bluesky": {
        "stream": said(bluesky.read_posts, {"did": "did:plc:ada", "commit": {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k", "record": RECORD}}),
        "search": said(bluesky.read_posts, {"posts": [{"uri": AT_URI, "author": {"did": "did:plc:ada", "handle": "ada.example"}, "record": RECORD}]}),
        "embed": quoted(SKEET_EMBED),
        "4CAT": filed(f"id,thread_id,created_at,author,body,link\n{AT_URI},{AT_URI},{DATE},ada.example,{HYPE},https://bsky.app/profile/ada.example/post/3k\n", "csv"),
        "address in a file": filed({"url": "https://bsky.app/profile/did:plc:ada/post/3k", "text": HYPE, "kind": "post", "network": "bluesky"}),
    },
    "mastodon": {
        "its server": said(mastodon.read_posts, STATUS | {"id": "112233445566778899", "account": {"acct": "ada"}}),
        "another server": said(mastodon.read_posts, STATUS | {"id": "998877", "account": {"acct": "ada@mas.example"}}),
        "feed of the account": fed(f"<item><link>{STATUS['url']}</link><guid>{STATUS['url']}</guid><description>{HYPE}</description></item>"),
        "address in a file": filed({"url": STATUS["url"], "text": HYPE, "kind": "post", "network": "mastodon"}),
        "uri in a file": filed({"external_id": MAS_URI, "text": HYPE, "kind": "post", "network": "mastodon", "source": "@ada"}),
    },
    "hackernews": {
        "search": said(hackernews.read_posts, {"hits": [HIT]}),
        "item": said(hackernews.read_posts, {"id": 8863, "type": "story", "by": "ada", "time": 1742803200, "title": HYPE}),
        "feed": fed(f"<item><title>{HYPE}</title><link>https://news.ycombinator.com/item?id=8863</link></item>"),
        "address in a file": filed({"url": "https://news.ycombinator.com/item?id=8863", "text": HYPE, "kind": "post", "network": "hackernews"}),
    },
    "reddit": {
        "search feed": fed(f"<item><title>{HYPE}</title><link>{THREAD}</link><guid>t3_1abc</guid></item>", url="https://www.reddit.com/search.rss"),
        "listing": said(reddit.read_posts, {"kind": "t3", "data": {"name": "t3_1abc", "author": "ada", "title": HYPE, "permalink": "/r/science/comments/1abc/he_walks/", "created_utc": 1742803200}}),
        "short address in a file": filed({"url": "https://redd.it/1abc", "text": HYPE, "kind": "post", "network": "reddit"}),
        "old address in a file": filed({"url": "https://old.reddit.com/r/science/comments/1abc/", "text": HYPE}),
    },
    "article": {
        "feed": fed(f"<item><title>He walks</title><link>{ARTICLE}</link><guid>1</guid><description>{HYPE}</description></item>"),
        "aggregator": fed(f"<item><title>He walks</title><link>http://lantern.example/news/walks/?utm_source=rss#more</link><guid>b</guid><description>{HYPE}</description></item>"),
        "Google Alerts": fed(f"<item><title>He walks</title><link>https://www.google.com/url?rct=j&amp;url={ARTICLE}&amp;ct=ga&amp;usg=1</link><guid>c</guid><description>{HYPE}</description></item>"),
        "address": added("", f"{ARTICLE}?fbclid=1"),
        "AMP address": added("", "https://www.google.com/amp/s/www.lantern.example/news/walks/amp/"),
        "address that names its own": added(f'<link rel="canonical" href="{ARTICLE}">', "https://www.lantern.example/print.php?article=77"),
        "file": filed({"url": "https://m.lantern.example/news/walks", "title": "He walks", "text": HYPE}),
    },
}  # fmt: skip


@pytest.mark.parametrize("what", ROADS)
def test_each_pair_of_roads_makes_one_mention(world, what):
    """Every pair in both orders on one database: each road alone makes the identity, the second must find it."""
    found = {}
    for name, road in ROADS[what].items():
        road(world)
        found[name] = sorted(mention.identity for mention in world.store.search(Query()))
    assert {name: len(identities) for name, identities in found.items()} == dict.fromkeys(ROADS[what], 1)


@pytest.mark.parametrize(
    ("what", "first", "second"),
    [
        (what, *pair)
        for what, roads in ROADS.items()
        for pair in itertools.pairwise([*reversed(roads), next(reversed(roads))])
    ],
)
def test_whoever_comes_first(world, what, first, second):
    ROADS[what][first](world)
    (before,) = world.store.search(Query())
    ROADS[what][second](world)
    (after,) = world.store.search(Query())
    assert (after.id, after.identity) == (before.id, before.identity)


def test_other_items_of_the_same_place_stay_apart(world):
    ROADS["article"]["feed"](world)
    fed(f"<item><title>He runs</title><link>{ARTICLE}?page=2</link><guid>9</guid><description>{HYPE} And runs.</description></item>")(world)  # fmt: skip
    said(xpayload.read_posts, {"data": [TWEET | {"id": f"{X_ID}0"}]})(world)
    said(xpayload.read_posts, {"data": [TWEET]})(world)
    assert len(world.store.search(Query())) == 4
