"""Servers that take mail, processes that send it, and an installation as it is deployed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.pipeline.imports import import_rows
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from tests.conftest import free_port
from tests.fakes.house import broker, build, house, newsroom, wait_for
from tests.fakes.mail import sinking
from tests.faults.history import broken_laws
from tests.faults.mailing import LINE, Mute, Sender

__all__ = ["broker", "house", "newsroom", "wait_for"]


@pytest.fixture
def took():
    """What any server of the test took, whole: (recipient, Message-ID)."""
    return []


@pytest.fixture
def sink(took):
    with sinking(took) as server:
        yield server


@pytest.fixture
def houses(tmp_path, web, sink, sqlite_url, postgresql_url):
    """An installation on each database, which share what broker and mail server do; and the port of the broker, which is down."""
    port, built = free_port(), []
    for number, url in enumerate([sqlite_url, postgresql_url]):
        folder = tmp_path / str(number)
        folder.mkdir()
        built.append(build(folder, web, f"redis://127.0.0.1:{port}/{number}", url, sink.url))
    yield built, port
    for one in built:
        one.close()


@pytest.fixture
def environment(database_url, sink, tmp_path):
    return {
        "HYPEWATCH_HOME": str(tmp_path / "home"),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_SMTP_URL": sink.url,
        "HYPEWATCH_SECRET_KEY": "a key of the test",
    }


@pytest.fixture
def service(environment, clock, took):
    clock.now = datetime.now(UTC)
    opened = Service(load(environment), clock=clock)
    opened.make_home()
    import_rows(opened.deps, read_rows([json.dumps(LINE)], "jsonl", "one"), name="one")
    yield opened
    # Whatever a test breaks: of what servers took and what the ledger says no law is broken.
    assert broken_laws(opened.store, took) == []
    opened.store.close()


@pytest.fixture
def start(environment):
    """`start(ahead)`: a Sender whose clock is so many seconds ahead, once it is about to send."""
    started = []

    def begin(ahead, before=None):
        sender = Sender(environment, ahead)
        started.append(sender)
        if before is not None:
            before(sender)
        assert sender.process.stdout.readline() == b"ready\n"
        return sender

    yield begin
    for sender in started:
        sender.kill()
        sender.end()


@pytest.fixture
def mute(took):
    server = Mute(took)
    yield server
    server.end()
