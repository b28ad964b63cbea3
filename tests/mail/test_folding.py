"""Lines of a mail's text part."""

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.text.excerpt import width
from monitor.mail.folding import folded

LETTERS = st.text("abc 日本語、。（）「」(ー…123", max_size=60)


@given(LETTERS, st.integers(8, 30))
def test_nothing_is_lost_and_no_line_is_too_long_but_for_what_cannot_be_broken(text, columns):
    lines = list(folded(text, columns))
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert width(line) <= columns or len(list(folded(line, 1))) == 1


@given(LETTERS, st.integers(8, 30))
@example("111111(日", 8)
def test_no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one(text, columns):
    solid = "".join(text.split())
    lines = list(folded(solid, columns))
    assert all(line[0] not in "、。）」ー…" for line in lines[1:]) or solid[:1] in "、。）」ー…"
    assert all(line[-1] not in "（「(" for line in lines[:-1])
