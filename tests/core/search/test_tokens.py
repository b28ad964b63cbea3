"""Words of the index: the same for a text and for what is looked for in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.search.tokens import Wanted, split, tag, wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iPS-cell", ["ips", "cell"]),
        ("#MedicalMiracle", ["medicalmiracle"]),
        ("it’s C++", ["it", "s", "c"]),
        ("Ｃｕｒé ÉCOLE naïve Straße", ["cure", "ecole", "naive", "strasse"]),
        ("İSTANBUL ısı", ["istanbul", "isi"]),
        ("København Œuvre Łódź ﬁne þing", ["kobenhavn", "oeuvre", "lodz", "fine", "thing"]),
        ("慶應 國學 髙橋", ["慶応", "応", "国学", "学", "高橋", "橋"]),
        ("u\u0308ber", ["uber"]),
        ("iPS細胞を", ["ips", "細胞", "胞を", "を"]),
        ("ﾊﾞｲｵ", ["バイ", "イオ", "オ"]),
        ("が", ["が"]),
        ("mira\u00adcle zero\u200bwidth", ["miracle", "zerowidth"]),
        ("done 🎉🎉!", ["done", "🎉", "🎉"]),
        ("हिन्दी", ["हिन्दी"]),
        ("a\x00b\ud800c", ["a", "b", "c"]),
        ("§source·1", ["source", "1"]),
        ("… !!! ---", []),
        ("x" * 300, ["x" * 100]),
    ],
)
def test_a_text_is_split(text, expected):
    assert split(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("細胞", Wanted(("細胞",), prefix=False)),
        ("細胞を", Wanted(("細胞", "胞を"), prefix=False)),
        ("癌", Wanted(("癌",), prefix=True)),
        ("細胞iPS", Wanted(("細胞", "胞", "ips"), prefix=False)),
        ("iPS-cell", Wanted(("ips", "cell"), prefix=False)),
        ("!!!", None),
    ],
)
def test_what_is_looked_for(text, expected):
    assert wanted(text) == expected


@given(st.text(alphabet="abéＡ12細胞をガ한 -'ก", max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_a_text_is_found_by_any_run_of_its_words(middle, before, after):
    looked_for = wanted(middle)
    if looked_for is None:
        return
    tokens = split(f"{before} {middle} {after}")
    size = len(looked_for.words)
    starts = [tokens[at : at + size] for at in range(len(tokens) - size + 1)]
    *first, last = looked_for.words
    assert any(
        part[:-1] == first and (part[-1] == last or (looked_for.prefix and part[-1].startswith(last)))
        for part in starts
    )


@given(st.text())
def test_words_hold_nothing_that_a_query_could_end_with(text):
    for word in split(text):
        assert not set(word) & set("\"'\\ :*^()+-<>&|!\x00§")
        word.encode()


@given(st.text(), st.text())
def test_a_filter_is_never_a_word_of_a_text(text, value):
    assert tag("rule", value) not in split(text)
    tag("rule", value).encode()
