"""The pages of sources: the list, anything pasted and looked at, adding, one source with its buttons, lists in and out."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.changes import Area
from monitor.core.feed import PollPlan
from monitor.core.feeds.health import LOOK_BACK_DAYS
from monitor.core.feeds.plan import GONE_FOR
from monitor.core.model import FeedKind, Outcome
from monitor.core.session import Role
from monitor.web.app import build_app
from monitor.web.sessions import sign_in_link

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title><language>en-gb</language>
<item><guid isPermaLink="false">1</guid><title>From Keio</title><link>http://lantern.example/1</link>
<pubDate>Mon, 02 Mar 2026 08:30:00 GMT</pubDate><description>Keio put iPS cells into an injured spinal cord.</description></item>
<item><guid isPermaLink="false">2</guid><title>&lt;script&gt;alert(1)&lt;/script&gt;</title><link>javascript:alert(1)</link></item>
</channel></rss>"""
LINK = '<link rel="alternate" type="application/rss+xml" href="{}">'
PAGE = "<!doctype html><html><head><title>Home</title>{}</head><body>x</body></html>"
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=True)


@pytest.fixture
def site(seeded, web, fakes):
    """A site that may be asked, with a feed, a page that offers it, one that offers two, and one that offers none."""
    seeded.settings = replace(seeded.settings, allow_private_networks=(web.host,), host_gap=0.0)
    web["/feed.xml"] = fakes.answer(RSS)
    web["/one"] = fakes.answer(PAGE.format(LINK.format("/feed.xml")), content_type="text/html")
    web["/two"] = fakes.answer(
        PAGE.format(LINK.format("/feed.xml") + LINK.format("/more.xml")), content_type="text/html"
    )
    web["/none"] = fakes.answer(PAGE.format(""), content_type="text/html")
    return web


def words(read, answer) -> str:
    return " ".join(read(answer.text).words.split())


def forms(read, answer, action):
    """The forms of a page that go to an address, each as its fields with what stands in them."""
    found, fields = [], None
    for tag, attrs in read(answer.text).tags:
        if tag == "form":
            fields = {} if attrs.get("action") == action else None
            found += [fields] if fields is not None else []
        elif tag == "input" and fields is not None and attrs.get("name"):
            fields[attrs["name"]] = attrs.get("value") or ""
    return found


def poll(service, feed_id, outcome, sentence, **changes):
    """Store that a reading ended so."""
    now = service.clock()
    lease = service.store.claim_feed(feed_id, "test", now, timedelta(minutes=1), force=True).lease
    plan = {"feed_id": feed_id, "lease": lease, "at": now, "outcome": outcome, "sentence": sentence, "due_at": now}
    service.store.save_poll(PollPlan(**(plan | changes)), {}, lambda *_: None)


def did(service):
    return [change.did for change in service.store.changes(area=Area.SOURCES)]


# --- the list --------------------------------------------------------------------------------------------------------


def test_an_empty_installation_is_led_on(service, read):
    page = TestClient(build_app(service), base_url="http://127.0.0.1:8080").get("/sources")
    assert "Nothing is read yet." in words(read, page)
    assert "/sources/new" in [link.get("href") for link in read(page.text).all("a")]


def test_what_needs_somebody_comes_first_with_what_to_do(seeded, client, read):
    store = seeded.store
    gone = store.add_feed(FeedKind.FEED, "https://gone.example/rss", title="Gone", now=seeded.clock()).id
    ended = store.add_feed(FeedKind.FEED, "https://ended.example/rss", title=HOSTILE, now=seeded.clock()).id
    store.set_feed(store.add_feed(FeedKind.X_SEARCH, "Keio", title="On X", now=seeded.clock()).id, paused=True)
    poll(seeded, 1, Outcome.FETCHED, "2 new, 0 changed, 0 as before.")
    poll(seeded, gone, Outcome.HARD, "gone.example has nothing at this address (404).", status=404)
    said = f"ended.example says that it is gone for good (410). It is not asked again by itself; `hypewatch feeds resume {ended}` does."
    poll(seeded, ended, Outcome.GONE, said, due_at=seeded.clock() + GONE_FOR)
    page = client.get("/sources")
    told = words(read, page)
    assert "2 of 4 sources need somebody." in told
    assert told.count("What to do:") == 2
    rows = [attrs["href"] for attrs in read(page.text[page.text.index("<tbody>") :]).all("a")]
    assert rows[:4] == [f"/sources/{ended}", f"/sources/{gone}", "/sources/1", "/sources/4"]
    assert told.count("not by itself") == 2, "what ended and what is paused is not read by itself"
    assert "search on X" in told
    assert "feeds resume" not in told, "no command stands on a page"
    assert "<script>alert" not in page.text
    assert "2126" not in page.text


