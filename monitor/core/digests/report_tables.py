"""The tables of a report, one a topic. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from monitor.core.digests.report_lines import usual_of
from monitor.core.digests.subscribers import DigestKind
from monitor.core.digests.tables import Line, Table
from monitor.core.entry import speaker
from monitor.core.letters.letter import LetterState
from monitor.core.model import Network
from monitor.core.text.excerpt import shortened
from monitor.core.text.lang import is_judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from monitor.core.digests.digest import StoryLine
    from monitor.core.digests.report_input import ReportInput, Tally
    from monitor.core.wording import Wording

#: Rows of a table; who is named in a cell; letters of a headline.
ROWS_MAX, NAMES_MAX, TITLE_MAX = 5, 3, 80
#: Places and languages; the rest is one row.
SUMMED_MAX = 8


def counts(given: ReportInput, kind: DigestKind, wording: Wording) -> Table:
    """This period, the one before, and the usual; without what is not known yet."""
    say, number, total = wording.say, wording.number, given.all
    if not total.mentions and not given.earlier:
        return Table("", (), ())
    weekly = kind is DigestKind.WEEKLY
    head = [say("Count"), say("The week") if weekly else say("The month")]
    columns = [(number(total.mentions), number(total.flagged))]
    if given.earlier:
        before = given.earlier[-1]
        head.append(say("The week before") if weekly else say("The month before"))
        columns.append((number(before.mentions), number(before.flagged)))
    usual = usual_of(given.earlier)
    if usual is not None:
        head.append(say("Usual"))
        columns.append((number(usual[0]), number(usual[1])))
    lines = (
        Line(say("Mentions"), tuple(column[0] for column in columns)),
        Line(say("Too far"), tuple(column[1] for column in columns)),
    )
    caption = say("How much was said")
    if usual is not None:
        median = (
            wording.many("usual: the median of {count} week", "usual: the median of {count} weeks", len(given.earlier))
            if weekly
            else wording.many(
                "usual: the median of {count} month", "usual: the median of {count} months", len(given.earlier)
            )
        )
        caption = say("{caption} ({usual})", caption=caption, usual=median)
    return Table(caption, tuple(head), lines)


def places(given: ReportInput, wording: Wording) -> Table:
    """By network."""
    lines = _summed(given.tallies, lambda one: wording.say(one.network.label), wording)
    return Table(wording.say("By place"), _head(wording.say("Place"), wording), lines)


def languages(given: ReportInput, wording: Wording) -> Table:
    """By language; of those without rules it is said that they were not judged."""
    silent = {wording.name_of(one.lang) for one in given.tallies if not is_judged(one.lang)}
    lines = tuple(
        Line(line.label, (line.cells[0], wording.say("not judged") if line.cells[1] == "0" else line.cells[1]))
        if line.label in silent
        else line
        for line in _summed(given.tallies, lambda one: wording.name_of(one.lang), wording)
    )
    return Table(wording.say("By language"), _head(wording.say("Language"), wording), lines)


def outlets(given: ReportInput, wording: Wording) -> Table:
    """Who published most. Accounts are people, and are not counted one by one."""
    count: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    names: dict[int, str] = {}
    for one in given.tallies:
        if one.network is Network.WEB:
            names[one.source_id] = one.source
            count[one.source_id][0] += one.mentions
            count[one.source_id][1] += one.flagged
    most = sorted(count, key=lambda key: (-count[key][0], -count[key][1], names[key]))[:ROWS_MAX]
    lines = tuple(
        Line(
            names[key],
            (
                wording.number(count[key][0]),
                wording.number(count[key][1]),
                wording.say("{share} %", share=round(100 * count[key][1] / count[key][0])),
            ),
        )
        for key in most
    )
    return Table(
        wording.say("Outlets that published most"),
        (*_head(wording.say("Outlet"), wording), wording.say("Share")),
        lines,
    )


def grown(stories: Sequence[StoryLine], kind: DigestKind, wording: Wording) -> Table:
    """The stories that spread most."""
    say = wording.say
    lines = tuple(
        Line(
            shortened(story.title, TITLE_MAX),
            (
                wording.number(story.new),
                wording.number(story.members),
                speaker(story.first_key, story.first_source, wording),
            ),
        )
        for story in stories
    )
    new = say("The week") if kind is DigestKind.WEEKLY else say("The month")
    return Table(say("Stories that spread most"), (say("Story"), new, say("In all"), say("First said by")), lines, True)


def corrections(given: ReportInput, wording: Wording) -> Table:
    """What was asked for, and what came of it."""
    say = wording.say
    done: dict[LetterState, list[str]] = defaultdict(list)
    for step in given.steps:
        done[step.to].append(step.source)
    unasked = {one.mention_id: one.source for one in given.fixed}
    told = (
        (say("Asked for"), done[LetterState.ASKED]),
        (say("Reminded"), done[LetterState.REMINDED]),
        (say("Corrected after a letter"), done[LetterState.CORRECTED]),
        (say("Refused"), done[LetterState.REFUSED]),
        (say("Corrected without a letter"), list(unasked.values())),
    )
    lines = tuple(Line(label, (wording.number(len(names)), _names(names))) for label, names in told if names)
    return Table(say("Corrections"), (say("What happened"), say("How often"), say("Who")), lines, True)


def _names(names: Iterable[str]) -> str:
    """The first few, each once."""
    each = [name for name in dict.fromkeys(names) if name]
    return ", ".join(each[:NAMES_MAX]) + (" …" if len(each) > NAMES_MAX else "")


def _head(label: str, wording: Wording) -> tuple[str, ...]:
    return label, wording.say("Mentions"), wording.say("Too far")


def _summed(tallies: Iterable[Tally], label: Callable[[Tally], str], wording: Wording) -> tuple[Line, ...]:
    mentions: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for one in tallies:
        mentions[label(one)] += one.mentions
        flagged[label(one)] += one.flagged
    order = sorted(mentions, key=lambda name: (-mentions[name], name))
    if len(order) > SUMMED_MAX:
        others = wording.say("Others")
        for counter in (mentions, flagged):
            counter[others] = sum(counter[name] for name in order[SUMMED_MAX - 1 :])
        order = [*order[: SUMMED_MAX - 1], others]
    return tuple(Line(name, (wording.number(mentions[name]), wording.number(flagged[name]))) for name in order)
