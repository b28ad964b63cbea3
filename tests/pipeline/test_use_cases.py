"""The use cases on a real Store, with an outside that does what a test wants: failures, budgets, lost leases, quiet days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.core.digests.schedule import Due
from monitor.core.errors import UsageError
from monitor.core.judgement import Severity
from monitor.core.mention import TextFrom
from monitor.core.model import (
    DateConfidence,
    Entry,
    FeedKind,
    Fetched,
    Kind,
    Network,
    Outcome,
    Page,
    ParsedFeed,
    Post,
    Work,
)
from monitor.core.search.query import Query, parse_query
from monitor.pipeline import poll
from monitor.pipeline.assess_text import judge_again
from monitor.pipeline.deliver import compose_digest, deliver_digest
from monitor.pipeline.missed import judge_missed
from monitor.pipeline.subscribe import subscribe
from monitor.pipeline.tune import save_rules
from monitor.ports import Budget
from monitor.service import Service
from monitor.settings import load

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


def entry(number: int, text: str = HYPE, **changes) -> Entry:
    values = {
        "guid": f"g{number}",
        "url": f"https://paper{number}.example/news",
        "title": f"Title {number}",
        "text": text,
        "source": f"paper{number}.example",
        "published": NOW - timedelta(hours=1),
        "date_confidence": DateConfidence.EXACT,
    }
    return Entry(**(values | changes))


def fetched(url: str, outcome: Outcome = Outcome.FETCHED, **changes) -> Fetched:
    values = {
        "url": url,
        "final_url": url,
        "outcome": outcome,
        "status": 200,
        "headers": {},
        "body": b"the same",
        "sentence": "Read." if outcome is Outcome.FETCHED else f"It went {outcome.value}.",
    }
    return Fetched(**(values | changes))


class Outside:
    """Feeds, pages and networks in one: each answers with what it was told to."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.answer: Fetched | None = None
        self.pages: dict[str, tuple[Page | None, Fetched]] = {}
        self.asked: list[str] = []
        self.rows_left: list[int] = []
        self.number = 0

    def fetch(self, url, validators=None, *, headers=None):
        self.asked.append(url)
        self.number += 1
        return self.answer or fetched(url, body=str(self.number).encode())

    def parse(self, answer, *, now, feed_lang=""):
        return ParsedFeed(format="rss20", title="Fake", entries=self.entries)

    def read(self, what, *, rows_left=None):
        if rows_left is None:
            return self.pages[what]
        self.rows_left.append(rows_left)
        return ParsedFeed(
            format="x", title="", entries=self.entries[:rows_left], rows_paid=len(self.entries[:rows_left])
        )


@pytest.fixture
def outside():
    return Outside()


@pytest.fixture
def deps(store, outside, tmp_path, clock, database_url):
    service = Service(
        load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_SECRET_KEY": "k"}),
        clock=clock,
    )
    clock.now = NOW
    yield replace(service.deps, fetcher=outside, read_feed=outside.parse, pages=outside)
    service.store.close()


@pytest.fixture
def feed_id(deps):
    return deps.store.add_feed(FeedKind.FEED, "https://fake.example/feed", now=NOW).id


def reader(deps, **changes):
    values = {
        "name": "Ada",
        "study_id": STUDY,
        "at": time(7),
        "zone": "UTC",
        "weekdays": tuple(range(7)),
        "threshold": "low",
        "quiet": True,
        "confirmed": True,
    }
    return subscribe(deps, "ada@example.org", **(values | changes)).id


# --- polls -----------------------------------------------------------------------------------------------------------


def test_one_poll_then_the_same_again(deps, outside, feed_id, clock):
    outside.entries = (entry(1), entry(2, "The bakery has a new loaf."))
    first = poll.poll_feed(deps, feed_id)
    assert (first.outcome, first.new, first.changed, first.same) == (Outcome.FETCHED, 2, 0, 0)
    assert len(first.changed_mentions) == len(first.pages_due) == 1, "the bakery's page is not read"
    assert poll.poll_feed(deps, feed_id) is None, "not due"
    again = poll.poll_feed(deps, feed_id, force=True)
    assert (again.new, again.changed, again.same, again.changed_mentions) == (0, 0, 2, ())
    assert [mention.title for mention in deps.store.search(Query())] == ["Title 1"]


