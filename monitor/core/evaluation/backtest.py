"""Back-test: two RuleSets over the same texts. What would be gained, lost and kept, before anything is saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.mention import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention
    from monitor.core.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A flag that one RuleSet raises and the other does not. `review` is what a person said of it, if anybody did."""

    mention_id: int
    source: str
    flag: Flag
    review: Verdict | None = None


@dataclass(slots=True, kw_only=True)
class Backtest:
    """The difference between two RuleSets over stored mentions."""

    mentions: int = 0
    kept: int = 0
    gained: list[Moved] = field(default_factory=list)
    lost: list[Moved] = field(default_factory=list)

    @property
    def lost_upheld(self) -> list[Moved]:
        """Flags that a person upheld and the new rules would lose: a reason to stop."""
        return [moved for moved in self.lost if moved.review is Verdict.UPHELD]


def backtest(mentions: Iterable[Mention], study: Study, now: RuleSet, then: RuleSet) -> Backtest:
    """Judge each mention with the rules in use (`now`) and with the changed ones (`then`)."""
    result = Backtest()
    for mention in mentions:
        result.mentions += 1
        before, after = (
            {
                flag.fingerprint: flag
                for flag in assess(
                    mention.title,
                    mention.text,
                    study,
                    ruleset,
                    kind=mention.kind,
                    lang=mention.lang,
                    partial=mention.partial,
                    on=mention.told_on,
                ).flags
            }
            for ruleset in (now, then)
        )
        reviews = {stored.flag.fingerprint: stored.review for stored in mention.flags}
        result.kept += len(before.keys() & after.keys())
        for into, found, other in ((result.gained, after, before), (result.lost, before, after)):
            into.extend(
                Moved(mention_id=mention.id, source=mention.source.name, flag=flag, review=reviews.get(key))
                for key, flag in found.items()
                if key not in other
            )
    return result
