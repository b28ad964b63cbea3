"""What a weekly or monthly report is given: counts, what goes too far, what spread, what was corrected. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.core.digests.digest import FeedHealth, FixedFlag, StoryLine
    from monitor.core.feeds.health import HostFault
    from monitor.core.letters.letter import LetterState
    from monitor.core.mention import Mention
    from monitor.core.model import Network


@dataclass(frozen=True, slots=True)
class Count:
    """Mentions first seen in a time, and how many of them go too far."""

    mentions: int = 0
    flagged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Count of one outlet or account in one language."""

    network: Network
    lang: str
    source_id: int
    source: str
    mentions: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterStep:
    """What became of a letter in the period. `mention_id` is None if its mention was withdrawn, `source` "" if that was all of an
    account.
    """

    to: LetterState
    source: str
    mention_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """All that a report is composed from, of the coverage that the person wants.

    `parts` are the bars' counts; `earlier` the periods before, oldest first, from the first that had a mention. `flagged` are the
    mentions that go too far, with the wanted flags; `grew` the stories that most mentions of the period belong to.
    `fixed` are texts that were corrected without a letter.
    """

    tallies: tuple[Tally, ...] = ()
    parts: tuple[Count, ...] = ()
    earlier: tuple[Count, ...] = ()
    flagged: tuple[Mention, ...] = ()
    grew: tuple[StoryLine, ...] = ()
    steps: tuple[LetterStep, ...] = ()
    fixed: tuple[FixedFlag, ...] = ()
    feeds: tuple[FeedHealth, ...] = ()
    host_faults: tuple[HostFault, ...] = ()

    @property
    def all(self) -> Count:
        return Count(sum(one.mentions for one in self.tallies), sum(one.flagged for one in self.tallies))

    @property
    def quiet(self) -> bool:
        """Nothing was said, corrected, asked or answered: two lines are enough."""
        return not (self.tallies or self.steps or self.fixed)
