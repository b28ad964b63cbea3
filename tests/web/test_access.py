"""Every route has its role, and keeps to it. The table is walked, so that a new route cannot be forgotten."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from monitor.core.errors import StorageBusyError
from monitor.core.letters.letter import LetterState
from monitor.core.mention import Verdict
from monitor.core.people import Scope
from monitor.core.session import Role
from monitor.pipeline.letters import draft_for, signer_of
from monitor.pipeline.people import make_key
from monitor.pipeline.review import decide
from monitor.web.access import ACCESS, Keyed, Open, check_routes, scopes_in_use
from monitor.web.app import ROUTERS, build_app
from monitor.web.sessions import sign_in_link

BASE = "https://watch.example.org"
FILLED = {
    "form": "json",
    "claim_id": "keio-ips-sci.overstated-outcome.walking",
    "mention_id": "1",
    "search_id": "1",
    "digest_id": "1",
    "name": "start",
    "secret": "x",
    "action": "wrong",
    "token": "x",
    "session_id": "999",
    "letter_id": "999",
    "outlet_id": "999",
    "rule_id": "miracle",
    "version_id": "999",
    "step": "nothing",
    "backtest_id": "999",
    "flag_id": "999",
    "hook_id": "999",
    "call_id": "999",
    "subscription_id": "999",
    "study_id": "keio-ips-sci",
    "proposal_id": "999",
    "feed_id": "999",
    "person_id": "999",
    "key_id": "999",
    "story_id": "999",
}


@pytest.fixture
def public(seeded):
    """An installation that others reach under a name."""
    seeded.settings = replace(seeded.settings, base_url=BASE, host="0.0.0.0")
    return seeded


@pytest.fixture
def app(public):
    return build_app(public)


def browser(app, public, role: Role | None) -> TestClient:
    client = TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)
    if role is not None:
        link = re.sub(r"^https://[^/]+", "", sign_in_link(public, role=role, name="Ada"))
        assert client.post(link).status_code == 303
    return client


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], path)


def role_of(needed: Role | Keyed) -> Role:
    return needed.role if isinstance(needed, Keyed) else needed


def key(service, role: Role, scope: Scope) -> str:
    """A key of a person with this role. What its person may not have is put in past the door that would refuse it."""
    store, now = service.store, service.clock()
    person = store.person_of(f"{role}@example.org") or store.add_person(
        f"{role}@example.org", name="", role=role, now=now
    )
    store.begin_session(secrets.token_hex(), person_id=person.id, now=now, expires_at=now, browser="")
    _, secret = make_key(
        service.deps, name="desk", scopes=[scope], days=90, person_id=person.id, role=Role.OWNER, maker=""
    )
    return secret


@pytest.mark.parametrize("role", [None, *Role])
def test_a_route_lets_in_whom_it_is_for(app, public, role):
    """Each route is asked, by a browser that was signed in for it alone: what one of them ends is not held against the next."""
    wrong = {}
    for (method, path), needed in ACCESS.items():
        status = browser(app, public, role).request(method, filled(path)).status_code
        if isinstance(needed, Open):
            right = status not in {401, 403}
        elif role is None or (path.startswith("/api/") and method != "GET"):  # a program shows a key
            right = status == 401
        else:
            right = (status == 403) is not role.may(role_of(needed)) and status != 401
        if not right:
            wrong[method, path] = status
    assert wrong == {}


@pytest.mark.parametrize("role", Role)
def test_a_key_reaches_what_its_scope_names_and_its_person_may(app, public, role):
    """Each route is asked with a key of each scope, of each role; and nothing that refuses it answers with a page."""
    for scope in Scope:
        ask_everything(app, public, role, scope)


def ask_everything(app, public, role, scope):
    shown = {"Authorization": f"Bearer {key(public, role, scope)}"}
    client = browser(app, public, None)
    reached, refused = set(), set()
    for (method, path), needed in ACCESS.items():
        if isinstance(needed, Open):
            continue
        answer = client.request(method, filled(path), headers=shown)
        assert answer.status_code != 401, path
        if answer.status_code == 403:
            assert answer.headers["content-type"] == "application/problem+json", path
            assert answer.json()["status"] == 403
            refused.add((method, path))
        else:
            reached.add((method, path))
    wanted = {
        route
        for route, needed in ACCESS.items()
        if isinstance(needed, Keyed) and needed.scope is scope and role.may(needed.role)
    }
    assert (reached, refused & wanted) == (wanted, set())


def test_no_key_reaches_a_page_that_changes_people_keys_or_sign_ins():
    areas = ("/people", "/account", "/keys", "/sessions", "/settings", "/webhooks", "/sign-out")
    assert [route for route, needed in ACCESS.items() if route[1].startswith(areas) and isinstance(needed, Keyed)] == []


def test_every_scope_says_what_it_lets_a_program_do():
    assert all(scope.words.endswith(".") and len(scope.words) > 15 for scope in Scope)
    used = {needed.scope: needed.role for needed in ACCESS.values() if isinstance(needed, Keyed)}
    assert set(scopes_in_use()) == set(used)
    assert {scope: scope.role for scope in used} == used, "who can have a scope is whom its routes are for"


@pytest.mark.parametrize("shown", ["Bearer hw_wrong", "Bearer ", "bearer x y", "Bearer " + "a" * 5000, "Bearer \xe9"])
def test_a_bad_key_is_told_so_in_json_and_no_cookie_helps_it(app, public, shown):
    client = browser(app, public, Role.OWNER)
    assert client.get("/mentions.json").status_code == 200
    for method, path in (("GET", "/mentions.json"), ("GET", "/"), ("POST", "/reviews"), ("GET", "/nothing")):
        answer = client.request(method, path, headers={"Authorization": shown.encode("latin-1")})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path
        assert answer.json()["title"] == "This key does not work."


def test_a_key_that_ended_was_revoked_or_whose_person_was_removed_works_no_more(app, public, clock):
    client = browser(app, public, None)

    def status(secret):
        return client.get("/mentions.json", headers={"Authorization": f"Bearer {secret}"}).status_code

    keys = [
        key(public, Role.OWNER, Scope.READ),
        key(public, Role.READER, Scope.READ),
        key(public, Role.EDITOR, Scope.READ),
    ]
    assert [status(secret) for secret in keys] == [200, 200, 200]
    store, now = public.store, public.clock()
    made = {one.role: one for one in store.program_keys(person_id=None)}
    store.revoke_key(made[Role.READER].id, now)
    store.remove_person(made[Role.EDITOR].person_id, now)
    assert [status(secret) for secret in keys] == [200, 401, 401]
    assert store.program_keys()[0].last_used_at == now
    clock.now += timedelta(days=91)
    assert [status(secret) for secret in keys] == [401, 401, 401]


def test_what_a_program_decides_says_so_and_needs_no_page_of_ours(app, public):
    """A program sends no Origin of ours and no Fetch metadata, or any: no other site's page can make a browser show a key."""
    flag = public.store.search(_flagged(public), limit=1)[0].flags[0].id
    secret = key(public, Role.EDITOR, Scope.REVIEW)
    headers = {"Authorization": f"Bearer {secret}", "Origin": "https://elsewhere.example"}
    answer = browser(app, public, None).post("/reviews", data={"verdict": "upheld", "flag": str(flag)}, headers=headers)
    assert answer.status_code == 303
    assert public.store.reviews(flag)[0].by == "editor@example.org (key desk)"


