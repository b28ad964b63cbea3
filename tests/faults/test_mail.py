"""Mail when things break (reliability, faults 1, 2, 3 and 10): nothing missed, nothing doubled without need."""

from __future__ import annotations

import contextlib
import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as local_time
from email import message_from_bytes, policy
from functools import partial
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient

from monitor.core.digests.delivery import SEND_ATTEMPTS
from monitor.core.digests.schedule import Due
from monitor.core.digests.signed_links import without_tokens
from monitor.core.digests.subscribers import Wishes
from monitor.core.errors import UsageError
from monitor.core.judgement import Severity
from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.mail.smtp import SmtpMailer
from monitor.pipeline.deliver import deliver_digest, send_again, send_digest
from monitor.pipeline.imports import import_rows
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from monitor.web.app import build_app
from tests.faults.history import broken_laws

#: A kill each 0.3 to 0.9 s, as many as make sure; fewer than KILLS_LEAST would prove little.
SUBSCRIBERS, KILLS, KILLS_LEAST = 300, 8, 5
LINE = {
    "url": "https://lantern.example/one",
    "title": "News from Keio",
    "text": "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord.",
    "published": "2025-03-24T08:00:00Z",
    "source": "lantern.example",
    "kind": "article",
    "lang": "en",
}


class Sink:
    """A mail server that keeps what it took, and answers as a test tells it to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []  # (recipient, Message-ID)
        self.refuse: dict[str, str] = {}  # recipient -> the answer to RCPT
        self.before_reply = None  # called with the message taken, before the server says 250
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        self.asked[address] += 1
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        with self.lock:
            self.taken += [(address, str(message["Message-ID"])) for address in envelope.rcpt_tos]
        if self.before_reply is not None:
            self.before_reply()
        return "250 kept as number %d" % len(self.taken)  # noqa: UP031 - a mail server's words


@pytest.fixture
def took():
    """What any server of the test took, whole: (recipient, Message-ID)."""
    return []


@pytest.fixture
def sink(took):
    handler = Sink()
    handler.taken = took
    with socket.create_server(("127.0.0.1", 0)) as free:
        handler.port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{handler.port}"
    yield handler
    controller.stop()


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


def subscribe(service, number=1):
    now = service.clock()
    person = service.store.add_subscriber(f"reader{number}@example.org", f"Reader {number}", now=now, state="active")
    return service.store.subscribe(
        person.id,
        "keio-ips-sci",
        Wishes(at=local_time(7), zone="UTC", weekdays=tuple(range(7)), threshold=Severity.LOW, quiet=True),
        now=now,
        due=Due(now, now.date().isoformat()),
    ).id


SENDER = """
import random, sys
from datetime import UTC, datetime, timedelta
from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_due, send_digest
from monitor.service import Service
from monitor.settings import load

ahead = timedelta(seconds=float(sys.argv[1]))
service = Service(load(), clock=lambda: datetime.now(UTC) + ahead)
deps = service.deps
deps.library.ruleset("keio-ips-sci")
print("ready", flush=True)
while True:
    work = [(deliver_due, n) for n in deps.store.due(Work.COMPOSE, deps.clock(), 10)]
    work += [(send_digest, n) for n in deps.store.due(Work.SEND, deps.clock(), 10)]
    if not work:
        break
    random.shuffle(work)
    for act, number in work:
        act(deps, number)
