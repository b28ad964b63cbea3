"""The rooms hold: import-linter's contracts of pyproject.toml, run with the tests so that nobody forgets them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(sys.argv[1], no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code, str(config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_contract_is_kept():
    pytest.importorskip("importlinter", reason="import-linter is in the extra [test]")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert {contract["id"] for contract in contracts} >= {"rooms", "workers", "walls", "yaml", "pure"}
    ran = lint(ROOT / "pyproject.toml")
    assert ran.returncode == 0, ran.stdout
    assert f"Contracts: {len(contracts)} kept, 0 broken." in ran.stdout


def test_a_broken_contract_would_be_seen(tmp_path):
    """The same run on a contract that cannot hold: else the test above could not fail."""
    pytest.importorskip("importlinter", reason="import-linter is in the extra [test]")
    config = tmp_path / "broken.toml"
    config.write_text(
        '[tool.importlinter]\nroot_packages = ["monitor", "workers"]\n[[tool.importlinter.contracts]]\nid = "no"\n'
        'name = "Workers know nothing of monitor"\ntype = "forbidden"\nsource_modules = ["workers"]\n'
        'forbidden_modules = ["monitor"]\n'
    )
    ran = lint(config)
    assert ran.returncode == 1, ran.stdout
    assert "0 kept, 1 broken" in ran.stdout


def test_every_room_has_its_layer():
    """A room that is in no layer is bound by nothing (the contract says `exhaustive`; this says which rooms there are)."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (rooms,) = [contract for contract in config["contracts"] if contract["id"] == "rooms"]
    named = {room.strip() for layer in rooms["layers"] for room in layer.replace("|", ":").split(":")}
    present = {
        path.stem
        for path in (ROOT / "monitor").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or (path.suffix == ".py" and path.stem != "__init__")
    }
    assert present == named | set(rooms["exhaustive_ignores"])
