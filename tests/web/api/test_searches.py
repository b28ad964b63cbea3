from __future__ import annotations


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
