"""robots.txt (RFC 9309): may we read this page? Asked through the door, kept for a day per site."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from monitor.core.model import Outcome, Reason
from monitor.sources.http.outcomes import Ending

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.core.feed import Fetched
    from monitor.ports import Fetcher

#: RFC 9309, 2.4: a copy may be used for a day.
KEPT = timedelta(hours=24)
#: After a failure of the site we ask again sooner.
KEPT_FAILED = timedelta(minutes=10)
#: RFC 9309, 2.5: at least 500 KiB must be read.
MOST_BYTES = 512_000
OUR_NAME = "hypewatch"


@dataclass(frozen=True, slots=True)
class _Rule:
    allow: bool
    length: int
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    until: datetime
    rules: tuple[_Rule, ...] | None  # None: the site could not say
    why: str = ""  # the door's sentence, if the site was not reached at all


class Robots:
    """What sites ask of robots. Can be used from many threads."""

    def __init__(self, fetcher: Fetcher, *, clock: Callable[[], datetime]) -> None:
        """`clock` returns aware UTC."""
        self._fetcher, self._clock = fetcher, clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def refusal(self, url: str) -> Ending | None:
        """None if the page may be read; else how that ends: HARD if it may not, TEMPORARY if unknown,
        RATE_LIMITED if its host could not be asked now because we are asking it already.
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        now = self._clock()
        kept = self._kept.get(site)
        if kept is None or kept.until <= now:
            fetched = self._fetcher.fetch(f"{site}/robots.txt", headers={"Accept": "text/plain, */*;q=0.5"})
            if fetched.busy:
                return Ending(Outcome.RATE_LIMITED, fetched.sentence, fetched.reason)
            kept = _read(fetched, now)
            with self._lock:
                if len(self._kept) > 5000:  # a long-lived worker meets many sites
                    self._kept.clear()
                self._kept[site] = kept
        if kept.rules is None and kept.why:
            return Ending(Outcome.TEMPORARY, f"{kept.why} It is asked again later.", Reason.LATER)
        if kept.rules is None:
            sentence = f"{parts.hostname} could not say whether robots may read it; it is asked again later."
            return Ending(Outcome.TEMPORARY, sentence, Reason.LATER)
        if not allowed(kept.rules, parts.path + (f"?{parts.query}" if parts.query else "")):
            sentence = f"{parts.hostname} asks robots not to read this page (robots.txt)."
            return Ending(Outcome.HARD, sentence, Reason.ROBOTS)
        return None


def _read(fetched: Fetched, now: datetime) -> _Kept:
    if fetched.outcome is Outcome.FETCHED:
        return _Kept(now + KEPT, parse_robots(fetched.body[:MOST_BYTES].decode("utf-8", "replace")))
    if fetched.outcome in {Outcome.TEMPORARY, Outcome.RATE_LIMITED}:
        return _Kept(now + KEPT_FAILED, None, "" if fetched.status else fetched.sentence)
    # RFC 9309, 2.3.1.3: "unavailable" (4xx) allows everything; so does a robots.txt that is no text.
    return _Kept(now + KEPT, ())


def parse_robots(text: str) -> tuple[_Rule, ...]:
    """The rules of the groups for us; if there are none, those for all (`*`)."""
    groups: dict[str, list[_Rule]] = {}
    agents: list[str] = []
    in_rules = False
    for raw in text.splitlines()[:20_000]:
        name, colon, value = raw.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            if in_rules:
                agents, in_rules = [], False
            agents.append(value.lower())
            groups.setdefault(value.lower(), [])
        elif name in {"allow", "disallow"}:
            in_rules = True
            if value:
                for agent in agents:
                    groups[agent].append(_rule(value, allow=name == "allow"))
    ours = [rule for agent, rules in groups.items() if agent.split("/")[0].strip() == OUR_NAME for rule in rules]
    named = any(agent.split("/")[0].strip() == OUR_NAME for agent in groups)
    return tuple(ours if named else groups.get("*", []))


def allowed(rules: tuple[_Rule, ...], path: str) -> bool:
    """The longest rule that matches decides; of two as long, the one that allows."""
    path = unquote(path or "/")
    matching = [rule for rule in rules if rule.pattern.match(path)]
    return max(matching, key=lambda rule: (rule.length, rule.allow)).allow if matching else True


def _rule(value: str, *, allow: bool) -> _Rule:
    """`*` is any run of characters, `$` at the end the end. Runs of `*` are one, and no more than ten: `re` backtracks."""
    ends = value.endswith("$")
    parts = [re.escape(unquote(part)) for part in re.sub(r"\*+", "*", value.removesuffix("$")).split("*")[:10]]
    return _Rule(allow, len(value), re.compile(".*?".join(parts) + ("$" if ends else ""), re.DOTALL))
