"""Polls and pages on a real Store: what is written, told, and asked again later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.core.entry import Page, Post
from monitor.core.mention import TextFrom
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome, Reason, Work
from monitor.core.search.nodes import Query
from monitor.pipeline import poll
from monitor.ports import Budget

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


def test_one_poll_then_the_same_again(deps, outside, feed_id, clock, entry):
    outside.entries = (entry(1), entry(2, "The bakery has a new loaf."))
    first = poll.poll_feed(deps, feed_id)
    assert (first.outcome, first.new, first.changed, first.same) == (Outcome.FETCHED, 2, 0, 0)
    assert len(first.changed_mentions) == len(first.pages_due) == 1, "the bakery's page is not read"
    assert poll.poll_feed(deps, feed_id) is None, "not due"
    again = poll.poll_feed(deps, feed_id, force=True)
    assert (again.new, again.changed, again.same, again.changed_mentions) == (0, 0, 2, ())
    assert [mention.title for mention in deps.store.search(Query())] == ["Title 1"]


def test_an_entry_that_breaks_the_judge_is_told_and_the_others_go_on(deps, outside, feed_id, entry):
    class Library:
        def __getattr__(self, name):
            return getattr(deps.library, name)

        def current(self):
            return self

        def ruleset(self, study_id):
            if broken:
                broken.pop()
                raise ValueError("broken on purpose")
            return deps.library.ruleset(study_id)

    broken = [True]
    outside.entries = (entry(1), entry(2))
    outcome = poll.poll_feed(replace(deps, library=Library()), feed_id)
    assert outcome.new == 2
    assert outcome.sentence.endswith("1 of its entries could not be judged; see the log.")
    assert len(deps.store.search(Query())) == 1


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.HARD, Outcome.SOFT, Outcome.GONE, Outcome.RATE_LIMITED])
def test_a_failure_is_recorded_and_asked_again_later(deps, outside, feed_id, outcome, fetched):
    outside.answer = fetched("https://fake.example/feed", outcome, status=None, reason=Reason.SLOW)
    ended = poll.poll_feed(deps, feed_id)
    assert (ended.outcome, ended.new) == (outcome, 0)
    assert ended.sentence.startswith(f"It went {outcome.value}.")
    (record,) = deps.store.poll_outcomes(feed_id)
    assert (record.outcome, record.sentence, record.reason) == (outcome, ended.sentence, Reason.SLOW)
    assert deps.store.feed(feed_id).last_reason is Reason.SLOW
    assert deps.store.due(Work.POLL, NOW) == ()
    feed = deps.store.feed(feed_id)
    assert max(feed.due_at, feed.not_before or feed.due_at) > NOW


def test_a_reading_that_goes_well_forgets_why_the_last_one_did_not(deps, outside, feed_id, fetched, entry):
    outside.answer = fetched("https://fake.example/feed", Outcome.HARD, reason=Reason.MISSING)
    poll.poll_feed(deps, feed_id)
    outside.answer, outside.entries = None, (entry(1),)
    poll.poll_feed(deps, feed_id, force=True)
    assert deps.store.feed(feed_id).last_reason is None


def test_who_lost_the_lease_writes_nothing(deps, outside, feed_id, clock, entry):
    """The second owner claims while the first still reads: the first finds nothing left to do."""
    outside.entries = (entry(1),)

    class Slow:
        def fetch(self, url, validators=None, *, headers=None):
            clock.forward(seconds=poll.LEASE.total_seconds() + 1)
            assert poll.poll_feed(deps, feed_id).new == 1
            outside.entries = (entry(2),)
            return outside.fetch(url)

    late = poll.poll_feed(replace(deps, fetcher=Slow(), owner="late"), feed_id)
    assert (late.new, late.changed_mentions) == (0, ())
    assert [mention.title for mention in deps.store.search(Query())] == ["Title 1"]


def test_a_network_without_a_key_says_so(deps):
    feed_id = deps.store.add_feed(FeedKind.X_SEARCH, "Keio iPS", now=NOW).id
    outcome = poll.poll_feed(deps, feed_id)
    assert (outcome.outcome, outcome.new) == (Outcome.HARD, 0)
    assert outcome.sentence == "X is not set up: HYPEWATCH_X_BEARER_TOKEN holds its key."
    assert deps.store.feed(feed_id).last_reason is Reason.NO_KEY
    outcome = poll.poll_feed(replace(deps, networks={}), feed_id, force=True)
    assert outcome.sentence == "x-search is not set up: its key is missing (see `hypewatch help operations`)."


def test_a_budget_is_counted_in_rows(deps, outside, entry):
    deps = replace(deps, networks={FeedKind.X_SEARCH: outside}, budgets={"x": Budget(per_day=3, per_month=100)})
    feed_id = deps.store.add_feed(FeedKind.X_SEARCH, "Keio iPS", now=NOW).id
    outside.entries = tuple(entry(number, kind=Kind.POST, network=Network.X) for number in range(2))
    assert poll.poll_feed(deps, feed_id).new == 2
    outside.entries = tuple(entry(number, kind=Kind.POST, network=Network.X) for number in range(2, 9))
    assert poll.poll_feed(deps, feed_id, force=True).new == 1
    poll.poll_feed(deps, feed_id, force=True)
    assert outside.rows_left == [3, 1, 0]


def post(entry, number, text="Have you seen this?", links=()):
    return entry(
        number,
        text,
        title="",
        kind=Kind.POST,
        network=Network.X,
        source="@jo",
        url=None,
        guid=f"x:{number}",
        links=links,
    )


def test_a_post_that_links_to_a_mention_is_one_and_says_why(deps, outside, feed_id, entry):
    outside.entries = (entry(1),)
    poll.poll_feed(deps, feed_id)
    outside.entries = (
        post(entry, 11, links=("https://www.paper1.example/news?utm_source=x#top",)),
        post(entry, 12, links=("https://paper1.example/other", "https://paper2.example/news")),
        post(entry, 13),
        post(entry, 14, "The stem cell heart patch of Osaka is sold.", links=("https://paper1.example/news",)),
    )
    poll.poll_feed(deps, feed_id, force=True)
    found = {mention.identity: mention.because for mention in deps.store.search(Query()) if mention.kind is Kind.POST}
    assert found["x:11"] == ("links to paper1.example",)
    assert set(found) <= {"x:11", "x:14"}
    outside.entries = (post(entry, 15, links=("https://x.com/jo/status/11",)),)
    poll.poll_feed(deps, feed_id, force=True)
    (third,) = [mention for mention in deps.store.search(Query()) if mention.identity == "x:15"]
    assert third.because == ("links to @jo",)
    assert third.flags == ()


def page(url: str, text: str = f"{HYPE} The whole page.", quoted: tuple[Post, ...] = ()) -> Page:
    return Page(
        url=url,
        canonical_url=None,
        title="Page title",
        text=text,
        author="B. Writer",
        site="The Paper",
        published=None,
        date_confidence=DateConfidence.NONE,
        lang="en",
        quoted=quoted,
    )


def test_a_page_replaces_the_summary_and_its_posts_are_mentions(deps, outside, feed_id, entry, fetched):
    outside.entries = (entry(1),)
    (entry_id,) = poll.poll_feed(deps, feed_id).pages_due
    url = "https://paper1.example/news"
    post = Post(network=Network.X, id="7", author="someone", text="Stem cells cure paralysis!", published=NOW, url=None)
    outside.pages[url] = (page(url, quoted=(post,)), fetched(url))
    assert len(poll.read_page(deps, entry_id)) == 2
    assert poll.read_page(deps, entry_id) == (), "not due any more"
    article, quoted = sorted(deps.store.search(Query()), key=lambda mention: mention.kind)
    assert (article.text_from, article.title, article.text) == (TextFrom.PAGE, "Page title", f"{HYPE} The whole page.")
    assert (quoted.text_from, quoted.text, quoted.found_on_id) == (
        TextFrom.POST,
        "Stem cells cure paralysis!",
        article.id,
    )
    poll.poll_feed(deps, feed_id, force=True)
    assert deps.store.mention(article.id).text_from is TextFrom.PAGE, "a summary does not overwrite a page"


def test_a_page_that_fails_is_tried_three_times(deps, outside, feed_id, clock, entry, fetched):
    outside.entries = (entry(1),)
    (entry_id,) = poll.poll_feed(deps, feed_id).pages_due
    url = "https://paper1.example/news"
    outside.pages[url] = (None, fetched(url, Outcome.TEMPORARY, status=None))
    tries = 0
    for _ in range(10):
        if deps.store.due(Work.PAGE, clock.now) == (entry_id,):
            poll.read_page(deps, entry_id)
            tries += 1
        clock.forward(hours=7)
    assert tries == poll.PAGE_ATTEMPTS
    assert deps.store.search(Query())[0].text_from is TextFrom.FEED, "what the feed said stays"


def test_a_page_that_may_not_be_read_is_not_asked_again_soon(deps, outside, feed_id, clock, entry, fetched):
    outside.entries = (entry(1),)
    (entry_id,) = poll.poll_feed(deps, feed_id).pages_due
    url = "https://paper1.example/news"
    outside.pages[url] = (None, fetched(url, Outcome.HARD, status=403))
    poll.read_page(deps, entry_id)
    assert deps.store.due(Work.PAGE, clock.forward(hours=12)) == ()
