"""Three days as a press officer meets them: heavy, quiet, and the first one with a source that is not read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.digests.compose import compose
from monitor.core.digests.digest import Digest, DigestInput, FeedHealth, FixedFlag, StoryLine
from monitor.core.digests.subscribers import Subscriber, Subscription, Wishes
from monitor.core.feeds.health import HostFault, Silence
from monitor.core.judgement import Drift, Flag, Reference, Severity, Span
from monitor.core.mention import FlagState, Mention, Source, StoredFlag, TextFrom
from monitor.core.model import DateConfidence, Kind, Network
from monitor.core.proposals import Proposal, ProposalKind
from monitor.library.wording import wording
from monitor.mail.printer import Printer
from tests.fakes.studies import bare_study

NOW = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)  # 07:00 in Tokyo on 4 March
ZONE = ZoneInfo("Asia/Tokyo")
NHK = Reference(title="NHK report of 23 March 2025, as carried by WAM")
REGISTRY = Reference(title="UMIN-CTR, clinical trial UMIN000035074", url="https://center6.umin.ac.jp/example")
RULESET = "sha256:3f5a0c1b9d8e7766554433221100ffeeddccbbaa99887766554433221100ffee"
FEEDS = (
    "Harbour Wire",
    "The Morning Lantern",
    "Pinecroft Courier",
    "Lakeside Gazette",
    "FutureBeat",
    "Vida Diaria",
    "かわら新報",
    "Axiom Science Desk",
    "Second Look",
    "X: Keio and iPS",
)


#: All that a digest tells of the study itself.
STUDY = bare_study("keio-ips-sci", "Keio University iPS-cell spinal cord injury study", REGISTRY)


def stored(number: int, text: str, quote: str, drift: Drift, **changes: object) -> StoredFlag:
    """A flag on `quote` in `text`, with what the study found about it."""
    where = text.index(quote)
    values: dict[str, object] = {
        "rule": f"rule-{number}",
        "drift": drift,
        "severity": Severity.HIGH,
        "confidence": 0.93,
        "span": Span(start=where, end=where + len(quote), quote=quote),
        "message": f"“{quote}” goes beyond the study.",
        "why": "One of four patients stands and practises walking; nobody is reported as walking.",
        "finding": "walking",
        "found": "One of the four patients can stand without support and has started walking practice.",
        "source": NHK,
        "correction": "one of the four patients can stand and is practising walking",
    }
    return StoredFlag(
        id=number,
        mention_id=number,
        flag=Flag(**(values | changes)),  # type: ignore[arg-type]
        ruleset=RULESET,
        state=FlagState.ACTIVE,
        raised_at=NOW - timedelta(hours=6),
        raised_in=1,
    )


def mention(number: int, outlet: str, hours: float, title: str, text: str, **changes: object) -> Mention:
    values: dict[str, object] = {
        "id": number,
        "study_id": "keio-ips-sci",
        "identity": f"i{number}",
        "kind": Kind.ARTICLE,
        "network": Network.WEB,
        "source": Source(id=number, key=f"s{number}.example", name=outlet, network=Network.WEB, weight=3),
        "url": f"https://s{number}.example/news/{number}",
        "title": title,
        "text": text,
        "author": "",
        "lang": "en",
        "published": NOW - timedelta(hours=hours),
        "date_confidence": DateConfidence.EXACT,
        "first_seen": NOW - timedelta(hours=hours - 0.5),
        "text_from": TextFrom.PAGE,
        "revision": 1,
        "because": ("Keio", "iPS"),
        "score": 0,
        "caveats_present": (),
        "caveats_missing": (),
        "ruleset": RULESET,
    }
    return Mention(**(values | changes))  # type: ignore[arg-type]


SAFETY = {
    "finding": "safety",
    "found": "No serious adverse events were reported in the four patients within a year.",
    "why": "Four patients cannot show that something is safe.",
    "correction": "no serious adverse events were seen in the four patients over one year",
}


def heavy_day() -> DigestInput:
    """A wire story copied by four, two more that drift by themselves, one candidate, one corrected, one worth sharing."""
    wire = (
        "A paralysed man is walking again after doctors at Keio University gave him stem cells. "
        "Nobody had any side effects."
    )
    title = "Paralysed man is walking again after stem cell injection in Japan"
    weights = [("Harbour Wire", 5), ("The Morning Lantern", 4), ("Pinecroft Courier", 2), ("Lakeside Gazette", 1)]
    mentions = [
        mention(
            at,
            name,
            21 - 2 * at,
            title,
            wire,
            story_id=1,
            score=83,
            source=Source(id=at, key=f"s{at}.example", name=name, network=Network.WEB, weight=weight),
            flags=(
                stored(at * 10, wire, "is walking again", Drift.OVERSTATED_OUTCOME),
                stored(at * 10 + 1, wire, "Nobody had any side effects", Drift.SAFETY_OVERCLAIM, **SAFETY),
            ),
        )
        for at, (name, weight) in enumerate(weights, start=1)
    ]
    post = "Keio has proved that iPS cells cure paralysis 🚀🚀 #Breakthrough"
    mentions.append(
        mention(
            5,
            "@nervecapital_ex",
            3,
            "",
            post,
            kind=Kind.POST,
            network=Network.X,
            score=70,
            story_id=2,
            source=Source(id=5, key="x:nervecapital_ex", name="@nervecapital_ex", network=Network.X, followers=740_000),
            flags=(
                stored(
                    50,
                    post,
                    "cure paralysis",
                    Drift.OVERSTATED_OUTCOME,
                    found="Nobody in the study was cured.",
                    why="Nobody was cured.",
                ),
            ),
        )
    )
    spanish = "El tratamiento ha curado la lesión medular, según los médicos."
    mentions.append(
        mention(
            6,
            "Vida Diaria",
            13.5,
            "Vuelve a caminar gracias a células madre en Japón",
            spanish,
            lang="es",
            score=60,
            story_id=3,
            flags=(stored(60, spanish, "ha curado la lesión medular", Drift.OVERSTATED_OUTCOME),),
        )
    )
    later = "By next year the therapy could be a routine outpatient procedure, for stroke and brain injury as well."
    mentions.append(
        mention(
            7,
            "FutureBeat",
            14.5,
            "Rebooting the spine",
            later,
            score=40,
            story_id=4,
            flags=(
                stored(
                    70,
                    later,
                    "By next year the therapy could be a routine outpatient procedure",
                    Drift.AVAILABILITY,
                    severity=Severity.MEDIUM,
                    correction=None,
                    finding="approval",
                    found="The treatment is not approved anywhere; a trial of its effect is planned.",
                    why="A plan is no date for patients.",
                ),
            ),
        )
    )
    hope = "The results are remarkable, and two of the four improved."
    mentions.append(
        mention(
            8,
            "Lakeside Gazette",
            10,
            "Hopes rise for spinal patients",
            hope,
            story_id=5,
            flags=(stored(80, hope, "remarkable", Drift.SENSATIONAL_LANGUAGE, confidence=0.4),),
        )
    )
    mentions.append(
        mention(
            9,
            "Axiom Science Desk",
            15.5,
            "Four patients, no control group: what the Keio iPS study can and cannot tell us",
            "Four men with complete spinal cord injury ...",
            story_id=6,
            caveats_present=("small-study", "no-control-group", "not-peer-reviewed"),
        )
    )
    cured = "A patient paralysed in a fall has been cured by iPS cells."
    fixed = replace(
        stored(90, cured, "has been cured", Drift.OVERSTATED_OUTCOME),
        state=FlagState.FIXED,
        closed_at=NOW - timedelta(hours=1),
        closed_in=2,
    )
    return DigestInput(
        mentions=tuple(mentions),
        stories={
            1: StoryLine(
                id=1,
                title=title,
                members=4,
                new=4,
                first_source="Harbour Wire",
                first_at=NOW - timedelta(hours=19),
            ),
            **{
                number: StoryLine(
                    id=number, title="", members=1, new=1, first_source="", first_at=NOW - timedelta(hours=9)
                )
                for number in range(2, 7)
            },
        },
        fixed=(
            FixedFlag(
                flag=fixed,
                mention_id=90,
                source="Pinecroft Courier",
                title="Patient in Keio stem cell study can stand and practises walking",
                url="https://s90.example/news/90",
                network=Network.WEB,
                lang="en",
                asked_at=NOW - timedelta(days=3),
            ),
        ),
        feeds=tuple(
            FeedHealth(title=name, last_success_at=NOW - timedelta(minutes=10), problem=None, read=90) for name in FEEDS
        ),
        since=NOW - timedelta(days=1),
        daily=(0,) * 18 + (2, 4, 3, 5, 6, 4, 3, 5, 4, 4),
        daily_flagged=(0,) * 18 + (0, 1, 1, 2, 1, 0, 1, 2, 1, 1),
        spent={"x": 412},
    )


def quiet_day() -> DigestInput:
    """Nothing was said, and everything was read."""
    return replace(heavy_day(), mentions=(), stories={}, fixed=())


def first_day() -> DigestInput:
    """One faithful article on the first day; one source was never read, one not since yesterday, a host fails as a whole,
    and one source has gone silent.
    """
    heavy = heavy_day()
    feeds = (
        *heavy.feeds[:3],
        FeedHealth(
            title="Old Quay Notes",
            last_success_at=None,
            problem="oldquay.example says that there is no such page (404).",
        ),
        FeedHealth(
            title="Harbour Radio",
            last_success_at=NOW - timedelta(hours=26),
            problem="radio.example did not answer within 30 seconds.",
        ),
    )
    failed = "videos.example has nothing at this address (404)."
    feeds = (
        *feeds,
        *(
            FeedHealth(title=f"Channel {number}", last_success_at=NOW, problem=failed, with_host=True)
            for number in (1, 2, 3)
        ),
        FeedHealth(
            title="Quarry Gazette",
            last_success_at=NOW - timedelta(minutes=10),
            problem=None,
            silence=Silence(usual=5, days=6),
        ),
    )
    fault = HostFault(
        host="videos.example",
        failing=frozenset({11, 12, 13}),
        asked=4,
        since=NOW - timedelta(hours=20),
        sentence=failed,
    )
    return replace(
        heavy,
        host_faults=(fault,),
        mentions=(heavy.mentions[-1],),
        stories={6: heavy.stories[6]},
        fixed=(),
        feeds=feeds,
        daily=(0,) * 28,
        daily_flagged=(0,) * 28,
        spent={},
        first=True,
    )


def paper_day() -> DigestInput:
    """Nothing was said, but a paper may have appeared, seen in two indexes, and the registry's entry changed."""
    paper = Proposal(
        id=1,
        study_id="keio-ips-sci",
        kind=ProposalKind.PUBLISHED,
        key="doi:10.5555/results.2026.1",
        sentence=(
            "A paper about this study may have appeared: “One-year outcomes of four patients & a <trial>”, Journal of "
            "Spinal Trials, 2026-03-02, doi:10.5555/results.2026.1. If it is the study's, the finding “peer-review” no "
            "longer holds."
        ),
        findings=("peer-review",),
        rung="peer-reviewed",
        title="One-year outcomes",
        url="https://doi.org/10.5555/results.2026.1",
        detail="",
        seen=("PubMed", "Crossref"),
        opened_at=NOW,
    )
    change = replace(
        paper,
        id=2,
        kind=ProposalKind.REGISTRY,
        key="registry:1",
        sentence="The registry's entry changed (1 line), such as: “Recruitment status Completed”.",
        url="javascript:alert(1)",
        seen=("the registry's page",),
    )
    return replace(quiet_day(), proposals=(paper, change))


