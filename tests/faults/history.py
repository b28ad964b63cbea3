"""What a mail server took, and what the ledger says, read as one history: whatever broke, these laws hold.

Used by the faults of the mail (reliability, rows 1 to 5): a test asserts what its own fault must bring, and this what none may.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from monitor.core.digests.subscribers import DeliveryOutcome, DigestState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.digests.subscribers import Delivery, FrozenDigest
    from monitor.ports import Store

#: How an attempt may end of which the server has a copy.
MAY_BE_TAKEN = frozenset({DeliveryOutcome.SENT, DeliveryOutcome.UNKNOWN, DeliveryOutcome.SENDING})
MOST = 100_000


def broken_laws(store: Store, taken: Sequence[tuple[str, str]]) -> list[str]:
    """A sentence for each law that does not hold. `taken`: (recipient, Message-ID) of each mail the server took, in order."""
    digests = store.digests(MOST)
    attempts: dict[int, list[Delivery]] = defaultdict(list)
    for row in store.deliveries(limit=MOST):
        attempts[row.digest_id].append(row)
    return [*_of_ids(digests, taken), *(law for one in digests for law in _of_one(one, attempts[one.id], taken))]


def _of_ids(digests: Sequence[FrozenDigest], taken: Sequence[tuple[str, str]]) -> Iterator[str]:
    known = {one.message_id: one.recipient for one in digests}
    if len(known) < len(digests):
        yield "Two digests have one Message-ID."
    dates = Counter((one.subscription_id, one.kind, one.about, one.local_date) for one in digests)
    yield from (f"Several digests for {key}." for key, count in dates.items() if count > 1)
    for recipient, message_id in taken:
        if message_id not in known:
            yield f"{message_id} was taken and is not in the ledger."
        elif known[message_id] != recipient:
            yield f"{message_id} is for {known[message_id]} and went to {recipient}."


def _of_one(digest: FrozenDigest, ledger: Sequence[Delivery], taken: Sequence[tuple[str, str]]) -> Iterator[str]:
    who = f"Digest {digest.id}"
    rows = sorted(ledger, key=lambda row: row.attempt)
    copies = sum(message_id == digest.message_id for _, message_id in taken)
    ends = [row.outcome for row in rows]
    if [row.attempt for row in rows] != list(range(1, len(rows) + 1)):
        yield f"{who}: its attempts are not numbered one after the other."
    if any(row.ended_at is not None and row.ended_at < row.started_at for row in rows):
        yield f"{who}: an attempt ended before it began."
    if copies > sum(end in MAY_BE_TAKEN for end in ends):
        yield f"{who}: {copies} copies were taken, and the attempts were {ends}."
    if copies < ends.count(DeliveryOutcome.SENT):
        yield f"{who}: it was sent, and no server took it."
    if DeliveryOutcome.SENT in ends[:-1]:
        yield f"{who}: it was tried again after it was sent."
    if (digest.state is DigestState.SENT) != (DeliveryOutcome.SENT in ends):
        yield f"{who} is {digest.state}, and its attempts were {ends}."
    if digest.state in {DigestState.READY, DigestState.SKIPPED} and DeliveryOutcome.SENDING in ends:
        yield f"{who} is {digest.state}, and an attempt goes on."
