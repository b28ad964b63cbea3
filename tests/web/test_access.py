"""Every route has its role, and keeps to it. The table is walked, so that a new route cannot be forgotten."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from monitor.core.letters.letter import LetterState
from monitor.core.mention import Verdict
from monitor.core.session import Role
from monitor.pipeline.letters import draft_for, signer_of
from monitor.pipeline.review import decide
from monitor.web.access import ACCESS, Open, check_routes
from monitor.web.app import ROUTERS, build_app
from monitor.web.sessions import sign_in_link

BASE = "https://watch.example.org"
FILLED = {
    "form": "json",
    "mention_id": "1",
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
}


@pytest.fixture
def public(seeded):
    """An installation that others reach under a name."""
    seeded.settings = seeded.settings.model_copy(update={"base_url": BASE, "host": "0.0.0.0"})
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


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize(("method", "path"), sorted(ACCESS))
def test_a_route_lets_in_whom_it_is_for(app, public, method, path, role):
    needed = ACCESS[method, path]
    where = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], path)
    status = browser(app, public, role).request(method, where).status_code
    if isinstance(needed, Open):
        assert status not in {401, 403}
    elif role is None:
        assert status == 401
    else:
        assert (status == 403) is not role.may(needed)
        assert status != 401


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
    assert "/sessions" not in browser(app, public, Role.EDITOR).get("/").text
    assert "/sessions" in browser(app, public, Role.OWNER).get("/").text


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
        if method == "GET" and ACCESS[method, path] is Role.READER
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
