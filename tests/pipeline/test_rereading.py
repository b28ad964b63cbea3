"""An article page is read again after 1, 3 and 14 days: what was corrected is a revision, and its flags are fixed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.model import FeedKind, Work
from monitor.core.query import Query, parse_query
from monitor.pipeline.poll import poll_feed, read_page
from monitor.service import Service
from monitor.settings import load

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
MILD = "One of four patients of Keio University who got iPS cells into the injured spinal cord can stand and practises walking."
MORE = "Correction: an earlier version said that he walks. There was no control group."


@pytest.fixture
def world(sqlite_url, tmp_path, web, clock):
    named = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": sqlite_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
    }
    service = Service(load(named), clock=clock)
    yield service.world
    service.store.close()


def html(*paragraphs):
    return f"<html lang=en><body><article><h1>Back on his feet</h1>{''.join(f'<p>{one}</p>' for one in paragraphs)}</article></body></html>"


def test_a_page_is_read_again_three_times_and_a_correction_closes_its_flag(world, web, fakes, clock):
    begun = clock()
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>L</title><item><title>Back on his feet</title><link>{web.url('/s')}</link>"
        f"<description>{HYPE}</description></item></channel></rss>"
    )
    rest = "The team of Hideyuki Okano told reporters in Tokyo. The trial goes on with more patients next year."
    told = [html(HYPE, rest), html(HYPE, rest), html(MILD, rest), html(MILD, rest, MORE)]
    web["/s"] = [*(fakes.answer(body, content_type="text/html") for body in told), fakes.answer("", 410)]
    feed = world.store.add_feed(FeedKind.FEED, web.url("/feed"), now=begun)
    (entry_id,) = poll_feed(world, feed.id).pages_due
    read, states = [], []
    for _ in range(24 * 30):
        if entry_id in world.store.due(Work.PAGE, clock()):
            read_page(world, entry_id)
            (mention,) = world.store.search(Query())
            mention = world.store.mention(mention.id)
            read.append(round((clock() - begun) / timedelta(days=1)))
            states.append((mention.revision, sorted({flag.state for flag in mention.flags if "walking again" in flag.flag.span.quote})))  # fmt: skip
        clock.forward(hours=1)
    assert read == [0, 1, 3, 14]
    # The feed's words were replaced by the page's (revision 2), the page's by the correction (3) and its note (4).
    assert states == [(2, ["active"]), (2, ["active"]), (3, ["fixed"]), (4, ["fixed"])]
    texts = [revision.text for revision in world.store.revisions(mention.id)]
    assert texts == [HYPE, *("\n".join(parts) for parts in ([HYPE, rest], [MILD, rest], [MILD, rest, MORE]))]
    fixed = {flag.closed_in for flag in mention.flags if flag.state == "fixed"}
    assert fixed == {3}
    assert world.store.count(parse_query("flagged:yes", clock())) in {0, 1}


def test_a_page_that_is_gone_keeps_what_was_said(world, web, fakes, clock):
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>L</title><item><title>T</title><link>{web.url('/s')}</link><description>{HYPE}</description></item></channel></rss>"
    )
    web["/s"] = [fakes.answer(html(HYPE, "More words of the article, which are on the page alone."), content_type="text/html"), fakes.answer("", 404)]  # fmt: skip
    (entry_id,) = poll_feed(world, world.store.add_feed(FeedKind.FEED, web.url("/feed"), now=clock()).id).pages_due
    (mention_id,) = read_page(world, entry_id)
    before = world.store.mention(mention_id)
    clock.forward(days=1, hours=1)
    assert read_page(world, entry_id) == ()
    assert world.store.mention(mention_id) == before
