"""The ledger as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.digests.ledger import ledger_words
from monitor.core.digests.subscribers import Delivery, DeliveryOutcome, DigestState, FrozenDigest

NOW = datetime(2026, 3, 24, 7, 0, tzinfo=UTC)


def digest(state: DigestState, attempts: int, sentence: str, **changes) -> FrozenDigest:
    values = {
        "id": 1,
        "subscription_id": 1,
        "local_date": "2026-03-24",
        "through_date": "2026-03-24",
        "subject": "s",
        "message_id": "<a@b>",
        "recipient": "ada@example.org",
        "mime": b"",
        "text": "",
        "html": "",
        "created_at": NOW,
    }
    return FrozenDigest(**values | {"state": state, "attempts": attempts, "sentence": sentence} | changes)


def attempt(number: int, outcome: DeliveryOutcome, ended: datetime | None = NOW) -> Delivery:
    return Delivery(digest_id=1, attempt=number, started_at=NOW, ended_at=ended, outcome=outcome, reply="")


@pytest.mark.parametrize(
    ("stands", "last", "words"),
    [
        (digest(DigestState.READY, 0, ""), None, "It waits to be sent."),
        (digest(DigestState.SKIPPED, 0, "Nothing happened"), None, "Nothing happened."),
        (
            digest(DigestState.SENT, 1, "mx.example.org said: 250 ok"),
            attempt(1, DeliveryOutcome.SENT),
            "Sent at 07:00. mx.example.org said: 250 ok.",
        ),
        (
            digest(DigestState.SENT, 3, "mx.example.org said: 250 ok"),
            attempt(3, DeliveryOutcome.SENT),
            "Sent at 07:00, at the 3rd attempt. mx.example.org said: 250 ok.",
        ),
        (
            digest(DigestState.READY, 3, "mx asks to try later.", not_before=NOW + timedelta(minutes=70)),
            attempt(3, DeliveryOutcome.TEMPORARY),
            "Tried 3 times, next at 08:10: mx asks to try later.",
        ),
        (
            digest(DigestState.READY, 1, "Somebody asked to send it again."),
            attempt(1, DeliveryOutcome.PERMANENT),
            "Tried once, last at 07:00. Somebody asked to send it again.",
        ),
        (
            digest(DigestState.SENDING, 1, ""),
            attempt(1, DeliveryOutcome.SENDING, None),
            "It is being sent since 07:00.",
        ),
        (
            digest(DigestState.FAILED, 12, "mx refused it"),
            attempt(12, DeliveryOutcome.PERMANENT),
            "Tried 12 times, last at 07:00, and no more: mx refused it.",
        ),
    ],
)
def test_words(stands, last, words):
    def when(moment: datetime) -> str:
        return f"{'at ' if moment == NOW and 'next' not in words and 'since' not in words else ''}{moment:%H:%M}"

    assert ledger_words(stands, last, when) == words
