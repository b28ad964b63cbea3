"""`feeds`, `posts` and `poll`: sources added, tried, read, and what goes wrong with them."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tarfile
from collections import Counter

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title><link>http://lantern.example/</link>
<item><guid isPermaLink="false">1</guid><title>From Keio</title><link>http://lantern.example/1</link>
<pubDate>Mon, 24 Mar 2025 08:30:00 GMT</pubDate><description>Keio put iPS cells into an injured spinal cord.</description>
</item></channel></rss>"""
HTML = '<!doctype html><html><head><title>Home</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
OPML = """<?xml version="1.0"?><opml version="2.0"><head/><body><outline text="News">
<outline text="Lantern" type="rss" xmlUrl="https://lantern.example/feed.xml"/>
<outline text="Broken" type="rss" xmlUrl="ftp://lantern.example/feed.xml"/></outline></body></opml>"""


def feeds(cli) -> list[dict]:
    return json.loads(cli.ok("feeds", "list", "--format", "json"))


def test_add_list_pause_resume_remove(cli):
    assert cli.ok("feeds", "list") == "No sources yet. `hypewatch feeds add ADDRESS` adds one.\n"
    url = "https://lantern.example/feed.xml"
    (added,) = json.loads(cli.ok("feeds", "add", url, "--title", "Lantern", "--weight", "4", "--format", "json"))
    assert (added["url"], added["title"], added["weight"], added["health"]) == (url, "Lantern", 4, "not read yet")
    (again,) = json.loads(cli.ok("feeds", "add", url, "--format", "json"))
    assert again == added, "twice adds nothing"
    (search,) = json.loads(cli.ok("feeds", "add", "(Keio) (iPS)", "--network", "x", "--format", "json"))
    assert (search["kind"], search["url"]) == ("x-search", "(Keio) (iPS)")
    number = added["id"]
    assert (
        cli.ok("feeds", "pause", number) == f"Source {number} is paused. `hypewatch feeds resume {number}` goes on.\n"
    )
    assert {row["id"]: row["health"] for row in feeds(cli)}[number] == "paused"
    assert cli.ok("feeds", "resume", number) == f"Source {number} is read at the next tick.\n"
    assert [row["paused"] for row in feeds(cli)] == [False, False]
    assert cli.ok("feeds", "remove", number) == f"Source {number} is no longer read. What it brought stays.\n"
    assert [row["id"] for row in feeds(cli)] == [search["id"]]
    for command in ("pause", "resume", "remove"):
        ran = cli("feeds", command, 99)
        assert (ran.code, ran.told) == (2, "There is no feed 99. `hypewatch feeds list` shows them.")
    ran = cli("feeds", "add", "lantern.example")
    assert (ran.code, ran.told) == (2, "'lantern.example' is no web address. Write it with https:// in front.")


def test_networks_are_added_by_name(cli):
    def add(*arguments):
        (row,) = json.loads(cli.ok("feeds", "add", *arguments, "--format", "json"))
        return row["kind"], row["url"], row["title"], row["lang"]

    assert add("#iPSC", "--network", "mastodon") == ("mastodon-search", "#iPSC", "Mastodon: #iPSC", "")
    assert add("keio ips", "--network", "hackernews", "--title", "HN")[:3] == ("hackernews-search", "keio ips", "HN")
    assert add("keio ips", "--network", "bluesky")[0] == "bluesky-search"
    live = add("(Keio OR 慶應) iPS", "--network", "bluesky-stream")
    assert live == ("bluesky-stream", "(Keio OR 慶應) iPS", "Bluesky live: (Keio OR 慶應) iPS", "")
    ran = cli("feeds", "add", "lang:ja", "--network", "bluesky-stream")
    sentence = "A stream needs at least one word that its posts must hold. Write the words, such as: Keio iPS."
    assert (ran.code, ran.told) == (2, sentence)
    assert add("keio ips", "--network", "reddit")[:2] == (
        "feed",
        "https://www.reddit.com/search.rss?q=keio+ips&sort=new",
    )
    channel = "UC" + "a" * 22
    assert add(channel, "--network", "youtube")[1] == f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}"
    ran = cli("feeds", "add", "@keio", "--network", "youtube")
    assert (ran.code, ran.told.partition(":")[0]) == (2, "'@keio' is no YouTube channel id")
    ran = cli("feeds", "add", " ", "--network", "hackernews")
    assert (ran.code, ran.told) == (2, "Nothing was named to be read. Write an address, or the words to search for.")
    assert len(feeds(cli)) == 6


