"""Trends by program: the same questions and numbers as those of the page, and a day that is none is said."""

from __future__ import annotations

import pytest

TOLD = ("period", "before", "total", "days", "weeks", "drift", "lang", "network")


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "?q=walking",
        "?since=2026-01-01&until=2026-03-03",
        "?until=2026-03-03&versus=2025-03-01",
        "?q=zebra&since=2020-02-29&until=2020-02-29",
    ],
)
def test_a_program_is_told_the_numbers_of_the_page(reader, asked):
    told, file = reader.get(f"/trends{asked}"), reader.client.get(f"/trends.json{asked}").json()
    assert {name: told[name] for name in TOLD} == {name: file[name] for name in TOLD}


def test_mentions_are_counted_by_day_week_kind_language_and_network(reader):
    told = reader.get("/trends")
    assert told["period"] == {"since": "2026-02-02", "until": "2026-03-03"}
    assert told["before"] == {"since": "2026-01-03", "until": "2026-02-01"}
    whole = {"mentions": 6, "too_far": 3, "share": 0.5, "mentions_before": 0, "too_far_before": 0, "share_before": None}
    assert told["total"] == whole
    assert len(told["days"]) == 30
    assert told["days"][-1] == {"day": "2026-03-03", "mentions": 6, "too_far": 3, "share": 0.5}
    assert [week["week"] for week in told["weeks"]] == [
        "2026-02-02",
        "2026-02-09",
        "2026-02-16",
        "2026-02-23",
        "2026-03-02",
    ]
    assert [(row["drift"], row["mentions"]) for row in told["drift"]] == [("overstated-outcome", 3)]
    assert {row["lang"]: row["mentions"] for row in told["lang"]} == {"en": 5, "ja": 1}
    assert {row["network"]: row["too_far"] for row in told["network"]} == {"web": 3, "x": 0}
    assert "nothing was said before" in told["says"]


def test_a_period_beside_another_is_the_one_that_was_asked_for(reader):
    told = reader.get("/trends?since=2026-02-01&until=2026-02-28&versus=2026-02-04")
    assert told["before"] == {"since": "2026-02-04", "until": "2026-03-03"}
    assert (told["total"]["mentions"], told["total"]["mentions_before"]) == (0, 6)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("q=(", 400, "query"),
        ("since=2026-02-30", 422, "fields"),
        ("since=2026-03-03&until=2026-03-01", 400, "usage"),
        ("since=2000-01-01", 400, "usage"),
        ("since=1969-12-31&until=1970-01-02", 400, "usage"),
        ("until=0001-01-01", 400, "usage"),
        ("since=9999-12-01&until=9999-12-31", 400, "usage"),
        ("versus=9999-12-31", 400, "usage"),
    ],
)
def test_what_is_no_period_is_said(reader, asked, status, code):
    answer = reader("GET", f"/trends?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert reader.client.get(f"/trends?{asked}").status_code == 400, "the page says it too"
