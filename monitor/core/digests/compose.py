"""The digest: what one person gets for one local day. `compose` is pure; what it is given is all it knows."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.digests.claims import claim_cards
from monitor.core.digests.digest import AboutItself, Bar, Digest, FixedText, Item, Voice
from monitor.core.digests.lines import ALSO_MAX, NEEDS_MAX, Counts, calm, opening, subject
from monitor.core.entry import speaker
from monitor.core.judgement import Severity
from monitor.core.mention import DISMISSED, FlagState
from monitor.core.model import DateConfidence, FeedKind, Network
from monitor.core.translation import instead, said
from monitor.core.wording import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.digests.claims import ClaimCard, Telling
    from monitor.core.digests.coverage import Coverage
    from monitor.core.digests.digest import DigestInput, FeedHealth, FixedFlag, StoryLine
    from monitor.core.digests.subscribers import Wishes
    from monitor.core.feeds.health import HostFault
    from monitor.core.mention import Mention, StoredFlag
    from monitor.core.study import Study
    from monitor.core.wording import Wording

#: How much one digest may hold; a person reads it in two minutes.
SHARING_MAX = 3
FIXED_MAX = 5
GREW_MAX = 3
#: Who is named on a card, and how many of their copies.
VOICES_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What everything in one digest is told by: whose study, in whose zone and language, on which local date."""

    study: Study
    zone: ZoneInfo
    today: date
    wording: Wording


def compose(
    given: DigestInput,
    study: Study,
    *,
    wishes: Wishes,
    now: datetime,
    local_date: str,
    ruleset: str,
    budget: Mapping[str, int],
    wording: Wording = ENGLISH,
) -> Digest:
    """Decide what this person needs to know. Coverage that is not wanted is left out; flags below the wished threshold count, but
    are not told one by one. `wording` is the mail's language.

    `now` is when it is cut; `local_date` is the ISO date it was due for, which may be the day before.
    """
    zone, coverage = ZoneInfo(wishes.zone), wishes.coverage
    given, whole = _wanted(given, coverage), [mention for mention in given.mentions if coverage.holds(mention)]
    frame = Frame(study=study, zone=zone, today=now.astimezone(zone).date(), wording=wording)
    cards = needs_you(given.mentions, wishes.threshold)
    items = tuple(item_of(card, given.stories, frame) for card in cards)
    drifting = [mention for mention in given.mentions if told_at(mention, Severity.LOW)]
    told = {telling.mention.id for card in cards for telling in card.tellings}
    needs, rest = items[:NEEDS_MAX], items[NEEDS_MAX:]
    fixed, silent = _fixed(given.fixed, frame), unjudged(given.mentions, wording)
    counts = Counts(
        drifting=len(drifting),
        claims=len(items),
        fixed=len(fixed),
        silent=silent,
        some=bool(coverage.drifts),
        unserved=_unserved(given, coverage, wording),
    )
    outlets = len({mention.source.key for mention in given.mentions})
    return Digest(
        local_date=local_date,
        study_id=study.id,
        study_name=study.name_in(wording.language),
        language=wording.language,
        day=wording.long_day(date.fromisoformat(local_date)),
        subject=subject(given, counts, items[0] if items else None, wording),
        opening=opening(given, counts, zone, wording),
        calm=calm(given, counts, wording),
        new=len(given.mentions),
        drifting=len(drifting),
        outlets=outlets,
        needs=needs,
        also=rest[:ALSO_MAX],
        also_more=max(0, len(rest) - ALSO_MAX),
        look_here=sum(1 for m in given.mentions if m.id not in told and _candidates_only(m)),
        fixed=fixed[:FIXED_MAX],
        sharing=sharing(whole),
        networks=_counts(wording.say(mention.network.label) for mention in given.mentions),
        languages=_counts(wording.name_of(mention.lang) for mention in given.mentions),
        unjudged=silent,
        week=_week(given, frame, drifting, now),
        grew=_grew(given, wording),
        read=tuple(feed.title for feed in given.feeds if feed.problem is None),
        unread=unread_words(given.feeds, given.host_faults, frame),
        silent=tuple(f"{feed.title}: {feed.silence}" for feed in given.feeds if feed.silence),
        spent=tuple(
            wording.say(
                "{network}: {used} of {most} paid reads used this month.",
                network=Network(network).label,
                used=wording.number(rows),
                most=wording.number(budget.get(network, 0)),
            )
            for network, rows in given.spent.items()
        ),
        ruleset=ruleset,
        reference=study.reference,
        as_of=study.as_of.isoformat(),
        itself=tuple(
            AboutItself(proposal_id=one.id, sentence=one.sentence, url=one.url, seen=", ".join(one.seen))
            for one in given.proposals
        ),
    )


