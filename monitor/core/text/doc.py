"""Reading a text: folding, words, sentences and clauses, each with its place.

Judging works on folded words (lower case, straight quotes, plain dashes) of the text in one spelling (`core.text.normalise`);
what a person sees is always cut from the original: `Doc.span`. Nothing here knows a language's meaning, only its writing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.text.lines import unwrapped
from monitor.core.text.normalise import Plain, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Typographic variants that writers, editors and phones exchange freely.
_FOLDED = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "＇": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "＂": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "－": "-",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "\t": " ", "＃": "#",
    }
)  # fmt: skip
#: A word: a number with its separators, a percent sign (read as the word), letters with inner apostrophes ("didn't"), or a possessive 's of its own.
#: Runs in scripts without spaces are words of their own: "iPS細胞" is "ips" and "細胞".
_NO_SPACES = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f"
_LETTER = rf"(?:(?![{_NO_SPACES}])[^\W\d_])"
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|{_LETTER}+\d*(?:'(?!s(?!\w)){_LETTER}+)*|'s(?!\w)|%|[{_NO_SPACES}]+")
PERCENT = "percent"
_CJK = re.compile(rf"[{_NO_SPACES}]")
#: Where a sentence ends. An abbreviation before the stop keeps it open.
# Only from the first of several stops, and without a second try: else ten thousand of them are tried from each.
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"')\]]*+(?=\s|$)|[。！？]+[」』）]*|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|et al|e\.g|i\.e|approx|u\.s|a\.m|p\.m|sr|jr|inc|ltd|co)|\b[a-z]|\.\.)\.$",
    re.IGNORECASE,
)
#: "No. 5" goes on, "The answer is no." does not.
_NUMBERED = re.compile(r"\b(?:no|nos|vol|fig|pp)\.$", re.IGNORECASE)
#: A letter before a stop is an initial (J. Smith), but not behind one of these (from A to D., grade D.).
_LETTERED = re.compile(
    r"\b(?:to|from|grade|grades|ais|asia|level|class|group|type|plan|vitamin|hepatitis) [a-z]\.$", re.IGNORECASE
)
#: Where the meaning of a "not" or a "may" usually ends.
_CLAUSE = re.compile(
    r"[;:]|\s-+\s|\s--+\s|,\s(?=(?:but|while|whereas|although|though|yet|and|so|which|who|because)\b)"
    r"|\s(?=(?:but|whereas|although|though|however|while|because)\s)|(?<=[a-z])\s(?=and\s(?:he|she|they|it|we|i|the|that|this|now)\s)",
)
_MARK = re.compile(r'["\n]')
#: A line that answers begins with what it answers: "> he walks again", "Re: IT WORKS".
_ANSWERED = re.compile(r"(?:^|(?<=\n))[ ]{0,4}(?:>[> ]*|(?:re|aw|fwd|fw|rv):\s)([^\n]+)", re.IGNORECASE)
_SINGLE = re.compile(r"(?<!\w)\u2018(\w[^\u2018\n]{0,600}?)\u2019(?!\w)")
_PART = re.compile(r"[;:](?=\s)|\s-+\s|\s--+\s")
#: A tag of so few letters is one word however it is written: #iPS, #SCI.
SHORT_TAG = 5
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\da-zA-Z_]+|\d+")


class Word(NamedTuple):
    """One folded word. `start` and `end` are offsets into the reading's text; `tag` the whole hashtag it begins, if any."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int  # counted through the whole text
    tag: str = ""
    tag_words: int = 1
    part: int = 0  # counts colons, semicolons and spaced dashes: no gap of a phrase crosses one


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: offsets into the reading's text, and its words as a range of the text's words."""

    index: int
    start: int
    end: int
    first: int
    last: int  # exclusive
    question: bool


@dataclass(frozen=True, slots=True)
class Doc:
    """A text, read: in one spelling, folded (of the same length), words, sentences and quotations, all as offsets into it."""

    original: str
    plain: Plain
    folded: str
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    quotations: tuple[tuple[int, int], ...] = ()
    tagged: tuple[int, ...] = ()  # the words with which hashtags begin

    @property
    def text(self) -> str:
        """The text that offsets of words and sentences are of."""
        return self.plain.text

    def span(self, start: int, end: int) -> tuple[int, int, str]:
        """Where these characters of `text` stand in the original, and how they are written there."""
        start, end = self.plain.in_original(start, end)
        return start, end, self.original[start:end]

    def words_of(self, sentence: Sentence) -> tuple[Word, ...]:
        return self.words[sentence.first : sentence.last]


def fold(text: str) -> str:
    """Lower case, straight quotes, plain dashes, full-width as half-width: character for character, so offsets stay."""
    if text.isascii():
        return (text.translate(_FOLDED) if "`" in text or "\t" in text else text).lower()
    text = text.translate(_FOLDED)
    return text.lower() if text.isascii() else "".join(map(_fold, text))


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    lowered = char.lower()
    cased = lowered.casefold()  # the "s" at the end of a Greek word is the one in it
    lowered = cased if len(cased) == 1 else lowered
    wide = unicodedata.normalize("NFKC", lowered)
    # Only where one character stays one: "㌔" would shift every offset behind it.
    return wide if len(wide) == 1 else lowered if len(lowered) == 1 else char


def is_cjk(text: str) -> bool:
    """Is it written without spaces between words (Japanese, Chinese)?"""
    return not text.isascii() and _CJK.search(text) is not None


def words_in(text: str) -> list[str]:
    """The folded words of a phrase, without their places."""
    if text.isascii() and text.isalpha():
        return [text.lower()]  # nearly every word of every rule, and they are read at each start
    return [PERCENT if word == "%" else word for word in _WORD.findall(fold(text))]


#: What stands between runs of letters in ASCII, and such runs in any script; those without spaces are runs of their own.
_BETWEEN = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalpha()})
RUN_OF_LETTERS = re.compile(rf"{_LETTER}+|[{_NO_SPACES}]+")


def runs_of_letters(text: str, folded: str) -> set[str]:
    """The runs of letters in a text in one spelling, in a tenth of the time of reading it; `folded` is the text folded. Of each word
    that is read all of them are there ("didn't" is two), and hashtags whole, with their sign, and as they are read.
    """
    runs = set(folded.translate(_BETWEEN).split()) if folded.isascii() else set(RUN_OF_LETTERS.findall(folded))
    if "#" in folded:
        runs.update(hashtag_words(text, folded))
    if "%" in folded:
        runs.add(PERCENT)
    return runs


def hashtag_words(text: str, folded: str) -> Iterator[str]:
    """The hashtags of a text in one spelling, each with its sign, and the words that each is read as; `folded` is the text folded."""
    for match in _WORD.finditer(folded):
        if match.start() > 0 and folded[match.start() - 1] == "#":
            words = _hashtag(text, match.start(), match.end(), 0, 0, 0)
            yield f"#{words[0].tag}"
            yield from (word.text for word in words)


def spell(text: str) -> Plain:
    """The text as all of judging reads it: in one spelling, its wrapped lines whole. Linear in its length."""
    return unwrapped(plain(text))


def read(text: str) -> Doc:
    """Read a text. Linear in its length."""
    spelt = spell(text)
    folded = fold(spelt.text)
    words: list[Word] = []
    sentences: list[Sentence] = []
    clauses = 0
    for start, end in _sentence_bounds(folded):
        first = len(words)
        breaks = [m.end() for m in _CLAUSE.finditer(folded, start, end)]
        parts = [m.end() for m in _PART.finditer(folded, start, end)]
        words.extend(_words(spelt.text, folded, start, end, len(sentences), clauses, breaks, parts))
        clauses += len(breaks) + 1
        tail = folded[start:end].rstrip(" \n\"')]」』")
        sentences.append(
            Sentence(
                index=len(sentences),
                start=start,
                end=end,
                first=first,
                last=len(words),
                question=tail.endswith(("?", "？")),
            )
        )
    tagged = tuple(at for at, word in enumerate(words) if word.tag) if "#" in folded else ()
    return Doc(text, spelt, folded, tuple(words), tuple(sentences), tuple(_quotations(spelt.text, folded)), tagged)


def _quotations(text: str, folded: str) -> list[tuple[int, int]]:
    """Offsets of what stands between quotation marks, without them; British single ones only where they are curly, since a
    straight one is an apostrophe as often. A mark that is not closed in its paragraph opens nothing. A line that is quoted to
    be answered is a quotation too.
    """
    found, opened = [], -1
    for mark in _MARK.finditer(folded):
        at = mark.start()
        if mark.group() == "\n":
            opened = -1
        elif mark.group() == '"':
            if opened < 0:
                opened = at + 1
            else:
                found.append((opened, at))
                opened = -1
    found.extend(match.span(1) for match in _SINGLE.finditer(text))
    found.extend(match.span(1) for match in _ANSWERED.finditer(folded))
    return sorted(found)


def _stays_open(folded: str, begin: int, end: int) -> bool:
    """Is the stop that ends here an abbreviation's?"""
    if _NUMBERED.search(folded, begin, end):
        return folded[end : end + 2].strip().isdigit()
    return bool(_ABBREVIATION.search(folded, begin, end)) and not _LETTERED.search(folded, begin, end)


