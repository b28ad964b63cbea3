"""The phrase language: what a communications officer writes in a rule, and how it finds words in a text.

    walking again          whole words in any case; curly or straight quotes, hyphen or space make no difference
    walk|walks|walked      one of these words
    (able to|can) walk     one of these groups; an empty choice makes it optional: (fully|) recovered
    reprogram*             words that begin so
    made ... walk          up to six words between, never past the sentence
    made .. walk           up to two words between
    <n:number>             a number in digits or words
    <n:share>              a share: 75 %, two thirds, half, two of the four
    <n:days>               a span of time: 12 months, a year, a fortnight
    <patients>             a word class: a list of phrases that the packs or the fact sheet name
    #MedicalMiracle        a hashtag
    奇跡                    Japanese and Chinese match as parts of a sentence, with ... for up to thirty characters, .. for ten
    <ja-cells>が...(治|癒)し  word classes, numbers and groups of words join them; behind them a bar parts whole phrases

There is no repetition, so matching is linear in the text for any phrase. Raw spans of an engine are never shown: a
match is a range of words of the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.text.doc import fold, is_cjk, words_in
from monitor.core.text.normalise import plain
from monitor.core.text.numbers import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence


#: Words that `...` and `..` may stand for, and characters in scripts without spaces.
LONG_GAP, SHORT_GAP, CJK_GAP, CJK_SHORT_GAP = 6, 2, 30, 10
#: Longer than anything a person writes, short enough that no phrase can be a program.
MOST_CHARACTERS = 2_000
#: Gaps, and words or groups, one behind the other, likewise: with them any phrase is matched in 10 KB within 0.1 s.
MOST_GAPS, MOST_PARTS = 10, 100

#: So many options of a choice are shown to a person.
MOST_WRITTEN = 6


class PhraseError(ValueError):
    """A phrase that cannot be read; `at` is the character (from 0) where it goes wrong."""

    def __init__(self, what: str, at: int) -> None:
        """`what` says what is wrong, to follow the place."""
        super().__init__(what)
        self.at = at


# --- the parts of a phrase -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exact:
    word: str


@dataclass(frozen=True, slots=True)
class Prefix:
    prefix: str


@dataclass(frozen=True, slots=True)
class Tag:
    tag: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number to be caught; `type` is one of numbers.TYPES."""

    name: str
    type: str = "number"


@dataclass(frozen=True, slots=True)
class Class:
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    words: int


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """The single-word options of a choice, looked up in one step: most choices of rules are lists of words."""

    words: frozenset[str]
    prefixes: tuple[str, ...] = ()


_BARE = str.maketrans("áéíóú", "aeiou")
#: Shorter words are told from others by their accent alone.
LEAST_ACCENTED = 4
_TOLD_BY_ACCENT = frozenset({"está", "están", "cómo", "cuándo", "cuánto", "dónde", "quién", "sólo"})


@dataclass(frozen=True, slots=True)
class Substring:
    """A phrase in a script without spaces: pieces, and for each behind the first how many characters may stand before it.

    A piece is a run of letters, a choice of some, a word class or a number.
    """

    pieces: tuple[Piece, ...]
    gaps: tuple[int, ...] = ()


Piece = str | tuple[str, ...] | Class | Number
Part = Exact | Prefix | Tag | Number | Class | Gap | Choice | OneOf | Substring
Parts = tuple[Part, ...]

_TOO_MANY_GAPS = f"has more than {MOST_GAPS} gaps (...) one behind the other"
_TOO_MANY_PARTS = f"has more than {MOST_PARTS} words or groups one behind the other"
_TOKEN = re.compile(
    r"(?P<gap>\.\.\.|…|\.\.)|(?P<open>\()|(?P<close>\))|(?P<bar>\|)|<(?P<angle>[^<>]*)>|(?P<tag>#\w+)"
    r"|(?P<word>[^\s()|<>#…]+?\*?(?=\.\.|[\s()|<>#…]|$))|(?P<space>\s+)|(?P<bad>.)"
)


