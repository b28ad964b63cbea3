"""People come in by invitation, link or password; look after their account; and make keys. Who they are is told to nobody outside."""

from __future__ import annotations

import email
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import policy

import pytest
from starlette.testclient import TestClient

from monitor.core.changes import Area
from monitor.core.errors import MailError
from monitor.core.people import PersonState
from monitor.core.session import Role, secret_hash
from monitor.pipeline.people import invite
from monitor.web.access import ACCESS
from monitor.web.app import build_app
from monitor.web.doors import place_of
from monitor.web.sessions import sign_in_link

BASE = "https://watch.example.org"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def public(seeded):
    """An installation that others reach under a name, whose mails nobody but the tests reads."""
    told = {"base_url": BASE, "host": "0.0.0.0"}
    seeded.settings = replace(seeded.settings, **told)
    return seeded


@pytest.fixture
def app(public):
    return build_app(public)


@pytest.fixture
def visit(app):
    """A new browser, signed in by a link if one is given."""

    def new(link: str = "", **more) -> TestClient:
        client = TestClient(app, base_url=BASE, follow_redirects=False, **more)
        if link:
            assert client.post(path(link)).status_code == 303
        return client

    return new


@pytest.fixture
def owner(visit, public):
    return visit(invite(public.deps, "ada@example.org", role=Role.OWNER, name="Ada").link)


def path(link: str) -> str:
    return re.sub(r"^https://[^/]+", "", link)


def mails(service):
    """The mails in the outbox, oldest first."""
    files = sorted((service.settings.home / "outbox").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def link_in(text: str) -> str:
    return re.search(r"/sign-in/[\w-]{43}", text)[0]


def shown_key(text: str) -> str:
    return re.search(r"hw_[\w-]{43}", text)[0]


def with_password(client):
    return client.post("/account/password", data={"new": PASSWORD})


# --- coming in -------------------------------------------------------------------------------------------------------


def test_an_invitation_lets_one_person_in_once(owner, visit, public):
    shown = owner.post("/people", data={"address": "Bob@Example.org", "name": "Bob", "role": "editor"})
    assert (shown.status_code, "is not shown again" in shown.text) == (200, True), "no mail server: the link is shown"
    link = link_in(shown.text)
    assert link not in owner.get("/people").text
    bob = visit()
    assert bob.get(link).status_code == 200
    assert public.store.person(2).state is PersonState.INVITED, "looking at it uses nothing up"
    assert bob.post(link).headers["location"] == "/account?done=welcome"
    assert "Welcome" in bob.get("/account?done=welcome").text
    assert [visit().get(link).status_code, visit().post(link).status_code] == [404, 404]
    assert [bob.get("/subscribers").status_code, bob.get("/people").status_code] == [200, 403]
    assert public.store.person(2).state is PersonState.ACTIVE


def test_an_invitation_waits_a_week_and_a_mailed_link_an_hour(visit, public, clock):
    first, second = (invite(public.deps, f"{name}@example.org", role=Role.READER).link for name in "ab")
    clock.now += timedelta(days=6, hours=23)
    a = visit(first)
    visit().post("/sign-in", data={"address": "a@example.org", "by": "link"})
    asked = link_in(mails(public)[-1].get_body(("plain",)).get_content())
    clock.now += timedelta(hours=2)
    assert [visit().post(path(second)).status_code, visit().post(asked).status_code] == [404, 404]
    assert a.get("/").status_code == 200


def test_a_mailed_link_signs_in_and_what_the_page_says_is_the_same_for_everybody(owner, visit, public):
    before = len(mails(public))
    known = visit().post("/sign-in", data={"address": " ADA@example.org ", "by": "link"})
    unknown = visit().post("/sign-in", data={"address": "eve@example.org", "by": "link"})
    none = visit().post("/sign-in", data={"address": "no address", "by": "link"})
    assert known.status_code == unknown.status_code == none.status_code == 303
    assert known.headers["location"] == unknown.headers["location"] == none.headers["location"]
    assert known.content == unknown.content == none.content
    assert "on its way" in visit().get(known.headers["location"]).text
    (mail,) = mails(public)[before:]
    assert mail["To"] == "Ada <ada@example.org>"
    again = visit()
    assert again.post(link_in(mail.get_body(("plain",)).get_content())).headers["location"] == "/"
    assert again.get("/people").status_code == 200


def test_a_link_is_offered_where_mail_leaves_the_machine(visit, public, monkeypatch):
    assert "Mail me a link" not in visit().get("/sign-in").text
    monkeypatch.setattr(type(public), "mails", property(lambda _: True))
    assert "Mail me a link" in visit().get("/sign-in").text


def test_a_failing_mail_server_tells_nothing_either(owner, visit, public, caplog):
    from dataclasses import replace

    from monitor.core.errors import MailTemporaryError

    class Away:
        def send(self, **_):
            raise MailTemporaryError("The mail server does not answer.")

    public.__dict__["deps"] = replace(public.deps, mailer=Away())
    with caplog.at_level(logging.INFO):
        answer = visit().post("/sign-in", data={"address": "ada@example.org", "by": "link"})
    assert (answer.status_code, "sent=yes" in answer.headers["location"]) == (303, True)
    assert "could not be mailed" in caplog.text
    assert "ada@example.org" not in caplog.text
    # An invitation that could not be mailed is passed on by hand.
    shown = owner.post("/people", data={"address": "bob@example.org", "role": "reader"}).text
    assert "The mail server does not answer." in shown
    assert visit().post(link_in(shown)).status_code == 303


def test_not_more_than_five_links_are_mailed_to_one_address(owner, visit, public, clock):
    before = len(mails(public))
    for _ in range(8):
        visit().post("/sign-in", data={"address": "ada@example.org", "by": "link"})
        clock.now += timedelta(seconds=1)
    assert len(mails(public)) - before == 5
    clock.now += timedelta(minutes=16)
    visit().post("/sign-in", data={"address": "ada@example.org", "by": "link"})
    assert len(mails(public)) - before == 6


def test_a_password_signs_in_and_leads_to_the_page_that_was_asked_for(owner, visit):
    with_password(owner)
    new = visit()
    asked = new.get("/mentions?q=keio")
    assert asked.status_code == 401
    door = re.search(r'href="(/sign-in\?next=[^"]+)"', asked.text)[1]
    onward = re.search(r'name="next" value="([^"]+)"', new.get(door).text)[1]
    answer = new.post("/sign-in", data={"address": "ADA@example.org", "password": PASSWORD, "next": onward})
    assert (answer.status_code, answer.headers["location"]) == (303, "/mentions?q=keio")
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "secure"))
    assert new.get("/people").status_code == 200


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(owner, visit, onward):
    with_password(owner)
    answer = visit().post("/sign-in", data={"address": "ada@example.org", "password": PASSWORD, "next": onward})
    assert answer.headers["location"] == "/"
    assert "evil" not in visit().get("/sign-in", params={"next": onward}).text