def test_google_news_is_added_only_after_its_notice(cli):
    asked = ("feeds", "add", "keio iPS", "--network", "google-news", "--lang", "en-GB")
    ran = cli(*asked)
    assert (ran.code, feeds(cli)) == (2, [])
    assert "“personal, non-commercial use”" in ran.told
    assert ran.told.endswith("If it is, add --accept-terms.")
    ran = cli(*asked, "--accept-terms", "--format", "json")
    assert (ran.code, "“personal, non-commercial use”" in ran.err) == (0, True)
    (row,) = json.loads(ran.out)
    assert (row["kind"], row["lang"]) == ("feed", "en")
    assert row["url"] == "https://news.google.com/rss/search?q=keio+iPS+when:7d&hl=en-GB&gl=GB&ceid=GB:en"


def test_opml_in_and_out(cli, tmp_path):
    path = tmp_path / "in.opml"
    path.write_text(OPML)
    ran = cli("feeds", "import", path)
    assert (ran.code, ran.out.splitlines()) == (
        1,
        ["added      https://lantern.example/feed.xml", "not added  ftp://lantern.example/feed.xml: no web address"],
    )
    assert cli("feeds", "import", path).out.splitlines()[0] == "known      https://lantern.example/feed.xml"
    out = tmp_path / "out.opml"
    cli.ok("feeds", "export", out)
    assert cli.ok("feeds", "export") == out.read_text()
    assert 'xmlUrl="https://lantern.example/feed.xml"' in out.read_text()
    cli.ok("feeds", "remove", feeds(cli)[0]["id"])
    cli.ok("feeds", "import", out)
    assert [(row["title"], row["url"]) for row in feeds(cli)] == [("Lantern", "https://lantern.example/feed.xml")]
    path.write_text("<opml><body>")
    ran = cli("feeds", "import", path)
    assert ran.code == 2
    assert str(path) in ran.told


def test_every_kind_of_source_goes_out_and_comes_in(cli, tmp_path):
    """Exported, removed and imported: the searches and watches are there again, with what was set of them."""
    cli.ok("feeds", "add", "https://lantern.example/?a=1&b=2", "--title", "A & B", "--lang", "ja", "--weight", "5")
    cli.ok("feeds", "add", "(Keio OR 慶應) iPS", "--network", "x")
    cli.ok("feeds", "add", "#iPSC", "--network", "mastodon")
    cli.ok("feeds", "add", "Keio iPS", "--network", "bluesky-stream")
    cli.ok("feeds", "add", "keio-ips-sci", "--network", "pubmed")
    cli.ok("feeds", "pause", 2)
    path = tmp_path / "out.opml"
    cli.ok("feeds", "export", path)

    def told():
        return [[row[key] for key in ("kind", "url", "title", "lang", "weight", "paused")] for row in feeds(cli)]

    before = told()
    for number in range(1, 6):
        cli.ok("feeds", "remove", number)
    assert feeds(cli) == []
    ran = cli("feeds", "import", path)
    assert (ran.code, ran.err, ran.out.count("added ")) == (0, "", 5)
    assert told() == before


def test_what_to_do_is_told_beside_what_went_wrong(cli, web):
    cli.set(allow_private_networks=web.host)
    cli.ok("feeds", "add", web.url("/gone"))
    cli("poll")
    (row,) = feeds(cli)
    assert "(404)" in row["health"]
    assert "has moved" in row["to_do"]


