"""Backup while writing, restore without bringing back what is gone or mailing again, and moving to PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from monitor.core.digests.subscribers import DeliveryOutcome, DigestState
from monitor.core.errors import StorageError, StorageReadOnlyError
from monitor.core.mention import Review, RuleSetVersion, TextFrom, Verdict
from monitor.core.model import FeedKind, Network, Work
from monitor.core.people import Scope
from monitor.core.search.nodes import Query
from monitor.core.search.query import parse_query
from monitor.core.session import Role
from monitor.storage.backup import backup, copy_to, restore
from monitor.storage.store import open_store

ALL = Query()
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def fill(newsroom, make):
    """Something in every table."""
    store = newsroom.store
    one = make.draft(1, "He is walking again 治療.", "walking again", title="One", hours=3)
    newsroom.poll(one, make.draft(2, "A copy", hours=2), pages=[one.identity])
    newsroom.poll(
        make.draft(1, "He is walking again, edited.", "walking again", title="One", hours=3), now=make.NOW + MINUTE
    )
    post = make.draft(
        3, "Quoted", network=Network.X, source="@a", found_on=one.identity, text_from=TextFrom.POST, hours=9
    )
    store.import_mentions([post], make.alone, now=make.NOW)
    (mention,) = store.search(parse_query("walking", make.NOW))
    store.review(Review(flag_id=mention.flags[0].id, verdict=Verdict.UPHELD, by="ed", at=make.NOW))
    store.save_rules(
        RuleSetVersion(id=0, parent=None, digest="d", files={"a.yaml": "x"}, author="ed", at=make.NOW, note="")
    )
    store.set_setting("secret-key", "very-secret-key")
    store.set_setting("epoch", "2025")
    store.spend("x", 3, make.NOW)
    store.lock("tick", "a", make.NOW, MINUTE)
    (gone,) = store.import_mentions([make.draft(4, "Gone")], make.alone, now=make.NOW)
    store.purge(gone, now=make.NOW)
    store.propose([make.proposal], now=make.NOW)
    newsroom.poll(make.draft(1, "He stands, edited.", title="One", hours=3), now=make.NOW + 2 * MINUTE)
    return newsroom.freeze(newsroom.subscribe())


def everything(store, make):
    """What a person can see of a store."""
    found = store.search(ALL)
    return {
        "feeds": store.feeds(),
        "polls": [store.poll_outcomes(feed.id) for feed in store.feeds()],
        "mentions": [store.mention(mention.id) for mention in found],
        "revisions": [store.revisions(mention.id) for mention in found],
        "reviews": [store.reviews(flag.id) for mention in found for flag in store.mention(mention.id).flags],
        "words": [store.count(parse_query(word, make.NOW)) for word in ("edited", "治療", "quoted", "gone")],
        "stories": store.stories(ALL),
        "rules": store.rules_history(),
        "proposals": store.proposals(),
        "subscriptions": store.subscriptions(),
        "digests": store.digests(),
        "told": [store.digest_mentions(digest.id) for digest in store.digests()],
        "deliveries": store.deliveries(),
        "spent": store.rows_left("x", make.NOW, per_day=10, per_month=10),
        "epoch": store.setting("epoch"),
        "pages": store.due(Work.PAGE, make.NOW + DAY),
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request, tmp_path):
    """Another, empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/target.db"
    return request.getfixturevalue("empty_postgresql_url")


def test_a_copy_has_everything_and_goes_on_counting(newsroom, make, database_url, target_url):
    fill(newsroom, make)
    before = everything(newsroom.store, make)
    rows = copy_to(database_url, target_url)
    assert rows > 25
    copied = open_store(target_url)
    assert everything(copied, make) == before
    assert copied.setting("secret-key") == "very-secret-key"
    feed = copied.add_feed(FeedKind.FEED, "https://example.org/second", now=make.NOW)
    assert feed.id > before["feeds"][-1].id
    copied.import_mentions([make.draft(9, "walking", "walking")], make.alone, now=make.NOW)
    assert copied.import_mentions([make.draft(4, "Gone")], make.alone, now=make.NOW) == ()
    copied.close()
    with pytest.raises(StorageError, match="not empty"):
        copy_to(database_url, target_url)


def test_a_backup_restored_elsewhere_is_the_same_without_secrets_and_mails_nothing(
    newsroom, make, database_url, target_url, tmp_path
):
    frozen = fill(newsroom, make)
    before = everything(newsroom.store, make)
    file = tmp_path / "saved.db"
    backup(database_url, file)
    assert b"very-secret-key" not in file.read_bytes()
    assert [path.name for path in tmp_path.glob("saved.db*")] == ["saved.db"]
    assert file.stat().st_mode & 0o077 == 0
    restore(file, target_url)
    restored = open_store(target_url)
    assert restored.setting("secret-key") is None
    assert restored.due(Work.SEND, make.NOW + DAY) == ()
    assert restored.claim_digest(frozen.id, "me", make.NOW + DAY, MINUTE) is None
    assert restored.digest(frozen.id).state == "unknown"
    after = everything(restored, make)
    assert {name: value for name, value in after.items() if name != "digests"} == {
        name: value for name, value in before.items() if name != "digests"
    }
    restored.close()


