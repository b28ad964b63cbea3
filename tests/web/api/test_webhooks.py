from __future__ import annotations


def test_an_address_is_told_and_its_secret_shown_once(owner):
    made = owner("POST", "/webhooks", {"url": "https://desk.example/hook?token=1", "events": ["flag.confirmed"]})
    assert made.status_code == 201, made.text
    assert made.json()["secret"].startswith("whsec_")
    assert (made.json()["to"], made.json()["events"]) == ("desk.example", ["flag.confirmed"])
    path = f"/webhooks/{made.json()['id']}"
    for where in ("/webhooks", path):
        assert "token=1" not in owner("GET", where).text
        assert "whsec_" not in owner("GET", where).text
    tried = owner("POST", f"{path}/test").json()
    assert (tried["event"], tried["state"]) == ("test", "waiting"), "nobody is there; it is tried again"
    assert owner.get(path)["calls"][0]["error"]
    assert owner("DELETE", path).status_code == 204
    assert owner("GET", path).status_code == 404
    did = [change["did"] for change in owner.get("/audit?area=webhooks")["items"]]
    assert [one.split(" ")[0] for one in did] == ["removed", "tested", "added"]


def test_what_cannot_be_told_is_refused(owner):
    for sent, status in (
        ({"url": "x"}, 400),
        ({"url": "https://a.example", "kind": "pigeon"}, 422),
        ({"url": "https://a.example", "events": ["none"]}, 422),
        ({"url": "https://a.example", "study": "none"}, 404),
    ):
        assert owner("POST", "/webhooks", sent).status_code == status, sent
    for method, path in (("DELETE", "/webhooks/9"), ("POST", "/webhooks/9/test"), ("POST", "/webhook-calls/9/again")):
        assert owner(method, path).status_code == 404
