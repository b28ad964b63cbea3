"""Lines broken to a width are read on; headings, labels, lists, verse and paragraphs of pages end where they end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import fill

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess
from monitor.core.mention import About
from monitor.core.model import Kind
from monitor.core.relevance import find_mention, may_concern
from monitor.core.search import tokens
from monitor.core.study import Terms
from monitor.core.text.doc import read
from monitor.core.text.excerpt import sentence_around
from monitor.core.text.lines import levelled, wraps
from monitor.library.load import Library
from monitor.web.render import marked

PROSE = (
    "The team in Tokyo said on Monday that the cells which it gave to four people are completely safe. "
    "“Nobody expected that,” said Dr. Aoki, who was not involved, and added that the hospital will offer the treatment "
    "to everybody by next year. One of the four men is walking again, as Keio University told reporters in the morning."
)
JAPANESE = (
    "研究チームは月曜日の記者会見で、事故で脊髄を損傷した四人の患者に細胞を移植し、一年間にわたって経過を観察したところ、"
    "そのうち一人が再び歩けるようになったと発表した。費用や時期については何も決まっていないと説明した。"
)


def sentences(text: str) -> list[str]:
    doc = read(text)
    return [doc.text[sentence.start : sentence.end] for sentence in doc.sentences]


def wide(text: str, columns: int) -> str:
    return "\n".join(text[at : at + columns // 2] for at in range(0, len(text), columns // 2))


@pytest.mark.parametrize("columns", range(45, 101))
def test_wrapped_prose_reads_as_if_it_were_not(columns: int):
    assert sentences(fill(PROSE, columns)) == sentences(PROSE)


@pytest.mark.parametrize("columns", range(40, 82, 2))
def test_wrapped_japanese_reads_as_if_it_were_not(columns: int):
    assert sentences(wide(JAPANESE, columns)) == sentences(JAPANESE)


@pytest.mark.parametrize(
    "text",
    [
        "The doctors of the hospital call the new treatment completely\nsafe for everyone.",
        "The doctors of the hospital call the new treatment, which is dear, completely\nsafe, and expect that everybody gets it by next\nyear.",
        "> The doctors of the hospital call the new treatment completely\n> safe for everyone.",
        "The doctors of the hospital call the new treatment completely\r\nsafe for everyone.",
        "- The doctors of the hospital call the new treatment completely\n  safe for everyone.",
        "記者会見によると、この治療を受けた患者は再び歩ける\nようになったという。",
    ],
    ids=["two lines", "by hand", "quoted mail", "carriage returns", "an item", "two lines of Japanese"],
)
def test_one_break_is_proven_by_how_the_sentence_goes_on(text: str):
    assert len(sentences(text)) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A man walks again after treatment in Tokyo\nTwo of four patients improved.", 2),
        ("Man walks\nagain after\na treatment.", 3),
        ("the wind goes over the hill\nand nobody asks why it goes\nnor where.", 3),
        ("Goals of the trial of the hospital in Tokyo, Japan\n- show that it is safe\n- see who moves", 3),
        ("Goals of the trial of the hospital in Tokyo, Japan\n1) show that it is safe\n2) see who moves", 3),
        ("Patients: four adults with injuries of the spine\nResult: two of them improved\nSafety: no harm", 3),
        ("the injury is complete and was treated within a month\naged between 18 and 75 years\nno other illness", 3),
        ("A man walks again after treatment in the hospital in Tokyo\n\nsafe at last.", 2),
        ("A man walks again after treatment in Tokyo\niPS cells were used.", 2),
        ("A man walks again after the treatment\n" + "He stood up and went to the door of his room " * 9, 2),
        ("just heard of it in the news from tokyo oh my goodness\n#miracle #walking", 2),
        ("再び歩ける\nようになった。", 2),
        ("研究チームが脊髄損傷の患者四人に細胞を移植、一人が改善\n患者は事故の後に治療を受けた。", 2),
        ("　研究チームは患者四人に細胞を移植し、一人が改善したと\n　患者は事故の後に治療を受けた。", 2),
        ("\n".join(f"Keio news of the day, part {'one ' * at}of many headlines" for at in range(8)), 8),
    ],
)
def test_what_ends_a_line_stays_an_end(text: str, count: int):
    assert len(sentences(text)) == count


def test_a_heading_stays_apart_from_wrapped_prose():
    """Texts are stored without their empty lines."""
    text = f"What was found\n{fill(PROSE, 72)}\nWhat it costs\n{fill(PROSE, 72)}"
    assert sentences(text) == ["What was found", *sentences(PROSE), "What it costs", *sentences(PROSE)]


def test_flags_are_those_of_the_text_before_it_was_wrapped_and_point_into_the_wrapped_one():
    library = Library(Path("/nowhere"), {})
    study, rules = library.study("keio-ips-sci"), library.ruleset("keio-ips-sci")
    for columns in (50, 64, 78):
        text = fill(PROSE, columns)
        flags = assess("", text, study, rules, kind=Kind.ARTICLE, lang="en").flags
        assert [(flag.rule, flag.span.quote.split()) for flag in flags] == [
            (flag.rule, flag.span.quote.split())
            for flag in assess("", PROSE, study, rules, kind=Kind.ARTICLE, lang="en").flags
        ]
        assert flags
        assert all(text[flag.span.start : flag.span.end] == flag.span.quote for flag in flags)


def test_terms_and_searches_of_unspaced_scripts_reach_over_a_break():
    library = Library(Path("/nowhere"), {})
    whole = "研究チームは月曜日の会見で、歩けなかった四人の患者が慶應義塾大学の病院で受けたｉＰＳ細胞による脊髄損傷の治療について説明した。"
    text = wide(whole, 60)
    assert "慶應義塾\n大学" in text
    assert tokens.split(text) == tokens.split(whole)
    study = replace(
        library.study("keio-ips-sci"),
        digest="of this test",
        confusable=(),
        terms=Terms(must={"who": ("慶應義塾大学",)}, about_if=(("who",),)),
    )
    assert may_concern("", text, study)
    assert find_mention("", text, study).verdict is About.ABOUT


def test_a_reader_is_shown_the_whole_sentence():
    text = fill(PROSE, 60)
    start = text.index("safe")
    assert " ".join(sentence_around(text, start, start + 4).split()) == PROSE.partition(" “")[0]
    assert len(levelled(text)) == len(text)
    assert "\n" not in marked(text, ())
    assert str(marked("One.\nTwo.", ())) == "One.\n\nTwo."


@given(st.text(alphabet="abC d.-\n\r>歩け。ように\u3000\u00ad", max_size=400))
def test_every_break_is_one_and_every_offset_leads_back(text: str):
    ends = 0
    for wrap in wraps(text):
        assert ends <= wrap.start < wrap.end <= len(text)
        assert "\n" in text[wrap.start : wrap.end]
        ends = wrap.end
    doc = read(text)
    for word in doc.words:
        start, end, written = doc.span(word.start, word.end)
        assert 0 <= start < end <= len(text)
        assert text[start:end] == written