def unmatched_signs(phrase: str) -> str:
    """Signs of a phrase that no text is asked for, though they make other words of those they stand at: "C++", "$5", "🎉".

    Hyphens, quotes, stops and what stands within a word ("R&D") make none: writers use and leave them freely.
    """
    found = ""
    for match in _TOKEN.finditer(plain(phrase).text):
        value = (match.group("word") or "").rstrip("*")
        if value:
            begin = next((at for at, char in enumerate(value) if not _is_sign(char)), len(value))
            end = next((at for at in range(len(value), begin, -1) if not _is_sign(value[at - 1])), begin)
            found += value[:begin] + value[end:]
    return found


def _is_sign(char: str) -> bool:
    return char in "!?@§" or unicodedata.category(char) in {"Sm", "Sc", "Sk", "So"}


@lru_cache(maxsize=16_384)
def parse(phrase: str) -> Parts:
    """Read one phrase; raises PhraseError with the place."""
    if len(phrase) > MOST_CHARACTERS:
        raise PhraseError(f"is longer than {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    if is_cjk(phrase):
        return _substrings(phrase)
    tokens = tokens_of(phrase)
    options, at = _options(tokens, 0, depth=0)
    if at < len(tokens):
        raise PhraseError("has a ) without a (", tokens[at][2])
    parts = options[0] if len(options) == 1 else (_choice(options),)
    if not parts or all(isinstance(part, Gap) for part in parts):
        raise PhraseError("holds no word", 0)
    if isinstance(parts[0], Gap) or isinstance(parts[-1], Gap):
        raise PhraseError("begins or ends with a gap (...), which matches nothing by itself", 0)
    gaps, several = _most(parts)
    if gaps > MOST_GAPS:
        raise PhraseError(_TOO_MANY_GAPS, 0)
    if several > MOST_PARTS:
        raise PhraseError(_TOO_MANY_PARTS, 0)
    return parts


def tokens_of(phrase: str) -> list[tuple[str, str, int]]:
    """The signs and words of a phrase in their order: (kind, what stands there, where)."""
    return [((kind := m.lastgroup or ""), m[kind], m.start()) for m in _TOKEN.finditer(plain(phrase).text)]


def _most(parts: Parts) -> tuple[int, int]:
    """The most gaps, and the most parts, that stand one behind the other."""
    gaps, several = 0, 0
    for part in parts:
        if isinstance(part, Choice):
            inner = [_most(option) for option in part.options]
            gaps += max(most for most, _ in inner)
            several += max(most for _, most in inner)
        else:
            gaps += isinstance(part, Gap)
            several += 1
    return gaps, several


def alternatives(phrase: str) -> list[str]:
    """What the bars outside of parentheses part: "a|(b|c) d" has two."""
    parts, depth = [""], 0
    for piece in re.split(r"([()|])", phrase):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def written(parts: Parts) -> str:
    """A phrase that was read, as a person would write it, to be shown: of a long choice only the first few."""
    return " ".join(map(_written, parts))


def _written(part: Part) -> str:  # noqa: PLR0911 - one line for each kind of part
    match part:
        case Exact(word):
            return word
        case Prefix(prefix):
            return f"{prefix}*"
        case Tag(tag):
            return f"#{tag}"
        case Number(name, kind):
            return f"<{name}:{kind}>"
        case Class(name):
            return f"<{name}>"
        case Gap(words):
            return ".." if words == SHORT_GAP else "..."
        case OneOf(words, prefixes):
            return _bars([*sorted(words), *(f"{prefix}*" for prefix in prefixes)])
        case Choice(options):
            return _bars([written(option).strip("()") if len(option) == 1 else written(option) for option in options])
    between = {0: "", CJK_SHORT_GAP: ".."}
    pieces = zip((0, *part.gaps), part.pieces, strict=True)
    return "".join(between.get(gap, "...") + written_piece(piece) for gap, piece in pieces)


def written_piece(piece: Piece) -> str:
    """A piece of a phrase in a script without spaces, as a person would write it."""
    if isinstance(piece, str):
        return piece
    return _bars(piece) if isinstance(piece, tuple) else _written(piece)


def _bars(options: Sequence[str]) -> str:
    shown = [*options[:MOST_WRITTEN], "…"] if len(options) > MOST_WRITTEN else options
    return f"({'|'.join(shown)})"


def _substrings(phrase: str) -> Parts:
    """Japanese and Chinese: a bar outside of parentheses parts alternatives of the whole, `...` and `..` are gaps."""
    options = tuple((_chain(option),) for option in alternatives(phrase))
    return options[0] if len(options) == 1 else (Choice(options),)


_LINK = re.compile(
    r"(?P<gap>\.\.\.|…|\.\.)|\((?P<group>[^()]*)\)|<(?P<angle>[^<>]*)>|(?P<letters>[^.…()<>]+|\.)|(?P<bad>.)"
)


def _chain(phrase: str) -> Substring:
    """One alternative: its pieces and the gaps between them."""
    pieces: list[Piece] = []
    gaps: list[int] = []
    gap: int | None = None
    for link in _LINK.finditer(phrase):
        if link.group("bad"):
            raise PhraseError(f"has {link.group()!r}, which the phrase language does not know here", link.start())
        if link.group("gap"):
            gap = CJK_GAP if link.group("gap") in {"...", "…"} else CJK_SHORT_GAP
            continue
        piece = _piece(link)
        if not piece:
            continue
        if pieces:
            gaps.append(gap or 0)
        elif gap is not None:
            raise PhraseError("begins or ends with a gap (...), which matches nothing by itself", 0)
        pieces.append(piece)
        gap = None
    if not pieces:
        raise PhraseError("holds no word", 0)
    if gap is not None:
        raise PhraseError("begins or ends with a gap (...), which matches nothing by itself", 0)
    return substring(pieces, gaps)


def _piece(link: re.Match[str]) -> Piece:
    if link.group("group") is not None:
        options = tuple(fold(plain(option.strip()).text) for option in link.group("group").split("|"))
        if not all(options):
            raise PhraseError(
                "has an empty choice, which this script does not know: write the phrase twice", link.start()
            )
        return options
    if link.group("angle") is not None:
        return _angle(link.group("angle"), link.start())
    return fold(plain(link.group("letters").strip()).text)


def substring(pieces: Sequence[Piece], gaps: Sequence[int]) -> Substring:
    """A phrase in a script without spaces; raises PhraseError if it is too long."""
    if sum(gap > 0 for gap in gaps) > MOST_GAPS:
        raise PhraseError(_TOO_MANY_GAPS, 0)
    if len(pieces) > MOST_PARTS:
        raise PhraseError(_TOO_MANY_PARTS, 0)
    return Substring(tuple(pieces), tuple(gaps))


def _options(  # noqa: C901 - one pass over the tokens, a case for each kind
    tokens: Sequence[tuple[str, str, int]], at: int, depth: int
) -> tuple[list[Parts], int]:
    """Sequences between bars up to a closing parenthesis or the end. A bar between single words binds those words only."""
    if depth > 4:
        raise PhraseError("has parentheses more than four deep", tokens[at - 1][2])
    spaced = depth == 0
    options: list[list[Part]] = [[]]
    pending_bar = False
    while at < len(tokens):
        kind, value, place = tokens[at]
        if kind == "close":
            if depth == 0:
                break
            return [tuple(option) for option in options], at
        at += 1
        if kind == "space":
            continue
        if kind == "word" and not pending_bar:
            options[-1].extend(_word(value, place))
            continue
        if kind == "bar":
            if not spaced:
                options.append([])
                continue
            if pending_bar or not options[-1]:
                raise PhraseError("has a | without a word before it", place)
            pending_bar = True
            continue
        part, at = _part(kind, value, place, tokens, at, depth)
        if pending_bar:
            before = options[-1].pop()
            part, pending_bar = (_choice([*_options_of((before,)), *_options_of(part)]),), False
        options[-1].extend(part)
    if depth:
        raise PhraseError("has a ( without a )", 0)
    if pending_bar:
        raise PhraseError("ends with a |", len(tokens))
    return [tuple(option) for option in options], at


def _options_of(parts: Parts) -> list[Parts]:
    """The alternatives that a bar joins."""
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, Choice):
        return list(only.options)
    if isinstance(only, OneOf):
        return [*((Exact(word),) for word in sorted(only.words)), *((Prefix(prefix),) for prefix in only.prefixes)]
    return [parts]


