"""What is stored of a mention beside its words, and what another meeting with the item betters of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.entry import unnamed
from monitor.core.model import DateConfidence, Network

if TYPE_CHECKING:
    from datetime import datetime

#: Dates by how far they can be trusted, the least first.
_TRUST = (DateConfidence.NONE, DateConfidence.CLAIMED, DateConfidence.DAY, DateConfidence.EXACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Where, by whom and when it was said, and how far it went. `source_id` is who speaks, as stored.

    `published` is aware UTC; None: it was not told. `author` may be an account's number alone (`id:`, `did:`).
    """

    network: Network
    url: str | None
    canonical_url: str | None
    author: str
    source_id: int
    published: datetime | None
    date_confidence: DateConfidence
    reposts: int | None
    likes: int | None


def bettered(stored: Details, met: Details, *, before: datetime) -> Details:
    """What is stored from now on: new counts, a date that can be trusted more, an address or a name where there was none.

    A date is only taken if it lies before `before` (see `mention_id.corrected_before`).
    """
    found = replace(
        stored,
        reposts=stored.reposts if met.reposts is None else met.reposts,
        likes=stored.likes if met.likes is None else met.likes,
        canonical_url=met.canonical_url or stored.canonical_url,
        url=met.url if stored.url is None and met.url else stored.url,
    )
    trusted = _TRUST.index(met.date_confidence) > _TRUST.index(stored.date_confidence)
    if met.published and met.published < before and trusted:
        found = replace(found, published=met.published, date_confidence=met.date_confidence)
    if unnamed(stored.author) and not unnamed(met.author):
        # A post speaks for its account, and that is known by its name now.
        post = stored.network is not Network.WEB
        found = replace(found, author=met.author, source_id=met.source_id if post else stored.source_id)
    return found


def revised(stored: Details, met: Details, *, alias: bool) -> Details:
    """What is stored with a new text: `met`, but for an address that is only another name of the item (`alias`), and for
    an account's number where its name is known (X's searches and Bluesky's stream tell the number alone).
    """
    return replace(
        met,
        author=stored.author if unnamed(met.author) and stored.author else met.author,
        url=stored.url if alias and stored.url else met.url,
    )
