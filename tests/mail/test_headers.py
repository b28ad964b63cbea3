"""Header lines as the standards ask for them, and read back as they were meant."""

import random
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest

from monitor.mail.headers import address_header, ascii_url, encoded_words, plain_header, text_header
from monitor.mail.message import build_message

VOCABULARY = [
    "walking",
    "again",
    "cure",
    "“miracle”",
    "étude",
    "Genève",
    "l’homme",
    "慶応大学",
    "患者",
    "Zürich",
    "naïve",
    "—",
    "3",
    "drift,",
    "spreads",
    "to",
    "places",
    "奇跡",
    "🎉",
    "à",
]
LONG_URL = "https://watch.example.org/" + "l/unsubscribe/".ljust(300 - len("https://watch.example.org/"), "x")
NOW = datetime(2026, 3, 3, 22, tzinfo=UTC)


def mail(subject="Plain", **changes) -> bytes:
    values = {
        "subject": subject,
        "text": "x\n",
        "html": "<p>x</p>",
        "sender": "Press watch <watch@example.org>",
        "recipient": "ada@example.org",
        "recipient_name": "Ada Byron",
        "message_id": "<digest.0123456789abcdef01234567@example.org>",
        "list_id": "<keio-ips-sci.hypewatch.example.org>",
        "unsubscribe_url": LONG_URL,
        "now": NOW,
    }
    return build_message(**(values | changes))


def raw_headers(mime: bytes) -> dict[str, str]:
    """Name to value, unfolded by the rule of RFC 5322 alone."""
    head = mime.partition(b"\r\n\r\n")[0].decode("ascii")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
    return dict(line.split(": ", 1) for line in unfolded.split("\r\n"))


def wrong_with(mime: bytes, subject: str) -> list[str]:
    """What a mail's headers do that the standards forbid."""
    head = mime.partition(b"\r\n\r\n")[0]
    found = [f"line of {len(line)}" for line in head.split(b"\r\n") if len(line) > 998]
    found += [f"byte {byte}" for byte in head if byte > 126]
    headers = raw_headers(mime)
    for name, value in headers.items():
        for token in (token for token in value.split() if "=?" in token):
            if not re.fullmatch(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=", token):
                found.append(f"{name}: no encoded word, or two that touch: {token}")
            if len(token) > 75:
                found.append(f"{name}: encoded word of {len(token)}")
    if "=?" in headers["List-Unsubscribe"]:
        found.append("List-Unsubscribe is encoded")
    if str(make_header(decode_header(headers["Subject"]))).split() != subject.split():
        found.append(f"Subject reads {headers['Subject']}")
    if str(message_from_bytes(mime, policy=policy.SMTP)["Subject"]).split() != subject.split():
        found.append("Subject reads otherwise by the newer rules")
    return found


def test_every_subject_makes_lawful_headers():
    drawn = random.Random(1)
    wrong = {}
    for _ in range(1446):
        subject = " ".join(drawn.choices(VOCABULARY, k=drawn.randint(4, 39)))[:60]
        found = wrong_with(mail(subject), subject)
        if found:
            wrong[subject] = found
    assert wrong == {}


def test_the_unsubscribe_address_stands_as_it_is_however_long():
    headers = raw_headers(mail())
    assert headers["List-Unsubscribe"] == f"<{LONG_URL}>, <mailto:watch@example.org?subject=unsubscribe>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_long_ids_stand_as_they_are():
    domain = ".".join(["communications"] * 12) + ".example"
    made = mail(message_id=f"<digest.0123@{domain}>", list_id=f"<keio-ips-sci.hypewatch.{domain}>")
    headers = raw_headers(made)
    assert (headers["Message-ID"], headers["List-Id"]) == (
        f"<digest.0123@{domain}>",
        f"<keio-ips-sci.hypewatch.{domain}>",
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Ada Byron", "To: Ada Byron <a@example.org>"),
        ("", "To: a@example.org"),
        ("Byron, Ada", 'To: "Byron, Ada" <a@example.org>'),
        ('Ada "Countess" B.', 'To: "Ada \\"Countess\\" B." <a@example.org>'),
        ("Zoë Ødegård", "To: =?utf-8?b?Wm/DqyDDmGRlZ8OlcmQ=?= <a@example.org>"),
        ("Zoë Byron-Lovelace", "To: =?utf-8?q?Zo=C3=AB_Byron-Lovelace?= <a@example.org>"),
        ("岡野栄之", "To: =?utf-8?b?5bKh6YeO5qCE5LmL?= <a@example.org>"),
        ("=?utf-8?q?x?=", "To: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@example.org>"),
        ("Ada\r\nBcc: eve@example.org", 'To: "Ada Bcc: eve@example.org" <a@example.org>'),
    ],
)
def test_a_display_name(name, line):
    assert address_header("To", name, "a@example.org") == line


@pytest.mark.parametrize(
    "name", ["Редакция Медицинского вестника, отдел науки и техники", "Ada Byron " * 20, "x" * 300]
)
def test_a_long_display_name_is_one_person(name):
    made = mail(recipient_name=name, sender=f'"{name.strip()}" <watch@example.org>')
    assert wrong_with(made, "Plain") == []
    for field, address in (("To", "ada@example.org"), ("From", "watch@example.org")):
        phrase, _, there = raw_headers(made)[field].rpartition(" ")
        assert (str(make_header(decode_header(phrase))).split(), there) == (name.split(), f"<{address}>")
        assert len(message_from_bytes(made, policy=policy.SMTP)[field].addresses) == 1


def test_encoded_words_end_at_whole_letters():
    words = encoded_words("🎉" * 40, first=9)
    assert len(words) > 2
    for word in words:
        assert len(word) <= 75
        assert set(str(make_header(decode_header(word)))) == {"🎉"}


def test_lines_break_between_parts_only():
    assert plain_header("X", "a" * 70, "b" * 90, "c") == f"X: {'a' * 70}\r\n {'b' * 90}\r\n c"
    assert text_header("Subject", "a b") == "Subject: a b"


def test_an_address_in_other_letters_becomes_ascii():
    assert ascii_url("https://müller.example/über?q=ä#ö") == "https://xn--mller-kva.example/%C3%BCber?q=%C3%A4#%C3%B6"
    assert ascii_url("https://a.example/%20x") == "https://a.example/%20x"