"""


class Sender:
    """A process that sends whatever is due until nothing is."""

    def __init__(self, environment, ahead):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SENDER, str(ahead)],
            env={"PATH": "/usr/bin:/bin"} | environment,
            stdout=subprocess.PIPE,
        )

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def end(self):
        self.process.stdout.close()
        return self.process.wait(60)


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


def test_two_senders_killed_anywhere(service, start, sink):
    """300 digests, two senders, SIGKILL: missed 0; Message-IDs per key 1; copies <= kills."""
    for number in range(SUBSCRIBERS):
        subscribe(service, number)
    wanted = {f"reader{number}@example.org" for number in range(SUBSCRIBERS)}
    sink.before_reply = lambda: time.sleep(0.01)  # about what a server takes, so that it takes some kills
    senders = [start(0), start(0)]
    kills = 0
    while kills < KILLS:
        time.sleep(random.uniform(0.3, 0.9))
        chosen = random.randrange(2)
        if senders[chosen].process.poll() is not None:
            break  # nothing was left to do
        senders[chosen].kill()
        kills += senders[chosen].end() == -signal.SIGKILL
        senders[chosen] = start(0)
    assert kills >= KILLS_LEAST, "all was sent before it could be killed: the test is too weak"
    assert [sender.end() for sender in senders] == [0, 0]

    # What the killed ones held is taken up when its lease has run out.
    senders = [start(360), start(360)]
    assert [sender.end() for sender in senders] == [0, 0]

    copies = Counter(recipient for recipient, _ in sink.taken)
    ids = {recipient: {taken for to, taken in sink.taken if to == recipient} for recipient in copies}
    assert set(copies) == wanted, "missed"
    assert {len(found) for found in ids.values()} == {1}
    assert sum(copies.values()) - SUBSCRIBERS <= kills
    digests = service.store.digests(1000)
    assert Counter(digest.state for digest in digests) == {"sent": SUBSCRIBERS}
    assert {digest.recipient: {digest.message_id} for digest in digests} == ids
    attempts = Counter(row.outcome for row in service.store.deliveries(limit=10_000))
    assert attempts["sent"] == SUBSCRIBERS
    assert set(attempts) <= {"sent", "unknown"}
    assert sum(copies.values()) - SUBSCRIBERS <= attempts["unknown"] <= kills


def kill_at_data(sink, sender):
    """The server kills the sender when it has the mail, before it says 250."""

    def kill():
        sink.before_reply = None
        sender.kill()

    sink.before_reply = kill


def test_killed_between_data_and_its_reply(service, start, sink):
    """The server says 250 to nobody: one or two copies with the same id, and the ledger shows both attempts."""
    subscribe(service)
    assert start(0, before=partial(kill_at_data, sink)).end() == -signal.SIGKILL
    (digest,) = service.store.digests()
    assert (digest.state, digest.attempts) == ("sending", 1)
    assert start(60).end() == 0  # its lease still stands: nothing is sent
    assert len(sink.taken) == 1
    assert start(360).end() == 0
    (first, second) = sink.taken
    assert first == second == ("reader1@example.org", digest.message_id)
    ledger = service.store.deliveries(digest.id)
    assert [(row.attempt, row.outcome) for row in ledger] == [(2, "sent"), (1, "unknown")]
    assert service.store.digest(digest.id).mime == digest.mime


def test_killed_twice_there_it_stops_and_shows(service, start, sink):
    """Nobody saw how two attempts ended: it is not sent a third time, and a person is told."""
    subscribe(service)
    for ahead in (0, 360):
        assert start(ahead, before=partial(kill_at_data, sink)).end() == -signal.SIGKILL
    assert start(720).end() == 0
    (digest,) = service.store.digests()
    assert len(sink.taken) == 2
    assert (digest.state, digest.sentence) == (
        "unknown",
        "Nobody saw how two attempts ended: it may have arrived, so it is not sent again.",
    )


def test_refusals_and_one_bad_address_of_a_hundred(service, sink, clock):
    """99 delivered; a 5xx is tried once; a 4xx backs off and is given up after eight tries."""
    sink.refuse = {"reader7@example.org": "550 no such person here", "reader8@example.org": "451 try later"}
    ids = [subscribe(service, number) for number in range(100)]
    for subscription_id in ids:
        deliver_digest(service.deps, subscription_id)
    assert len({recipient for recipient, _ in sink.taken}) == len(sink.taken) == 98
    states = {digest.recipient: digest for digest in service.store.digests(200)}
    bad, later = states["reader7@example.org"], states["reader8@example.org"]
    assert (bad.state, bad.attempts) == ("failed", 1)
    assert "550 no such person here" in bad.sentence
    assert (later.state, later.attempts, later.not_before) == ("ready", 1, clock.now + timedelta(minutes=2))
    assert "451 try later" in later.sentence

    waits = []
    for _ in range(SEND_ATTEMPTS):
        assert service.store.due(Work.SEND, clock.now) == ()
        later = service.store.digest(later.id)
        if later.not_before is None:
            break
        waits.append((later.not_before - clock.now).total_seconds() / 60)
        clock.now = later.not_before
        assert service.store.due(Work.SEND, clock.now) == (later.id,)
        send_digest(service.deps, later.id)
    assert waits == [2, 4, 8, 16, 32, 64, 128]
    assert (later.state, later.attempts, sink.asked["reader8@example.org"]) == ("failed", SEND_ATTEMPTS, SEND_ATTEMPTS)
    assert sink.asked["reader7@example.org"] == 1


def test_a_temporary_refusal_that_ends_is_delivered_with_the_same_bytes(service, sink, clock):
    sink.refuse = {"reader1@example.org": "451 try later"}
    subscription_id = subscribe(service)
    first = deliver_digest(service.deps, subscription_id)
    sink.refuse = {}
    clock.forward(minutes=3)
    second = send_digest(service.deps, first.id)
    assert (second.state, second.mime, sink.taken) == ("sent", first.mime, [("reader1@example.org", first.message_id)])


class Mute:
    """A mail server that takes what it is given, and says after the dot nothing, or only goodbye."""

    def __init__(self, took):
        self.taken = []  # Message-IDs
        self.took = took
        self.hangs_up = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._threads.append(threading.Thread(target=self._serve, args=[client], daemon=True))
                self._threads[-1].start()

    def _serve(self, client):
        with contextlib.suppress(OSError), client, client.makefile("rwb", 0) as lines:
            lines.write(b"220 here\r\n")
            to, in_mail = "", False
            for line in lines:
                word = line.strip()
                if in_mail:  # whatever a line of it begins with is no command
                    if word.lower().startswith(b"message-id:"):
                        self.taken.append(word.partition(b":")[2].strip().decode())
                    if word == b".":
                        self.took.append((to, self.taken[-1]))
                        if self.hangs_up:
                            return
                        lines.read()  # until the other side gives up
                elif word.lower() == b"data":
                    in_mail = True
                    lines.write(b"354 go on\r\n")
                elif word[:4].lower() in {b"ehlo", b"mail", b"rcpt", b"rset"}:
                    to = word.partition(b"<")[2].partition(b">")[0].decode() if word[:4].lower() == b"rcpt" else to
                    lines.write(b"250 fine\r\n")

    def end(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture
def mute(took):
    server = Mute(took)
    yield server
    server.end()


@pytest.mark.parametrize("hangs_up", [False, True], ids=["silent", "hangs up"])
def test_a_reply_that_is_never_read_twenty_times(service, mute, clock, hangs_up):
    """The server took it and did not say so: one or two copies each, with one id, and the ledger shows both attempts."""
    mute.hangs_up = hangs_up
    ids = [subscribe(service, number) for number in range(20)]
    deps = replace(service.deps, mailer=SmtpMailer(host="127.0.0.1", port=mute.port, timeout=0.2))
    digests = [deliver_digest(deps, subscription_id) for subscription_id in ids]
    assert {(digest.state, digest.attempts) for digest in digests} == {("ready", 1)}
    for _ in range(10):
        clock.forward(hours=1)
        for number in service.store.due(Work.SEND, clock.now):
            send_digest(deps, number)
    copies = Counter(mute.taken)
    assert set(copies) == {digest.message_id for digest in digests}
    assert set(copies.values()) <= {1, 2}
    for digest in digests:
        stands = service.store.digest(digest.id)
        assert (stands.state, stands.unknowns, stands.mime) == ("unknown", 2, digest.mime)
        assert "two attempts ended" in stands.sentence
        ledger = [row.outcome for row in service.store.deliveries(digest.id)]
        # On a machine that is busy the call may also be over before the server has the mail: then nothing is in doubt.
        assert [outcome for outcome in ledger if outcome != "temporary"] == ["unknown", "unknown"]


def test_a_reply_that_comes_too_late_once_is_resent_with_the_same_id(service, sink, clock):
    subscription_id = subscribe(service)
    quick = replace(service.deps, mailer=SmtpMailer(host="127.0.0.1", port=sink.port, timeout=0.5))
    sink.before_reply = lambda: time.sleep(1.5)
    first = deliver_digest(quick, subscription_id)
    assert (first.state, first.attempts) == ("ready", 1)
    sink.before_reply = None
    clock.forward(minutes=3)
    assert send_digest(service.deps, first.id).state == "sent"
    assert {message_id for _, message_id in sink.taken} == {first.message_id}
    ledger = service.store.deliveries(first.id)
    assert [(row.attempt, row.outcome) for row in ledger] == [(2, "sent"), (1, "unknown")]


def test_with_hold_it_waits_for_a_person(service, sink, mute, clock):
    """HYPEWATCH_MAIL_UNKNOWN=hold: one copy, until somebody says that it is to go out again."""
    mute.hangs_up = True
    held = replace(service.deps, resends=0)
    doubtful = replace(held, mailer=SmtpMailer(host="127.0.0.1", port=mute.port))
    first = deliver_digest(doubtful, subscribe(service))
    assert (first.state, first.attempts) == ("unknown", 1)
    assert "held until somebody sends it again" in first.sentence
    clock.forward(days=1)
    assert service.store.due(Work.SEND, clock.now) == ()
    assert [failing.digest_id for failing in service.store.failing_digests(clock.now)] == [first.id]
    send_again(held, first.id)
    assert service.store.due(Work.SEND, clock.now) == (first.id,)
    assert send_digest(held, first.id).state == "sent"
    assert mute.taken == [first.message_id]
    assert [message_id for _, message_id in sink.taken] == [first.message_id] * 2
    with pytest.raises(UsageError, match="it was sent"):
        send_again(held, first.id)


def test_with_hold_a_killed_sender_is_not_repeated(service, environment, start, sink):
    environment["HYPEWATCH_MAIL_UNKNOWN"] = "hold"
    subscribe(service)
    assert start(0, before=partial(kill_at_data, sink)).end() == -signal.SIGKILL
    assert start(360).end() == 0
    (digest,) = service.store.digests()
    assert (digest.state, len(sink.taken)) == ("unknown", 1)
    assert "held until somebody sends it again" in digest.sentence


class _Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, _tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


def urls_of(mail):
    """Every address in the text part, the HTML part and the headers."""
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    headers = " ".join(str(value) for value in mail.values())
    found = re.findall(r"https?://[^\s<>\"')]+", f"{text} {headers}") + _Links(html).found
    return sorted({url.rstrip(".,") for url in found if url.startswith("http")})


def everything(store):
    """What the database says, all tables, so that any change is seen."""
    import sqlalchemy as sa

    from monitor.storage.tables import metadata

    with store._db.read() as conn:
        return {table.name: sorted(map(repr, conn.execute(sa.select(table)).all())) for table in metadata.sorted_tables}


def test_every_url_of_a_mail_changes_nothing_until_it_is_posted(service, sink):
    """Scanners follow links with GET and HEAD; a person presses the button, once or twice."""
    subscription_id = subscribe(service)
    frozen = deliver_digest(service.deps, subscription_id)
    mail = message_from_bytes(frozen.mime, policy=policy.SMTP)
    ours = [url for url in urls_of(mail) if url.startswith(service.settings.public_url)]
    actions = {urlsplit(url).path.split("/")[2]: url for url in ours if "/l/" in url}
    assert set(actions) == {"unsubscribe", "pause", "settings", "issue", "open", "wrong", "note"}
    before = everything(service.store)
    store = service.store
    with TestClient(build_app(service), base_url=service.settings.public_url, follow_redirects=True) as client:
        for url in ours:
            for method in ("GET", "HEAD", "GET"):
                answer = client.request(method, url)
                assert (answer.status_code, method == "HEAD" and answer.text) in ((200, False), (200, "")), (
                    method,
                    url,
                )
        assert everything(store) == before
        for token in (url.rpartition("/")[2] for url in ours if "/l/" in url):
            assert token not in without_tokens(frozen.html) + without_tokens(frozen.text)

        flags = store.search(Query())[0].flags
        for _ in range(2):
            assert client.post(actions["wrong"], data={"verdict": "dismissed"}).status_code == 200
            assert [r.verdict for flag in flags for r in store.reviews(flag.id)] == ["dismissed"]
        for _ in range(2):
            assert client.post(actions["pause"]).status_code == 200
        paused = store.subscription(subscription_id).paused_until
        assert paused == service.clock() + timedelta(days=14)
        one_click = {"List-Unsubscribe": "One-Click"}
        for _ in range(2):
            assert client.post(actions["unsubscribe"], data=one_click).status_code == 200
            assert store.subscription(subscription_id).standing(service.clock()) == "left"
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