def test_a_host_that_fails_is_told_once(seeded, client, read):
    for number in range(3):
        one = seeded.store.add_feed(FeedKind.FEED, f"https://host.example/{number}", now=seeded.clock()).id
        poll(seeded, one, Outcome.TEMPORARY, "host.example refuses to give it to us (403).", status=403)
    told = words(read, client.get("/sources"))
    assert "host.example fails as a whole." in told
    assert told.count("host.example fails for 3 of 3 feeds") == 1
    assert told.count("What to do:") == 0, "nobody can do a thing for each"


def test_a_long_list_has_pages_and_is_searched(seeded, client, read):
    def rows(answer):
        body = answer.text[answer.text.index("<tbody>") :]
        return [attrs["href"] for attrs in read(body).all("a") if attrs["href"].startswith("/sources/")]

    assert "Find a source" not in words(read, client.get("/sources")), "a short list is seen at a glance"
    failing = 0
    for number in range(2, 131):
        added = seeded.store.add_feed(
            FeedKind.FEED, f"https://n{number}.example/rss", title=f"Number {number:03}", now=seeded.clock()
        ).id
        if number < 30:
            poll(seeded, added, Outcome.HARD, "There is nothing at this address (404).", status=404)
            failing += 1
    first = client.get("/sources")
    told = words(read, first)
    assert told.count("What to do:") == 8
    assert "And 20 more, first in the list" in told
    assert "Page 1 of 2" in told
    second = client.get("/sources?page=2")
    assert (len(rows(first)), len(rows(second))) == (100, 30)
    assert len({*rows(first), *rows(second)}) == 130, "each stands on one page"
    assert "What needs somebody" not in words(read, second)
    found = client.get("/sources?q=nUMBER+04")
    assert len(rows(found)) == 10
    assert "10 sources with “nUMBER 04”" in words(read, found)
    bad = client.get("/sources?state=failing")
    assert len(rows(bad)) == failing
    assert f"{failing} sources, not read" in words(read, bad)
    nothing = client.get("/sources?q=%3Cscript%3E&state=failing")
    assert "No source fits. Show all of them" in words(read, nothing)
    assert "<script>" not in nothing.text[nothing.text.index("<main") :]
    assert len(rows(client.get("/sources?page=9"))) == 30, "a page that is gone shows the last one"
    unknown = client.get("/sources?state=no-such")
    assert (unknown.status_code, "no such state" in words(read, unknown)) == (404, True)


def test_the_meter_of_what_charges(seeded, client, read):
    assert "charges for" not in client.get("/sources").text
    seeded.store.add_feed(FeedKind.X_SEARCH, "Keio", now=seeded.clock())
    seeded.store.spend("x", 30, seeded.clock())
    seeded.store.spend("x", 70, seeded.clock() - timedelta(days=1))
    told = words(read, client.get("/sources"))
    budget = seeded.budgets()["x"]
    assert f"Posts read today: 30 of {budget.per_day:,} " in told
    assert f"This month: 100 of {budget.per_month:,} " in told
    seeded.store.spend("x", budget.per_day, seeded.clock())
    assert "The budget is used up: nothing more is read until tomorrow." in words(read, client.get("/sources"))


