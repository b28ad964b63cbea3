"""A few texts of `fuzz.py` for each reader, always the same ones, and those that once broke one."""

from __future__ import annotations

import pytest

from tests.fuzz import KEPT, TARGETS, tried


def test_what_once_broke_a_reader_does_not():
    for name, text in KEPT:
        TARGETS[name][0](text)


@pytest.mark.parametrize("name", TARGETS)
def test_no_text_breaks_a_reader(name):
    tried(name, 20 if name in {"mails", "rules"} else 60, start=1)