DAYS = {"heavy": heavy_day, "quiet": quiet_day, "first": first_day, "paper": paper_day}


def composed(given: DigestInput, language: str = "en") -> Digest:
    return compose(
        given,
        STUDY,
        now=NOW,
        local_date="2026-03-04",
        wishes=Wishes(zone=ZONE.key),
        ruleset=RULESET,
        budget={"x": 3000},
        wording=wording(language),
    )


@pytest.fixture
def days() -> dict[str, Digest]:
    return {name: composed(make()) for name, make in DAYS.items()} | {"japanese": composed(heavy_day(), "ja")}


@pytest.fixture
def heavy() -> DigestInput:
    return heavy_day()


@pytest.fixture
def compose_it():
    return composed


@pytest.fixture
def subscription() -> Subscription:
    reader = Subscriber(id=7, email="ada@example.org", name="Ada Byron", state="active", created_at=NOW)
    return Subscription(
        id=3, subscriber=reader, study_id="keio-ips-sci", wishes=Wishes(at=time(7), zone="Asia/Tokyo"), created_at=NOW
    )


@pytest.fixture
def printer() -> Printer:
    return Printer(
        base_url="https://watch.example.org", sender="Press watch <watch@example.org>", key="k" * 32, wording=wording
    )


@pytest.fixture
def printed(printer, subscription):
    """Print a digest as `deliver` does."""

    def print_it(digest: Digest, to: Subscription = subscription):
        return printer.digest(digest, printer.rendered(digest, to.wishes), to, now=NOW)

    return print_it
