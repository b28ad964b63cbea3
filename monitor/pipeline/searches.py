"""Keep a search under a name, find it again by that, and have what it finds mailed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from monitor.core.digests.subscribers import Standing
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.search.saved import check_search_name
from monitor.pipeline.ask import ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.core.digests.search_mail import SearchMail
    from monitor.core.search.saved import SavedSearch
    from monitor.ports import RuleLibrary, Store


def save_search(
    store: Store, library: Callable[[], RuleLibrary], *, name: str, text: str, by: str, now: datetime
) -> SavedSearch:
    """Keep a search; one of that name takes its place. Raises UsageError for a name, QueryError for a search that cannot be."""
    plain = check_search_name(name)
    query = ask(text, now=now, store=store, library=library)
    return store.save_search(name=plain, query=query.text, by=by, now=now)


def named_search(store: Store, name: str) -> SavedSearch:
    """The search that is called so, or has that number. Raises NotFoundError with a name that may be meant."""
    saved = {search.name.casefold(): search for search in store.saved_searches()}
    wanted = " ".join(name.split()).casefold()
    found = saved.get(wanted) or next((search for search in saved.values() if str(search.id) == wanted), None)
    if found is not None:
        return found
    near = difflib.get_close_matches(wanted, saved, n=1)
    meant = f"Did you mean {saved[near[0]].name!r}? " if near else ""
    raise NotFoundError(
        f"No saved search is called {name!r}.", meant.strip(), command="`hypewatch searches list` shows them."
    )


def mail_search(store: Store, search_id: int, subscription_id: int, *, at_once: bool, now: datetime) -> SearchMail:
    """Mail a subscriber what a search finds from now on; for who is mailed already only `at_once` changes. Raises NotFoundError for a
    search or a subscription that there is not, UsageError for who left or whose mail comes back: nothing would reach them.
    """
    search, subscription = store.saved_search(search_id), store.subscription(subscription_id)
    if subscription.standing(now) in {Standing.LEFT, Standing.SUPPRESSED}:
        raise UsageError(
            f"Subscriber {subscription_id} gets no mail any more.", "Ask them again first, on the page Subscribers."
        )
    store.set_search_mail(search.id, subscription.id, at_once=at_once, now=now)
    return next(one for one in store.search_mails(search_id=search.id) if one.subscription.id == subscription.id)