def test_one_bad_line_of_an_opml_file_does_not_refuse_the_rest(cli, tmp_path):
    path = tmp_path / "in.opml"
    outline = '<outline type="rss" text="{0}" htmlUrl="https://{0}.example/?a=1&b=2" XMLURL="{1}"/>'
    feeds_of = ("https://one.example/rss?a=1&b=2&copy=3", "feed://two.example/rss", "feed:https://three.example/rss")
    body = "".join(outline.format(f"f{at}", url) for at, url in enumerate(feeds_of))
    path.write_text(f'\ufeff\n<?xml version="1.0"?><opml version="2.0"><body>{body}</body></opml>', encoding="utf-8")
    ran = cli("feeds", "import", path)
    assert (ran.code, ran.err) == (0, "")
    addresses = ["https://one.example/rss?a=1&b=2&copy=3", "http://two.example/rss", "https://three.example/rss"]
    assert [row["url"] for row in feeds(cli)] == addresses
    bad = f'{outline.format("f9", "https://nine.example/rss")}<outline text="broken" xmlUrl=">\n{outline.format("f8", "https://eight.example/rss")}'
    path.write_text(f'<opml version="2.0"><body>{bad}</body></opml>', encoding="utf-8")
    ran = cli("feeds", "import", path)
    assert (ran.code, "added      https://nine.example/rss" in ran.out) == (1, True)
    assert f"{path}:" in ran.err
    assert "is ill-formed" in ran.err
    path.write_text('<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline xmlUrl="&x;"/></opml>')
    ran = cli("feeds", "import", path)
    assert (ran.code, "has a DTD" in ran.told) == (2, True)


def test_a_feeds_address_with_the_old_scheme(cli):
    cli.ok("feeds", "add", "feed://gazette.example/rss")
    assert feeds(cli)[0]["url"] == "http://gazette.example/rss"


def test_try_an_address(cli, web, fakes):
    cli.set(allow_private_networks=web.host)
    web["/feed.xml"] = fakes.answer(RSS)
    web["/"] = fakes.answer(HTML, content_type="text/html")
    ran = cli("feeds", "test", web.url("/feed.xml"), "--format", "json")
    assert (ran.code, ran.err) == (0, "rss20, “The Lantern”, 1 entries.\n")
    assert json.loads(ran.out) == [
        {"title": "From Keio", "published": "2025-03-24T08:30:00Z", "link": "http://lantern.example/1"}
    ]
    ran = cli("feeds", "test", web.url("/"))
    assert ran.code == 1
    assert f"It offers a feed: {web.url('/feed.xml')}" in ran.err
    ran = cli("feeds", "test", web.url("/gone"))
    assert ran.code == 1
    assert "404" in ran.told
    ran = cli("feeds", "test", "http://169.254.169.254/latest/meta-data")
    assert ran.code == 1
    assert "169.254.169.254" in ran.told
    assert feeds(cli) == []


def test_an_address_is_read_before_it_is_added(cli, web, fakes):
    cli.set(allow_private_networks=web.host)
    web["/feed.xml"] = fakes.answer(RSS)
    web["/"] = fakes.answer(
        HTML.replace("</head>", '<link rel="alternate" type="application/atom+xml" href="/more.xml"></head>'),
        content_type="text/html",
    )
    web["/bare"] = fakes.answer("<html><body>Nothing</body></html>", content_type="text/html")
    web["/odd"] = fakes.answer(HTML.replace("/feed.xml", "/gone.xml"), content_type="text/html")
    page, feed, more = web.url("/"), web.url("/feed.xml"), web.url("/more.xml")
    ran = cli("feeds", "add", page, "--check")
    assert (ran.code, ran.told, feeds(cli)) == (
        2,
        (
            f"{page} is a web page, not a feed. It offers:\n  {feed}\n  {more}\n "
            "Add the one you want, or let --discover take the first."
        ),
        [],
    )
    ran = cli("feeds", "add", page, "--discover", "--format", "json")
    assert (ran.code, [row["url"] for row in json.loads(ran.out)], ran.err) == (
        0,
        [feed],
        f"{page} is a web page; its feed {feed} is read: rss20, “The Lantern”, 1 entries. It also offers {more}.\n",
    )
    asked = len(web.asked)
    assert (cli("feeds", "add", feed, "--check").code, len(web.asked)) == (0, asked), (
        "one that is known is not asked again"
    )
    cli.ok("feeds", "remove", 1)
    ran = cli("feeds", "add", feed, "--check", "--format", "json")
    assert (ran.code, ran.err) == (0, "It can be read: rss20, “The Lantern”, 1 entries.\n")
    hint = "Look at it in a browser; without --check it is added all the same."
    for path, reason in (
        ("/bare", "It is a web page, not a feed, and it offers none."),
        ("/gone", "404"),
    ):
        ran = cli("feeds", "add", web.url(path), "--discover")
        assert ran.code == 2
        assert ran.told.startswith(f"{web.url(path)} was not added: ")
        assert reason in ran.told
        assert ran.told.endswith(hint)
    ran = cli("feeds", "add", web.url("/odd"), "--discover")
    assert (ran.code, web.url("/gone.xml") in ran.told) == (2, True), "another address is never added unread"
    assert len(feeds(cli)) == 1
    asked = len(web.asked)
    assert cli("feeds", "add", web.url("/bare")).code == 0
    assert (cli("feeds", "add", web.url("/gone")).code, len(web.asked)) == (0, asked), (
        "without --check nothing is asked"
    )
    assert [row["url"] for row in feeds(cli)] == [feed, web.url("/bare"), web.url("/gone")]


