"""Judging in several processes: the answers, their order and the errors are those of one; a process that is ended is told."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.core.drift import assess
from monitor.core.errors import EndedError, UsageError
from monitor.core.model import Kind
from monitor.library import judges as module
from monitor.library.judges import FIRST, PORTION, ProcessJudges
from monitor.library.load import Library
from monitor.pipeline.one_by_one import ONE_BY_ONE

if TYPE_CHECKING:
    from collections.abc import Iterator

STUDY = "keio-ips-sci"
TEXTS = [
    f"A paralysed man is walking again after Keio University put iPS cells into his spinal cord, he told reader {number}. It is a moonshot."
    if number % 3
    else f"Two of the four patients improved, reader {number} was told; there was no control group."
    for number in range(FIRST + 5 * PORTION + 3)
]


def judged(library, text):
    found = assess("", text, library.study(STUDY), library.ruleset(STUDY), kind=Kind.POST, lang="en")
    return os.getpid(), text, found


def refused(_library, text):
    if text.endswith(f"reader {FIRST + 30}."):
        raise UsageError(f"No: {text}")
    return text


def ended(_library, text, *, victim):
    if text == victim:
        os.kill(os.getpid(), signal.SIGKILL)
    return text


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(Path("no folder"), {})


@pytest.fixture(autouse=True)
def found_by_others(monkeypatch):
    """What these tests let other processes do is found by them."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


@pytest.fixture
def judges() -> Iterator[ProcessJudges]:
    with ProcessJudges(2) as made:
        yield made


def test_the_answers_and_their_order_are_those_of_one_process(library, judges):
    alone = [row[1:] for row in ONE_BY_ONE.each(library, judged, TEXTS)]
    together = list(judges.each(library, judged, TEXTS))
    assert [row[1:] for row in together] == alone
    assert {row[0] for row in together[:FIRST]} == {os.getpid()}, "a few are judged here"
    others = {row[0] for row in together[FIRST:]} - {os.getpid()}
    assert others
    again = list(judges.each(library, judged, TEXTS[:PORTION]))
    assert {row[0] for row in again} <= others, "the processes stay, and know the rules"


def test_a_library_of_one_s_own_rules_goes_over_whole(judges):
    rule = (
        'id: our-moonshot\nmessage: "“{match}” needs a look."\nwhy: It is ours.\nseverity: high\nstatus: active\nkind: phrase\n'
        "drift: sensational-language\nignores: [reader]\nmatch:\n  any: [moonshot]\ncorrection: Leave it out.\n"
        'flags:\n  - "It is a moonshot."\n  - "A moonshot, they say."\npasses:\n  - "Two of the four patients improved."\n'
    )
    own = Library(Path("no folder"), {"our-moonshot.yaml": rule})
    found = list(judges.each(own, judged, TEXTS))
    assert all(any(flag.rule == "our-moonshot" for flag in row[2].flags) == ("moonshot" in row[1]) for row in found)
    assert len({row[0] for row in found}) > 1


def test_what_goes_wrong_there_is_raised_here(library, judges):
    seen = []
    texts = [f"reader {number}." for number in range(FIRST + 3 * PORTION)]
    with pytest.raises(UsageError, match=f"No: reader {FIRST + 30}"):
        seen.extend(judges.each(library, refused, texts))
    assert seen == texts[: FIRST + PORTION], "what stood before it was given out"


def test_a_process_that_is_ended_is_told_and_the_next_work_has_new_ones(library):
    texts = [str(number) for number in range(FIRST + 10 * PORTION)]
    with ProcessJudges(2) as made:
        with pytest.raises(EndedError, match=r"ended from outside.*Begin again"):
            list(made.each(library, partial(ended, victim=texts[-1]), texts))
        assert list(made.each(library, refused, texts)) == texts


def test_no_more_is_read_than_is_worked_on(library, judges):
    taken = 0

    def many():
        nonlocal taken
        for number in range(100_000):
            taken = number
            yield str(number)

    found = judges.each(library, refused, many())
    for _ in range(FIRST + 1):
        next(found)
    assert taken <= FIRST + 2 * judges.processes * module.AHEAD * PORTION
    found.close()


def test_with_one_process_there_is_no_other(library, monkeypatch):
    monkeypatch.setattr(module, "cores", lambda: 1)
    with ProcessJudges() as made:
        assert {row[0] for row in made.each(library, judged, TEXTS)} == {os.getpid()}
