"""The same item by every road on which it can come: search, stream, embed, feed, file, address. It is one mention."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.core.feed import Fetched
from monitor.core.items.aliases import names_of
from monitor.core.items.identity import entry_identity
from monitor.core.items.stories import RETELLING
from monitor.core.model import DateConfidence, FeedKind, Network, Outcome
from monitor.core.search.nodes import Query
from monitor.core.search.query import parse_query
from monitor.pipeline.assess_text import draft_entry
from monitor.pipeline.imports import import_rows
from monitor.pipeline.poll import add_address, page_drafts, page_entry, poll_feed
from monitor.pipeline.poll import read_page as read_due_page
from monitor.service import Service
from monitor.settings import load
from monitor.sources.feeds.parse import parse_feed
from monitor.sources.files.rows import read_rows
from monitor.sources.json_api import done
from monitor.sources.networks import bluesky, hackernews, mastodon, reddit
from monitor.sources.networks import x_payload as xpayload
from monitor.sources.pages.page import read_page

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
DATE = "2025-03-24T08:00:00Z"
X_ID, AT_URI = "1904100000000000001", "at://did:plc:ada/app.bsky.feed.post/3k"
MAS_URI = "https://mas.example/users/ada/statuses/112233445566778899"
ARTICLE = "https://www.lantern.example/news/walks"


@pytest.fixture
def deps(sqlite_url, tmp_path, clock):
    named = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url, "HYPEWATCH_SECRET_KEY": "k"}
    service = Service(load(named), clock=clock)
    yield service.deps
    service.store.close()


def keep(deps, entry):
    drafts, _ = draft_entry(
        deps.library.current(), entry, entry_identity(entry), names_of(entry, entry_identity(entry), text=entry.text)
    )
    deps.store.import_mentions(drafts, RETELLING, now=deps.clock())


def said(read_posts, payload):
    """As a connector hands it on."""

    def road(deps):
        (post,) = read_posts(payload)
        keep(deps, post.as_entry())

    return road


def answered(url, body, content_type):
    return Fetched(url=url, final_url=url, outcome=Outcome.FETCHED, status=200, headers={"content-type": content_type}, body=body.encode(), sentence="")  # fmt: skip


def fed(items, url="https://any.example/feed", head=""):
    """As a feed brings it."""

    def road(deps):
        body = f"<rss version='2.0'><channel><title>F</title><link>https://any.example/</link>{head}{items}</channel></rss>"
        (entry,) = parse_feed(answered(url, body, "application/rss+xml"), now=deps.clock()).entries
        keep(deps, entry)

    return road


def filed(line, form="jsonl"):
    """As a file brings it."""

    def road(deps):
        lines = [line if isinstance(line, str) else json.dumps(line)]
        result = import_rows(deps, read_rows("\n".join(lines).splitlines(keepends=True), form, "file"), name="file")
        assert (result.read, result.written + result.known) == (1, 1)

    return road


def quoted(embed):
    """As a page quotes it; the page itself is no mention of its own here."""

    def road(deps):
        body = f"<html lang='en'><body><article><h1>Reactions</h1><p>{HYPE} So they say, and others do not.</p>{embed}</article></body></html>"
        page, ended = read_page(answered("https://page.example/a", body, "text/html"), now=deps.clock())
        assert page is not None, ended.sentence
        entry = page_entry(page)
        drafts = page_drafts(deps, entry, entry_identity(entry), page)
        posts = [draft for draft in drafts if draft.found_on]
        assert len(posts) == 1
        deps.store.import_mentions(posts, RETELLING, now=deps.clock())

    return road


def added(html_head, url):
    """As somebody reports it who read it at another address."""

    def road(deps):
        body = f"<html lang='en'><head>{html_head}</head><body><article><h1>He walks</h1><p>{HYPE}</p></article></body></html>"

        class Pages:
            def read(self, asked):
                return read_page(answered(asked, body, "text/html"), now=deps.clock())[0], answered(asked, body, "")

        add_address(replace(deps, pages=Pages()), url)

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
def test_each_pair_of_roads_makes_one_mention(deps, what):
    """Every pair in both orders on one database: each road alone makes the identity, the second must find it."""
    found = {}
    for name, road in ROADS[what].items():
        road(deps)
        found[name] = sorted(mention.identity for mention in deps.store.search(Query()))
    assert {name: len(identities) for name, identities in found.items()} == dict.fromkeys(ROADS[what], 1)


@pytest.mark.parametrize(
    ("what", "first", "second"),
    [
        (what, *pair)
        for what, roads in ROADS.items()
        for pair in itertools.pairwise([*reversed(roads), next(reversed(roads))])
    ],
)
def test_whoever_comes_first(deps, what, first, second):
    ROADS[what][first](deps)
    (before,) = deps.store.search(Query())
    ROADS[what][second](deps)
    (after,) = deps.store.search(Query())
    assert (after.id, after.identity) == (before.id, before.identity)


def test_other_items_of_the_same_place_stay_apart(deps):
    ROADS["article"]["feed"](deps)
    fed(f"<item><title>He runs</title><link>{ARTICLE}?page=2</link><guid>9</guid><description>{HYPE} And runs.</description></item>")(deps)  # fmt: skip
    said(xpayload.read_posts, {"data": [TWEET | {"id": f"{X_ID}0"}]})(deps)
    said(xpayload.read_posts, {"data": [TWEET]})(deps)
    assert len(deps.store.search(Query())) == 4


# --- posts that are written out on a page, without their link ---------------------------------------------------------

LONG = f"{HYPE} “It’s the dawn of a new era” 🌟 #Innovation"
SHORT_LINK = "https://t.co/gPFne1JOzf"
OTHER = "Four people took part in the first trial of iPS cells for spinal cord injury at Keio University; two improved."


def written(words, *, by="ada", date="March 24, 2025"):
    """As a page has it in plain words."""
    return quoted(f"<p>{words}</p><p>— Ada L. (@{by}) {date}</p>")


def said_on_x(text=f"{LONG} {SHORT_LINK}", *, by="ada", date="Mon Mar 24 08:00:07 +0000 2025", number=X_ID):
    user = {"screen_name": by} if by else {"id_str": "7"}
    return said(xpayload.read_posts, {"id_str": number, "full_text": text, "user": user, "created_at": date})


WRITTEN = {
    "plain": written(f"{LONG} {SHORT_LINK}"),
    "without the link": written(LONG),
    "other typography": written(LONG.replace("“", '"').replace("”", '"').replace("’", "'").upper(), by="Ada"),
    "with the picture's address": written(f"{LONG} pic.twitter.com/Qx12345678"),
    "cut": written(f"{LONG[:60]}…"),
    "cut with dots and a link": written(f"{LONG[:60].rstrip()} ... {SHORT_LINK}"),
    "the day before": written(LONG, date="March 23, 2025"),
    "blockquote": quoted(f'<blockquote class="twitter-tweet"><p>{LONG}</p>&mdash; Ada (@ada) March 24, 2025</blockquote>'),
    "blockquote without a date": quoted(f'<blockquote class="twitter-tweet"><p>{LONG}</p>&mdash; Ada (@ada)</blockquote>'),
}  # fmt: skip
TOLD = {
    "search": said_on_x(),
    "id in a file": filed({"external_id": X_ID, "text": LONG, "kind": "post", "network": "x", "source": "@Ada", "published": DATE}),
    "address in a file": filed({"url": f"https://nitter.net/ada/status/{X_ID}#m", "text": LONG, "kind": "post", "network": "x", "author": "ada", "published": DATE}),
}  # fmt: skip


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("written_first", [True, False])
def test_a_post_written_out_on_a_page_is_the_post_itself(deps, form, told, written_first):
    roads = [WRITTEN[form], TOLD[told]] if written_first else [TOLD[told], WRITTEN[form]]
    roads[0](deps)
    (before,) = deps.store.search(Query())
    roads[1](deps)
    roads[0](deps)  # a page is read again, a search finds again
    WRITTEN[form](deps)
    (after,) = deps.store.search(Query())
    assert (after.id, after.identity) == (before.id, f"x:{X_ID}")
    assert after.text.startswith(LONG)
    assert after.revision <= 2


LINE = {"external_id": "q1", "title": "He walks", "text": HYPE}
FULL = LINE | {"url": "https://news.example/q1", "published": DATE, "author": "@Ada Lane", "source": "news.example"}


@pytest.mark.parametrize("better_first", [True, False])
def test_a_line_that_tells_more_of_the_same_words_improves_what_is_stored(deps, better_first):
    """The same export with and without its addresses and dates."""
    for line in (FULL, LINE) if better_first else (LINE, FULL):
        filed(line)(deps)
    (after,) = deps.store.search(Query())
    assert (after.url, after.author, after.revision) == ("https://news.example/q1", "Ada Lane", 1)
    assert (after.published.strftime("%Y-%m-%dT%H:%M:%SZ"), after.date_confidence) == (DATE, DateConfidence.EXACT)
    fed(f"<item><title>He walks</title><link>{FULL['url']}</link><description>{HYPE}</description></item>")(deps)
    assert [mention.id for mention in deps.store.search(Query())] == [after.id]


def test_numbers_of_two_files_that_have_addresses_are_two_items(deps):
    filed(FULL)(deps)
    filed(FULL | {"url": "https://news.example/q2", "title": "She runs", "text": OTHER})(deps)
    assert len(deps.store.search(Query())) == 2


def test_the_name_of_an_account_of_which_the_number_was_known_is_kept(deps):
    """Bluesky's stream tells the number alone, its search the name; X's searches and a page that embeds the post."""
    for what, first, second, key in (
        ("bluesky", "stream", "search", "bluesky:ada.example"),
        ("x", "without its author", "embed", "x:ada"),
    ):
        roads = ROADS[what] | {"without its author": said(xpayload.read_posts, {"data": [TWEET]})}
        query = parse_query(f"network:{what}", deps.clock())
        roads[first](deps)
        (before,) = deps.store.search(query)
        assert before.source.key.startswith((f"{what}:did:", f"{what}:id:"))
        for road in (second, first):
            roads[road](deps)
            (after,) = deps.store.search(query)
            assert (after.id, after.source.key, after.author) == (before.id, key, key.partition(":")[2])
        assert [
            found.id for found in deps.store.search(parse_query(f"source:{key.partition(':')[2]}", deps.clock()))
        ] == [before.id]


def test_a_post_in_a_file_is_by_its_author(deps):
    filed({"external_id": X_ID, "text": HYPE, "kind": "post", "network": "x", "author": "@ada"})(deps)
    (mention,) = deps.store.search(Query())
    assert (mention.source.key, mention.author) == ("x:ada", "ada")


def test_what_the_network_tells_better_is_kept(deps):
    written(LONG, date="March 23, 2025")(deps)
    (before,) = deps.store.search(Query())
    assert (before.date_confidence, before.url) == (DateConfidence.DAY, None)
    said_on_x(LONG)(deps)
    (after,) = deps.store.search(Query())
    assert after.published == datetime(2025, 3, 24, 8, 0, 7, tzinfo=UTC)
    assert (after.date_confidence, after.url) == (DateConfidence.EXACT, f"https://x.com/ada/status/{X_ID}")
    (story,) = deps.store.stories(Query())
    assert (story.size, story.first_at) == (1, after.published)


@pytest.mark.parametrize("written_first", [True, False])
def test_x_that_tells_no_author_is_known_by_its_short_address(deps, written_first):
    """Saved searches do not pay for the accounts; but no other post has the short address of this one's link."""
    roads = [written(f"{LONG} {SHORT_LINK}"), said_on_x(by="")]
    for road in roads if written_first else reversed(roads):
        road(deps)
    (found,) = deps.store.search(Query())
    assert found.identity == f"x:{X_ID}"
    assert not written_first or (found.author, found.source.key) == ("ada", "x:ada")


