"""Numbers of mentions: published second << 20 | 20 bits of the identity. Pure.

So newest first is by number, numbers stay below 2**53 (JavaScript's exact numbers) until 2242, and the number of a
withdrawn mention is not given to another. A date that is corrected later changes `published`, not the number: mails,
reviews and links hold numbers.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

_BITS = 20
#: A corrected date lies at most so far after the one the number was made from: a day that is told exactly later, or a
#: clock that is wrong. A search from a date on need not look at older numbers than this before it.
DATE_SLACK = timedelta(days=2)


def mention_id(study_id: str, identity: str, published: datetime, step: int = 0) -> int:
    """The number of an item's mention of a study; `step` is how many numbers before this one were taken already."""
    second = max(0, int(published.timestamp()))  # before 1970: all in its first second
    bits = zlib.crc32(f"{study_id}\x00{identity}".encode()) + step
    return second << _BITS | bits & ((1 << _BITS) - 1)


def first_id(moment: datetime) -> int:
    """No mention published at `moment` or later has a smaller number."""
    return max(0, int((moment - DATE_SLACK).timestamp())) << _BITS


def end_id(moment: datetime) -> int:
    """A mention published before `moment` has a smaller number, unless it was given an earlier date than its first."""
    return max(0, int(moment.timestamp()) + 1) << _BITS


def published_about(number: int) -> datetime:
    """The second in which the mention with this number was published, UTC, as it was known when the number was made."""
    return datetime.fromtimestamp(number >> _BITS, UTC)


def corrected_before(number: int) -> datetime:
    """The mention with this number may be given a date before this one, UTC; a later one would hide it from searches."""
    return published_about(number) + DATE_SLACK