#: Networks that have sources of their own; what is said elsewhere comes by any feed or search.
_OWN_SOURCES = frozenset(kind.network for kind in FeedKind if kind.slug and not kind.watches)


def _unserved(given: DigestInput, coverage: Coverage, wording: Wording) -> str:
    """The networks that are wanted and that no source reads, in words: that nothing was found there is no news."""
    read = {feed.network for feed in given.feeds}
    missing = [one for one in coverage.networks if one in _OWN_SOURCES and one.value not in read]
    return wording.list([wording.say(one.label) for one in missing]) if missing else ""


def _wanted(given: DigestInput, coverage: Coverage) -> DigestInput:
    """What is told of it, with the stories as far as they were told in it."""
    if coverage.everything:
        return given
    found = coverage.of(given.mentions)
    new = Counter(mention.story_id for mention in found if mention.story_id is not None)
    return replace(
        given,
        mentions=found,
        stories={key: replace(given.stories[key], new=count) for key, count in new.items() if key in given.stories},
        fixed=tuple(one for one in given.fixed if coverage.holds(one) and coverage.tells(one.flag)),
    )


# --- what needs you --------------------------------------------------------------------------------------------------


def told_at(mention: Mention, threshold: Severity) -> tuple[StoredFlag, ...]:
    """The flags of a mention that may be mailed as drift: confirmed, not on trial, not dismissed, at or above the threshold."""
    return tuple(
        stored
        for stored in mention.flags
        if stored.stands
        and stored.flag.confirmed
        and stored.flag.mailed
        and stored.flag.severity.rank >= threshold.rank
    )


def tells_fixed(stored: StoredFlag) -> bool:
    """Is that this flag's text was corrected news? Only of a flag that a digest would have told of while it stood."""
    return stored.flag.confirmed and stored.flag.mailed and stored.review not in DISMISSED


def unjudged(mentions: Iterable[Mention], wording: Wording = ENGLISH) -> tuple[tuple[str, int], ...]:
    """What is told of mentions in languages without rules ("not judged (German)") and how many there are, most first.

    One that a rule of your own flagged is not among them.
    """
    return _counts(
        wording.say("not judged ({language})", language=wording.name_of(m.lang))
        for m in mentions
        if not m.judged and not told_at(m, Severity.LOW)
    )


def _candidates_only(mention: Mention) -> bool:
    return any(stored.state is FlagState.ACTIVE and stored.review is None for stored in mention.flags) and not told_at(
        mention, Severity.LOW
    )


def needs_you(mentions: Iterable[Mention], threshold: Severity) -> tuple[ClaimCard, ...]:
    """The claims that go beyond the study, a card for each: what is most wrong and reaches most first. A mention that makes
    several stands on the card of each, and what the study found is told once.
    """
    told = ((mention, told_at(mention, threshold)) for mention in mentions)
    return claim_cards((replace(mention, flags=flags) for mention, flags in told if flags), rank)


def rank(mention: Mention) -> float:
    """How much a mention weighs, drift x reach: the score times 1 (weight 1) to 2 (weight 5, or ten million followers)."""
    return mention.score * (0.75 + reach(mention) / 4)


def reach(mention: Mention) -> float:
    """How many a mention reaches, 1 to 5: by followers, where they are known."""
    followers = mention.source.followers
    found = 1 + math.log10(followers + 1) * 4 / 7 if followers is not None else float(mention.source.weight)
    return min(found, 5.0)


def _worst(flags: Sequence[StoredFlag]) -> StoredFlag:
    """The flag that speaks for a mention: severest first, surest next, one with a correction before one without."""
    return max(
        flags,
        key=lambda stored: (
            stored.flag.severity.rank,
            stored.flag.correction is not None,
            stored.flag.confidence,
            -stored.flag.span.start,
        ),
    )


def item_of(card: ClaimCard, stories: Mapping[int, StoryLine], frame: Frame, *, voices: int = VOICES_MAX) -> Item:
    """A claim as a mail tells it, with so many of those who make it."""
    flag, lead = card.lead.flag, card.tellings[0].mention
    first = "" if card.first.id == lead.id else speaker(card.first.source.key, card.first.source.name, frame.wording)
    story = stories.get(lead.story_id or 0)
    if not first and story and story.new < story.members and story.first_source != lead.source.name:
        first = speaker(story.first_key, story.first_source, frame.wording)  # it was told before
    study, language = frame.study, frame.wording.language
    return Item(
        drift=flag.drift,
        found=said(study, language, flag.found) if flag.found else None,
        reference=flag.source,
        why=flag.why if language == "en" else "",
        correction=instead(study, language, flag),
        voices=tuple(_voice(telling, frame) for telling in card.tellings[:voices]),
        more=max(0, len(card.tellings) - voices),
        mentions=card.mentions,
        first_said_by=first,
    )