def test_a_key_beside_the_local_mode_may_no_more_than_it_may(seeded):
    """Whoever sits at the machine is the owner; a program that shows a key is that program."""
    client = TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)
    secret = key(seeded, Role.READER, Scope.READ)
    assert client.get("/people").status_code == 200
    assert client.get("/people", headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert client.get("/people", headers={"Authorization": "Bearer hw_no"}).status_code == 401
    assert client.get("/mentions.json", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get("/people", headers={"Authorization": "Basic YTpi"}).status_code == 200, "that is no key"


def test_a_route_that_the_table_lacks_stops_the_start():
    forgotten = APIRouter()
    forgotten.get("/forgotten")(lambda: None)
    with pytest.raises(RuntimeError, match="forgotten"):
        check_routes([*ROUTERS, forgotten])
    with pytest.raises(RuntimeError, match="sessions"):
        check_routes([router for router in ROUTERS if "/sessions" not in {route.path for route in router.routes}])


def test_a_route_put_in_beside_the_table_lets_nobody_in(app, public):
    app.get("/beside")(lambda: "open")
    assert browser(app, public, Role.OWNER).get("/beside").status_code == 500


def test_each_role_may_what_those_before_it_may():
    assert [[role.may(needed) for needed in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_a_reader_sees_no_button_that_is_not_theirs(app, public):
    number = next(m.id for m in public.store.search(_flagged(public), limit=1))
    for path in ("/", "/mentions", f"/mentions/{number}", "/reviews"):
        page = browser(app, public, Role.READER).get(path).text
        assert 'method="post"' not in page, path
        assert 'method="post"' in browser(app, public, Role.EDITOR).get(path).text, path
    for path in ("/rules/above-outcome", f"/mentions/{number}/why?rule=above-outcome"):
        page = browser(app, public, Role.READER).get(path).text
        assert ("hx-post" in page, "/try" in page) == (False, False), path
        assert "/try" in browser(app, public, Role.EDITOR).get(path).text, path
    assert "/settings" not in browser(app, public, Role.EDITOR).get("/").text
    assert "/settings" in browser(app, public, Role.OWNER).get("/").text
    assert "/account" in browser(app, public, Role.READER).get("/").text


def test_no_page_and_no_file_tells_a_reader_who_gets_mail(app, public):
    """Addresses are personal: readers of the desk see that a subscriber decided, and not who. Each way to read is walked."""
    address, now = public.store.subscriber(1).email, public.clock()
    flag = next(iter(public.store.search(_flagged(public), limit=1))).flags[0]
    decide(public.store, [flag.id], Verdict.UPHELD, by=address, why="", now=now)
    letter = draft_for(public.deps, flag.id, signer=signer_of(public.store, "The press office", ""), by=address)
    public.store.step_letter(letter.id, LetterState.ASKED, by=address, now=now)
    there = FILLED | {"letter_id": str(letter.id), "mention_id": str(flag.mention_id), "flag_id": str(flag.id)}
    paths = [
        re.sub(r"\{(\w+)\}", lambda found: there[found[1]], path.replace("{form}", form))
        for method, path in ACCESS
        if method == "GET"
        and not isinstance(ACCESS[method, path], Open)
        and role_of(ACCESS[method, path]) is Role.READER
        for form in ("csv", "json", "jsonl", "atom")
    ]
    reader, editor = browser(app, public, Role.READER), browser(app, public, Role.EDITOR)
    told = {path for path in paths if address in reader.get(path).text}
    assert told == set()
    # It is there for those who may see it, so the walk meets it.
    seen = {path for path in paths if address in editor.get(path).text}
    assert seen >= {"/digests", "/digests/1", "/reviews", "/reviews.csv", "/letters.json", f"/letters/{letter.id}"}


def test_who_decided_is_the_person_the_link_was_made_for(app, public):
    mention = public.store.search(_flagged(public), limit=1)[0]
    flag = mention.flags[0].id
    browser(app, public, Role.EDITOR).post("/reviews", data={"verdict": "upheld", "flag": str(flag)})
    assert public.store.reviews(flag)[0].by == "Ada"


def _flagged(public):
    from monitor.core.search.query import parse_query

    return parse_query("flagged:yes", public.clock())


def test_a_database_that_does_not_answer_is_no_bad_key(app, public, monkeypatch):
    """A program that is told 401 would throw its key away."""
    secret = key(public, Role.OWNER, Scope.READ)

    def busy(*_):
        raise StorageBusyError("The database is held by another program.", "Wait a moment and try again.")

    monkeypatch.setattr(public.store, "key", busy)
    answer = browser(app, public, None).get("/mentions.json", headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["title"]) == (503, "The database is held by another program.")
