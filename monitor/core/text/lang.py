"""In which language is a text? The script first, then function words, then py3langid; a short text follows its feed.

py3langid costs about 0.6 s to import and load, once in a process (measured with 0.4.0). The function words of seven
languages decide nearly every article and most posts without it, so that `check` on a line stays within its quarter second.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from monitor.core.text.content_words import FUNCTION_WORDS

#: Below this py3langid is guessing: the feed's language is the better guess.
CONFIDENT = 0.5
#: A language is told from the first words; longer texts cost and add nothing.
MOST_CHARACTERS = 1500
#: So many function words, and twice as many as the next language has, decide.
DECISIVE = 3
#: Below the first nothing can be told; below the second, in plain letters, the feed knows better than a model, or one
#: function word that no other language has.
FEWEST, FEW = 3, 10

_WORD = re.compile(r"[^\W\d_]+")
_LINK = re.compile(r"https?://\S+|[@#]\w+")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_LETTER = re.compile(r"[^\W\d_]")
_SETS = {lang: frozenset(words) for lang, words in FUNCTION_WORDS.items()}


def detect_language(text: str, hint: str = "") -> str:
    """The language's two-letter code, or "und". `hint` is what the feed says (BCP 47): it decides where the text does not."""
    text = _LINK.sub(" ", text[:MOST_CHARACTERS])
    hinted = _primary(hint)
    letters = len(_LETTER.findall(text))
    if not letters:
        return hinted or "und"
    script = _by_script(text, letters, hinted)
    if script:
        return script
    words = [word.casefold() for word in _WORD.findall(text)]
    decided = _by_function_words(words)
    if decided:
        return decided
    if len(words) < FEWEST:
        return hinted or "und"
    if len(words) < FEW and all(word.isascii() for word in words):
        return hinted or _by_function_words(words, least=1) or "und"
    lang, confidence = _model().classify(text)
    return str(lang) if confidence >= CONFIDENT else hinted or "und"


def _primary(tag: str) -> str:
    """`en-GB` is `en`; what is no language tag is nothing."""
    primary = re.split(r"[-_]", tag.strip().lower())[0]
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() and primary != "und" else ""


def _by_script(text: str, letters: int, hinted: str) -> str:
    kana, han, hangul = len(_KANA.findall(text)), len(_HAN.findall(text)), len(_HANGUL.findall(text))
    # A Japanese headline may hold one "の" among kanji and Latin names; a name in another text holds no sentence.
    if (kana + han + hangul) * 5 < letters:
        return ""
    if hangul > kana + han:
        return "ko"
    if kana:
        return "ja"
    return hinted if hinted in {"ja", "zh", "ko"} else "zh"


def _by_function_words(words: list[str], least: int = DECISIVE - 1) -> str:
    counts = sorted(((sum(word in known for word in words), lang) for lang, known in _SETS.items()), reverse=True)
    (most, lang), (second, _) = counts[0], counts[1]
    # A few words of one language and none of another are as good as three with some doubt.
    decided = (most >= DECISIVE and most >= 2 * second) or (most >= least and not second)
    return lang if decided and most * 8 >= len(words) else ""


@lru_cache(maxsize=1)
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
