"""What is quoted of a text: the sentence around some words, words on one line, and words cut to a length. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.text.lines import columns, levelled

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a sentence ends with.
_STOPS = (". ", "! ", "? ", "\n", "。")
#: Where words written without spaces may be parted: after a comma, a stop, a bracket or a particle that ends a phrase.
_PHRASE_END = re.compile(r"[、，。,;；:：）)」』]|(?<=[\u3400-\u9fff\u30a0-\u30ff])[はがをにでと](?=[^\u3041-\u309f])")
_SPACE = re.compile(r"\s")


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a span begins and ends."""
    whole = levelled(text)
    left = max((whole.rfind(stop, 0, start) for stop in _STOPS), default=-1)
    rights = [at for stop in _STOPS if (at := whole.find(stop, max(end - 1, 0))) >= 0]
    return left + 1, min(rights, default=len(text)) + 1


def sentence_around(text: str, start: int, end: int, most: int = 240) -> str:
    """The words around a span for a reader: cut at sentence ends or, if that is long, at about `most` characters, between words
    (where there are no spaces, between phrases). The span itself is never cut.
    """
    left, right = sentence_bounds(text, start, end)
    if right - left <= most:
        return text[left:right].strip()
    pad = max(0, (most - (end - start)) // 2)
    begin, finish = max(left, start - pad), min(right, end + pad)
    if begin > left:
        begin = start - len(_tail(text[begin:start]))
    if finish < right:
        finish = end + len(_head(text[end:finish]))
    return ("… " if begin > left else "") + text[begin:finish].strip() + (" …" if finish < right else "")


def shortened(text: str, most: int, measure: Callable[[str], int] = len) -> str:
    """The text in at most `most` characters (or what `measure` counts), with a "…" where it was cut: between words, or phrases where
    there are no spaces. Only a single word that is longer than that is cut inside.
    """
    if measure(text) <= most:
        return text
    end = min(len(text), max(most - 1, 0))
    while end and measure(text[:end]) > most - 1:
        end -= 1
    kept = _head(text[:end], following=text[end]).rstrip(" ,;:、，。")
    return (kept or text[:end]) + "…"


def one_line(text: str) -> str:
    """The text without line breaks and other characters that do not print: what somebody published must not begin a line of
    ours, nor a header.
    """
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def width(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese or Japanese sign is two (UAX 11)."""
    return sum(map(columns, text))


def _head(text: str, following: str = "x") -> str:
    """The text as far as its last whole word or phrase; `following` is the character after it."""
    if not text or following.isspace():
        return text
    ends = [match.start() for match in _SPACE.finditer(text)] + [match.end() for match in _PHRASE_END.finditer(text)]
    return text[: max(ends, default=0)]


def _tail(text: str) -> str:
    """The text from the beginning of its first whole word or phrase."""
    begins = [match.end() for match in _SPACE.finditer(text)] + [match.end() for match in _PHRASE_END.finditer(text)]
    return text[min(begins, default=len(text)) :]
