"""Digests: past ones with what became of each, and having one sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.digests.signed_links import without_tokens
from monitor.core.digests.subscribers import DeliveryOutcome, DigestKind, DigestState
from monitor.export.ledger import digest_row
from monitor.pipeline.deliver import send_again
from monitor.pipeline.trial import send_trial
from monitor.web.access import who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.digests.subscribers import FrozenDigest
    from monitor.ports import Store
    from monitor.web.access import Who

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["digests"])


class Attempt(Shape):
    """One attempt to hand a digest over, with the mail server's words."""

    attempt: int
    started: Stamp
    ended: Stamp | None
    outcome: DeliveryOutcome
    reply: str


class DigestOut(Shape):
    """A mail that was made, and what became of it."""

    id: int
    subscription: int
    kind: DigestKind
    date: str = Field(description="Local date; of a report its week or month")
    through: str
    to: str | None = Field(description="null for readers: addresses are for editors")
    subject: str
    state: DigestState
    attempts: int
    message_id: str
    sentence: str
    how: str
    deliveries: list[Attempt]


class DigestWhole(DigestOut):
    """A digest with its words; the reader's own links in it lead nowhere."""

    text: str
    mentions: list[int] = Field(description="What it tells")


class TestIn(Sent):
    """Where a test mail goes."""

    address: str = Field(max_length=254)


class Told(Shape):
    """What the mail server said."""

    says: str


@router.get("/digests", response_model=Page[DigestOut])
def listed(request: Request, place: Asked) -> Any:
    """The ledger: every digest, every attempt, newest first."""
    store, who = service_of(request).store, who_of(request)
    return place.cut(store.digests(place.needed), lambda one: _row(store, one, who))


def _row(store: Store, digest: FrozenDigest, who: Who) -> Mapping[str, Any]:
    row = digest_row(digest, store.deliveries(digest.id))
    if who.edits:
        return row
    hidden = [one | {"reply": ""} for one in row["deliveries"]]  # a server says to whom
    return row | {"to": None, "sentence": "", "how": digest.state.value, "deliveries": hidden}


@router.get("/digests/{digest_id}", response_model=DigestWhole)
def one(request: Request, digest_id: RowId) -> Any:
    """One digest with its words."""
    store = service_of(request).store
    digest = store.digest(digest_id)
    told = {"text": without_tokens(digest.text), "mentions": [one.id for one in store.digest_mentions(digest_id)]}
    return {**_row(store, digest, who_of(request)), **told}


@router.post("/digests/{digest_id}/again", response_model=DigestOut, status_code=202)
def again(request: Request, digest_id: RowId) -> Any:
    """Have a digest sent once more that was held or refused: the same mail, within a minute."""
    service = service_of(request)
    service.store.digest(digest_id)
    send_again(service.deps, digest_id)
    noted(request, Area.SUBSCRIBERS, "had a digest sent once more", f"/digests/{digest_id}")
    return _row(service.store, service.store.digest(digest_id), who_of(request))


@router.post("/digests/test", response_model=Told)
def test(request: Request, sent: TestIn) -> Any:
    """Send a short test mail now, and tell what the mail server says."""
    says = send_trial(service_of(request).deps, sent.address)
    noted(request, Area.SUBSCRIBERS, "sent a test mail", "/digests")
    return {"says": says}
