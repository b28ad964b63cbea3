"""The server took the mail and nobody read that it did (reliability, fault 2): 1-2 copies, one id, the ledger shows both attempts."""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from monitor.core.errors import UsageError
from monitor.core.model import Work
from monitor.mail.smtp import SmtpMailer
from monitor.pipeline.deliver import deliver_digest, send_again, send_digest
from tests.faults.mailing import kill_at_data, subscribe


def test_killed_between_data_and_its_reply(service, start, sink):
    """The server says 250 to nobody: one or two copies with the same id, and the ledger shows both attempts."""
    subscribe(service)
    assert start(0, before=partial(kill_at_data, sink)).end() == -signal.SIGKILL
    (digest,) = service.store.digests()
    assert (digest.state, digest.attempts) == ("sending", 1)
    assert start(60).end() == 0  # its lease still stands: nothing is sent
    assert len(sink.taken) == 1
    assert start(360).end() == 0
    (first, second) = sink.taken
    assert first == second == ("reader1@example.org", digest.message_id)
    ledger = service.store.deliveries(digest.id)
    assert [(row.attempt, row.outcome) for row in ledger] == [(2, "sent"), (1, "unknown")]
    assert service.store.digest(digest.id).mime == digest.mime


def test_killed_twice_there_it_stops_and_shows(service, start, sink):
    """Nobody saw how two attempts ended: it is not sent a third time, and a person is told."""
    subscribe(service)
    for ahead in (0, 360):
        assert start(ahead, before=partial(kill_at_data, sink)).end() == -signal.SIGKILL
    assert start(720).end() == 0
    (digest,) = service.store.digests()
    assert len(sink.taken) == 2
    assert (digest.state, digest.sentence) == (
        "unknown",
        "Nobody saw how two attempts ended: it may have arrived, so it is not sent again.",
    )


@pytest.mark.parametrize("hangs_up", [False, True], ids=["silent", "hangs up"])
def test_a_reply_that_is_never_read_twenty_times(service, mute, clock, hangs_up):
    """The server took it and did not say so: one or two copies each, with one id, and the ledger shows both attempts."""
    mute.hangs_up = hangs_up
    ids = [subscribe(service, number) for number in range(20)]
    deps = replace(service.deps, mailer=SmtpMailer(host="127.0.0.1", port=mute.port, timeout=0.2))
    digests = [deliver_digest(deps, subscription_id) for subscription_id in ids]
    assert {(digest.state, digest.attempts) for digest in digests} == {("ready", 1)}
    for _ in range(10):
        clock.forward(hours=1)
        for number in service.store.due(Work.SEND, clock.now):
            send_digest(deps, number)
    copies = Counter(mute.taken)
    assert set(copies) == {digest.message_id for digest in digests}
    assert set(copies.values()) <= {1, 2}
    for digest in digests:
        stands = service.store.digest(digest.id)
        assert (stands.state, stands.unknowns, stands.mime) == ("unknown", 2, digest.mime)
        assert "two attempts ended" in stands.sentence
        ledger = [row.outcome for row in service.store.deliveries(digest.id)]
        # On a machine that is busy the call may also be over before the server has the mail: then nothing is in doubt.
        assert [outcome for outcome in ledger if outcome != "temporary"] == ["unknown", "unknown"]


def test_a_reply_that_comes_too_late_once_is_resent_with_the_same_id(service, sink, clock):
    subscription_id = subscribe(service)
    quick = replace(service.deps, mailer=SmtpMailer(host="127.0.0.1", port=sink.port, timeout=0.5))
    sink.before_reply = lambda: time.sleep(1.5)
    first = deliver_digest(quick, subscription_id)
    assert (first.state, first.attempts) == ("ready", 1)
    sink.before_reply = None
    clock.forward(minutes=3)
    assert send_digest(service.deps, first.id).state == "sent"
    assert {message_id for _, message_id in sink.taken} == {first.message_id}
    ledger = service.store.deliveries(first.id)
    assert [(row.attempt, row.outcome) for row in ledger] == [(2, "sent"), (1, "unknown")]


def test_with_hold_it_waits_for_a_person(service, sink, mute, clock):
    """HYPEWATCH_MAIL_UNKNOWN=hold: one copy, until somebody says that it is to go out again."""
    mute.hangs_up = True
    held = replace(service.deps, resends=0)
    doubtful = replace(held, mailer=SmtpMailer(host="127.0.0.1", port=mute.port))
    first = deliver_digest(doubtful, subscribe(service))
    assert (first.state, first.attempts) == ("unknown", 1)
    assert "held until somebody sends it again" in first.sentence
    clock.forward(days=1)
    assert service.store.due(Work.SEND, clock.now) == ()
    assert [failing.digest_id for failing in service.store.failing_digests(clock.now)] == [first.id]
    send_again(held, first.id)
    assert service.store.due(Work.SEND, clock.now) == (first.id,)
    assert send_digest(held, first.id).state == "sent"
    assert mute.taken == [first.message_id]
    assert [message_id for _, message_id in sink.taken] == [first.message_id] * 2
    with pytest.raises(UsageError, match="it was sent"):
        send_again(held, first.id)


def test_with_hold_a_killed_sender_is_not_repeated(service, environment, start, sink):
    environment["HYPEWATCH_MAIL_UNKNOWN"] = "hold"
    subscribe(service)
    assert start(0, before=partial(kill_at_data, sink)).end() == -signal.SIGKILL
    assert start(360).end() == 0
    (digest,) = service.store.digests()
    assert (digest.state, len(sink.taken)) == ("unknown", 1)
    assert "held until somebody sends it again" in digest.sentence
