"""Which answers of a mail server say that an address is dead, and when it is taken for dead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.bounces import MOST_WORDS, Bounce, enough, is_hard, shown, status_in
from monitor.core.errors import RefusedAt

NOW = datetime(2027, 3, 3, 8, tzinfo=UTC)


def bounce(days: float = 0, **changes) -> Bounce:
    whole = {"subscriber_id": 1, "status": "4.2.2", "hard": False, "reply": "full", "message_id": "<a@b>"}
    return Bounce(at=NOW - timedelta(days=days), **(whole | changes))


@pytest.mark.parametrize(
    ("status", "hard"),
    {
        "5.1.0": True, "5.1.1": True, "5.1.2": True, "5.1.3": True, "5.1.6": True, "5.1.10": True, "5.2.1": True,
        "5.1.7": False,  # our own address
        "5.1.8": False,
        "5.2.2": False,  # full
        "5.3.0": False, "5.4.4": False, "5.6.1": False, "5.7.1": False, "5.0.0": False,
        "4.1.1": False,
        "5.1.100": False,
    }.items(),
)  # fmt: skip
def test_a_status_tells_whether_an_address_is_dead(status, hard):
    assert is_hard(status, RefusedAt.RECIPIENT) is hard
    assert is_hard(status, RefusedAt.CONTENT) is hard
    assert not is_hard(status, RefusedAt.SENDER), "then it is us who are refused"


@pytest.mark.parametrize("at", RefusedAt)
def test_without_a_status_nothing_is_certain(at):
    assert not is_hard("", at)


def test_a_status_is_read_at_the_beginning_only():
    assert status_in(" 5.1.1 no such user") == "5.1.1"
    assert status_in("5.1.10") == "5.1.10"
    for text in ("no 5.1.1", "10.5.1.1", "5.1.1.4", "5.1.1000", "3.1.1", "5.1", ""):
        assert status_in(text) == "", text


def test_one_hard_or_three_soft_on_different_days_are_enough():
    assert "takes no mail: no such user" in enough([bounce(), bounce(hard=True, reply="no such user")], NOW)
    soft = [bounce(0), bounce(5), bounce(13)]
    assert enough(soft, NOW) == "Mail came back on 3 days within two weeks, the last time with: full"
    assert enough(soft[:2], NOW) == ""
    assert enough([bounce(0), bounce(0.1), bounce(0.2)], NOW) == "", "of one day"
    assert enough([bounce(0), bounce(5), bounce(14)], NOW) == "", "of three weeks"


@pytest.mark.parametrize(
    "changes",
    [
        {"answered": True},  # it was lifted since
        {"message_id": ""},  # anybody can have written it
        {"status": "5.7.1"},  # our mail is not wanted by their server
        {"status": "5.6.0"},
        {"status": "5.5.2"},
    ],
)
def test_what_says_nothing_of_the_address_counts_for_nothing(changes):
    assert enough([bounce(days, **changes) for days in range(10)], NOW) == ""
    assert enough([bounce(0, **changes), bounce(1), bounce(2), bounce(3)], NOW) != ""


@given(st.text(max_size=600))
def test_a_server_s_words_are_one_line_that_hides_nothing(text):
    line = shown(text)
    assert len(line) <= MOST_WORDS
    assert line.isprintable()
    assert line == line.strip()