def test_x_that_tells_no_author_and_another_short_address_stay_apart(deps):
    said_on_x(by="")(deps)
    written(f"{LONG} https://t.co/bbbbbbbbbb")(deps)
    assert len(deps.store.search(Query())) == 2


@pytest.mark.parametrize(
    "other",
    [
        written(LONG, by="bob", date="March 22, 2025"),
        written(f"{LONG} And more.", date="March 22, 2025"),
        written(f"{LONG[:60]}", date="March 22, 2025"),
        written(LONG, date="March 24, 2025"),
        written(LONG, date="March 20, 2025"),
        written(LONG, by="ada@mas.example", date="March 22, 2025"),
    ],
    ids=["author", "text", "not cut", "two days later", "two days before", "network"],
)
def test_another_post_stays_apart(deps, other):
    said_on_x(date="Sat Mar 22 08:00:07 +0000 2025")(deps)
    other(deps)
    assert len(deps.store.search(Query())) == 2


def test_two_posts_that_say_the_same_are_two(deps):
    written(LONG)(deps)
    said_on_x()(deps)
    said_on_x(number=f"{X_ID}1")(deps)
    written(f"{LONG[:60]}…")(deps)
    assert {mention.identity for mention in deps.store.search(Query())} == {f"x:{X_ID}", f"x:{X_ID}1"}


