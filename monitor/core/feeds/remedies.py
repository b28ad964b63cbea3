"""What a person can do about a reading that did not go well, as data. Pure.

A reading is stored as its outcome, its reason and one sentence for a person. What no row knows is answered by the outcome.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.model import Outcome, Reason
from monitor.core.sentences import closed

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATOR = "whoever looks after this Hypewatch"
_BY_ITSELF = "Nothing: it is asked again by itself, later each time, and never given up."
_LOOK = "Open the address in a browser."
_ANEW = "Paste the site’s address under “Add a source” to find its new feed, then remove this one."
_ANOTHER = "Paste the address of the site’s first page: it may offer a feed."


class Remedy(NamedTuple):
    """What to do about a source that is read, and before one is added, where that is something else."""

    do: str
    first: str = ""


#: What is missing here, or said by a network.
OF_SEARCHES: Mapping[Reason, Remedy] = {
    Reason.NO_KEY: Remedy(f"Its key is missing: ask {_OPERATOR} to set it."),
    Reason.KEY_UNKNOWN: Remedy(f"Ask {_OPERATOR} to renew its key."),
    Reason.KEY_TOO_WEAK: Remedy(f"X must allow this key to search: ask {_OPERATOR}."),
    Reason.QUERY: Remedy(
        "Write the search in simpler words: remove this one and add it anew.",
        "Write the search in simpler words.",
    ),
    Reason.CREDIT: Remedy(f"X wants to be paid first: ask {_OPERATOR} to top up the credit."),
    Reason.BUDGET: Remedy(
        "Nothing: it goes on when the budget allows. A narrower search costs less.",
    ),
    Reason.DAY_SPENT: Remedy(
        f"Nothing: it goes on tomorrow. A key of your own gives more: ask {_OPERATOR}.",
    ),
    Reason.FACT_SHEET: Remedy("Fill in what is missing on the fact sheet of the study."),
    Reason.ROBOTS: Remedy("The page asks programs to stay away: look at it yourself now and then, and remove this."),
    Reason.OTHER_FORM: Remedy(
        "Nothing yet: the network answered otherwise than it should. It is asked again by itself.",
    ),
}
#: What a feed's host says, what became of the way there, and what came and is no feed.
OF_FEEDS: Mapping[Reason, Remedy] = {
    Reason.PRIVATE: Remedy(f"If the address is right, {_OPERATOR} can allow it."),
    Reason.ADDRESS: Remedy(
        "Remove it, and add it again with its whole address.",
        "Paste the whole address, as the browser shows it.",
    ),
    # What its host says.
    Reason.LOGIN: Remedy(
        "It needs a login, which Hypewatch has none for. Ask the outlet for an open feed, or remove it.",
        "It needs a login, which Hypewatch has none for. Ask the outlet for an open feed.",
    ),
    Reason.PAYMENT: Remedy(
        "The outlet gives it to paying readers only: ask it for an open feed, or remove it.",
        "The outlet gives it to paying readers only: ask it for an open feed.",
    ),
    Reason.FORBIDDEN: Remedy(
        "The site turns programs away. Ask the outlet to let Hypewatch in, or look for another feed of it."
    ),
    Reason.MISSING: Remedy(
        f"{_LOOK} If nothing is there, the feed has moved. {_ANEW}",
        f"{_LOOK} If nothing is there, the address is wrong or old. {_ANOTHER}",
    ),
    Reason.GONE: Remedy(f"The outlet has ended this feed, so it is not asked any more. {_ANEW}", _ANOTHER),
    Reason.LEGAL: Remedy("It may not be shown where Hypewatch runs. Look for another source of the same news."),
    Reason.TOO_OFTEN: Remedy(
        "Nothing: it is asked again when the site allows it. Fewer sources of one site help.",
        "Wait some minutes, and look again.",
    ),
    Reason.LATER: Remedy(
        _BY_ITSELF,
        "Look again in a minute.",
    ),
    Reason.OWN_FAULT: Remedy(
        f"Nothing yet: the fault is on its side, and it is asked again. {_LOOK} If it works there for days, tell the outlet.",
        "The fault is on its side: look again later.",
    ),
    # The way there.
    Reason.NAME: Remedy(
        f"Check the spelling of the address. {_LOOK} If the site has a new name, add that one and remove this.",
        f"Check the spelling of the address. {_LOOK}",
    ),
    Reason.CONNECTION: Remedy(
        f"{_LOOK} If the browser warns of its certificate, tell the outlet; if nothing answers, it is asked again by itself.",
        f"{_LOOK} If the browser warns of its certificate, tell the outlet; if nothing answers, look again later.",
    ),
    Reason.ASTRAY: Remedy(f"It was moved, and the way ends nowhere. {_ANEW}", _ANOTHER),
    Reason.SLOW: Remedy(
        f"{_BY_ITSELF} If it stays slow for days, tell the outlet.",
        "Look again in some minutes.",
    ),
    Reason.BROKE_OFF: Remedy(_BY_ITSELF, "Look again in some minutes."),
    # What came is no feed.
    Reason.LEADS_ON: Remedy(
        "It is a page that leads to a feed. Paste its address under “Add a source”, choose the feed, and remove this one.",
    ),
    Reason.PAGE: Remedy(
        f"{_LOOK} If the site has a feed elsewhere, add that and remove this one; if it has none, a search may find what it publishes.",
        "If the site has a feed elsewhere, paste its address; if it has none, paste words to search for.",
    ),
    Reason.LIST: Remedy(
        "Bring it in under “Bring sources along”, and remove this one.",
        "Save it as a file, and bring it in on the page Sources under “Bring sources along”.",
    ),
    Reason.UNREADABLE: Remedy(
        f"What came is no feed that can be read. {_LOOK} If it looks well there, tell the outlet. {_ANEW}",
        f"What came is no feed that can be read. {_ANOTHER}",
    ),
}
#: What to do by the outcome alone.
BY_OUTCOME: dict[Outcome, Remedy] = {
    Outcome.RATE_LIMITED: Remedy("Nothing: it is asked again when it is allowed.", "Look again in some minutes."),
    Outcome.TEMPORARY: Remedy(_BY_ITSELF, "Look again in some minutes."),
    Outcome.SOFT: Remedy(f"What came is no feed. {_LOOK} {_ANEW}", f"What came is no feed. {_ANOTHER}"),
    Outcome.HARD: Remedy(
        f"{_LOOK} If it does not open there either, remove it or find its new address.",
        f"{_LOOK} If it does not open there either, the address is wrong.",
    ),
    Outcome.GONE: Remedy(f"The outlet has ended it, so it is not asked any more. {_ANEW}", _ANOTHER),
}
#: The same for a search or a watch, whose address is none that a person wrote.
BY_OUTCOME_OF_SEARCHES: Mapping[Outcome, Remedy] = BY_OUTCOME | {
    Outcome.SOFT: Remedy(_BY_ITSELF, "Look again later."),
    Outcome.HARD: Remedy(f"It is asked again by itself. If it stays so, ask {_OPERATOR}.", f"Ask {_OPERATOR}."),
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“`])")
#: Names of settings begin so, and are for who runs it: ": check HYPEWATCH_X_BEARER_TOKEN" says nothing to a reader of pages.
_SETTING = "HYPEWATCH_"


def remedy(outcome: Outcome | None, reason: Reason | None, *, feed: bool = True, first: bool = False) -> str:
    """What to do about a reading that ended so, in a sentence or three; "" if it went well. `feed`: it is one, and no search or
    watch; `first`: it is not added yet.
    """
    if outcome is None or outcome not in BY_OUTCOME:
        return ""
    table, otherwise = (OF_FEEDS, BY_OUTCOME) if feed else (OF_SEARCHES, BY_OUTCOME_OF_SEARCHES)
    found = otherwise[outcome] if reason is None else table.get(reason, otherwise[outcome])
    return (first and found.first) or found.do


def for_page(sentence: str) -> str:
    """A stored sentence as a page shows it: without what tells of commands and names of settings."""
    parts = _SENTENCE.split(sentence)
    kept = [closed(_without_setting(part)) if _SETTING in part else part for part in parts if "`" not in part]
    shown = " ".join(part for part in kept if part)
    return shown or " ".join(closed(told) for part in parts if (told := _before_command(part)))


def _without_setting(part: str) -> str:
    """Without the clause that names a setting, and what follows it."""
    before = part.partition(_SETTING)[0]
    return before[: max(0, *(before.rfind(mark) for mark in ";:."))].strip(" .")


def _before_command(part: str) -> str:
    """What stands before a command: "No such host: see `hypewatch feeds`" says that there is no such host."""
    return part.partition("`")[0].rstrip(" :;(").removesuffix("(see").removesuffix(" see").rstrip(" :;(.")