def test_an_entry_that_breaks_the_judge_is_told_and_the_others_go_on(deps, outside, feed_id):
    class Library:
        def __getattr__(self, name):
            return getattr(deps.library, name)

        def current(self):
            return self

        def studies(self):
            if broken:
                broken.pop()
                raise ValueError("broken on purpose")
            return deps.library.studies()

    broken = [True]
    outside.entries = (entry(1), entry(2))
    outcome = poll.poll_feed(replace(deps, library=Library()), feed_id)
    assert outcome.new == 2
    assert outcome.sentence.endswith("1 of its entries could not be judged; see the log.")
    assert len(deps.store.search(Query())) == 1


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.HARD, Outcome.SOFT, Outcome.GONE, Outcome.RATE_LIMITED])
def test_a_failure_is_recorded_and_asked_again_later(deps, outside, feed_id, outcome):
    outside.answer = fetched("https://fake.example/feed", outcome, status=None)
    ended = poll.poll_feed(deps, feed_id)
    assert (ended.outcome, ended.new) == (outcome, 0)
    assert ended.sentence.startswith(f"It went {outcome.value}.")
    (record,) = deps.store.poll_outcomes(feed_id)
    assert (record.outcome, record.sentence) == (outcome, ended.sentence)
    assert deps.store.due(Work.POLL, NOW) == ()
    feed = deps.store.feed(feed_id)
    assert max(feed.due_at, feed.not_before or feed.due_at) > NOW


def test_who_lost_the_lease_writes_nothing(deps, outside, feed_id, clock):
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
    outcome = poll.poll_feed(replace(deps, networks={}), feed_id, force=True)
    assert outcome.sentence == "x-search is not set up: its key is missing (see `hypewatch help operations`)."


def test_a_budget_is_counted_in_rows(deps, outside):
    deps = replace(deps, networks={FeedKind.X_SEARCH: outside}, budgets={"x": Budget(per_day=3, per_month=100)})
    feed_id = deps.store.add_feed(FeedKind.X_SEARCH, "Keio iPS", now=NOW).id
    outside.entries = tuple(entry(number, kind=Kind.POST, network=Network.X) for number in range(2))
    assert poll.poll_feed(deps, feed_id).new == 2
    outside.entries = tuple(entry(number, kind=Kind.POST, network=Network.X) for number in range(2, 9))
    assert poll.poll_feed(deps, feed_id, force=True).new == 1
    poll.poll_feed(deps, feed_id, force=True)
    assert outside.rows_left == [3, 1, 0]


# --- pages -----------------------------------------------------------------------------------------------------------


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


def test_a_page_replaces_the_summary_and_its_posts_are_mentions(deps, outside, feed_id):
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


def test_a_page_that_fails_is_tried_three_times(deps, outside, feed_id, clock):
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


def test_a_page_that_may_not_be_read_is_not_asked_again_soon(deps, outside, feed_id, clock):
    outside.entries = (entry(1),)
    (entry_id,) = poll.poll_feed(deps, feed_id).pages_due
    url = "https://paper1.example/news"
    outside.pages[url] = (None, fetched(url, Outcome.HARD, status=403))
    poll.read_page(deps, entry_id)
    assert deps.store.due(Work.PAGE, clock.forward(hours=12)) == ()


# --- digests ---------------------------------------------------------------------------------------------------------


def test_each_mention_is_told_once_whatever_happens_between(deps, outside, feed_id, clock):
    """Days, a pause, reruns and a summer-time change: every mention in exactly one digest, one digest a local date."""
    clock.now = datetime(2025, 3, 27, 9, 0, tzinfo=UTC)
    subscription_id = reader(deps, zone="Europe/Berlin", at=time(2, 30))  # 02:30 does not exist on 30 March
    told: list[int] = []
    days: list[str] = []
    for number in range(1, 9):
        outside.entries = (*outside.entries, entry(number, f"{HYPE} Number {number}."))
        poll.poll_feed(deps, feed_id, force=True)
        if number == 3:
            deps.store.set_subscription(subscription_id, paused_until=clock.now + timedelta(days=2))
        clock.forward(days=1)
        if subscription_id in deps.store.due(Work.COMPOSE, clock.now):
            frozen = deliver_digest(deps, subscription_id)
            assert deliver_digest(deps, subscription_id).id == frozen.id
            days.append(frozen.local_date)
            told += [mention.id for mention in deps.store.digest_mentions(frozen.id)]
    assert len(days) == len(set(days)) >= 5
    assert sorted(told) == sorted(mention.id for mention in deps.store.search(Query()))
    assert len(deps.store.deliveries()) == len(days)