def test_a_restore_keeps_what_was_withdrawn_who_left_and_what_was_sent(newsroom, make, database_url, tmp_path):
    store = newsroom.store
    newsroom.poll(make.draft(1, "Stays", hours=1), make.draft(2, "Withdrawn later", hours=2))
    stayed, left = newsroom.subscribe(), newsroom.subscribe(email="left@example.org")
    store.set_setting("secret-key", "key-of-this-place")
    file = tmp_path / "saved.db"
    backup(database_url, file)
    (victim,) = store.search(parse_query("withdrawn", make.NOW))
    store.purge(victim.id, now=make.NOW)
    store.end_subscription(left.id, make.NOW)
    sent = store.claim_digest(newsroom.freeze(stayed).id, "me", make.NOW, MINUTE)
    store.finish_digest(
        sent, outcome=DeliveryOutcome.SENT, state=DigestState.SENT, reply="250", now=make.NOW, retry_at=None
    )
    newsroom.poll(make.draft(3, "Since the backup"), now=make.NOW + MINUTE)
    restore(file, database_url)
    assert [mention.text for mention in store.search(ALL)] == ["Stays"]
    assert store.count(parse_query("withdrawn", make.NOW)) == 0
    assert store.import_mentions([make.draft(2, "Withdrawn later")], make.alone, now=make.NOW) == ()
    assert store.subscription(left.id).left_at == make.NOW
    assert store.digest_for(stayed.id, sent.local_date).state == "sent"
    assert store.digest_input(stayed, make.NOW + DAY).mentions == ()
    assert store.setting("secret-key") == "key-of-this-place"


def test_a_backup_is_whole_while_others_write(newsroom, make, database_url, tmp_path):
    stop = threading.Event()
    failed = []

    def write():
        number = 100
        while not stop.is_set():
            try:
                newsroom.store.import_mentions(
                    [make.draft(number + at, f"walking {number}", "walking") for at in range(10)],
                    make.together,
                    now=make.NOW,
                )
            except StorageError as error:
                failed.append(error)
            number += 10

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            file = tmp_path / f"saved-{number}.db"
            backup(database_url, file)
            saved = open_store(f"sqlite:///{file}")
            found = saved.search(ALL, limit=100_000)
            assert len(found) % 10 == 0
            assert len(found) == saved.count(parse_query("walking", make.NOW))
            assert sum(story.size for story in saved.stories(ALL)) == len(found)
            saved.close()
    finally:
        stop.set()
        writer.join()
    assert failed == []


def test_a_file_that_is_no_backup_is_refused_and_nothing_is_lost(newsroom, make, database_url, tmp_path):
    newsroom.poll(make.draft(1, "Text"))
    wrong = tmp_path / "wrong.db"
    wrong.write_text("not a database at all" * 100)
    empty = tmp_path / "empty.db"
    empty.touch()
    for file in (wrong, empty):
        with pytest.raises(StorageError):
            restore(file, database_url)
    assert newsroom.store.count(ALL) == 1


def test_a_backup_into_a_folder_that_is_missing_is_told(sqlite_url, tmp_path):
    with pytest.raises(StorageReadOnlyError, match="cannot be written"):
        backup(sqlite_url, tmp_path / "missing" / "saved.db")


def somebody(store, make, address, *, key):
    """An owner with a password, a browser and a key."""
    person = store.add_person(address, name="", role=Role.OWNER, now=make.NOW)
    store.begin_session(f"cookie-{key}", person_id=person.id, now=make.NOW, expires_at=make.NOW + DAY, browser="")
    store.set_password(person.id, f"hash-of-{key}")
    given = {"name": "desk", "scopes": [Scope.READ], "maker": "", "expires_at": None}
    store.add_key(key, person_id=person.id, now=make.NOW, **given)
    return person


def test_people_come_back_from_a_backup_and_their_passwords_and_keys_do_not(
    store, make, database_url, target_url, tmp_path
):
    somebody(store, make, "ada@example.org", key="secret-key-of-ada")
    store.begin_try({"canary-try": 5}, make.NOW, MINUTE)
    file = tmp_path / "saved.db"
    backup(database_url, file)
    assert [
        word for word in (b"secret-key-of-ada", b"cookie-", b"hash-of-", b"canary-try") if word in file.read_bytes()
    ] == []
    restore(file, target_url)
    restored = open_store(target_url)
    (ada,) = restored.people()
    assert (ada.email, ada.role, ada.has_password) == ("ada@example.org", Role.OWNER, False)
    assert (restored.program_keys(), restored.sessions(make.NOW)) == ((), ())
    assert restored.add_person("bob@example.org", name="", role=Role.READER, now=make.NOW).id != ada.id
    restored.close()


def test_a_restore_leaves_who_may_come_in_as_it_is(store, make, database_url, tmp_path):
    ada = somebody(store, make, "ada@example.org", key="a")
    bob = somebody(store, make, "bob@example.org", key="b")
    file = tmp_path / "saved.db"
    backup(database_url, file)
    store.remove_person(bob.id, make.NOW)
    restore(file, database_url)
    assert [person.email for person in store.people()] == ["ada@example.org"]
    assert (store.password(ada.email), store.key("a", make.NOW).person_id) == ("hash-of-a", ada.id)
    assert (store.key("b", make.NOW), store.person(bob.id).state) == (None, "removed")
    assert store.sessions(make.NOW) == ()


def test_a_copy_takes_people_and_keys_along(store, make, database_url, target_url):
    ada = somebody(store, make, "ada@example.org", key="a")
    copy_to(database_url, target_url)
    copied = open_store(target_url)
    assert (copied.password(ada.email), copied.key("a", make.NOW).person) == ("hash-of-a", "ada@example.org")
    assert copied.session("cookie-a", make.NOW).person_id == ada.id
    copied.close()
