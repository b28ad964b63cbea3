"""The digest as bytes: golden mails for three days, and everything that must never get into one."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path

import pytest

from monitor.core.digests.signed_links import Action, verify
from monitor.core.errors import UsageError
from monitor.core.translation import Said
from monitor.mail.message import build_message
from monitor.mail.render import HTML_MAX, TEXT_COLUMNS

GOLDEN = Path(__file__).parent / "golden"
DAYS = ("heavy", "quiet", "first", "paper", "japanese")
HOSTILE = 'A "cure"\r\nBcc: victim@example.org\n\n<script>alert(1)</script> =?utf-8?q?x?= \u2028\u202e'


def read(mime: bytes):
    return message_from_bytes(mime, policy=policy.SMTP)


class Tags(HTMLParser):
    """Every tag with its attributes, as a mail program would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("part", ["txt", "html"])
def test_golden(days, printed, day, part, update_golden):
    made = printed(days[day])
    body = f"Subject: {made.subject}\n\n{made.text}" if part == "txt" else made.html
    path = GOLDEN / f"{day}.{part}"
    if update_golden:
        path.write_text(body, encoding="utf-8")
    assert body == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("day", DAYS)
def test_headers(days, printed, printer, day):
    made = printed(days[day])
    message = read(made.mime)
    unsubscribe, mailto = message["List-Unsubscribe"].split(", ")
    assert {name: str(message[name]) for name in message if name not in {"List-Unsubscribe", "Message-ID"}} == {
        "Subject": made.subject,
        "From": '"Press watch" <watch@example.org>'
        if '"' in str(message["From"])
        else "Press watch <watch@example.org>",
        "To": "Ada Byron <ada@example.org>",
        "Reply-To": "watch@example.org",
        "Date": "Tue, 03 Mar 2026 22:00:00 +0000",
        "List-Id": "<keio-ips-sci.hypewatch.example.org>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": str(message["Content-Type"]),
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert mailto == "<mailto:watch@example.org?subject=unsubscribe>"
    token = unsubscribe.strip("<>").removeprefix("https://watch.example.org/l/unsubscribe/")
    assert verify(printer.key, token, Action.UNSUBSCRIBE, message["Date"].datetime) == (3,)
    assert re.fullmatch(r"<digest\.[0-9a-f]{24}@example\.org>", str(message["Message-ID"]))


def test_the_same_digest_gives_the_same_bytes_and_another_day_another_id(days, printed):
    once, again = printed(days["heavy"]), printed(days["heavy"])
    assert once == again
    tomorrow = printed(replace(days["heavy"], local_date="2026-03-05"))
    assert tomorrow.message_id != once.message_id


def test_two_people_get_two_message_ids(days, printed, subscription):
    other = replace(subscription, id=4)
    assert printed(days["quiet"], other).message_id != printed(days["quiet"]).message_id


def test_the_parts_come_back_as_they_were_rendered(days, printed):
    made = printed(days["heavy"])
    text, html = read(made.mime).iter_parts()
    assert text.get_content().replace("\r\n", "\n") == made.text
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == made.html.rstrip("\n")


@pytest.mark.parametrize("day", DAYS)
def test_text_is_72_columns_but_for_addresses(days, printed, day):
    long = [line for line in printed(days[day]).text.splitlines() if len(line) > TEXT_COLUMNS and "://" not in line]
    assert long == []


@pytest.mark.parametrize("day", DAYS)
def test_html_is_small_and_loads_nothing(days, printed, day):
    html = printed(days[day]).html
    assert len(html.encode()) <= HTML_MAX
    tags = Tags(html).found
    assert {tag for tag, _ in tags} & {"img", "script", "link", "iframe", "object", "form", "svg", "video"} == set()
    assert [attrs for _, attrs in tags if {"src", "background", "srcset", "poster"} & set(attrs)] == []
    assert re.findall(r"(?i)url\(|@import|@font-face", html) == []
    addresses = {attrs["href"] for tag, attrs in tags if tag == "a"}
    assert {address.partition(":")[0] for address in addresses} == {"https"}


def test_html_has_a_dark_scheme_and_one_column_of_600(days, printed):
    html = printed(days["heavy"]).html
    assert "prefers-color-scheme: dark" in html
    assert "color-scheme: light dark" in html
    assert "max-width:600px" in html


def test_the_fullest_digest_stays_below_80_kb(days, printed):
    heavy = days["heavy"]
    voice = replace(
        heavy.needs[0].lead, said="s" * 400, context="c" * 300 + "s" * 400, copies=("A Source Far Away",) * 9
    )
    item = replace(
        heavy.needs[0],
        voices=(voice,) * 4,
        found=Said(words="f" * 500),
        why="w" * 500,
        correction=Said(words="y" * 300),
    )
    full = replace(
        heavy,
        needs=(item,) * 3,
        also=(item,) * 7,
        fixed=heavy.fixed * 5,
        sharing=heavy.sharing * 3,
        unread=tuple(f"Source {n}: not read since Tue 03 Mar, 05:00. It did not answer." for n in range(40)),
    )
    assert len(printed(full).html.encode()) <= HTML_MAX


def test_a_hostile_headline_becomes_no_header_and_no_markup(heavy, compose_it, printed):
    worst = heavy.mentions[0]
    said = replace(worst.flags[0].flag, span=replace(worst.flags[0].flag.span, quote=HOSTILE), why=HOSTILE)
    evil = replace(
        worst,
        title=HOSTILE,
        source=replace(worst.source, name=HOSTILE, weight=5),
        flags=(replace(worst.flags[0], flag=said),),
    )
    made = printed(compose_it(replace(heavy, mentions=(evil,))))
    message = read(made.mime)
    assert [message.get_all(name) for name in ("Bcc", "Cc", "Resent-To")] == [None, None, None]
    assert message.defects == []
    assert len(message.get_all("Subject")) == 1
    assert not re.search(r"[\r\n\u2028]", str(message["Subject"]))
    assert message["To"].addresses[0].addr_spec == "ada@example.org"
    assert "<script" not in made.html
    assert "&lt;script&gt;" in made.html


def test_a_hostile_name_is_one_display_name(days, printed, subscription):
    person = replace(subscription.subscriber, name='Ada" <evil@example.org>,\r\nBcc: evil@example.org')
    message = read(printed(days["quiet"], replace(subscription, subscriber=person)).mime)
    assert [(a.addr_spec) for a in message["To"].addresses] == ["ada@example.org"]
    assert message.get_all("Bcc") is None


@pytest.mark.parametrize(
    "recipient",
    ["a@x.org, b@y.org", "a@x.org\nBcc: b@y.org", '"x" <a@y.org>', "a@x.org;b@y.org", "a@@x.org", "", "a b@x.org"],
)
def test_exactly_one_recipient(recipient, days):
    with pytest.raises(UsageError, match="is not one mail address"):
        build_message(
            subject="s",
            text="t",
            html="<p>t</p>",
            sender="watch@example.org",
            recipient=recipient,
            recipient_name="",
            message_id="<a@b>",
            now=datetime.now(UTC),
        )


def test_a_link_of_a_hostile_scheme_is_not_in_the_mail(heavy, compose_it, printed):
    evil = replace(heavy.mentions[0], url="javascript:alert(1)")
    made = printed(compose_it(replace(heavy, mentions=(evil, heavy.mentions[-1]))))
    assert "javascript:" not in made.html + made.text


def test_wrong_flag_links_are_for_this_person_and_flag_and_end(days, printed, printer):
    made = printed(days["heavy"])
    tokens = re.findall(r"https://watch\.example\.org/l/wrong/(\S+)", made.text)
    sent = read(made.mime)["Date"].datetime
    assert [verify(printer.key, token, Action.WRONG, sent) for token in tokens] == [
        (flag, 3, int(sent.timestamp())) for flag in (10, 11, 70)
    ]
    later = sent + timedelta(days=31)
    assert [verify(printer.key, token, Action.WRONG, later) for token in tokens] == [None, None, None]


def test_the_confirmation_says_nothing_but_its_question(printer, subscription, days):
    mime = printer.confirmation(subscription, "Keio study", now=subscription.created_at)
    message = read(mime)
    text, html = (part.get_content() for part in message.iter_parts())
    assert message["Subject"] == "Do you want the Hypewatch digest?"
    assert "List-Unsubscribe" not in message
    (token,) = re.findall(r"https://watch\.example\.org/l/confirm/(\S+)", text)
    assert verify(printer.key, token, Action.CONFIRM, message["Date"].datetime) == (7, 3)
    assert {attrs["href"] for tag, attrs in Tags(html).found if tag == "a"} == {
        f"https://watch.example.org/l/confirm/{token}"
    }


@pytest.mark.parametrize("others", [0, 1])
def test_a_language_without_rules_is_told_in_both_parts(heavy, compose_it, printed, others):
    plain = replace(heavy.mentions[0], flags=(), story_id=None)
    german = [replace(plain, id=600 + number, lang="de") for number in (1, 2)]
    english = [replace(plain, id=609)] * others
    quiet = replace(heavy, mentions=(), stories={}, fixed=())
    made = printed(compose_it(replace(quiet, mentions=(*german, *english))))
    for part in (made.text, made.html):
        said = " ".join(re.sub(r"<[^>]+>", " ", part).split())
        assert "not judged (German): 2" in said
        assert ("none of the new mentions" in said) == bool(others)
        assert ("that could be judged" in said) == bool(others)
    alone = printed(compose_it(replace(quiet, mentions=tuple(english))))
    assert "judged" not in alone.text + alone.html
