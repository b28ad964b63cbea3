"""The examples of the guide's part on the API and of the README, as they stand there, against a real `hypewatch serve`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import missing
from tests.web.api.process import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def blocks(path: Path, kind: str) -> list[str]:
    """The examples of a page, in one language."""
    return re.findall(rf"^```{kind}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


API = ROOT / "monitor" / "docs" / "api.md"
SHELL, PYTHON = blocks(API, "sh"), blocks(API, "python")
README = [block for block in blocks(ROOT / "README.md", "sh") if "/api/v1/" in block]


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[dict[str, str]]:
    """The two names that the examples use: where it is, and a key."""
    with serving(tmp_path_factory.mktemp("home")) as served:
        yield {"HW": served.url, "KEY": served.key}


def ran(example: str, running: dict[str, str]) -> list[object]:
    """The JSON that each command of an example printed."""
    if shutil.which("curl") is None:
        missing("no curl")
    done = subprocess.run(
        ["sh", "-e", "-c", example.replace("curl -s ", "curl -sS --fail-with-body -w '\\n' ")],
        env={**os.environ, **running},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def test_the_examples_for_a_shell_answer_what_the_guide_says(running):
    (search,), (flags, checked, feed) = (ran(example, running) for example in SHELL)
    assert set(search) == {"items", "next", "next_url"}
    assert len(search["items"]) == 2
    assert flags["items"]
    assert {flag["tier"] for flag in flags["items"]} == {"confirmed"}
    assert (checked["schema"], checked["drift"]) == ("hypewatch.check/1", True)
    assert (feed["name"], feed["weight"]) == ("Example Science", 4)


def test_the_next_page_is_where_its_address_says(running):
    (first,) = ran(SHELL[0], running)
    (second,) = ran(f'curl -s -H "Authorization: Bearer $KEY" "{first["next_url"]}"', running)
    seen = [item["id"] for page in (first, second) for item in page["items"]]
    assert len(seen) == len(set(seen)) > 2


def test_the_client_is_typed_and_does_what_the_guide_says(running, tmp_path):
    client, *uses = PYTHON
    script = tmp_path / "client.py"
    script.write_text(
        "\n\n".join([client, f"HW, KEY = {running['HW']!r}, {running['KEY']!r}", *uses, MORE]), encoding="utf-8"
    )
    typed = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    if "No module named mypy" in typed.stderr:
        missing("no mypy: it is in the extra [dev]")
    assert typed.returncode == 0, typed.stdout
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    *flags, drift, more = done.stdout.splitlines()
    assert any("walking again” -> " in line for line in flags)
    assert drift == "True"
    assert json.loads(more) == {"all": 5, "refused": ["not-found", 404], "held": True}


#: What else the client promises.
MORE = """
try:
    hypewatch.ask("GET", "/mentions/1")
except Refused as refused:
    told = [refused.code, refused.status]
one = next(hypewatch.all("/flags"))
held = hypewatch.review([one["id"]], "upheld", "as the guide shows")
print(json.dumps({"all": len(list(hypewatch.all("/mentions", limit=2))), "refused": told, "held": one["id"] in held}))
"""


def test_the_readme_s_example_runs(running):
    (example,) = README
    (found,) = ran(example, running)
    assert found["items"]
    assert {flag["tier"] for flag in found["items"]} == {"confirmed"}
    assert any(flag["correction"] and flag["source"] for flag in found["items"])
