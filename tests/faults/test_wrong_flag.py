"""From a mail's "Wrong flag?" to Today: what a person called wrong is gone everywhere, and stays gone."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.imports import import_rows
from monitor.pipeline.rejudge import judge_again
from monitor.pipeline.subscribe import subscribe
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from monitor.web.app import build_app

TITLE = "Paralysed man is walking again after stem cell injection in Japan"
TEXT = (
    "A paralysed man with a spinal cord injury is walking again after Keio University put iPS cells into it. "
    "The team told reporters in Tokyo on Friday."
)


@pytest.fixture
def service(sqlite_url, tmp_path, clock):
    opened = Service(
        load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url, "HYPEWATCH_SECRET_KEY": "k"}),
        clock=clock,
    )
    yield opened
    opened.store.close()


def add(service, number, title=TITLE, text=TEXT):
    line = {
        "url": f"https://lantern{number}.example/{number}",
        "title": title,
        "text": text,
        "published": service.clock().isoformat(),
        "source": f"lantern{number}.example",
    }
    import_rows(service.deps, read_rows([json.dumps(line)], "jsonl", "one"), name="one")


def cards(page):
    return re.findall(r'<mark class="sure">([^<]*)</mark>', page)


def test_a_flag_that_was_called_wrong_does_not_come_back(service, clock):
    from starlette.testclient import TestClient

    browser = TestClient(build_app(service), base_url="http://127.0.0.1:8080")
    add(service, 1)
    subscription = subscribe(service.deps, "ada@example.org", study_id="keio-ips-sci", confirmed=True)
    mail = deliver_digest(service.deps, subscription.id)
    before = service.store.search(Query())[0]
    said = re.findall(r"They said\s+[^“]*“([^”]*)”", mail.text)[0]
    assert "walking" in said
    assert any("walking" in card for card in cards(browser.get("/").text))

    link = re.search(r"/l/wrong/[\w.-]+", re.sub(r"\s*\n\s*", "", mail.html))[0]
    assert "Is this flag right?" in browser.get(link).text
    assert browser.post(link, data={"verdict": "dismissed"}).status_code == 200
    opened_again = browser.get(link).text
    assert "You said: wrong." in opened_again
    assert [word in opened_again for word in (">Undo<", ">Right<", ">Wrong<")] == [True, True, False]
    assert not any(said in card for card in cards(browser.get("/").text)), "nor from the body"
    after = service.store.mention(before.id)
    assert after.score < before.score
    wrong = [stored for stored in after.flags if said in stored.flag.span.quote and stored.review == "dismissed"]
    assert {stored.flag.span.where for stored in wrong} >= {"title"}

    # The same words again: judged anew, in a copy, and in tomorrow's mail.
    judge_again(service.deps, service.library.study("keio-ips-sci"))
    clock.now += timedelta(hours=20)
    add(service, 2)
    clock.now += timedelta(hours=4)
    assert not any(said in card for card in cards(browser.get("/").text))
    tomorrow = deliver_digest(service.deps, subscription.id)
    assert said not in " ".join(re.findall(r"They said\s+[^“]*“([^”]*)”", tomorrow.text))
