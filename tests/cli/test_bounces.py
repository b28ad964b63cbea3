"""`bounces`: notices on standard input and in files, and what follows from them."""

from __future__ import annotations

import json
from email import message_from_bytes, policy

import pytest

NOTICE = """\
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: {message_id}

From here on it is the mail.
--b--
"""
AWAY = "Auto-Submitted: auto-replied\n\nI am away.\n"


@pytest.fixture
def mailed(cli):
    """The Message-ID of a digest that went to Ada."""
    cli.ok("subscribers", "add", "ada@example.org", "--zone", "Asia/Tokyo", "--confirmed")
    cli.ok("digest", "send")
    (path,) = (cli.home / "outbox").glob("*.eml")
    return str(message_from_bytes(path.read_bytes(), policy=policy.SMTP)["Message-ID"])


def read(ran) -> list[tuple]:
    return [(row["mail"], row["kind"], row["address"], row["became"]) for row in json.loads(ran.out)]


def test_one_on_standard_input(cli, mailed):
    raw = NOTICE.format(address="Ada@example.org", message_id=mailed)
    ran = cli("bounces", "-", stdin="From MAILER-DAEMON Wed Mar  3 08:00:00 2027\n" + raw)
    assert ran.code == 0
    assert "ada@example.org" in ran.out
    assert "Nothing is sent there any more" in " ".join(ran.out.split())
    ran = cli("bounces", "-", "--format", "json", stdin=raw)
    assert (ran.code, read(ran)) == (0, [(1, "bounce", "ada@example.org", "known")])
    (row,) = json.loads(cli.ok("subscribers", "list", "--format", "json"))
    assert (row["state"], row["next"]) == ("suppressed", None)
    assert cli("digest", "send").code == 1


def test_an_mbox_and_a_file_of_one_mail(cli, mailed, tmp_path):
    box, one = tmp_path / "mbox", tmp_path / "one.eml"
    raw = NOTICE.format(address="ada@example.org", message_id=mailed)
    head = "From MAILER-DAEMON Wed Mar  3 08:00:00 2027\n"
    box.write_text(f"{head}{AWAY}\n{head}{raw.replace('From here', '>From here')}\n{head}Subject: hello\n\nhello\n")
    one.write_text(raw)
    ran = cli("bounces", box, one, "--format", "json")
    assert (ran.code, read(ran)) == (
        0,
        [
            (1, "auto-reply", None, None),
            (2, "bounce", "ada@example.org", "suppressed"),
            (3, "other", None, None),
            (1, "bounce", "ada@example.org", "known"),
        ],
    )


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (AWAY, "An automatic answer, such as out of office. Nothing came back."),
        ("Subject: hello\n\nhello\n", "No notice of mail that came back."),
        (NOTICE.format(address="nobody@example.org", message_id="<a@b>"), "Nobody here has that address."),
        ("\n", "There was no mail to read."),
        ("", "There was no mail to read."),
        ("x" * 3_000_000, "No notice of mail that came back."),
    ],
)
def test_nothing_of_ours_is_said_and_exits_with_1(cli, mailed, raw, says):
    ran = cli("bounces", "-", stdin=raw)
    assert ran.code == 1
    assert says in " ".join(ran.out.split())
    (row,) = json.loads(cli.ok("subscribers", "list", "--format", "json"))
    assert row["state"] == "active"


def test_what_cannot_be_read_exits_with_2(cli, tmp_path):
    assert cli("bounces").code == 2
    ran = cli("bounces", tmp_path / "nothing.eml")
    assert "nothing.eml" in ran.told
    assert ran.code in {1, 2}
