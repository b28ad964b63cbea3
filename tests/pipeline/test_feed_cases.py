"""What servers do to feeds, each case as polls of a real world against the scripted server: what is stored, what is asked next."""

from __future__ import annotations

import gzip
import importlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from monitor.core.model import FeedKind, Outcome, Work
from monitor.core.search.nodes import Query
from monitor.pipeline.poll import poll_feed
from monitor.service import Service
from monitor.settings import load

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
MILD = "One of four patients of Keio University who got iPS cells can stand and practises walking."
AGAIN = "Read; nothing has changed."


def rss(*items: str, title: str = "The Lantern") -> str:
    return f'<rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'


def item(number: int, text: str = HYPE, guid: str | None = None) -> str:
    return (
        f'<item><guid isPermaLink="false">{guid or f"g{number}"}</guid><title>News {number}</title>'
        f"<link>http://lantern.example/{number}</link><description>{text}</description></item>"
    )


@pytest.fixture
def deps(database_url, tmp_path, web, clock):
    environment = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
    }
    service = Service(load(environment), clock=clock)
    yield service.deps
    service.store.close()


@pytest.fixture
def feed(deps, web, clock):
    """A feed at /feed; `poll()` reads it an hour later, whether it is due or not: (outcome, new, changed, same, sentence)."""

    class Polled:
        id = deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=clock()).id

        @property
        def row(self):
            return deps.store.feed(self.id)

        def poll(self, hours=1.0):
            clock.forward(hours=hours)
            done = poll_feed(deps, self.id, force=True)
            return done.outcome, done.new, done.changed, done.same, done.sentence

    return Polled()


def texts(deps) -> list[str]:
    return sorted(mention.text for mention in deps.store.search(Query(), limit=100))


def sent(web, name: str) -> list[str | None]:
    return [asked.headers.get(name) for asked in web.asked]


FIRST = (Outcome.FETCHED, 1, 0, 0, "1 new, 0 changed, 0 as before.")


# --- nothing has changed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ['"strong"', 'W/"weak-1"', "bare", 'W/"with, comma"'])
def test_304_with_the_validators_sent_back_as_they_came(deps, web, fakes, feed, tag):
    date = "Mon, 24 Mar 2025 08:00:00 GMT"
    web["/feed"] = [fakes.answer(rss(item(1)), ETag=tag, Last_Modified=date), fakes.answer("", 304)]
    assert feed.poll() == FIRST
    assert feed.poll() == feed.poll() == (Outcome.NOT_MODIFIED, 0, 0, 0, AGAIN)
    assert sent(web, "if-none-match") == [None, tag, tag]
    assert sent(web, "if-modified-since") == [None, date, date]
    assert feed.row.last_success_at == feed.row.last_polled_at


def test_a_server_that_knows_no_validators_and_gives_the_same_body(deps, web, fakes, feed):
    web["/feed"] = fakes.answer(rss(item(1)))
    assert feed.poll() == FIRST
    assert feed.poll() == (Outcome.NOT_MODIFIED, 0, 0, 0, AGAIN)


def test_shuffled_and_with_another_date_on_top_brings_nothing_new(deps, web, fakes, feed):
    items = [item(number, f"{HYPE} Reader {number}.") for number in range(6)]
    web["/feed"] = [fakes.answer(rss(*items)), fakes.answer(rss(*items[3:], *items[:3], title="The Lantern, 10:00"))]
    assert feed.poll() == (Outcome.FETCHED, 6, 0, 0, "6 new, 0 changed, 0 as before.")
    assert feed.poll() == (Outcome.FETCHED, 0, 0, 6, "0 new, 0 changed, 6 as before.")
    assert len(texts(deps)) == 6


def test_guids_that_change_at_each_poll_bring_nothing_new(deps, web, fakes, feed):
    web["/feed"] = [fakes.answer(rss(item(1, guid=guid), item(2, MILD, guid=f"{guid}-2"))) for guid in "abc"]
    assert [feed.poll()[:4] for _ in range(3)] == [(Outcome.FETCHED, 2, 0, 0), *[(Outcome.FETCHED, 0, 0, 2)] * 2]
    assert texts(deps) == [HYPE, MILD]


