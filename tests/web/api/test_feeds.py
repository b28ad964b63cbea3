"""Sources by the API: added once, changed, paused, resumed, removed; each step stands beside the name of who did it."""

from __future__ import annotations

NEW = {"url": "https://new.example/rss", "title": "New", "lang": "en", "weight": 4}


def test_a_source_is_added_once_changed_and_removed(editor, owner):
    made = editor("POST", "/feeds", NEW)
    assert (made.status_code, made.json()["name"], made.json()["weight"]) == (201, "New", 4)
    path = f"/feeds/{made.json()['id']}"
    again = editor("POST", "/feeds", NEW | {"title": "Other"})
    assert (again.status_code, again.json()["name"]) == (200, "New"), "it stays as it is"
    assert editor("PATCH", path, {"title": "Newer"}).json()["weight"] == 4, "what is not named stays"
    assert editor("PATCH", path, {"weight": None}).json()["weight"] is None
    assert editor("POST", f"{path}/pause").json()["state"] == "paused"
    assert editor("POST", f"{path}/resume").json()["state"] != "paused"
    assert editor("DELETE", path).status_code == 204
    assert editor("GET", path).status_code == 404
    did = [change["did"] for change in owner.get("/audit?area=sources")["items"]]
    assert did == [
        "removed the source Newer",
        "had the source Newer read again",
        "paused the source Newer",
        "changed the source Newer",
        "changed the source Newer",
        "added the source New",
    ]


def test_what_cannot_be_read_is_not_added(editor):
    before = len(editor.get("/feeds")["items"])
    for sent, status in (
        ({"url": ""}, 400),
        ({"url": "file:///etc/passwd"}, 400),
        ({"url": "x", "kind": "none"}, 422),
        ({"url": "https://a.example", "weight": 6}, 422),
        ({"url": "https://a.example", "lang": "xx-nope"}, 400),
        ({"url": "words", "kind": "x-search"}, 400),  # its key is missing
        ({"url": "no-study", "kind": "pubmed-watch"}, 404),
        ({"url": "https://news.google.com/rss/search?q=Keio"}, 400),  # not without its terms
    ):
        assert editor("POST", "/feeds", sent).status_code == status, sent
    assert len(editor.get("/feeds")["items"]) == before
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/test")):
        assert editor(method, f"/feeds/999{path}", {}).status_code == 404, path


def test_a_try_tells_what_is_wrong_and_stores_nothing(editor):
    made = editor("POST", "/feeds", {"url": "https://nowhere.example/rss"}).json()
    told = editor("POST", f"/feeds/{made['id']}/test").json()
    assert told["items"] == []
    assert told["trouble"]
    assert editor.get(f"/feeds/{made['id']}")["readings"] == []


def test_a_look_stores_nothing(editor):
    before = len(editor.get("/feeds")["items"])
    told = editor("POST", "/feeds/look", {"url": "https://nowhere.example/rss"}).json()
    assert (told["url"], told["items"], bool(told["trouble"])) == ("https://nowhere.example/rss", [], True)
    assert editor("POST", "/feeds/look", {"url": "words", "kind": "x-search"}).json()["code"] == "usage"
    assert len(editor.get("/feeds")["items"]) == before


def test_a_list_is_brought_in_once(editor, owner):
    opml = """<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="https://a.example/rss"/>
    <outline type="rss" text="B" xmlUrl="ftp://b.example/rss"/></body></opml>"""
    told = editor("POST", "/feeds/import", {"opml": opml}).json()
    assert (told["items"][0]["url"], told["items"][0]["did"]) == ("https://a.example/rss", "added")
    assert (told["left"], told["problem"]) == (0, "")
    again = editor("POST", "/feeds/import", {"opml": opml}).json()
    assert "added" not in {one["did"] for one in again["items"]}
    assert editor("POST", "/feeds/import", {"opml": "no list"}).json()["code"] == "library"
    assert [one["did"] for one in owner.get("/audit")["items"]] == ["added 1 source of a list"]


def test_the_list_is_searched_and_readers_change_nothing(editor, reader):
    editor("POST", "/feeds", NEW)
    assert [one["name"] for one in reader.get("/feeds?q=new.exa")["items"]] == ["New"]
    assert reader("POST", "/feeds", NEW).status_code == 403
