"""Which coverage a person wants to be told of. What is not wanted is counted nowhere in their mail. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.digests.digest import FixedFlag
    from monitor.core.judgement import Drift
    from monitor.core.mention import Mention, StoredFlag
    from monitor.core.model import Network
    from monitor.core.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Kinds of drift, networks and languages (primary tags of BCP 47); empty: all."""

    drifts: tuple[Drift, ...] = ()
    networks: tuple[Network, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        return not (self.drifts or self.networks or self.languages)

    def words(self, wording: Wording) -> str:
        """What is wanted, as a person says it; "" for everything."""
        parts = [
            *(wording.say(network.label) for network in self.networks),
            *(wording.name_of(tag) for tag in self.languages),
            *(wording.say(drift.words) for drift in self.drifts),
        ]
        return wording.list(parts) if parts else ""

    def holds(self, mention: Mention | FixedFlag) -> bool:
        """Is a mention of this place and language wanted?"""
        return (not self.networks or mention.network in self.networks) and (
            not self.languages or mention.lang.partition("-")[0].lower() in self.languages
        )

    def tells(self, stored: StoredFlag) -> bool:
        """Is this kind of drift wanted?"""
        return not self.drifts or stored.flag.drift in self.drifts

    def of(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """The wanted ones, with the wanted flags."""
        if self.everything:
            return tuple(mentions)
        return tuple(
            replace(mention, flags=tuple(stored for stored in mention.flags if self.tells(stored)))
            for mention in mentions
            if self.holds(mention)
        )