def test_the_same_guid_with_other_words_is_a_revision(deps, web, fakes, feed):
    web["/feed"] = [fakes.answer(rss(item(1))), fakes.answer(rss(item(1, MILD)))]
    assert feed.poll() == FIRST
    assert feed.poll() == (Outcome.FETCHED, 0, 1, 0, "0 new, 1 changed, 0 as before.")
    (mention,) = deps.store.search(Query())
    assert (mention.text, mention.revision) == (MILD, 2)
    assert [revision.text for revision in deps.store.revisions(mention.id)] == [HYPE, MILD]
    states = {flag.state for flag in deps.store.mention(mention.id).flags if "walking again" in flag.flag.span.quote}
    assert states == {"fixed"}


# --- moved -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "stored"), [(301, "/new"), (308, "/new"), (302, "/feed"), (303, "/feed"), (307, "/feed")]
)
def test_only_a_permanent_move_is_stored(deps, web, fakes, feed, status, stored):
    web["/feed"] = fakes.answer("", status, Location="/new")
    web["/new"] = fakes.answer(rss(item(1)))
    assert feed.poll() == FIRST
    assert feed.row.url == web.url(stored)
    assert feed.poll()[0] is Outcome.NOT_MODIFIED
    assert [asked.path for asked in web.asked[2:]] == (["/new"] if stored == "/new" else ["/feed", "/new"])


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("place", ["http://169.254.169.254/feed", "http://localhost:1/", "http://[::ffff:10.0.0.1]/"])
def test_a_move_inward_is_refused_and_never_stored(deps, web, fakes, feed, status, place):
    web["/feed"] = fakes.answer("", status, Location=place)
    outcome, *_, sentence = feed.poll()
    assert outcome is Outcome.HARD
    assert sentence.startswith(f"{web.url('/feed')} sends us on. ")
    assert feed.row.url == web.url("/feed")
    assert len(web.asked) == 1


def test_a_move_to_what_is_no_feed_is_not_stored(deps, web, fakes, feed):
    web["/feed"] = fakes.answer("", 301, Location="/login")
    web["/login"] = fakes.answer("<html><form><input type=password></form></html>", content_type="text/html")
    assert feed.poll() == (Outcome.SOFT, 0, 0, 0, "It is a web page that wants a login, not a feed.")
    assert feed.row.url == web.url("/feed")


def test_a_circle(deps, web, fakes, feed):
    web["/feed"] = fakes.answer("", 301, Location="/other")
    web["/other"] = fakes.answer("", 301, Location="/feed")
    assert feed.poll() == (Outcome.HARD, 0, 0, 0, "127.0.0.1 sends us in a circle.")
    assert feed.row.url == web.url("/feed")


# --- refused, and back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "127.0.0.1 wants a login (401)."),
        (403, "127.0.0.1 refuses to give it to us (403)."),
        (404, "127.0.0.1 has nothing at this address (404)."),
    ],
)
def test_refused_and_then_back(deps, web, fakes, feed, clock, status, sentence):
    good = fakes.answer(rss(item(1)), ETag='"1"')
    web["/feed"] = [good, fakes.answer("no", status), fakes.answer("no", status), fakes.answer("", 304)]
    assert feed.poll() == FIRST
    read = clock()
    for failing in (1.0, 2.0):
        assert feed.poll() == (Outcome.HARD, 0, 0, 0, sentence)
        row = feed.row
        assert (row.failing, row.last_success_at) == (failing, read)
        # Linear: an hour more each time.
        assert row.due_at == clock() + row.interval + timedelta(hours=failing)
    assert feed.poll() == (Outcome.NOT_MODIFIED, 0, 0, 0, AGAIN)
    assert (feed.row.failing, feed.row.last_success_at) == (0.0, clock())
    assert sent(web, "if-none-match") == [None, '"1"', '"1"', '"1"']  # what is known of it is kept meanwhile
    assert texts(deps) == [HYPE]


