"""What the faults of the mail share: somebody who gets a digest, a process that sends, a mail server that never says that it took it."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from datetime import time as local_time

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import Wishes
from monitor.core.judgement import Severity

LINE = {
    "url": "https://lantern.example/one",
    "title": "News from Keio",
    "text": "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord.",
    "published": "2025-03-24T08:00:00Z",
    "source": "lantern.example",
    "kind": "article",
    "lang": "en",
}


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


def kill_at_data(sink, sender):
    """The server kills the sender when it has the mail, before it says 250."""

    def kill():
        sink.before_reply = None
        sender.kill()

    sink.before_reply = kill


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
