"""A signed link is for one action and one person, and cannot be made by others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.signed_links import Action, mail_name, mail_number, sign, verify, without_tokens

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
KEY = "a key of this installation"


@pytest.mark.parametrize("action", list(Action))
def test_a_link_is_read_back_for_its_own_action_alone(action: Action):
    token = sign(KEY, action, (17, 4))
    assert {other: verify(KEY, token, other, NOW) for other in Action} == {
        other: (17, 4) if other is action else None for other in Action
    }


def test_a_link_of_another_installation_is_none():
    assert verify("another key", sign(KEY, Action.PAUSE, (1,)), Action.PAUSE, NOW) is None


def test_a_link_ends_and_one_without_an_end_does_not():
    token = sign(KEY, Action.CONFIRM, (1,), expires=NOW)
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert [verify(KEY, token, Action.CONFIRM, at) for at in (NOW, tokyo)] == [(1,), (1,)]
    assert verify(KEY, token, Action.CONFIRM, NOW - timedelta(days=1)) == (1,)
    assert verify(KEY, token, Action.CONFIRM, NOW + timedelta(seconds=1)) is None
    assert verify(KEY, sign(KEY, Action.UNSUBSCRIBE, (1,)), Action.UNSUBSCRIBE, NOW + timedelta(days=36500)) == (1,)


def test_a_token_has_one_spelling_and_bounds():
    token = sign(KEY, Action.WRONG, (1, 2, 3))
    for junk in ("!", "\n", " ", "é", "%"):
        assert verify(KEY, token.replace(".", f"{junk}.", 1), Action.WRONG, NOW) is None
        assert verify(KEY, f"{token[:5]}{junk}{token[5:]}", Action.WRONG, NOW) is None
    longest = sign(KEY, Action.WRONG, tuple(range(10**9, 10**9 + 130)))
    assert len(longest.partition(".")[0]) <= 2000
    assert verify(KEY, longest, Action.WRONG, NOW) is not None
    assert verify(KEY, sign(KEY, Action.WRONG, tuple(range(10**9, 10**9 + 140))), Action.WRONG, NOW) is None
    assert verify(KEY, f"{'A' * 2001}.AAAA", Action.WRONG, NOW) is None


@given(st.integers(min_value=0), st.characters())
def test_one_changed_letter_spoils_it(at: int, letter: str):
    token = sign(KEY, Action.WRONG, (1, 2, 3))
    at %= len(token) - 1  # the last letter of base64 holds bits that mean nothing
    changed = token[:at] + letter + token[at + 1 :]
    # The last letter of the payload, too, holds such bits: the ids are still those that were signed.
    assert verify(KEY, changed, Action.WRONG, NOW) in ({None} if changed != token else {(1, 2, 3)}) | (
        {(1, 2, 3)} if token[at + 1] == "." else set()
    )


@given(st.text(max_size=60))
def test_any_text_is_no_link_and_raises_nothing(text: str):
    assert verify(KEY, text, Action.WRONG, NOW) is None


def test_others_may_see_a_mail_without_its_links():
    token = sign(KEY, Action.WRONG, (1, 2))
    mail = f"Wrong? https://monitor.example/l/wrong/{token} or https://monitor.example/mentions/1"
    assert without_tokens(mail) == "Wrong? https://monitor.example/l/wrong/… or https://monitor.example/mentions/1"


@given(st.integers(min_value=0, max_value=2**96 - 1))
def test_a_mail_is_found_by_its_number(number: int):
    assert mail_number(f"{mail_name(number)}watch.example.org>") == number
    assert verify(KEY, sign(KEY, Action.ISSUE, (1, number)), Action.ISSUE, NOW) == (1, number)


@pytest.mark.parametrize("message_id", [f"<confirm.{'0' * 24}@x>", f"<digest.{'0' * 23}@x>", "<digest.1@x>", ""])
def test_what_is_no_digest_has_no_number(message_id: str):
    assert mail_number(message_id) is None
