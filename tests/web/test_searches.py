"""Saved searches: kept, listed, removed; and a link that shows one to somebody without a sign-in, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.signed_links import Action, sign
from monitor.web.app import build_app


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


@pytest.fixture
def save(client, seeded):
    def saved(name="Keio", q="Keio"):
        assert client.post("/searches", data={"name": name, "q": q}).status_code == 303
        return next(search for search in seeded.store.saved_searches() if search.name == name)

    return saved


def link_of(client):
    return re.search(r"http://[^<]*(/l/search/[^<]+)", client.get("/searches").text)[1]


def test_a_search_is_kept_and_stands_above_the_mentions(client, save, seeded):
    assert "Save this search" in client.get("/mentions?q=Keio").text
    save("<b>Keio</b>", "Keio")
    page = client.get("/mentions?q=Keio").text
    assert '<a class="chip" href="/mentions?q=Keio" aria-current="true">&lt;b&gt;Keio&lt;/b&gt;</a>' in page
    assert "Save this search" not in page
    assert "saved the search <b>Keio</b>" in [change.did for change in seeded.store.changes()]
    assert client.get("/searches.json").json()["searches"][0]["query"] == "Keio"
    assert "Keio" in client.get("/searches.csv").text


@pytest.mark.parametrize(
    ("name", "q", "said"),
    [
        ("", "Keio", "A saved search needs a name."),
        ("x", "Keio OR", "has nothing after it"),
        ("y" * 81, "Keio", "at most 80"),
    ],
)
def test_what_cannot_be_kept_is_said(client, seeded, name, q, said):
    answer = client.post("/searches", data={"name": name, "q": q})
    assert answer.status_code == 400
    assert said in answer.text
    assert seeded.store.saved_searches() == ()


def test_a_removed_search_is_gone_with_its_links(client, save, seeded):
    search = save()
    link = link_of(client)
    assert client.get(link).status_code == 200
    assert client.post(f"/searches/{search.id}/remove").status_code == 303
    assert client.get(link).status_code == 404
    assert client.post(f"/searches/{search.id}/remove").status_code == 404
    assert "No search is saved yet." in client.get("/searches").text


def test_a_link_shows_what_is_found_and_nothing_that_acts(client, save):
    save()
    page = client.get(link_of(client)).text
    assert "Keio" in page
    assert "The study found:" in page
    assert "<form" not in page
    assert "/mentions" not in page
    assert 'content="noindex"' in page


def test_a_link_ends_with_its_time_and_with_what_it_was_made_for(client, save, seeded):
    search = save()
    link = link_of(client)
    old = sign(
        seeded.key,
        Action.SEARCH,
        (search.id, round(search.saved_at.timestamp() * 1_000_000)),
        expires=seeded.clock() - timedelta(seconds=1),
    )
    other = sign(seeded.key, Action.OPEN, (search.id, 1))
    for token in (
        old,
        other,
        "nonsense",
        sign(seeded.key, Action.SEARCH, (search.id,)),
        sign(seeded.key, Action.SEARCH),
    ):
        assert client.get(f"/l/search/{token}").status_code == 404
    clock = seeded.clock
    seeded.clock = lambda: clock() + timedelta(minutes=1)
    save("keio", "everybody else's")  # the same name: what was shared is no longer what stands under it
    assert client.get(link).status_code == 404


def test_a_search_for_what_there_is_no_longer_says_so(client, seeded):
    seeded.store.save_search(name="Old", query="rule:gone", by="ada@example.org", now=seeded.clock())
    page = client.get("/searches").text
    assert "There is no rule" in page
    shared = client.get(link_of(client))
    assert shared.status_code == 400
    assert "There is no rule" in shared.text


def test_what_a_search_finds_is_mailed_to_a_subscriber_until_it_is_stopped(client, save, seeded):
    search = save()
    (subscription,) = seeded.store.subscriptions()
    path = f"/searches/{search.id}/mail"
    assert client.post(path, data={"subscription": subscription.id, "when": "at-once"}).status_code == 303
    (mailed,) = seeded.store.search_mails(search_id=search.id)
    assert (mailed.subscription.id, mailed.at_once) == (subscription.id, True)
    page = client.get("/searches?done=mailed").text
    assert "ada@example.org, as it comes" in page
    assert client.post(path, data={"subscription": subscription.id}).status_code == 303
    assert [one.at_once for one in seeded.store.search_mails()] == [False]
    assert client.post(f"{path}/{subscription.id}/stop").status_code == 303
    assert seeded.store.search_mails() == ()
    for wrong in ({"subscription": 99}, {"subscription": "x"}, {"subscription": subscription.id, "when": "never"}, {}):
        assert client.post(path, data=wrong).status_code in {400, 404}
    assert client.post("/searches/99/mail", data={"subscription": subscription.id}).status_code == 404
    assert client.post(f"/subscribers/{subscription.id}/end").status_code == 303
    gone = client.post(path, data={"subscription": subscription.id})
    assert (gone.status_code, "gets no mail any more" in gone.text) == (400, True)
    assert seeded.store.search_mails() == ()


def test_a_reader_stops_it_by_the_link_of_their_mail(client, save, seeded):
    search = save("<i>Mine</i>")
    (subscription,) = seeded.store.subscriptions()
    seeded.store.set_search_mail(search.id, subscription.id, at_once=True, now=seeded.clock())
    link = f"/l/settings/{sign(seeded.key, Action.SETTINGS, (subscription.id,))}"
    page = client.get(link).text
    assert "&lt;i&gt;Mine&lt;/i&gt;, as it comes" in page
    assert "It was not mailed to you." in client.post(link, data={"then": "stop-search", "search": "99"}).text
    assert "It was not mailed to you." in client.post(link, data={"then": "stop-search", "search": "²"}).text
    assert len(seeded.store.search_mails()) == 1
    assert "It is mailed to you no more." in client.post(link, data={"then": "stop-search", "search": search.id}).text
    assert seeded.store.search_mails() == ()
