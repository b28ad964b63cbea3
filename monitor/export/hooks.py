"""Who is told, and each call, as rows for JSON and CSV: the same in commands and the API. Addresses and secrets are not in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.outgoing.hook import CallState
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.outgoing.hook import Call, Hook


def hook_row(hook: Hook, calls: Sequence[Call]) -> dict[str, Any]:
    """An address that is told, with its calls, newest first."""
    return {
        "id": hook.id,
        "kind": hook.service.value,
        "to": hook.place,
        "events": [event.value for event in hook.events],
        "study": hook.study_id or None,
        "since": stamp(hook.since),
        "state": hook.disabled or _stands(calls),
        "waiting": sum(call.state is CallState.WAITING for call in calls),
        "dead": [call.id for call in calls if call.state is CallState.DEAD],
        "calls": [call_row(call) for call in calls],
    }


def call_row(call: Call) -> dict[str, Any]:
    """One call as output holds it."""
    return {
        "id": call.id,
        "event": call.event.value,
        "what": call.key,
        "message_id": call.message_id,
        "state": call.state.value,
        "attempts": call.attempts,
        "made": stamp(call.created_at),
        "next": stamp(call.not_before) if call.state is CallState.WAITING else None,
        "error": call.last_error,
    }


def _stands(calls: Sequence[Call]) -> str:
    """How the newest call went."""
    newest = next((call for call in calls if call.attempts), None)
    if newest is None:
        return "nothing to tell yet"
    return "the last call was taken" if newest.state is CallState.SENT else newest.last_error
