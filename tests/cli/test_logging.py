"""What a server says when crashes are to be reported and nobody can."""

from __future__ import annotations

import sys

import pytest

from monitor.cli.run import report_crashes
from monitor.core.errors import SettingError


def test_a_missing_client_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(SettingError, match=r"Sentry's client is not installed. `pip install 'hypewatch\[sentry\]'`"):
        report_crashes("https://key@sentry.example/1")
