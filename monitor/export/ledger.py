"""Digests with what became of them, as rows for JSON and CSV: the same in commands and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.digests.ledger import ledger_words
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.core.digests.subscribers import Delivery, FrozenDigest


def mail_row(frozen: FrozenDigest) -> dict[str, Any]:
    """A mail as output holds it, without its attempts."""
    return {
        "id": frozen.id,
        "subscription": frozen.subscription_id,
        "kind": frozen.kind.value,
        "date": frozen.local_date,
        "through": frozen.through_date,
        "to": frozen.recipient,
        "subject": frozen.subject,
        "state": frozen.state.value,
        "attempts": frozen.attempts,
        "sentence": frozen.sentence,
    }


def digest_row(frozen: FrozenDigest, deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """The same with its attempts, newest first."""
    return mail_row(frozen) | {
        "message_id": frozen.message_id,
        "how": told(frozen, deliveries),
        "deliveries": [delivery_row(delivery) for delivery in deliveries],
    }


def listed_mail_row(frozen: FrozenDigest, shown: Callable[[str], str]) -> dict[str, Any]:
    """The same as a list shows it; `shown` says what of its reader's address may be seen. The server's sentence may name it."""
    address = shown(frozen.recipient)
    hidden = {} if address == frozen.recipient else {"to": address, "sentence": ""}
    return mail_row(frozen) | {"created_at": stamp(frozen.created_at)} | hidden


def told(frozen: FrozenDigest, deliveries: Sequence[Delivery]) -> str:
    """How handing it over went, in words; times are UTC."""
    return ledger_words(frozen, next(iter(deliveries), None), lambda moment: f"{moment:%a %d %b %Y, %H:%M} UTC")


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """One attempt as output holds it."""
    return {
        "attempt": delivery.attempt,
        "started": stamp(delivery.started_at),
        "ended": stamp(delivery.ended_at),
        "outcome": delivery.outcome.value,
        "reply": delivery.reply,
    }
