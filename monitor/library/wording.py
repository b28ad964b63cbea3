"""The languages that mails are written in: catalogues of sentences beside this module, one `.po` file for each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from monitor.core.wording import ENGLISH, LANGUAGES, Wording


@cache
def wording(language: str) -> Wording:
    """The Wording of a language (primary tag, one of LANGUAGES); English for any other."""
    if language == "en" or language not in LANGUAGES:
        return ENGLISH
    text = files("monitor.library").joinpath("languages", f"{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale=language))
    compiled.seek(0)
    return Wording(language, Translations(compiled))
