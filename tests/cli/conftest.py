"""Commands called in this process, as `main` is called by the script: exit code, standard output, standard error."""

from __future__ import annotations

import gc
import io
import logging
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import monitor.service
from monitor.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """What a person reads when it goes wrong: one line, no traceback."""
        assert "Traceback" not in self.err
        assert self.err.strip(), "nothing was said"
        return self.err.strip()


class Commands:
    """`cli("feeds", "list")` on one home; `cli.home` is its folder."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self._capsys, self._monkeypatch = home, capsys, monkeypatch

    def __call__(self, *args: object, stdin: str = "") -> Ran:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        out, err = self._capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    def ok(self, *args: object, stdin: str = "") -> str:
        """What a command that must succeed prints."""
        ran = self(*args, stdin=stdin)
        assert ran.code == 0, ran.err
        return ran.out

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(f"HYPEWATCH_{name.upper()}", value)


@pytest.fixture
def bare(tmp_path, capsys, monkeypatch) -> Iterator[Commands]:
    """Commands on a home that does not exist yet."""
    opened = []

    class Recorded(monitor.service.Service):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            opened.append(self)

    monkeypatch.setattr(monitor.service, "Service", Recorded)
    for name in [name for name in os.environ if name.startswith("HYPEWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    commands = Commands(tmp_path / "home", capsys, monkeypatch)
    commands.set(home=str(commands.home), host_gap="0")
    handlers, level = logging.root.handlers[:], logging.root.level
    yield commands
    # `worker` and `serve` begin to log to a standard error that is ours no longer.
    logging.root.handlers[:], logging.root.level = handlers, level
    gc.unfreeze()  # `check` freezes what it loaded, since its process ends with it; ours goes on
    for service in opened:
        if "store" in vars(service):
            service.store.close()


@pytest.fixture
def cli(bare, sqlite_url) -> Commands:
    """Commands on a home with an empty database."""
    bare.home.mkdir()
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), bare.home / "hypewatch.db")
    return bare


@pytest.fixture
def facts() -> Path:
    """The folder of shared facts beside the checkout, or a skip that says so."""
    path = Path(__file__).parents[3] / "shared" / "facts"
    if not path.is_dir():
        pytest.skip("the shared facts are not here (../shared/facts)")
    return path
