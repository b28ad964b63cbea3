"""The same wrong claim over time, and who keeps repeating it. Pure.

A claim is what goes too far about one finding in one way: the study, the finding, and the kind of drift. Whichever rule finds it and
in whatever words, the finding that answers it is the same. Where a rule is about style alone there is no finding, and the kind is all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from monitor.core.judgement import Reference
    from monitor.core.mention import Mention, Source, StoredFlag

#: Between the parts of a claim's id: in no id of a study and of no finding.
_PART = "."


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """Which claim; `finding` is "" for style."""

    study_id: str
    drift: Drift
    finding: str = ""

    def __str__(self) -> str:
        """Its id, as addresses have it: `keio-ips-sci.overstated-outcome.walking`."""
        return _PART.join(part for part in (self.study_id, self.drift.value, self.finding) if part)


def claim_key(claim_id: str) -> ClaimKey:
    """The claim with this id; raises NotFoundError for what is none."""
    study, _, rest = claim_id.partition(_PART)
    slug, _, finding = rest.partition(_PART)
    drift = next((one for one in Drift if one == slug), None)
    if not study or drift is None:
        raise NotFoundError(f"There is no claim {claim_id!r}.", "Claims lists those there are.")
    return ClaimKey(study, drift, finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedClaim:
    """A claim with how often it was made: in so many mentions, by so many outlets and accounts, of which `repeaters` made it more than
    once; from the first mention to the last (UTC). `found`, `correction` and `source` are what its newest flag says is right; `quote`
    are that flag's words.
    """

    key: ClaimKey
    mentions: int
    outlets: int
    repeaters: int
    first: datetime
    last: datetime
    quote: str
    found: str | None = None
    correction: str | None = None
    source: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeater:
    """An outlet or account, and how often it made a claim; `asked`: corrections that were asked of it, whatever for."""

    source: Source
    times: int
    first: datetime
    last: datetime
    asked: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words in which a claim is made, and in how many mentions."""

    quote: str
    times: int


def wordings(spellings: Iterable[tuple[str, int]], *, most: int) -> tuple[Wording, ...]:
    """The commonest words, spellings that differ by the case of letters and by spaces taken as one; told as they are spelt most often."""
    times: Counter[str] = Counter()
    spelt: dict[str, tuple[int, str]] = {}
    for quote, count in spellings:
        folded = " ".join(quote.casefold().split())
        times[folded] += count
        spelt[folded] = max(spelt.get(folded, (0, "")), (count, quote))
    ranked = sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return tuple(Wording(quote=spelt[folded][1], times=count) for folded, count in ranked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A mention that makes the claim, and the flag on its words."""

    mention: Mention
    flag: StoredFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimHistory:
    """All that is told of one claim: by UTC day in how many mentions (days without any left out, oldest first), by whom, in which
    words, and the newest examples.
    """

    claim: RepeatedClaim
    days: Sequence[tuple[date, int]]
    repeaters: Sequence[Repeater]
    wordings: Sequence[Wording]
    examples: Sequence[Example]