def test_very_short_posts_are_never_taken_for_one(deps):
    words = "iPS: Keio man walks"
    said_on_x(words)(deps)
    filed({"external_id": f"quoted-{'0' * 24}", "text": words, "kind": "post", "network": "x", "source": "@ada"})(deps)
    assert len(deps.store.search(Query())) == 2


def test_on_one_page_and_in_one_file(deps):
    """Both within one transaction."""
    embed = f'<blockquote class="twitter-tweet"><p>{LONG}</p>&mdash; Ada (@ada) <a href="https://twitter.com/ada/status/{X_ID}">March 24, 2025</a></blockquote>'
    body = f"<html lang='en'><body><article><h1>Reactions</h1><p>{HYPE} So they say, and others do not.</p><p>{LONG[:60]}…</p><p>— Ada (@ada) March 24, 2025</p>{embed}</article></body></html>"
    page, _ = read_page(answered("https://page.example/a", body, "text/html"), now=deps.clock())
    assert len(page.quoted) == 2
    drafts = page_drafts(deps, page_entry(page), entry_identity(page_entry(page)), page)
    deps.store.import_mentions(drafts, RETELLING, now=deps.clock())
    article, post = sorted(deps.store.search(Query()), key=lambda mention: mention.kind)
    assert (post.identity, post.text, post.found_on_id) == (f"x:{X_ID}", LONG, article.id)


