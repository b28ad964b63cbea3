"""Fixtures of the sources: the scripted server, and doors that may reach it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def _fakes():
    """tests/ is no package (importlib mode), so the fake is loaded by its place."""
    name = "hypewatch_fakes_web"
    if name not in sys.modules:
        path = Path(__file__).parent.parent / "fakes" / "web.py"
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def fakes():
    """The module of the scripted server: `answer`, `answer_json`, `Web`."""
    return _fakes()


@pytest.fixture
def web():
    with _fakes().Web() as running:
        yield running


@pytest.fixture
def door(web):
    """A door that may reach the scripted server, with a short deadline."""
    from monitor.sources.http import Door

    return Door(
        allow_private=frozenset({web.host}), contact="press@example.org", host_gap=0.0, version="test", deadline=3.0
    )


@pytest.fixture(scope="session")
def corpora():
    """The folder of shared corpora beside the checkout, or a skip that says so."""
    path = Path(__file__).parents[3] / "shared" / "corpora"
    if not path.is_dir():
        pytest.skip("the shared corpora are not here (../shared/corpora)")
    return path
