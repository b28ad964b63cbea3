"""A real `hypewatch serve` over an installation that has something of everything, and a key that may everything."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor import settings
from monitor.core.changes import Area
from monitor.core.mention import Verdict
from monitor.core.model import FeedKind
from monitor.core.people import Scope
from monitor.core.search.query import parse_query
from monitor.core.session import Role
from monitor.pipeline.backtests import begin_backtest
from monitor.pipeline.letters import draft_for, signer_of
from monitor.pipeline.people import make_key
from monitor.pipeline.review import decide
from monitor.pipeline.subscribe import subscribe
from monitor.pipeline.tune import save_rules
from monitor.service import Service
from tests.browser.conftest import filled
from tests.conftest import free_port
from tests.web.api.test_rules import RULE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Served:
    """Where it is, without a slash at the end, and the key."""

    url: str
    key: str


@contextlib.contextmanager
def serving(home: Path, **more: str) -> Iterator[Served]:
    """`more` are settings, as HYPEWATCH_API_PER_MINUTE."""
    port = free_port()
    environment = {"HYPEWATCH_HOME": str(home), "HYPEWATCH_PORT": str(port), **more}
    key = seeded(environment)
    command = [sys.executable, "-c", "from monitor.cli import main; main(['serve'])"]
    with (home / "serve.log").open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=log, text=True
        )
    try:
        wait_for(home / "serve.log", process)
        yield Served(f"http://127.0.0.1:{port}", key)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(log: Path, process: subprocess.Popen[str]) -> None:
    """Until it says where it is: from then on who comes is answered."""
    until = time.monotonic() + 30
    while "Hypewatch is at" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)


def seeded(environment: dict[str, str]) -> str:
    """Something of everything; returns the secret of a key."""
    service = filled(Service(settings.load(environment)))
    store, deps, now = service.store, service.deps, service.clock()
    flags = [flag.id for mention in store.search(parse_query("", now)) for flag in mention.flags]
    decide(store, flags[:1], Verdict.UPHELD, by="ada", why="seen", now=now)
    draft_for(deps, flags[0], signer=signer_of(store, "ada", "press@example.org"), by="ada")
    store.add_feed(FeedKind.FEED, "https://harbour-wire.example/rss", title="Harbour Wire", now=now + timedelta(days=1))
    subscribe(deps, "bo@example.org", study_id="keio-ips-sci", confirmed=True)
    store.add_person("cy@example.org", name="Cy", role=Role.EDITOR, now=now)
    save_rules(deps, {"our-cure.yaml": RULE}, author="ada", note="ours")
    begin_backtest(deps, {"our-cure.yaml": RULE.replace("high", "low")}, author="ada", budget=5)
    _, key = make_key(deps, name="guide", scopes=Scope, days=0, person_id=None, role=Role.OWNER, maker="ada")
    store.note_change(by="ada", area=Area.SOURCES, did="added a source", now=now)
    store.close()
    return key
