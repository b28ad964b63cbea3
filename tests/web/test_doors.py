"""Who comes in: sign-in links, cookies, proxies, other sites' pages; and numbers of any size."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.digests.signed_links import Action, sign, without_tokens
from monitor.core.session import SessionState, secret_hash
from monitor.web.app import build_app

BASE = "https://watch.example.org"


@pytest.fixture
def public(seeded):
    """An installation that others reach under a name."""
    seeded.settings = replace(seeded.settings, base_url=BASE, host="0.0.0.0")
    return seeded


@pytest.fixture
def visit(public):
    """A new browser on the public address, each time it is called."""
    from starlette.testclient import TestClient

    app = build_app(public)

    def new():
        client = TestClient(app, base_url=BASE, follow_redirects=False)
        client.first = re.sub(r"^https://[^/]+", "", app.state.first_link)
        return client

    return new


def test_a_sign_in_link_works_once(visit):
    ours, other = visit(), visit()
    assert ours.post(ours.first).status_code == 303
    assert ours.get("/").status_code == 200
    assert [other.get(ours.first).status_code, other.post(ours.first).status_code] == [404, 404]
    assert other.get("/").status_code == 401


def test_a_sign_in_link_ends_after_an_hour_and_a_session_after_30_days(visit, clock):
    late, ours = visit(), visit()
    ours.post(ours.first)
    clock.now += timedelta(days=29)
    assert (ours.get("/").status_code, late.get(late.first).status_code) == (200, 404)
    clock.now += timedelta(days=2)
    assert ours.get("/").status_code == 401


def test_a_link_that_waited_an_hour_is_too_old(visit, clock):
    browser = visit()
    clock.now += timedelta(minutes=61)
    assert browser.post(browser.first).status_code == 404


def test_the_cookie_is_no_link_and_the_link_no_cookie(visit, public):
    ours, other = visit(), visit()
    ours.post(ours.first)
    cookie = ours.cookies["hypewatch"]
    assert other.post(f"/sign-in/{cookie}").status_code == 404
    other.cookies.set("hypewatch", ours.first.rpartition("/")[2])
    assert other.get("/").status_code == 401
    stored = public.store.sessions(public.clock())
    assert [session.state for session in stored] == [SessionState.OPEN]
    assert public.store.session(secret_hash(cookie), public.clock()).browser == "testclient"
    assert public.store.session(cookie, public.clock()) is None, "what is stored lets nobody in"


def test_an_ended_session_is_out(visit, public):
    ours, other = visit(), visit()
    ours.post(ours.first)
    assert "this one" in ours.get("/sessions").text
    (session,) = public.store.sessions(public.clock())
    assert other.post(f"/sessions/{session.id}/end").status_code == 401
    assert ours.get("/").status_code == 200
    assert ours.post(f"/sessions/{session.id}/end").status_code == 303
    assert ours.get("/").status_code == 401
    assert public.store.sessions(public.clock()) == ()


def test_signing_out_ends_the_session_and_not_the_cookie_alone(visit, public):
    ours = visit()
    ours.post(ours.first)
    cookie = ours.cookies["hypewatch"]
    assert ours.post("/sign-out").status_code == 303
    other = visit()
    other.cookies.set("hypewatch", cookie)
    assert other.get("/").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://watch.example.org.evil.example"},
    ],
)
def test_a_post_of_another_sites_page_is_refused(visit, public, headers):
    ours = visit()
    ours.post(ours.first)
    for path in ("/sign-out", f"/l/pause/{sign(public.key, Action.PAUSE, (1,))}", "/sessions/1/end"):
        assert ours.post(path, headers=headers).status_code == 403, path
    assert ours.get("/").status_code == 200
    assert public.store.subscription(1).paused_until is None
    assert ours.get("/mentions", headers=headers).status_code == 200, "a link from elsewhere may be followed"


def test_our_own_pages_and_mail_programs_may_post(visit, public):
    ours = visit()
    own = {"Sec-Fetch-Site": "same-origin", "Origin": BASE}
    assert ours.post(ours.first, headers=own).status_code == 303
    assert ours.post(f"/l/pause/{sign(public.key, Action.PAUSE, (1,))}", headers=own).status_code == 200
    # Chromium says "null" of a form on a page that tells nobody where it came from; what it says of the site counts.
    assert ours.post("/sessions/999/end", headers=own | {"Origin": "null"}).status_code == 404
    one_click = f"/l/unsubscribe/{sign(public.key, Action.UNSUBSCRIBE, (1,))}"
    body = {"List-Unsubscribe": "One-Click"}
    assert ours.post(one_click, data=body, headers={"Origin": "https://mail.example"}).status_code == 200
    assert public.store.subscription(1).left_at


@pytest.mark.parametrize(
    "header",
    [
        {"Forwarded": "for=203.0.113.5"},
        {"X-Forwarded-For": "203.0.113.5"},
        {"X-Forwarded-Host": "watch.example.org"},
        {"x-forwarded-proto": "https"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "203.0.113.5"},
        *({name: "203.0.113.5"} for name in ("Client-IP", "X-Cluster-Client-IP", "Forwarded-For", "X-Forwarded")),
        {"X-Original-URL": "/"},
    ],
)
def test_what_a_proxy_handed_on_never_gets_the_local_mode(browser, header):
    """Also where the proxy keeps its default Host, which is ours: 127.0.0.1:8080."""
    assert browser("/").status == 200
    for path in ("/", "/mentions.json", "/digests/1"):
        answer = browser(path, **header)
        assert (answer.status, "handed on by a proxy" in answer.text) == (401, True), path
    assert browser("/healthz", **header).status == 200


def test_http_1_0_is_a_proxy_that_says_nothing(seeded):
    """Nginx speaks HTTP/1.0 to us, with the Host of its `proxy_pass`, unless it is told otherwise."""
    import asyncio

    app = build_app(seeded)

    def status(version: str) -> int:
        sent = []
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": version, "method": "GET", "path": "/digests",
            "raw_path": b"/digests", "query_string": b"", "headers": [(b"host", b"127.0.0.1:8080")], "scheme": "http",
            "server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1), "root_path": "",
        }  # fmt: skip

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        asyncio.run(app(scope, receive, send))
        return sent[0]["status"]

    assert (status("1.1"), status("1.0")) == (200, 401)


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999999999", str(2**63), "1e3", "abc", "１"])
def test_a_number_that_no_row_has_is_no_page(browser, number):
    for path in ("/mentions/{}", "/digests/{}", "/digests/{}/mail"):
        assert browser(path.format(number)).status == 404, path
    assert browser(f"/sessions/{number}/end", "POST").status == 404


@pytest.mark.parametrize("before", ["-1", "9" * 26, str(2**63), "abc", ""])
def test_before_that_is_no_number_is_refused(browser, before):
    answer = browser(f"/mentions?before={before}")
    assert answer.status == 400
    assert "<code>before</code> cannot be read" in answer.text


def test_numbers_of_any_size_in_commands_are_one_sentence(seeded):
    from monitor.core.errors import NotFoundError

    for ask in (seeded.store.mention, seeded.store.digest, seeded.store.flag, seeded.store.feed, seeded.store.reviews):
        with pytest.raises(NotFoundError):
            ask(10**26)


@pytest.mark.parametrize(
    "path",
    ["/", "/mentions", "/mentions.csv", "/mentions/999", "/digests/1", "/help", "/healthz", "/static/style.css", "/no"],
)
def test_head_answers_like_get_without_a_body(browser, path):
    got, head = browser(path), browser(path, "HEAD")
    assert head.text == ""
    unlike = {name for name in got.headers.keys() | head.headers if got.headers.get(name) != head.headers.get(name)}
    assert (head.status, unlike) == (got.status, set())


def test_the_signed_links_of_another_person_are_not_shown(browser, seeded):
    """The web copy of a digest belongs to whoever may read the pages; its links belong to who got the mail."""
    from sqlalchemy import update

    from monitor.storage.tables import digests

    token = sign(seeded.key, Action.UNSUBSCRIBE, (1,))
    link = f"{BASE}/l/unsubscribe/{token}"
    with seeded.store._db.write() as conn:
        conn.execute(update(digests).values(html=f'<a href="{link}">Unsubscribe</a>', text=f"Unsubscribe: {link}"))
    for path in ("/digests/1", "/digests/1/mail"):
        page = browser(path).text
        assert "/l/unsubscribe/…" in page
        assert token not in page
    assert without_tokens("see /l/nothing and https://o.example/l/a") == "see /l/nothing and https://o.example/l/a"


def test_a_host_header_that_is_none_is_told(browser):
    for host in ("[::1", "evil.example", ""):
        assert browser("/", Host=host).status in {400, 421}