def _choice(options: Sequence[Parts]) -> Part:
    """A choice, its single words gathered into one part."""
    words, prefixes, others = set(), [], []
    for option in options:
        if len(option) != 1:
            others.append(option)
            continue
        only = option[0]
        if isinstance(only, Exact):
            words.add(only.word)
        elif isinstance(only, Prefix):
            prefixes.append(only.prefix)
        elif isinstance(only, OneOf):
            words |= only.words
            prefixes.extend(only.prefixes)
        else:
            others.append(option)
    gathered = OneOf(frozenset(words), tuple(prefixes))
    if not others:
        return gathered
    return Choice((*(((gathered,),) if words or prefixes else ()), *others))


def _part(
    kind: str, value: str, place: int, tokens: Sequence[tuple[str, str, int]], at: int, depth: int
) -> tuple[Parts, int]:
    if kind == "gap":
        return (Gap(SHORT_GAP if value == ".." else LONG_GAP),), at
    if kind == "open":
        options, at = _options(tokens, at, depth + 1)
        return (_choice(options),), at + 1
    if kind == "angle":
        return (_angle(value, place),), at
    if kind == "tag":
        return (Tag(fold(value[1:])),), at
    if kind == "word":
        return _word(value, place), at
    raise PhraseError(f"has {value!r}, which the phrase language does not know", place)


