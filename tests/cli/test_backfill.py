"""`mentions backfill`: from GDELT's list to stored mentions, by the same way as `mentions add`."""

from __future__ import annotations

import json

import pytest

from monitor.sources.papers import gdelt

ARTICLE = (
    """<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p><p>{1}</p></article></body></html>"""
)
ABOUT = "A paralysed man is walking again after Keio University put two million iPS cells into his injured spinal cord."
OTHER = "The baking contest in the village hall was won by a plum cake, to the joy of all who had come to see it."


@pytest.fixture
def archive(web, fakes):
    pages = {"/a": ("Walking again", ABOUT), "/b": ("Cakes", OTHER)}
    for path, (title, text) in pages.items():
        web[path] = fakes.answer(ARTICLE.format(title, text), content_type="text/html")
    rows = [{"url": web.url(path), "title": "t", "domain": "news.example"} for path in ("/a", "/b", "/gone")]
    web["/api/v2/doc/doc"] = fakes.answer_json({"articles": rows})


@pytest.fixture
def here(cli, web, archive, monkeypatch):
    cli.set(gdelt_api_url=web.url("/"), allow_private_networks=web.host)
    monkeypatch.setattr(gdelt, "AGAIN", 0.0)
    return cli


def test_articles_are_read_and_stored_once(here, web):
    told = here.ok("mentions", "backfill", "--since", "2d")
    lines = told.splitlines()
    assert lines[0].startswith("GDELT is asked for Keio (iPS OR iPSC) spinal from ")
    assert lines[1].endswith(": 3 listed, 3 to read")
    assert lines[2:4] == [f"written    {web.url('/a')}", f"not about  {web.url('/b')}"]
    assert (
        lines[4]
        == "3 listed, 0 of them stored before. 3 read: 1 written, 0 known, 1 not about your studies, 1 refused."
    )
    rows = json.loads(here.ok("mentions", "--format", "json"))
    assert [(row["title"], row["text"].partition(".")[0] + ".") for row in rows] == [("Walking again", ABOUT)]
    asked = sum(one.path == "/a" for one in web.asked)
    again = here.ok("mentions", "backfill", "--since", "2d").splitlines()
    assert again[-1].startswith("3 listed, 1 of them stored before. 2 read: 0 written")
    assert sum(one.path == "/a" for one in web.asked) == asked, "a stored page is not read again"


def test_what_could_not_be_asked_is_told_with_its_time(here, web, fakes):
    web["/api/v2/doc/doc"] = fakes.answer("Your query was too long.", content_type="text/html")
    ran = here("mentions", "backfill", "--since", "2025-03-20", "--until", "2025-03-21")
    assert ran.code == 1
    assert ran.err == "Not complete: 2025-03-20 00:00 to 2025-03-22 00:00: GDELT does not take the question: Your query was too long.\n"  # fmt: skip


def test_other_words_and_what_is_no_question(here, web):
    here.ok("mentions", "backfill", "--query", 'Keio ("stem cell" OR iPS)')
    assert "query=Keio+%28%22stem+cell%22+OR+iPS%29" in web.asked[0].path
    assert "There is nothing to ask for" in here("mentions", "backfill", "--query", "慶應").told
    assert "There is nothing to ask for" in here("mentions", "backfill", "--since", "2d", "--until", "2020-01-01").told
    assert "--query must hold OR inside brackets" in here("mentions", "backfill", "--query", "a OR b").told
    assert "since:soon is no time" in here("mentions", "backfill", "--since", "soon").told
    assert "There is no study 'x'" in here("mentions", "backfill", "--study", "x").told