def test_a_post_that_was_about_nothing_by_itself_is_the_one_a_page_quotes(deps):
    words = "Paralysed man stands on his own after stem cell injection, what a day for science!"
    feed = deps.store.add_feed(FeedKind.X_SEARCH, "x", now=deps.clock())

    class Search:
        def read(self, feed, *, rows_left):
            post = next(xpayload.read_posts(OLD_TWEET | {"full_text": words}))
            return done(Network.X, [post], cursor=None, problem=None, wait=None)

    outcome = poll_feed(replace(deps, networks={FeedKind.X_SEARCH: Search()}), feed.id)
    assert (outcome.new, outcome.changed_mentions) == (1, ())
    written(words)(deps)
    (found,) = deps.store.search(Query())
    assert (found.identity, found.url) == (f"x:{X_ID}", f"https://x.com/ada/status/{X_ID}")


HARDLY = 'Breaking barriers! A paralyzed man is walking again thanks to a spinal cord "reprogramming" in Japan. https://t.co/gPFne1JOzf'


@pytest.mark.parametrize("road", ["poll", "file"])
def test_a_post_that_hardly_names_the_study_is_heard_when_a_page_on_it_quotes_it(deps, road):
    """By itself it is about nothing; what its network tells of it still belongs to the mention."""

    class Search:
        def read(self, feed, *, rows_left):
            post = next(xpayload.read_posts(OLD_TWEET | {"full_text": HARDLY}))
            return done(Network.X, [post], cursor=None, problem=None, wait=None)

    told = {"external_id": X_ID, "url": f"https://x.com/ada/status/{X_ID}", "text": HARDLY, "published": DATE}
    line = json.dumps(told | {"kind": "post", "network": "x", "source": "@ada"})
    result = import_rows(deps, read_rows([line], "jsonl", "file"), name="file")
    assert (result.other, deps.store.search(Query())) == (1, ())
    written(HARDLY)(deps)
    (before,) = deps.store.search(Query())
    if road == "file":
        assert import_rows(deps, read_rows([line], "jsonl", "file"), name="file").known == 1  # the words are the same
    else:
        feed = deps.store.add_feed(FeedKind.X_SEARCH, "x", now=deps.clock())
        outcome = poll_feed(replace(deps, networks={FeedKind.X_SEARCH: Search()}), feed.id)
        assert outcome.changed_mentions == ()  # the words are the same
    (after,) = deps.store.search(Query())
    assert (after.id, after.identity, after.url) == (before.id, f"x:{X_ID}", f"https://x.com/ada/status/{X_ID}")
    assert after.published == datetime(2025, 3, 24, 8, tzinfo=UTC)


