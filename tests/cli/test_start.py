"""What a command loads before it answers: that decides how long its user waits, on every machine alike. The list is kept here,
so that whoever adds to it does so on purpose.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HYPE = "A paralysed man walks again after iPS cells were put into his spinal cord."
#: The packages of others that a start loads, without the standard library's.
CLICK = {"click"}
JUDGING = CLICK | {"idna", "yaml"}
STORE = CLICK | {"idna", "rensa", "rich", "sqlalchemy", "typing_extensions"}
#: Rooms of ours that a command does not enter.
NO_DATABASE = {"monitor.storage.database", "monitor.storage.store", "monitor.service"}
NO_JUDGE = {"monitor.library.load", "yaml"}
PRINT = (
    "\nimport os, sys, sysconfig\n"
    "lib = os.path.realpath(sysconfig.get_path('purelib'))\n"
    "found = [m for m in list(sys.modules.values()) if getattr(m, '__spec__', None) and m.__spec__.origin]\n"
    "print(*sorted({m.__spec__.name.partition('.')[0] for m in found if os.path.realpath(m.__spec__.origin).startswith(lib)}"
    " - {'monitor', 'workers'}))\n"
    "print(*sorted(name for name in sys.modules if name.partition('.')[0] in {'monitor', 'yaml'}))\n"
)


def loaded(home: Path, *args: str, stdin: str = "") -> tuple[set[str], set[str]]:
    """(packages of others, modules of ours and of YAML) that a process holds when the command has answered."""
    code = f"from monitor.cli import main\ntry: main({list(args)!r})\nexcept SystemExit: pass{PRINT}"
    environment = {**os.environ, "HYPEWATCH_HOME": str(home)}
    environment.pop("COVERAGE_PROCESS_START", None)
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
    )
    packages, modules = ran.stdout.splitlines()[-2:]
    # `.pth` files of an environment may load a few things into every process.
    every = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, check=True, timeout=60)
    return set(packages.split()) - set(every.stdout.splitlines()[0].split()), set(modules.split())


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home with a database, rules of one's own and a fact sheet that is meant."""
    folder: Path = tmp_path_factory.mktemp("start")
    command = [sys.executable, "-c", "from monitor.cli import main; main()"]
    environment = {**os.environ, "HYPEWATCH_HOME": str(folder)}
    subprocess.run(
        [*command, "init", "--study", "keio-ips-sci", "--no-input"],
        check=True,
        capture_output=True,
        timeout=60,
        env=environment,
    )
    for args in (
        ["rules", "new", "our-moonshot", "--words", "moonshot for mankind"],
        ["rules", "save", "--note", "ours"],
    ):
        ran = subprocess.run(
            [*command, *args], capture_output=True, text=True, timeout=60, env=environment, check=False
        )
        assert ran.returncode == 0 or args[1] == "save", ran.stderr
    return folder


def test_help_loads_click_alone(tmp_path):
    packages, modules = loaded(tmp_path, "--help")
    assert packages == CLICK
    assert not modules & (NO_DATABASE | NO_JUDGE)


def test_a_line_is_judged_without_a_database_s_library(tmp_path):
    packages, modules = loaded(tmp_path, "check", stdin=HYPE)
    assert packages == JUDGING
    assert not modules & NO_DATABASE


def test_with_a_database_of_one_s_own_as_without(home):
    packages, modules = loaded(home, "check", stdin=HYPE)
    assert packages == JUDGING
    assert not modules & NO_DATABASE
    assert "monitor.storage.peek" in modules


def test_a_search_loads_the_store_and_neither_the_judge_nor_the_mail_room(home):
    packages, modules = loaded(home, "mentions", "cure")
    assert packages == STORE
    assert not {one for one in modules if one.startswith(("monitor.mail", "monitor.web", "monitor.sources"))}
    assert not modules & NO_JUDGE
