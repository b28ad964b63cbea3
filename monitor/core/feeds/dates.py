"""Dates as feeds, pages and people write them, read strictly: a known shape, or none at all.

A wrong date is worse than none: it moves a mention out of its digest. feedparser reads `2020/1/10` as November,
`10:00 JST` as 10:00 UTC and `1742810400` as the year 1742, so nothing of ours asks it for a date.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from monitor.core.model import DateConfidence

#: The web has no feeds older than this; a date before it is a default or a mistake.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
#: Clocks are wrong by hours and zones are mixed up; by more than a day it is a mistake or a trick to stay on top.
MOST_AHEAD = timedelta(hours=24)
#: Longer than any date with weekday, zone and comment.
MOST_CHARACTERS = 100

#: Names of zones to minutes east of UTC. RFC 822's own; then those that feeds use and that mean one thing.
#: CST is RFC 822's (North America); IST is India's. Others are unknown on purpose.
ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180,
    "bst": 60, "west": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180,
    "sast": 120, "ist": 330, "pkt": 300, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "pht": 480, "awst": 480,
    "jst": 540, "kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip

#: Month names and how they are cut, without accents: English, French, Spanish, Portuguese, Italian, German, Dutch, Swedish,
#: Danish, Norwegian, Indonesian, Russian. A name that means two months (listopad: October or November) is in none.
_MONTHS = (
    (
        "jan",
        "janv",
        "january",
        "janvier",
        "enero",
        "ene",
        "janeiro",
        "gennaio",
        "gen",
        "januar",
        "janner",
        "januari",
        "янв",
        "января",
        "январь",
    ),
    (
        "feb",
        "february",
        "fevrier",
        "fevr",
        "fev",
        "febrero",
        "fevereiro",
        "febbraio",
        "februar",
        "februari",
        "фев",
        "февраля",
        "февраль",
    ),
    ("mar", "march", "mars", "marzo", "marco", "marz", "mrz", "maart", "mrt", "marts", "maret", "мар", "марта", "март"),
    ("apr", "april", "avril", "avr", "abril", "abr", "aprile", "апр", "апреля", "апрель"),
    ("may", "mai", "mayo", "maio", "maggio", "mag", "mei", "maj", "мая", "май"),
    ("jun", "june", "juin", "junio", "junho", "giugno", "giu", "juni", "июн", "июня", "июнь"),
    ("jul", "july", "juillet", "juil", "julio", "julho", "luglio", "lug", "juli", "июл", "июля", "июль"),
    ("aug", "august", "aout", "agosto", "ago", "augustus", "augusti", "agustus", "авг", "августа", "август"),
    (
        "sep",
        "sept",
        "september",
        "septembre",
        "septiembre",
        "setembro",
        "set",
        "settembre",
        "сен",
        "сент",
        "сентября",
        "сентябрь",
    ),
    (
        "oct",
        "october",
        "octobre",
        "octubre",
        "outubro",
        "out",
        "ottobre",
        "ott",
        "okt",
        "oktober",
        "окт",
        "октября",
        "октябрь",
    ),
    ("nov", "november", "novembre", "noviembre", "novembro", "ноя", "нояб", "ноября", "ноябрь"),
    (
        "dec",
        "december",
        "decembre",
        "diciembre",
        "dic",
        "dezembro",
        "dez",
        "dicembre",
        "dezember",
        "desember",
        "des",
        "дек",
        "декабря",
        "декабрь",
    ),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_NAME = "|".join(sorted(_MONTH, key=len, reverse=True))

_TIME = r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{1,2})|\s?h(?:\s?(?P<hminute>\d{2}))?(?![a-z]))(?::(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
_ZONE = r"(?P<zone>[a-z]{1,5}(?:\s?[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{1,2}(?::?\d{2})?)"
_REST = rf"(?:(?:\s*,\s*|\s+|\s*[-–|]\s*)(?:(?:at|um|kl\.?|klo|ore|alle(?:\s+ore)?|as|a(?:\s+las)?|в)\s+)?{_TIME}(?:\s*{_ZONE})?)?"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º)?"

_SHAPES = tuple(
    re.compile(rf"^{shape}$", re.ASCII)
    for shape in (
        # 2025-03-24T10:00:00.123+09:00, 2020/1/10 14:33:00, 2025.03.24
        rf"(?P<year>\d{{4}})(?P<mark>[-/.]\s?)(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})\.?(?:(?:\s*t\s*|\s+|,\s*){_TIME}(?:\s*{_ZONE})?)?",
        # 2025-03-24T100000+0900
        rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})t(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?{_ZONE}?",
        # 20250324T100000Z, 20250324
        rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?:t(?P<hour>\d{{2}}):?(?P<minute>\d{{2}})(?::?(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?{_ZONE}?)?",
        # Mon, 24 Mar 2025 10:00:00 JST; 24-Mar-25; 24/mar/2025; 24 de marzo de 2025; 24. März 2025 10:00
        rf"(?P<day>\d{{1,2}}){_ORDINAL}(?:\s*[-/]\s*|\s+|(?<=\.))(?:de\s+|of\s+)?(?P<name>{_NAME})\.?(?:\s*[-/]\s*|\s*,\s*|\s+)(?:del?\s+)?(?P<year>\d{{4}}|\d{{2}})(?:\s?г\.?)?{_REST}",
        # January 29, 2021 04:42 PM
        rf"(?P<name>{_NAME})\.?\s+(?P<day>\d{{1,2}}){_ORDINAL}(?:\s*,\s*|\s+)(?P<year>\d{{4}}){_REST}",
        # Mon Mar 24 10:00:00 +0000 2025 (asctime, X v1.1)
        rf"(?P<name>{_NAME})\s+(?P<day>\d{{1,2}})\s+{_TIME}(?:\s+{_ZONE})?\s+(?P<year>\d{{4}})",
        # 22.11.2022 12:16:00: written with points, the day is first everywhere
        rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}){_REST}",
        # 24/03/2025, 3/24/2025: only if one of the two cannot be a month
        rf"(?P<one>\d{{1,2}})(?P<mark>[/-])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_REST}",
    )
)
_EAST_ASIAN = re.compile(
    r"^(?:(?P<era>令和)(?P<nth>元|\d{1,2})|(?P<year>\d{4}))\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号]"
    r"\s*(?:\([月火水木金土日월화수목금토일](?:曜日?|요일)?\)|[月火水木金土日]曜日?|[월화수목금토일]요일|(?:星期|周|週)[一二三四五六日天])?"
    r"\s*(?:(?P<half>午前|午後|오전|오후|上午|下午)?\s*(?P<hour>\d{1,2})\s?(?:[時时시点點]|:)\s?(?:(?P<minute>\d{1,2})\s?[分분]?)?(?::?(?P<second>\d{1,2})\s?[秒초]?)?)?"
    r"\s*(?P<zone>jst|kst|[+-]\d{2}:?\d{2})?$",
    re.ASCII,
)
#: 2025/3/24 午後3:05, 2025/03/24(月) 10:30, 2025. 3. 24. 오후 3:05: numbers, and then what only East Asia writes.
_EAST_ASIAN_NUMBERS = re.compile(r"^(\d{4})([-/.])\s?(\d{1,2})\2\s?(\d{1,2})\.?(?=\s*[(午오上下])", re.ASCII)
_WEEKDAY = re.compile(r"^(?P<word>[^\W\d_]{2,12})\.?(?:\s*,\s*|\s+)(?=\S)")


class _Parts(NamedTuple):
    year: int
    month: int
    day: int
    hour: int | None
    minute: int
    second: int
    zone: str | None


def read_date(raw: str | None, now: datetime) -> tuple[datetime | None, DateConfidence]:
    """The instant a date names, as aware UTC, and how sure it is; (None, NONE) if it has no shape we know. Never raises.

    A time without a zone is taken as UTC (EXACT); a date without a time, or with a zone we do not know, is that day's
    first minute in UTC (DAY). Nothing before 1995 and nothing more than 24 hours after `now` is believed.
    """
    text = unicodedata.normalize("NFKC", raw or "").strip()
    if not text or len(text) > MOST_CHARACTERS:
        return None, DateConfidence.NONE
    try:
        found, confidence = _epoch(text) or _shaped(text)
    except (ValueError, OverflowError):  # a thirteenth month, a 30th of February, the year 0
        return None, DateConfidence.NONE
    if found is None or not EARLIEST <= found <= now + MOST_AHEAD:
        return None, DateConfidence.NONE
    return found, confidence


def _epoch(text: str) -> tuple[datetime | None, DateConfidence] | None:
    """Seconds (9 or 10 digits) or milliseconds (12 or 13) since 1970."""
    if not re.fullmatch(r"\d{9,10}(?:\.\d{1,6})?|\d{12,13}", text, re.ASCII):
        return None
    seconds = float(text) / (1000 if len(text.partition(".")[0]) >= 12 else 1)
    return datetime.fromtimestamp(int(seconds), tz=UTC), DateConfidence.EXACT


def _shaped(text: str) -> tuple[datetime | None, DateConfidence]:
    folded = re.sub(r"\s+", " ", _without_accents(text.casefold()))
    folded = re.sub(r"\s?\((?!.\)|.曜|.요)[^()]*\)$", "", folded)  # RFC 822 comment: "+0900 (JST)"
    folded = re.sub(r"(?<=\d)\[[a-z_]+/[a-z_/]+\]$", "", folded)  # Java: "+09:00[Asia/Tokyo]"
    folded = folded.removesuffix(" uhr")
    parts = _east_asian(folded) or _western(folded)
    if parts is None:
        return None, DateConfidence.NONE
    midnight = datetime(parts.year, parts.month, parts.day, tzinfo=UTC)
    if parts.hour is None:
        return midnight, DateConfidence.DAY
    offset = _offset(parts.zone)
    clock = timedelta(hours=parts.hour, minutes=parts.minute, seconds=min(parts.second, 59))  # 60: a leap second
    if parts.hour > 24 or parts.minute > 59 or parts.second > 60 or clock > timedelta(hours=24):
        return None, DateConfidence.NONE
    if offset is None:
        return midnight, DateConfidence.DAY
    return (midnight + clock).replace(tzinfo=offset).astimezone(UTC), DateConfidence.EXACT


def _western(text: str) -> _Parts | None:
    weekday = _WEEKDAY.match(text)
    if weekday and weekday["word"] not in _MONTH:
        text = text[weekday.end() :]
    elif weekday:  # "Mar" is a Tuesday in Spanish and French and a month everywhere: try it as the month first
        return _match(text) or _match(text[weekday.end() :])
    return _match(text)


def _match(text: str) -> _Parts | None:
    for shape in _SHAPES:
        found = shape.match(text)
        if found:
            parts = found.groupdict()
            month, day = _month_and_day(parts)
            if month is None or day is None:
                return None
            half = parts.get("half")
            return _Parts(
                year=_year(parts["year"]),
                month=month,
                day=day,
                hour=_twelve(int(parts["hour"]), half) if parts.get("hour") else None,
                minute=int(parts.get("minute") or parts.get("hminute") or 0),
                second=int(parts.get("second") or 0),
                zone=parts.get("zone"),
            )
    return None


def _month_and_day(parts: dict[str, str | None]) -> tuple[int | None, int | None]:
    if parts.get("name"):
        return _MONTH[parts["name"] or ""], int(parts["day"] or 0)
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        if one == two or two > 12:
            return one, two
        return (two, one) if one > 12 else (None, None)
    return int(parts["month"] or 0), int(parts["day"] or 0)


def _east_asian(text: str) -> _Parts | None:
    found = _EAST_ASIAN.match(_EAST_ASIAN_NUMBERS.sub(r"\1年\3月\4日", text))
    if not found:
        return None
    # Reiwa 1 is 2019.
    year = int(found["year"]) if found["year"] else 2018 + (1 if found["nth"] == "元" else int(found["nth"]))
    half = {"午前": "a", "오전": "a", "上午": "a", "午後": "p", "오후": "p", "下午": "p"}.get(found["half"] or "")
    return _Parts(
        year=year,
        month=int(found["month"]),
        day=int(found["day"]),
        hour=_twelve(int(found["hour"]), half) if found["hour"] else None,
        minute=int(found["minute"] or 0),
        second=int(found["second"] or 0),
        zone=found["zone"],
    )


def _year(text: str | None) -> int:
    """RFC 2822: two digits below 50 are of this century, others of the last."""
    year = int(text or 0)
    if len(text or "") == 2:
        return year + (2000 if year < 50 else 1900)
    return year


def _twelve(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if hour > 12:
        return hour if half == "p" else 99  # "13:00 pm" is written; "13:00 am" is nothing
    return hour % 12 + (12 if half == "p" else 0)


def _offset(zone: str | None) -> timezone | None:
    """The zone's distance from UTC; UTC if none is named; None if we do not know the name."""
    found = re.fullmatch(r"([a-z]*)\s?(?:([+-])(\d{1,2}?):?(\d{2})?)?", zone or "utc", re.ASCII)
    if found is None or (found[1] and found[1] not in ZONES):
        return None
    name, sign, hours, minutes = found.groups()
    if sign is None:
        return timezone(timedelta(minutes=ZONES[name]))
    if name and ZONES[name]:
        return None  # "JST+9" says two things
    east = int(hours) * 60 + int(minutes or 0)
    if east > 14 * 60 or int(minutes or 0) > 59:  # the easternmost zone is UTC+14
        return None
    return timezone(timedelta(minutes=east if sign == "+" else -east))


def _without_accents(text: str) -> str:
    """`août` as `aout`; Hangul and kana, which NFD would take apart too, stay whole."""
    return "".join(
        unicodedata.normalize("NFD", letter)[0] if "LATIN" in unicodedata.name(letter, "") else letter
        for letter in text
    )
