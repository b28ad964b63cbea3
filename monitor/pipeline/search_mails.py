"""Mails about saved searches: every few minutes it is asked what they find that nobody was told of yet."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from monitor.core.digests.search_mail import (
    OVERLAP,
    TOLD_MAX,
    compose_search_news,
    may_tell_search,
    not_told,
    schedule_words,
)
from monitor.core.digests.subscribers import DigestKind
from monitor.core.search.nodes import And, Field, Query, Read, both
from monitor.core.search.query import parse_query
from monitor.pipeline.freezing import alone, to_freeze
from monitor.pipeline.turns import turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.search_mail import SearchMail
    from monitor.core.digests.subscribers import FrozenDigest
    from monitor.ports import Deps

logger = logging.getLogger(__name__)


def mail_searches(deps: Deps) -> Sequence[int]:
    """Make the mails about saved searches that are called for now; those that wait to be sent, by number. Of several processes one
    does it.
    """
    ready: list[int] = []
    with turn(deps, "search-mails") as mine:
        if not mine:
            return ready
        now = deps.clock()
        for wanted in deps.store.search_mails(now=now):
            what = f"the mail about {wanted.search.name!r} to subscription {wanted.subscription.id}"
            frozen = alone(what, partial(tell_search, deps, wanted, now))
            if frozen is not None:
                ready.append(frozen.id)
    return ready


def tell_search(deps: Deps, wanted: SearchMail, now: datetime) -> FrozenDigest | None:
    """Tell this person what their search finds, if it is to be told now; None if not. Raises QueryError for a search that cannot be
    asked any more.
    """
    store, subscription = deps.store, wanted.subscription
    newest = store.newest_digest(subscription.id, DigestKind.SEARCH)
    before = store.search_told(subscription.id, wanted.about)
    if not may_tell_search(wanted, before, now):
        return None
    since = max(wanted.since, (before.at or wanted.since) - OVERLAP)
    fresh = Query("", And((Field("study", subscription.study_id), Read(since))))
    found = not_told(store.search(both(parse_query(wanted.search.query, now), fresh), limit=TOLD_MAX), before)
    if not found:
        return None
    wishes, study = subscription.wishes, deps.library.study(subscription.study_id)
    wording = deps.printer.wording(wishes.language)
    news = compose_search_news(
        wanted, found, study, now=now, ruleset=deps.library.ruleset(study.id).digest, wording=wording
    )
    printed = deps.printer.search_news(news, subscription, schedule=schedule_words(wanted, wishes, wording), now=now)
    frozen = store.freeze_telling(
        to_freeze(subscription, printed, date=news.local_date, kind=DigestKind.SEARCH, about=news.about, now=now),
        news.quoted,
        newest=newest,
        now=now,
    )
    if frozen is not None:
        logger.info("mail %s: %s new mentions for %r", frozen.id, len(found), wanted.search.name)
    return frozen
