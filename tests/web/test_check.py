"""Check any text on a page, and report a mention that is missing: nothing is stored by the first, one by the second."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from monitor.core.entry import Page
from monitor.core.feed import Fetched
from monitor.core.model import DateConfidence, Outcome
from monitor.core.search.nodes import Query
from monitor.web.app import build_app

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his spinal cord. Only four patients took part."
URL = "https://lantern.example/news"


class Pages:
    """The outside: one page, and nothing else."""

    def __init__(self):
        self.asked = []

    def read(self, url):
        self.asked.append(url)
        fetched = Fetched(
            url=url,
            final_url=url,
            outcome=Outcome.FETCHED if url == URL else Outcome.HARD,
            status=200 if url == URL else 404,
            headers={},
            body=b"",
            sentence="lantern.example has nothing at this address (404).",
        )
        if url != URL:
            return None, fetched
        return Page(
            url=URL,
            canonical_url=None,
            title="Walking again",
            text=HYPE,
            lang="en",
            author="",
            site="Lantern",
            published=None,
            date_confidence=DateConfidence.NONE,
        ), fetched


@pytest.fixture
def pages(seeded):
    seeded.__dict__["deps"] = replace(seeded.deps, pages=Pages())
    return seeded.deps.pages


@pytest.fixture
def client(seeded, pages):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


def test_a_text_is_judged_and_not_stored(client, seeded, read):
    before = seeded.store.count(Query())
    answer = client.post("/check", data={"title": "<b>Walks</b>", "text": HYPE, "assume": "yes"})
    words = read(answer.text).words
    assert answer.status_code == 200
    assert "too far." in words
    assert "Nothing was stored." in words
    assert "walking again" in words
    assert "<b>Walks</b>" not in answer.text
    assert "Small study said" in " ".join(words.split())
    assert seeded.store.count(Query()) == before


def test_outlets_are_held_against_what_a_release_tells(client, read):
    words = read(client.post("/check", data={"text": HYPE, "assume": "yes"}).text).words
    assert "Which outlets kept them" in words
    assert "of 1" in words


def test_another_text_is_not_about_the_study_unless_it_is_said_to_be(client, read):
    other = {"text": "The bakery has a new loaf."}
    assert "It is not about the study" in read(client.post("/check", data=other).text).words
    assumed = read(client.post("/check", data=other | {"assume": "yes"}).text).words
    assert "Nothing goes too far" in assumed


def test_a_language_without_rules_is_told(client, read):
    german = {
        "text": "Ein gelähmter Mann kann nach der Studie der Universität wieder gehen und ist geheilt.",
        "assume": "yes",
    }
    assert "Not judged (German)." in read(client.post("/check", data=german).text).words


def test_a_page_is_read_by_its_address_when_a_button_is_pressed(client, pages, read):
    assert URL in client.get(f"/check?url={quote(URL)}").text
    assert pages.asked == []  # a bookmark brings the address, and reads nothing
    answer = client.post("/check", data={"url": URL})
    assert "too far." in read(answer.text).words
    assert "Store this page as a mention" in answer.text
    assert pages.asked == [URL]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "There is nothing to check."),
        ({"url": "nonsense"}, "That is no web address."),
        ({"url": "javascript:alert(1)"}, "That is no web address."),
        ({"url": "https://gone.example/"}, "has nothing at this address (404)"),
        ({"text": HYPE, "study": "other"}, "Choose one of those offered."),
    ],
)
def test_what_cannot_be_checked_is_said(client, data, said):
    answer = client.post("/check", data=data)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'href="javascript:alert' not in answer.text


def test_a_missing_mention_is_stored_once(client, seeded, read):
    before = seeded.store.count(Query())
    answer = client.post("/mentions", data={"url": URL})
    assert answer.status_code == 303
    assert "Walking again" in client.get(answer.headers["location"]).text
    assert seeded.store.count(Query()) == before + 1
    assert "It was stored before" in read(client.post("/mentions", data={"url": URL}).text).words
    for wrong in ("", "nonsense", "https://gone.example/"):
        assert client.post("/mentions", data={"url": wrong}).status_code == 400
    assert seeded.store.count(Query()) == before + 1


def test_the_bookmark_leads_here_and_nowhere_else(client, seeded):
    page = client.get("/check").text
    assert (
        f"javascript:location.href=&#39;{seeded.settings.public_url}/check?url=&#39;+encodeURIComponent(location.href)"
        in page
    )
