"""Word classes: compiled once, shared, and refused where they cannot be read."""

from __future__ import annotations

import pytest

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.phrase import PhraseError


def test_a_class_that_holds_itself_is_refused():
    with pytest.raises(PhraseError, match="holds itself"):
        Lexicon({"a": ("<b>",), "b": ("x <a>",)}).options("a")
