"""Telling other programs and chats: find what they have not been told, freeze it as calls, make each call. Any of it may run twice."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import LibraryError, NotFoundError, UsageError
from monitor.core.outgoing import chat, notice
from monitor.core.outgoing.hook import (
    CHAT_A_DAY,
    CHAT_WITHIN,
    TOLD_WITHIN,
    CallState,
    Event,
    NewCall,
    Service,
    after_call,
    check_hook,
    read_events,
)
from monitor.core.outgoing.signature import SECRET_BYTES, secret_of, signed_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from monitor.core.outgoing.hook import Call, Hook
    from monitor.core.outgoing.notice import Notice
    from monitor.ports import Deps

logger = logging.getLogger(__name__)

#: Longer than the door's deadline for one call (15 s).
CALL_LEASE = timedelta(seconds=60)
_LOOK_EVERY = timedelta(seconds=20)
_DAY = timedelta(hours=24)


def add(
    deps: Deps, url: str, *, service: Service = Service.WEBHOOK, events: Sequence[str] = (), study_id: str = ""
) -> Hook:
    """From now on `url` is told; the hook's secret is shown once, by whoever called this. Raises UsageError, NotFoundError."""
    if study_id:
        deps.library.study(study_id)
    link, wanted = check_hook(service, url), read_events(events)
    secret = "" if service.chat else secret_of(secrets.token_bytes(SECRET_BYTES))
    return deps.store.add_webhook(service, link, secret=secret, events=wanted, study_id=study_id, now=deps.clock())


def try_out(deps: Deps, hook_id: int) -> Call:
    """Tell one address now that this is a test; returns the call as it ended. Raises NotFoundError."""
    hook = next((hook for hook in deps.store.webhooks() if hook.id == hook_id), None)
    if hook is None:
        raise NotFoundError(
            f"There is no webhook {hook_id}.", command="`hypewatch webhooks list` shows those there are."
        )
    now = deps.clock()
    key = f"test:{secrets.token_hex(8)}"
    deps.store.add_calls(hook.id, [_call(hook, key, notice.of_test(deps.base_url), now)], now)
    made = next(call for call in deps.store.calls() if call.key == key)
    make_call(deps, made.id)
    return next(call for call in deps.store.calls() if call.key == key)


def find_events(deps: Deps) -> int:
    """Make calls of what happened and was not told yet; returns how many. One process at a time looks."""
    hooks = [hook for hook in deps.store.webhooks() if not hook.disabled]
    owner = f"{deps.owner}/{secrets.token_hex(4)}"
    if not hooks or not deps.store.lock("webhooks", owner, deps.clock(), _LOOK_EVERY):
        return 0
    return sum(_find(deps, hook, deps.clock()) for hook in hooks)


def _find(deps: Deps, hook: Hook, now: datetime) -> int:
    # A call is kept longer than what it tells is looked for, so nothing is told twice.
    made = dict(deps.store.calls_made(hook.id, now - TOLD_WITHIN - _DAY))
    room = len(made) + 1
    if hook.service.chat:
        room = CHAT_A_DAY - sum(at > now - _DAY and not key.startswith("test:") for key, at in made.items())
    calls = []
    for key, found, mention_id in _untold(deps, hook, now, set(made)):
        if hook.service.chat and room <= 0:
            break
        room -= 1
        told = notice.last_of_the_day(found, CHAT_A_DAY) if hook.service.chat and room == 0 else found
        calls.append(_call(hook, key, told, now, mention_id))
    return deps.store.add_calls(hook.id, calls, now) if calls else 0


def _untold(deps: Deps, hook: Hook, now: datetime, made: set[str]) -> Iterator[tuple[str, Notice, int | None]]:
    """Key, notice and mention of what happened and is not in `made`, each key once."""
    names = _study_names(deps)
    if Event.FLAG in hook.events:
        for flag in deps.store.flags_to_tell(hook, now - TOLD_WITHIN):
            key = flag.key(hook.service)
            old = hook.service.chat and now - flag.published > CHAT_WITHIN
            if old or key in made:
                continue
            made.add(key)
            try:
                mention = deps.store.mention(flag.mention_id)
                stored = deps.store.flag(flag.flag_id)
            except NotFoundError:  # withdrawn while we looked
                continue
            name = names.get(mention.study_id, mention.study_id)
            yield key, notice.of_flag(stored, mention, name, deps.base_url), mention.id
    if Event.DIGEST in hook.events:
        for digest in deps.store.digests_to_tell(hook, now - TOLD_WITHIN):
            if digest.key in made:
                continue
            made.add(digest.key)
            told = notice.of_digest(
                digest.digest_id,
                study_id=digest.study_id,
                study_name=names.get(digest.study_id, digest.study_id),
                date=digest.local_date,
                mentions=digest.mentions,
                base_url=deps.base_url,
            )
            yield digest.key, told, None


def _study_names(deps: Deps) -> dict[str, str]:
    """What people call each study; without those whose fact sheet is broken."""
    try:
        return {study.id: study.name for study in deps.library.studies()}
    except LibraryError:
        return {}


def _call(hook: Hook, key: str, told: Notice, now: datetime, mention_id: int | None = None) -> NewCall:
    body = chat.body_for(hook.service, told, hook.url) if hook.service.chat else notice.body_of(told, now)
    return NewCall(
        event=told.event, key=key, message_id=f"msg_{secrets.token_hex(12)}", body=body, mention_id=mention_id
    )


def make_call(deps: Deps, call_id: int) -> CallState | None:
    """One attempt of a call that is due; None if it is not due, or another process makes it."""
    now = deps.clock()
    claimed = deps.store.claim_call(call_id, deps.owner, now, CALL_LEASE)
    if claimed is None:
        return None
    hook, call = claimed
    status, error, retry_after = _ask(deps, hook, call, now)
    after = after_call(status, call.attempts, now, retry_after)
    sentence = "" if after.state is CallState.SENT else after.disabled or error
    deps.store.finish_call(call, after, sentence)
    level = logging.INFO if after.state is CallState.SENT else logging.WARNING
    logger.log(
        level, "%s to %s, attempt %s: %s. %s", call.event, hook.place, call.attempts, after.state.value, sentence
    )
    return after.state


def _ask(deps: Deps, hook: Hook, call: Call, now: datetime) -> tuple[int | None, str, timedelta | None]:
    """The status, a sentence if it was none of success, and when we were asked to come again."""
    headers = {"content-type": "application/json"}
    method, url = "POST", hook.url
    if hook.service.chat:
        request = chat.request_for(hook.service, hook.url, call.message_id)
        method, url = request.method, request.url
        headers |= request.headers
    else:
        try:
            headers |= signed_headers(hook.secret, call.message_id, now, call.body)
        except UsageError as error:  # somebody changed the row by hand: the others go on
            return None, str(error), None
    answer = deps.caller.request(method, url, headers=headers, content=call.body)
    return answer.status, answer.sentence, answer.retry_after
