"""Pages that name the study with no word and link to what is stored of it: a feed, the pages, and what becomes of them."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import pytest

from monitor.core.errors import UsageError
from monitor.core.mention import LinkTarget, Review, TextFrom, Verdict
from monitor.core.model import Availability, FeedKind, Work
from monitor.core.search.nodes import Query
from monitor.pipeline.imports import import_addresses, import_rows
from monitor.pipeline.linking import MOST_LOOKED_UP, Linker, leads
from monitor.pipeline.poll import add_address, poll_feed, read_page
from monitor.pipeline.rejudge import judge_again
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows

WALKS = "https://www.lantern.example/news/walks"
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
#: About bread, cats and buses: a page that is no mention of any study by these.
BREAD = "On Monday I baked a rye loaf from my aunt's recipe, and it came out darker than hers, which she will not mind."
BUSES = "The council has moved the night buses to the other side of the square, so half of the town waits in the rain."
CATS = "Our cats have found the only warm place in the house, which is the laptop that these lines are written on."
#: It hypes, and names nobody: what it is about only its link tells.
MIRACLE = 'Everybody sent me <a href="{}">this one</a>: a complete cure for paralysis, proven to be safe, and no side effects.'
PLAIN = "Everybody sent me this one: a complete cure for paralysis, proven to be safe, and no side effects."
TWEET = (
    '<blockquote class="twitter-tweet"><p lang="en">{}</p>&mdash; Jo (@jo) '
    '<a href="https://twitter.com/jo/status/1918999999999999999">May 4, 2025</a></blockquote>'
)


@pytest.fixture
def deps(database_url, tmp_path, web, clock):
    named = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_SECRET_KEY": "k",
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
    }
    service = Service(load(named), clock=clock)
    stored(service.deps, WALKS, HYPE, source="lantern.example")
    yield service.deps
    service.store.close()


def stored(deps, url, text, **fields):
    """A mention as somebody collected it; its id."""
    line = json.dumps(
        {"url": url, "title": "Back on his feet", "text": text, "published": "2025-03-24T08:00:00Z", **fields}
    )
    before = {mention.id for mention in deps.store.search(Query())}
    import_rows(deps, read_rows([line], "jsonl", "file"), name="file")
    (fresh,) = {mention.id for mention in deps.store.search(Query())} - before
    return fresh


def blog(*paragraphs, title="Seven things of the week", head="", around=""):
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f"<html lang=en><head><title>{title}</title><meta property='og:title' content='{title}'>{head}</head><body>"
        f"<nav><a href=/>Home</a></nav><article><h1>{title}</h1>{body}</article>{around}</body></html>"
    )


def put(web, fakes, path, *bodies):
    web[path] = [fakes.answer(body, content_type="text/html; charset=utf-8") for body in bodies]


def polled(deps, web, fakes, words, path="/week"):
    """A feed whose one entry says `words` (HTML); its entries whose page is to be read."""
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>Ada's Blog</title><item><title>Seven things of the week</title>"
        f"<link>{web.url(path)}</link><description>{html.escape(words)}</description></item></channel></rss>"
    )
    feed = deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=deps.clock())
    return poll_feed(deps, feed.id, force=True).pages_due


def linking(deps):
    """The mentions but for the one that was there."""
    return [deps.store.mention(one.id) for one in deps.store.search(Query()) if one.url != WALKS]


def test_a_page_that_links_to_a_mention_is_one_of_the_paragraph_that_links(deps, web, fakes):
    put(web, fakes, "/week", blog(BREAD, BUSES, MIRACLE.format(WALKS), CATS))
    (entry_id,) = polled(deps, web, fakes, f"{BREAD} {MIRACLE.format(WALKS)}")
    assert linking(deps) == [], "its page tells with which words it links there"
    read_page(deps, entry_id)
    (mention,) = linking(deps)
    assert (mention.because, mention.text, mention.title) == (("links to lantern.example",), PLAIN, "")
    assert (mention.text_from, mention.partial, mention.availability) == (TextFrom.PASSAGE, True, Availability.WHOLE)
    assert (mention.url, mention.source.name, mention.caveats_missing) == (web.url("/week"), "Ada's Blog", ())
    assert mention.flags
    assert {flag.flag.span.where for flag in mention.flags} == {"text"}
    before = mention
    assert judge_again(deps, deps.library.study(mention.study_id)) == 0
    assert linking(deps) == [before]


@pytest.mark.parametrize(
    "words", [BREAD, "", f"{BREAD} <a href='https://bakery.example/rye'>The recipe</a>"], ids=["none", "empty", "other"]
)
def test_a_page_is_not_read_for_links_to_nothing(deps, web, fakes, words):
    put(web, fakes, "/week", blog(BREAD))
    assert polled(deps, web, fakes, words) == ()


def test_a_poll_looks_up_once_and_only_what_is_silent_and_links(deps, web, fakes):
    asked = []

    class Store:
        def __getattr__(self, name):
            return getattr(deps.store, name)

        def told_at(self, names):
            asked.append(len(names))
            return deps.store.told_at(names)

    counted = replace(deps, store=Store())
    words = [
        BREAD,
        f"{HYPE} <a href='{WALKS}'>more</a>",
        f"<a href='{WALKS}'>a</a>",
        "<a href='https://e.example/1'>b</a>",
    ]
    put(web, fakes, "/", blog(BREAD))
    items = "".join(
        f"<item><title>Part {at}</title><link>{web.url(f'/{at}')}</link><description>{html.escape(one)}</description></item>"
        for at, one in enumerate(words)
    )
    for channel in (items, items.replace("Part", "Piece").replace("href", "name")):
        web["/feed"] = fakes.answer(f"<rss version='2.0'><channel><title>F</title>{channel}</channel></rss>")
        feed = deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=deps.clock())
        poll_feed(counted, feed.id, force=True)
    assert len(asked) == 1
    assert len(deps.store.due(Work.PAGE, deps.clock())) == 2, "what names the study, and what links to it"


@pytest.mark.parametrize(
    "around",
    [
        f"<nav><ul><li><a href='{WALKS}'>Back on his feet, thanks to stem cells</a></li></ul></nav>",
        f"<aside><h2>Related</h2><p><a href='{WALKS}'>Back on his feet, thanks to stem cells of a donor</a></p></aside>",
        f"<div class='related-articles'><ul><li><a href='{WALKS}'>Back on his feet</a></li></ul></div>",
        f"<footer><p>Most read: <a href='{WALKS}'>Back on his feet, thanks to stem cells</a></p></footer>",
        f"<div id='comments'><p>Somebody wrote: <a href='{WALKS}'>look here</a></p></div>",
        TWEET.format(f'Look at <a href="{WALKS}">this</a>'),
    ],
    ids=["menu", "aside", "related", "footer", "comment", "embed"],
)
def test_links_around_the_article_are_not_its_own(deps, web, fakes, around):
    put(web, fakes, "/week", blog(BREAD, BUSES, CATS, around=around))
    for entry_id in polled(deps, web, fakes, f"<a href='{WALKS}'>x</a>"):
        read_page(deps, entry_id)
    assert [mention.url for mention in linking(deps)] == []


def test_of_a_link_list_nothing_else_is_judged(deps, web, fakes):
    other = (
        'A <a href="https://elsewhere.example/">tea from the Alps</a> has cured every one of nine hundred people of baldness, '
        "a proven miracle without any side effects."
    )
    calm = f'Four people were treated in Tokyo, says <a href="{WALKS}">this paper</a>, and I will read it on Sunday.'
    title = "Miracle cure: paralysed people walk again"
    put(web, fakes, "/week", blog(BREAD, other, calm, other, title=title))
    (mention_id,) = add_address(deps, web.url("/week"))
    mention = deps.store.mention(mention_id)
    assert mention.text == "Four people were treated in Tokyo, says this paper, and I will read it on Sunday."
    assert (mention.title, mention.flags, mention.caveats_missing) == ("", (), ())


def test_each_paragraph_that_links_there_is_kept_once(deps, web, fakes):
    stored(deps, "https://courier.example/cells", HYPE, source="courier.example")
    first = f'Some <a href="{WALKS}">say so</a>, and <a href="{WALKS}?utm_source=mail">say so again</a>.'
    second = 'Others <a href="https://courier.example/cells">copied it</a> word for word on the same day.'
    put(web, fakes, "/week", blog(BREAD, first, BUSES, second, CATS))
    (mention_id,) = add_address(deps, web.url("/week"))
    mention = deps.store.mention(mention_id)
    assert mention.text == "Some say so, and say so again.\nOthers copied it word for word on the same day."
    assert mention.because == ("links to lantern.example", "links to courier.example")


@pytest.mark.parametrize(
    ("paragraphs", "title"),
    [
        (("The heart patch of Osaka University is sold now. {}", BREAD), "Seven things of the week"),
        (("Osaka's heart patch is sold, says one paper. {}", BUSES), "The heart patch of Osaka University"),
    ],
    ids=["there", "title"],
)
def test_a_page_that_says_it_is_about_another_study_is_none(deps, web, fakes, paragraphs, title):
    link = f'More in <a href="{WALKS}">the paper</a>.'
    put(web, fakes, "/week", blog(*(one.format(link) for one in paragraphs), title=title))
    with pytest.raises(UsageError, match="about none of your studies"):
        add_address(deps, web.url("/week"))


def test_a_reported_page_that_links_there_is_taken(deps, web, fakes):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS))
    (mention_id,) = add_address(deps, web.url("/week"))
    assert deps.store.mention(mention_id).because == ("links to lantern.example",)
    assert add_address(deps, web.url("/week")) == ()
    told = []
    import_addresses(deps, [web.url("/week")], name="list", tell=told.append, say=told.append)
    assert told == [f"{'known':<10} {web.url('/week')}"]


@pytest.mark.parametrize(
    ("head", "href"),
    [
        ("", "http://lantern.example/news/walks"),
        ("", f"{WALKS}?utm_source=newsletter&utm_medium=mail#reactions"),
        ("", "https://amp.lantern.example/news/walks"),
        ("", "https://www.lantern.example/news/walks/amp/"),
        ("", "https://www.google.com/url?q=https%3A%2F%2Fwww.lantern.example%2Fnews%2Fwalks&sa=D"),
        ("", "//www.lantern.example/news/walks"),
        ("<base href='https://www.lantern.example/news/'>", "walks"),
        ("<base href='https://www.lantern.example/blogs/ada/'>", "../../news/./walks?fbclid=abc"),
        ("", " https://www.lantern.example/news/\nwalks "),
    ],
    ids=["http", "tracking", "phone", "amp", "redirect", "no-scheme", "base", "dots", "spaces"],
)
def test_the_same_page_by_other_addresses(deps, web, fakes, head, href):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(html.escape(href)), head=head))
    (mention_id,) = add_address(deps, web.url("/week"))
    assert deps.store.mention(mention_id).because == ("links to lantern.example",)


@pytest.mark.parametrize(
    "href", ["javascript:alert('https://www.lantern.example/news/walks')", "http://[www.lantern.example/news/walks", "https://lantern.example/", "https://www.lantern.example/news/walks-on", "https://x@www.lantern.example/news/walks"],
    ids=["script", "broken", "front-page", "longer", "user"],
)  # fmt: skip
def test_what_leads_elsewhere_is_no_link_there(deps, web, fakes, href):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(html.escape(href))))
    with pytest.raises(UsageError):
        add_address(deps, web.url("/week"))


def test_a_page_does_not_link_itself_into_being_a_mention(deps, web, fakes, clock):
    """It was one once, and does not name the study any more; it goes on linking to itself."""
    itself = f'This text is <a href="{web.url("/week")}#top">here</a>, and <a href="/amp/week">here as well</a>.'
    put(web, fakes, "/week", blog(HYPE, BREAD, CATS), blog(BREAD, itself, CATS))
    (entry_id,) = polled(deps, web, fakes, HYPE)
    read_page(deps, entry_id)
    (before,) = linking(deps)
    clock.forward(days=1, hours=1)
    assert read_page(deps, entry_id) == ()
    assert linking(deps) == [before]
    assert polled(deps, web, fakes, f"Edited. {itself}") == ()


def test_a_link_to_a_page_of_which_a_passage_is_kept_says_nothing(deps, web, fakes):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS))
    add_address(deps, web.url("/week"))
    put(web, fakes, "/list", blog(BUSES, MIRACLE.format(web.url("/week")), CATS, title="Blogs that I read"))
    with pytest.raises(UsageError):
        add_address(deps, web.url("/list"))


def test_what_was_withdrawn_is_not_linked_to(deps, web, fakes, clock):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS))
    (entry_id,) = polled(deps, web, fakes, f"<a href='{WALKS}'>x</a>")
    read_page(deps, entry_id)
    (before,) = linking(deps)
    (target,) = [mention.id for mention in deps.store.search(Query()) if mention.url == WALKS]
    deps.store.purge(target, now=clock())
    clock.forward(days=1, hours=1)
    assert read_page(deps, entry_id) == (), "it stays, and is no other one"
    assert linking(deps) == [before]
    put(web, fakes, "/list", blog(BUSES, MIRACLE.format(WALKS), CATS, title="Another list"))
    with pytest.raises(UsageError):
        add_address(deps, web.url("/list"))


def test_what_was_called_not_about_the_study_is_not_linked_to(deps, web, fakes, clock):
    (target,) = [deps.store.mention(mention.id) for mention in deps.store.search(Query())]
    said = Review(flag_id=target.flags[0].id, verdict=Verdict.NOT_ABOUT, by="ada", at=clock())
    deps.store.review(said)
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS))
    with pytest.raises(UsageError):
        add_address(deps, web.url("/week"))
    deps.store.undo_review(said.flag_id, by="ada", now=clock.forward(minutes=1))
    assert add_address(deps, web.url("/week"))


def test_what_was_withdrawn_does_not_come_back_by_its_links(deps, web, fakes, clock):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS))
    (entry_id,) = polled(deps, web, fakes, f"<a href='{WALKS}'>x</a>")
    (mention_id,) = read_page(deps, entry_id)
    deps.store.purge(mention_id, now=clock())
    assert add_address(deps, web.url("/week")) == ()
    assert linking(deps) == []


def test_a_page_is_read_again_and_nothing_is_lost_or_doubled(deps, web, fakes, clock):
    mild = f'Somebody sent me <a href="{WALKS}">this one</a>; I have not made up my mind about it yet.'
    bodies = [
        blog(BREAD, MIRACLE.format(WALKS), CATS),
        blog(BUSES, BREAD, MIRACLE.format(WALKS)),  # all else was changed
        blog(BREAD, mild, CATS),  # the words around the link were changed
        blog(BREAD, "Everybody sent me something.", CATS),  # the link has gone
    ]
    put(web, fakes, "/week", *bodies)
    (entry_id,) = polled(deps, web, fakes, f"<a href='{WALKS}'>x</a>")
    seen = []
    for days in (0, 1, 2, 11):
        clock.forward(days=days, hours=1)
        wrote = len(read_page(deps, entry_id))
        (mention,) = linking(deps)
        seen.append((wrote, mention.revision, mention.text == PLAIN, sorted({flag.state for flag in mention.flags})))
    assert seen[:2] == [(1, 1, True, ["active"]), (0, 1, True, ["active"])]
    # What is kept of a page depends on what is stored elsewhere, so that nobody can say that the page was corrected.
    assert seen[2] == (1, 2, False, ["withdrawn"])
    assert seen[3] == (0, 2, False, ["withdrawn"])


def test_a_page_that_names_the_study_later_is_judged_whole(deps, web, fakes, clock):
    whole = blog(BREAD, MIRACLE.format(WALKS), HYPE)
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS)), whole, blog(BREAD, MIRACLE.format(WALKS)))
    (entry_id,) = polled(deps, web, fakes, f"<a href='{WALKS}'>x</a>")
    found = []
    for days in (0, 1, 2):
        clock.forward(days=days, hours=1)
        read_page(deps, entry_id)
        (mention,) = linking(deps)
        found.append((mention.text_from, mention.title, mention.partial, BREAD in mention.text))
    assert found[0] == (TextFrom.PASSAGE, "", True, False)
    assert found[1] == (TextFrom.PAGE, "Seven things of the week", False, True)
    assert found[2] == found[1], "a passage does not take the place of a whole page"


def test_a_passage_does_not_take_the_place_of_what_the_feed_said(deps, web, fakes):
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS))
    (entry_id,) = polled(deps, web, fakes, HYPE)
    read_page(deps, entry_id)
    (mention,) = linking(deps)
    assert (mention.text_from, mention.text, mention.title) == (TextFrom.FEED, HYPE, "Seven things of the week")


def test_quoted_posts_on_a_page_that_only_links_there_are_on_anything(deps, web, fakes):
    tweet = TWEET.format("He is walking again, thanks to stem cells!")
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), tweet, CATS))
    add_address(deps, web.url("/week"))
    assert [mention.text for mention in linking(deps)] == [PLAIN]


def test_a_page_behind_a_wall_says_so(deps, web, fakes, clock):
    wall = "This article is for subscribers. Subscribe now to read on, or log in."
    put(web, fakes, "/week", blog(BREAD, MIRACLE.format(WALKS), CATS), blog(BREAD, wall))
    (entry_id,) = polled(deps, web, fakes, f"<a href='{WALKS}'>x</a>")
    read_page(deps, entry_id)
    (before,) = linking(deps)
    since = clock.forward(days=1, hours=1)
    assert read_page(deps, entry_id) == ()
    assert linking(deps) == [replace(before, availability=Availability.PAYWALL, availability_since=since)]


def test_so_many_links_are_looked_up_and_no_more():
    many = tuple(f"https://e.example/{at}" for at in range(MOST_LOOKED_UP + 2000))
    asked = []

    class Counting:
        def told_at(self, names):
            asked.append(len(names))
            return {"url:e.example/7": [LinkTarget("url:e.example/7", "keio-ips-sci", "E")]}

    found = leads(
        Counting(), {"one": Linker(frozenset({"me"}), many), "two": Linker(frozenset({"url:e.example/7"}), many)}
    )
    assert asked == [MOST_LOOKED_UP + 1], "and the name that is not among them"
    assert [*found] == ["one"], "the other one is it itself"
    assert [*found["one"]] == ["https://e.example/7"]


def test_a_poll_goes_on_though_a_study_that_is_linked_to_cannot_be_used(deps, web, fakes):
    class Library:
        def __getattr__(self, name):
            return getattr(deps.library, name)

        def current(self):
            return self

        def studies(self):
            return ()

    put(web, fakes, "/week", blog(BREAD))
    assert polled(replace(deps, library=Library()), web, fakes, f"<a href='{WALKS}'>x</a>") == ()