def test_who_is_known_cannot_be_told_by_a_wrong_password(owner, visit, public, monkeypatch):
    """The same words, and the same work: a sum is made for an address that nobody has, and for who has no password."""
    from monitor.pipeline import passwords

    with_password(owner)
    invite(public.deps, "bob@example.org", role=Role.READER)
    checked = []
    hasher = passwords._hasher()

    class Counting:
        hash = hasher.hash

        def verify(self, kept, given):
            checked.append(kept.split("$")[:4])
            return hasher.verify(kept, given)

    monkeypatch.setattr(passwords, "_hasher", Counting)
    answers = []
    for address in ("ada@example.org", "eve@example.org", "bob@example.org", "no address"):
        answer = visit().post("/sign-in", data={"address": address, "password": "wrong"})
        answers.append((answer.status_code, answer.text.replace(address, "")))
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 400
    assert len(checked) == 4
    assert checked == [checked[0]] * 4


def test_five_wrong_passwords_and_one_has_to_wait(owner, visit, clock):
    with_password(owner)

    def attempt(password, address="ada@example.org"):
        return visit().post("/sign-in", data={"address": address, "password": password})

    for _ in range(5):
        assert "do not fit together" in attempt("wrong").text
    locked = attempt(PASSWORD)
    assert (locked.status_code, "Wait 15 minutes" in locked.text) == (429, True)
    assert locked.headers["retry-after"] == "900"
    assert "do not fit" in attempt("wrong", "eve@example.org").text, "others are not kept waiting"
    clock.now += timedelta(minutes=10)
    assert "Wait 5 minutes" in attempt(PASSWORD).text
    clock.now += timedelta(minutes=5)
    assert attempt(PASSWORD).status_code == 303
    for _ in range(4):
        attempt("wrong")
    assert attempt(PASSWORD).status_code == 303
    for _ in range(4):
        assert "do not fit together" in attempt("wrong").text, "what went well ends the count"


