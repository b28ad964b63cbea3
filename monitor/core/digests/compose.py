"""The digest: what one person gets for one local day. `compose` is pure; what it is given is all it knows."""

from __future__ import annotations

import math
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from monitor.core.digests.digest import AboutItself, Bar, Digest, FixedText, Item
from monitor.core.judgement import Severity
from monitor.core.mention import DISMISSED, FlagState
from monitor.core.model import Network
from monitor.core.text.excerpt import sentence_around
from monitor.core.text.lang import language_name, not_judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from monitor.core.digests.digest import DigestInput, FeedHealth, FixedFlag, StoryLine
    from monitor.core.mention import Mention, StoredFlag
    from monitor.core.study import Study

#: How much one digest may hold; a person reads it in two minutes.
NEEDS_MAX = 3
ALSO_MAX = 7
SHARING_MAX = 3
FIXED_MAX = 5
GREW_MAX = 3
SUBJECT_MAX = 60


def compose(
    given: DigestInput,
    study: Study,
    *,
    now: datetime,
    local_date: str,
    zone: ZoneInfo,
    threshold: Severity,
    ruleset: str,
    budget: Mapping[str, int],
) -> Digest:
    """Decide what this person needs to know. Flags below `threshold` count, but are not told one by one.

    `now` is when it is cut; `local_date` is the ISO date it was due for, which may be the day before.
    """
    items = needs_you(given.mentions, given.stories, zone, threshold)
    drifting = [mention for mention in given.mentions if _told(mention, Severity.LOW)]
    told = {item.mention_id for item in items}
    needs, rest = items[:NEEDS_MAX], items[NEEDS_MAX:]
    since = given.since.astimezone(zone)
    outlets = len({mention.source.key for mention in given.mentions})
    return Digest(
        local_date=local_date,
        study_id=study.id,
        study_name=study.name,
        subject=_subject(given, items, drifting),
        opening=_opening(given, since, len(drifting), len(items)),
        new=len(given.mentions),
        drifting=len(drifting),
        outlets=outlets,
        needs=needs,
        also=rest[:ALSO_MAX],
        also_more=max(0, len(rest) - ALSO_MAX),
        look_here=sum(1 for m in given.mentions if m.id not in told and _candidates_only(m)),
        fixed=_fixed(given.fixed)[:FIXED_MAX],
        sharing=sharing(given.mentions),
        networks=_counts(mention.network.label for mention in given.mentions),
        languages=_counts(language_name(mention.lang) for mention in given.mentions),
        unjudged=unjudged(given.mentions),
        week=_week(given, now.astimezone(zone).date(), len(drifting)),
        grew=_grew(given),
        read=tuple(feed.title for feed in given.feeds if feed.problem is None),
        unread=(
            *(
                fault.words(f"{fault.since.astimezone(zone):%a %d %b, %H:%M}" if fault.since else "")
                for fault in given.host_faults
            ),
            *(_unread(feed, zone) for feed in given.feeds if feed.problem is not None and not feed.with_host),
        ),
        silent=tuple(f"{feed.title}: {feed.silence}" for feed in given.feeds if feed.silence),
        spent=tuple(
            f"{Network(network).label}: {rows:,} of {budget.get(network, 0):,} paid reads used this month."
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


# --- what needs you --------------------------------------------------------------------------------------------------


def _told(mention: Mention, threshold: Severity) -> list[StoredFlag]:
    """The flags of a mention that may be mailed as drift: confirmed, not on trial, not dismissed, at or above the threshold."""
    return [
        stored
        for stored in mention.flags
        if stored.stands
        and stored.flag.confirmed
        and stored.flag.mailed
        and stored.flag.severity.rank >= threshold.rank
    ]


def tells_fixed(stored: StoredFlag) -> bool:
    """Is that this flag's text was corrected news? Only of a flag that a digest would have told of while it stood."""
    return stored.flag.confirmed and stored.flag.mailed and stored.review not in DISMISSED


def unjudged(mentions: Iterable[Mention]) -> tuple[tuple[str, int], ...]:
    """What is told of mentions in languages without rules ("not judged (German)") and how many there are, most first.

    One that a rule of your own flagged is not among them.
    """
    return _counts(not_judged(m.lang) for m in mentions if not m.judged and not _told(m, Severity.LOW))


def _candidates_only(mention: Mention) -> bool:
    return any(stored.state is FlagState.ACTIVE and stored.review is None for stored in mention.flags) and not _told(
        mention, Severity.LOW
    )


def needs_you(
    mentions: Iterable[Mention], stories: Mapping[int, StoryLine], zone: ZoneInfo, threshold: Severity
) -> tuple[Item, ...]:
    """One Item per story, ranked by drift x reach; the mention that weighs most speaks for its story."""
    groups: dict[int, list[Mention]] = {}
    for mention in mentions:
        if _told(mention, threshold):
            groups.setdefault(mention.story_id or -mention.id, []).append(mention)
    ranked = []
    for members in groups.values():
        members.sort(key=lambda mention: (-rank(mention), mention.published, mention.id))
        ranked.append((rank(members[0]), members))
    ranked.sort(key=lambda pair: (-pair[0], pair[1][0].published, pair[1][0].id))
    return tuple(_item(members, stories, zone, threshold) for _, members in ranked)


def rank(mention: Mention) -> float:
    """How much a mention weighs, drift x reach: the score times 1 (weight 1) to 2 (weight 5, or ten million followers)."""
    followers = mention.source.followers
    reach = 1 + math.log10(followers + 1) * 4 / 7 if followers is not None else float(mention.source.weight)
    return mention.score * (0.75 + min(reach, 5.0) / 4)


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


def _item(members: list[Mention], stories: Mapping[int, StoryLine], zone: ZoneInfo, threshold: Severity) -> Item:
    mention = members[0]
    flags = _told(mention, threshold)
    stored = _worst(flags)
    flag = stored.flag
    first = min(members, key=lambda member: member.turn)
    story = stories.get(mention.story_id or 0)
    first_source = first.source.name if first.id != mention.id else ""
    if story and story.new < story.members and story.first_source != mention.source.name:
        first_source = story.first_source
    return Item(
        mention_id=mention.id,
        flag_id=stored.id,
        source=mention.source.name,
        reach=_reach(mention),
        when=mention.published.astimezone(zone).strftime("%a %d %b, %H:%M"),
        title=mention.title,
        url=mention.url,
        drift=flag.drift.value,
        severity=flag.severity.value,
        confidence=flag.confidence,
        said=flag.span.quote,
        context=sentence_around(
            mention.title if flag.span.where == "title" else mention.text, flag.span.start, flag.span.end
        ),
        found=flag.found,
        reference=flag.source,
        why=flag.why,
        correction=flag.correction,
        copies=len(members) - 1,
        copied_by=tuple(
            member.source.name
            for member in sorted(members, key=lambda member: (member.published, member.id))
            if member.id not in {mention.id, first.id}
        ),
        first_said_by=first_source,
        more_flags=len(flags) - 1,
    )


def _reach(mention: Mention) -> str:
    if mention.source.followers is not None:
        return f"{mention.source.followers:,} followers"
    return f"reach {mention.source.weight} of 5"


# --- the lines -------------------------------------------------------------------------------------------------------


def _subject(given: DigestInput, items: Sequence[Item], drifting: Sequence[Mention]) -> str:
    if not given.mentions:
        fixed = f"{len(_fixed(given.fixed))} corrected, " if given.fixed else ""
        if given.proposals:
            return f"{fixed}{_things(given)} about the study itself"[:SUBJECT_MAX].capitalize()
        read = sum(feed.problem is None for feed in given.feeds)
        of = "" if read == len(given.feeds) else f" of {len(given.feeds)}"
        sources = "source" if len(given.feeds) == 1 else "sources"
        return f"{fixed}nothing new: {read}{of} {sources} read"[:SUBJECT_MAX].capitalize()
    if not drifting:
        silent = sum(count for _, count in unjudged(given.mentions))
        rest = f"{silent} not judged" if silent else "nothing needs you"
        return f"0 drift, {len(given.mentions)} new: {rest}"
    head = f"{len(drifting)} drift, {len(given.mentions)} new"
    if not items:
        return head
    top = items[0]
    spread = f" spreads to {top.copies + 1} places" if top.copies else f" in {top.source}"
    room = SUBJECT_MAX - len(head) - len(spread) - len(": “”")
    said = top.said if len(top.said) <= room else top.said[: max(room - 1, 0)].rsplit(" ", 1)[0] + "…"
    return f"{head}: “{said}”{spread}" if room >= 12 else f"{head}: {top.said}"[:SUBJECT_MAX]


def _things(given: DigestInput) -> str:
    return "1 thing" if len(given.proposals) == 1 else f"{len(given.proposals)} things"


def _opening(given: DigestInput, since: datetime, drifting: int, items: int) -> str:
    """The line that must do if nothing else is read: how much, how bad, how long it takes, and what was not looked at."""
    days = given.daily
    lived = len(days) - next((at for at, count in enumerate(days) if count), len(days))
    usual = f" (usual {median(days[-lived:]):g}: the median of {lived} days)" if lived >= 7 else ""
    nothing = "No new mention" if given.proposals else "Nothing new"
    new = {0: nothing, 1: "1 mention"}.get(len(given.mentions), f"{len(given.mentions)} mentions")
    parts = ["Your first digest."] if given.first else []
    parts.append(f"{new} since {since:%a %d %b, %H:%M}{usual}.")
    if given.mentions:
        silent = unjudged(given.mentions)
        if sum(count for _, count in silent) < len(given.mentions):
            parts.append({0: "None overstates.", 1: "1 overstates."}.get(drifting, f"{drifting} overstate."))
        parts.extend(f"{count} {words}." for words, count in silent)
        seconds = min(items, NEEDS_MAX) * 25 + min(max(items - NEEDS_MAX, 0), ALSO_MAX) * 6 + 30
        parts.append(f"About {max(1, round(seconds / 60))} min.")
    if given.proposals:
        parts.append(f"{_things(given)} about the study itself.")
    unread = sum(feed.problem is not None for feed in given.feeds)
    if unread:
        parts.append(f"{unread} of {len(given.feeds)} sources could not be read.")
    elif given.feeds and not given.mentions:
        parts.append("Every source was read." if len(given.feeds) > 1 else "The source was read.")
    return " ".join(parts)


def _fixed(flags: Iterable[FixedFlag]) -> tuple[FixedText, ...]:
    """One line for each corrected mention; its worst flag speaks for it."""
    groups: dict[int, list[FixedFlag]] = {}
    for fixed in flags:
        groups.setdefault(fixed.mention_id, []).append(fixed)
    return tuple(
        FixedText(
            mention_id=mention_id,
            source=members[0].source,
            title=members[0].title,
            url=members[0].url,
            said=_worst([member.flag for member in members]).flag.span.quote,
            more=len(members) - 1,
        )
        for mention_id, members in groups.items()
    )


def sharing(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Accurate pieces: articles long enough to say it all, judged, no flag of any kind, most caveats told."""
    clean = [
        m for m in mentions if m.judged and not m.flags and m.kind.value == "article" and len(m.caveats_present) >= 2
    ]
    clean.sort(key=lambda m: (-len(m.caveats_present), -m.source.weight, m.published, m.id))
    return tuple(clean[:SHARING_MAX])


def _counts(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _week(given: DigestInput, today: date, drifting: int) -> tuple[Bar, ...]:
    days = [*zip(given.daily[-6:], given.daily_flagged[-6:], strict=True), (len(given.mentions), drifting)]
    return tuple(
        Bar(label=today.fromordinal(today.toordinal() - len(days) + 1 + at).strftime("%a"), all=count, flagged=flagged)
        for at, (count, flagged) in enumerate(days)
    )


def _grew(given: DigestInput) -> tuple[StoryLine, ...]:
    grown = [story for story in given.stories.values() if story.members > 1 and story.new]
    grown.sort(key=lambda story: (-story.new, -story.members, story.id))
    return tuple(grown[:GREW_MAX])


def _unread(feed: FeedHealth, zone: ZoneInfo) -> str:
    since = (
        f"not read since {feed.last_success_at.astimezone(zone):%a %d %b, %H:%M}"
        if feed.last_success_at
        else "never read yet"
    )
    return f"{feed.title}: {since}. {feed.problem or ''}".strip()