def _angle(value: str, place: int) -> Number | Class:
    """What stands between < and >: a number or a word class."""
    name, _, what = value.partition(":")
    if what in TYPES or (name in TYPES and not what):
        return Number(name or "n", what or name)
    if what or not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise PhraseError(f"has <{value}>; a word class is written <like-this>, a number <n:number>", place)
    return Class(name)


@lru_cache(maxsize=16_384)
def _letters(word: str) -> Parts:
    """A word of ASCII letters, of which there is one spelling. Most words of all phrases are such, and the same ones."""
    return (Exact(word),)


def _word(value: str, place: int) -> Parts:
    if value.isascii() and value.isalpha():
        return _letters(value.lower())
    begins = value.endswith("*")
    bare = value.rstrip("*")
    if "*" in bare or (begins and len(bare) < 2):
        raise PhraseError("has a * that is not at the end of a beginning of two letters or more", place)
    texts = words_in(bare)
    if not texts:
        # Punctuation by itself stands in no word: see `unmatched_signs`.
        return ()
    parts: list[Part] = [_either(text) for text in texts]
    if begins:
        spellings = (texts[-1], unaccented(texts[-1]))
        parts[-1] = Prefix(texts[-1]) if spellings[0] == spellings[1] else OneOf(frozenset(), spellings)
    return tuple(parts)


def _either(word: str) -> Part:
    """A word, or it and how those spell it who leave accents out."""
    bare = unaccented(word)
    return Exact(word) if bare == word else OneOf(frozenset({word, bare}))


def unaccented(word: str) -> str:
    """A word without its acute accents, as posts have it ("lesion medular"); the same where that makes another word of it.

    An accent that stands on the last letter tells verbs from nouns ("caminó" is no "camino"), but for "-ió" and the future's
    "-rá"; in words of a syllable ("qué", "más") and in pointing words it is all there is to tell them by.
    """
    bare = word.translate(_BARE)
    if bare == word or len(word) < LEAST_ACCENTED or word in _TOLD_BY_ACCENT:
        return word
    return word if word[-1] in "áéíóú" and not word.endswith(("ió", "rá", "rán")) else bare