def test_one_place_cannot_try_many_addresses(owner, visit):
    def attempt(number):
        return visit().post("/sign-in", data={"address": f"a{number}@example.org", "password": "wrong"}).text

    assert ["do not fit" in attempt(number) for number in range(20)] == [True] * 20
    assert "too many tries" in attempt(21)


@pytest.mark.parametrize(
    ("peer", "header", "place"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("93.184.216.34", "198.51.100.1", "93.184.216.34"),  # anybody can write a header
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the proxy's own word is the last
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("testclient", "203.0.113.9", "testclient"),
    ],
)
def test_the_place_of_who_tries(peer, header, place):
    from starlette.requests import Request

    headers = [(b"x-forwarded-for", header.encode())] if header else []
    assert place_of(Request({"type": "http", "client": (peer, 1), "headers": headers})) == place


def test_signing_in_makes_a_new_cookie_and_ends_the_old(owner, visit, public):
    """Neither a cookie that somebody else put there nor one that was in use is taken on (fixation)."""
    with_password(owner)
    planted = visit()
    planted.cookies.set("hypewatch", "planted-by-somebody", domain="watch.example.org")
    answer = planted.post("/sign-in", data={"address": "ada@example.org", "password": PASSWORD})
    first = re.search(r"hypewatch=([^;]+)", answer.headers["set-cookie"])[1]
    assert first != "planted-by-somebody"
    new = visit()
    new.cookies.set("hypewatch", first, domain="watch.example.org")
    second = re.search(
        r"hypewatch=([^;]+)",
        new.post("/sign-in", data={"address": "ada@example.org", "password": PASSWORD}).headers["set-cookie"],
    )[1]
    now = public.clock()
    assert second != first
    assert public.store.session(secret_hash("planted-by-somebody"), now) is None
    assert public.store.session(secret_hash(first), now) is None
    assert public.store.session(secret_hash(second), now).person_id == 1


def test_one_invitation_opened_by_two_browsers_at_once_lets_one_in(visit, public):
    link = path(invite(public.deps, "bob@example.org", role=Role.READER).link)
    browsers = [visit() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda browser: browser.post(link).status_code, browsers)) == [303, 404, 404, 404]
    assert len(public.store.sessions(public.clock(), person_id=1)) == 1


def test_a_sign_in_from_another_sites_page_is_refused(owner, visit):
    with_password(owner)
    sent = {"address": "ada@example.org", "password": PASSWORD}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert visit().post("/sign-in", data=sent, headers=headers).status_code == 403


def test_the_owners_link_without_an_account_works_as_before(visit, public):
    client = visit(sign_in_link(public, role=Role.EDITOR, name="Mo"))
    assert "by a link without an account" in client.get("/account").text
    assert client.post("/account", data={"name": "x"}).status_code == 400
    assert "Keys belong to accounts" in client.get("/keys").text
    assert client.post("/keys", data={"name": "x", "scope": "read"}).status_code == 400
    assert public.store.program_keys() == ()


# --- one's own account -----------------------------------------------------------------------------------------------


def test_a_name_stands_beside_what_is_done_from_then_on(owner, public):
    assert owner.post("/account", data={"name": "Ada\nLovelace "}).status_code == 303
    assert public.store.person(1).name == "Ada Lovelace"
    assert "called Ada Lovelace from now on" in public.store.changes(area=Area.PEOPLE)[0].did
    refused = owner.post("/account", data={"name": "x" * 101})
    assert (refused.status_code, "x" * 101 in refused.text, "more than 100" in refused.text) == (400, True, True)


def test_who_has_a_password_says_it_before_another_is_set(owner, public, visit):
    assert "fewer than 12" in owner.post("/account/password", data={"new": "elevenchars"}).text
    assert "more than 1000" in owner.post("/account/password", data={"new": "x" * 1001}).text
    assert with_password(owner).status_code == 303
    assert "not your present password" in with_password(owner).text
    other = {"old": PASSWORD, "new": "a different long one"}
    assert owner.post("/account/password", data=other).status_code == 303
    signed = visit().post("/sign-in", data={"address": "ada@example.org", "password": "a different long one"})
    assert signed.status_code == 303
    for _ in range(5):
        owner.post("/account/password", data={"old": "guess", "new": PASSWORD})
    assert "too many tries" in owner.post("/account/password", data=other).text, "a stolen browser cannot guess it"


