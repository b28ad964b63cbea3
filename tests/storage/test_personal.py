"""What is stored of one person is given out whole, and erased whole; everybody else's stays."""

from __future__ import annotations

import pytest

from monitor.core.digests.subscribers import DigestState
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.mention import Review, Verdict
from monitor.core.model import Network
from monitor.core.search.nodes import Query

SECRET = "a-secret-word"


@pytest.fixture
def filled(newsroom, make):
    """Two mentions of one author, a post of an account of the same handle on each of two networks, and two of others."""
    newsroom.poll(
        make.draft(1, f"{SECRET} walking", author="Élise Ruiz", hours=1),
        make.draft(2, "walking", author="ÉLISE RUIZ", hours=2),
        make.draft(3, "walking", author="Élise Ruizdael", hours=3),
        make.draft(4, "post", author="jo", source="@Jo", network=Network.X, hours=4),
        make.draft(5, "post", author="jo", source="@jo", network=Network.BLUESKY, hours=5),
        make.draft(6, "post", author="joan", source="@joan", network=Network.X, hours=6),
    )
    return newsroom


def numbers(found):
    return sorted(int(mention.identity[-1]) for mention in found)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("Élise Ruiz", [1, 2]),
        ("élise ruiz", [1, 2]),
        ("@jo", [4, 5]),
        ("JO", [4, 5]),
        ("ruiz", []),
        ("%", []),
        ("", []),
    ],
)
def test_what_an_author_said_is_found_by_the_whole_name(filled, who, said):
    assert numbers(filled.store.said_by(who)) == said


def test_an_author_is_erased_and_does_not_come_back(filled, make):
    store = filled.store
    assert store.erase_author("@jo", make.NOW) >= 2
    assert numbers(store.search(Query())) == [1, 2, 3, 6]
    assert store.said_by("jo") == ()
    filled.poll(make.draft(4, "post", author="jo", source="@Jo", network=Network.X, hours=4))
    assert numbers(store.search(Query())) == [1, 2, 3, 6]
    assert store.erase_author("@jo", make.NOW) == 0


def test_a_subscriber_is_given_out_and_erased(newsroom, make):
    store = newsroom.store
    newsroom.poll(make.draft(1, "walking", "walking"))
    ada, bo = newsroom.subscribe(email="ada@example.org"), newsroom.subscribe(email="bo@example.org")
    for subscription in (ada, bo):
        newsroom.freeze(subscription)
    (mention,) = store.search(Query())
    store.review(Review(flag_id=mention.flags[0].id, verdict=Verdict.UPHELD, by="Ada@example.org", at=make.NOW))
    theirs, mails = store.got_by(" ADA@example.org ")
    assert [one.id for one in theirs] == [ada.id]
    assert [(mail.subject, mail.recipient, mail.state) for mail in mails] == [
        ("1 drift, 2 new", "ada@example.org", DigestState.READY)
    ]
    assert store.erase_subscriber("ADA@example.org")
    assert store.got_by("ada@example.org") == ((), ())
    assert len(store.got_by("bo@example.org")[1]) == 1
    assert [review.by for review in store.reviews(mention.flags[0].id)] == ["a subscriber"]
    with pytest.raises(NotFoundError):
        store.subscription(ada.id)
    assert not store.erase_subscriber("ada@example.org")


def test_nobody_is_erased_while_a_mail_is_handed_over(newsroom, make):
    newsroom.poll(make.draft(1, "walking", "walking"))
    subscription = newsroom.subscribe(email="ada@example.org")
    newsroom.freeze(subscription, state=DigestState.SENDING)
    with pytest.raises(UsageError, match=r"being handed over"):
        newsroom.store.erase_subscriber("ada@example.org")
    assert len(newsroom.store.got_by("ada@example.org")[0]) == 1
