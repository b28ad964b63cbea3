"""Refusals for now and for good, and one bad address of a hundred (reliability, fault 3): 99 delivered; 5xx tried once; 4xx backs off."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.digests.delivery import SEND_ATTEMPTS
from monitor.core.model import Work
from monitor.pipeline.deliver import deliver_digest, send_digest
from tests.faults.mailing import subscribe


def test_refusals_and_one_bad_address_of_a_hundred(service, sink, clock):
    """99 delivered; a 5xx is tried once; a 4xx backs off and is given up after eight tries."""
    sink.refuse = {"reader7@example.org": "550 no such person here", "reader8@example.org": "451 try later"}
    ids = [subscribe(service, number) for number in range(100)]
    for subscription_id in ids:
        deliver_digest(service.deps, subscription_id)
    assert len({recipient for recipient, _ in sink.taken}) == len(sink.taken) == 98
    states = {digest.recipient: digest for digest in service.store.digests(200)}
    bad, later = states["reader7@example.org"], states["reader8@example.org"]
    assert (bad.state, bad.attempts) == ("failed", 1)
    assert "550 no such person here" in bad.sentence
    assert (later.state, later.attempts, later.not_before) == ("ready", 1, clock.now + timedelta(minutes=2))
    assert "451 try later" in later.sentence

    waits = []
    for _ in range(SEND_ATTEMPTS):
        assert service.store.due(Work.SEND, clock.now) == ()
        later = service.store.digest(later.id)
        if later.not_before is None:
            break
        waits.append((later.not_before - clock.now).total_seconds() / 60)
        clock.now = later.not_before
        assert service.store.due(Work.SEND, clock.now) == (later.id,)
        send_digest(service.deps, later.id)
    assert waits == [2, 4, 8, 16, 32, 64, 128]
    assert (later.state, later.attempts, sink.asked["reader8@example.org"]) == ("failed", SEND_ATTEMPTS, SEND_ATTEMPTS)
    assert sink.asked["reader7@example.org"] == 1


def test_a_temporary_refusal_that_ends_is_delivered_with_the_same_bytes(service, sink, clock):
    sink.refuse = {"reader1@example.org": "451 try later"}
    subscription_id = subscribe(service)
    first = deliver_digest(service.deps, subscription_id)
    sink.refuse = {}
    clock.forward(minutes=3)
    second = send_digest(service.deps, first.id)
    assert (second.state, second.mime, sink.taken) == ("sent", first.mime, [("reader1@example.org", first.message_id)])
