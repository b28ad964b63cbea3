"""Letters and outlets on the pages, and the letter behind a mail's link: drafted, written, sent, noted, taken back; nothing that
others wrote becomes markup, a header or a second recipient.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from importlib.resources import files
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from babel.messages.pofile import read_po
from starlette.testclient import TestClient

from monitor.core.digests.signed_links import Action, sign
from monitor.core.items.aliases import names_of
from monitor.core.letters.letter import LetterState
from monitor.core.mention import Review, Verdict
from monitor.core.search.query import parse_query
from monitor.core.wording import LANGUAGES
from monitor.setting_kinds import SecretStr
from monitor.web.app import build_app
from monitor.web.render import PACKAGE
from tests.web.conftest import NOW, Document, draft, one_story

CRLF = "He walks\r\nBcc: victim@evil.example\r\n\r\n<script>alert(1)</script>"


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


def first_flag(seeded, title: str = "Paralysed man is walking again") -> int:
    found = seeded.store.search(parse_query("", seeded.clock()), limit=50)
    return next(stored.id for mention in found if mention.title == title for stored in mention.flags)


def words(text: str) -> str:
    return " ".join(Document(text).words.split())


def drafted(client, seeded, title: str = "Paralysed man is walking again") -> str:
    answer = client.post(f"/flags/{first_flag(seeded, title)}/letter")
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["location"]


def saved(**changes) -> dict[str, str]:
    return {"recipient": "", "subject": "Correction", "body": "Dear editor,\r\nplease.", "remind_days": "7"} | changes


def test_a_flag_begins_one_letter_which_is_found_again(client, seeded):
    path = drafted(client, seeded)
    assert drafted(client, seeded) == path
    page = words(client.get(path).text)
    assert "Letter to First" in page
    assert "A draft." in page
    held = seeded.store.letters()[0]
    assert "One of the four patients can stand and is practising walking." in held.body
    assert "Source: UMIN-CTR, https://registry.example/1" in held.body
    assert "https://first.example/news" in held.body
    assert "Letter to First: draft" in words(client.get(f"/mentions/{held.mention_id}").text)
    assert "Letter to First: draft" in words(client.get("/").text)


def test_a_draft_is_kept_as_it_was_written_and_sent_with_the_outlets_address(client, seeded):
    path = drafted(client, seeded)
    assert client.post(path, data=saved(recipient="desk@first.example", remind_days="3")).headers["location"] == f"{path}?done=save"  # fmt: skip
    held = seeded.store.letters()[0]
    assert (held.recipient, held.subject, held.body, held.remind_days, held.edited) == ("desk@first.example", "Correction", "Dear editor,\nplease.\n", 3, True)  # fmt: skip
    assert "Saved." in words(client.get(f"{path}?done=save").text)
    (link,) = re.findall(r'href="(mailto:[^"]+)"', client.get(path).text)
    parts = urlsplit(link.replace("&amp;", "&"))
    assert unquote(parts.path) == "desk@first.example"
    assert parse_qs(parts.query) == {"subject": ["Correction"], "body": ["Dear editor,\r\nplease."]}
    file = client.get(f"{path}/letter.eml")
    mail = message_from_bytes(file.content, policy=policy.default)
    assert (mail["To"], mail["Subject"], mail["X-Unsent"]) == ("desk@first.example", "Correction", "1")
    assert sorted(mail.keys()) == sorted(["Subject", "To", "X-Unsent", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"])  # fmt: skip
    assert mail.get_content().splitlines() == ["Dear editor,", "please."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipient": "a@x.example, b@y.example"}, "is not one mail address"),
        ({"recipient": "a@x.example\r\nBcc: b@y.example"}, "is not one mail address"),
        ({"subject": " "}, "needs a subject and a text"),
        ({"body": "x" * 20_001}, "too long"),
        ({"remind_days": "0"}, "1 to 365 days"),
    ],
)
def test_what_cannot_be_sent_is_not_kept(client, seeded, change, said):
    path = drafted(client, seeded)
    before = seeded.store.letters()
    answer = client.post(path, data=saved(**change))
    assert (answer.status_code, said in words(answer.text)) == (400, True)
    assert seeded.store.letters() == before


def test_asked_reminded_refused_and_each_taken_back(client, seeded, clock):
    path = drafted(client, seeded)
    client.post(path, data=saved(then="asked"))
    assert "1 letter waits" in words(client.get("/").text)
    assert "may be reminded" not in words(client.get("/").text)
    clock.now = NOW + timedelta(days=8)
    assert "1 letter waits : it may be reminded." in words(client.get("/").text).replace("waits:", "waits :")
    page = client.get(path).text
    assert "On 3 March 2026 I wrote to you" in page
    reminded = message_from_bytes(client.get(f"{path}/letter.eml?reminds=1").content, policy=policy.default)
    assert reminded["Subject"] == "Reminder: Correction"
    for to, state in (("reminded", "reminded"), ("refused", "refused"), ("undo", "reminded"), ("corrected", "corrected"), ("undo", "reminded"), ("undo", "asked"), ("undo", "draft")):  # fmt: skip
        answer = client.post(f"{path}/mark", data={"to": to})
        assert answer.status_code == 303, words(answer.text)
        assert seeded.store.letters()[0].state == state
        assert client.get(answer.headers["location"]).status_code == 200
    for wrong in ("undo", "refused", "nonsense", "draft"):
        answer = client.post(f"{path}/mark", data={"to": wrong})
        assert answer.status_code == 400
        assert "hypewatch " not in words(answer.text)
    assert client.post(path, data=saved(then="asked")).status_code == 303
    answer = client.post(path, data=saved(body="Otherwise"))  # what was sent stays as it was sent
    assert (answer.status_code, "was sent" in words(answer.text)) == (400, True)


def test_a_letter_is_written_anew_in_another_language_and_signed_as_one_said(client, seeded):
    path = drafted(client, seeded)
    held = seeded.store.letters()[0]
    client.post(f"{path}/signature", data={"words": "Mika Sato\r\nPress Office"})
    chosen = ".".join(map(str, held.flag_ids))
    client.post(f"{path}/draft", data={"language": "ja", "flag": chosen})
    held = seeded.store.letters()[0]
    assert held.language == "ja"
    assert "ご担当者様" in held.body
    assert held.body.endswith("Mika Sato\nPress Office\n")
    for data in ({"language": "fr", "flag": chosen}, {"language": "en"}, {"language": "en", "flag": "999"}):
        assert client.post(f"{path}/draft", data=data).status_code == 400
    assert client.post(f"{path}/signature", data={"words": "x" * 1001}).status_code == 400


def test_it_is_sent_through_the_server_that_is_set_and_only_then(client, seeded, tmp_path):
    path = drafted(client, seeded)
    sent = saved(recipient="desk@first.example", then="send")
    answer = client.post(path, data=sent)
    assert (answer.status_code, "No mail server is set" in words(answer.text)) == (400, True)
    assert "Send it now" not in words(client.get(path).text)
    seeded.settings = replace(seeded.settings, smtp_url=SecretStr(f"outbox:{tmp_path}/mails"))
    del seeded.__dict__["deps"]
    assert "Send it now" in words(client.get(path).text)
    assert client.post(path, data=sent | {"recipient": ""}).status_code == 400
    assert client.post(path, data=sent).status_code == 303
    held = seeded.store.letters()[0]
    (file,) = (tmp_path / "mails").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (held.state, held.message_id) == (LetterState.ASKED, mail["Message-ID"])
    assert (mail["To"], mail["List-Id"], mail["Auto-Submitted"]) == ("desk@first.example", None, None)
    client.post(f"{path}/mark", data={"to": "send"})
    assert seeded.store.letters()[0].state is LetterState.REMINDED
    assert len(list((tmp_path / "mails").iterdir())) == 2


def test_a_letter_in_the_outbox_goes_with_its_mention(client, seeded, tmp_path):
    seeded.settings = replace(seeded.settings, smtp_url=SecretStr(f"outbox:{tmp_path}/mails"))
    path = drafted(client, seeded)
    client.post(path, data=saved(recipient="desk@first.example", then="send"))
    assert len(list((tmp_path / "mails").iterdir())) == 1
    seeded.store.purge(seeded.store.letters()[0].mention_id, now=NOW)
    assert seeded.forget_mails() == 1
    assert list((tmp_path / "mails").iterdir()) == []
    page = words(client.get(path).text)
    assert "What it was about was withdrawn" in page
    for answer in (client.post(path, data=saved()), client.post(f"{path}/mark", data={"to": "reminded"}), client.post(f"{path}/draft", data={"language": "ja"})):  # fmt: skip
        assert (answer.status_code, "withdrawn" in words(answer.text)) == (400, True)
    assert "withdrawn" in words(client.get("/letters").text)


def test_a_server_that_refuses_leaves_a_draft(client, seeded, tmp_path):
    path = drafted(client, seeded)
    (tmp_path / "file").write_text("no folder")
    seeded.settings = replace(seeded.settings, smtp_url=SecretStr(f"outbox:{tmp_path}/file/mails"))
    del seeded.__dict__["deps"]
    answer = client.post(path, data=saved(recipient="desk@first.example", then="send"))
    assert (answer.status_code, "cannot be written" in words(answer.text)) == (500, True)
    held = seeded.store.letters()[0]
    assert (held.state, held.recipient) == (LetterState.DRAFT, "desk@first.example")


def test_a_long_letter_is_offered_as_a_file_and_not_whole_as_a_link(client, seeded):
    path = drafted(client, seeded)
    client.post(path, data=saved(body="word " * 600))
    page = client.get(path).text
    (link,) = re.findall(r'href="(mailto:[^"]+)"', page)
    assert link.endswith("&amp;body=")
    assert "too long to be handed to a mail program" in words(page)


def hostile(seeded) -> int:
    """A mention whose headline would be a header, an address and a script; its flag."""
    one = draft("evil2", "x", "Keio: the man is walking again, it says.", "is walking again")
    entry = replace(one.entry, title=CRLF, source_name=CRLF)
    changed = replace(one, title=CRLF, entry=entry, names=names_of(entry, "evil2", text=one.text))
    (number,) = seeded.store.import_mentions([changed], one_story, now=NOW)
    return seeded.store.mention(number).flags[0].id


def test_a_hostile_headline_is_no_header_no_recipient_and_no_markup(client, seeded):
    flag = hostile(seeded)
    path = client.post(f"/flags/{flag}/letter").headers["location"]
    link = f"/l/note/{sign(seeded.key, Action.NOTE, (flag, 1, int(NOW.timestamp())))}"
    for page, file in ((path, f"{path}/letter.eml"), (link, f"{link}/letter.eml")):
        text = client.get(page).text
        document = Document(text)
        assert [one for one in document.all("script") if not (one.get("src") or "").startswith("/static/")] == []
        for href in (one.get("href") or "" for one in document.all("a")):
            if href.startswith("mailto:"):
                parts = urlsplit(href)
                assert (parts.path, set(parse_qs(parts.query, keep_blank_values=True))) == ("", {"subject", "body"})
                assert "\r" not in unquote(parts.query.partition("&body=")[0])
        raw = client.get(file).content
        mail = message_from_bytes(raw, policy=policy.default)
        assert sorted(mail.keys()) == sorted(["Subject", "X-Unsent", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"])  # fmt: skip
        assert "Bcc: victim@evil.example" in mail["Subject"].replace("  ", " ")
    assert client.post(path, data=saved(recipient="desk@evil2.example", subject=CRLF)).status_code == 303
    mail = message_from_bytes(client.get(f"{path}/letter.eml").content, policy=policy.default)
    assert mail.get_all("To") == ["desk@evil2.example"]
    assert mail.get_all("Bcc") is None
    assert "<script>" not in client.get("/letters").text.replace('<script src="/static', "")


def test_what_no_letter_can_ask_for_says_why(client, seeded):
    one = draft("style", "Hype", "A miracle at Keio with iPS cells.", "miracle")
    bare = replace(one.assessment.flags[0], finding=None, found=None, source=None, correction=None)
    styled = replace(one, assessment=replace(one.assessment, flags=(bare,)))
    (number,) = seeded.store.import_mentions([styled], one_story, now=NOW)
    flag = seeded.store.mention(number).flags[0].id
    answer = client.post(f"/flags/{flag}/letter")
    assert (answer.status_code, "a matter of style" in words(answer.text)) == (400, True)
    assert "a matter of style" in words(client.get(note(seeded, flag, 1)).text)
    seeded.store.review(Review(flag_id=flag, verdict=Verdict.DISMISSED, by="ada", at=NOW))
    answer = client.post(f"/flags/{flag}/letter")
    assert (answer.status_code, "not marked as going too far any more" in words(answer.text)) == (400, True)
    assert client.post("/flags/999/letter").status_code == 404
    assert seeded.store.letters() == ()


def test_lists_say_what_waits_and_go_along_as_files(client, seeded):
    assert "Nobody was asked for a correction yet." in words(client.get("/letters").text)
    path = drafted(client, seeded)
    assert "1 is a draft." in words(client.get("/letters").text)
    client.post(path, data=saved(then="asked", subject="=cmd()"))
    assert "1 letter waits for an answer" in words(client.get("/letters").text)
    (row,) = client.get("/letters.json").json()["letters"]
    assert (row["state"], row["outlet_key"], row["subject"]) == ("asked", "first.example", "=cmd()")
    assert ",'=cmd()," in client.get("/letters.csv").text
    (first, *_) = client.get("/outlets.json").json()["outlets"]
    assert first["too_far"] == 1
    assert client.get("/outlets.csv").text.startswith("\ufeffid,key,name")
    for wrong in ("/letters.xml", "/outlets.xml", "/letters/999", "/outlets/999"):
        answer = client.get(wrong)
        assert (answer.status_code, "hypewatch " in words(answer.text)) == (404, False)


def test_what_is_set_of_an_outlet_is_taken_by_its_letters(client, seeded):
    outlet = seeded.store.outlet_named("first.example")
    for wrong in ({"contact": "nobody"}, {"language": "fr"}, {"weight": "9"}):
        assert client.post(f"/outlets/{outlet.id}", data=wrong).status_code == 400
    set_ = {"contact": "desk@first.example", "language": "es", "weight": "4"}
    assert client.post(f"/outlets/{outlet.id}", data=set_).headers["location"] == f"/outlets/{outlet.id}?saved=yes"
    path = drafted(client, seeded)
    held = seeded.store.letters()[0]
    assert (held.recipient, held.language) == ("desk@first.example", "es")
    assert "Lo que consta (texto original en inglés)" in held.body
    client.post(path, data=saved(then="asked"))
    client.post(f"{path}/mark", data={"to": "corrected"})
    page = words(client.get(f"/outlets/{outlet.id}").text)
    assert "1 of 1 mention goes too far." in page
    assert "asked for 1 correction and made 1" in page
    assert "reach 4 of 5" in page


def test_a_draft_about_words_that_are_gone_says_so_and_a_reach_that_is_left_is_not_set(client, seeded):
    path = drafted(client, seeded)
    assert "Nothing needs to be asked for" not in words(client.get(path).text)
    seeded.store.review(Review(flag_id=first_flag(seeded), verdict=Verdict.DISMISSED, by="ada", at=NOW))
    assert "Nothing needs to be asked for" in words(client.get(path).text)
    outlet = seeded.store.outlet_named("first.example")
    asked = []
    seeded.store.set_outlet = lambda *_, **given: asked.append(given) or outlet
    for weight in (outlet.weight, 5):
        client.post(f"/outlets/{outlet.id}", data={"weight": str(weight)})
    assert [given["weight"] for given in asked] == [None, 5]


# --- from a mail -----------------------------------------------------------------------------------------------------


def note(seeded, *ids: int) -> str:
    return f"/l/note/{sign(seeded.key, Action.NOTE, ids)}"


def rows(seeded) -> tuple:
    return seeded.store.letters(), seeded.store.outlet_records()


def test_a_mails_link_shows_the_letter_and_get_changes_nothing(client, seeded):
    link = note(seeded, first_flag(seeded), 1, int(NOW.timestamp()))
    before = rows(seeded)
    for path in (link, f"{link}/letter.eml"):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    page = words(client.get(link).text)
    assert "A letter to First." in page
    assert "One of the four patients can stand and is practising walking." in client.get(link).text
    assert rows(seeded) == before == ((), before[1])


def test_i_have_asked_them_is_noted_once_with_who_and_can_be_taken_back(client, seeded):
    link = note(seeded, first_flag(seeded), 1, int(NOW.timestamp()))
    for _ in range(2):
        assert "They were asked on" in words(client.post(link, data={"then": "asked"}).text)
    (held,) = seeded.store.letters()
    assert [(step.to.value, step.by) for step in held.steps] == [("asked", "ada@example.org")]
    assert "They were asked on" in words(client.get(link).text)
    assert "A letter to First." in words(client.post(link, data={"then": "undo"}).text)
    assert seeded.store.letters()[0].state is LetterState.DRAFT
    seeded.store.step_letter(held.id, LetterState.ASKED, by="bo", now=NOW)
    client.post(link, data={"then": "undo"})  # what somebody else said is not this reader's to take back
    assert seeded.store.letters()[0].state is LetterState.ASKED
    seeded.store.step_letter(held.id, LetterState.REFUSED, by="bo", now=NOW)
    assert "They refused on" in words(client.post(link, data={"then": "asked"}).text)
    assert len(seeded.store.letters()) == 1


@pytest.mark.parametrize(("language", "said"), [("ja", "依頼"), ("es", "Una carta para First.")])
def test_the_page_speaks_its_readers_language(client, seeded, language, said):
    link = note(seeded, first_flag(seeded), 1, int(NOW.timestamp()))
    held = seeded.store.subscription(1)
    seeded.store.subscription = lambda _: replace(held, wishes=replace(held.wishes, language=language))
    page = client.get(link).text
    assert said in page
    assert f'lang="{language}"' in page


def test_each_sentence_of_the_page_is_in_every_language():
    template = (PACKAGE / "templates" / "letter_link.html").read_text(encoding="utf-8")
    said = set(re.findall(r"""say\("([^"]+)\"""", template))
    assert len(said) > 10
    for language in LANGUAGES:
        catalogue = files("monitor.library").joinpath("languages", f"{language}.po") if language != "en" else None
        if catalogue is not None:
            known = {message.id for message in read_po(BytesIO(catalogue.read_bytes())) if message.string}
            assert said - known == set(), language


def test_a_link_for_another_action_a_broken_one_and_one_for_what_is_gone(client, seeded):
    flag = first_flag(seeded)
    wrong = sign(seeded.key, Action.WRONG, (flag, 1))
    for path in (f"/l/note/{wrong}", "/l/note/x", f"/l/note/{wrong}/letter.eml"):
        assert client.get(path).status_code == 404
    assert client.post(f"/l/note/{wrong}").status_code == 404
    assert client.get(note(seeded, 999, 1)).status_code == 404
    assert client.post(note(seeded, 999, 1), data={"then": "asked"}).status_code == 404
    assert client.post(note(seeded, flag, 1), data={"then": "asked"}).status_code == 200