def _sentence_bounds(folded: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for stop in _STOP.finditer(folded):
        end = stop.end()
        if stop.group()[0] == "." and _stays_open(folded, max(start, end - 12), end):
            continue
        bounds.append((start, end))
        start = end
    bounds.append((start, len(folded)))
    trimmed = []
    for begin, finish in bounds:
        part = folded[begin:finish]
        left = begin + len(part) - len(part.lstrip())
        right = finish - (len(part) - len(part.rstrip()))
        if left < right:
            trimmed.append((left, right))
    return trimmed


def _words(
    original: str, folded: str, start: int, end: int, sentence: int, clauses: int, breaks: list[int], parts: list[int]
) -> list[Word]:
    """The words of a sentence; `clauses` is how many clauses stand before it."""
    words: list[Word] = []
    place, part = clauses, 0
    # Behind the last of each stands no word.
    next_clause, next_part = iter((*breaks, end)), iter((*parts, end))
    clause_ends, part_ends = next(next_clause), next(next_part)
    for match in _WORD.finditer(folded, start, end):
        begin, behind = match.span()
        while clause_ends <= begin:
            clause_ends = next(next_clause)
            place += 1
        while part_ends <= begin:
            part_ends = next(next_part)
            part += 1
        if begin > 0 and folded[begin - 1] == "#":
            words.extend(_hashtag(original, begin, behind, sentence, place, part))
        else:
            text = match.group()
            words.append(Word(PERCENT if text == "%" else text, begin, behind, sentence, place, "", 1, part))
    return words


def _hashtag(original: str, start: int, end: int, sentence: int, clause: int, part: int) -> list[Word]:
    """`#MedicalMiracle` reads as "medical miracle", and as the tag it is."""
    inner = _CAMEL.finditer(original[start:end]) if end - start > SHORT_TAG else ()
    parts = [(start + m.start(), start + m.end()) for m in inner] or [(start, end)]
    tag = fold(original[start:end])
    return [
        Word(fold(original[a:b]), a, b, sentence, clause, tag if at == 0 else "", len(parts) if at == 0 else 1, part)
        for at, (a, b) in enumerate(parts)
    ]