def test_gone_is_not_asked_again_until_somebody_resumes_it(deps, web, fakes, feed, clock):
    web["/feed"] = [fakes.answer("", 410), fakes.answer(rss(item(1)))]
    sentence = (
        "127.0.0.1 says that it is gone for good (410). "
        f"It is not asked again by itself; `hypewatch feeds resume {feed.id}` does."
    )
    assert feed.poll() == (Outcome.GONE, 0, 0, 0, sentence)
    assert deps.store.due(Work.POLL, clock.forward(days=3650)) == ()
    deps.store.set_feed(feed.id, due_at=clock())
    assert deps.store.due(Work.POLL, clock()) == (feed.id,)
    assert feed.poll() == FIRST


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "hours"),
    [
        ("7200", 2),
        (format_datetime(datetime(2025, 3, 24, 13, tzinfo=UTC), usegmt=True), 3),
        ("-60", None),
        ("Mon, 24 Mar 2025 09:00:00 GMT", None),
        ("999999999999", 24),
        (format_datetime(datetime(2299, 1, 1, tzinfo=UTC), usegmt=True), 24),
        ("in a while", None),
    ],
)
def test_asked_to_come_later(deps, web, fakes, feed, clock, status, value, hours):
    date = format_datetime(datetime(2025, 3, 24, 10, tzinfo=UTC), usegmt=True)
    web["/feed"] = [fakes.answer("", status, Retry_After=value, Date=date), fakes.answer(rss(item(1)))]
    outcome, *_ = feed.poll()
    row = feed.row
    assert (outcome, row.failing, row.last_outcome) == (Outcome.RATE_LIMITED, 0.0, Outcome.RATE_LIMITED)
    wait = timedelta(hours=hours) if hours else timedelta(minutes=30)
    assert wait <= row.not_before - clock() <= wait * 1.1  # up to a tenth later, so that not all come at once
    assert deps.store.due(Work.POLL, clock() + wait - timedelta(seconds=1)) == ()
    assert deps.store.due(Work.POLL, clock() + wait * 1.1 + timedelta(hours=1)) == (feed.id,)
    assert feed.poll(hours=30) == FIRST


def test_503_without_a_word_is_a_fault(deps, web, fakes, feed):
    web["/feed"] = fakes.answer("", 503)
    assert feed.poll()[::4] == (Outcome.TEMPORARY, "127.0.0.1 has a fault of its own (503); it is asked again later.")
    assert feed.row.failing == 0.25


# --- packed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "module"), [("gzip", "gzip"), ("br", "brotli"), ("zstd", "backports.zstd")])
def test_packed_feeds_are_read(deps, web, fakes, feed, encoding, module):
    try:
        pack = gzip.compress if encoding == "gzip" else importlib.import_module(module).compress
    except ImportError:
        pytest.skip(f"{module} is not installed, so {encoding} is not offered")
    web["/feed"] = fakes.answer(pack(rss(item(1)).encode()), Content_Encoding=encoding)
    assert feed.poll() == FIRST
    assert encoding in sent(web, "accept-encoding")[0].split(", ")
    assert texts(deps) == [HYPE]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_feed_that_is_not_packed_as_its_header_says(deps, web, fakes, feed, encoding):
    web["/feed"] = [fakes.answer(rss(item(1)), Content_Encoding=encoding), fakes.answer(rss(item(1)))]
    sentence = "127.0.0.1 sent its answer packed in a way that cannot be unpacked."
    assert feed.poll() == (Outcome.SOFT, 0, 0, 0, sentence)
    assert feed.poll() == FIRST


def test_a_packed_feed_whose_header_says_nothing(deps, web, fakes, feed):
    """feed.xml.gz on a plain file server."""
    web["/feed"] = fakes.answer(gzip.compress(rss(item(1)).encode()), content_type="application/gzip")
    assert feed.poll() == FIRST


@pytest.mark.parametrize("field", ["title", "description", "author", "category"])
def test_one_field_of_eight_megabytes_costs_no_other_item(deps, web, fakes, feed, field):
    """Reliability, fault 21, through the door: the whole answer is larger than the field."""
    long = f"<item><guid isPermaLink='false'>long</guid><{field}>{'x' * (8 * 1024 * 1024)}</{field}></item>"
    web["/feed"] = fakes.answer(rss(item(1)).replace("<item>", f"{long}<item>", 1))
    assert feed.poll()[:2] == (Outcome.FETCHED, 2)
    assert texts(deps) == [HYPE]


# --- broken off ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "outcome", "sentence"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<rss>", Outcome.TEMPORARY, "127.0.0.1 broke off in the middle of its answer, or does not speak HTTP."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n<rss>", Outcome.SOFT, "127.0.0.1 sent more than 9 MB, which no feed or article has; whoever runs it can make it shorter."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<rss>", Outcome.TEMPORARY, "127.0.0.1 broke off in the middle of its answer, or does not speak HTTP."),
        (b"", Outcome.TEMPORARY, "127.0.0.1 broke off in the middle of its answer, or does not speak HTTP."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Outcome.SOFT, "The answer is empty."),
    ],
    ids=["early close", "lying length", "early close of chunks", "silence", "empty"],
)  # fmt: skip
def test_what_breaks_off_loses_nothing_that_is_known(deps, web, fakes, feed, raw, outcome, sentence):
    web["/feed"] = [fakes.answer(rss(item(1)), ETag='"1"'), raw, fakes.answer("", 304)]
    assert feed.poll() == FIRST
    assert feed.poll() == (outcome, 0, 0, 0, sentence)
    assert feed.poll() == (Outcome.NOT_MODIFIED, 0, 0, 0, AGAIN)
    assert sent(web, "if-none-match") == [None, '"1"', '"1"']
    assert texts(deps) == [HYPE]


