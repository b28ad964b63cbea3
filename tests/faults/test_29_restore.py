"""A backup while everything writes, and a restore on an empty machine (reliability, faults 17 and 29): the next digest's preview is
equal byte by byte, nothing is sent again, and what was withdrawn stays away.
"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from monitor.core.digests.schedule import Due
from monitor.pipeline.deliver import compose_digest
from monitor.service import Service
from monitor.settings import load
from tests.fakes.house import add_feeds, all_read, article, asked, build, mentions, subscribe
from tests.faults.history import broken_laws

KEY = "kept elsewhere than the backup"
#: What comes while backups are made.
FEEDS, MANY = 4, 15


def preview(environment, subscription_id, at):
    """The bytes of the next mail as this machine would make it at that moment."""
    service = Service(load(environment), clock=lambda: at)
    try:
        return compose_digest(service.deps, service.store.subscription(subscription_id), at)[2].mime
    finally:
        service.store.close()


@pytest.mark.parametrize(
    ("there", "here"), [("sqlite_url", "empty_postgresql_url"), ("postgresql_url", None)], ids=["sqlite", "postgresql"]
)
def test_on_an_empty_machine(request, web, broker, fakes, newsroom, sink, wait_for, tmp_path, there, here):
    """From each database to the other kind, so that nothing can have stayed where it was."""
    old, new = (tmp_path / name for name in ("old", "new"))
    old.mkdir()
    new.mkdir()
    house = build(old, web, broker.url, request.getfixturevalue(there), sink.url)
    house.environment["HYPEWATCH_SECRET_KEY"] = KEY
    another = None
    try:
        first, second = newsroom(2, 3)
        add_feeds(house, [first])
        running = start(house)
        wait_for(lambda: all_read(house, 3), 60, f"three pages\n{house.logs()}")
        reader = subscribe(house)
        wait_for(lambda: len(sink.taken) == 1, 60, f"the first digest\n{house.logs()}")
        told = {mention.id for mention in mentions(house)}
        gone = mentions(house)[0]
        assert asked(house, "mentions", "purge", str(gone.id), "--yes")[0] == 0

        for feed in range(FEEDS):
            web[f"/many/{feed}"] = fakes.answer(many(feed))
        add_feeds(house, [*(web.url(f"/many/{feed}") for feed in range(FEEDS)), second])
        saved = []
        while len(mentions(house)) < FEEDS * MANY + 5:  # backups while it is written
            saved.append(tmp_path / f"saved-{len(saved)}.db")
            assert asked(house, "db", "backup", str(saved[-1]))[0] == 0, house.logs()
        assert saved, "all was written before the first backup: the test is too weak"
        for process in running:
            house.kill(process)
        at = house.now + timedelta(minutes=1)
        before = preview(house.environment, reader.id, at)
        assert b"walking again" in before
        assert asked(house, "db", "backup", str(tmp_path / "saved.db"))[0] == 0

        url = request.getfixturevalue(here) if here else f"sqlite:///{new}/restored.db"
        another = build(new, web, broker.url, url, sink.url)
        another.environment["HYPEWATCH_SECRET_KEY"] = KEY
        for file in (saved[0], saved[-1], tmp_path / "saved.db"):  # each is whole
            code, said = asked(another, "db", "restore", str(file), "--yes")
            assert (code, said) == (0, "Restored.")
        assert preview(another.environment, reader.id, at) == before

        asked_before = len(web.asked)
        # Written anew, so that what was withdrawn is read once more.
        web["/feed/0"] = fakes.answer(web.scripts["/feed/0"].partition(b"\r\n\r\n")[2] + b"<!-- anew -->")
        for feed in another.store.feeds():
            another.store.set_feed(feed.id, due_at=another.now)
        tomorrow = another.now + timedelta(days=1)
        another.store.set_subscription(reader.id, due=Due(another.now, tomorrow.date().isoformat()))
        start(another)
        wait_for(lambda: len(web.asked) >= asked_before + 3, 60, "the feeds are read again")
        wait_for(
            lambda: another.store.digest_for(reader.id, tomorrow.date().isoformat()) is not None, 60, "the next digest"
        )
        wait_for(lambda: len(sink.taken) > 1, 60, "it is sent")
        time.sleep(3)  # three more ticks
        assert len(sink.taken) == 2, "and that alone"
        assert gone.title not in {mention.title for mention in mentions(another)}
        newest = another.store.digests()[0]
        assert not told & {mention.id for mention in another.store.digest_mentions(newest.id)}
        assert broken_laws(another.store, sink.taken) == []
    finally:
        house.close()
        if another is not None:
            another.close()


def start(house):
    return house.start("worker", "--concurrency", "2"), house.start("beat", "--every", "1")


def many(feed):
    items = "".join(
        f'<item><guid isPermaLink="false">many-{number}</guid><title>Many {number}</title>'
        f"<description>{article(1000 + number)}</description></item>"
        for number in range(feed * MANY, (feed + 1) * MANY)
    )
    return f'<rss version="2.0"><channel><title>Many</title>{items}</channel></rss>'
