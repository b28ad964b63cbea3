"""GDELT against the scripted server: halving, patience, its way of saying no, and each article once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.sources.papers import gdelt
from monitor.sources.papers.gdelt import Article, Gdelt, Span, query_for

NOW = datetime(2026, 6, 24, 12, tzinfo=UTC)
DOC = "/api/v2/doc/doc"
DAY = timedelta(days=1)


class Archive:
    """Articles at moments; as GDELT, it gives the first 250 of the span that is asked for."""

    def __init__(self, web, fakes, door, moments: list[datetime]) -> None:
        self.web, self.fakes, self.moments, self.waits = web, fakes, sorted(moments), []
        web[DOC] = self.answer
        self.gdelt = Gdelt(door, api_url=web.url("/"), clock=lambda: NOW, wait=self.waits.append)

    def answer(self, asked):
        query = {name: value[0] for name, value in parse_qs(urlsplit(asked.path).query).items()}
        assert {name: query[name] for name in ("mode", "format", "maxrecords", "sort")} == {"mode": "artlist", "format": "json", "maxrecords": "250", "sort": "dateasc"}  # fmt: skip
        since, until = (
            datetime.strptime(query[name], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            for name in ("startdatetime", "enddatetime")
        )
        rows = [
            {"url": f"https://news.example/{number}", "url_mobile": "", "title": f"Title {number}", "seendate": f"{moment:%Y%m%dT%H%M%SZ}", "socialimage": "", "domain": "news.example", "language": "English", "sourcecountry": "Japan"}
            for number, moment in enumerate(self.moments)
            if since <= moment <= until
        ]  # fmt: skip
        return self.fakes.answer_json({"articles": rows[:250]} if rows else {})

    def read(self, since: datetime = NOW - DAY, until: datetime = NOW) -> list[Span]:
        return list(self.gdelt.articles("Keio iPS", since, until))


@pytest.fixture
def archive(web, fakes, door):
    return lambda *moments: Archive(web, fakes, door, list(moments))


def test_what_fits_is_one_question(archive):
    found = archive(NOW - timedelta(hours=5)).read()
    assert found == [
        Span(since=NOW - DAY, until=NOW, articles=(Article(url="https://news.example/0", title="Title 0", domain="news.example"),))
    ]  # fmt: skip


def test_nothing_found(archive):
    assert archive().read() == [Span(since=NOW - DAY, until=NOW)]


def test_a_full_answer_is_halved_until_it_fits_and_each_article_comes_once(archive, web):
    here = archive(*(NOW - DAY + timedelta(minutes=2) * number for number in range(700)))
    spans = here.read()
    urls = [article.url for span in spans for article in span.articles]
    assert (len(urls), len(set(urls))) == (700, 700)
    assert all(span.missing is None for span in spans)
    assert [span.until for span in spans[:-1]] == [span.since for span in spans[1:]], "no gap between the spans"
    assert (spans[0].since, spans[-1].until) == (NOW - DAY, NOW)
    assert here.waits == [gdelt.PAUSE] * (len(web.asked) - 1), "six seconds before every question but the first"


def test_what_cannot_be_halved_further_is_told(archive):
    here = archive(*[NOW - timedelta(minutes=20)] * 300)
    spans = here.read(NOW - timedelta(minutes=30))
    assert [len(span.articles) for span in spans] == [250]
    assert (
        spans[0].missing
        == "There are more than 250 articles; the others cannot be had. A narrower search misses fewer."
    )


TOO_FAST = "Please limit requests to one every 5 seconds or write to us."


@pytest.mark.parametrize("status", [200, 429])
def test_asked_too_fast_it_waits_and_asks_again(archive, web, fakes, status):
    here = archive(NOW - timedelta(hours=1))
    web[DOC] = [fakes.answer(TOO_FAST, status, "text/html"), here.answer]
    (span,) = here.read()
    assert (len(span.articles), span.missing, here.waits) == (1, None, [gdelt.AGAIN * 2])


@pytest.mark.parametrize(
    ("status", "body", "missing", "asked"),
    [
        (429, TOO_FAST, "127.0.0.1 was asked too often and wants us to come later (429).", 3),
        (200, TOO_FAST, "GDELT was asked too often and wants us to come later.", 3),
        (503, "", "127.0.0.1 has a fault of its own (503); it is asked again later.", 3),
        (200, "The specified phrase is too short.", "GDELT does not take the question: The specified phrase is too short.", 1),
        (200, "<html>proxy</html>", "127.0.0.1 answered in a form that is not its own.", 1),
        (200, "[]", "GDELT answered in a form that is not its own.", 1),
        (200, '{"articles": 3}', "GDELT answered in a form that is not its own.", 1),
        (404, "", "127.0.0.1 has nothing at this address (404).", 1),
    ],
)  # fmt: skip
def test_what_it_does_not_give_is_told_for_its_span(archive, web, fakes, status, body, missing, asked):
    here = archive()
    web[DOC] = fakes.answer(body, status, "text/html")
    (span,) = here.read()
    assert (span.articles, span.since, span.until, len(web.asked)) == ((), NOW - DAY, NOW, asked)
    assert span.missing == missing


def test_one_half_that_fails_does_not_lose_the_other(archive, web, fakes):
    here = archive(*(NOW - DAY + timedelta(minutes=5) * number for number in range(288)))
    web[DOC] = [here.answer, *[fakes.answer("", 503)] * 3, here.answer]
    first, second = here.read()
    assert (len(first.articles), second.missing) == (0, None)
    assert first.missing is not None
    assert len(second.articles) == 144


def test_rows_that_are_none_are_passed_over(archive, web, fakes):
    here = archive()
    rows = [None, 3, {}, {"url": "javascript:alert(1)"}, {"url": 3}, {"url": "https://ok.example/a", "title": None}]
    web[DOC] = fakes.answer_json({"articles": rows})
    (span,) = here.read()
    assert span.articles == (Article(url="https://ok.example/a", title="", domain=""),)


def test_words_as_it_reads_them():
    assert (
        query_for((("Keio", "慶應"), ("iPS", "iPSC"), ("SC",), ("spinal cord",))) == 'Keio (iPS OR iPSC) "spinal cord"'
    )
    assert query_for((("慶應",),)) == ""
