"""The mails that let people in: one recipient, one link, and nothing that a name could smuggle in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from monitor.core.people import Person, PersonState
from monitor.core.session import Role

NOW = datetime(2026, 3, 3, 22, tzinfo=UTC)
LINK = "https://watch.example.org/sign-in/" + "s" * 43
ADA = Person(
    id=1, email="ada@example.org", name="Ada", role=Role.EDITOR, state=PersonState.INVITED, made_at=NOW
)  # fmt: skip


def parts(mime: bytes):
    mail = message_from_bytes(mime, policy=policy.default)
    return mail, mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def test_an_invitation_says_who_invites_and_how_long_its_link_works(printer):
    mail, text, html = parts(printer.invitation(ADA, LINK, by="Mika Sato", now=NOW))
    assert (mail["Subject"], mail["To"]) == ("You are invited to Hypewatch", "Ada <ada@example.org>")
    for part in (text, html):
        assert (part.count(LINK), "Mika Sato invites you" in part, "within 7 days" in part) == (1, True, True)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "s" * 43 not in mail["Message-ID"]


def test_a_sign_in_link_says_that_it_may_be_left_alone(printer):
    there = replace(ADA, state=PersonState.ACTIVE)
    mail, text, html = parts(printer.sign_in_mail(there, LINK, now=NOW))
    assert mail["Subject"] == "Your link to Hypewatch"
    for part in (text, html):
        assert (LINK in part, "within an hour" in part, "do nothing" in part) == (True, True, True)
    assert "within 7 days" in parts(printer.sign_in_mail(ADA, LINK, now=NOW))[1], "who was not here yet keeps the week"


def test_a_new_password_is_told_to_who_has_it(printer):
    mail, text, html = parts(printer.password_mail(ADA, now=NOW))
    assert mail["Subject"] == "Your password for Hypewatch was set"
    for part in (text, html):
        assert (part.count("/account"), "If not: sign in with a link by mail" in part) == (1, True)
    later = parts(printer.password_mail(ADA, now=NOW + timedelta(days=1)))[0]
    assert mail["Message-ID"] != later["Message-ID"]


@pytest.mark.parametrize(
    "name",
    ["x\r\nBcc: eve@example.org", "x\nSubject: y", "<b>x</b>", '"a" <eve@example.org>', "=?utf-8?q?a?=", "é" * 100],
)
def test_no_name_becomes_a_header_or_markup(printer, name):
    mail, text, html = parts(printer.invitation(replace(ADA, name=name), LINK, by=name, now=NOW))
    (address,) = mail["To"].addresses
    assert (address.addr_spec, mail["Bcc"], mail["Subject"]) == (ADA.email, None, "You are invited to Hypewatch")
    assert sorted(mail.keys()) == sorted(parts(printer.invitation(ADA, LINK, by="", now=NOW))[0].keys())
    assert "<b>" not in html
    assert text.splitlines()[0].endswith("what the study found.")
