"""The pages over a small store of hostile and ordinary mentions, driven through ASGI as a browser would ask."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from monitor import settings
from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import DeliveryOutcome, DigestState, FrozenDigest, Wishes
from monitor.core.entry import Entry
from monitor.core.items.aliases import names_of
from monitor.core.items.stories import StoryKeys, StoryRelation
from monitor.core.judgement import Assessment, Drift, Flag, Reference, Severity, Span
from monitor.core.mention import About, MentionDraft, Relevance, TextFrom
from monitor.core.model import DateConfidence, FeedKind, Kind, Network
from monitor.service import Service
from monitor.web.app import build_app

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SCRIPT = "<script>alert(1)</script>"
HOSTILE = f'"><img src=x onerror=alert(1)>{SCRIPT}'
RULESET = "sha256:" + "a" * 64


def draft(identity: str, title: str, text: str, quote: str = "", **changes: Any) -> MentionDraft:
    """A mention to store; `quote` is flagged where it stands in the text, 0.93 sure unless `sure` says otherwise."""
    sure = changes.pop("sure", 0.93)
    entry = {
        "guid": identity,
        "url": f"https://{identity}.example/news",
        "title": title,
        "text": text,
        "source": f"{identity}.example",
        "source_name": identity.title(),
        "published": NOW - timedelta(hours=5),
        "date_confidence": DateConfidence.EXACT,
        "lang": "en",
    } | changes
    flags = ()
    if quote:
        start = text.index(quote)
        flags = (
            Flag(
                rule="walking-again",
                drift=Drift.OVERSTATED_OUTCOME,
                severity=Severity.HIGH,
                confidence=sure,
                span=Span(start=start, end=start + len(quote), quote=quote),
                message=f"“{quote}” says that he walks.",
                why="Nobody is reported as walking.",
                finding="walking",
                found="One of the four patients can stand and is practising walking.",
                source=Reference(title="UMIN-CTR", url="https://registry.example/1"),
                correction="one of the four patients can stand and is practising walking",
            ),
        )
    return MentionDraft(
        study_id="keio-ips-sci",
        identity=identity,
        entry=Entry(**entry),
        names=names_of(Entry(**entry), identity, text=text),
        title=title,
        text=text,
        text_from=TextFrom.IMPORT,
        lang=entry["lang"],
        relevance=Relevance(verdict=About.ABOUT, because=("Keio", "iPS")),
        assessment=Assessment(
            flags=flags,
            caveats_present=("small-study",) if flags else (),
            caveats_missing=("no-control-group",) if flags else (),
            score=80 if flags else 0,
            ruleset=RULESET,
            score_parts={"severity": 60.0, "confidence": 20.0} if flags else {},
        ),
    )


#: Texts with the same first words are one story.
one_story = StoryRelation(
    lambda told: StoryKeys(frozenset({zlib.crc32(told.text[:40].encode())}), frozenset()),
    lambda one, other: one.text[:40] == other.text[:40],
    lambda _one, _other: False,
    version=1,
)


WALKS = "A paralysed man is walking again after doctors at Keio University gave him iPS cells."
DRAFTS = (
    draft("first", "Paralysed man is walking again", WALKS, "is walking again", published=NOW - timedelta(hours=8)),
    draft("copy", "Man walking again", f"{WALKS} So says a copy.", "is walking again"),
    draft("candidate", "Hopes rise", "Remarkable hope at Keio for iPS cells.", "Remarkable", sure=0.3),
    draft(
        "evil", HOSTILE, f"Keio {SCRIPT} walks", SCRIPT, author=HOSTILE, source_name=HOSTILE, url="javascript:alert(1)"
    ),
    draft(
        "post",
        "",
        "慶應のiPS細胞で歩けるようになった #奇跡",
        kind=Kind.POST,
        network=Network.X,
        source="@kawara_ex",
        lang="ja",
        followers=5200,
    ),
)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """Asks the app as a server would, with a Host header; follows nothing."""

    def __init__(self, app: Any, host: str = "127.0.0.1:8080") -> None:
        from starlette.testclient import TestClient

        self._client = TestClient(app, base_url=f"http://{host}", follow_redirects=False)

    def __call__(self, path: str, method: str = "GET", data: dict[str, str] | None = None, **headers: str) -> Answer:
        got = self._client.request(
            method, path, data=data, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        return Answer(got.status_code, dict(got.headers), got.text)


class Document(HTMLParser):
    """What matters of a page: its tags with attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"p", "h4", "li", "dd", "td", "th", "ins", "del", "blockquote"}:
            self.words += " "  # where a reader sees one

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def service(sqlite_url, tmp_path, clock) -> Iterator[Service]:
    """An empty installation whose clock stands at NOW."""
    clock.now = NOW
    opened = Service(
        settings.load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url}), clock=clock
    )
    yield opened
    opened.store.close()


@pytest.fixture
def seeded(service) -> Service:
    """The same with mentions, one corrected, feeds, one failing, a subscription and a digest that was sent."""
    store = service.store
    store.import_mentions(DRAFTS, one_story, now=NOW - timedelta(hours=4))
    before = draft("fixed", "Cured", "A man was cured by Keio's iPS cells.", "was cured")
    after = draft("fixed", "Not cured", "A man can stand after Keio's iPS cells.")
    store.import_mentions([before], one_story, now=NOW - timedelta(hours=3))
    store.import_mentions([after], one_story, now=NOW - timedelta(hours=2))
    store.add_feed(FeedKind.FEED, "https://first.example/rss", title="First", now=NOW)
    reader = store.add_subscriber("ada@example.org", HOSTILE, now=NOW, state="active")
    subscription = store.subscribe(
        reader.id,
        "keio-ips-sci",
        Wishes(at=time(7), zone="Asia/Tokyo", weekdays=tuple(range(7)), threshold=Severity.LOW, quiet=True),
        now=NOW,
        due=Due(NOW + timedelta(hours=10), (NOW + timedelta(hours=10)).date().isoformat()),
    )
    lease = store.claim_subscription(subscription.id, "test", NOW, timedelta(minutes=5), force=True).lease
    frozen = store.freeze_digest(
        FrozenDigest(
            id=0,
            subscription_id=subscription.id,
            local_date="2026-03-03",
            through_date="2026-03-03",
            subject=f"1 drift: {HOSTILE}",
            message_id="<digest.1@example.org>",
            recipient="ada@example.org",
            mime=b"mime",
            text=f"text {HOSTILE}",
            html="<p>the mail</p>",
            state=DigestState.READY,
            created_at=NOW,
        ),
        [],
        [],
        lease=lease,
        next_due=None,
    )
    claimed = store.claim_digest(frozen.id, "test", NOW, timedelta(minutes=3))
    store.finish_digest(
        claimed, outcome=DeliveryOutcome.SENT, state=DigestState.SENT, reply="250 queued", now=NOW, retry_at=None
    )
    return service


@pytest.fixture
def browser(seeded) -> Browser:
    return Browser(build_app(seeded))


@pytest.fixture
def read():
    return Document