def test_poll_tells_each_source_its_ending_and_loses_nothing(cli, web, fakes):
    """A good one, HTML, a 404, nobody there, a name that does not exist: one line each, and the good one is stored."""
    base = web.url("").rstrip("/")
    cli.set(allow_private_networks=f"{web.host},127.0.0.1:1")
    web["/feed.xml"] = fakes.answer(RSS.replace("http://lantern.example/1", f"{base}/page"))
    web["/html"] = fakes.answer(HTML, content_type="text/html")
    web["/page"] = fakes.answer(
        "<html lang=en><body><article><h1>From Keio</h1><p>Keio put iPS cells into an injured spinal cord, and a "
        "paralysed man is walking again.</p></article></body></html>",
        content_type="text/html",
    )
    addresses = {
        "good": f"{base}/feed.xml",
        "html": f"{base}/html",
        "gone": f"{base}/nothing",
        "refused": "http://127.0.0.1:1/feed",
        "unknown": "http://no-such-host.example/feed",
    }
    for title, url in addresses.items():
        cli.ok("feeds", "add", url, "--title", title)
    ran = cli("poll", "--format", "json")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    found = {row["title"]: row for row in json.loads(ran.out)}
    assert {title: row["outcome"] for title, row in found.items()} == {
        "good": "fetched",
        "html": "soft",
        "gone": "hard",
        "refused": "temporary",
        "unknown": "temporary",
    }
    assert (found["good"]["new"], found["good"]["changed"]) == (1, 0)
    assert found["html"]["sentence"] == f"It is a web page, not a feed. It offers one: {base}/feed.xml"
    assert len({row["sentence"] for row in found.values()}) == 5, "each its own"
    (mention,) = json.loads(cli.ok("mentions", "--format", "json"))
    assert "walking again" in mention["text"], "the page was read"

    again = json.loads(cli.ok("poll", found["good"]["feed"], "--format", "json"))
    assert [(row["new"], row["changed"]) for row in again] == [(0, 0)]
    assert len(json.loads(cli.ok("mentions", "--format", "json"))) == 1
    assert cli.ok("poll", "--due", "--format", "json") == "[]\n"
    assert cli("poll", 99).told == "There is no feed 99. `hypewatch feeds list` shows them."
    health = {row["title"]: row["health"] for row in feeds(cli)}
    assert health["html"] == found["html"]["sentence"]


