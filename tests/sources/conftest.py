"""Fixtures of the sources: doors that may reach the scripted server."""

from __future__ import annotations

import pytest


@pytest.fixture
def door(web):
    """A door that may reach the scripted server, with a short deadline."""
    from monitor.sources.http.client import HttpClient

    return HttpClient(
        allow_private=frozenset({web.host}), contact="press@example.org", host_gap=0.0, version="test", deadline=3.0
    )
