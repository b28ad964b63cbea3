"""In which language is a text, and is that one judged? The script first, then function words, then py3langid; a short text
follows its feed. To be taken for a language without rules, and so go unjudged, a text needs clear signs of it: one that has
none is of no known language, and read with all rules.

py3langid costs about 0.6 s to import and load, once in a process (measured with 0.4.0). The function words of seven
languages decide nearly every article and most posts without it, so that `check` on a line stays within its quarter second.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from monitor.core.text.content_words import FUNCTION_WORDS

#: The languages that the shipped rules are written for.
JUDGED = frozenset({"en", "es", "ja"})
#: What stands for no language in BCP 47, and in what X says of posts that are only links, names or emoji.
_NONE = frozenset({"art", "mis", "mul", "qam", "qct", "qht", "qme", "qst", "und", "zxx"})
#: English names of what detection and networks tell apart; any other language is named by its code.
_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "ga": "Irish", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "iw": "Hebrew", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nb": "Norwegian", "nl": "Dutch", "nn": "Norwegian",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

#: Below the first py3langid is guessing: the feed's language is the better guess. Below the second it may take an English
#: text full of names for Latin, or a Spanish one for Galician.
CONFIDENT, CERTAIN = 0.5, 0.9
#: A language is told from the first words; longer texts cost and add nothing.
MOST_CHARACTERS = 1500
#: So many function words, and twice as many as the next language has, decide.
DECISIVE = 3
#: Below the first nothing can be told; below the second, in plain letters, the feed knows better than a model, or one
#: function word that no other language has.
FEWEST, FEW = 3, 10
#: So many kanji or hanzi without one kana between them are Chinese; fewer can be a Japanese headline.
MOST_KANJI = 24

_WORD = re.compile(r"[^\W\d_]+")
#: What English shortens, written out: "s" and "t" alone would be taken for French.
_SHORTENED = re.compile(r"(?<=\w)(?:n['’]t|['’](?:s|d|m|ll|re|ve))\b", re.IGNORECASE)
_WRITTEN_OUT = {"t": " not", "l": " will", "e": " are"}
_LINK = re.compile(r"https?://\S+|[@#]\w+")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_SETS = {lang: frozenset(words) for lang, words in FUNCTION_WORDS.items()}


def is_judged(lang: str) -> bool:
    """Are there rules for this language (BCP 47)? A text whose language is not known ("", "und") is read with the rules of all."""
    return (_primary(lang) or "en") in JUDGED


def is_language(code: str) -> bool:
    """Is this the code of a language that texts can be told to be in: "en", not "en-GB"?"""
    return code in _NAMES


def languages() -> tuple[str, ...]:
    """The codes of the languages that have a name, by it; of two that are called the same, the first."""
    named = {name: code for code, name in reversed(_NAMES.items())}
    return tuple(named[name] for name in sorted(named))


def language_code(said: str) -> str | None:
    """The code (BCP 47, in small letters) of a language by its code or by what a reader calls it ("Japanese", "unknown"); None if
    it can be neither.
    """
    plain = said.strip().lower()
    if plain in {"unknown", "und"}:
        return "und"
    for code in languages():
        if _NAMES[code].lower() == plain:
            return code
    return plain if _primary(plain) else None


def language_name(lang: str) -> str:
    """What a reader calls a language (BCP 47): "German"; its code where no name is known, "unknown" where there is none."""
    primary = _primary(lang)
    return _NAMES.get(primary, primary) or "unknown"


def not_judged(lang: str) -> str:
    """What a person is told of a text in this language (BCP 47) in place of its flags; "" where it is judged."""
    return "" if is_judged(lang) else f"not judged ({language_name(lang)})"


def detect_language(text: str, hint: str = "") -> str:
    """The language's two-letter code, or "und". `hint` is what the feed says (BCP 47): it decides where the text does not."""
    text = unicodedata.normalize("NFKC", _LINK.sub(" ", text[:MOST_CHARACTERS]))
    hinted = _primary(hint)
    letters = len(_LETTER.findall(text))
    if not letters:
        return hinted or "und"
    script = _by_script(text, letters, hinted)
    if script:
        return script
    text = _SHORTENED.sub(lambda match: _WRITTEN_OUT.get(match[0][-1].lower(), ""), text)
    words = [word.casefold() for word in _WORD.findall(text)]
    return _by_function_words(words) or _by_what_is_there(text, words, hinted)


def _by_what_is_there(text: str, words: list[str], hinted: str) -> str:
    """The language of a text in Latin letters that too few function words tell."""
    said = _by_function_words(words, least=1)
    said = said if said in JUDGED else ""
    given = hinted or "und"
    if len(words) < FEW and (len(words) < FEWEST or all(word.isascii() for word in words)):
        return given if hinted in JUDGED else said or given
    lang, confidence = _model().classify(text)
    if lang in JUDGED:
        return str(lang) if confidence >= CONFIDENT else given
    return str(lang) if confidence >= CERTAIN and len(words) >= FEW and not said else said or given


def _primary(tag: str) -> str:
    """`en-GB` is `en`; what is no language tag, or says that there is no language, is nothing."""
    primary = re.split(r"[-_]", tag.strip().lower())[0]
    known = 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() and primary not in _NONE
    return primary if known else ""


def _by_script(text: str, letters: int, hinted: str) -> str:
    """The language that the letters tell; "" for a text in Latin letters."""
    kana, han, hangul = len(_KANA.findall(text)), _HAN.findall(text), len(_HANGUL.findall(text))
    # A Japanese headline may hold one "の" among kanji and Latin names; a name in another text holds no sentence.
    if (kana + len(han) + hangul) * 5 >= letters:
        if hangul > kana + len(han):
            return "ko"
        return "ja" if kana else _by_characters(han, hinted)
    if len(_LATIN.findall(text)) * 2 >= letters:
        return ""
    lang, confidence = _model().classify(text)
    # Cyrillic, Arabic, Thai: it is none of the languages that are judged, whichever it is.
    return str(lang) if confidence >= CONFIDENT or not hinted or lang in JUDGED else hinted


def _by_characters(han: list[str], hinted: str) -> str:
    """Japanese or Chinese, without kana: each has forms of its own, which the encodings of the other do not hold."""
    japanese = sum(_in(char, "cp932") and not _in(char, "gb2312") and not _in(char, "big5") for char in han)
    chinese = sum(not _in(char, "cp932") for char in han)
    if japanese != chinese:
        return "ja" if japanese > chinese else "zh"
    if hinted in {"ja", "zh", "ko"}:
        return hinted
    return "zh" if len(han) >= MOST_KANJI else "und"


def _in(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


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