def test_files_of_the_list(seeded, client):
    seeded.store.add_feed(FeedKind.X_SEARCH, "Keio", title="=1+1", now=seeded.clock())
    rows = json.loads(client.get("/sources.json").text)["sources"]
    assert [(row["name"], row["kind"], row["state"], row["items_a_week"]) for row in rows] == [
        ("First", "feed", "not read yet", None),
        ("=1+1", "x-search", "not read yet", None),
    ]
    table = list(csv.DictReader(io.StringIO(client.get("/sources.csv").text.removeprefix("\ufeff"))))
    assert table[1]["name"] != "=1+1", "a spreadsheet would take it for a formula"
    opml = client.get("/sources.opml")
    assert 'hypewatch:kind="x-search"' in opml.text
    assert opml.headers["content-disposition"] == 'attachment; filename="sources.opml"'
    assert client.get("/sources.atom").headers["content-type"] == "application/atom+xml"
    assert client.get("/sources.pdf").status_code == 404


# --- added -----------------------------------------------------------------------------------------------------------


def test_an_address_is_looked_at_and_added(seeded, site, client, read):
    seen = client.post("/sources/look", data={"text": site.url("/one")})
    told = words(read, seen)
    assert (seen.status_code, "It can be read." in told, "From Keio" in told) == (200, True, True)
    assert "<script>alert" not in seen.text
    assert "javascript:" not in seen.text
    assert len(seeded.store.feeds()) == 1, "a look stores nothing"
    (form,) = forms(read, seen, "/sources")
    assert (form["kind"], form["url"], form["title"]) == ("feed", site.url("/feed.xml"), "The Lantern")
    added = client.post("/sources", data=form | {"lang": "en", "weight": "4"})
    assert (added.url.path, "Added." in words(read, added)) == ("/sources/2", True)
    feed = seeded.store.feed(2)
    assert (feed.url, feed.title, feed.lang, feed.weight) == (site.url("/feed.xml"), "The Lantern", "en", 4)
    assert did(seeded) == ["added the source The Lantern"]
    again = client.post("/sources", data=form | {"title": "Other"})
    assert "was read already" in words(read, again)
    assert (seeded.store.feed(2).title, len(did(seeded))) == ("The Lantern", 1)
    known = client.post("/sources/look", data={"text": site.url("/feed.xml")})
    assert "This source is read already." in words(read, known)
    assert forms(read, known, "/sources") == []


def test_of_a_page_with_several_feeds_one_is_chosen(site, client, read):
    seen = client.post("/sources/look", data={"text": site.url("/two")})
    assert "This page offers 2 feeds." in words(read, seen)
    offered = [form for form in forms(read, seen, "/sources/look") if "url" in form]
    assert [form["url"] for form in offered] == [site.url("/feed.xml"), site.url("/more.xml")]
    chosen = client.post("/sources/look", data=offered[0])
    assert "It can be read." in words(read, chosen)


def test_what_cannot_be_read_says_why_and_what_was_typed_stays(site, client, read):
    for path, reason in (("/none", "it offers none"), ("/gone", "(404)")):
        seen = client.post("/sources/look", data={"text": site.url(path)})
        told = words(read, seen)
        assert (seen.status_code, reason in told, "What to do:" in told) == (400, True, True)
        assert forms(read, seen, "/sources") == [], "it cannot be added"
        (form,) = forms(read, seen, "/sources/look")
        assert form["text"] == site.url(path)


def test_a_site_that_does_not_answer_can_be_added_all_the_same(seeded, site, client, read, fakes):
    site["/down"] = fakes.answer("", 500)
    seen = client.post("/sources/look", data={"text": site.url("/down")})
    assert "Add it all the same" in words(read, seen)
    (form,) = forms(read, seen, "/sources")
    assert client.post("/sources", data=form).url.path == "/sources/2"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://localhost/"]
)
def test_nothing_private_is_fetched(address, seeded, client, read):
    seen = client.post("/sources/look", data={"text": address})
    assert seen.status_code == 400
    assert "was not asked" in words(read, seen)
    assert "HYPEWATCH_" not in seen.text
    assert len(seeded.store.feeds()) == 1


