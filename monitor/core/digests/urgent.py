"""When a claim spreads so fast that the next digest is too late: whether a mail goes now, and what it says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.digests.claims import claim_cards
from monitor.core.digests.compose import Frame, item_of, reach, told_at, when_words
from monitor.core.digests.lines import SUBJECT_MAX
from monitor.core.entry import speaker
from monitor.core.text.excerpt import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, time

    from monitor.core.digests.claims import ClaimCard
    from monitor.core.digests.digest import Item
    from monitor.core.digests.subscribers import Wishes
    from monitor.core.judgement import Reference
    from monitor.core.mention import Mention
    from monitor.core.study import Study
    from monitor.core.wording import Wording

#: A claim spreads by the mentions that were first seen within so long.
WINDOW = timedelta(hours=24)
#: For so long the same claim is told of once, unless it has reached so many times as many mentions since.
SAME_CLAIM, GROWN = timedelta(days=7), 4
#: What is said of a claim's first words in a subject, at least.
LEAST_SAID = 12


@dataclass(frozen=True, slots=True)
class Told:
    """An urgent mail of before: when it was made, for which local date (ISO), of which claim, and how many made it then."""

    at: datetime
    date: str
    about: str
    mentions: int


def is_hushed(wishes: Wishes, now: datetime) -> bool:
    """Is it an hour at which the person wants no urgent mail? Local; a night goes over midnight; the same hour twice: never."""
    return _within(now.astimezone(ZoneInfo(wishes.zone)).time(), wishes.hush_from, wishes.hush_until)


def _within(local: time, begin: time, end: time) -> bool:
    if begin <= end:
        return begin <= local < end
    return local >= begin or local < end


def may_tell(wishes: Wishes, past: Iterable[Told], now: datetime) -> bool:
    """May an urgent mail go now at all: are they wanted, is it no hour of rest, and were there not enough of them today?"""
    today = now.astimezone(ZoneInfo(wishes.zone)).date().isoformat()
    return (
        wishes.urgent_from is not None
        and not is_hushed(wishes, now)
        and sum(told.date == today for told in past) < wishes.urgent_most
    )


def spreading(mentions: Iterable[Mention], wishes: Wishes) -> tuple[ClaimCard, ...]:
    """The claims that enough of these mentions make, most mentions first, of equal ones the weightiest; of each who reaches most first. `mentions` are those of the
    last 24 hours; what is not wanted is not counted.
    """
    if wishes.urgent_from is None:
        return ()
    wanted = wishes.coverage.of(mentions)
    told = (replace(mention, flags=told_at(mention, wishes.threshold)) for mention in wanted)
    cards = [card for card in claim_cards(told, reach) if card.mentions >= wishes.urgent_from]
    return tuple(sorted(cards, key=lambda card: -card.mentions))


def claim_to_tell(
    cards: Sequence[ClaimCard], wishes: Wishes, past: Sequence[Told], known: Mapping[str, int], now: datetime
) -> ClaimCard | None:
    """The claim that an urgent mail is sent for now, if any; the one that spreads most.

    `past` are the urgent mails of this subscription; `known` says by claim how many of its mentions one mail of the last 24 hours told
    of, a daily digest or an urgent mail about another claim: what was told in such numbers already is no alarm.
    """
    if wishes.urgent_from is None or not may_tell(wishes, past, now):
        return None
    for card in cards:
        recent = [told.mentions for told in past if told.about == card.key and told.at > now - SAME_CLAIM]
        if known.get(card.key, 0) < wishes.urgent_from and card.mentions >= GROWN * max(recent, default=0):
            return card
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    """A composed urgent mail: every sentence a person reads, still without markup. `about` is the claim's key; `quoted` are all
    mentions that make it.
    """

    about: str
    local_date: str  # its local minute: "2026-03-24T14:05"
    study_id: str
    study_name: str
    language: str
    title: str
    subject: str
    opening: str
    item: Item
    ruleset: str
    reference: Reference | None
    as_of: str
    quoted: tuple[int, ...]

    @property
    def flag_ids(self) -> tuple[int, ...]:
        """The flags that the mail has links for."""
        return (self.item.lead.flag_id,)


def compose_urgent(
    card: ClaimCard, study: Study, *, wishes: Wishes, now: datetime, ruleset: str, wording: Wording
) -> Urgent:
    """What is said of a claim that spreads: in which words, by whom first, by whom most, what the study found."""
    zone = ZoneInfo(wishes.zone)
    local = now.astimezone(zone)
    frame = Frame(study=study, zone=zone, today=local.date(), wording=wording)
    item = replace(item_of(card, {}, frame), first_said_by="")  # the opening says so
    first = card.first
    return Urgent(
        about=card.key,
        local_date=f"{local:%Y-%m-%dT%H:%M}",
        study_id=study.id,
        study_name=study.name_in(wording.language),
        language=wording.language,
        title=wording.moment(local, local.date()),
        subject=_subject(item, wording),
        opening=wording.say(
            "{spread} First of them: {source}, {when}.",
            spread=wording.many(
                "{count} mention makes the same claim within 24 hours.",
                "{count} mentions make the same claim within 24 hours.",
                card.mentions,
            ),
            source=speaker(first.source.key, first.source.name, wording),
            when=when_words(first, wording, frame.zone, frame.today),
        ),
        item=item,
        ruleset=ruleset,
        reference=study.reference,
        as_of=study.as_of.isoformat(),
        quoted=mention_ids(card),
    )


def mention_ids(card: ClaimCard) -> tuple[int, ...]:
    """All mentions that make a claim."""
    return tuple(sorted(mention.id for telling in card.tellings for mention in (telling.mention, *telling.copies)))


def _subject(item: Item, wording: Wording) -> str:
    """The words, and how far they spread: "“walks again” spreads: 12 mentions in 24 hours"."""
    spread = wording.many(
        "“{words}” spreads: {count} mention in 24 hours",
        "“{words}” spreads: {count} mentions in 24 hours",
        item.mentions,
        words="{words}",
    )
    room = max(LEAST_SAID, SUBJECT_MAX - len(spread) + len("{words}"))
    return spread.replace("{words}", shortened(item.lead.said, room))
