"""The study itself, from an index's answer through the poll to the mail: proposed once, told once, decided by a person."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest

from monitor.core.judgement import Severity
from monitor.core.model import FeedKind, Outcome
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.poll import poll_feed
from monitor.pipeline.subscribe import subscribe
from monitor.service import Service
from monitor.settings import load

NOW = datetime(2026, 6, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
STUDY = "keio-ips-sci"
WORK = {
    "DOI": "10.5555/results",
    "type": "journal-article",
    "title": ["iPSC-derived cells in subacute spinal cord injury: one-year outcomes of four patients"],
    "author": [{"given": "Hideyuki", "family": "Okano", "affiliation": [{"name": "Keio University"}]}],
    "container-title": ["Journal of Spinal Trials"],
    "published": {"date-parts": [[2026, 6, 2]]},
}
SENTENCE = (
    "A paper about this study may have appeared: “iPSC-derived cells in subacute spinal cord injury: one-year outcomes of "
    "four patients”, Journal of Spinal Trials, 2026-06-02, doi:10.5555/results. If it is the study's, the finding "
    "“peer-review” no longer holds."
)


@pytest.fixture
def deps(store, tmp_path, clock, database_url, web):
    clock.now = NOW
    service = Service(
        load(
            {
                "HYPEWATCH_HOME": str(tmp_path),
                "HYPEWATCH_DATABASE_URL": database_url,
                "HYPEWATCH_SECRET_KEY": "k",
                "HYPEWATCH_CROSSREF_API_URL": web.url("/"),
                "HYPEWATCH_PUBMED_API_URL": web.url("/"),
            }
        ),
        clock=clock,
    )
    yield service.deps
    service.store.close()


def watch(deps, kind=FeedKind.CROSSREF_WATCH) -> int:
    return deps.store.add_feed(kind, STUDY, title="Crossref: the study", now=NOW, interval=DAY).id


def reader(deps):
    return subscribe(
        deps,
        "ada@example.org",
        name="Ada",
        study_id=STUDY,
        at=time(7),
        zone="Europe/London",
        weekdays=tuple(range(7)),
        threshold=Severity.LOW,
        quiet=True,
        confirmed=True,
    )


def text_of(mime: bytes) -> str:
    body = message_from_bytes(mime, policy=policy.default).get_body(("plain",))
    return " ".join(body.get_content().split())


def test_a_paper_is_proposed_once_and_told_once(deps, web, fakes, clock):
    web["/works"] = fakes.answer_json({"message": {"items": [WORK]}})
    subscription = reader(deps)
    feed_id = watch(deps)
    first = poll_feed(deps, feed_id)
    assert (first.outcome, first.new, first.sentence) == (Outcome.FETCHED, 0, "1 paper looked at, 1 new to propose.")
    assert deps.store.search(Query()) == (), "a paper is no mention"
    (proposal,) = deps.store.proposals()
    assert (proposal.sentence, proposal.seen, proposal.state) == (SENTENCE, ("Crossref",), "open")
    frozen = deliver_digest(deps, subscription.id)
    assert frozen.subject == "1 thing about the study itself"
    told = text_of(frozen.mime)
    assert f"ABOUT THE STUDY ITSELF ---------------------- - {SENTENCE} Seen in: Crossref. https://doi.org/10.5555/results" in told  # fmt: skip
    assert told.index("ABOUT THE STUDY") < told.index("WHAT WAS READ")
    assert SENTENCE.partition(":")[0] in frozen.html

    claimed = deps.store.claim_feed(feed_id, "test", clock.forward(hours=25), timedelta(minutes=1))
    assert (claimed.interval, claimed.due_at) == (DAY, NOW + DAY), "once a day, whatever it brings"
    clock.forward(minutes=2)
    again = poll_feed(deps, feed_id)
    assert again.sentence == "1 paper looked at, 0 new to propose."
    quiet = deliver_digest(deps, subscription.id)
    assert quiet.local_date == "2026-06-25"
    assert "ABOUT THE STUDY" not in text_of(quiet.mime)


def test_two_indexes_are_one_proposal(deps, web, fakes):
    web["/works"] = fakes.answer_json({"message": {"items": [WORK]}})
    web["/entrez/eutils/esearch.fcgi"] = fakes.answer_json({"esearchresult": {"count": "1", "idlist": ["1"]}})
    record = {"uid": "1", "title": WORK["title"][0], "authors": [{"name": "Okano H"}], "pubtype": ["Journal Article"], "sortpubdate": "2026/06/02 00:00", "articleids": [{"idtype": "doi", "value": "10.5555/RESULTS"}]}  # fmt: skip
    web["/entrez/eutils/esummary.fcgi"] = fakes.answer_json({"result": {"uids": ["1"], "1": record}})
    poll_feed(deps, watch(deps))
    poll_feed(deps, watch(deps, FeedKind.PUBMED_WATCH))
    assert [proposal.seen for proposal in deps.store.proposals()] == [("Crossref", "PubMed")]


def test_a_passing_fault_is_asked_again_in_an_hour_a_lasting_one_tomorrow(deps, web, fakes, clock):
    feed_id = watch(deps)
    for status, after in ((503, 1), (503, 2), (429, 2), (404, 26)):
        web["/works"] = fakes.answer_json({}, status)
        poll_feed(deps, feed_id, force=True)
        feed = deps.store.feed(feed_id)
        assert round((feed.due_at - clock.now) / timedelta(hours=1)) == after, status
    assert deps.store.proposals() == ()


def test_a_study_that_is_no_more_is_told_and_stops_nothing(deps, web):
    feed_id = deps.store.add_feed(FeedKind.CROSSREF_WATCH, "gone", now=NOW, interval=DAY).id
    outcome = poll_feed(deps, feed_id)
    assert outcome.outcome is Outcome.HARD
    assert outcome.sentence.startswith("'gone' cannot be watched: There is no study 'gone'.")


# --- the registry ----------------------------------------------------------------------------------------------------

PAGE = "<table><tr><td>Unique ID</td><td>T-1</td></tr><tr><td>Target sample size</td><td>4</td></tr></table>" + "<p>x y z</p>" * 80  # fmt: skip


def test_a_registry_entry_that_changes_is_proposed(store, tmp_path, clock, database_url, web, fakes):
    from importlib.resources import files

    clock.now = NOW
    sheet = files("monitor.library").joinpath("studies/keio-ips-sci.yaml").read_text(encoding="utf-8")
    before, _, rest = sheet.partition("\nwatch:\n")
    after = rest[rest.index("\nsources:") :]
    (tmp_path / "studies").mkdir()
    own = f"{before}\nwatch:\n  registry: {web.url('/trial')}\n  numbers: [T-1]\n{after}"
    (tmp_path / "studies" / "keio.yaml").write_text(own, encoding="utf-8")
    settings = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host}  # fmt: skip
    service = Service(load(settings), clock=clock)
    deps = service.deps
    feed_id = watch(deps, FeedKind.REGISTRY_WATCH)
    told = []
    for page in (PAGE, PAGE, PAGE.replace("<td>4<", "<td>8<"), "<p>Maintenance</p>" * 40, PAGE.replace("<td>4<", "<td>8<"), PAGE):  # fmt: skip
        web["/trial"] = fakes.answer(page, content_type="text/html")
        told.append(poll_feed(deps, feed_id, force=True).sentence)
        clock.forward(days=1)
    assert told == [
        "Read for the first time; a change is told from now on.",
        "Nothing changed.",
        "The registry's entry changed (2 lines), such as: “Target sample size 8”.",
        "The registry's page does not name T-1: it may be an error page.",
        "Nothing changed.",
        "The registry's entry changed (2 lines), such as: “Target sample size 4”.",
    ]
    found = deps.store.proposals()
    assert [proposal.detail for proposal in reversed(found)] == [
        "- Target sample size 4\n+ Target sample size 8",
        "- Target sample size 8\n+ Target sample size 4",
    ]
    service.store.close()