def test_parse_files_as_the_contract_says(bare, tmp_path):
    path, html = tmp_path / "feed.xml", tmp_path / "page.html"
    path.write_text(RSS.replace("<link>http://lantern.example/1", "<link>/1"))
    html.write_text(HTML)
    ran = bare("feeds", "parse", path, html, "--format", "jsonl", "--url", "https://base.example/feed.xml")
    first, second = (json.loads(line) for line in ran.out.splitlines())
    assert ran.code == 0
    assert first == {
        "file": str(path),
        "format": "rss20",
        "title": "The Lantern",
        "entries": 1,
        "problem": None,
        "items": [
            {
                "id": "1",
                "title": "From Keio",
                "link": "https://base.example/1",
                "published": "2025-03-24T08:30:00Z",
                "date_confidence": "exact",
                "summary": "Keio put iPS cells into an injured spinal cord.",
            }
        ],
    }
    assert (second["format"], second["entries"], second["items"]) == ("html", 0, [])
    assert second["problem"] == "It is a web page, not a feed. It offers one: https://base.example/feed.xml"
    line = {"file": str(path), "headers": {"Content-Type": "text/xml", "Content-Location": "https://other.example/"}}
    ran = bare("feeds", "parse", "--jsonl", "--format", "jsonl", stdin=f"\n{json.dumps(line)}\n\n")
    assert json.loads(ran.out)["items"][0]["link"] == "https://other.example/1"
    ran = bare("feeds", "parse", path, tmp_path / "missing.xml", "--format", "jsonl")
    assert ran.code == 2
    assert json.loads(ran.out.splitlines()[1]) == {
        "file": str(tmp_path / "missing.xml"),
        "error": "cannot be read: No such file or directory",
    }
    ran = bare("feeds", "parse", "--jsonl", stdin="{}")
    assert (ran.code, ran.told) == (2, '<stdin>:1:1: not a line like {"file": ..., "headers": {...}}.')
    assert not bare.home.exists()


