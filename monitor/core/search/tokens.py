"""From text to the words that searching compares, the same on both databases and in a stream. Pure.

A word is a run of letters, digits and marks, folded: compatibility forms, case and Latin accents do not count
(`Ｃｕｒé` is found by `cure`). Symbols such as emoji are words of their own; everything else separates. Scripts that
write without spaces are indexed by pairs of characters, and the last character of a run by itself:

    iPS細胞を  ->  ips 細胞 胞を を        a search for 細胞 is one word, for 細胞を two that follow each other

Chosen over SQLite's trigram tokenizer, which cannot find two-character words, the usual length in Japanese. Splitting
here, not in the databases, makes them agree, and leaves nothing in a search that a query syntax could trip over.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from monitor.core.text.lines import unwrapped
from monitor.core.text.normalise import Plain

#: PostgreSQL refuses longer words (2,046 bytes), and nobody searches for them.
WORD_MAX = 100

#: Thai, Lao, Myanmar, Khmer, Hangul, kana, Han with its extensions. Hangul has spaces, but particles stick to words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
#: Letters of them beside each other, as a pattern.
UNSPACED_RUN = f"[{_UNSPACED}]+"
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")


#: Letters that are one with others to who searches, and no accent parts them: ligatures, strokes; and the old forms of kanji,
#: which names keep (慶應 is 慶応).
_SAME = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "þ": "th", "ı": "i"} | dict(
    zip(
        "應國學醫體澤廣櫻齋邊邉濱瀧龍嶋﨑髙德惠壽榮實圓條單團臺灣會經濟氣釋藝傳發變譯讀續總縣關鐵眞與豫獨歸勞巖顯驗險檢劍圖廳禮"
        "彌靜拂佛澁點賣寫對當燈區藥樂壓圍爲營衞假價畫擴覺據狹曉驅勳繼徑輕獻權廢",
        "応国学医体沢広桜斎辺辺浜滝竜島崎高徳恵寿栄実円条単団台湾会経済気釈芸伝発変訳読続総県関鉄真与予独帰労巌顕験険検剣図庁礼"
        "弥静払仏渋点売写対当灯区薬楽圧囲為営衛仮価画拡覚拠狭暁駆勲継径軽献権廃",
        strict=True,
    )
)


class _Fold(dict[int, str]):
    """str.translate's table, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


def _fold(char: str) -> str:  # noqa: PLR0911 - a list of cases
    category = unicodedata.category(char)
    if category == "Cf":
        return ""  # soft hyphens and zero-width characters hide inside words
    if category == "So" and ord(char) > 0x2000:
        return f" {char} "
    if category[0] not in "LNM":
        return " "
    if "\u0300" <= char <= "\u036f":
        return ""
    if char in _SAME:
        return _SAME[char]
    if char < "\u0400" or "\u1e00" <= char <= "\u1fff":  # Latin and Greek: the letter without its accents
        return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)).lower()
    return char


_TABLE = _Fold()


def split(text: str) -> list[str]:
    """The words to index, in order."""
    if "\n" in text and _HAS_UNSPACED.search(text):
        text = unwrapped(Plain(text)).text  # else a pair of characters is torn where a line was broken to a width
    return [token for word in _plain(text) for token in _indexed(word)]


def folded(text: str) -> str:
    """A text as its words are compared, with a space between them."""
    same = (
        text.lower()
        if text.isascii()
        else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    )
    return " ".join(same.translate(_TABLE).split())


def _plain(text: str) -> list[str]:
    return [word[:WORD_MAX] for word in folded(text).split()]


def _indexed(word: str) -> list[str]:
    if word.isascii() or not _HAS_UNSPACED.search(word):
        return [word]
    tokens: list[str] = []
    for run in _RUNS.findall(word):
        tokens.extend(_pairs(run) if _HAS_UNSPACED.match(run) else [run])
    return tokens


def _pairs(run: str) -> list[str]:
    return [*(run[at : at + 2] for at in range(len(run) - 1)), run[-1]]


class Wanted(NamedTuple):
    """Words that must follow each other; with `prefix`, the last one may go on."""

    words: tuple[str, ...]
    prefix: bool


def wanted(text: str, *, prefix: bool = False) -> Wanted | None:
    """What to look for in the index to find `text`; None if it holds no word at all (`!!!`)."""
    plain = _plain(text)
    if not plain:
        return None
    tokens = [token for word in plain for token in _indexed(word)]
    last = _RUNS.findall(plain[-1])[-1]
    if _HAS_UNSPACED.match(last):
        # The text may go on after the last character: then a pair stands where the index of `text` has it alone.
        if len(last) > 1:
            return Wanted(tuple(tokens[:-1]), prefix=False)
        return Wanted(tuple(tokens), prefix=True)
    return Wanted(tuple(tokens), prefix=prefix)


def tag(kind: str, value: object) -> str:
    """A word no text can hold, by which a filter is found: `§` is a separator in texts, and ASCII stops are replaced."""
    return "§" + re.sub(r"[^a-z0-9\x80-\ud7ff\ue000-\U0010ffff]", "·", f"{kind}·{value}".lower())[:WORD_MAX]
