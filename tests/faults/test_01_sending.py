"""Senders that are killed anywhere (reliability, fault 1): missed 0; Message-IDs per key 1; copies <= kills."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter

from tests.faults.mailing import subscribe

#: A kill each 0.3 to 0.9 s, as many as make sure; fewer than KILLS_LEAST would prove little.
SUBSCRIBERS, KILLS, KILLS_LEAST = 300, 8, 5


def test_two_senders_killed_anywhere(service, start, sink):
    """300 digests, two senders, SIGKILL: missed 0; Message-IDs per key 1; copies <= kills."""
    for number in range(SUBSCRIBERS):
        subscribe(service, number)
    wanted = {f"reader{number}@example.org" for number in range(SUBSCRIBERS)}
    sink.before_reply = lambda: time.sleep(0.01)  # about what a server takes, so that it takes some kills
    senders = [start(0), start(0)]
    kills = 0
    while kills < KILLS:
        time.sleep(random.uniform(0.3, 0.9))
        chosen = random.randrange(2)
        if senders[chosen].process.poll() is not None:
            break  # nothing was left to do
        senders[chosen].kill()
        kills += senders[chosen].end() == -signal.SIGKILL
        senders[chosen] = start(0)
    assert kills >= KILLS_LEAST, "all was sent before it could be killed: the test is too weak"
    assert [sender.end() for sender in senders] == [0, 0]

    # What the killed ones held is taken up when its lease has run out.
    senders = [start(360), start(360)]
    assert [sender.end() for sender in senders] == [0, 0]

    copies = Counter(recipient for recipient, _ in sink.taken)
    ids = {recipient: {taken for to, taken in sink.taken if to == recipient} for recipient in copies}
    assert set(copies) == wanted, "missed"
    assert {len(found) for found in ids.values()} == {1}
    assert sum(copies.values()) - SUBSCRIBERS <= kills
    digests = service.store.digests(1000)
    assert Counter(digest.state for digest in digests) == {"sent": SUBSCRIBERS}
    assert {digest.recipient: {digest.message_id} for digest in digests} == ids
    attempts = Counter(row.outcome for row in service.store.deliveries(limit=10_000))
    assert attempts["sent"] == SUBSCRIBERS
    assert set(attempts) <= {"sent", "unknown"}
    assert sum(copies.values()) - SUBSCRIBERS <= attempts["unknown"] <= kills