# --- withdrawn under one name, withdrawn under all --------------------------------------------------------------------


@pytest.mark.parametrize("first", ["written", "told", "both"])
def test_what_was_withdrawn_comes_back_under_no_name(deps, first):
    roads = {"written": [WRITTEN["plain"]], "told": [TOLD["search"]], "both": [WRITTEN["cut"], TOLD["search"]]}
    for road in roads[first]:
        road(deps)
    (found,) = deps.store.search(Query())
    deps.store.purge(found.id, now=deps.clock())
    for name, road in {**WRITTEN, **TOLD}.items():
        road(deps)
        assert deps.store.search(Query()) == (), name
    said_on_x("Another text about Keio University's iPS cells and the paralysed man.", number="77")(deps)
    assert len(deps.store.search(Query())) == 1
    if first == "told":
        said_on_x(number="78")(deps)  # with an id of its own it is another post
        assert len(deps.store.search(Query())) == 2


# --- networks that give a post several addresses ----------------------------------------------------------------------

KEY = "3lkabcdefgh2x"
KEY_URI, HANDLE_URL = f"at://did:plc:ada/app.bsky.feed.post/{KEY}", f"https://bsky.app/profile/Ada.example/post/{KEY}"
N = "115012345678901234"
AP = {"uri": f"https://mas.example/ap/users/1150/statuses/{N}", "url": f"https://mas.example/@ada/{N}", "content": f"<p>{HYPE}</p>", "created_at": DATE}  # fmt: skip


def held(network, url):
    return filed({"url": url, "text": HYPE, "kind": "post", "network": network})


def seen_on(server):
    """As a search on another server has it, under that server's own number."""

    def road(deps):
        row = AP | {"id": "998877665544", "account": {"acct": "ada@mas.example"}}
        keep(deps, next(iter(mastodon.MastodonSearch._posts([row], server))).as_entry())

    return road


ADDRESSES = {
    "bluesky": {
        "stream": said(bluesky.read_posts, {"did": "did:plc:ada", "commit": {"operation": "create", "collection": "app.bsky.feed.post", "rkey": KEY, "record": RECORD}}),
        "search": said(bluesky.read_posts, {"posts": [{"uri": KEY_URI, "author": {"did": "did:plc:ada", "handle": "ada.example"}, "record": RECORD}]}),
        "did": held("bluesky", f"https://bsky.app/profile/did:plc:ada/post/{KEY}"),
        "handle": held("bluesky", HANDLE_URL),
        "feed of the account": fed(f"<item><link>{HANDLE_URL}</link><guid isPermaLink='false'>{KEY_URI}</guid><description>{HYPE}</description></item>"),
        "written out": written(HYPE, by="ada.example"),
    },
    "mastodon": {
        "its server": said(mastodon.read_posts, AP | {"id": N, "account": {"acct": "ada"}}),
        "another server": seen_on("https://other.example"),
        "name": held("mastodon", f"https://mas.example/@ada/{N}"),
        "number": held("mastodon", f"https://mas.example/ap/users/1150/statuses/{N}"),
        "older form": held("mastodon", f"https://mas.example/users/ada/statuses/{N}"),
        "web": held("mastodon", f"https://mas.example/web/statuses/{N}"),
        "copy": held("mastodon", "https://other.example/@ada@mas.example/998877665544"),
        "written out": written(HYPE, by="ada@mas.example"),
    },
}  # fmt: skip
#: Nothing in the two tells that they are one: whose number or copy it is, only the network can say.
NOT_TOLD = {
    *(frozenset({"written out", road}) for road in ("stream", "did", "handle", "feed of the account")),
    *(frozenset({"written out", road}) for road in ("name", "number", "older form", "web", "copy")),
    *(frozenset({"copy", road}) for road in ("its server", "name", "number", "older form", "web")),
}


