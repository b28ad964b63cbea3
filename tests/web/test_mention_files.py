"""Exports over a real connection: read again, broken off, given up, and harmless to everybody else."""

from __future__ import annotations

import csv
import http.client
import io
import json
import logging
import socket
import sys
import threading
import time
from contextlib import closing

import feedparser
import openpyxl
import pyarrow.parquet as pq
import pytest
import uvicorn

from monitor.core.errors import StorageError
from monitor.core.search.query import parse_query
from monitor.export import tables
from monitor.web.app import build_app


@pytest.mark.parametrize("rows", ["mentions", "flags"])
def test_every_form_holds_the_same_rows(browser, rows):
    asked = f"q=flagged%3Ayes&rows={rows}"
    listed = json.loads(browser(f"/mentions.json?{asked}").text)[rows]
    assert len(listed) >= 2
    name = "id" if rows == "mentions" else "flag"
    ids = [str(row[name]) for row in listed]
    text = browser(f"/mentions.csv?{asked}").text
    assert [row[name] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))] == ids
    lines = browser(f"/mentions.jsonl?{asked}").text.splitlines()
    assert [str(json.loads(line)[name]) for line in lines] == ids
    book = openpyxl.load_workbook(io.BytesIO(raw(browser, f"/mentions.xlsx?{asked}")))
    assert [str(cells[0]) for cells in list(book[rows].iter_rows(values_only=True))[1:]] == ids
    table = pq.read_table(io.BytesIO(raw(browser, f"/mentions.parquet?{asked}")))
    assert list(map(str, table.column(name).to_pylist())) == ids


def raw(browser, path: str) -> bytes:
    return browser._client.get(path).content


def test_the_feed_has_the_newest_and_tells_the_search(browser):
    read = feedparser.parse(browser("/mentions.atom?q=flagged%3Ayes").text)
    assert read.bozo == 0
    assert "search “flagged:yes” found at 2026-03-03T12:00:00Z" in read.feed.subtitle
    assert len(read.entries) == len(json.loads(browser("/mentions.json?q=flagged%3Ayes").text)["mentions"])


def test_a_table_with_more_rows_than_a_sheet_has_is_refused_before_anything_is_sent(browser, monkeypatch):
    flags = len(json.loads(browser("/mentions.json?rows=flags").text)["flags"])
    mentions = len(json.loads(browser("/mentions.json").text)["mentions"])
    assert flags < mentions
    monkeypatch.setattr("monitor.export.xlsx.ROWS_MAX", flags + 1)
    assert browser("/mentions.xlsx?rows=flags").status == 200
    monkeypatch.setattr("monitor.export.xlsx.ROWS_MAX", flags)
    answer = browser("/mentions.xlsx?rows=flags")
    assert answer.status == 400
    assert f"this table would have {flags}" in answer.text
    assert browser("/mentions.csv?rows=flags").status == 200


def test_what_cannot_be_made_is_told_before_anything_is_sent(browser, monkeypatch):
    assert browser("/mentions.exe").status == 404
    assert browser("/mentions.csv?rows=walls").status == 400
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    answer = browser("/mentions.xlsx")
    assert answer.status == 400
    assert "hypewatch[xlsx]" in answer.text


def test_the_head_of_an_export_makes_none(browser, seeded, monkeypatch):
    monkeypatch.setattr(seeded.store, "told_mentions", lambda _ids: pytest.fail("nobody reads the body"))
    answer = browser("/mentions.csv", "HEAD")
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.fixture
def port(seeded, monkeypatch):
    """The pages, served on a port of loopback, with portions of one mention."""
    monkeypatch.setattr(tables, "PORTION", 1)
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(build_app(seeded), log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield sock.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "xlsx", "parquet"])
def test_an_error_on_the_way_breaks_the_connection_off(port, seeded, monkeypatch, caplog, form):
    """No client takes the part for the whole: the chunk that says that all has come never comes."""
    whole, asked = seeded.store.told_mentions, []

    def fails(ids):
        asked.append(ids)
        if len(asked) == 3:
            raise StorageError("The disk does not read.", "Check it.")
        return whole(ids)

    monkeypatch.setattr(seeded.store, "told_mentions", fails)
    with (
        caplog.at_level(logging.ERROR, "monitor"),
        closing(http.client.HTTPConnection("127.0.0.1", port)) as connection,
    ):
        connection.request("GET", f"/mentions.{form}")
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    assert any(
        "ended early" in record.message and "The disk does not read." in record.message for record in caplog.records
    )


def test_who_goes_away_ends_the_work(port, seeded, monkeypatch):
    whole, asked = seeded.store.told_mentions, []
    (newest, *_) = seeded.store.found_ids(parse_query("", seeded.clock()))

    def counted(ids):
        asked.append(ids)
        return whole(ids) * 300

    monkeypatch.setattr(seeded.store, "found_ids", lambda _query: [newest] * 100_000)
    monkeypatch.setattr(seeded.store, "told_mentions", counted)
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", "/mentions.csv")
        connection.getresponse().read1(3)
    deadline, before = time.monotonic() + 30, -1
    while before != len(asked) and time.monotonic() < deadline:
        before = len(asked)
        time.sleep(0.5)
    assert before == len(asked) < 50_000, "it went on for nobody"


def test_nobody_else_waits_for_an_export(port, seeded, monkeypatch):
    goes_on, whole = threading.Event(), seeded.store.told_mentions

    def waits(ids):
        goes_on.wait(20)
        return whole(ids)

    monkeypatch.setattr(seeded.store, "told_mentions", waits)
    with (
        closing(http.client.HTTPConnection("127.0.0.1", port)) as one,
        closing(http.client.HTTPConnection("127.0.0.1", port)) as other,
    ):
        one.request("GET", "/mentions.csv")
        answer = one.getresponse()
        assert answer.read1(3) == b"\xef\xbb\xbf", "it began"
        other.request("GET", "/mentions?q=walking")
        assert other.getresponse().status == 200
        goes_on.set()
        assert answer.read().count(b"\r\n") >= 5
