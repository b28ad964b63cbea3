"""New mentions that a saved search finds, told to who asked for it: once a day at their hour, or as they come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.digests.compose import Frame, when_words
from monitor.core.digests.lines import SUBJECT_MAX
from monitor.core.digests.urgent import is_hushed
from monitor.core.entry import speaker
from monitor.core.items.notes import notes
from monitor.core.text.excerpt import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription, Wishes
    from monitor.core.judgement import Flag, Reference
    from monitor.core.mention import Mention
    from monitor.core.search.saved import SavedSearch
    from monitor.core.study import Study
    from monitor.core.wording import Wording

#: Mentions that one mail names, and that it counts as told; the page has all.
SHOWN_MAX, TOLD_MAX = 25, 500
#: As they come, but no more mails than this a local date: what comes after waits for the next.
MOST_A_DAY = 6
#: A mention may be stored a little after the moment at which it was first seen; what was told is left out by its number.
OVERLAP = timedelta(hours=1)
#: Letters of a headline and of flagged words, and of a search's name in a subject at least.
TITLE_MAX, SAID_MAX, NAME_LEAST = 120, 120, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchMail:
    """Who is told what a saved search finds: what was first seen since `since` (aware UTC). `at_once`: as it comes."""

    search: SavedSearch
    subscription: Subscription
    at_once: bool
    since: datetime

    @property
    def about(self) -> str:
        """By what the mails about this search are found again."""
        return f"search:{self.search.id}"


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """The mails about one search to one person: when the newest was made, for which local dates (ISO) the last ones were, and which
    mentions they told of.
    """

    at: datetime | None
    dates: tuple[str, ...]
    mentions: frozenset[int]


def may_tell_search(wanted: SearchMail, before: ToldBefore, now: datetime) -> bool:
    """May a mail go now? Once a day: from their hour on, on their weekdays; as it comes: not in hours of rest, and not too often."""
    wishes = wanted.subscription.wishes
    local = now.astimezone(ZoneInfo(wishes.zone))
    today = sum(date == local.date().isoformat() for date in before.dates)
    if wanted.at_once:
        return not is_hushed(wishes, now) and today < MOST_A_DAY
    return local.weekday() in wishes.weekdays and local.time() >= wishes.at and not today


def not_told(found: Sequence[Mention], before: ToldBefore) -> tuple[Mention, ...]:
    """What no mail about the search told of yet."""
    return tuple(mention for mention in found if mention.id not in before.mentions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One mention as the mail names it; `said` are the words that go too far, "" where nothing does."""

    mention_id: int
    url: str | None
    title: str
    lang: str
    source: str
    when: str
    drift: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNews:
    """A composed mail: every sentence a person reads, still without markup. `quoted` are all mentions it counts."""

    about: str
    local_date: str  # its local second, and the search's number behind the point: two searches may come in one second
    study_id: str
    study_name: str
    language: str
    title: str
    subject: str
    opening: str
    hits: tuple[Hit, ...]
    more: int
    ruleset: str
    reference: Reference | None
    as_of: str
    quoted: tuple[int, ...]
    flag_ids: tuple[int, ...] = ()


def compose_search_news(
    wanted: SearchMail,
    found: Sequence[Mention],
    study: Study,
    *,
    now: datetime,
    ruleset: str,
    wording: Wording,
) -> SearchNews:
    """What is said of new mentions, the newest first."""
    wishes, name = wanted.subscription.wishes, wanted.search.name
    local = now.astimezone(ZoneInfo(wishes.zone))
    frame = Frame(study=study, zone=ZoneInfo(wishes.zone), today=local.date(), wording=wording)
    hits = tuple(_hit(mention, frame) for mention in found[:SHOWN_MAX])
    far = sum(bool(_too_far(mention)) for mention in found)
    new = wording.many("{count} new mention", "{count} new mentions", len(found))
    return SearchNews(
        about=wanted.about,
        local_date=f"{local:%Y-%m-%dT%H:%M:%S}.{wanted.search.id % 1_000_000:06d}",
        study_id=study.id,
        study_name=study.name_in(wording.language),
        language=wording.language,
        title=wording.moment(local, local.date()),
        subject=f"{shortened(name, max(NAME_LEAST, SUBJECT_MAX - len(new) - 2))}: {new}",
        opening=_opening(name, new, far, wording),
        hits=hits,
        more=len(found) - len(hits),
        ruleset=ruleset,
        reference=study.reference,
        as_of=study.as_of.isoformat(),
        quoted=tuple(sorted(mention.id for mention in found)),
    )


def schedule_words(wanted: SearchMail, wishes: Wishes, wording: Wording) -> str:
    """When such a mail comes, as the foot of the mail says it."""
    name = wanted.search.name
    if wanted.at_once:
        return wording.say("when the saved search “{name}” finds something new", name=name)
    return wording.say(
        "{when}, when the saved search “{name}” finds something new", when=wishes.schedule(wording), name=name
    )


def _opening(name: str, new: str, far: int, wording: Wording) -> str:
    told = wording.say("{new} for your saved search “{name}”.", new=new, name=name)
    too_far = (
        wording.many("{count} goes too far.", "{count} go too far.", far) if far else wording.say("None goes too far.")
    )
    return f"{told}{wording.gap}{too_far}"


def _too_far(mention: Mention) -> list[Flag]:
    """Of each finding that it goes beyond the flag that speaks for it."""
    return [note.lead.flag for note in notes(stored for stored in mention.flags if stored.stands) if note.sure]


def _hit(mention: Mention, frame: Frame) -> Hit:
    wording = frame.wording
    sure = _too_far(mention)
    return Hit(
        mention_id=mention.id,
        url=mention.url,
        title=shortened(mention.title or mention.text, TITLE_MAX),
        lang=mention.lang,
        source=speaker(mention.source.key, mention.source.name, wording),
        when=when_words(mention, wording, frame.zone, frame.today),
        drift=wording.say(sure[0].drift.words) if sure else "",
        said=shortened(sure[0].span.quote, SAID_MAX) if sure else "",
    )
