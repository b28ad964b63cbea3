"""An article that went behind a wall is no correction (reliability, fault 27): what its page and the next digest say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.model import FeedKind
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.poll import poll_feed, read_page
from monitor.pipeline.subscribe import subscribe
from monitor.service import Service
from monitor.settings import load
from monitor.web.app import build_app

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
MILD = "One of four patients of Keio University who got iPS cells into the injured spinal cord can stand and practises walking."
REST = "The team of Hideyuki Okano told reporters in Tokyo. The trial goes on with more patients next year."
WALL = f"<p>{HYPE[:40]} …</p><p>This article is for subscribers. Subscribe now to read on, or log in.</p>"


@pytest.fixture
def service(sqlite_url, tmp_path, web, clock):
    named = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": sqlite_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
    }
    opened = Service(load(named), clock=clock)
    yield opened
    opened.store.close()


def page(fakes, inner):
    return fakes.answer(
        f"<html lang=en><body><article><h1>Back on his feet</h1>{inner}</article></body></html>",
        content_type="text/html",
    )


@pytest.mark.parametrize(
    ("then", "behind", "fixed"),
    [(WALL, True, False), (f"<p>{MILD}</p><p>{REST}</p>", False, True)],
    ids=["wall", "correction"],
)
def test_the_page_says_it_and_the_digest_tells_no_correction(service, web, fakes, clock, then, behind, fixed):
    """Beside it, what a real correction looks like in both places."""
    deps = service.deps
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>The Lantern</title><item><title>Back on his feet</title>"
        f"<link>{web.url('/s')}</link><description>{HYPE}</description></item></channel></rss>"
    )
    web["/s"] = [page(fakes, f"<p>{HYPE}</p><p>{REST}</p>"), page(fakes, then)]
    (entry_id,) = poll_feed(deps, deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=clock()).id).pages_due
    read_page(deps, entry_id)
    subscription = subscribe(deps, "ada@example.org", study_id="keio-ips-sci", confirmed=True)
    first = deliver_digest(deps, subscription.id)
    assert "1 overstates" in first.text
    clock.forward(days=1, hours=1)
    read_page(deps, entry_id)
    clock.now += timedelta(hours=1)
    (mention,) = deps.store.search(Query())
    from starlette.testclient import TestClient

    shown = TestClient(build_app(service), base_url="http://127.0.0.1:8080").get(f"/mentions/{mention.id}").text
    assert ("Behind a paywall since" in shown) is behind
    assert ("No longer flagged" in shown) is fixed
    second = deliver_digest(deps, subscription.id)
    assert ("CORRECTED" in second.text) is fixed
    assert ("no longer says" in second.text) is fixed