def test_a_new_password_signs_the_other_browsers_out_and_is_told_by_mail(owner, visit, public):
    with_password(owner)
    told = mails(public)[-1]
    assert (told["To"], told["Subject"]) == ("Ada <ada@example.org>", "Your password for Hypewatch was set")
    assert PASSWORD not in str(told)
    second = visit()
    second.post("/sign-in", data={"address": "ada@example.org", "password": PASSWORD})
    assert second.get("/").status_code == 200
    owner.post("/account/password", data={"old": PASSWORD, "new": "a different long one"})
    assert [owner.get("/").status_code, second.get("/").status_code] == [200, 401]
    count = len(mails(public))
    owner.post("/account/password", data={"old": "wrong", "new": PASSWORD})
    assert len(mails(public)) == count, "nothing was set"


def test_a_new_password_holds_although_the_mail_about_it_does_not_go(owner, visit, public, monkeypatch, caplog):
    def refuse(**_):
        raise MailError("The mail server does not answer.")

    monkeypatch.setattr(public.deps.mailer, "send", refuse)
    assert with_password(owner).status_code == 303
    sent = {"address": "ada@example.org", "password": PASSWORD}
    assert visit().post("/sign-in", data=sent).status_code == 303
    assert "could not be told by mail of a new password: The mail server does not answer." in caplog.text


def test_the_same_letters_are_the_same_password(owner, visit):
    composed, in_parts = "Grüße aus München", "Gru\u0308ße aus Mu\u0308nchen"
    owner.post("/account/password", data={"new": composed})
    sent = {"address": "ada@example.org", "password": in_parts}
    assert visit().post("/sign-in", data=sent).status_code == 303


def test_browsers_are_signed_out_one_by_one_or_all_others(owner, visit, public):
    with_password(owner)
    sent = {"address": "ada@example.org", "password": PASSWORD}
    others = [visit(), visit()]
    for other in others:
        other.post("/sign-in", data=sent)
    newest, *_ = public.store.sessions(public.clock(), person_id=1)
    assert owner.get("/account").text.count("/account/sessions/") == 2
    assert owner.post(f"/account/sessions/{newest.id}/end").status_code == 303
    assert [other.get("/").status_code for other in others] == [200, 401]
    assert owner.post("/account/end-others").status_code == 303
    assert [owner.get("/").status_code, others[0].get("/").status_code] == [200, 401]


def test_nobody_ends_anothers_browser_from_their_account(owner, visit, public):
    bob = visit(invite(public.deps, "bob@example.org", role=Role.READER).link)
    (hers,) = public.store.sessions(public.clock(), person_id=1)
    assert bob.post(f"/account/sessions/{hers.id}/end").status_code == 404
    assert owner.get("/").status_code == 200


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_role_holds_from_the_next_page_on_and_a_removal_at_once(owner, visit, public):
    bob = visit(invite(public.deps, "bob@example.org", role=Role.READER, name="Bob").link)
    assert bob.get("/subscribers").status_code == 403
    assert owner.post("/people/2", data={"role": "editor"}).status_code == 303
    assert bob.get("/subscribers").status_code == 200
    assert "Nothing happens until" in owner.get("/people/2/remove").text
    assert public.store.person(2).is_there
    assert owner.post("/people/2/remove").headers["location"] == "/people?done=removed"
    assert bob.get("/").status_code == 401
    assert [owner.get("/people/2").status_code, owner.post("/people/2/invite").status_code] == [404, 404]
    did = [change.did for change in public.store.changes(area=Area.PEOPLE)]
    assert did[:2] == ["removed Bob", "made Bob editor, before reader"]
    assert {change.by for change in public.store.changes(area=Area.PEOPLE)[:2]} == {"Ada"}


def test_the_only_owner_cannot_go_or_become_less(owner):
    for answer in (owner.post("/people/1/remove"), owner.post("/people/1", data={"role": "reader"})):
        assert (answer.status_code, "is the only owner" in answer.text) == (400, True)
    assert owner.get("/people").status_code == 200


