"""Users, keys and the audit by the API: no key makes more of itself than it is."""

from __future__ import annotations

import pytest

from monitor.core.people import Scope
from monitor.core.session import Role
from tests.web.api.conftest import Program, made_key


def test_a_user_is_invited_changed_and_removed(owner):
    made = owner("POST", "/users", {"address": "Cy@Example.org", "role": "editor", "name": "Cy"})
    assert (made.status_code, made.json()["state"]) == (201, "invited")
    assert "/sign-in/" in made.json()["link"], "mail stays on this machine here, so the link is told"
    path = f"/users/{made.json()['id']}"
    assert owner("POST", "/users", {"address": "cy@example.org"}).json()["code"] == "usage"
    again = owner("POST", f"{path}/invite").json()
    assert again["link"] != made.json()["link"]
    assert owner("PATCH", path, {"role": "reader", "name": "Cyd"}).json()["role"] == "reader"
    assert owner("DELETE", path).status_code == 204
    for method, where in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/invite")):
        assert owner(method, path + where, {}).status_code == 404, method
    did = [change["did"] for change in owner.get("/audit?area=people")["items"]]
    assert did[0] == "removed Cyd"
    assert did[-1] == "invited Cy as editor"


def test_the_last_owner_stays(owner, seeded):
    person = seeded.store.person_of("owner@example.org").id
    assert owner("DELETE", f"/users/{person}").json()["code"] == "usage"
    assert owner("PATCH", f"/users/{person}", {"role": "reader"}).json()["code"] == "usage"
    assert owner.get(f"/users/{person}")["role"] == "owner"


@pytest.mark.parametrize("path", ["/users", "/audit", "/webhooks"])
def test_they_are_for_owners(editor, path):
    assert editor("GET", path).status_code == 403


def test_a_key_makes_none_that_may_more_or_works_longer(seeded, client):
    narrow = Program(client, made_key(seeded, Role.OWNER, Scope.READ, Scope.RULES, days=10))
    made = narrow("POST", "/tokens", {"name": "table", "scopes": ["read"], "days": 10})
    assert made.status_code == 201, made.text
    assert Program(client, made.json()["secret"]).get("/mentions")["items"]
    assert [one["name"] for one in narrow.get("/tokens")["items"]] == ["table", "desk"]
    assert made.json()["secret"] not in narrow("GET", "/tokens").text
    for more in ({"scopes": ["admin"]}, {"scopes": ["read", "review"]}, {"days": 0}, {"days": 11}):
        refused = narrow("POST", "/tokens", {"name": "x", "scopes": ["read"], "days": 1, **more})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), more
    assert narrow("POST", "/tokens", {"name": " ", "scopes": ["read"], "days": 1}).json()["code"] == "usage"


def test_a_key_sees_and_revokes_its_person_s_alone(owner, reader):
    mine, theirs = owner.get("/tokens")["items"], reader.get("/tokens")["items"]
    assert {one["id"] for one in mine}.isdisjoint({one["id"] for one in theirs})
    assert owner("DELETE", f"/tokens/{theirs[0]['id']}").status_code == 404
    assert reader("DELETE", f"/tokens/{theirs[0]['id']}").status_code == 204
    assert reader("GET", "/tokens").status_code == 401, "it works no more"


def test_a_key_without_a_person_is_of_the_machine(seeded, client):
    from monitor.pipeline.people import make_key

    _, secret = make_key(
        seeded.deps, name="machine", scopes=["read"], days=0, person_id=None, role=Role.OWNER, maker="root"
    )
    program = Program(client, secret)
    made_key(seeded, Role.READER)
    assert [one["name"] for one in program.get("/tokens")["items"]] == ["machine"]
    assert program("POST", "/tokens", {"name": "other", "scopes": ["read"], "days": 0}).status_code == 201
