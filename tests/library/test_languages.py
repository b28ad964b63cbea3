"""What mails say in other languages: catalogues are whole, and the shipped sheet passes its own words in them."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from monitor.core.digests.lines import NO_MENTION, NOTHING
from monitor.core.judgement import Drift
from monitor.core.wording import LANGUAGES
from monitor.library.load import Library
from monitor.library.wording import wording
from monitor.web.wish_form import CALLED

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES if language != "en"]
#: Sentences that the code picks by a name: they stand where it is given.
NAMED = {NO_MENTION, NOTHING, "web"}


def said() -> set[str | tuple[str, str]]:
    """Every sentence that is said through a Wording, by the code of the digest and its templates."""
    found = {*NAMED, *(drift.words for drift in Drift)}
    for name in (
        "core/digests/compose.py",
        "core/digests/lines.py",
        "core/digests/periods.py",
        "core/digests/report.py",
        "core/digests/report_lines.py",
        "core/digests/report_tables.py",
        "core/digests/schedule.py",
        "core/digests/urgent.py",
        "core/wording.py",
        "mail/printer.py",
        "web/links.py",
        "web/wish_form.py",
    ):
        found |= spoken_in(ROOT / "monitor" / name)
    for path in (ROOT / "monitor/web").glob("*link_*.py"):
        found |= spoken_in(path)
    found |= {*CALLED.values()}
    templates = ROOT / "monitor/web/templates"
    for path in (
        *(ROOT / "monitor/mail/templates").glob("*.*"),
        *templates.glob("*link*.html"),
        templates / "wishes.html",
    ):
        with path.open("rb") as file:
            for _, function, message, _ in babel_extract(file, ("say", "many"), [], {}):
                parts = (message,) if isinstance(message, str) else tuple(part for part in message or () if part)
                found |= {parts[:2]} if function == "many" else set(parts[:1])  # none: it is a value that is said
    return {one for one in found if one}


def spoken_in(path: Path) -> set[str | tuple[str, str]]:
    """The sentences that a module says."""
    with path.open("rb") as file:
        return {message for _, message, _, _ in extract("python", file, keywords={"say": None, "many": (1, 2)})}


def catalogue(language: str):
    with (ROOT / f"monitor/library/languages/{language}.po").open("rb") as file:
        return {one.id: one.string for one in read_po(file, locale=language) if one.id}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_a_digest_is_in_the_catalogue(language):
    told = catalogue(language)
    sentences = said()
    assert len(sentences) > 80
    assert {one for one in sentences if not told.get(one)} == set()


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_the_same_values(language):
    for key, string in catalogue(language).items():
        one, other = (key, key) if isinstance(key, str) else key
        for text in (string,) if isinstance(string, str) else string:
            assert names(text) in (names(one), names(other)), key


@pytest.mark.parametrize("language", OTHERS)
def test_every_finding_of_the_shipped_sheet_can_be_told(language):
    study = Library(Path("/nowhere"), {}).default()
    english = [text for f in study.findings.values() for text in (f.sentence, f.correction) if text]
    english += [entry.correction for f in study.findings.values() for entry in f.excludes if entry.correction]
    english += [study.name, *(caveat.sentence for caveat in study.caveats)]
    assert [text for text in english if study.said_in(language, text) is None] == []


def test_dates_numbers_and_plurals_follow_the_language():
    from datetime import UTC, date, datetime

    moment, today = datetime(2026, 3, 24, 16, 24, tzinfo=UTC), date(2026, 3, 25)
    assert [wording(language).moment(moment, today) for language in LANGUAGES] == [
        "Tue 24 Mar, 16:24",
        "3月24日(火) 16:24",
        "mar 24 mar, 16:24",
    ]
    assert wording("ja").day(date(2025, 3, 24), today) == "2025年3月24日"
    assert wording("es").number(12345) == "12.345"
    assert re.fullmatch("1 fuente leída", wording("es").many("{count} source read", "{count} sources read", 1))
    assert wording("xx").say("Needs you") == "Needs you"