def _voice(telling: Telling, frame: Frame) -> Voice:
    mention = telling.mention
    return Voice(
        mention_id=mention.id,
        flag_id=telling.lead.id,
        source=speaker(mention.source.key, mention.source.name, frame.wording),
        reach=_reach(mention, frame.wording),
        when=when_words(mention, frame.wording, frame.zone, frame.today),
        url=mention.url,
        lang=mention.lang,
        said=telling.lead.flag.span.quote,
        context=telling.sentence,
        copies=tuple(speaker(copy.source.key, copy.source.name, frame.wording) for copy in telling.copies),
    )


def when_words(mention: Mention, wording: Wording, zone: ZoneInfo, today: date) -> str:
    """When it was published, as far as that is known, to a reader in `zone`: without an hour where the source gives none."""
    if mention.date_confidence is DateConfidence.NONE:
        return wording.say("read {day}", day=wording.day(mention.first_seen.astimezone(zone).date(), today))
    if mention.date_confidence is DateConfidence.DAY:
        return wording.day(mention.published.date(), today)  # a date of its own place, at midnight UTC
    local = mention.published.astimezone(zone)
    return wording.moment(local, today) if local.year == today.year else wording.day(local.date(), today)


def _reach(mention: Mention, wording: Wording) -> str:
    followers = mention.source.followers
    if followers is not None:
        return wording.many("{count} follower", "{count} followers", followers)
    return wording.say("reach {weight} of 5", weight=mention.source.weight)


# --- the rest --------------------------------------------------------------------------------------------------------


def _fixed(flags: Iterable[FixedFlag], frame: Frame) -> tuple[FixedText, ...]:
    """One line for each corrected mention; its worst flag speaks for it."""
    groups: dict[int, list[FixedFlag]] = {}
    for fixed in flags:
        groups.setdefault(fixed.mention_id, []).append(fixed)
    return tuple(
        FixedText(
            mention_id=mention_id,
            source=speaker(members[0].source_key, members[0].source, frame.wording),
            title=members[0].title,
            url=members[0].url,
            said=_worst([member.flag for member in members]).flag.span.quote,
            more=len(members) - 1,
            asked=_asked(members, frame),
        )
        for mention_id, members in groups.items()
    )


def _asked(members: Iterable[FixedFlag], frame: Frame) -> str:
    asked = [member.asked_at for member in members if member.asked_at is not None]
    return frame.wording.day(max(asked).astimezone(frame.zone).date(), frame.today) if asked else ""


def sharing(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Accurate pieces: articles long enough to say it all, judged, no flag of any kind, most caveats told."""
    clean = [
        m for m in mentions if m.judged and not m.flags and m.kind.value == "article" and len(m.caveats_present) >= 2
    ]
    clean.sort(key=lambda m: (-len(m.caveats_present), -m.source.weight, m.published, m.id))
    return tuple(clean[:SHARING_MAX])


def _counts(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _week(given: DigestInput, frame: Frame, drifting: Sequence[Mention], now: datetime) -> tuple[Bar, ...]:
    """A bar a day. A mail of Mondays and Thursdays tells of several days: its last bar still is one of them."""
    last = tuple(sum(m.first_seen > now - timedelta(days=1) for m in found) for found in (given.mentions, drifting))
    days = [*zip(given.daily[-6:], given.daily_flagged[-6:], strict=True), last]
    first = frame.today - timedelta(days=len(days) - 1)
    return tuple(
        Bar(label=frame.wording.short_weekday(first + timedelta(days=at)), all=count, flagged=flagged)
        for at, (count, flagged) in enumerate(days)
    )


def _grew(given: DigestInput, wording: Wording) -> tuple[StoryLine, ...]:
    grown = [story for story in given.stories.values() if story.members > 1 and story.new]
    grown.sort(key=lambda story: (-story.new, -story.members, story.id))
    return tuple(
        replace(story, first_source=speaker(story.first_key, story.first_source, wording)) for story in grown[:GREW_MAX]
    )


def unread_words(feeds: Iterable[FeedHealth], faults: Iterable[HostFault], frame: Frame) -> tuple[str, ...]:
    """What could not be read, a sentence each: hosts that fail as a whole, and other sources."""
    return (
        *(fault.words(_local(fault.since, frame) if fault.since else "") for fault in faults),
        *(_unread(feed, frame) for feed in feeds if feed.problem is not None and not feed.with_host),
    )


def _unread(feed: FeedHealth, frame: Frame) -> str:
    say = frame.wording.say
    since = (
        say("not read since {moment}", moment=_local(feed.last_success_at, frame))
        if feed.last_success_at
        else say("never read yet")
    )
    return f"{feed.title}: {since}. {feed.problem or ''}".strip()


def _local(moment: datetime, frame: Frame) -> str:
    return frame.wording.moment(moment.astimezone(frame.zone), frame.today)
