"""A row for each mention, or for each flag: the columns are a contract."""

from __future__ import annotations

import json

import pytest

from monitor.core.mention import Review, Verdict
from monitor.core.search.query import parse_query
from monitor.export.rows import mention_row
from monitor.export.tables import COLUMNS, PORTION, Rows, flag_rows, mentions_in_portions
from monitor.pipeline.imports import import_rows
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from tests.faults import mailing

LINE = mailing.LINE | {"author": "Ada"}


@pytest.fixture
def service(sqlite_url, tmp_path, clock):
    opened = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url}), clock=clock)
    import_rows(opened.deps, read_rows([json.dumps(LINE)], "jsonl", "one"), name="one")
    yield opened
    opened.store.close()


def only(service):
    (found,) = service.store.search(parse_query("", service.clock()))
    return found


def test_a_row_of_a_mention_has_the_columns_in_their_order(service):
    assert tuple(mention_row(only(service))) == COLUMNS[Rows.MENTIONS]


def test_a_row_of_a_flag_says_who_said_what_what_is_right_and_where_to_read_it(service):
    found = only(service)
    rows = list(flag_rows(found, "https://watch.example"))
    assert {tuple(row) for row in rows} == {COLUMNS[Rows.FLAGS]}
    row = next(row for row in rows if row["tier"] == "confirmed")
    assert (row["outlet"], row["author"], row["url"]) == ("lantern.example", "Ada", LINE["url"])
    assert row["quote"] in LINE["text"]
    assert row["drift_words"] == "outcome overstated"
    assert row["study_found"].startswith("One of the four patients can stand")
    assert row["source_title"]
    assert row["correction"]
    assert row["page"] == f"https://watch.example/mentions/{found.id}#flag-{row['flag']}"


def test_a_flag_that_somebody_called_wrong_is_no_row(service):
    before = list(flag_rows(only(service), ""))
    flag = before[0]["flag"]
    held = service.store.review(Review(flag_id=flag, verdict=Verdict.DISMISSED, by="bo", at=service.clock()))
    after = list(flag_rows(only(service), ""))
    assert {row["flag"] for row in after} == {row["flag"] for row in before} - set(held)
    flag = after[0]["flag"]
    service.store.review(Review(flag_id=flag, verdict=Verdict.UPHELD, by="bo", at=service.clock()))
    assert "upheld" in {row["review"] for row in flag_rows(only(service), "")}


def test_mentions_are_read_a_portion_at_a_time_and_each_once():
    asked = []

    class Store:
        def told_mentions(self, ids):
            asked.append(len(ids))
            return list(ids)

    found = mentions_in_portions(Store(), list(range(2 * PORTION + 1)))
    assert next(found) == 0
    assert asked == [PORTION]
    assert list(found) == list(range(1, 2 * PORTION + 1))
    assert asked == [PORTION, PORTION, 1]
