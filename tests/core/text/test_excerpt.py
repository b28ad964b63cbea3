"""What is quoted of a text is never cut inside a word; in Japanese not inside a phrase."""

import pytest

from monitor.core.text.excerpt import one_line, sentence_around, shortened, width

LONG = (
    "The treatment restored movement in the patients and proved to be completely safe, the team said at the conference"
)
JAPANESE = "慶應義塾大学の研究チームは脊髄を損傷した四人の患者にiPS細胞を移植し、一人が立てるようになったと発表した"


@pytest.mark.parametrize("most", range(12, len(LONG) + 5))
def test_words_stay_whole(most):
    cut = shortened(LONG, most)
    assert len(cut) <= most
    kept = cut.removesuffix("…")
    assert LONG.startswith(kept)
    assert cut == LONG or LONG[len(kept)] in " ,", "the next sign parts words"


@pytest.mark.parametrize("most", range(16, len(JAPANESE)))
def test_a_japanese_text_ends_after_a_particle_or_a_comma(most):
    kept = shortened(JAPANESE, most).removesuffix("…")
    assert len(kept) < most
    assert JAPANESE[len(kept) - 1] in "はがをにでと" or JAPANESE[len(kept)] == "、"


def test_a_single_long_word_is_cut_all_the_same():
    assert shortened("a" * 50, 10) == "a" * 9 + "…"


def test_a_width_counts_wide_signs_twice():
    assert (width("abc"), width("脊髄ab")) == (3, 6)
    assert width(shortened(JAPANESE, 40, width)) <= 41


@pytest.mark.parametrize("text", [LONG * 4, JAPANESE * 9])
@pytest.mark.parametrize("at", [0, 150, 200])
def test_around_a_span_neither_it_nor_a_word_is_cut(text, at):
    start = text.index("team" if "team" in text else "患者", at)
    end = start + 4
    around = sentence_around(text, start, end, most=80)
    inner = around.removeprefix("… ").removesuffix(" …")
    assert inner in text
    assert text[start:end].strip() in inner
    if "team" in text:
        assert set(inner.split()) <= set(text.split())


def test_what_somebody_published_begins_no_line():
    assert one_line("A\r\nBcc: x\u2028y\t z") == "A Bcc: x y z"
