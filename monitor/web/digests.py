"""Digests: past issues, their deliveries, and who gets them. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.digests.signed_links import without_tokens
from monitor.core.errors import LibraryError, NotFoundError
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.digests.subscribers import FrozenDigest
    from monitor.core.errors import Problem
    from monitor.ports import Store
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)


def broken(service: Service) -> Mapping[str, Sequence[Problem]]:
    """What judges nothing at the moment, and why: studies whose fact sheet is broken, or everything if the rules are."""
    try:
        return service.library.broken()
    except LibraryError as error:
        return {"Everything": error.problems}


@router.get("/digests")
def digests(request: Request) -> str:
    """Past issues and the ledger."""
    store, now = service_of(request).store, service_of(request).clock()
    subscriptions = store.subscriptions()
    deliveries: dict[int, list[object]] = {}
    for delivery in store.deliveries(limit=500):
        deliveries.setdefault(delivery.digest_id, []).append(delivery)
    return page(
        request,
        "digests.html",
        title="Digests",
        digests=store.digests(50),
        deliveries=deliveries,
        subscriptions=subscriptions,
        next_mail=min((due for sub in subscriptions if (due := sub.next_mail(now))), default=None),
        studies=_study_names(service_of(request)),
        unsent=store.failing_digests(now),
        broken=broken(service_of(request)),
        now=now,
    )


def _study_names(service: Service) -> Mapping[str, str]:
    """What people call each study; without those whose fact sheet is broken."""
    try:
        return {study.id: study.name for study in service.library.studies()}
    except LibraryError:
        return {}


@router.get("/digests/{digest_id}")
def digest(request: Request, digest_id: RowId) -> str:
    """One digest as it was sent."""
    store = service_of(request).store
    found = _digest(store, digest_id)
    return page(
        request,
        "digest.html",
        title="Digest",
        digest=found,
        text=without_tokens(found.text),
        deliveries=store.deliveries(digest_id),
        told=store.digest_mentions(digest_id),
    )


@router.get("/digests/{digest_id}/mail")
def digest_mail(request: Request, digest_id: RowId) -> Response:
    """The HTML part alone, as a mail program shows it: nothing in it can run, load or reach out."""
    html = without_tokens(_digest(service_of(request).store, digest_id).html)
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'self'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def _digest(store: Store, digest_id: int) -> FrozenDigest:
    """The digest, or an error whose hint leads to a page and not to a command."""
    try:
        return store.digest(digest_id)
    except NotFoundError as error:
        raise NotFoundError(error.message, "Digests, in the menu, lists those there are.") from None
