"""Processes as they are deployed."""

from __future__ import annotations

from tests.fakes.house import broker, house, newsroom, wait_for

__all__ = ["broker", "house", "newsroom", "wait_for"]