def test_a_quiet_day_is_two_lines_or_none(deps, clock):
    quiet = reader(deps)
    frozen = deliver_digest(deps, quiet)
    assert (frozen.state, len(deps.store.deliveries(frozen.id))) == ("sent", 1)
    assert "NEEDS YOU" not in frozen.text
    silent = deps.store.add_subscriber("bob@example.org", "Bob", now=NOW, state="active")
    subscription = deps.store.subscribe(
        silent.id,
        STUDY,
        at=time(7),
        zone="UTC",
        weekdays=(0, 1, 2, 3, 4, 5, 6),
        threshold=Severity.LOW,
        quiet=False,
        now=NOW,
        due=Due(NOW, NOW.date().isoformat()),
    )
    skipped = deliver_digest(deps, subscription.id)
    assert (skipped.state, skipped.sentence) == (
        "skipped",
        "Nothing happened, and this subscriber asked for no mail on quiet days.",
    )
    assert deps.store.deliveries(skipped.id) == ()


def test_a_preview_writes_nothing(deps, outside, feed_id):
    outside.entries = (entry(1),)
    poll.poll_feed(deps, feed_id)
    subscription = deps.store.subscription(reader(deps))
    _, _, first = compose_digest(deps, subscription, NOW)
    _, _, second = compose_digest(deps, subscription, NOW)
    assert first == second
    assert deps.store.digests() == ()


def test_nobody_gets_mail_who_did_not_confirm(deps, clock):
    subscription_id = reader(deps, confirmed=False)
    assert deliver_digest(deps, subscription_id) is None
    with pytest.raises(UsageError, match="no time zone"):
        reader(deps, zone="Mars/Olympus")


# --- a fact sheet that cannot be used ---------------------------------------------------------------------------------

OTHER = """\
id: other
name: Other
institution: Us
as-of: '2026-01-01'
reference: paper
sources:
  paper: {title: A paper}
terms: {must: {who: [bakery]}}
findings:
  main:
    sentence: It worked a little.
    source: paper
"""


def test_what_was_read_while_a_sheet_was_broken_is_judged_when_it_is_mended(deps, outside, feed_id, clock, tmp_path):
    sheet = tmp_path / "studies" / "other.yaml"
    sheet.parent.mkdir()
    sheet.write_text("id: other\nname: [\n", encoding="utf-8")
    outside.entries = (entry(1), entry(2, "The bakery has a new loaf."))
    first = poll.poll_feed(deps, feed_id)
    assert [mention.study_id for mention in deps.store.search(Query())] == [STUDY], "the others go on"
    assert judge_missed(deps) == 0, "it is still broken"
    clock.forward(hours=1)
    sheet.write_text(OTHER, encoding="utf-8")
    assert judge_missed(deps) == 2
    found = {mention.study_id: mention for mention in deps.store.search(Query())}
    assert set(found) == {STUDY, "other"}
    assert found["other"].text == "The bakery has a new loaf."
    late = set(deps.store.due(Work.PAGE, clock())) - set(first.pages_due)
    assert len(late) == 1, "its page is read now"
    assert judge_missed(deps) == 0
    assert len(deps.store.search(Query())) == 2


# --- tuning ----------------------------------------------------------------------------------------------------------


def test_other_rules_judge_what_is_stored_again(deps, outside, feed_id, tmp_path):
    from monitor.library.load import Library

    outside.entries = tuple(entry(number, f"{HYPE} A moonshot for mankind.") for number in range(3))
    poll.poll_feed(deps, feed_id)
    study = deps.library.study(STUDY)
    assert judge_again(deps, study) == 0
    rule = (
        'id: moonshot\nmessage: "“{match}” is much."\nwhy: It is.\nseverity: low\nkind: phrase\n'
        "drift: sensational-language\nmatch:\n  any: [moonshot for mankind]\n"
        'flags: ["A moonshot for mankind.", "It is a moonshot for mankind."]\npasses: ["Two of four improved."]\n'
    )
    version, judged = save_rules(
        deps, {"moonshot.yaml": rule}, lambda files: Library(tmp_path / "studies", files), author="ada", note=""
    )
    assert (version.id, judged) == (1, 3)
    found = deps.store.search(parse_query("rule:moonshot", NOW))
    assert len(found) == 3
    assert {stored.ruleset for m in found for stored in m.flags if stored.flag.rule == "moonshot"} == {version.digest}
    assert {mention.ruleset for mention in found} == {version.digest}
    assert judge_again(deps, study) == 0
