"""What a person asked for, as a form: the fields of a Wishes, and what was typed into them. The desk and the person's own page
show the same fields (`wishes.html`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, TypeVar

from monitor.core.digests.subscribers import WishChanges, Wishes
from monitor.core.digests.wish_fields import is_language, read_number
from monitor.core.errors import UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.core.text.excerpt import shortened
from monitor.core.text.lang import JUDGED
from monitor.core.wording import ENGLISH, LANGUAGES
from monitor.pipeline.subscribe import LEAST_SPREAD, MOST_SPREAD, MOST_URGENT, check_zone, near_zone, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.datastructures import FormData

    from monitor.core.wording import Wording

T = TypeVar("T")

#: Letters of what was typed that are shown again beside the field.
MOST_SHOWN = 40
#: Letters of a field that are read at all: no wish is longer.
MOST_TYPED = 500
#: What each wish is called where it is told that it changed, in the words of the form.
CALLED = {
    "at": "Hour",
    "zone": "Time zone",
    "weekdays": "Weekdays",
    "threshold": "Tell in full",
    "quiet": "If nothing happened",
    "language": "Language of the mail",
    "drifts": "Kinds",
    "networks": "Where it was said",
    "languages": "Language of the coverage",
    "weekly": "Look back",
    "monthly": "Look back",
    "urgent_from": "When something spreads",
    "urgent_most": "When something spreads",
    "hush_from": "When something spreads",
    "hush_until": "When something spreads",
}


@dataclass(frozen=True, slots=True)
class WishForm:
    """What stands in the fields, by name: one text, or several where boxes are ticked."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, wishes: Wishes) -> WishForm:
        """The fields as they are stored."""
        values = {
            "at": (f"{wishes.at:%H:%M}",),
            "zone": (wishes.zone,),
            "days": tuple(str(day) for day in wishes.weekdays),
            "threshold": (wishes.threshold.value,),
            "quiet": ("yes",) if wishes.quiet else (),
            "language": (wishes.language,),
            "drifts": tuple(drift.value for drift in wishes.drifts),
            "networks": tuple(network.value for network in wishes.networks),
            "languages": wishes.languages,
            "weekly": ("yes",) if wishes.weekly else (),
            "monthly": ("yes",) if wishes.monthly else (),
            "urgent_from": (str(wishes.urgent_from),) if wishes.urgent_from is not None else (),
            "urgent_most": (str(wishes.urgent_most),),
            "hush_from": (f"{wishes.hush_from:%H:%M}",),
            "hush_until": (f"{wishes.hush_until:%H:%M}",),
        }
        return cls(values)

    @classmethod
    def typed(cls, form: FormData) -> WishForm:
        """The fields as they were sent."""
        return cls({name: tuple(str(value)[:MOST_TYPED] for value in form.getlist(name)) for name in form})

    def one(self, name: str) -> str:
        """The text of a field; "" for one that is empty or missing."""
        return self.values.get(name, ("",))[0].strip() if self.values.get(name) else ""

    def _all(self, name: str) -> tuple[str, ...]:
        """What is ticked, each once."""
        return tuple(dict.fromkeys(self.values.get(name, ())))

    def has(self, name: str, value: str) -> bool:
        """Is this box ticked?"""
        return value in self.values.get(name, ())

    def read(self, wording: Wording = ENGLISH) -> tuple[WishChanges, dict[str, str]]:
        """What is asked for, and for each field that cannot be read a sentence in the reader's language."""
        changes, problems = WishChanges(), _Problems(wording)
        changes["weekdays"] = problems.check("days", lambda: _days(self.values.get("days", ()), wording), ())
        changes["at"] = problems.check("at", lambda: _hour(self.one("at"), wording), time(7))
        changes["zone"] = problems.check("zone", lambda: _zone(self.one("zone"), wording), "UTC")
        changes["threshold"] = problems.check("threshold", lambda: Severity(self.one("threshold")), Severity.LOW)
        changes["quiet"] = self.has("quiet", "yes")
        changes["language"] = problems.check("language", lambda: _language(self.one("language")), "en")
        changes["drifts"] = problems.check("drifts", lambda: tuple(map(Drift, self._all("drifts"))), ())
        changes["networks"] = problems.check("networks", lambda: tuple(map(Network, self._all("networks"))), ())
        changes["languages"] = problems.check("languages", lambda: _tags(self._all("languages")), ())
        changes["weekly"] = self.has("weekly", "yes")
        changes["monthly"] = self.has("monthly", "yes")
        changes["urgent_from"] = problems.check(
            "urgent_from",
            lambda: (
                _number(self.one("urgent_from"), LEAST_SPREAD, MOST_SPREAD, wording)
                if self.one("urgent_from")
                else None
            ),
            None,
        )
        changes["urgent_most"] = problems.check(
            "urgent_most", lambda: _number(self.one("urgent_most"), 1, MOST_URGENT, wording), 2
        )
        changes["hush_from"] = problems.check("hush_from", lambda: _hour(self.one("hush_from"), wording), time(21))
        changes["hush_until"] = problems.check("hush_until", lambda: _hour(self.one("hush_until"), wording), time(7))
        return changes, problems.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the fields offer, as (value, words) in the reader's language."""

    days: Sequence[tuple[str, str]]
    thresholds: Sequence[tuple[str, str]]
    drifts: Sequence[tuple[str, str]]
    networks: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    mail_languages: Sequence[tuple[str, str]]
    zones: Sequence[str]


