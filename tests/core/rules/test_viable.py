"""Reading a phrase backwards first: only the words from which it matches remain."""

from __future__ import annotations

import pytest

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.viable import Viable
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


@pytest.mark.parametrize(
    ("phrase", "text", "starts"),
    [
        ("a b", "a b a c a b.", [0, 4]),
        ("a .. b", "a x b a x x b a x x x b.", [0, 3]),
        ("a ... b", "a xx. b a b.", [3]),  # a gap does not cross a sentence
        ("a (b|) c", "a c a b c a b b c.", [0, 2]),
        ("a b", "c c c.", []),
    ],
)
def test_only_words_from_which_the_phrase_matches_remain(phrase: str, text: str, starts: list[int]):
    doc, parts = read(text), parse(phrase)
    matcher = Matcher(doc, Lexicon({}))
    viable = Viable(doc, matcher._lengths)
    assert viable.starts(parts, [at for at, word in enumerate(doc.words) if word.text == "a"]) == starts
