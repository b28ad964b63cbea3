"""What a reader cannot tell apart is one text for the judge, and what is shown is cut from the original."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess
from monitor.core.drift.strength import Scale
from monitor.core.mention import About
from monitor.core.model import Kind
from monitor.core.relevance import find_mention, may_concern
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.text.doc import read
from monitor.core.text.normalise import plain
from monitor.library.load import Library, shipped_classes

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
LEXICON = Lexicon({})


def found(phrase: str, text: str) -> list[str]:
    doc = read(text)
    return [doc.span(f.start, f.end)[2] for f in Matcher(doc, LEXICON).find(LEXICON.resolve(parse(phrase)))]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("lesión", "la lesio\u0301n"),
        ("lesio\u0301n", "la lesión"),
        ("ガン", "カ\u3099ン"),
        ("ガン", "ｶﾞﾝ"),
        ("が...ん", "か\u3099あん"),
        ("한국", unicodedata.normalize("NFD", "한국")),
        ("efficient", "eﬃcient"),
        ("ﬁnal", "FINAL"),
        ("straße", "STRASSE"),
        ("strasse", "Straße"),
        ("STRAẞE", "straße"),
        ("istanbul", "İstanbul"),
        ("İSTANBUL", "istanbul"),
        ("walking again", "walk\u00ading\u200b again"),
        ("walk\u00ading", "walking"),
        ("cured", "ｃｕｒｅｄ"),
        ("οδος", "ΟΔΟΣ"),
        ("#walkagain", "#Walk\u200bAgain"),
    ],
)
def test_the_same_words_written_otherwise_are_found(phrase: str, text: str):
    (words,) = found(phrase, text)
    assert words in text
    assert found(phrase, f"x {text} y")


@pytest.mark.parametrize("text", ["½ a cup", "㌔ and ™", "ﷺ", "क्षत्रिय", "❤️", "naïve", "…"])
def test_signs_and_composed_letters_stay_as_they_are(text: str):
    assert plain(text).text.replace("\ufe0f", "") == text.replace("\ufe0f", "")


@given(st.text(alphabet=st.sampled_from("ae\u0301\u0323\u200b\u00adßﬃİガカ\u3099ｶﾞᄒ\u1161\u11ab .\"'—xY"), max_size=60))
def test_every_character_knows_where_it_stood(text: str):
    spelt = plain(text)
    behind = 0
    for at in range(len(spelt.text)):
        start, end = spelt.in_original(at, at + 1)
        assert start < end <= len(text)
        assert start >= behind or (at and spelt.in_original(at - 1, at) == (start, end))
        behind = start


@given(st.text(max_size=200))
def test_composed_or_not_a_text_has_the_same_words(text: str):
    composed, apart = (read(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    assert [word.text for word in composed.words] == [word.text for word in apart.words]


def test_flags_and_reasons_stand_in_the_original():
    text = "Las ce\u0301lulas iPS de Keio: un hombre con lesio\u0301n medular volvio\u0301 a caminar."
    flags = assess("", text, STUDY, RULES, kind=Kind.POST, lang="es").flags
    assert flags
    assert all(text[f.span.start : f.span.end] == f.span.quote for f in flags)
    composed = assess("", unicodedata.normalize("NFC", text), STUDY, RULES, kind=Kind.POST, lang="es").flags
    assert [f.rule for f in flags] == [f.rule for f in composed]


def test_relevance_and_strength_read_the_same_spelling():
    text = "Kei\u00ado Univer\u200bsity's iPS cells for spinal cord injury"
    assert may_concern("", text, STUDY)
    assert find_mention("", text, STUDY).verdict is About.ABOUT
    assert "cau\u00adses" in Scale(shipped_classes("strength")).strength("It cau\u00adses pain.").because


def test_accents_without_end_are_read_at_once():
    assert len(read("e" + "\u0301\u0323" * 20_000).words) >= 1
