"""Digests: past issues, their deliveries, and who gets them; sending one again, and a test mail."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.digests.delivery import may_go_again
from monitor.core.digests.signed_links import without_tokens
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import LibraryError, MailError, NotFoundError, UsageError
from monitor.core.sentences import closed
from monitor.export.ledger import listed_mail_row
from monitor.export.lists import digest_line
from monitor.pipeline.deliver import send_again
from monitor.pipeline.trial import send_trial
from monitor.web.access import shown_name
from monitor.web.audit import noted
from monitor.web.exports import list_as
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.digests.subscribers import Delivery, FrozenDigest
    from monitor.core.errors import Problem
    from monitor.ports import Store
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Mails in a file of the ledger.
EXPORTED = 10_000


def broken(service: Service) -> Mapping[str, Sequence[Problem]]:
    """What judges nothing at the moment, and why: studies whose fact sheet is broken, or everything if the rules are."""
    try:
        return service.library.broken()
    except LibraryError as error:
        return {"Everything": error.problems}


def came_back(service: Service) -> int:
    """To how many subscriptions nothing is sent because mail came back."""
    now = service.clock()
    return sum(sub.standing(now) is Standing.SUPPRESSED for sub in service.store.subscriptions(suppressed=True))


@router.get("/digests")
def digests(request: Request) -> str:
    """Past issues and the ledger."""
    return _shown(request)


@router.get("/digests.{form}")
def export(request: Request, form: str) -> Response:
    """The ledger as json, csv or atom. Who got a mail is for editors."""
    who = request.state.who
    rows = [
        listed_mail_row(one, lambda name: shown_name(name, who))
        for one in service_of(request).store.digests(EXPORTED, bodies=False)
    ]
    return list_as(request, form, "digests", rows, lines=lambda: map(digest_line, rows))


@router.post("/digests/test")
def send_test(request: Request, address: Annotated[str, Form(max_length=254)] = "") -> str:
    """Send a short mail now, and tell what the mail server says."""
    deps = service_of(request).deps
    try:
        words = f"A test mail went to {address}. {closed(send_trial(deps, address))}"
        noted(request, Area.SUBSCRIBERS, "sent a test mail", "/digests")
        return _shown(request, tested=(True, words))
    except (MailError, UsageError) as error:
        hint = "" if isinstance(error, MailError) else error.hint
        return _shown(request, tested=(False, f"No test mail was sent. {closed(error.message)} {hint}"))


@router.post("/digests/{digest_id}/again")
def again(request: Request, digest_id: RowId) -> Response:
    """Have a digest sent once more that was held or refused: the same mail; it goes out within a minute."""
    _digest(service_of(request).store, digest_id)
    send_again(service_of(request).deps, digest_id)
    noted(request, Area.SUBSCRIBERS, "had a digest sent once more", f"/digests/{digest_id}")
    return RedirectResponse(f"/digests/{digest_id}", status_code=303)


def _shown(request: Request, *, tested: tuple[bool, str] | None = None) -> str:
    """The page; `tested`: whether a test mail was taken just now, and the words."""
    store, now = service_of(request).store, service_of(request).clock()
    subscriptions = store.subscriptions()
    last: dict[int, Delivery] = {}
    for delivery in store.deliveries(limit=500):
        last.setdefault(delivery.digest_id, delivery)  # the newest comes first
    return page(
        request,
        "digests.html",
        title="Digests",
        digests=store.digests(50),
        last=last,
        tested=tested,
        subscriptions=subscriptions,
        next_mail=min((due for sub in subscriptions if (due := sub.next_mail(now))), default=None),
        standings=Counter(sub.standing(now).value for sub in subscriptions),
        unsent=store.failing_digests(now),
        came_back=came_back(service_of(request)),
        broken=broken(service_of(request)),
        now=now,
    )


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
        repeatable=may_go_again(found.state, withdrawn=found.withdrawn),
        told=store.digest_mentions(digest_id),
    )


@router.get("/digests/{digest_id}/mail")
def digest_mail(request: Request, digest_id: RowId) -> Response:
    """The HTML part alone, as a mail program shows it: nothing in it can run, load or reach out."""
    return as_page(without_tokens(_digest(service_of(request).store, digest_id).html))


def as_page(html: str) -> HTMLResponse:
    """A mail's HTML part by itself: nothing in it can run, load or reach out."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'self'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def _digest(store: Store, digest_id: int) -> FrozenDigest:
    """The digest, or an error whose hint leads to a page and not to a command."""
    try:
        return store.digest(digest_id)
    except NotFoundError as error:
        raise NotFoundError(error.message, "Digests, in the menu, lists those there are.") from None