def choices(wording: Wording, languages: Iterable[str]) -> Choices:
    """`languages`: the primary tags of coverage that was seen; those with rules are offered besides."""
    say = wording.say
    tags = sorted({*languages, *JUDGED} - {"", "und"}, key=wording.name_of)
    return Choices(
        days=[(str(day), wording.weekday(day)) for day in range(7)],
        thresholds=[
            (Severity.LOW.value, say("everything")),
            (Severity.MEDIUM.value, say("what is medium or high")),
            (Severity.HIGH.value, say("only what is high")),
        ],
        drifts=[(drift.value, say(drift.words)) for drift in Drift],
        networks=[(network.value, say(network.label)) for network in Network],
        languages=[(tag, wording.name_of(tag)) for tag in tags],
        mail_languages=list(LANGUAGES.items()),
        zones=places(),
    )


def changed(before: Wishes, after: Wishes, wording: Wording) -> Sequence[str]:
    """What became another of these wishes, each once, as the form calls it."""
    names = (called for name, called in CALLED.items() if getattr(before, name) != getattr(after, name))
    return [wording.say(called) for called in dict.fromkeys(names)]


class _Problems:
    """Reads field after field and keeps what each refused."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self.found: dict[str, str] = {}

    def check(self, field: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except UsageError as error:
            self.found[field] = f"{error.message} {error.hint}".strip()
        except ValueError:  # a value that the form does not offer
            self.found[field] = self._wording.say("Choose one of those that stand there.")
        return otherwise


def _hour(text: str, wording: Wording) -> time:
    if not text:
        raise UsageError(wording.say("Say a time of day, such as 07:00."))
    for shape in ("%H:%M", "%H:%M:%S"):  # some browsers send seconds
        try:
            return datetime.strptime(text, shape).time().replace(second=0)  # noqa: DTZ007 - a local hour has no zone
        except ValueError:
            continue
    raise UsageError(wording.say("“{given}” is no time of day; write it as 07:00.", given=shortened(text, MOST_SHOWN)))


def _days(values: Sequence[str], wording: Wording) -> tuple[int, ...]:
    days = {int(value) for value in values}
    if not days:
        raise UsageError(wording.say("Choose at least one weekday."))
    if not days <= set(range(7)):
        raise ValueError(days)
    return tuple(sorted(days))


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(value)
    return value


def _tags(values: Sequence[str]) -> tuple[str, ...]:
    """Primary tags of BCP 47."""
    if not all(map(is_language, values)):
        raise ValueError(values)
    return tuple(values)


def _zone(text: str, wording: Wording) -> str:
    try:
        return check_zone(text)
    except UsageError:
        given, near = shortened(text, MOST_SHOWN), near_zone(text[:MOST_SHOWN])
        wrong = wording.say("“{given}” is no time zone.", given=given)
        meant = (
            wording.say("Did you mean {zone}?", zone=near)
            if near
            else wording.say("Write it as Asia/Tokyo or Europe/Berlin.")
        )
        raise UsageError(wrong, meant) from None


def _number(text: str, least: int, most: int, wording: Wording) -> int:
    try:
        number = read_number(text)
    except UsageError:
        number = least - 1
    if not least <= number <= most:
        raise UsageError(wording.say("Say a number from {least} to {most}.", least=least, most=wording.number(most)))
    return number
