"""Searches under a name: one for each name, whatever its capitals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError


def test_a_search_is_kept_under_its_name(store, make):
    cure = store.save_search(name="Cure", query="cure OR 治療", by="Ada", now=make.NOW)
    other = store.save_search(name="ärzte", query="", by="Ada", now=make.NOW)
    assert store.saved_searches() == (cure, other)
    assert store.saved_search(cure.id) == cure
    assert (cure.name, cure.query, cure.by, cure.saved_at) == ("Cure", "cure OR 治療", "Ada", make.NOW)


def test_saving_a_name_again_keeps_its_number(store, make):
    first = store.save_search(name="Straße", query="a", by="Ada", now=make.NOW)
    again = store.save_search(name="STRASSE", query="b", by="Bo", now=make.NOW + timedelta(hours=1))
    assert (again.id, again.name, again.query, again.by) == (first.id, "STRASSE", "b", "Bo")
    assert store.saved_searches() == (again,)


def test_a_removed_search_is_gone(store, make):
    search = store.save_search(name="Cure", query="cure", by="Ada", now=make.NOW)
    store.remove_search(search.id)
    assert store.saved_searches() == ()
    for act in (store.saved_search, store.remove_search):
        with pytest.raises(NotFoundError):
            act(search.id)


def test_who_is_mailed_what_a_search_finds(newsroom, make):
    store = newsroom.store
    ada, bo = newsroom.subscribe(email="ada@example.org"), newsroom.subscribe(email="bo@example.org")
    cure = store.save_search(name="Cure", query="cure", by="Ada", now=make.NOW)
    walk = store.save_search(name="Walk", query="walk", by="Ada", now=make.NOW)
    for search, who, at_once in ((cure, ada, True), (walk, ada, False), (cure, bo, False)):
        store.set_search_mail(search.id, who.id, at_once=at_once, now=make.NOW)
    store.set_search_mail(cure.id, ada.id, at_once=False, now=make.NOW + timedelta(days=1))

    def told(**which):
        return [(one.search.name, one.subscription.id, one.at_once) for one in store.search_mails(**which)]

    assert told() == [("Cure", ada.id, False), ("Walk", ada.id, False), ("Cure", bo.id, False)]
    assert {one.since for one in store.search_mails()} == {make.NOW}
    assert told(search_id=walk.id) == [("Walk", ada.id, False)]
    assert told(subscription_id=bo.id) == [("Cure", bo.id, False)]
    store.end_subscription(bo.id, make.NOW)
    assert len(told()) == 3
    assert len(told(now=make.NOW)) == 2
    assert store.stop_search_mail(walk.id, ada.id)
    assert not store.stop_search_mail(walk.id, ada.id)
    store.remove_search(cure.id)
    assert told() == []
    for search_id, subscription_id in ((99, ada.id), (walk.id, 99)):
        with pytest.raises(NotFoundError):
            store.set_search_mail(search_id, subscription_id, at_once=True, now=make.NOW)


def test_nothing_was_told_at_first(newsroom):
    before = newsroom.store.search_told(newsroom.subscribe().id, "search:1")
    assert (before.at, before.dates, before.mentions) == (None, (), frozenset())


def test_who_is_erased_is_mailed_no_more(newsroom, make):
    store = newsroom.store
    ada = newsroom.subscribe(email="ada@example.org")
    search = store.save_search(name="Cure", query="cure", by="Ada", now=make.NOW)
    store.set_search_mail(search.id, ada.id, at_once=True, now=make.NOW)
    assert store.erase_subscriber("ada@example.org")
    assert store.search_mails() == ()
