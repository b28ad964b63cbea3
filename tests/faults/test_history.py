"""The laws of the mail's history: each is seen broken, or it would prove nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from monitor.core.digests.subscribers import Delivery, DeliveryOutcome, DigestState, FrozenDigest
from tests.faults.history import broken_laws

NOW = datetime(2026, 3, 24, 7, 0, tzinfo=UTC)


def digest(number, state=DigestState.SENT, **more):
    given = {
        "id": number,
        "subscription_id": number,
        "local_date": "2026-03-24",
        "through_date": "2026-03-24",
        "subject": "Today",
        "message_id": f"<{number}@hypewatch>",
        "recipient": f"reader{number}@example.org",
        "mime": b"",
        "text": "",
        "html": "",
        "state": state,
        "created_at": NOW,
    }
    return FrozenDigest(**given | more)


def tried(number, *outcomes, ended=timedelta(seconds=1)):
    return [
        Delivery(digest_id=number, attempt=at, started_at=NOW, ended_at=NOW + ended, outcome=outcome, reply="")
        for at, outcome in enumerate(outcomes, 1)
    ]


def laws(digests, ledger, taken):
    store = SimpleNamespace(digests=lambda _most: digests, deliveries=lambda limit: ledger[:limit])
    return broken_laws(store, taken)


SENT, UNKNOWN, PERMANENT, SENDING = (
    DeliveryOutcome.SENT,
    DeliveryOutcome.UNKNOWN,
    DeliveryOutcome.PERMANENT,
    DeliveryOutcome.SENDING,
)
ONE = ("reader1@example.org", "<1@hypewatch>")


@pytest.mark.parametrize(
    ("digests", "ledger", "taken"),
    [
        ([digest(1)], tried(1, SENT), [ONE]),
        ([digest(1)], tried(1, UNKNOWN, SENT), [ONE, ONE]),
        ([digest(1)], tried(1, UNKNOWN, SENT), [ONE]),
        ([digest(1, DigestState.UNKNOWN)], tried(1, UNKNOWN, UNKNOWN), [ONE]),
        ([digest(1, DigestState.SENDING)], tried(1, SENDING), [ONE]),
        ([digest(1, DigestState.FAILED)], tried(1, PERMANENT), []),
        ([digest(1, DigestState.SKIPPED), digest(1, id=2, message_id="<2>", local_date="2026-03-25")], tried(2, SENT), [("reader1@example.org", "<2>")]),
    ],
)  # fmt: skip
def test_a_history_that_can_be(digests, ledger, taken):
    assert laws(digests, ledger, taken) == []


@pytest.mark.parametrize(
    ("digests", "ledger", "taken", "said"),
    [
        ([digest(1)], tried(1, SENT), [ONE, ONE], "2 copies were taken"),
        ([digest(1, DigestState.FAILED)], tried(1, PERMANENT), [ONE], "1 copies were taken"),
        ([digest(1)], tried(1, SENT), [], "no server took it"),
        ([digest(1)], tried(1, SENT), [ONE, ("reader1@example.org", "<9@hypewatch>")], "not in the ledger"),
        ([digest(1)], tried(1, SENT), [("reader2@example.org", "<1@hypewatch>")], "went to reader2"),
        ([digest(1)], tried(1, SENT, UNKNOWN), [ONE], "tried again after it was sent"),
        ([digest(1)], tried(1, UNKNOWN), [ONE], "is sent, and its attempts were"),
        ([digest(1, DigestState.READY)], tried(1, SENT), [ONE], "is ready, and its attempts were"),
        ([digest(1, DigestState.READY)], tried(1, SENDING), [], "an attempt goes on"),
        ([digest(1)], tried(1, UNKNOWN, SENT)[1:], [ONE], "not numbered"),
        ([digest(1)], tried(1, SENT, ended=-timedelta(seconds=1)), [ONE], "ended before it began"),
        ([digest(1), digest(2, message_id="<1@hypewatch>")], [*tried(1, SENT), *tried(2, SENT)], [ONE, ONE], "one Message-ID"),
        ([digest(1), digest(2, subscription_id=1)], [*tried(1, SENT), *tried(2, SENT)], [ONE, ("reader2@example.org", "<2@hypewatch>")], "Several digests"),
    ],
)  # fmt: skip
def test_a_law_that_is_broken_is_told(digests, ledger, taken, said):
    assert any(said in law for law in laws(digests, ledger, taken))
