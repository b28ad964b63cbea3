"""Letters as words in each language, and as mails: one recipient at most, no header of others' making."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest

from monitor.core.errors import UsageError
from monitor.core.letters.letter import Letter, LetterState
from monitor.core.letters.mailto import mailto
from monitor.core.letters.points import LetterContent, Point, Signer
from monitor.core.translation import Said
from monitor.core.wording import LANGUAGES
from monitor.mail.letters import LetterPrinter

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
PRINTER = LetterPrinter(sender="Hypewatch <watch@example.org>", key="k")


def point(number: int, **changes) -> Point:
    values = {
        "headline": False, "sentence": f"Sentence {number} says more.", "words": f"words {number}", "also": (), "adds": False,
        "found": Said(words=f"Found {number}."), "source": f"Source {number}", "source_url": f"https://s.example/{number}",
        "instead": Said(words=f"Instead {number}."),
    }  # fmt: skip
    return Point(number=number, **(values | changes))


def content(language: str, *points: Point, **changes) -> LetterContent:
    values = {
        "language": language, "outlet": "Wire", "study": "The Study", "as_of": date(2026, 2, 24), "post": False,
        "headline": "He walks", "short_headline": "He walks", "published": date(2026, 3, 2), "url": "https://wire.example/1",
        "points": points, "signer": Signer(name="Mika Sato\nPress Office", contact="press@example.org"),
    }  # fmt: skip
    return LetterContent(**(values | changes))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 12])
def test_an_editor_finds_what_where_what_instead_source_and_who(language, count):
    subject, body = PRINTER.write(content(language, *(point(number) for number in range(1, count + 1))))
    assert "He walks" in subject
    assert "2026" in subject
    for number in range(1, count + 1):
        for told in (f"Sentence {number} says", f"words {number}", f"Found {number}.", f"Source {number}", f"https://s.example/{number}", f"Instead {number}."):  # fmt: skip
            assert body.count(told) >= 1, told
    for told in ("Wire", "The Study", "https://wire.example/1", "Mika Sato", "Press Office", "press@example.org"):
        assert told in body
    assert "\n\n\n" not in body
    assert not [line for line in body.splitlines() if line != line.rstrip()]
    assert body.endswith("press@example.org\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_leaves_no_hole(language):
    bare = point(1, words="", source="", source_url="", instead=None)
    subject, body = PRINTER.write(content(language, bare, published=None, url="", post=True, signer=Signer(name="Ada")))
    for hole in ("None", "()", "（）", "“”", "「」", "«»", " ,", "\n\n\n"):
        assert hole not in f"{subject}\n{body}", hole


def test_english_in_another_language_is_told_as_such():
    english = point(1, found=Said(words="Found.", english=True), instead=Said(words="Instead.", english=True))
    assert PRINTER.write(content("ja", english))[1].count("（英語原文）") == 2
    assert PRINTER.write(content("es", english))[1].count("(texto original en inglés)") == 2


def test_what_is_missing_is_asked_to_be_added():
    body = PRINTER.write(content("en", point(1, adds=True)))[1]
    assert "Could be added: “Instead 1.”" in body
    assert "Not mentioned in the text: Found 1." in body
    assert "Sentence 1" not in body
    for language, said in (("ja", "記載のない内容：Found 1."), ("es", "No se menciona: Found 1.")):
        assert said in PRINTER.write(content(language, point(1, adds=True)))[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_says_when_and_holds_the_letter(language):
    letter = Letter(
        id=1, study_id="s", mention_id=1, source_id=1, flag_ids=(1,), language=language, recipient="", subject="Subject", body="Letter\n",
        created_at=NOW, created_by="ada", state=LetterState.ASKED, asked_at=NOW,
    )  # fmt: skip
    subject, body = PRINTER.remind(letter, ["Mika Sato"])
    assert subject.endswith("Subject")
    assert subject != "Subject"
    assert "2026" in body
    assert body.endswith("Letter\n")
    assert "\n\n\n" not in body


HOSTILE = "He walks\r\nBcc: victim@evil.example\r\n\r\n<b>x</b> \x00"


def test_a_draft_file_has_the_headers_of_a_draft_and_no_others():
    raw = PRINTER.draft_file(subject=HOSTILE, text=f"{HOSTILE}\n.\n", recipient="desk@wire.example")
    mail = message_from_bytes(raw, policy=policy.default)
    assert sorted(mail.keys()) == [
        "Content-Transfer-Encoding",
        "Content-Type",
        "MIME-Version",
        "Subject",
        "To",
        "X-Unsent",
    ]
    assert [address.addr_spec for address in mail["To"].addresses] == ["desk@wire.example"]
    assert raw.isascii()
    assert message_from_bytes(PRINTER.draft_file(subject="s", text="t", recipient=""))["To"] is None


def test_a_mail_for_our_server_is_one_mail_however_often_it_is_made():
    given = {"subject": HOSTILE, "text": "日本語", "recipient": "desk@wire.example", "reply_to": "press@example.org", "letter_id": 1, "now": NOW}  # fmt: skip
    first, again, later = (PRINTER.mail(number=number, **given) for number in (1, 1, 2))
    assert first == again
    assert first[0] != later[0]
    mail = message_from_bytes(first[1], policy=policy.default)
    assert (mail["Message-ID"], mail["Reply-To"], mail["From"]) == (first[0], "press@example.org", "Hypewatch <watch@example.org>")  # fmt: skip
    assert mail.get_all("Bcc") is None
    assert mail.get_content().strip() == "日本語"


@pytest.mark.parametrize(
    "recipient", ["a@x.example, b@y.example", "a@x.example\nBcc: b@y.example", '"x" <a@y.example>']
)
def test_there_is_one_recipient_or_none(recipient):
    with pytest.raises(UsageError):
        PRINTER.draft_file(subject="s", text="t", recipient=recipient)
    with pytest.raises(UsageError):
        PRINTER.mail(subject="s", text="t", recipient=recipient, reply_to="", letter_id=1, number=1, now=NOW)


def test_an_address_for_mail_programs_holds_nothing_but_what_it_says():
    link = mailto("desk@wire.example", "a&cc=b@y.example\r\nBcc: c@z.example", "é & ?\nline")
    assert link == (
        "mailto:desk@wire.example?subject=a%26cc%3Db%40y.example%0D%0ABcc%3A%20c%40z.example&body=%C3%A9%20%26%20%3F%0D%0Aline"
    )
