"""The pictures of the README: what a newcomer sees in the demo. `--update-golden` takes them anew."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from monitor import settings
from monitor.service import Service
from tests.browser.conftest import served
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "monitor" / "docs" / "images"
#: A picture, the page that it is of, and the words that must be on it.
PICTURES = {
    "today": ("/", "Needs you"),
    "mention": ("/mentions/{worst}", "The study found"),
    "study": ("/studies/keio-ips-sci", "What the study found"),
}
WIDTH, HEIGHT = 1280, 900


@pytest.fixture
def demo(tmp_path):
    """The home of a demo that was run as the README says."""
    home = tmp_path / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
    command = [sys.executable, "-c", "from monitor.cli import main; main()", "demo", "--exit"]
    subprocess.run(command, check=True, capture_output=True, env=kept | {"HYPEWATCH_HOME": str(home)})
    return home


def test_the_pictures_show_what_is_there(demo, chromium, update_golden):
    service = Service(settings.load({"HYPEWATCH_HOME": str(demo), "HYPEWATCH_PORT": str(free_port())}))
    told = service.store.digest_mentions(service.store.digests(1)[0].id)
    worst = max((mention for mention in told if mention.lang == "en"), key=lambda mention: mention.score)
    with served(service, chromium) as site:
        for name, (path, words) in PICTURES.items():
            page = site.open(path.format(worst=worst.id), width=WIDTH)
            page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
            assert words in page.inner_text("main")
            if update_golden:
                page.screenshot(path=IMAGES / f"{name}.png")
    service.store.close()


def test_the_readme_shows_each_picture_with_words_for_who_does_not_see_it():
    shown = re.findall(r"!\[([^\]]{30,})\]\(monitor/docs/images/(\w+)\.png\)", (ROOT / "README.md").read_text("utf-8"))
    assert [name for _, name in shown] == list(PICTURES)
    assert {path.stem for path in IMAGES.glob("*.png")} == set(PICTURES)
    for path in IMAGES.glob("*.png"):
        held = path.read_bytes()
        assert struct.unpack(">II", held[16:24]) == (WIDTH, HEIGHT), path
        assert len(held) < 400_000, path