def test_a_hashtag_offers_the_networks_and_says_what_is_missing(seeded, client, read):
    seen = client.post("/sources/look", data={"text": "#iPSC"})
    told = words(read, seen)
    assert "You pasted a hashtag." in told
    assert "Not possible yet: the key of an X developer account is missing." in told
    stream = next(form for form in forms(read, seen, "/sources/look") if form.get("kind") == "bluesky-stream")
    looked = client.post("/sources/look", data=stream)
    (form,) = forms(read, looked, "/sources")
    assert client.post("/sources", data=form).url.path == "/sources/2"
    feed = seeded.store.feed(2)
    assert (feed.kind, feed.url, feed.title) == (FeedKind.BLUESKY_STREAM, "iPSC", "Bluesky live: iPSC")
    without = client.post("/sources/look", data={"kind": "x-search", "url": "Keio"})
    assert without.status_code == 400
    assert "X cannot be searched: the key of an X developer account is missing." in words(read, without)


def test_a_study_is_watched(seeded, client, read):
    seen = client.post("/sources/look", data={"text": "keio-ips-sci"})
    assert "PubMed on" in words(read, seen)
    added = client.post("/sources", data={"kind": "crossref-watch", "url": "keio-ips-sci"})
    assert "Crossref on keio-ips-sci" in words(read, added)
    assert seeded.store.feed(2).interval == timedelta(days=1)
    wrong = client.post("/sources", data={"kind": "crossref-watch", "url": "no-such"})
    assert (wrong.status_code, "`" in wrong.text) == (400, False)


def test_google_is_followed_by_who_has_read_its_terms(seeded, client, read):
    url = "https://news.google.com/rss/search?q=keio"
    refused = client.post("/sources", data={"kind": "feed", "url": url})
    assert refused.status_code == 400
    assert "personal, non-commercial use" in words(read, refused)
    assert len(seeded.store.feeds()) == 1
    assert client.post("/sources", data={"kind": "feed", "url": url, "terms": "yes"}).url.path == "/sources/2"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"weight": "9"}, "weight"),
        ({"weight": "²"}, "weight"),
        ({"lang": "klingon"}, "lang"),
        ({"title": "x" * 201}, "title"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://a.example/\x00"}, "url"),
        ({"url": "https://a.example/" + "x" * 5000}, "url"),
        ({"kind": "smoke-signal"}, "url"),
        ({"kind": "x-search", "url": "x" * 501}, "url"),
        ({"kind": "bluesky-stream", "url": "lang:ja"}, "url"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_the_others_stay(seeded, client, read, fields, field):
    typed = {"kind": "feed", "url": "https://a.example/", "title": HOSTILE, "lang": "ja", "weight": "3"} | fields
    refused = client.post("/sources", data=typed)
    assert refused.status_code == 400
    page = read(refused.text)
    assert f"e-{field}" in [attrs.get("id") for attrs in page.all("p")]
    assert "<script>alert" not in refused.text
    if field != "title":
        assert HOSTILE in [attrs.get("value") for attrs in page.all("input")]
    assert len(seeded.store.feeds()) == 1


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "\x00\x1f",
        "x" * 2001,
        " ",
        "javascript:alert(1)",
        "https://user@evil.example/",
        "%00",
        "'; drop table feeds",
    ],
)
def test_hostile_paste_is_answered_and_stays_text(client, text):
    seen = client.post("/sources/look", data={"text": text})
    assert seen.status_code in {200, 400}
    assert "<script>alert" not in seen.text
    assert client.post("/sources/look", data={"text": text, "kind": HOSTILE, "url": HOSTILE}).status_code == 400


def test_a_field_of_a_megabyte_is_refused(client):
    for path in ("/sources/look", "/sources", "/sources/1", "/sources/import"):
        assert client.post(path, data={"text": "x" * 1_100_000, "title": "x" * 1_100_000}).status_code == 400


# --- one of them -----------------------------------------------------------------------------------------------------


