"""Proposals in the database: one however often it is told, decided once, mailed once to each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.proposals import Proposal, ProposalKind, ProposalState
from monitor.storage.backup import backup, restore

DAY = timedelta(days=1)


def test_the_same_from_four_indexes_is_one_that_names_them(newsroom, make):
    store, one = newsroom.store, make.proposal
    (opened,) = store.propose([one], now=make.NOW)
    again = [replace(one, seen_in=name, sentence="Told otherwise.") for name in ("Crossref", "PubMed", "OpenAlex")]
    assert store.propose(again, now=make.NOW + DAY) == ()
    (stored,) = store.proposals()
    assert stored == Proposal(
        id=opened,
        study_id=one.study_id,
        kind=one.kind,
        key=one.key,
        sentence=one.sentence,
        findings=("peer-review",),
        rung="peer-reviewed",
        title="One",
        url=one.url,
        detail="",
        seen=("PubMed", "Crossref", "OpenAlex"),
        opened_at=make.NOW,
    )


def test_another_kind_key_or_study_is_another(newsroom, make):
    one = make.proposal
    others = [
        replace(one, kind=ProposalKind.RETRACTED),
        replace(one, key="doi:10.5555/two"),
        replace(one, study_id="other"),
    ]
    assert len(newsroom.store.propose([one, *others, one], now=make.NOW)) == 4
    assert [found.key for found in newsroom.store.proposals("other")] == [one.key]
    assert newsroom.store.propose([], now=make.NOW) == ()


def test_what_was_decided_is_not_opened_again_and_can_be_decided_anew(newsroom, make):
    store = newsroom.store
    (opened,) = store.propose([make.proposal], now=make.NOW)
    decided = store.decide_proposal(opened, ProposalState.DISMISSED, by="ed", why="not ours", now=make.NOW + DAY)
    assert (decided.state, decided.by, decided.why, decided.decided_at) == ("dismissed", "ed", "not ours", make.NOW + DAY)  # fmt: skip
    store.propose([replace(make.proposal, seen_in="Crossref")], now=make.NOW + DAY)
    assert store.proposals() == (replace(decided, seen=("PubMed", "Crossref")),)
    assert (store.proposals(state=ProposalState.OPEN), len(store.proposals())) == ((), 1)
    assert (
        store.decide_proposal(opened, ProposalState.ACCEPTED, by="ada", why="", now=make.NOW).state
        is ProposalState.ACCEPTED
    )


def test_an_unknown_one_is_told(newsroom, make):
    with pytest.raises(NotFoundError, match="no proposal 99"):
        newsroom.store.decide_proposal(99, ProposalState.ACCEPTED, by="", why="", now=make.NOW)


def test_each_subscription_is_told_once_while_it_is_open(newsroom, make):
    store = newsroom.store
    first, second = newsroom.subscribe(), newsroom.subscribe(email="second@example.org")
    one, other = store.propose([make.proposal, replace(make.proposal, key="doi:10.5555/two")], now=make.NOW)
    elsewhere = replace(make.proposal, study_id="other")
    store.propose([elsewhere], now=make.NOW)
    assert [told.id for told in store.digest_input(first, make.NOW).proposals] == [one, other]
    newsroom.freeze(first)
    assert store.digest_input(first, make.NOW + DAY).proposals == ()
    store.decide_proposal(one, ProposalState.DISMISSED, by="ed", why="no", now=make.NOW)
    assert [told.id for told in store.digest_input(second, make.NOW + DAY).proposals] == [other]


def test_many_are_told_a_few_a_day(newsroom, make):
    store, subscription = newsroom.store, newsroom.subscribe()
    store.propose([replace(make.proposal, key=f"doi:10.5555/{number}") for number in range(7)], now=make.NOW)
    assert len(store.digest_input(subscription, make.NOW).proposals) == 5
    newsroom.freeze(subscription)
    assert len(store.digest_input(subscription, make.NOW + DAY).proposals) == 2


def test_what_no_database_can_hold_is_held_and_known_again(newsroom, make):
    odd = replace(make.proposal, key="doi:10.5555/\x00\ud800", title="\x00")
    assert len(newsroom.store.propose([odd, odd], now=make.NOW)) == 1


def test_a_restore_does_not_tell_again_what_was_told_since(newsroom, make, database_url, tmp_path):
    store, subscription = newsroom.store, newsroom.subscribe()
    store.propose([make.proposal], now=make.NOW)
    backup(database_url, tmp_path / "saved.db")
    newsroom.freeze(subscription)
    restore(tmp_path / "saved.db", database_url)
    assert store.digest_input(store.subscription(subscription.id), make.NOW + DAY).proposals == ()
    assert [found.key for found in store.proposals()] == [make.proposal.key]
