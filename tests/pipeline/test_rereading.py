"""An article page is read again after 1, 3 and 14 days: what was corrected is a revision, and its flags are fixed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.letters.letter import LetterState
from monitor.core.letters.points import Signer
from monitor.core.model import Availability, FeedKind, Work
from monitor.core.search.nodes import Query
from monitor.core.search.query import parse_query
from monitor.pipeline.letters import draft_for
from monitor.pipeline.poll import add_address, poll_feed, read_page
from monitor.pipeline.rejudge import judge_again
from monitor.service import Service
from monitor.settings import load

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
MILD = "One of four patients of Keio University who got iPS cells into the injured spinal cord can stand and practises walking."
MORE = "Correction: an earlier version said that he walks. There was no control group."


@pytest.fixture
def deps(sqlite_url, tmp_path, web, clock):
    named = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": sqlite_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
    }
    service = Service(load(named), clock=clock)
    yield service.deps
    service.store.close()


def html(*paragraphs):
    return f"<html lang=en><body><article><h1>Back on his feet</h1>{''.join(f'<p>{one}</p>' for one in paragraphs)}</article></body></html>"


def test_a_page_is_read_again_three_times_and_a_correction_closes_its_flag(deps, web, fakes, clock):
    begun = clock()
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>L</title><item><title>Back on his feet</title><link>{web.url('/s')}</link>"
        f"<description>{HYPE}</description></item></channel></rss>"
    )
    rest = "The team of Hideyuki Okano told reporters in Tokyo. The trial goes on with more patients next year."
    told = [html(HYPE, rest), html(HYPE, rest), html(MILD, rest), html(MILD, rest, MORE)]
    web["/s"] = [*(fakes.answer(body, content_type="text/html") for body in told), fakes.answer("", 410)]
    feed = deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=begun)
    (entry_id,) = poll_feed(deps, feed.id).pages_due
    read, states = [], []
    for _ in range(24 * 30):
        if entry_id in deps.store.due(Work.PAGE, clock()):
            read_page(deps, entry_id)
            (mention,) = deps.store.search(Query())
            mention = deps.store.mention(mention.id)
            read.append(round((clock() - begun) / timedelta(days=1)))
            states.append((mention.revision, sorted({flag.state for flag in mention.flags if "walking again" in flag.flag.span.quote})))  # fmt: skip
        clock.forward(hours=1)
    assert read == [0, 1, 3, 14]
    # The feed's words were replaced by the page's (revision 2), the page's by the correction (3) and its note (4).
    assert states == [(2, ["active"]), (2, ["active"]), (3, ["fixed"]), (4, ["fixed"])]
    texts = [revision.text for revision in deps.store.revisions(mention.id)]
    assert texts == [HYPE, *("\n".join(parts) for parts in ([HYPE, rest], [MILD, rest], [MILD, rest, MORE]))]
    fixed = {flag.closed_in for flag in mention.flags if flag.state == "fixed"}
    assert fixed == {3}
    assert deps.store.count(parse_query("flagged:yes", clock())) in {0, 1}


def test_a_page_that_is_gone_keeps_what_was_said(deps, web, fakes, clock):
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>L</title><item><title>T</title><link>{web.url('/s')}</link><description>{HYPE}</description></item></channel></rss>"
    )
    web["/s"] = [fakes.answer(html(HYPE, "More words of the article, which are on the page alone."), content_type="text/html"), fakes.answer("", 404)]  # fmt: skip
    (entry_id,) = poll_feed(deps, deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=clock()).id).pages_due
    (mention_id,) = read_page(deps, entry_id)
    before = deps.store.mention(mention_id)
    clock.forward(days=1, hours=1)
    assert read_page(deps, entry_id) == ()
    after = deps.store.mention(mention_id)
    assert (after.availability, after.availability_since) == (Availability.MISSING, clock())
    assert replace(after, availability=before.availability, availability_since=None) == before


REST = "The team of Hideyuki Okano told reporters in Tokyo. The trial goes on with more patients next year."
WALL = html(HYPE[:40] + " …", "This article is for subscribers. Subscribe now to read on, or log in.")
LOGIN = "<html><body><form>Name <input name=u> Password <input type=password></form></body></html>"


def begin(deps, web, fakes, clock, *answers):
    """A feed with one article whose page answers one thing after the other; its entry and mention."""
    web["/feed"] = fakes.answer(
        f"<rss version='2.0'><channel><title>The Lantern</title><item><title>Back on his feet</title><link>{web.url('/s')}</link>"
        f"<description>{HYPE}</description></item></channel></rss>"
    )
    web["/s"] = list(answers)
    (entry_id,) = poll_feed(deps, deps.store.add_feed(FeedKind.FEED, web.url("/feed"), now=clock()).id).pages_due
    read_page(deps, entry_id)
    (mention,) = deps.store.search(Query())
    return entry_id, mention.id


def shown(fakes, body, status=200):
    return fakes.answer(body, status=status, content_type="text/html")


@pytest.mark.parametrize(
    ("body", "status", "found"),
    [
        (WALL, 200, Availability.PAYWALL),
        (LOGIN, 200, Availability.PAYWALL),
        ("", 402, Availability.PAYWALL),
        (html("We value your privacy. Accept all cookies or reject them."), 200, Availability.CONSENT),
        (html("Sorry, this page could not be found."), 200, Availability.MISSING),
        ("", 410, Availability.MISSING),
        (html(HYPE[:60] + " …"), 200, Availability.STUB),
    ],
    ids=["wall", "login", "402", "consent", "soft-404", "410", "stub"],
)
def test_an_article_that_cannot_be_read_any_more_was_not_corrected(deps, web, fakes, clock, body, status, found):
    """Reliability, fault 27; and once it can be read again, what was edited meanwhile is a correction."""
    whole, edited = html(HYPE, REST), html(MILD, REST)
    answers = [shown(fakes, whole), shown(fakes, body, status), shown(fakes, edited)]
    entry_id, mention_id = begin(deps, web, fakes, clock, *answers)
    before = deps.store.mention(mention_id)
    assert (before.availability, before.partial) == (Availability.WHOLE, False)
    since = clock.forward(days=1, hours=1)
    assert read_page(deps, entry_id) == ()
    after = deps.store.mention(mention_id)
    assert (after.availability, after.availability_since) == (found, since)
    assert replace(after, availability=before.availability, availability_since=None) == before
    assert {flag.state for flag in after.flags} == {"active"}
    clock.forward(days=2, hours=1)
    assert read_page(deps, entry_id) == (mention_id,)
    last = deps.store.mention(mention_id)
    assert (last.availability, last.availability_since) == (Availability.WHOLE, None)
    assert last.text.startswith(MILD)
    assert "fixed" in {flag.state for flag in last.flags}


def test_a_wall_at_the_first_reading_keeps_the_summary(deps, web, fakes, clock):
    entry_id, mention_id = begin(deps, web, fakes, clock, shown(fakes, WALL), shown(fakes, html(HYPE, REST)))
    mention = deps.store.mention(mention_id)
    assert (mention.text, mention.availability, mention.partial) == (HYPE, Availability.PAYWALL, False)
    clock.forward(days=1, hours=1)
    read_page(deps, entry_id)
    mention = deps.store.mention(mention_id)
    assert (mention.text, mention.availability) == (f"{HYPE}\n{REST}", Availability.WHOLE)
    assert "fixed" not in {flag.state for flag in mention.flags}


def test_what_a_wall_leaves_to_read_is_not_judged_for_what_is_missing(deps, web, fakes, clock):
    teaser = html(f"{HYPE} It was told at a press conference in Tokyo.", "Subscribe to read the rest of this story.")
    web["/s"] = shown(fakes, teaser)
    (mention_id,) = add_address(deps, web.url("/s"))
    mention = deps.store.mention(mention_id)
    assert (mention.availability, mention.partial, mention.caveats_missing) == (Availability.PAYWALL, True, ())
    assert mention.flags
    assert judge_again(deps, deps.library.study(mention.study_id)) == 0


def test_the_name_of_an_outlet_stays_and_two_feeds_of_a_host_are_two(deps, web, fakes, clock):
    site = '<meta property="og:site_name" content="LANTERN | page {}">'
    for name, number in (("The Lantern", 1), ("Blog of Ada", 2)):
        web[f"/feed{number}"] = fakes.answer(
            f"<rss version='2.0'><channel><title>{name}</title><item><title>Story {number} of many</title>"
            f"<link>{web.url(f'/s{number}')}</link><description>{HYPE} Number {number}.</description></item></channel></rss>"
        )
        page = html(f"{HYPE} Number {number}.", REST).replace("<body>", f"<head>{site.format(number)}</head><body>")
        web[f"/s{number}"] = shown(fakes, page)
        feed = deps.store.add_feed(FeedKind.FEED, web.url(f"/feed{number}"), now=clock())
        (entry_id,) = poll_feed(deps, feed.id).pages_due
        read_page(deps, entry_id)
    named = {mention.id: mention.source.name for mention in deps.store.search(Query())}
    assert sorted(named.values()) == ["Blog of Ada", "The Lantern"]
    web["/s3"] = shown(
        fakes, html(f"{HYPE} Number three.", REST).replace("<body>", f"<head>{site.format(3)}</head><body>")
    )
    add_address(deps, web.url("/s3"))
    assert {mention.source.name for mention in deps.store.search(Query())} == {"The Lantern", "Blog of Ada"}


def test_a_page_that_was_corrected_answers_its_letter(deps, web, fakes, clock):
    half, whole = html(MILD, REST), html(MILD, REST).replace("Back on his feet", "One patient can stand")
    answers = [shown(fakes, body) for body in (html(HYPE, REST), half, whole)]
    entry_id, mention_id = begin(deps, web, fakes, clock, *answers)
    flag = next(one for one in deps.store.mention(mention_id).flags if "walking again" in one.flag.span.quote)
    letter = draft_for(deps, flag.id, signer=Signer(name="Ada"), by="ada")
    assert HYPE in letter.body
    asked = deps.store.step_letter(letter.id, LetterState.ASKED, by="ada", now=clock())
    clock.forward(days=1, hours=1)
    read_page(deps, entry_id)
    assert deps.store.letter(letter.id) == asked  # its headline, which the letter names too, still says so
    clock.forward(days=2)
    read_page(deps, entry_id)
    closed = deps.store.letter(letter.id)
    assert (closed.state, closed.closed_at, closed.last.by) == (LetterState.CORRECTED, clock(), "")
    assert (closed.before, closed.after) == (f"Back on his feet {HYPE}", f"One patient can stand {MILD}")


def test_a_wall_answers_no_letter(deps, web, fakes, clock):
    entry_id, mention_id = begin(deps, web, fakes, clock, shown(fakes, html(HYPE, REST)), shown(fakes, WALL))
    flag = next(one for one in deps.store.mention(mention_id).flags if "walking again" in one.flag.span.quote)
    letter = draft_for(deps, flag.id, signer=Signer(name="Ada"), by="ada")
    asked = deps.store.step_letter(letter.id, LetterState.ASKED, by="ada", now=clock())
    clock.forward(days=1, hours=1)
    read_page(deps, entry_id)
    assert deps.store.letter(letter.id) == asked