def test_the_page_of_a_source(seeded, client, read):
    poll(seeded, 1, Outcome.FETCHED, "2 new, 0 changed, 0 as before.")
    poll(seeded, 1, Outcome.TEMPORARY, "first.example took longer than 30 seconds.")
    poll(seeded, 1, Outcome.HARD, "first.example has nothing at this address (404).", status=404)
    page = client.get("/sources/1")
    told = words(read, page)
    assert "Not read. first.example has nothing at this address (404). It was last read well" in told
    wrong = told[told.index("What went wrong last") : told.index("What you know of it")]
    assert wrong.count("What to do:") == 2
    assert "2 new, 0 changed, 0 as before." in told
    assert "/mentions?q=source%3Afirst.example" in [link.get("href") for link in read(page.text).all("a")]
    assert client.get("/mentions?q=source%3Afirst.example").text.count("Paralysed man is walking again")


def test_a_source_is_set(seeded, client, read):
    saved = client.post("/sources/1", data={"title": HOSTILE, "lang": "ja", "weight": "5"})
    assert "Saved." in words(read, saved)
    assert "<script>alert" not in saved.text
    feed = seeded.store.feed(1)
    assert (feed.title, feed.lang, feed.weight) == (HOSTILE, "ja", 5)
    assert did(seeded) == [f"changed the source {HOSTILE}: name, language, reach"]
    client.post("/sources/1", data={"title": HOSTILE, "lang": "ja", "weight": "5"})
    assert len(did(seeded)) == 1, "nothing changed, nothing is kept"
    refused = client.post("/sources/1", data={"title": "Kept as typed", "weight": "7"})
    assert refused.status_code == 400
    assert "Kept as typed" in [attrs.get("value") for attrs in read(refused.text).all("input")]
    assert seeded.store.feed(1).title == HOSTILE


def test_pause_resume_remove(seeded, client, read):
    assert "Paused." in words(read, client.post("/sources/1/pause"))
    assert seeded.store.feed(1).paused
    client.post("/sources/1/pause")
    assert "read again" in words(read, client.post("/sources/1/resume"))
    assert not seeded.store.feed(1).paused
    removed = client.post("/sources/1/remove")
    assert (removed.url.path, "Removed." in words(read, removed)) == ("/sources", True)
    assert seeded.store.feeds() == ()
    assert did(seeded) == ["removed the source First", "had the source First read again", "paused the source First"]
    for path in ("/pause", "/resume", "/remove", "/test", ""):
        gone = client.post(f"/sources/1{path}")
        assert (gone.status_code, "There is no such source." in words(read, gone)) == (404, True)
    assert client.get("/sources/1").status_code == 404
    assert client.get("/sources/99999999999999999999").status_code == 404


def test_a_test_reads_now_and_stores_nothing(seeded, site, client, read):
    feed = seeded.store.add_feed(FeedKind.FEED, site.url("/feed.xml"), now=seeded.clock())
    tested = client.post(f"/sources/{feed.id}/test")
    assert "It can be read: 2 items came." in words(read, tested)
    assert "javascript:" not in tested.text
    after = seeded.store.feed(feed.id)
    assert (after.entries, after.last_polled_at, after.due_at) == (0, None, feed.due_at)
    assert seeded.store.daily_entries(seeded.clock(), LOOK_BACK_DAYS) == {}
    site["/feed.xml"] = b""
    assert "It could not be read." in words(read, client.post(f"/sources/{feed.id}/test"))


def test_no_get_changes_anything(seeded, client):
    before = (seeded.store.feeds(), seeded.store.changes())
    for path in (
        "/sources",
        "/sources/new",
        "/sources/1",
        "/sources.json",
        "/sources.opml",
        "/sources/1/remove",
        "/sources/1/pause",
    ):
        client.get(path)
    assert (seeded.store.feeds(), seeded.store.changes()) == before


