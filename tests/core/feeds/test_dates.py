"""The strict date layer: the table of shapes, and laws that hold for any text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds.dates import EARLIEST, read_date
from monitor.core.model import DateConfidence

NOW = datetime(2025, 6, 1, tzinfo=UTC)
EXACT, DAY, NONE = DateConfidence.EXACT, DateConfidence.DAY, DateConfidence.NONE


@pytest.mark.parametrize(
    ("raw", "year", "rest", "confidence"),
    [
        ("2020/1/10 14:33:00", 2020, (1, 10, 14, 33), EXACT),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", 2022, (7, 27, 19, 35, 5), EXACT),
        ("Mon, 24 Mar 2025 10:00:00 JST", 2025, (3, 24, 1), EXACT),
        ("2025年3月24日", 2025, (3, 24), DAY),
        ("1742810400", 2025, (3, 24, 10), EXACT),
        ("1742810400000", 2025, (3, 24, 10), EXACT),
        ("20250324T100000Z", 2025, (3, 24, 10), EXACT),
        ("24 mars 2025 10:00", 2025, (3, 24, 10), EXACT),
        ("Friday, January 29, 2021 04:42 PM", 2021, (1, 29, 16, 42), EXACT),
        ("22.11.2022 12:16:00", 2022, (11, 22, 12, 16), EXACT),
        ("Mon, 24 Mar 2025 10:00:00 +0900", 2025, (3, 24, 1), EXACT),
        ("Mon, 24 Mar 2025 10:00:00 +0900 (JST)", 2025, (3, 24, 1), EXACT),
        ("Mon, 24 Mar 25 10:00 EST", 2025, (3, 24, 15), EXACT),
        ("Monday, 24-Mar-25 10:00:00 GMT", 2025, (3, 24, 10), EXACT),
        ("Mon, 24 Mar 2025 24:00:00 GMT", 2025, (3, 25), EXACT),
        ("Mon, 24 Mar 2025 10:00:60 -0000", 2025, (3, 24, 10, 0, 59), EXACT),
        ("Mon, 24 Mar 2025 10:00:00 XYZ", 2025, (3, 24), DAY),
        ("2025-03-24T10:00:00.123+09:00", 2025, (3, 24, 1), EXACT),
        ("2025-03-24T10:00:00+09", 2025, (3, 24, 1), EXACT),
        ("2025-03-24t10:00z", 2025, (3, 24, 10), EXACT),
        ("2025-03-24", 2025, (3, 24), DAY),
        ("20250324", 2025, (3, 24), DAY),
        ("2025. 3. 24.", 2025, (3, 24), DAY),
        ("24. März 2025 10:00 Uhr", 2025, (3, 24, 10), EXACT),
        ("24 de marzo de 2025", 2025, (3, 24), DAY),
        ("24 août 2024", 2024, (8, 24), DAY),
        ("mar 24 mar 2025 10:00", 2025, (3, 24, 10), EXACT),
        ("Wed Oct 10 20:19:24 +0000 2018", 2018, (10, 10, 20, 19, 24), EXACT),
        ("Mar. 24th, 2025 at 9:05 a.m. EST", 2025, (3, 24, 14, 5), EXACT),
        ("May 4, 2025", 2025, (5, 4), DAY),
        ("24/03/2025 10:00", 2025, (3, 24, 10), EXACT),
        ("3/24/2025", 2025, (3, 24), DAY),
        ("令和7年3月24日(月)午後3時5分", 2025, (3, 24, 15, 5), EXACT),
        ("2025年3月24日（月） 10:30 JST", 2025, (3, 24, 1, 30), EXACT),
        ("2025년 3월 24일", 2025, (3, 24), DAY),
        ("２０２５年３月２４日", 2025, (3, 24), DAY),
        # What feeds in other languages hold, and what programs write.
        ("Mon Mar 24 2025 10:00:00 GMT+0900 (Japan Standard Time)", 2025, (3, 24, 1), EXACT),
        ("2025-03-24T10:00:00+09:00[Asia/Tokyo]", 2025, (3, 24, 1), EXACT),
        ("2025-03-24T100000+0900", 2025, (3, 24, 1), EXACT),
        ("2025-3-4T1:2:3Z", 2025, (3, 4, 1, 2, 3), EXACT),
        ("Sat, Dec 16 2023 02:02:33 PM", 2023, (12, 16, 14, 2, 33), EXACT),
        ("Mon,24 Mar 2025 10:00:00GMT", 2025, (3, 24, 10), EXACT),
        ("Mon, 24 Mar 2025 10:00:00 PDT", 2025, (3, 24, 17), EXACT),
        ("24/mar/2025", 2025, (3, 24), DAY),
        ("lundi 24 mars 2025 à 10h30", 2025, (3, 24, 10, 30), EXACT),
        ("24 décembre 2024, 18 h 30", 2024, (12, 24, 18, 30), EXACT),
        ("mer, 16 nov 2022 00:38:15 +0100", 2022, (11, 15, 23, 38, 15), EXACT),
        ("le 1er avril 2025", 2025, (4, 1), DAY),
        ("Di, 04 Mai 2021 10:00:00 +0200", 2021, (5, 4, 8), EXACT),
        ("1. Jänner 2025", 2025, (1, 1), DAY),
        ("24 de marzo de 2025 a las 10:00", 2025, (3, 24, 10), EXACT),
        ("24 de março de 2025 às 10h00", 2025, (3, 24, 10), EXACT),
        ("seg, 24 mar 2025 10:00:00 -0300", 2025, (3, 24, 13), EXACT),
        ("24 marzo 2025 ore 10:00", 2025, (3, 24, 10), EXACT),
        ("gio, 12 set 2024 08:00:00 +0200", 2024, (9, 12, 6), EXACT),
        ("vr, 2 mei 2025 09:00:00 +0200", 2025, (5, 2, 7), EXACT),
        ("24. maj 2025 kl. 10:00", 2025, (5, 24, 10), EXACT),
        ("24 augusti 2024", 2024, (8, 24), DAY),
        ("24 desember 2024", 2024, (12, 24), DAY),
        ("Пн, 24 мар 2025 10:00:00 +0300", 2025, (3, 24, 7), EXACT),
        ("24 марта 2025 г. 10:00", 2025, (3, 24, 10), EXACT),
        ("2025/03/24(月) 10:30", 2025, (3, 24, 10, 30), EXACT),
        ("2025/3/24 午後3:05", 2025, (3, 24, 15, 5), EXACT),
        ("2025年3月24日 月曜日", 2025, (3, 24), DAY),
        ("2025年3月24日 10時30分15秒", 2025, (3, 24, 10, 30, 15), EXACT),
        ("2025年3月24日 下午3:05", 2025, (3, 24, 15, 5), EXACT),
        ("2025年3月24日 星期一 上午10点30分", 2025, (3, 24, 10, 30), EXACT),
        ("2025年3月24号", 2025, (3, 24), DAY),
        ("2025-03-24 오후 3:05", 2025, (3, 24, 15, 5), EXACT),
        ("2025. 3. 24. 오후 3:05:10", 2025, (3, 24, 15, 5, 10), EXACT),
        ("2025년 3월 24일 월요일 오후 3시 5분", 2025, (3, 24, 15, 5), EXACT),
        ("2025-03-24T10:00:00+15:00", 2025, (3, 24), DAY),
    ],
)
def test_shapes_that_are_known(raw, year, rest, confidence):
    assert read_date(raw, NOW) == (datetime(year, *rest, tzinfo=UTC), confidence)


@pytest.mark.parametrize(
    "raw",
    [
        *("", None, "2025-13-45", "0000-00-00", "Mar 24", "24 Mar 10:00", "yesterday", "03/04/2025", "2025", "2003-12"),
        *("30 Feb 2025", "2025-03-24T25:00:00Z", "2025-03-24T10:61:00Z", "1742", "13:00 am", "x" * 1000),
        *(
            "2025-02-29",
            "31 Apr 2025",
            "32 Mar 2025",
            "20251324",
            "2025-24-03",
            "2025-00-10",
            "30/02/2025",
            "00/00/0000",
        ),
        *(
            "24.3.25",
            "03/04/25",
            "04-03-2025",
            "Mar 24 '25",
            "24 mar.",
            "Spring 2025",
            "Week 12, 2025",
            "2025-W13-1",
            "2025-083",
        ),
        *(
            "3 hours ago",
            "vor 3 Stunden",
            "hier à 10h",
            "hace 2 días",
            "3時間前",
            "昨日",
            "10:00",
            "Mon",
            "202503",
            "-1",
            "0",
        ),
        *("平成31年4月30日", "民國114年3月24日", "2568-03-24", "1404-01-04", "24 listopada 2024", "2025年13月1日"),
        *("2025/03-24(月)", "2025年3月24日 午後25:00", "/Date(1742810400000)/", "24 Mar 2025, 25 Mar 2025", "1.7e9"),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "1994-12-31", "2025-06-02T00:00:01Z", "99999999999"),
    ],
)
def test_what_has_no_year_no_shape_or_no_sense_is_no_date(raw):
    assert read_date(raw, NOW) == (None, NONE)


@given(
    st.one_of(
        st.text(max_size=120),
        st.from_regex(
            r"\A[A-Z][a-z]{2}, \d{1,4} [A-Z][a-z]{2} \d{1,5} \d{1,3}:\d{1,3}(:\d{1,3})? [A-Z+-]{1,4}\d{0,5}\Z"
        ),
        st.from_regex(r"\A\d{1,6}[-/.]\d{1,3}[-/.]\d{1,3}[T ]?\d{0,3}:?\d{0,3}:?\d{0,3}[Z+-]?\d{0,5}\Z"),
        st.integers(min_value=0, max_value=10**14).map(str),
    )
)
def test_no_text_raises_or_leaves_the_believable_years(raw):
    published, confidence = read_date(raw, NOW)
    assert (published is None) == (confidence is NONE)
    assert published is None or (published.tzinfo is UTC and EARLIEST <= published <= NOW + timedelta(hours=24))


@given(st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2025, 5, 31)), st.integers(-14 * 4, 14 * 4))  # noqa: DTZ001
def test_rfc_3339_and_rfc_822_are_read_back(moment, quarters):
    from datetime import timezone
    from email.utils import format_datetime

    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    for text in (moment.isoformat(), format_datetime(moment)):
        assert read_date(text, NOW) == (moment.astimezone(UTC), EXACT)
