"""The sentence around some words of a text, as a card, a list or a mail shows it. Pure."""

from __future__ import annotations

from monitor.core.text.lines import levelled


def sentence_around(text: str, start: int, end: int, most: int = 240) -> str:
    """The words around a span for a reader: cut at sentence ends or, if that is long, at `most` characters."""
    whole = levelled(text)
    left = max((whole.rfind(stop, 0, start) for stop in (". ", "! ", "? ", "\n", "。")), default=-1)
    rights = [at for stop in (". ", "! ", "? ", "\n", "。") if (at := whole.find(stop, max(end - 1, 0))) >= 0]
    left, right = left + 1, min(rights, default=len(text)) + 1
    if right - left > most:
        pad = max(0, (most - (end - start)) // 2)
        return ("… " if start - pad > left else "") + text[max(left, start - pad) : end + pad].strip() + " …"
    return text[left:right].strip()
