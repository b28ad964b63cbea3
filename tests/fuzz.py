"""Everything of ours that reads what others wrote, on texts that were broken on purpose: `python -m tests.fuzz --minutes 10 [--only NAME]`.

Each reader says what it may refuse with; whatever else it raises is a fault, and so is an answer that breaks what it promises. Texts are
made from those that a reader is meant for, by cutting, doubling, swapping and putting strange characters in; hypothesis shrinks what breaks a
reader and prints it. What once broke one stands in `KEPT`, which `tests/test_fuzz.py` tries each time, with a few hundred new ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from monitor.core.errors import LibraryError, QueryError
from monitor.core.feed import Fetched
from monitor.core.feeds.dates import read_date
from monitor.core.model import Outcome
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import PhraseError, parse
from monitor.core.search.query import parse_query
from monitor.core.text.doc import read
from monitor.library.load import Library
from monitor.library.wording import wording
from monitor.mail.printer import Printer
from monitor.sources.feeds.parse import parse_feed
from monitor.sources.networks import bluesky, mastodon, x_payload
from tests.mail.conftest import composed, heavy_day

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.core.errors import Problem

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
SHIPPED = files("monitor.library")
#: Characters that mean something to one reader or another, or to none.
ODD = "\0\x1b\u200b\u202e\ufeff\ud800İßé한\U0001f9ec\"'`~!@#$%^&*()[]{}<>|\\/:;,.?-_=+\n\r\t 0e9½"

# --- what is read ----------------------------------------------------------------------------------------------------


def phrases(text: str) -> None:
    try:
        parts = Lexicon({}).resolve(parse(text))
    except PhraseError:
        return
    for found in Matcher(read(f"A man walks {text[:200]} again."), Lexicon({})).find(parts):
        assert found.start <= found.end


def queries(text: str) -> None:
    with suppress(QueryError):
        parse_query(text, NOW)


def rules(text: str) -> None:
    problems: Sequence[Problem] = ()
    try:
        Library(Path("no folder"), {"own.yaml": text}).rules()
    except LibraryError as error:
        problems = error.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


def sheets(text: str) -> None:
    _study, problems = _library().read_sheet(text, "own.yaml")
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


def dates(text: str) -> None:
    found, _ = read_date(text, NOW)
    assert found is None or (found.tzinfo is UTC and 1995 <= found.year <= NOW.year)


def feeds(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    for content_type in ("application/rss+xml", "application/feed+json"):
        fetched = Fetched(
            url="https://paper.example/feed",
            final_url="https://paper.example/feed",
            outcome=Outcome.FETCHED,
            status=200,
            headers={"content-type": content_type},
            body=body,
            sentence="",
        )
        for entry in parse_feed(fetched, now=NOW).entries:
            assert "\0" not in f"{entry.title}{entry.text}{entry.source}"
            assert entry.url is None or entry.url.startswith(("http://", "https://"))


def posts(text: str) -> None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    for network in (x_payload, bluesky, mastodon):
        for post in network.read_posts(document):
            assert post.id


def mails(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()[:2_000]
    day = heavy_day()
    said = [
        replace(one, title=text, source=replace(one.source, name=text[:100]), author=text[:60]) for one in day.mentions
    ]
    digest = composed(replace(day, mentions=tuple(said)))
    printer, subscription = _printer()
    made = printer.digest(digest, printer.rendered(digest, subscription.wishes), subscription, now=NOW)
    mail = message_from_bytes(made.mime, policy=policy.SMTP)
    assert [one.addr_spec for one in mail["To"].addresses] == ["ada@example.org"]
    assert mail["Bcc"] is None
    assert mail["Cc"] is None
    assert "<script" not in made.html


@cache
def _library() -> Library:
    return Library(Path("no folder"), {})


@cache
def _printer():
    from datetime import time as hour

    from monitor.core.digests.subscribers import Subscriber, Subscription, Wishes

    reader = Subscriber(id=7, email="ada@example.org", name="Ada Byron", state="active", created_at=NOW)
    wishes = Wishes(at=hour(7), zone="Asia/Tokyo")
    own = Subscription(id=3, subscriber=reader, study_id="keio-ips-sci", wishes=wishes, created_at=NOW)
    address, sender = "https://watch.example.org", "Press watch <watch@example.org>"
    return Printer(base_url=address, sender=sender, key="k" * 32, wording=wording), own


# --- from what the texts are made ------------------------------------------------------------------------------------


def _texts(folder: str) -> list[str]:
    found = SHIPPED.joinpath(folder)
    return [item.read_text(encoding="utf-8") for item in found.iterdir() if item.name.endswith(".yaml")]


RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News</title><link>https://paper.example/</link>'
    '<item><guid isPermaLink="false">1</guid><title>A man &amp; a study</title><link>https://paper.example/1</link>'
    "<pubDate>Mon, 24 Mar 2025 08:30:00 GMT</pubDate><description>&lt;p&gt;He walks.&lt;/p&gt;</description></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><id>tag:paper.example,2025:1</id><title>Walks</title>'
    '<link href="https://paper.example/1"/><updated>2025-03-24T08:30:00Z</updated><content type="html">He walks.</content></entry></feed>'
)
JSON_FEED = '{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [{"id": "1", "url": "https://paper.example/1", "content_text": "He walks.", "date_published": "2025-03-24T08:30:00Z"}]}'
X = '{"data": [{"id": "1904100000000000001", "text": "He walks", "author_id": "7", "created_at": "2025-03-24T08:00:00.000Z", "entities": {"urls": [{"expanded_url": "https://paper.example/1"}]}}], "includes": {"users": [{"id": "7", "username": "ada", "name": "Ada"}]}}'
SKY = '{"posts": [{"uri": "at://did:plc:a/app.bsky.feed.post/3k", "cid": "b", "author": {"did": "did:plc:a", "handle": "ada.example"}, "record": {"text": "He walks", "createdAt": "2025-03-24T08:00:00Z", "langs": ["en"], "facets": []}, "indexedAt": "2025-03-24T08:00:00Z"}]}'
TOOT = '{"statuses": [{"id": "1", "uri": "https://m.example/users/ada/statuses/1", "url": "https://m.example/@ada/1", "content": "<p>He walks</p>", "created_at": "2025-03-24T08:00:00Z", "account": {"acct": "ada", "url": "https://m.example/@ada"}, "tags": [], "card": null}]}'
DATES = [
    "Mon, 24 Mar 2025 08:30:00 GMT",
    "2025-03-24T08:30:00+09:00",
    "24 mars 2025",
    "2025年3月24日 8時30分",
    "1742803200",
]

TARGETS: dict[str, tuple[Callable[[str], None], Callable[[], Sequence[str]]]] = {
    "phrases": (phrases, lambda: ["walk|walks again", "cure .. paralysis", "{outcome} /3 patients", '"spinal cord"', "歩|歩け"]),
    "queries": (queries, lambda: ['(cure OR "walks again") -lang:ja since:7d', "author:Ada* title:(iPS NOT cure)", "walk~ NEAR/3 again score:>50"]),
    "rules": (rules, lambda: [text for pack in SHIPPED.joinpath("rules").iterdir() if pack.is_dir() for text in _texts(f"rules/{pack.name}")]),
    "sheets": (sheets, lambda: _texts("studies")),
    "dates": (dates, lambda: DATES),
    "feeds": (feeds, lambda: [RSS, ATOM, JSON_FEED]),
    "posts": (posts, lambda: [X, SKY, TOOT]),
    "mails": (mails, lambda: ["Man walks again\r\nBcc: eve@example.org", "<script>alert(1)</script>", "脊髄損傷、歩く", "a" * 500]),
}  # fmt: skip

#: (reader, text) that once broke one.
KEPT: tuple[tuple[str, str], ...] = (
    ("mails", "He walks\x01 again\x1b[31m \uffff"),
    ("rules", "id: \ud800\n"),
    ("sheets", "id: one\nname: \udfff\n"),
)


def broken(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    """A text of these, changed in up to eight places, or any text."""
    edit = st.tuples(st.integers(0, 3), st.floats(0, 1), st.integers(0, 40), st.text(st.sampled_from(ODD), max_size=6))
    one = st.integers(0, len(seeds) - 1)
    made = st.builds(
        lambda at, edits, other: _edited(seeds[at], edits, seeds[other]), one, st.lists(edit, max_size=8), one
    )
    return st.one_of(made, made, made, st.text(max_size=300))


def _edited(text: str, edits: list[tuple[int, float, int, str]], other: str) -> str:
    for what, where, length, put in edits:
        at = int(where * len(text))
        piece = text[at : at + length]
        if what == 0:
            text = text[:at] + put + text[at + length :]
        elif what == 1:
            text = text[:at] + piece * 3 + text[at:]
        elif what == 2:
            text = text[:at] + put + text[at:]
        else:
            cut = int(where * len(other))
            text = text[:at] + other[cut : cut + length * 4] + text[at + length :]
    return text[:200_000]


def tried(name: str, examples: int, start: int) -> None:
    """So many texts for one reader; raises what it should not have raised, with the smallest text that does it."""
    reader, seeds = TARGETS[name]

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(broken(seeds()))
    def each(text: str) -> None:
        reader(text)

    each()


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--only", choices=TARGETS)
    options = asked.parse_args()
    names, end, rounds = [options.only] if options.only else list(TARGETS), time.monotonic() + 60 * options.minutes, 0
    print(f"seed {options.seed}", flush=True)
    while time.monotonic() < end:
        for name in names:
            tried(name, 200, options.seed + rounds)
        rounds += 1
    print(f"{rounds} rounds of 200 texts for each of {len(names)} readers: none broke one")
    return 0


if __name__ == "__main__":
    sys.exit(main())