def test_a_reader_looks_and_sees_no_button(seeded, read):
    base = "https://watch.example.org"
    seeded.settings = replace(seeded.settings, base_url=base, host="0.0.0.0")
    client = TestClient(build_app(seeded), base_url=base, follow_redirects=False)
    client.post(re.sub(r"^https://[^/]+", "", sign_in_link(seeded, role=Role.READER, name="Ada")))
    for path in ("/sources", "/sources/1"):
        page = client.get(path)
        assert (page.status_code, 'method="post"' in page.text) == (200, False)
    assert "reach" in words(read, client.get("/sources/1")).lower()


# --- lists -----------------------------------------------------------------------------------------------------------


OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Lantern & Co" xmlUrl="https://lantern.example/?a=1&b=2"/>
<outline text="First" xmlUrl="https://first.example/rss"/>
<outline text="<b>Broken" xmlUrl="ftp://lantern.example/"/>
<outline text="Gazette" xmlUrl="https://gazette.example/rss"/>"""


def test_one_bad_sign_does_not_refuse_a_whole_list(seeded, client, read):
    told = words(read, client.post("/sources/import", files={"file": ("mine.opml", OPML.encode())}))
    assert "2 were added. 1 was read already." in told
    assert "damaged near line" in told
    assert "Slips were put right in lines 2" in told or "A slip was put right in line 2" in told
    assert [feed.url for feed in seeded.store.feeds()] == [
        "https://first.example/rss",
        "https://lantern.example/?a=1&b=2",
        "https://gazette.example/rss",
    ]
    assert did(seeded) == ["added 2 sources of a list"]
    again = words(read, client.post("/sources/import", data={"text": OPML}))
    assert "None were added. 3 were read already." in again
    assert len(did(seeded)) == 1


def test_each_source_that_was_not_added_says_why(client, read):
    inner = (
        '<outline text="Broken" xmlUrl="ftp://lantern.example/"/>\n<outline text="G" xmlUrl="https://g.example/rss"/>'
    )
    answer = client.post("/sources/import", data={"text": f"<opml><body>\n{inner}</body></opml>"})
    told = words(read, answer)
    assert "1 could not be added." in told
    assert "not added Broken ftp://lantern.example/: no web address. line 2" in told


@pytest.mark.parametrize(
    "text", ["", "no list", HOSTILE, '<!DOCTYPE opml [<!ENTITY x "y">]><opml/>', "<opml><body/></opml>"]
)
def test_what_is_no_list_is_told(seeded, client, read, text):
    for sent in ({"data": {"text": text}}, {"files": {"file": ("x", text.encode())}}):
        answer = client.post("/sources/import", **sent)
        assert (answer.status_code, "Nothing was added" in words(read, answer)) == (400, True)
        assert "<script>alert" not in answer.text
    assert len(seeded.store.feeds()) == 1


def test_a_list_of_another_installation_brings_searches_with_their_settings(seeded, client):
    seeded.store.add_feed(FeedKind.X_SEARCH, "Keio", title="On X", weight=5, now=seeded.clock())
    seeded.store.set_feed(2, paused=True)
    text = client.get("/sources.opml").text
    client.post("/sources/2/remove")
    client.post("/sources/import", data={"text": text})
    feed = next(feed for feed in seeded.store.feeds() if feed.kind is FeedKind.X_SEARCH)
    assert (feed.url, feed.title, feed.weight, feed.paused) == ("Keio", "On X", 5, True)


def test_of_a_long_list_so_many_are_added_at_once(seeded, client, read, monkeypatch):
    monkeypatch.setattr("monitor.web.source_lists.ADDED_AT_ONCE", 3)
    inner = "".join(f'<outline text="P & {n}" xmlUrl="https://many.example/{n}"/>\n' for n in range(25))
    text = f"<opml><body>\n{inner}</body></opml>"
    told = words(read, client.post("/sources/import", data={"text": text}))
    assert "3 were added." in told
    assert "22 more wait." in told
    assert "20, 21 and 5 more" in told
    told = words(read, client.post("/sources/import", data={"text": text}))
    assert "3 were added. 3 were read already." in told
    assert len(seeded.store.feeds()) == 7
