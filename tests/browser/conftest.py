"""The pages in a real Chromium, served as `hypewatch serve` serves them, over mentions that the real judge judged.

Chromium is taken from HYPEWATCH_TEST_CHROMIUM, else from PATH.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from monitor import settings
from monitor.core.mention import Row
from monitor.pipeline.imports import import_rows
from monitor.service import Service
from monitor.web.app import build_app
from tests.conftest import free_port, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

_CHROMIUM = "HYPEWATCH_TEST_CHROMIUM"
#: As root and in containers Chromium has no sandbox of its own; nothing may reach out.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Coverage written for these tests: (outlet, title, text, hours ago). Three drift, one is careful, one tells of hostile signs.
PIECES = (
    (
        "harbour-wire.example",
        "Paralysed man is walking again after stem cell injection in Japan",
        (
            "A paralysed man is walking again after doctors at Keio University gave him iPS cells. The treatment restored "
            "movement in the patients and proved completely safe, the paper writes. The team under Hideyuki Okano treated four "
            "people with a spinal cord injury."
        ),
        3,
    ),
    (
        "lantern.example",
        "He walks: Keio's iPS cells beat paralysis",
        (
            "The paralysed man now walks again, and all four patients recovered after the iPS cells of Keio University. It is "
            "completely safe. Nobody had expected that of a spinal cord injury."
        ),
        5,
    ),
    (
        "axiom-desk.example",
        "Four patients, no control group: what the Keio study can tell",
        (
            "Four people with a spinal cord injury were given iPS cells at Keio University. One can stand and is practising "
            "walking, two did not improve. The results are not peer reviewed, and there was no control group, so natural "
            "recovery cannot be ruled out."
        ),
        8,
    ),
    (
        "ringside.example",
        "Keio: not walking, but hoping",
        (
            "At Keio University one patient with a spinal cord injury hopes to walk again one day thanks to iPS cells. Nobody "
            "walks again yet."
        ),
        20,
    ),
    (
        "evil.example",
        '"><img src=x onerror=window.hacked=1><script>window.hacked=1</script>',
        (
            "Keio's iPS cells: <script>window.hacked=1</script> the paralysed man is walking again after his spinal cord "
            "injury. <img src=x onerror=window.hacked=1>"
        ),
        26,
    ),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for the tests of a file. Not for longer: while Playwright is open, nothing else in the process can run an
    event loop of its own.
    """
    given = os.environ.get(_CHROMIUM)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = given or next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        missing(f"no Chromium: set {_CHROMIUM}, or put `chromium` on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Site:
    """The pages of one installation on loopback."""

    service: Service
    url: str
    chromium: Browser
    said: list[str] = field(
        default_factory=list
    )  # what a page complained of: errors of scripts, refusals of the policy
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self, path: str = "/", *, script: bool = True, width: int = 1280, scheme: str = "light", **more: Any
    ) -> Page:
        """A new browser window on a page; its zone is Tokyo's."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            timezone_id="Asia/Tokyo",
            **more,
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.said.append(f"{path}: {error}"))
        page.on("console", lambda told: self.said.append(f"{path}: {told.text}") if told.type == "error" else None)
        page.goto(self.url + path)
        if script:
            page.wait_for_load_state("networkidle")
        return page


@contextmanager
def served(service: Service, chromium: Browser) -> Iterator[Site]:
    """The pages over real HTTP, with worker threads for what runs in the background."""
    import uvicorn

    port = service.settings.port
    server = uvicorn.Server(uvicorn.Config(build_app(service), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    site = Site(service, f"http://127.0.0.1:{port}", chromium)
    try:
        yield site
    finally:
        for context in site.contexts:
            context.close()
        server.should_exit = True
        thread.join(10)


def filled(service: Service) -> Service:
    """The same installation with the pieces, judged."""
    now = service.clock()
    rows = [
        Row(
            line=number,
            fields={
                "url": f"https://{outlet}/news",
                "title": title,
                "text": text,
                "published": (now - timedelta(hours=hours)).isoformat(),
                "source": outlet,
                "kind": "article",
                "lang": "en",
            },
            columns={},
        )
        for number, (outlet, title, text, hours) in enumerate(PIECES, start=1)
    ]
    result = import_rows(service.deps, rows, name="pieces")
    assert result.written == len(PIECES), str(result)
    return service


@pytest.fixture
def site(database_url: str, tmp_path: Path, chromium: Browser) -> Iterator[Site]:
    environment = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_PORT": str(free_port()),
    }
    service = filled(Service(settings.load(environment)))
    with served(service, chromium) as site:
        yield site
    service.store.close()