def test_recorded_feeds_are_read_by_the_command(bare, corpora, tmp_path):
    """A tenth of the corpus by `--jsonl` with its headers, in order (tests/sources reads it all, without the command)."""
    with tarfile.open(corpora / "feeds-dev.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    root = tmp_path / "feeds-dev"
    lines = (root / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = [json.loads(line) for line in lines[::10]]
    asked = [json.dumps({"file": str(root / row["path"]), "headers": row["headers"]}) for row in wanted]
    ran = bare("feeds", "parse", "--jsonl", "--format", "jsonl", stdin="\n".join(asked))
    assert ran.code == 0, ran.err[-2000:]
    found = [json.loads(line) for line in ran.out.splitlines()]
    counts = {
        str(root / row["path"]): row["jsonfeed"]["n"] if row.get("jsonfeed") else row["feedparser"]["n"]
        for row in wanted
    }
    assert [row["file"] for row in found] == list(counts)
    assert {row["file"]: row["entries"] for row in found} == counts


def test_posts_of_x_are_read_by_the_command(bare, corpora, tmp_path):
    with tarfile.open(corpora / "posts-dev.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    root = tmp_path / "posts-dev"
    wanted = {
        str(root / row["path"]): row["n_posts"]
        for row in map(json.loads, (root / "expected.jsonl").read_text(encoding="utf-8").splitlines())
        if row["platform"] == "x-v2-docs" and row["n_posts"]
    }
    ran = bare("posts", "parse", "--network", "x", "--format", "jsonl", *wanted)
    assert ran.code == 0, ran.err
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert {tuple(row) for row in rows} == {
        (
            "file",
            "network",
            "id",
            "author",
            "text",
            "published",
            "url",
            "links",
            "lang",
            "reposts",
            "likes",
            "deleted",
            "beside",
            "cut",
        )
    }
    assert {row["network"] for row in rows} == {"x"}
    assert Counter(row["file"] for row in rows) == wanted


def test_posts_that_cannot_be_read(bare, tmp_path):
    path = tmp_path / "broken.json"
    path.write_text("{")
    ran = bare("posts", "parse", "--network", "x", "--format", "jsonl", path, tmp_path / "missing.json")
    assert ran.code == 2
    assert [json.loads(line)["file"] for line in ran.out.splitlines()] == [str(path), str(tmp_path / "missing.json")]
    assert all(json.loads(line)["error"] for line in ran.out.splitlines())
    ran = bare("posts", "parse", "--network", "myspace", path)
    assert ran.code == 2
    assert "'myspace' is not one of" in ran.told


# --- feeds that are not well -----------------------------------------------------------------------------------------

NEWS = '<rss version="2.0"><channel><title>Lantern</title><item><guid>{0}</guid><title>News {0}</title></item></channel></rss>'


def test_a_host_that_fails_is_told_once(cli, web, fakes):
    cli.set(allow_private_networks=web.host)
    for number in range(4):
        web[f"/{number}"] = fakes.answer(NEWS.format(number))
        cli.ok("feeds", "add", web.url(f"/{number}"), "--title", f"Channel {number}")
    cli.ok("poll")
    for number in range(3):
        web[f"/{number}"] = fakes.answer("", 404)
    cli("poll")
    ran = cli("feeds", "list", "--format", "json")
    rows = json.loads(ran.out)
    since = max(row["last_success"] for row in rows[:3])
    sentence = (
        f"{web.host} fails for 3 of 4 feeds since {since}: not your feeds. 127.0.0.1 has nothing at this address (404)."
    )
    assert ran.err.splitlines() == [sentence]
    fault = f"With the whole of {web.host}: not this feed's fault."
    assert [(row["health"], row["with_host"]) for row in rows] == [(fault, web.host)] * 3 + [
        ("Read; nothing has changed.", None)
    ]
    ran = cli("doctor", "--format", "json")
    said = [(row["ok"], row["says"]) for row in json.loads(ran.out) if row["part"] == "sources"]
    assert (ran.code, said) == (1, [(False, "1 of 4 are well."), (False, sentence)])


def test_a_feed_that_has_gone_silent_is_told(cli, web, fakes, tmp_path):
    cli.set(allow_private_networks=web.host)
    web["/feed"] = fakes.answer(NEWS.format(1))
    cli.ok("feeds", "add", web.url("/feed"), "--title", "Lantern")
    cli.ok("poll")
    (row,) = feeds(cli)
    assert (row["health"], row["silent_days"]) == ("1 new, 0 changed, 0 as before.", None)
    # Five a day for five weeks, and then nothing for six days.
    day = 86_400_000_000
    with contextlib.closing(sqlite3.connect(cli.home / "hypewatch.db")) as database:
        columns = [column[1] for column in database.execute("pragma table_info(entries)") if column[1] != "id"]
        (now,) = database.execute("select first_seen from entries").fetchone()
        database.execute("update entries set first_seen = ?", (now - 6 * day,))
        rest = ", ".join(name for name in columns if name not in {"identity", "first_seen"})
        database.executemany(
            f"insert into entries (identity, first_seen, {rest}) select ?, ?, {rest} from entries where id = 1",
            [(f"i{ago}-{n}", now - ago * day) for ago in range(6, 41) for n in range(4 if ago == 6 else 5)],
        )
        database.commit()
    sentence = "It used to bring 5 a day and has brought nothing for 6 days."
    (row,) = feeds(cli)
    assert (row["health"], row["silent_days"]) == (f"It is read, but silent. {sentence}", 6)
    ran = cli("doctor", "--format", "json")
    said = [(row["ok"], row["says"]) for row in json.loads(ran.out) if row["part"] == "sources"]
    assert (ran.code, said) == (
        1,
        [(False, "0 of 1 are well."), (False, f"Lantern: It is read, but silent. {sentence}")],
    )
    cli.ok("feeds", "pause", row["id"])
    assert feeds(cli)[0]["health"] == "paused"


def test_what_became_of_a_sources_readings(cli, web, fakes):
    """The last readings of one source, newest first; one that was never read says what reads it."""
    cli.set(allow_private_networks=web.host)
    web["/feed.xml"] = fakes.answer(RSS)
    (feed,) = json.loads(cli.ok("feeds", "add", web.url("/feed.xml"), "--format", "json"))
    assert cli.ok("feeds", "show", feed["id"]) == f"It was not read yet. `hypewatch poll {feed['id']}` reads it.\n"
    cli("poll", feed["id"])
    (row,) = json.loads(cli.ok("feeds", "show", feed["id"], "--format", "json"))
    assert (row["outcome"], row["new"]) == ("fetched", 1)
    assert cli("feeds", "show", 99).code == 2
