from __future__ import annotations

from monitor.core.people import Scope
from monitor.core.session import Role
from tests.web.api.conftest import Program, made_key


def test_a_search_is_kept_and_removed(owner, reader):
    made = owner("POST", "/searches", {"name": " This  week ", "query": "walking tier:confirmed"})
    assert made.status_code == 201, made.text
    path = f"/searches/{made.json()['id']}"
    assert (made.json()["name"], made.json()["query"]) == ("This week", "walking tier:confirmed")
    assert reader.get(path)["by"] == "Owner (key desk)"
    assert [one["name"] for one in reader.get("/searches")["items"]] == ["This week"]
    assert reader("POST", "/searches", {"name": "x", "query": "y"}).status_code == 403
    assert reader("DELETE", path).status_code == 403
    assert owner("DELETE", path).status_code == 204
    assert owner("GET", path).status_code == owner("DELETE", path).status_code == 404


def test_what_cannot_be_kept_is_refused(owner):
    for sent, status in (
        ({"name": "", "query": "x"}, 400),
        ({"name": "x", "query": "x OR"}, 400),
        ({"name": "x", "query": "rule:none"}, 400),
        ({"name": "x" * 81, "query": "x"}, 422),
        ({"name": "x"}, 422),
    ):
        answer = owner("POST", "/searches", sent)
        assert answer.status_code == status, sent
        assert answer.headers["content-type"] == "application/problem+json"
    assert owner.get("/searches")["items"] == []


def test_what_a_search_finds_is_mailed_by_program_and_who_is_mailed_is_told(owner, editor, reader, seeded):
    path = f"/searches/{owner('POST', '/searches', {'name': 'Walks', 'query': 'walking'}).json()['id']}/mails"
    assert editor.get(path)["items"] == []
    made = editor("POST", path, {"subscription": 1})
    assert made.status_code == 201, made.text
    told = {"subscription": 1, "email": "ada@example.org", "when": "daily", "state": "active", "study": "keio-ips-sci"}
    assert told.items() <= made.json().items()
    assert made.json()["since"] == "2026-03-03T12:00:00Z"
    assert editor.get(path)["items"] == [made.json()]
    again = editor("POST", path, {"subscription": 1, "when": "at-once"}).json()
    assert again == made.json() | {"when": "at-once"}, "there is one, and it tells as it comes now"
    assert [one.at_once for one in seeded.store.search_mails()] == [True]
    assert editor("DELETE", f"{path}/1").status_code == 204
    assert seeded.store.search_mails() == ()
    assert editor("DELETE", f"{path}/1").json()["code"] == "not-found"
    noted = [change.did for change in seeded.store.changes()]
    assert {
        "has what Walks finds mailed to subscription 1",
        "has what Walks finds mailed to subscription 1 no more",
    } <= {*noted}
    assert "ada@" not in str(noted)


def test_only_who_may_see_subscribers_has_a_search_mailed_and_only_to_whom_mail_reaches(owner, reader, client, seeded):
    path = f"/searches/{owner('POST', '/searches', {'name': 'Walks', 'query': 'walking'}).json()['id']}/mails"
    for program in (reader, Program(client, made_key(seeded, Role.EDITOR, Scope.REVIEW))):
        assert program("GET", path).status_code == 403
        assert program("POST", path, {"subscription": 1}).status_code == 403
        assert program("DELETE", f"{path}/1").status_code == 403
    for where, sent, status in (
        ("/searches/999/mails", {"subscription": 1}, 404),
        (path, {"subscription": 999}, 404),
        (path, {"subscription": 0}, 422),
        (path, {"subscription": 1, "when": "never"}, 422),
        (path, {}, 422),
    ):
        assert owner("POST", where, sent).status_code == status, sent
    assert (
        owner("GET", "/searches/999/mails").status_code == owner("DELETE", "/searches/999/mails/1").status_code == 404
    )
    assert owner("DELETE", "/subscribers/1").status_code == 204
    assert "gets no mail any more" in owner("POST", path, {"subscription": 1}).json()["detail"]
    assert seeded.store.search_mails() == ()
