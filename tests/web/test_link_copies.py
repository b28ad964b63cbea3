"""A mail and its texts in a browser, without an account: for its own reader, as it was sent, and never what was withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.signed_links import Action, mail_name, mail_number, sign
from monitor.core.search.query import parse_query
from monitor.pipeline.subscribe import change, leave
from monitor.web.app import build_app
from tests.web.conftest import HOSTILE, NOW, Document, draft, one_story
from tests.web.test_links import words
from tests.web.test_pages import dump

TAG = "00a1" * 6


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


@pytest.fixture
def mail(seeded):
    """A mail with a link of its own reader in it."""
    (sent,) = seeded.store.digests()
    lease = seeded.store.claim_subscription(1, "test", NOW, timedelta(minutes=5), force=True).lease
    own = f"https://watch.example.org/l/pause/{sign(seeded.key, Action.PAUSE, (1,))}"
    new = replace(
        sent,
        id=0,
        local_date="2026-03-04",
        through_date="2026-03-04",
        message_id=f"<digest.{TAG}@example.org>",
        html=f'<html lang="en"><p>the second mail <a href="{own}">Pause</a></p></html>',
    )
    ids = [one.id for one in seeded.store.search(parse_query("", NOW))]
    return seeded.store.freeze_digest(new, ids, [], lease=lease, next_due=None)


def issue(service, subscription_id: int = 1, tag: str = TAG) -> str:
    return f"/l/issue/{sign(service.key, Action.ISSUE, (subscription_id, int(tag, 16)))}"


def opened(service, mention_id: int) -> str:
    return f"/l/open/{sign(service.key, Action.OPEN, (mention_id, 1))}"


def titled(service, title: str):
    return next(one for one in service.store.search(parse_query("", NOW), limit=50) if one.title == title)


def test_a_number_is_its_mail_s(mail):
    assert mail_number(mail.message_id) == int(TAG, 16)
    assert mail.message_id.startswith(mail_name(int(TAG, 16)))
    assert mail_number("<confirm.00a1@example.org>") is None


def test_the_mail_is_shown_as_it_was_sent_with_its_reader_s_links_and_nothing_runs(client, seeded, mail):
    answer = client.get(issue(seeded))
    assert (answer.status_code, answer.text) == (200, mail.html)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.head(issue(seeded)).status_code == 200


def test_who_has_left_may_still_read_their_mail(client, seeded, mail):
    leave(seeded.deps, 1)
    assert client.get(issue(seeded)).text == mail.html


def test_a_mail_of_somebody_else_is_not_to_be_had(client, seeded, mail):
    person = seeded.store.add_subscriber("bo@example.org", "Bo", now=NOW, state="active")
    wishes = seeded.store.subscription(1).wishes
    other = seeded.store.subscribe(person.id, "keio-ips-sci", wishes, now=NOW, due=wishes.next_due(NOW))
    for path in (issue(seeded, other.id), issue(seeded, tag="f" * 24)):
        answer = client.get(path)
        assert (answer.status_code, "This mail is not kept any more." in words(answer)) == (404, True)
        assert mail.html not in answer.text


def test_of_a_withdrawn_mail_stands_that_it_was_withdrawn(client, seeded, mail):
    seeded.store.purge(titled(seeded, "Paralysed man is walking again").id, now=NOW)
    answer = client.get(issue(seeded))
    assert "The text of this mail was removed: something it told of was withdrawn." in words(answer)
    assert "the second mail" not in answer.text


def test_a_text_shows_what_was_said_what_was_found_and_what_to_say(client, seeded):
    mention = titled(seeded, "Paralysed man is walking again")
    answer = client.get(opened(seeded, mention.id))
    document, told = Document(answer.text), words(answer)
    assert answer.status_code == 200
    assert "1 statement goes too far." in told
    assert "They said “is walking again”" in told
    assert "The study found" in told
    assert "You could say" in told
    assert document.all("nav") == []
    assert document.all("form") == []
    links = [one["href"] for one in document.all("a")]
    assert mention.url in links
    ours = [one for one in links if one.startswith("/")]
    assert {one.split("/")[2] for one in ours} == {
        "note",
        "wrong",
    }  # what may be passed on leads nobody to the page that ends its reader's mail
    for path in ours:
        assert client.get(path).status_code == 200
    (wrong,) = [one for one in ours if one.startswith("/l/wrong/")]
    client.post(wrong, data={"verdict": "dismissed"})
    assert seeded.store.flag(mention.flags[0].id).review == "dismissed"
    assert "Nothing goes too far, as far as the rules can tell." in words(client.get(opened(seeded, mention.id)))


def test_the_frame_speaks_the_reader_s_language_and_the_quote_its_own(client, seeded):
    change(seeded.deps, 1, language="ja")
    answer = client.get(opened(seeded, titled(seeded, "Paralysed man is walking again").id))
    document = Document(answer.text)
    assert document.all("html") == [{"lang": "ja"}]
    assert {one.get("lang") for one in document.all("div") if one.get("class") == "text"} == {"en"}
    assert "1か所が行き過ぎています。" in words(answer)
    assert "see note" not in answer.text


def test_hostile_words_become_no_markup(client, seeded):
    for mention in seeded.store.search(parse_query("", NOW), limit=50):
        document = Document(client.get(opened(seeded, mention.id)).text)
        assert document.all("img") == []
        assert [one for one in document.all("script") if not (one.get("src") or "").startswith("/static/")] == []
        assert [one["href"] for one in document.all("a") if one["href"].startswith("javascript:")] == []
        if mention.title == HOSTILE:
            assert HOSTILE in document.words


def test_a_text_without_rules_says_so(client, seeded):
    one = draft("german", "Keio", "Die Keio-Studie mit iPS-Zellen ist da.", lang="de")
    (number,) = seeded.store.import_mentions([replace(one, lang="de")], one_story, now=NOW)
    told = words(client.get(opened(seeded, number)))
    assert "not judged (German)" in told
    assert "There are no rules for German: whether this text goes too far is not known." in told


def test_a_text_that_was_withdrawn_is_one_sentence(client, seeded):
    mention = titled(seeded, "Paralysed man is walking again")
    path = opened(seeded, mention.id)
    seeded.store.purge(mention.id, now=NOW)
    answer = client.get(path)
    assert (answer.status_code, "This text is not there any more: it was withdrawn." in words(answer)) == (404, True)
    assert "walking" not in answer.text


def test_reading_changes_nothing_and_nothing_can_be_posted(client, seeded, mail):
    before = dump(seeded)
    for path in (issue(seeded), opened(seeded, titled(seeded, "Paralysed man is walking again").id)):
        for method in ("GET", "HEAD", "GET"):
            assert client.request(method, path).status_code == 200
        assert client.post(path).status_code in {404, 405}
    assert dump(seeded) == before


def test_a_text_s_link_ends_and_one_of_another_kind_opens_nothing(client, seeded, clock):
    expires = NOW + timedelta(days=90)
    number = titled(seeded, "Paralysed man is walking again").id
    token = sign(seeded.key, Action.OPEN, (number, 1), expires=expires)
    clock.now = expires
    assert client.get(f"/l/open/{token}").status_code == 200
    clock.now = expires + timedelta(seconds=1)
    assert client.get(f"/l/open/{token}").status_code == 404
    assert client.get(f"/l/open/{sign(seeded.key, Action.ISSUE, (number, 1))}").status_code == 404
