"""Adding a network is one file and one line. Done here, on a copy of the package, and asked for by the commands.

The file is data/network/parrot.py and the line LINE; nothing else of the copy is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import monitor

FILE = Path(__file__).parent / "data" / "network" / "parrot.py"
LINE = '    PARROT_SEARCH = "parrot-search", "Parrot", "parrot:ParrotSearch", "https://api.parrot.example"\n'
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


@pytest.fixture
def parrot(tmp_path, web):
    """The commands of a copy of Hypewatch with the file and the line; the network is the scripted server."""
    shutil.copytree(Path(monitor.__file__).parent, tmp_path / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(FILE, tmp_path / "monitor" / "sources" / "networks")
    table = tmp_path / "monitor" / "core" / "model.py"
    before, last, after = table.read_text(encoding="utf-8").partition("    PUBMED_WATCH = ")
    table.write_text(f"{before}{LINE}{last}{after}", encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
    home = {"HYPEWATCH_HOME": str(tmp_path / "home"), "HYPEWATCH_PARROT_API_URL": web.url("")}

    def run(*words: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-c", "from monitor.cli import main; main()", *words],
            env={**clean, **home, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, f"{words}: {ran.stderr}"
        return ran.stdout

    return run


def test_a_network_is_one_file_and_one_line(parrot, web, fakes):
    told = (Path(monitor.__file__).parent / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"a file\nof {len(FILE.read_text(encoding='utf-8').splitlines())} lines" in told, "it is as small as we say"
    written = datetime.now(UTC) - timedelta(hours=1)
    squawk = {"id": 7, "bird": "polly", "words": HYPE, "at": written.isoformat()}
    web["/search"] = fakes.answer_json({"squawks": [squawk], "next": None})
    parrot("init", "--no-input", "--email", "ada@press.example", "--zone", "UTC")
    parrot("feeds", "add", "Keio iPS", "--network", "parrot")
    parrot("poll")
    assert [asked.path.partition("?")[0] for asked in web.asked] == ["/search"], "its address is a setting"

    (feed,) = json.loads(parrot("feeds", "list", "--format", "json"))
    assert (feed["kind"], feed["title"], feed["outcome"], feed["health"]) == (
        "parrot-search",
        "Parrot: Keio iPS",
        "fetched",
        "1 new, 0 changed, 0 as before.",
    )
    (mention,) = json.loads(parrot("mentions", "network:parrot author:polly", "--format", "json"))
    assert (mention["network"], mention["source"], mention["text"]) == ("parrot", "@polly", HYPE)
    assert mention["flags"], "it is judged like any other"
    digest = parrot("digest", "preview")
    assert "Parrot 1; English 1" in digest
    assert "Parrot: Keio iPS" in digest

    parrot("poll", str(feed["id"]))
    assert len(json.loads(parrot("mentions", "network:parrot", "--format", "json"))) == 1
    assert "parrot" in parrot("mentions", "retain", "--help")
    settings = {row["setting"]: row["value"] for row in json.loads(parrot("config", "show", "--format", "json"))}
    assert settings["HYPEWATCH_PARROT_API_URL"] == web.url("")
