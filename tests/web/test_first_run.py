"""The first run in the browser: four steps, each checked when it is answered, ending with what was really read."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.subscribers import Standing
from monitor.core.errors import MailError
from monitor.pipeline.subscribe import machine_zone
from monitor.web.app import build_app
from monitor.web.first_run import TESTED

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title><language>en</language>
<item><guid isPermaLink="false">1</guid><title>Keio: paralysed man is walking again</title><link>http://lantern.example/1</link>
<pubDate>Mon, 02 Mar 2026 08:30:00 GMT</pubDate><description>Keio University put iPS cells into an injured spinal cord, and the
paralysed man is walking again.</description></item></channel></rss>"""
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client(service):
    return TestClient(build_app(service), base_url="http://127.0.0.1:8080", follow_redirects=True)


@pytest.fixture
def site(service, web, fakes):
    service.settings = replace(service.settings, allow_private_networks=(web.host,), host_gap=0.0)
    web["/feed.xml"] = fakes.answer(RSS)
    web["/"] = fakes.answer(
        '<!doctype html><title>Home</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">',
        content_type="text/html",
    )
    web["/none"] = fakes.answer("<!doctype html><title>Nothing</title>", content_type="text/html")
    return web


def words(read, answer):
    return " ".join(read(answer.text).words.split())


def test_from_nothing_to_a_first_result(client, service, site, read):
    assert 'href="/start"' in client.get("/").text
    begun = client.get("/start")
    assert "Four steps" in begun.text
    chosen = client.post("/start/study", data={"study": "keio-ips-sci"})
    assert service.library.default().id == "keio-ips-sci"
    assert "3 of four steps are left" in words(read, chosen)

    added = client.post("/start/sources", data={"lines": f"{site.url('/')}\n\n"})
    assert "The Lantern" in added.text
    assert "1 item, the newest “Keio: paralysed man is walking again”" in words(read, added)
    assert [feed.url for feed in service.store.feeds()] == [f"{site.url('/feed.xml')}"]

    mine = client.get("/start")
    assert f'value="{machine_zone()}"' in mine.text
    you = {"address": "ada@example.org", "name": "Ada", "at": "06:30", "zone": "Europe/Madrid"}
    asked = client.post("/start/you", data=you)
    (reader,) = service.store.subscriptions()
    assert reader.standing(service.clock()) is Standing.ACTIVE, "whoever sits at this machine gives their own address"
    assert "ada@example.org, at 06:30, Europe/Madrid" in words(read, asked)

    tested = client.post("/start/test")
    assert "It is set up." in words(read, tested)
    assert service.store.setting(TESTED)
    assert len(list((service.settings.home / "outbox").glob("*.eml"))) == 1
    done = client.post("/start/read")
    assert "1 mention of the study is stored" in words(read, done)
    assert "Set up in four steps" not in client.get("/").text


def test_the_zone_of_the_browser_is_proposed_before_the_machines(client, service, site):
    client.post("/start/study", data={"study": "keio-ips-sci"})
    client.cookies.set("zone", "Asia/Tokyo")
    assert 'value="Asia/Tokyo"' in client.get("/start?step=you").text


def test_what_cannot_be_read_is_told_line_by_line_and_the_others_are_added(client, service, site, read):
    client.post("/start/study", data={"study": "keio-ips-sci"})
    lines = f"{site.url('/feed.xml')}\n{site.url('/none')}\nhttp://"
    answer = client.post("/start/sources", data={"lines": lines})
    assert answer.status_code == 400
    assert [feed.url for feed in service.store.feeds()] == [f"{site.url('/feed.xml')}"]
    left = re.search(r'<textarea id="lines"[^>]*>([^<]*)</textarea>', answer.text)[1]
    assert left.split("\n") == [f"{site.url('/none')}", "http://"]
    again = client.post("/start/sources", data={"lines": f"{site.url('/feed.xml')}"})
    assert "read already" in words(read, again)


def test_the_study_is_watched_where_that_is_wanted(client, service):
    client.post("/start/study", data={"study": "keio-ips-sci"})
    client.post("/start/sources", data={"lines": "", "watch": "yes"})
    kinds = {feed.kind.value for feed in service.store.feeds()}
    assert {"pubmed-watch", "europepmc-watch", "crossref-watch", "registry-watch"} <= kinds
    assert "openalex-watch" not in kinds


@pytest.mark.parametrize(
    ("step", "data", "told"),
    [
        ("study", {"study": "nothing"}, "Choose one of the studies"),
        ("study", {}, "Choose one of the studies"),
        ("sources", {"lines": " \n "}, "at least one source"),
        ("sources", {"lines": "\n".join(f"https://{n}.example" for n in range(40))}, "more than can be looked at"),
        ("you", {"address": "nobody", "at": "07:00", "zone": "UTC"}, 'id="e-address"'),
        ("you", {"address": "a@example.org", "at": "late", "zone": "UTC"}, 'id="e-at"'),
        ("you", {"address": "a@example.org", "at": "07:00", "zone": "Atlantis"}, 'id="e-zone"'),
        ("you", {"address": f"a@example.org\r\nBcc: {HOSTILE}", "at": "07:00", "zone": "UTC"}, 'id="e-address"'),
    ],
)
def test_a_wrong_answer_is_asked_again_at_once(client, service, step, data, told):
    if step != "study":
        client.post("/start/study", data={"study": "keio-ips-sci"})
    answer = client.post(f"/start/{step}", data=data)
    assert answer.status_code == 400
    assert told in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert service.store.subscriptions() == ()
    assert service.store.feeds() == ()


def test_hostile_words_stay_words(client, service, site):
    client.post("/start/study", data={"study": HOSTILE})
    client.post("/start/study", data={"study": "keio-ips-sci"})
    answers = [
        client.post("/start/sources", data={"lines": HOSTILE}),
        client.post("/start/you", data={"address": HOSTILE, "name": HOSTILE, "at": HOSTILE, "zone": HOSTILE}),
        client.post("/start/you", data={"address": "a@example.org", "name": HOSTILE, "at": "07:00", "zone": "UTC"}),
        client.get("/start?step=you"),
        client.get(f"/start?step={HOSTILE}"),
    ]
    assert [one.status_code for one in answers][1:] == [400, 200, 200, 200]
    assert [one for one in answers if "<script>alert" in one.text] == []


def test_a_mail_server_that_refuses_is_told_and_nothing_counts_as_done(client, service, site, fakes):
    client.post("/start/study", data={"study": "keio-ips-sci"})
    client.post("/start/sources", data={"lines": f"{site.url('/feed.xml')}"})
    client.post("/start/you", data={"address": "a@example.org", "at": "07:00", "zone": "UTC"})

    class Refusing:
        def send(self, **_):
            raise MailError("550 no mail from you")

    service.__dict__["deps"] = replace(service.deps, mailer=Refusing())
    answer = client.post("/start/test")
    assert answer.status_code == 400
    assert "No test mail was sent. 550 no mail from you." in answer.text
    assert not service.store.setting(TESTED)
