"""What became of a digest, as the ledger tells a person: one sentence or two. Pure; how a moment is said is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.digests.subscribers import DigestState
from monitor.core.sentences import closed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.core.digests.subscribers import Delivery, FrozenDigest


def ledger_words(digest: FrozenDigest, last: Delivery | None, when: Callable[[datetime], str]) -> str:
    """How handing it over went: "Sent yesterday 07:00. mx.example.org said: 250 ok."

    `last` is its newest attempt, None before there was one; `when` says a moment as its reader does.
    """
    if last is None or digest.state is DigestState.SKIPPED:
        return closed(digest.sentence) or "It waits to be sent."
    ended = when(last.ended_at or last.started_at)
    tried = "Tried once" if digest.attempts == 1 else f"Tried {digest.attempts} times"
    said = closed(digest.sentence)
    match digest.state:
        case DigestState.SENT:
            often = "" if digest.attempts == 1 else f", at the {_ordinal(digest.attempts)} attempt"
            return f"Sent {ended}{often}. {said}".strip()
        case DigestState.SENDING:
            return f"It is being sent since {when(last.started_at)}."
        case DigestState.READY if digest.not_before is not None:
            return f"{tried}, next at {when(digest.not_before)}: {said}"
        case DigestState.READY:
            return f"{tried}, last {ended}. {said}"
        case _:
            return f"{tried}, last {ended}, and no more: {said}"


def _ordinal(count: int) -> str:
    ending = "th" if count % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"
