"""The demo as a person runs it: a process of its own, twice on one home."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from monitor.core.judgement import Drift, Span
from monitor.core.mention import FlagState, Mention
from monitor.core.model import FeedKind, Kind, Outcome
from monitor.core.search.query import parse_query
from monitor.core.text import doc
from monitor.demo.newsroom import make_edition
from monitor.service import Service
from monitor.settings import load

KEYS = ["feeds_read", "entries", "mentions", "stories", "flags", "deliveries", "digest", "seconds"]
#: The account on X whose post was copied to the other networks.
X_COPIED = "x:futurebeat_ex"
LABELS = tomllib.loads((Path(__file__).parents[1] / "demo" / "labels.toml").read_text(encoding="utf-8"))


def environment(home: Path | None, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
    return clean | ({"HYPEWATCH_HOME": str(home)} if home else {}) | more


def demo(home: Path | None, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", "from monitor.cli import main; main()", "demo"]
    return subprocess.run(
        [*command, "--exit", *options],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def rows(home: Path) -> dict[str, object]:
    """Everything a second run must leave as it is."""
    service = Service(load({"HYPEWATCH_HOME": str(home)}))
    store = service.store
    mentions = [store.mention(m.id) for m in store.search(parse_query("", service.clock()), limit=1000)]
    found = {
        "mentions": {m.id: (m.title, m.text, m.revision) for m in mentions},
        "flags": sorted((f.id, f.state) for m in mentions for f in m.flags),
        "digests": [(d.id, d.message_id, d.state) for d in store.digests()],
        "deliveries": [(d.digest_id, d.attempt, d.outcome) for d in store.deliveries()],
        "outbox": sorted(path.name for path in (home / "outbox").iterdir()),
        "mentions of the corrected article": {
            m.title: sorted({f.state for f in m.flags}) for m in mentions if "cured-in-japan" in (m.url or "")
        },
        "sources": {m.source.key for m in mentions},
    }
    store.close()
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(home) -> subprocess.CompletedProcess[str]:
    return demo(home, "--json")


def test_one_object_with_the_promised_keys(first, home):
    assert first.returncode == 0, first.stderr
    found = json.loads(first.stdout)
    assert list(found) == KEYS
    assert (found["feeds_read"], found["deliveries"]) == (17, 1)
    assert found["entries"] > found["mentions"] > found["stories"] > 5
    assert set(found["flags"]) <= {drift.value for drift in Drift}
    assert "overstated-outcome" in found["flags"]
    assert found["seconds"] < 30
    mail = message_from_bytes(Path(found["digest"]).read_bytes(), policy=policy.SMTP)
    assert (str(mail["To"]), mail.get_content_type()) == ("Demo reader <you@example.org>", "multipart/alternative")


def test_nothing_but_the_progress_is_printed_beside_it(first):
    told = [line for line in first.stderr.splitlines() if line.strip()]
    assert [line for line in told if not line.startswith(("Feeds and pages, round ", "Digest "))] == []


def test_the_correction_is_seen_and_its_flag_closed(first, home):
    assert rows(home)["mentions of the corrected article"] == {
        "Patient in Keio stem cell study can stand and practises walking": ["fixed"]
    }


def test_the_wire_story_is_one_story_and_its_first_teller_is_known(first, home):
    service = Service(load({"HYPEWATCH_HOME": str(home)}))
    store = service.store
    (story,) = [s for s in store.stories(parse_query("", service.clock()), limit=100) if s.size >= 5]
    told = [member.source.name for member in store.story_members(story.id)]
    store.close()
    assert told == [
        "Harbour Wire",
        "Dockside Reposts",
        "The Morning Lantern",
        "Pinecroft Courier",
        "FutureBeat",
        "Lakeside Gazette",
    ]


def test_a_post_copied_to_three_networks_is_one_story(first, home):
    service = Service(load({"HYPEWATCH_HOME": str(home)}))
    store = service.store
    stories = [store.story_members(s.id) for s in store.stories(parse_query("", service.clock()), limit=100)]
    store.close()
    (told,) = [
        [m.source.network.value for m in members]
        for members in stories
        if any(m.source.key == X_COPIED for m in members)
    ]
    # The copy on Bluesky shows its link as a card with the article's headline: if it comes before the other two (feeds are
    # read side by side), the article is in the story as well.
    assert sorted(told) in (["bluesky", "mastodon", "x"], ["bluesky", "mastodon", "web", "x"])


def test_the_live_stream_is_read(first, home):
    service = Service(load({"HYPEWATCH_HOME": str(home)}))
    (live,) = [feed for feed in service.store.feeds() if feed.kind is FeedKind.BLUESKY_STREAM]
    service.store.close()
    assert (live.last_outcome, live.title) == (Outcome.FETCHED, "Bluesky, live: Keio and iPS")


def test_every_network_is_in_the_digest(first):
    mail = message_from_bytes(Path(json.loads(first.stdout)["digest"]).read_bytes(), policy=policy.SMTP)
    lines = mail.get_body(("plain",)).get_content().splitlines()
    places = lines[lines.index("BY PLACE AND MOVEMENT") + 2]
    assert places == "web 36, X 9, Bluesky 6, Mastodon 6; English 46, Japanese 6, Spanish 5"


# --- what the newsroom says, by labels ----------------------------------------------------------------------------------


def mentions(home: Path) -> list[Mention]:
    service = Service(load({"HYPEWATCH_HOME": str(home)}))
    store = service.store
    found = [store.mention(mention.id) for mention in store.search(parse_query("", service.clock()), limit=1000)]
    store.close()
    return found


def label(sentence: str) -> str:
    for name in ("contested", "drift"):
        if any(words in sentence for words in LABELS[name]):
            return name
    return "faithful"


def sentences(mention: Mention) -> Iterator[str]:
    """Of the text, and of an article's headline (a post's title is its own beginning)."""
    for part in (mention.text, *([mention.title] if mention.kind is Kind.ARTICLE else [])):
        yield from (said for _, _, said in placed(part))


def placed(text: str) -> list[tuple[int, int, str]]:
    """Each sentence: from, to, words."""
    read = doc.read(text)
    return [read.span(sentence.start, sentence.end) for sentence in read.sentences]


def said_in(mention: Mention, span: Span) -> str:
    """The sentence that a flag points into."""
    text = mention.title if span.where == "title" else mention.text
    return next(said for start, end, said in placed(text) if start <= span.start < end)


def test_each_label_is_of_a_sentence_that_is_published():
    """In either round: what was corrected or removed is judged as well."""
    texts = [
        said
        for number in (1, 2)
        for edition in [make_edition(80, datetime(2026, 3, 2, 6, 30, tzinfo=UTC), number)]
        for said in [f"{article.title}\n{article.text}" for article in edition.articles]
        + [post.text for post in edition.posts]
    ]
    assert [words for words in LABELS["drift"] + LABELS["contested"] if not any(words in text for text in texts)] == []


def test_three_in_four_sentences_are_faithful_as_in_real_coverage(first, home):
    told = Counter(label(sentence) for mention in mentions(home) for sentence in sentences(mention))
    assert sum(told.values()) > 500
    assert told["contested"] < 20
    assert 0.75 <= told["faithful"] / (told["faithful"] + told["drift"]) <= 0.85


def test_no_faithful_sentence_is_mailed_as_drift(first, home):
    wrong = {
        (stored.flag.rule, stored.flag.span.quote): said
        for mention in mentions(home)
        for stored in mention.flags
        if stored.state is FlagState.ACTIVE and stored.flag.confirmed
        if label(said := said_in(mention, stored.flag.span)) != "drift"
    }
    assert wrong == {}


def test_nearly_every_mention_that_drifts_is_mailed(first, home):
    """So that silence is no way to pass the test above."""
    drifting, mailed = set(), set()
    for mention in mentions(home):
        if any(label(sentence) == "drift" for sentence in sentences(mention)):
            drifting.add(mention.id)
            if any(stored.state is FlagState.ACTIVE and stored.flag.confirmed for stored in mention.flags):
                mailed.add(mention.id)
    assert len(mailed) >= 0.75 * len(drifting) > 15


def test_a_removed_post_leaves_nothing_but_its_tombstone(first, home):
    found = json.loads(first.stdout)
    with sqlite3.connect(home / "hypewatch.db") as database:
        # The post on X by its number; the one on Bluesky, of which its live stream told, by its address and its key.
        assert database.execute("select count(*) from tombstones").fetchone() == (3,)
    database.close()
    for removed in (b"walked out of the hospital last week", b"throw the wheelchair away"):
        assert [path for path in home.rglob("*") if path.is_file() and removed in path.read_bytes()] == []
    # It was there: the X search brought it and nine others, and asked twice how many; the notice of its end is free.
    assert "X: 12 of 3,000 paid reads" in Path(found["digest"]).read_text()


def test_what_is_not_about_the_study_is_no_mention(first, home):
    titles = {title for title, _, _ in rows(home)["mentions"].values()}
    unrelated = {
        "Miracle bread: the breakthrough loaf you never knead",
        "Nipro asks for full approval of Stemirac",
        "XellSmart doses first spinal cord patient with XS228",
        "iPS-derived neurons for Parkinson's disease: what Kyoto reported",
    }
    assert titles & unrelated == set()
    assert {key for key in rows(home)["sources"] if "hearth" in key} == set()


def test_a_second_run_finds_nothing_new(first, home):
    before = rows(home)
    again = demo(home, "--json")
    assert again.returncode == 0, again.stderr
    ours, theirs = json.loads(again.stdout), json.loads(first.stdout)
    assert {key: ours[key] for key in KEYS if key != "seconds"} == {
        key: theirs[key] for key in KEYS if key != "seconds"
    }
    assert rows(home) == before


def test_the_digest_is_printed_for_a_person(home, first):
    told = demo(home)
    assert told.stdout.lstrip().startswith("Subject: ")
    assert "NEEDS YOU" in told.stdout
    assert "WHAT WAS READ" in told.stdout
    assert "17 sources, " in told.stderr


def test_real_settings_stay_out_of_it(tmp_path):
    other = tmp_path / "real.db"
    ran = demo(
        tmp_path / "home",
        "--json",
        HYPEWATCH_DATABASE_URL=f"sqlite:///{other}",
        HYPEWATCH_SMTP_URL="smtp://127.0.0.1:9",
        HYPEWATCH_BROKER_URL="redis://127.0.0.1:9/0",
        HYPEWATCH_BLUESKY_API_URL="http://127.0.0.1:9",
        HYPEWATCH_BLUESKY_HANDLE="me.example",
        HYPEWATCH_BLUESKY_PASSWORD="mine",
        HYPEWATCH_MASTODON_SERVERS="http://127.0.0.1:9",
        HYPEWATCH_MASTODON_TOKEN="mine",
    )
    assert ran.returncode == 0, ran.stderr
    assert not other.exists()
    assert json.loads(ran.stdout)["feeds_read"] == 17
    assert json.loads(ran.stdout)["deliveries"] == 1


def test_without_a_home_it_makes_one_and_serves_the_pages_until_stopped(tmp_path):
    command = [sys.executable, "-u", "-c", "from monitor.cli import main; main()", "demo", "--json", "--port", "0"]
    process = subprocess.Popen(
        command, env=environment(None, TMPDIR=str(tmp_path)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        found = json.loads(process.stdout.readline())
        assert Path(found["digest"]).is_relative_to(tmp_path)
        address = next(line for line in process.stderr if "Hypewatch is at" in line).split()[-1]
        with urllib.request.urlopen(address, timeout=10) as page:
            assert (page.status, b"Needs you" in page.read()) == (200, True)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=20)
    assert "Traceback" not in told


# --- a home in use ---------------------------------------------------------------------------------------------------


def contents(home: Path) -> dict[str, object]:
    """The files, and every row of every table."""
    with closing(sqlite3.connect(home / "hypewatch.db")) as conn:
        tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {table: conn.execute(f"SELECT * FROM {table}").fetchall() for table in tables if "words" not in table}
    return {
        "files": sorted(path.name for path in home.iterdir() if "-wal" not in path.name and "-shm" not in path.name)
    } | rows


def copied_demo(home: Path, newsroom_home: Path, statement: str) -> None:
    shutil.copytree(newsroom_home, home, dirs_exist_ok=True)
    with closing(sqlite3.connect(home / "hypewatch.db")) as conn:
        conn.execute(statement)
        conn.commit()


def real(home: Path, _: Path) -> None:
    service = Service(load({"HYPEWATCH_HOME": str(home)}))
    service.store.add_feed(FeedKind.FEED, "https://real.example/feed.xml", now=service.clock())
    service.store.close()


IN_USE = {
    "a feed": real,
    "a demo that somebody gets mail from": lambda home, newsroom: copied_demo(
        home, newsroom, "UPDATE subscribers SET email = 'ada@desk.example'"
    ),
    "a demo with a feed of one's own": lambda home, newsroom: copied_demo(
        home, newsroom, "UPDATE feeds SET url = 'https://real.example/feed.xml' WHERE id = 1"
    ),
}


@pytest.mark.parametrize("case", IN_USE)
def test_a_home_in_use_is_not_touched(first, home, tmp_path, case):
    assert first.returncode == 0
    used = tmp_path / "used"
    IN_USE[case](used, home)
    before = contents(used)
    ran = demo(used, "--json")
    assert ran.returncode == 0, ran.stderr
    assert contents(used) == before
    digest = Path(json.loads(ran.stdout)["digest"])
    assert not digest.is_relative_to(used)
    assert f"{used} is in use, and the demo does not touch it: it keeps to {digest.parents[1]}." in ran.stderr
    shutil.rmtree(digest.parents[1])


def test_a_folder_with_other_things_in_it_is_in_use(tmp_path):
    from monitor.cli.demo import _is_free

    assert _is_free(tmp_path / "none")
    assert _is_free(tmp_path)
    (tmp_path / "hypewatch.toml").write_text("port = 8081\n")
    assert not _is_free(tmp_path)
    (tmp_path / "hypewatch.db").write_text("no database")
    assert not _is_free(tmp_path)