@pytest.mark.parametrize(
    ("network", "first", "second"),
    [(network, *pair) for network, roads in ADDRESSES.items() for pair in itertools.permutations(roads, 2)],
)
def test_one_post_by_either_address(deps, network, first, second):
    ADDRESSES[network][first](deps)
    (before,) = deps.store.search(Query())
    ADDRESSES[network][second](deps)
    found = deps.store.search(Query())
    assert len(found) == (2 if frozenset({first, second}) in NOT_TOLD else 1)
    assert before.id in {mention.id for mention in found}


@pytest.mark.parametrize("network", ADDRESSES)
def test_who_knows_both_makes_two_one(deps, network):
    """Whatever came before, once the network's own search has told both names there is one mention, under its id."""
    roads = ADDRESSES[network]
    for name, road in roads.items():
        if name not in {"search", "another server"}:
            road(deps)
    numbers = [mention.id for mention in deps.store.search(Query())]
    assert len(numbers) > 1
    roads["search" if network == "bluesky" else "another server"](deps)
    for road in roads.values():
        road(deps)
    (found,) = deps.store.search(Query())
    assert {deps.store.mention(number).id for number in numbers} == {found.id}
    assert deps.store.revisions(numbers[-1]) == deps.store.revisions(found.id)
    (story,) = deps.store.stories(Query())
    assert (story.size, story.first_mention_id) == (1, found.id)
    deps.store.purge(found.id, now=deps.clock())
    for name, road in roads.items():
        road(deps)
        assert deps.store.search(Query()) == (), name


def test_a_deletion_finds_a_post_by_its_other_name(deps):
    ADDRESSES["bluesky"]["handle"](deps)
    ADDRESSES["bluesky"]["search"](deps)
    assert deps.store.stored_identities([f"bluesky:{KEY_URI}"]) == {f"bluesky:{KEY_URI}"}
    ADDRESSES["mastodon"]["number"](deps)
    ADDRESSES["mastodon"]["its server"](deps)
    named = f"mastodon:https://mas.example/users/ada/statuses/{N}"
    assert deps.store.stored_identities([named]) == {named}
    assert deps.store.stored_identities([], ["bluesky:at://did:plc:ada/"]) == {f"bluesky:{KEY_URI}"}


# --- articles that name one canonical address -------------------------------------------------------------------------

SITE = "https://www.lantern.example"


class Web:
    """A site of feeds and pages, by address."""

    def __init__(self, deps):
        self.clock, self.found = deps.clock, {}
        self.deps = replace(deps, fetcher=self, pages=self)

    def feed(self, name, url, *, title="He walks again in Tokyo", words=HYPE):
        item = f"<item><title>{title}</title><link>{url}</link><guid>{name}</guid><description>{words}</description></item>"
        self.found[f"{SITE}/{name}.xml"] = (
            f"<rss version='2.0'><channel><title>{name}</title><link>{SITE}</link>{item}</channel></rss>"
        )
        return self.deps.store.add_feed(FeedKind.FEED, f"{SITE}/{name}.xml", now=self.clock()).id

    def page(self, url, canonical, *, title="He walks again in Tokyo", words=HYPE):
        head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
        self.found[url] = (
            f"<html lang='en'><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1><p>{words}</p></article></body></html>"
        )

    def fetch(self, url, validators=None, **_):
        return answered(url, self.found[url], "application/rss+xml" if url.endswith(".xml") else "text/html")

    def read(self, url):
        fetched = self.fetch(url)
        return read_page(fetched, now=self.clock())[0], fetched

    def poll(self, feed_id):
        outcome = poll_feed(self.deps, feed_id, force=True)
        for entry_id in outcome.pages_due:
            read_due_page(self.deps, entry_id)
        return outcome


@pytest.fixture
def web(deps):
    return Web(deps)


