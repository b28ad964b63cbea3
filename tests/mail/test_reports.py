"""Weekly and monthly reports and urgent mails as bytes: what a tired reader sees, in each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from monitor.core.digests.digest import StoryLine
from monitor.core.digests.periods import period_of
from monitor.core.digests.report import compose_report
from monitor.core.digests.report_input import Count, LetterStep, ReportInput, Tally
from monitor.core.digests.subscribers import DigestKind, Wishes
from monitor.core.digests.urgent import compose_urgent, spreading
from monitor.core.letters.letter import LetterState
from monitor.core.model import Network
from monitor.core.text.excerpt import width
from monitor.library.wording import wording
from monitor.mail.render import HTML_MAX, TEXT_COLUMNS
from tests.fakes.studies import bare_study

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
WEEK = period_of(DigestKind.WEEKLY, date(2026, 2, 25), "Asia/Tokyo")
MONTH = period_of(DigestKind.MONTHLY, date(2026, 2, 1), "Asia/Tokyo")
STUDY = bare_study("keio-ips-sci", "Keio University iPS-cell spinal cord injury study")
RULESET = "sha256:3f5a0c1b9d8e7766"


def tally(number: int, source: str, mentions: int, flagged: int, network=Network.WEB, lang="en") -> Tally:
    return Tally(network=network, lang=lang, source_id=number, source=source, mentions=mentions, flagged=flagged)


def given(heavy, period) -> ReportInput:
    """A lively time: seven outlets, two networks, three languages, letters, a text corrected by itself, a source not read."""
    days = len(period.parts())
    return ReportInput(
        tallies=(
            tally(1, "Harbour Wire", 41, 12),
            tally(2, "The Morning Lantern", 29, 9),
            tally(3, "Pinecroft Courier", 17, 2),
            tally(4, "Lakeside Gazette and Pinecroft Advertiser of the Western Shore", 9, 0),
            tally(5, "Vida Diaria", 8, 3, lang="es"),
            tally(6, "かわら新報", 7, 1, lang="ja"),
            tally(7, "Abendblatt", 6, 0, lang="de"),
            tally(8, "@nervecapital_ex", 1210, 40, Network.X),
        ),
        parts=tuple(Count(100 + 40 * at, 5 * at) for at in range(days)),
        earlier=(Count(400, 30), Count(900, 52), Count(1180, 71)),
        flagged=tuple(mention for mention in heavy.mentions if mention.flags),
        grew=tuple(
            StoryLine(
                id=number,
                title=f"{title} and walks again after stem cells from Keio University in Tokyo",
                members=40 * number,
                new=30 * number,
                first_source="Harbour Wire",
                first_at=period.begin,
                first_id=number,
            )
            for number, title in ((3, "Paralysed man stands up"), (2, "麻痺した男性が立ち上がる"))
        ),
        steps=(
            LetterStep(to=LetterState.ASKED, source="Harbour Wire", mention_id=1),
            LetterStep(to=LetterState.ASKED, source="The Morning Lantern", mention_id=2),
            LetterStep(to=LetterState.REMINDED, source="Harbour Wire", mention_id=1),
            LetterStep(to=LetterState.CORRECTED, source="The Morning Lantern", mention_id=2),
        ),
        fixed=heavy.fixed,
        feeds=(*heavy.feeds, replace(heavy.feeds[0], title="Old Quay Notes", problem="It did not answer.")),
    )


def report(told: ReportInput, period, language="en", **wishes):
    return compose_report(
        told,
        STUDY,
        period,
        wishes=Wishes(zone="Asia/Tokyo", language=language, **wishes),
        now=period.end + timedelta(hours=7),
        ruleset=RULESET,
        wording=wording(language),
    )


def urgent(heavy, language="en", **wishes):
    asked = Wishes(zone="Asia/Tokyo", language=language, urgent_from=2, **wishes)
    cards = spreading(heavy.mentions, asked)
    return compose_urgent(cards[0], STUDY, wishes=asked, now=NOW, ruleset=RULESET, wording=wording(language))


@pytest.fixture
def mails(heavy, printer, subscription):
    """The mails by name, printed."""

    def printed(mail, to=subscription):
        print_it = printer.urgent if hasattr(mail, "about") else printer.report
        return print_it(mail, to, now=NOW)

    asks = replace(subscription, wishes=replace(subscription.wishes, urgent_from=10))
    return {
        "weekly": printed(report(given(heavy, WEEK), WEEK)),
        "weekly-quiet": printed(report(ReportInput(feeds=heavy.feeds), WEEK)),
        "monthly-ja": printed(report(given(heavy, MONTH), MONTH, "ja")),
        "urgent-es": printed(urgent(heavy, "es"), asks),
        "urgent": printed(urgent(heavy), asks),
    }


NAMES = ("weekly", "weekly-quiet", "monthly-ja", "urgent-es", "urgent")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["txt", "html"])
def test_golden(mails, name, part, update_golden):
    made = mails[name]
    body = f"Subject: {made.subject}\n\n{made.text}" if part == "txt" else made.html
    path = GOLDEN / f"{name}.{part}"
    if update_golden:
        path.write_text(body, encoding="utf-8")
    assert body == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_text_is_72_columns_and_html_is_small(mails, name):
    wide = [line for line in mails[name].text.splitlines() if width(line) > TEXT_COLUMNS and "://" not in line]
    assert wide == []
    assert len(mails[name].html.encode()) <= HTML_MAX


def test_each_kind_of_mail_has_an_id_of_its_own(mails):
    ids = {str(message_from_bytes(made.mime, policy=policy.SMTP)["Message-ID"]) for made in mails.values()}
    assert len(ids) == 3  # the week's, the month's, the minute's: two of the five are for the same time


def test_the_fullest_report_stays_below_80_kb(heavy, printer, subscription):
    full = report(given(heavy, MONTH), MONTH)
    item = full.claims[0].item
    voice = replace(item.lead, said="s" * 400, context="c" * 300 + "s" * 400, copies=("A Source Far Away",) * 9)
    claim = replace(full.claims[0], item=replace(item, voices=(voice,) * 2, why="w" * 500))
    unread = tuple(f"Source {n}: not read since Tue 03 Mar, 05:00. It did not answer." for n in range(400))
    full = replace(full, claims=(claim,) * 3, also=(claim,) * 5, also_more=90, unread=unread)
    made = printer.report(full, subscription, now=WEEK.end)
    assert len(made.html.encode()) <= HTML_MAX
    assert "394 more sources are not read." in made.text


def test_each_table_has_headings_for_its_columns_and_rows(mails):
    html = mails["weekly"].html
    assert html.count('scope="col"') >= 4 * 2
    assert html.count("<caption") >= 6
    assert html.count('scope="row"') > html.count('scope="col"') / 2


def test_a_hostile_headline_stays_words(heavy, printer, subscription):
    bad = replace(
        given(heavy, WEEK).grew[0], title="<script>alert(1)</script>\r\nBcc: a@example.org", first_source="<b>"
    )
    told = replace(given(heavy, WEEK), grew=(bad,))
    made = printer.report(report(told, WEEK), subscription, now=WEEK.end)
    assert "<script" not in made.html
    assert "<b>" not in made.html
    assert message_from_bytes(made.mime, policy=policy.SMTP)["Bcc"] is None