def test_a_login_page_instead_of_the_feed(deps, web, fakes, feed):
    login = "<!doctype html><html><body><form><input name=p type='password'></form></body></html>"
    web["/feed"] = [
        fakes.answer(rss(item(1))),
        fakes.answer(login, content_type="text/html"),
        fakes.answer(rss(item(1))),
    ]
    assert feed.poll() == FIRST
    assert feed.poll() == (Outcome.SOFT, 0, 0, 0, "It is a web page that wants a login, not a feed.")
    assert feed.row.failing == 0.5
    assert feed.poll()[0] is Outcome.NOT_MODIFIED
    assert feed.row.failing == 0.0


# --- a host that fails as a whole, and a feed that falls silent ------------------------------------------------------


def test_a_platform_that_fails_is_temporary_for_each_of_its_feeds(deps, web, fakes, clock):
    ids = [deps.store.add_feed(FeedKind.FEED, web.url(f"/{n}"), now=clock()).id for n in range(5)]
    for number in range(5):
        web[f"/{number}"] = [fakes.answer(rss(item(number))), fakes.answer("", 404)]
    assert {poll_feed(deps, feed_id).outcome for feed_id in ids} == {Outcome.FETCHED}
    clock.forward(hours=3)
    # The first two could be dead themselves; with the third it is most of those that were asked in the last hours.
    outcomes = [poll_feed(deps, feed_id).outcome for feed_id in ids]
    assert outcomes == [Outcome.HARD, Outcome.HARD, *[Outcome.TEMPORARY] * 3]
    assert [deps.store.feed(feed_id).failing for feed_id in ids] == [1.0, 1.0, 0.25, 0.25, 0.25]


def test_neighbours_are_the_other_feeds_of_the_same_host_asked_lately(deps, web, fakes, clock):
    def add(url, **changes):
        feed_id = deps.store.add_feed(FeedKind.FEED, url, now=clock()).id
        if changes:
            deps.store.set_feed(feed_id, **changes)
        return feed_id

    web["/old"] = web["/1"] = web["/2"] = web["/paused"] = web["/removed"] = fakes.answer(rss(item(1)))
    old, one, two = add(web.url("/old")), add(web.url("/1")), add(web.url("/2"))
    paused, removed = add(web.url("/paused")), add(web.url("/removed"))
    add(f"http://{web.host}.example/x"), add(f"https://other.example/?{web.url('/1')}"), add(web.url("/never"))
    poll_feed(deps, old)
    begun = clock.forward(hours=1)
    for feed_id in (one, two, paused, removed):
        poll_feed(deps, feed_id)
    deps.store.set_feed(paused, paused=True)
    deps.store.remove_feed(removed)
    assert deps.store.neighbours(old, web.host, since=begun) == (200, 200)
    assert deps.store.neighbours(one, web.host, since=begun) == (200,)
    web["/2"] = fakes.answer("", status=404)
    poll_feed(deps, two, force=True)
    assert deps.store.neighbours(one, web.host, since=begun) == (404,)
    assert deps.store.feed(two).last_status == 404
    assert deps.store.neighbours(one, "%", since=begun) == ()


def test_the_days_on_which_a_feed_brought_something(deps, web, fakes, feed, clock):
    web["/feed"] = [fakes.answer(rss(*(item(n) for n in range(last)))) for last in (3, 3, 5, 6)]
    clock.now = datetime(2025, 3, 20, 22, 30, tzinfo=UTC)
    feed.poll()  # 20 March, 23:30
    feed.poll()  # nothing new
    feed.poll(hours=23.49)  # 21 March, 23:59: two
    feed.poll()  # 22 March: one
    clock.now = datetime(2025, 3, 24, 0, 0, tzinfo=UTC)
    assert deps.store.daily_entries(clock(), 6) == {feed.id: [0, 3, 2, 1, 0, 0]}
    assert deps.store.daily_entries(clock(), 3) == {feed.id: [1, 0, 0]}
    assert deps.store.daily_entries(clock(), 2) == {}