@pytest.mark.parametrize("canonical", [f"{SITE}/a/1", f"{SITE}/story/one"], ids=["the first one's", "a third"])
@pytest.mark.parametrize("pages_late", [True, False])
def test_two_addresses_that_name_one_are_one(deps, web, clock, canonical, pages_late):
    first, second = web.feed("news", f"{SITE}/a/1"), web.feed("science", f"{SITE}/science/2?from=x")
    web.page(f"{SITE}/a/1", canonical)
    web.page(f"{SITE}/science/2?from=x", canonical)
    outcomes = (
        [poll_feed(web.deps, feed, force=True) for feed in (first, second)]
        if pages_late
        else [web.poll(first), web.poll(second)]
    )
    assert [outcome.new for outcome in outcomes] == [1, 1]
    numbers = [mention.id for mention in deps.store.search(Query())]
    if pages_late:
        assert len(numbers) == 2
        for outcome in outcomes:
            read_due_page(web.deps, *outcome.pages_due)
    (found,) = deps.store.search(Query())
    assert (found.identity, found.url) == ("url:lantern.example/a/1", f"{SITE}/a/1")
    assert {deps.store.mention(number).id for number in numbers} == {found.id}
    for _ in range(3):  # polls and later readings change nothing
        clock.forward(days=4)
        for feed_id in (first, second):
            assert web.poll(feed_id).new == 0
        for outcome in outcomes:
            for entry_id in outcome.pages_due:
                read_due_page(web.deps, entry_id)
    (again,) = deps.store.search(Query())
    assert (again.id, again.revision, again.text) == (found.id, found.revision, found.text)
    (story,) = deps.store.stories(Query())
    assert story.size == 1
    for url in (f"{SITE}/a/1", f"{SITE}/science/2?from=x", canonical):  # each of its addresses finds it
        filed({"url": url, "title": "He walks again in Tokyo", "text": HYPE})(deps)
        assert len(deps.store.search(Query())) == 1
    deps.store.purge(found.id, now=clock())
    for url in (f"{SITE}/a/1", f"{SITE}/science/2?from=x", canonical):
        filed({"url": url, "title": "He walks again in Tokyo", "text": HYPE})(deps)
        assert deps.store.search(Query()) == ()
    for feed_id in (first, second):
        web.found = {
            url: body.replace("Keio", "Keio's") if url.endswith(".xml") else body for url, body in web.found.items()
        }
        assert web.poll(feed_id).new == 0
    # A third address, not known before, is told by its page alone.
    third = web.feed("print", f"{SITE}/print/9")
    web.page(f"{SITE}/print/9", canonical)
    web.poll(third)
    assert deps.store.search(Query()) == ()


def test_an_edition_for_print_that_comes_first(deps, web):
    web.page(f"{SITE}/print/9", f"{SITE}/a/1")
    web.poll(web.feed("print", f"{SITE}/print/9"))
    web.page(f"{SITE}/a/1", f"{SITE}/a/1")
    web.poll(web.feed("news", f"{SITE}/a/1"))
    (found,) = deps.store.search(Query())
    assert found.identity == "url:lantern.example/print/9"


@pytest.mark.parametrize(
    "canonical", [f"{SITE}/", f"{SITE}/news", "https://other.example/a"], ids=["front page", "section", "other site"]
)
def test_articles_of_a_site_that_names_one_address_for_all_stay_apart(deps, web, canonical):
    texts = [
        f"{HYPE} Reporters waited outside the hospital for hours, and nurses brought them tea and rice balls.",
        "Keio University's iPS cells let a paralysed man stand, writes our columnist, who visited four trials of the kind.",
    ]
    for number, words in enumerate(texts):
        web.page(f"{SITE}/a/{number}", canonical, title=f"Report {number} from Tokyo", words=words)
        web.poll(web.feed(f"f{number}", f"{SITE}/a/{number}", title=f"Report {number} from Tokyo", words=words))
    assert len(deps.store.search(Query())) == 2
    deps.store.purge(deps.store.search(Query())[0].id, now=deps.clock())
    third = "Four patients got iPS cells from Okano's team at Keio, and one man who was paralysed is now walking again."
    web.page(f"{SITE}/a/3", canonical, title="Report 3 from Tokyo", words=third)
    web.poll(web.feed("f3", f"{SITE}/a/3", title="Report 3 from Tokyo", words=third))
    assert len(deps.store.search(Query())) == 2
