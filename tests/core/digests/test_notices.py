"""Notices of non-delivery as mail servers write them, and as those write them who want to cut somebody off."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.notices import MOST_BYTES, MOST_RECIPIENTS, Kind, Notice, Returned, read_notice

STATUS = """\
Reporting-MTA: dns; mx.example.org
Arrival-Date: Wed, 3 Mar 2027 08:00:00 +0000

Final-Recipient: rfc822; ada@example.org
Original-Recipient: rfc822;ada@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: Recipient address
    rejected: User unknown
"""
RETURNED = "Message-ID: <digest.abc@desk.example>\nSubject: 3 drift\nTo: ada@example.org\n\nThe digest.\n"
DEAD = Returned(
    addresses=("ada@example.org",),
    status="5.1.1",
    hard=True,
    reply="550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown",
)


def report(status: str = STATUS, returned: str = RETURNED, kind: str = "message/rfc822", head: str = "") -> bytes:
    """As Postfix writes it."""
    return (
        f"From: MAILER-DAEMON@mx.example.org\nTo: hypewatch@desk.example\nSubject: Undelivered\n{head}"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\n\n'
        "--b1\nContent-Type: text/plain; charset=us-ascii\n\nI am sorry.\n\n"
        f"--b1\nContent-Type: message/delivery-status\n\n{status}\n"
        f"--b1\nContent-Type: {kind}\n\n{returned}\n--b1--\n"
    ).encode()


def field(name: str, value: str | None) -> str:
    """The status with one field changed, or taken out."""
    lines = [line for line in STATUS.splitlines() if not line.startswith((name, "    " if name[0] == "D" else "\0"))]
    return "\n".join([*lines, *([f"{name}: {value}"] if value is not None else [])]) + "\n"


def test_a_notice_is_read_whole():
    assert read_notice(report()) == Notice(kind=Kind.BOUNCE, returned=(DEAD,), message_id="<digest.abc@desk.example>")
    assert read_notice(report().replace(b"\n", b"\r\n")) == read_notice(report())
    assert read_notice(b"From MAILER-DAEMON Wed Mar  3 08:00:00 2027\n" + report()) == read_notice(report())


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/global-headers", "message/global"])
def test_the_mail_that_came_back_is_known_by_its_headers_alone(kind):
    assert read_notice(report(kind=kind)).message_id == "<digest.abc@desk.example>"


@pytest.mark.parametrize(
    "returned", ["", "Subject: x\n\nx\n", "Message-ID: no number\n\n", f"Message-ID: <{'x' * 300}@b>\n"]
)
def test_without_its_number_it_is_a_bounce_of_nothing_that_is_known(returned):
    notice = read_notice(report(returned=returned))
    assert (notice.kind, notice.message_id, notice.returned) == (Kind.BOUNCE, "", (DEAD,))


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("Action", "delayed", Kind.DELAYED),
        ("Action", "delivered", Kind.ARRIVED),
        ("Action", "relayed", Kind.ARRIVED),
        ("Action", "Failed", Kind.BOUNCE),
        ("Action", "eaten", Kind.OTHER),
        ("Action", None, Kind.BOUNCE),  # the status says it
        ("Status", "2.1.5", Kind.ARRIVED),
    ],
)
def test_only_what_failed_is_a_bounce(name, value, kind):
    notice = read_notice(report(field(name, value)))
    assert notice.kind is kind
    assert bool(notice.returned) is (kind is Kind.BOUNCE)


@pytest.mark.parametrize(
    ("status", "code", "read", "hard"),
    [
        ("5.2.2", "smtp; 552 5.2.2 full", "5.2.2", False),
        ("4.4.7", "smtp; 450 4.1.1 later", "4.4.7", False),
        ("5.0.0", "smtp; 550 5.1.1 unknown", "5.1.1", True),  # the server's own words say more
        ("5.0.0", "smtp; 550 no such user", "5.0.0", False),  # words alone say nothing
        ("5.0.0", "x-unix; user 5.1.1 unknown", "5.0.0", False),
        (None, "smtp; 550-5.2.1 closed", "5.2.1", True),
        (None, None, "", False),
        ("5.1.1 (bad destination)", "smtp; 550 x", "5.1.1", True),
    ],
)
def test_codes_decide_and_never_words(status, code, read, hard):
    lines = ["Final-Recipient: rfc822; ada@example.org", "Action: failed"]
    lines += [f"Status: {status}"] if status else []
    lines += [f"Diagnostic-Code: {code}"] if code else []
    (returned,) = read_notice(report("Reporting-MTA: dns; x\n\n" + "\n".join(lines) + "\n")).returned
    assert (returned.status, returned.hard) == (read, hard)


@pytest.mark.parametrize(
    ("fields", "addresses"),
    [
        ("Final-Recipient: RFC822; <Ada@Example.ORG>", ("ada@example.org",)),
        (
            "Final-Recipient: rfc822; ada@new.example\nOriginal-Recipient: rfc822; ada@example.org",
            ("ada@example.org", "ada@new.example"),
        ),
        ("Final-Recipient: utf-8; ada@exämple.org", ("ada@xn--exmple-cua.org",)),
        ("Final-Recipient: ada@example.org", ("ada@example.org",)),
        ("Final-Recipient: rfc822; a@x.org, b@y.org", ()),
        ("Final-Recipient: x400; /c=us/", ()),
        ("Final-Recipient:", ()),
    ],
)
def test_exactly_one_address_at_a_time(fields, addresses):
    notice = read_notice(report(f"Reporting-MTA: dns; x\n\n{fields}\nAction: failed\nStatus: 5.1.1\n"))
    assert tuple(returned.addresses for returned in notice.returned) == ((addresses,) if addresses else ())
    assert notice.kind is (Kind.BOUNCE if addresses else Kind.AUTO_REPLY)


def test_several_addresses_and_no_more_than_some():
    block = "Final-Recipient: rfc822; p{0}@example.org\nAction: {1}\nStatus: 5.1.1\n"
    two = "Reporting-MTA: dns; x\n\n" + "\n".join([block.format(1, "failed"), block.format(2, "delivered")])
    assert [returned.addresses for returned in read_notice(report(two)).returned] == [("p1@example.org",)]
    many = "Reporting-MTA: dns; x\n\n" + "\n".join(block.format(at, "failed") for at in range(500))
    assert len(read_notice(report(many)).returned) == MOST_RECIPIENTS


def test_a_returned_mail_that_is_itself_a_notice_says_nothing_of_its_address():
    inner = report(STATUS.replace("ada@", "victim@")).decode().replace("b1", "b2")
    outer = read_notice(report(returned=inner))
    assert [returned.addresses for returned in outer.returned] == [("ada@example.org",)]
    forwarded = b"Subject: look\nContent-Type: message/rfc822\n\n" + report()
    assert read_notice(forwarded).kind is Kind.OTHER


EXIM = (
    "X-Failed-Recipients: ada@example.org, bob@example.org\nAuto-Submitted: auto-replied\n"
    "Content-Type: text/plain\n\nA message that you sent could not be delivered.\n\n"
    "------ This is a copy of the message, including all the headers. ------\n\n" + RETURNED
)


def test_servers_that_name_the_addresses_in_a_header():
    notice = read_notice(EXIM.encode())
    assert (notice.kind, notice.message_id) == (Kind.BOUNCE, "<digest.abc@desk.example>")
    assert [(one.addresses, one.status, one.hard) for one in notice.returned] == [
        (("ada@example.org",), "", False),
        (("bob@example.org",), "", False),
    ]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Auto-Submitted: auto-replied", Kind.AUTO_REPLY),
        ("Auto-Submitted: auto-generated; x=y", Kind.AUTO_REPLY),
        ("Auto-Submitted: no", Kind.OTHER),
        ("X-Autoreply: yes", Kind.AUTO_REPLY),
        ("Precedence: auto_reply", Kind.AUTO_REPLY),
        ("X-Auto-Response-Suppress: All", Kind.AUTO_REPLY),
        ("Subject: Out of office; 550 5.1.1 user unknown", Kind.OTHER),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", Kind.OTHER),
    ],
)
def test_what_comes_back_and_is_no_bounce(head, kind):
    assert read_notice(f"From: ada@example.org\n{head}\n\nI am away; 550 5.1.1.\n".encode()) == Notice(kind=kind)


def test_broken_and_hostile_mails_are_no_notices():
    nest = "".join(f'Content-Type: multipart/mixed; boundary="n{at}"\n\n--n{at}\n' for at in range(5000))
    deep = "Content-Type: message/rfc822\n\n" * 30_000
    for text in ("", "\n", "\0\0", nest, deep, "Content-Type: multipart/report\n\nno boundary", "X: " + "a" * 900_000):
        began = time.monotonic()
        assert read_notice(text.encode()).kind is Kind.OTHER
        assert time.monotonic() - began < 2
    flood = report(returned="\n" * 900_000)
    began = time.monotonic()
    assert read_notice(flood).returned == (DEAD,)
    assert time.monotonic() - began < 3


def test_only_the_beginning_of_a_long_mail_is_read():
    long = report(returned=RETURNED + "x" * 2 * MOST_BYTES)
    assert read_notice(long).message_id == "<digest.abc@desk.example>"
    assert read_notice(b"X: y\n\n" + b"x" * MOST_BYTES + report()).kind is Kind.OTHER


def test_a_charset_that_nobody_knows_and_letters_that_are_none():
    odd = report().replace(b"us-ascii", b"klingon").replace(b"User unknown", b"\xff\x1b[2J\xe2\x80\xae")
    (returned,) = read_notice(odd).returned
    assert returned.addresses == ("ada@example.org",)
    assert returned.reply.isprintable()


@given(st.binary(max_size=400), st.integers(0, 900))
def test_no_bytes_raise(junk, at):
    whole = report()
    read_notice(junk)
    read_notice(whole[:at] + junk + whole[at:])
    read_notice(whole[:at] + whole[at + len(junk) :])
