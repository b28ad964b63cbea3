"""Phrases in scripts without spaces: found letter by letter, within one sentence; and where their last word ends."""

from __future__ import annotations

import pytest

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import CJK_GAP, CJK_SHORT_GAP, PhraseError, Substring, parse
from monitor.core.rules.unspaced import Unspaced, word_end, words_over
from monitor.core.text.doc import read

CLASSES = {
    "cells": ("細胞|幹細胞", "薬剤"),
    "heals": ("治し|癒し", "直し"),
    "both": ("<cells>",),
    "team": ("Okano", "岡野"),
    "says": ("said|says",),
    "people": ("<team>",),
}


def found(phrase: str, text: str) -> list[str]:
    lexicon = Lexicon(CLASSES)
    matcher = Matcher(read(text), lexicon)
    return [matcher.doc.text[match.start : match.end] for match in matcher.find(lexicon.resolve(parse(phrase)))]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("奇跡の治療だ。", "奇跡", ["奇跡"]),
        ("奇跡、奇跡。奇跡。", "奇跡", ["奇跡"] * 3),
        ("奇跡の新しい治療だ。", "奇跡...治療", ["奇跡の新しい治療"]),
        ("奇跡だ。治療した。", "奇跡...治療", []),  # another sentence
        (f"奇跡{'の' * CJK_GAP}治療だ。", "奇跡...治療", [f"奇跡{'の' * CJK_GAP}治療"]),
        (f"奇跡{'の' * (CJK_GAP + 1)}治療だ。", "奇跡...治療", []),
        (f"奇跡{'の' * CJK_SHORT_GAP}治療だ。", "奇跡..治療", [f"奇跡{'の' * CJK_SHORT_GAP}治療"]),
        (f"奇跡{'の' * (CJK_SHORT_GAP + 1)}治療だ。", "奇跡..治療", []),
        ("ははは。", "はは", ["はは"]),  # without overlaps
        ("It rained.", "奇跡", []),
        # a class of both kinds of scripts is one of words, and its other phrases are found by themselves
        ("It is a step, Okano then said.", "<team> .. <says>", ["Okano then said"]),
        ("岡野教授とOkano", "<people>", ["Okano", "岡野"]),
        # classes, groups and numbers
        ("細胞が足を治した。", "<cells>が...<heals>", ["細胞が足を治し"]),
        ("細胞が足を治した。", "<cells>...<heals>", ["細胞が足を治し"]),  # no letters of its own
        ("薬剤が直した。", "<both>..<heals>", ["薬剤が直し"]),  # a class of classes
        ("医師が足を治した。", "<cells>が...<heals>", []),
        ("足が動き手が動く。", "(足|手)が(動く|立つ)", ["手が動く"]),  # the nearest end of the ways there are
        ("患者12人と患者三人", "患者<n:number>人", ["患者12人", "患者三人"]),
        ("患者12人", "患者2人|2人", []),  # a number is found whole
        ("十二人", "二人", []),
        ("4週間後に移植", "<n:days>後", ["4週間後"]),
        ("4人中3人で、75%で、7割で、半数で", "<n:share>で", ["4人中3人で", "75%で", "7割で", "半数で"]),
    ],
)
def test_pieces_are_found_within_a_sentence_and_a_gap(text: str, phrase: str, expected: list[str]):
    assert found(phrase, text) == expected


@pytest.mark.parametrize(
    ("text", "phrase", "numbers"),
    [
        ("患者200万人、二十三人、2千万人。", "<n:number>人", [2_000_000.0, 23.0, 20_000_000.0]),
        ("14日後、4週間後、1年半後、二年後", "<n:days>後", [14.0, 28.0, 547.875, 730.5]),
        ("4人中3人が、4例のうち2例が、75％が、7割が、半分が、1人中4人が", "<n:share>が", [0.75, 0.5, 0.75, 0.7, 0.5]),
    ],
)
def test_numbers_are_caught(text: str, phrase: str, numbers: list[float]):
    found = [match.numbers[0] for match in Matcher(read(text), Lexicon({})).find(parse(phrase))]
    assert found == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("phrase", "what"),
    [
        ("細胞(が|)治す", "empty choice"),
        ("細胞(が", "does not know here"),
        ("...細胞", "begins or ends with a gap"),
        ("細胞...", "begins or ends with a gap"),
        ("細胞|", "holds no word"),
    ],
)
def test_what_cannot_be_read_is_told(phrase: str, what: str):
    with pytest.raises(PhraseError, match=what):
        parse(phrase)


def test_a_class_without_spaces_is_not_joined_with_words_that_have_them():
    with pytest.raises(PhraseError, match="joins the word class <cells>"):
        Lexicon(CLASSES).resolve(parse("<cells> healed"))


def test_a_class_that_nobody_defines_is_told():
    with pytest.raises(PhraseError, match="<nobody>"):
        Lexicon(CLASSES).resolve(parse("<nobody>が治した"))


def test_one_sentence_can_be_asked_alone():
    doc = read("奇跡だ。奇跡だ。")
    places = Unspaced(doc, lambda _: ()).find(Substring(("奇跡",)), doc.sentences[1])
    assert [place.index for _, _, place, _ in places] == [1]


def test_the_words_that_stand_at_the_letters():
    doc = read("iPS細胞で治療した。")
    (place,) = doc.sentences
    start = doc.folded.index("細胞")
    first, behind = words_over(doc, place, start, start + 2)
    assert [word.text for word in doc.words[first:behind]] == ["細胞で治療した"]


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("男性は歩けるようになった。", "歩けるようになっ", "歩けるようになった"),
        ("動くようになりましたが", "動く", "動くようになりました"),
        ("再び歩けるまでに回復した", "再び歩", "再び歩ける"),
        ("街を歩いているという", "街を歩", "街を歩いている"),
        ("問題は一切なかった。", "問題は一切な", "問題は一切なかった"),
        ("機能を回復させました", "を回復させ", "を回復させました"),
        ("証明されていません", "証明", "証明されていません"),
        ("回復できなかった", "回復", "回復できなかった"),
        ("効くと分かったので", "分か", "分かった"),
        ("受けられるようになる。", "受けられる", "受けられるようになる"),
        ("走りたかった", "走り", "走りたかった"),
        ("歩けてしまうんです", "歩け", "歩けてしまう"),
        ("受け付けています。", "受け付けてい", "受け付けています"),
        ("つなぎ直され、", "つなぎ直", "つなぎ直され"),
        # a noun ends where its kanji do, whatever particle follows; so does what is no Japanese word
        ("奇跡の治療", "奇跡", "奇跡"),
        ("奇跡でした", "奇跡", "奇跡"),
        ("患者5人に移植", "患者5人", "患者5人"),
        ("元通りに歩ける", "元通り", "元通り"),
        ("歩きながら話す", "歩き", "歩き"),
        ("立てたのは", "立て", "立てた"),
        ("ゼロだと", "ゼロ", "ゼロ"),
        ("healing", "heal", "heal"),
    ],
)
def test_a_quote_ends_where_its_word_does(text: str, part: str, whole: str):
    start = text.index(part)
    assert text[start : word_end(text, start, start + len(part))] == whole
