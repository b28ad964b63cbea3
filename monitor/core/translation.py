"""What a fact sheet says of a flag, in a reader's language: what was found, and what could be said instead. Pure.

The sheet itself is in English. A sentence that it does not have in the language stands in English, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.judgement import Drift

if TYPE_CHECKING:
    from monitor.core.judgement import Flag
    from monitor.core.study import Study

#: Drift by what is left out: there a sentence is to be added, none to be replaced.
LEFT_OUT = frozenset({Drift.MISSING_CAVEAT, Drift.CHERRY_PICKING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of the fact sheet; `english`: it stands in English for a reader of another language."""

    words: str
    english: bool = False


def said(study: Study, language: str, sentence: str) -> Said:
    """One sentence of the sheet."""
    told = study.said_in(language, sentence)
    return Said(words=told) if told else Said(words=sentence, english=language != "en")


def instead(study: Study, language: str, flag: Flag) -> Said | None:
    """What could be said instead, or added where something is left out; in the language if the sheet says anything fitting in it."""
    if flag.drift in LEFT_OUT:
        return _added(study, language, flag)
    finding = study.finding(flag.finding)
    given = [flag.correction, finding.correction if finding else None]
    for sentence in given:
        if sentence and (told := study.said_in(language, sentence)):
            return Said(words=told)
    sentence = next((one for one in given if one), None)
    return Said(words=sentence, english=language != "en") if sentence else None


def _added(study: Study, language: str, flag: Flag) -> Said | None:
    """The sentences of the sheet's caveats that the flag's correction names, each in the language."""
    named = [caveat.sentence for caveat in study.caveats if flag.correction and caveat.sentence in flag.correction]
    told = [study.said_in(language, sentence) for sentence in named]
    if named and all(told):
        return Said(words=("" if language == "ja" else " ").join(sentence for sentence in told if sentence))
    words = " ".join(named) or flag.correction
    return Said(words=words, english=language != "en") if words else None
