"""What goes too far, claim by claim: what the study found stands once, and above it everybody who said otherwise. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.items.notes import notes
from monitor.core.judgement import Drift
from monitor.core.mention import Verdict
from monitor.core.text.excerpt import sentence_around

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from monitor.core.mention import Mention, StoredFlag

    Weight: TypeAlias = Callable[[Mention], float]


#: How far a reader is led astray by each kind, beside how severe its rule is: "he walks" and "into the brain" are believed
#: and repeated, while "an established treatment" is corrected by the next paragraph. What is not named counts 1.
GRAVITY: Mapping[Drift, float] = {
    Drift.OVERSTATED_OUTCOME: 1.5,
    Drift.SAFETY_OVERCLAIM: 1.4,
    Drift.AVAILABILITY: 1.3,
    Drift.MECHANISM_ERROR: 1.3,
    Drift.NUMBER_ERROR: 1.2,
    Drift.FACT_ERROR: 1.2,
    Drift.POPULATION_GENERALISATION: 1.2,
    Drift.CAUSAL_OVERCLAIM: 1.1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One mention that makes the claim: the flag that speaks for it, the sentence around its words, and the mentions of the
    same story that make it too, oldest first.
    """

    mention: Mention
    flags: tuple[StoredFlag, ...]
    sentence: str
    copies: tuple[Mention, ...] = ()

    @property
    def lead(self) -> StoredFlag:
        return self.flags[0]

    @property
    def upheld(self) -> bool:
        """Did somebody call all of it right? Then nobody need be asked again."""
        return all(stored.review == Verdict.UPHELD for stored in self.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCard:
    """One finding and who went beyond it, those that weigh most first. `key` names the claim, and stays the same whatever is
    decided about it: a finding's id, or the kind of drift where the claim is about style.
    """

    key: str
    tellings: tuple[Telling, ...]

    @property
    def lead(self) -> StoredFlag:
        return self.tellings[0].lead

    @property
    def mentions(self) -> int:
        return sum(1 + len(telling.copies) for telling in self.tellings)

    @property
    def first(self) -> Mention:
        """Who said it first."""
        said = [mention for telling in self.tellings for mention in (telling.mention, *telling.copies)]
        return min(said, key=lambda mention: mention.turn)


def claim_cards(mentions: Iterable[Mention], weight: Weight) -> tuple[ClaimCard, ...]:
    """Cards of what is confirmed and may be mailed, the weightiest claim first. `weight` says how much a mention weighs.

    A mention with several claims stands on the card of each.
    """
    groups: dict[str, dict[int, list[tuple[Mention, tuple[StoredFlag, ...]]]]] = {}
    for mention in mentions:
        for note in notes(stored for stored in mention.flags if stored.stands and stored.flag.confirmed):
            told = tuple(stored for stored in note.flags if stored.flag.mailed)
            if told:
                key = told[0].flag.finding or f"style-{told[0].flag.drift.value}"
                story = groups.setdefault(key, {}).setdefault(mention.story_id or -mention.id, [])
                story.append((mention, told))
    cards = []
    for key, stories in groups.items():
        tellings = sorted(
            (_telling(members, weight) for members in stories.values()),
            key=lambda telling: (-_heft(telling, weight), telling.mention.turn),
        )
        cards.append(ClaimCard(key=key, tellings=tuple(tellings)))
    return tuple(sorted(cards, key=lambda card: (-sum(_heft(t, weight) for t in card.tellings), card.first.turn)))


def _telling(members: Sequence[tuple[Mention, tuple[StoredFlag, ...]]], weight: Weight) -> Telling:
    ranked = sorted(members, key=lambda pair: (-weight(pair[0]), pair[0].turn))
    mention, flags = ranked[0]
    span = flags[0].flag.span
    copies = sorted((other for other, _ in ranked[1:]), key=lambda other: other.turn)
    sentence = sentence_around(mention.title if span.where == "title" else mention.text, span.start, span.end)
    return Telling(mention=mention, flags=flags, sentence=sentence, copies=tuple(copies))


def _heft(telling: Telling, weight: Weight) -> float:
    """What a telling weighs on its card: its mention's rank, by how bad this very claim is."""
    flag = telling.lead.flag
    return weight(telling.mention) * flag.severity.rank * flag.confidence * GRAVITY.get(flag.drift, 1.0)
