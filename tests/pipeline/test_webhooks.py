"""From a flag to another program, over the wire: once, signed, tried again, given up, and never to where it must not go."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from monitor.core.errors import NotFoundError
from monitor.core.mention import Review, Verdict
from monitor.core.model import Work
from monitor.core.outgoing.hook import CHAT_A_DAY, WAITS, CallState, Service
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.imports import import_rows
from monitor.pipeline.webhooks import add, find_events, make_call, try_out
from monitor.service import Service as Installation
from monitor.settings import load
from monitor.sources.files.rows import read_rows

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
NOW = datetime.fromisoformat("2025-03-24T09:00:00Z")


@pytest.fixture
def live(deps, web, tmp_path):
    """The use cases with a door that may call the scripted server."""
    settings = load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host})
    return replace(deps, caller=Installation(settings).courier, base_url="https://watch.example.org")


@pytest.fixture
def say(live):
    """`say(number, text)`: a mention comes in, from a host of its own."""

    def store(number: int, text: str = HYPE, **changes) -> None:
        line = {
            "url": f"https://paper{number}.example/one",
            "title": f"Title {number}",
            "text": text,
            "published": live.clock().isoformat(),
            "source": f"paper{number}.example",
            "kind": "article",
            "lang": "en",
        }
        import_rows(live, read_rows([json.dumps(line | changes)], "jsonl", "x"), name="x")

    return store


def tick(deps) -> list[CallState | None]:
    find_events(deps)
    return [make_call(deps, number) for number in deps.store.due(Work.CALL, deps.clock())]


def test_a_flag_is_told_once_and_signed(live, web, fakes, say, clock):
    web["/hook"] = fakes.answer(b"", 204)
    hook = add(live, web.url("/hook"), events=["flag.confirmed"])
    clock.forward(minutes=1)
    say(1)
    assert tick(live) == [CallState.SENT] * len(web.asked)
    for _ in range(3):
        clock.forward(minutes=1)
        assert tick(live) == []
    mention = live.store.search(Query())[0]
    sure = [stored for stored in mention.flags if stored.flag.tier == "confirmed"]
    assert len(web.asked) == len(sure) > 0
    told = [json.loads(asked.body) for asked in web.asked]
    assert {one["data"]["flag"]["id"] for one in told} == {stored.id for stored in sure}
    assert told[0]["data"]["link"] == f"https://watch.example.org/mentions/{mention.id}"
    first = told[0]["data"]["flag"]
    assert mention.text[first["start"] : first["end"]] == first["quote"]
    headers = web.asked[0].headers
    receiver = Webhook(hook.secret)
    receiver._Webhook__verify_timestamp = lambda stamp: datetime.fromtimestamp(int(stamp), NOW.tzinfo)
    assert receiver.verify(web.asked[0].body, headers)["type"] == "flag.confirmed"
    assert headers["content-type"] == "application/json"


def test_what_was_there_before_what_is_doubtful_and_what_was_called_wrong_is_not_told(live, web, fakes, say, clock):
    web["/hook"] = fakes.answer(b"")
    say(1)
    clock.forward(minutes=1)
    add(live, web.url("/hook"))
    assert tick(live) == []
    clock.forward(minutes=1)
    say(2)
    for mention in live.store.search(Query()):
        for stored in mention.flags:
            live.store.review(Review(flag_id=stored.id, verdict=Verdict.DISMISSED, by="ada", at=clock.now, why=""))
    assert tick(live) == []
    assert web.asked == []


def test_a_chat_hears_of_each_story_once(live, web, fakes, say, clock):
    web["/slack"] = fakes.answer(b"ok")
    add(live, web.url("/slack"), service=Service.SLACK)
    clock.forward(minutes=1)
    say(1)
    say(2)  # a copy: the same story
    say(3, published="2024-01-01T00:00:00Z", text=HYPE.replace("paralysed man", "patient with tetraplegia"))
    assert tick(live) == [CallState.SENT]
    text = json.loads(web.asked[0].body)["text"]
    assert "paper1.example" in text
    assert "The study found: " in text
    assert "webhook-signature" not in web.asked[0].headers


def test_a_chat_gets_no_more_than_so_many_a_day_and_is_told_so(live, web, fakes, say, clock, monkeypatch):
    web["/slack"] = fakes.answer(b"ok")
    add(live, web.url("/slack"), service=Service.SLACK, events=["flag.confirmed"])
    clock.forward(minutes=1)
    for number in range(CHAT_A_DAY + 5):
        monkeypatch.setattr("monitor.core.outgoing.hook.ToldFlag.key", lambda flag, _: f"flag:{flag.mention_id}")
        say(number)
    assert tick(live) == [CallState.SENT] * CHAT_A_DAY
    assert "more is told here tomorrow" in json.loads(web.asked[-1].body)["text"]
    assert "more is told here tomorrow" not in json.loads(web.asked[-2].body)["text"]
    clock.forward(minutes=1)
    assert tick(live) == []
    clock.forward(hours=24)
    assert tick(live) == [CallState.SENT] * 5


def test_a_digest_is_told_once_for_all_who_get_it_and_names_nobody(live, web, fakes, reader, clock):
    web["/hook"] = fakes.answer(b"")
    add(live, web.url("/hook"), events=["digest.sent"])
    clock.forward(minutes=1)
    deliver_digest(live, reader(live))
    clock.forward(minutes=1)
    assert tick(live) == [CallState.SENT]
    assert tick(live) == []
    told = json.loads(web.asked[0].body)
    assert told["type"] == "digest.sent"
    assert set(told["data"]) == {"study", "date", "mentions", "link"}
    assert b"ada@example.org" not in web.asked[0].body


def test_what_is_not_taken_is_tried_again_with_the_same_id_and_then_given_up(live, web, fakes, clock):
    web["/hook"] = fakes.answer(b"no", 500)
    hook = add(live, web.url("/hook"))
    call = try_out(live, hook.id)
    assert (call.state, call.attempts) == (CallState.WAITING, 1)
    waits = []
    while (call := live.store.calls()[0]).state is CallState.WAITING:
        assert live.store.due(Work.CALL, clock.now) == ()
        waits.append(call.not_before - clock.now)
        clock.now = call.not_before
        make_call(live, call.id)
    assert tuple(waits) == WAITS
    assert call.state is CallState.DEAD
    assert "500" in call.last_error
    assert len({(asked.headers["webhook-id"], asked.body) for asked in web.asked}) == 1
    assert len({asked.headers["webhook-timestamp"] for asked in web.asked}) == len(WAITS) + 1
    web["/hook"] = fakes.answer(b"")
    live.store.call_again(call.id, clock.now)
    assert make_call(live, call.id) is CallState.SENT
    with pytest.raises(NotFoundError):
        live.store.call_again(call.id, clock.now)


def test_others_wait_with_the_first_and_go_when_it_is_taken(live, web, fakes, say, clock):
    """An address that is away costs one attempt at a time, however much there is to tell it."""
    web["/hook"] = fakes.answer(b"no", 500)
    add(live, web.url("/hook"), events=["flag.confirmed"])
    clock.forward(minutes=1)
    for number in range(4):
        say(number)
    assert find_events(live) >= 4
    (first, *rest) = live.store.due(Work.CALL, clock.now)
    make_call(live, first)
    assert live.store.due(Work.CALL, clock.now) == ()
    web["/hook"] = fakes.answer(b"")
    clock.forward(seconds=5)
    assert live.store.due(Work.CALL, clock.now) == (first, *rest)
    assert [make_call(live, number) for number in (first, *rest)] == [CallState.SENT] * (len(rest) + 1)


def test_an_address_that_wants_no_more_is_told_no_more(live, web, fakes, say, clock):
    web["/hook"] = fakes.answer(b"", 410)
    hook = add(live, web.url("/hook"))
    assert try_out(live, hook.id).state is CallState.DEAD
    (kept,) = live.store.webhooks()
    assert "wants no more" in kept.disabled
    clock.forward(minutes=1)
    say(1)
    assert tick(live) == []
    live.store.call_again(live.store.calls()[0].id, clock.now)  # somebody mended it
    assert live.store.webhooks()[0].disabled == ""


def test_nothing_is_sent_into_a_private_network_or_on_by_a_redirect(deps, live, web, fakes, tmp_path):
    web["/hook"] = fakes.answer(b"", 307, Location=web.url("/inside"))
    hook = add(live, web.url("/hook"))
    assert try_out(live, hook.id).state is CallState.WAITING
    assert [asked.path for asked in web.asked] == ["/hook"]
    closed = replace(live, caller=Installation(load({"HYPEWATCH_HOME": str(tmp_path)})).courier)
    refused = try_out(closed, hook.id)
    assert refused.state is CallState.WAITING
    assert "was not asked" in refused.last_error
    assert len(web.asked) == 1


def test_two_processes_make_a_call_once_and_a_killed_one_is_followed(live, web, fakes, clock):
    web["/hook"] = fakes.answer(b"")
    hook = add(live, web.url("/hook"))
    try_out(live, hook.id)
    call = live.store.calls()[0]
    assert make_call(live, call.id) is None
    web["/hook"] = fakes.answer(b"", 500)
    try_out(live, hook.id)
    waiting = live.store.calls(CallState.WAITING)[0]
    clock.now = waiting.not_before
    assert live.store.claim_call(waiting.id, "killed", clock.now, timedelta(seconds=60)) is not None
    assert make_call(live, waiting.id) is None
    clock.forward(seconds=61)
    web["/hook"] = fakes.answer(b"")
    assert make_call(live, waiting.id) is CallState.SENT


def test_what_is_withdrawn_is_gone_from_the_calls(live, web, fakes, say, clock):
    web["/hook"] = fakes.answer(b"", 500)
    add(live, web.url("/hook"))
    clock.forward(minutes=1)
    say(1)
    tick(live)
    assert live.store.calls()
    live.store.purge(live.store.search(Query())[0].id, now=clock.now)
    assert live.store.calls() == ()


def test_removing_forgets_the_calls(live, web, fakes):
    web["/hook"] = fakes.answer(b"")
    hook = add(live, web.url("/hook"))
    try_out(live, hook.id)
    live.store.remove_webhook(hook.id)
    assert (live.store.webhooks(), live.store.calls()) == ((), ())
    for act in (live.store.remove_webhook, lambda number: try_out(live, number)):
        with pytest.raises(NotFoundError):
            act(hook.id)


def test_the_ticks_do_it_all(live, web, fakes, say, clock, monkeypatch):
    from workers import app, tasks
    from workers.beat import schedule

    assert schedule()["dispatch-webhooks"]["task"] == tasks.dispatch_webhooks.name
    web["/hook"] = fakes.answer(b"")
    add(live, web.url("/hook"), events=["flag.confirmed"])
    clock.forward(minutes=1)
    say(1)

    class World:
        deps, store = live, live.store
        clock = staticmethod(live.clock)

    monkeypatch.setitem(app._services, "open", World())
    monkeypatch.setattr(tasks.call_webhook, "nudge", lambda number: tasks.call_webhook(number) or True)
    tasks.dispatch_webhooks()
    assert web.asked
    assert {call.state for call in live.store.calls()} == {CallState.SENT}