def test_a_new_link_ends_the_older(owner, visit):
    first = link_in(owner.post("/people", data={"address": "bob@example.org", "role": "reader"}).text)
    second = link_in(owner.post("/people/2/invite").text)
    assert [visit().post(first).status_code, visit().post(second).status_code] == [404, 303]


def test_where_mail_leaves_the_machine_nobody_but_the_invited_sees_the_link(owner, public, monkeypatch):
    monkeypatch.setattr(type(public), "mails", property(lambda _: True))
    answer = owner.post("/people", data={"address": "bob@example.org", "role": "reader"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/people/2?done=mailed")
    mail = mails(public)[-1]
    assert (mail["To"], "Ada invites you" in mail.get_body(("plain",)).get_content()) == ("bob@example.org", True)


HOSTILE_NAMES = [
    '"><img src=x onerror=alert(1)>',
    "x\r\nBcc: eve@example.org",
    "\x00\x1b[2J\u202eevil",
    "=?utf-8?q?x?=",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_text_on_pages_and_in_mails(owner, public, name):
    assert owner.post("/account", data={"name": name}).status_code == 303
    assert owner.post("/people", data={"address": "bob@example.org", "name": name, "role": "editor"}).status_code == 200
    mail = mails(public)[-1]
    assert [mail["Bcc"], mail["Cc"], len(mail.get_all("To"))] == [None, None, 1]
    assert mail["To"].addresses[0].addr_spec == "bob@example.org"
    assert "<img" not in mail.get_body(("html",)).get_content()
    for page in ("/people", "/people/2", "/people/2/remove", "/account", "/audit", "/sessions", "/settings"):
        shown = owner.get(page)
        assert (shown.status_code, "<img" in shown.text, "\x1b" in shown.text) == (200, False, False), page


@pytest.mark.parametrize(
    "address",
    [
        *("", "ada", "a@x.org, b@x.org", "a@x.org\r\nBcc: b@x.org", '"x" <a@x.org>', "a@x.org\x00", "é@x.org"),
        "a" * 1_000_000 + "@x.org",
        "<script>alert(1)</script>@x.org",
    ],
)
def test_what_is_no_address_is_told_at_its_field_and_nobody_is_invited(owner, public, address):
    count = len(mails(public))
    answer = owner.post("/people", data={"address": address, "name": "Bob", "role": "editor"})
    assert answer.status_code == 400
    if len(address) < 500_000:  # a bigger form is refused before it is read
        assert 'id="e-address"' in answer.text
        assert 'value="Bob"' in answer.text
    assert "<script>alert" not in answer.text
    assert (len(public.store.people()), len(mails(public))) == (1, count)


@pytest.mark.parametrize(
    ("where", "data"),
    [
        ("/people", {"address": "bob@example.org", "role": "king"}),
        ("/people", {"address": "bob@example.org", "name": "x" * 900_000, "role": "reader"}),
        ("/people/1", {"role": ""}),
        ("/people/1", {"role": "owner\x00"}),
        ("/keys", {"name": "x", "scope": "everything"}),
        ("/keys", {"name": "x", "scope": "read", "days": "-1"}),
        ("/keys", {"name": "x", "scope": "read", "days": "9" * 400}),
        ("/keys", {"name": "x", "scope": "read", "days": "٣"}),
        ("/keys", {"name": "x"}),
        ("/keys", {"name": " \x00\n", "scope": "read"}),
        ("/keys", {"name": "x" * 900_000, "scope": "read"}),
        ("/account/password", {"new": "x" * 900_000}),
        ("/sign-in", {"address": "a" * 400_000, "password": "x" * 400_000}),
        ("/sign-in", {"address": "ada@example.org\x00", "password": "\ud800".encode("utf-8", "surrogatepass")}),
    ],
)
def test_a_form_with_nonsense_is_refused_in_words_and_changes_nothing(owner, public, where, data):
    before = (public.store.people(), public.store.program_keys())
    answer = owner.post(where, data=data)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text or 'class="wrong"' in answer.text
    assert len(answer.text) < 60_000, "what was typed is not sent back by the megabyte"
    assert (public.store.people(), public.store.program_keys()) == before


# --- keys, and what was changed --------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_works_until_it_is_revoked(owner, visit, public):
    made = owner.post("/keys", data={"name": "Weekly table", "scope": ["read", "admin"], "days": "30"})
    secret = shown_key(made.text)
    assert secret not in owner.get("/keys").text
    program = {"Authorization": f"Bearer {secret}"}
    rows = visit().get("/mentions.json", headers=program)
    assert (rows.status_code, rows.headers["content-type"]) == (200, "application/json")
    assert visit().get("/audit.json", headers=program).json()["changes"][0]["did"].startswith("made the key Weekly")
    (key,) = public.store.program_keys()
    assert owner.post(f"/keys/{key.id}/revoke").status_code == 303
    assert visit().get("/mentions.json", headers=program).status_code == 401


def test_one_sees_and_revokes_ones_own_keys_and_an_owner_all(owner, visit, public):
    bob = visit(invite(public.deps, "bob@example.org", role=Role.READER, name="Bob").link)
    owner.post("/keys", data={"name": "hers", "scope": "read"})
    bob.post("/keys", data={"name": "his", "scope": "read"})
    his, hers = public.store.program_keys()
    assert ("hers" in bob.get("/keys").text, "his" in owner.get("/keys").text) == (False, True)
    assert bob.post(f"/keys/{hers.id}/revoke").status_code == 404
    assert owner.post(f"/keys/{his.id}/revoke").status_code == 303
    assert public.store.program_keys() == (hers,)
    assert bob.post("/keys", data={"name": "more", "scope": "review"}).status_code == 400, "it may at most what he may"


#: Rooms whose POSTs have a history of their own, or are tested there; and what stores nothing that others see.
ELSEWHERE = (
    "/api",
    "/check",
    "/mentions",
    "/rules",
    "/reviews",
    "/backtests",
    "/flags",
    "/letters",
    "/sources",
    "/studies",
    "/proposals",
    "/start",
    "/l/",
    "/sign-in",
    "/sign-out",
)
#: They need a mail or a call that failed; `tests/web` has them beside those.
NEEDS_A_FAILURE = {"/digests/{digest_id}/again", "/webhook-calls/{call_id}/again"}


def test_what_is_done_on_a_page_without_a_history_of_its_own_is_kept(owner, public):
    """Each is done once, and stands with its name in the list that owners see and take away."""
    now = public.clock()
    for number in (1, 2):
        public.store.begin_session(
            f"other-{number}", person_id=1, now=now, expires_at=now + timedelta(days=1), browser=""
        )
    second, first, *_ = (session.id for session in public.store.sessions(now, person_id=1))
    acts = {
        f"/sessions/{first}/end": {},
        f"/account/sessions/{second}/end": {},
        "/people": {"address": "bob@example.org", "role": "reader"},
        "/people/2": {"role": "editor"},
        "/people/2/invite": {},
        "/people/2/remove": {},
        "/account": {"name": "Ada L."},
        "/account/password": {"new": PASSWORD},
        "/account/end-others": {},
        "/keys": {"name": "desk", "scope": "read"},
        "/keys/1/revoke": {},
        "/outlets/1": {"contact": "desk@example.org"},
        "/subscribers": {
            "address": "new@example.org",
            "at": "07:00",
            "zone": "UTC",
            "days": "0",
            "threshold": "high",
            "language": "en",
        },
        "/subscribers/1": {
            "at": "06:15",
            "zone": "America/Bogota",
            "days": "0",
            "threshold": "medium",
            "language": "es",
            "urgent_most": "1",
            "hush_from": "22:30",
            "hush_until": "06:00",
        },
        "/subscribers/1/pause": {"until": "2026-03-20"},
        "/subscribers/1/resume": {},
        "/subscribers/1/end": {},
        "/digests/test": {"address": "desk@example.org"},
        "/webhooks": {"url": "https://desk.example.org/in", "event": "flag.confirmed"},
        "/webhooks/1/test": {},
        "/webhooks/1/remove": {},
        "/searches": {"name": "Walks", "q": "walking"},
        "/searches/1/mail": {"subscription": "2"},
        "/searches/1/mail/2/stop": {},
        "/searches/1/remove": {},
    }
    walked = {re.sub(r"/\d+", "/#", where) for where in acts}
    posts = {where for method, where in ACCESS if method == "POST" and not where.startswith(ELSEWHERE)}
    assert {re.sub(r"\{\w+\}", "#", where) for where in posts - NEEDS_A_FAILURE} == walked, "a POST was forgotten"
    for where, data in acts.items():
        before = len(public.store.changes(limit=100))
        status = owner.post(where, data=data).status_code
        assert (where, status) in {(where, 200), (where, 303)}
        assert len(public.store.changes(limit=100)) == before + 1, where
    listed = owner.get("/audit.json").json()["changes"]
    assert len(listed) == len(acts)
    assert {row["by"] for row in listed} == {"Ada", "Ada L."}
    assert "by,area,did" in owner.get("/audit.csv").text
    page = owner.get("/audit").text
    assert all(row["did"][1:20] in page for row in listed)
    assert "new@example.org" not in page, "addresses of people who get mail are in no list of changes"
    assert "Ada" in owner.get("/outlets/1").text
    only = owner.get("/audit?area=webhooks").text
    assert ("added the webhook" in only.lower(), "paused the mail" in only.lower()) == (True, False)
    assert owner.get("/audit.json?area=webhooks").json()["changes"] == [r for r in listed if r["area"] == "webhooks"]
    assert owner.get("/audit?area=nonsense").status_code == 400


def test_the_list_of_changes_goes_on_page_by_page(owner, public):
    for number in range(120):
        public.store.note_change(by="Ada", area=Area.SOURCES, did=f"read number {number:03}.", now=public.clock())
    seen, where = [], "/audit?area=sources"
    while where:
        text = owner.get(where).text
        seen += re.findall(r"number (\d{3})\.</td>", text)
        older = re.search(r'href="(/audit\?before=[^"]+)"', text)
        where = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"{number:03}" for number in reversed(range(120))]


def test_the_local_mode_is_as_simple_as_before_and_can_invite_already(seeded):
    client = TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)
    assert "Accounts begin to matter" in client.get("/people").text
    for page in ("/settings", "/account", "/keys", "/audit", "/sessions", "/sign-in"):
        assert client.get(page).status_code == 200, page
    assert "/settings" in client.get("/").text
    assert client.post("/people", data={"address": "ada@example.org", "role": "owner"}).status_code == 200
    assert client.get("/").status_code == 200, "still nobody signs in here"
    assert "hw_" in client.post("/keys", data={"name": "x", "scope": "read"}).text
    assert seeded.store.person(1).state is PersonState.INVITED


# --- secrets are nowhere ---------------------------------------------------------------------------------------------


def test_no_secret_is_found_in_logs_pages_changes_or_a_backup(owner, visit, public, tmp_path, caplog, sqlite_url):
    from monitor.storage.backup import backup

    canary = "canary-password-of-ada"
    with caplog.at_level(logging.DEBUG):
        owner.post("/account/password", data={"new": canary})
        visit().post("/sign-in", data={"address": "ada@example.org", "password": f"{canary}-wrong"})
        signed = visit()
        cookie = re.search(
            r"hypewatch=([^;]+)",
            signed.post("/sign-in", data={"address": "ada@example.org", "password": canary}).headers["set-cookie"],
        )[1]
        key = shown_key(owner.post("/keys", data={"name": "desk", "scope": "admin"}).text)
        link = link_in(owner.post("/people", data={"address": "bob@example.org", "role": "reader"}).text)
        visit().get("/mentions.json", headers={"Authorization": f"Bearer {key}"})
        visit().get("/mentions.json", headers={"Authorization": f"Bearer {key}x"})
    secret = link.rpartition("/")[2]
    pages = "".join(
        owner.get(page).text
        for page in ("/people", "/people/2", "/account", "/keys", "/audit", "/sessions", "/settings")
    )
    told = (
        pages
        + caplog.text
        + owner.get("/audit.csv").text
        + repr(public.store.people())
        + repr(public.store.program_keys())
    )
    for canary_ in (canary, cookie, key, secret):
        assert canary_ not in told
        assert secret_hash(canary_) not in told
    hashed = public.store.password("ada@example.org")
    assert hashed.startswith("$argon2id$")
    saved = tmp_path / "saved.db"
    backup(sqlite_url, saved)
    held = saved.read_bytes()
    for canary_ in (canary, cookie, key, secret, hashed, *map(secret_hash, (cookie, key, secret))):
        assert canary_.encode() not in held
    assert b"ada@example.org" in held, "people stay"
    assert canary.encode() not in (tmp_path / sqlite_url.rpartition("/")[2]).read_bytes()
