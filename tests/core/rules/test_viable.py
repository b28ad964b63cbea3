"""Reading a phrase backwards first: only the words from which it matches remain."""

from __future__ import annotations

import pytest

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.text.doc import read


@pytest.mark.parametrize("gaps", range(1, 6))
def test_reading_a_phrase_backwards_first_changes_no_match(gaps: int):
    """Many words to begin at are read backwards over the whole text; a text of few of them is tried word by word."""
    phrase = " ... ".join(["a"] * gaps) + " ... (b|c d|) (end|f ... a)"
    lexicon = Lexicon({})
    parts = lexicon.resolve(parse(phrase))
    pieces = ["a x a b end.", "a a a; a c d end.", "a b f x x a - a a end.", "a a a a a a a b x end.", "So b end."]
    one_by_one, behind = [], 0
    for at in range(200):
        piece = pieces[(at * at + at // 3) % len(pieces)] + " "
        found = Matcher(read(piece), lexicon).find(parts)
        one_by_one += [(f.start + behind, f.end + behind) for f in found]
        behind += len(piece)
    text = "".join(pieces[(at * at + at // 3) % len(pieces)] + " " for at in range(200))
    assert [(f.start, f.end) for f in Matcher(read(text), lexicon).find(parts)] == one_by_one
    assert one_by_one
