"""Guesses at what a text does not say outright: who did it, what was given, to whom. A person is asked about each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.drafting.listed import listed
from monitor.core.text.content_words import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.papers import Paper

_PLACE = re.compile(
    r"\b((?:The )?(?:[A-Z][\w'’.-]+ ){0,4}(?:University|Institute|Hospital|College|Clinic|Academy|School|Infirmary)"
    r"(?: of(?: the)?(?: [A-Z][\w'’-]+){1,4}| [A-Z][\w'’-]+)?(?: (?:and|of) [A-Z][\w'’-]+)?)"
)
_RANK = ("University", "Institute", "Hospital", "Clinic", "College", "Academy", "School", "Infirmary")
#: Words of any title: they name no study.
DULL = STOPWORDS | listed(
    "trial study studies randomised randomized controlled double blind placebo phase effect effects efficacy safety"
    " among between versus associated association associations risk cohort clinical patients adults children people"
    " analysis systematic review meta results outcomes treatment therapy using based during following evaluation"
    " prospective retrospective multicentre multicenter national nationwide population case series report reports"
    " cross sectional survey model mouse mice trials open label pilot first human compared comparison impact role use"
    " these those were was been being each both other than there their them they such same more most less least very"
    " after before within under over group groups mean median year years month months week weeks day days long term"
    " women men early late high higher lower low new versus without single arm"
)
_STOP = r"(?=\s+(?:who|were|was|and|in|at|to|after|from|with|without|by|for|or|than|compared|versus|vs|aged|is|are|had|on)\b|\s*[,.;:()\n]|$)"
_WITH = re.compile(
    rf"\b(?:patients|adults|people|participants|children|men|women|volunteers|individuals|persons|infants|mice|rats) "
    rf"(?:with|suffering from|at risk of|living with) ((?:(?!who\b|were\b|was\b)[\w'’-]+ ){{0,3}}?[\w'’-]+){_STOP}",
    re.IGNORECASE,
)
_GIVEN = (
    rf"\b(?:assigned|allocated|randomi[sz]ed)\b[^.;]{{0,80}}?\bto (?:receive |get |undergo )?(?:either )?(?:a |an |the |oral |weekly |daily |once-weekly |once-daily |intravenous |subcutaneous )*((?:[\w'’-]+ ){{0,2}}?[a-z][\w'’-]+){_STOP}",
    rf"\b(?:treated with|treatment with|received|given|injections? of|infusions? of|intake of|consumption of|exposure to|use of|administration of|effects? of) (?:a |an |the |oral |weekly |daily |once-weekly |intravenous )*((?:[\w'’-]+ ){{0,2}}?[a-z][\w'’-]+){_STOP}",
)
_NO_TREATMENT = listed(
    "placebo control usual care either one two three four group groups the this that standard receive it them those doses"
    " dose treatment therapy sham saline baseline"
)


def institution_in(places: Sequence[str]) -> str:
    """The name of an institution in affiliations or a text; "" if none is named."""
    for place in places:
        found = [re.sub(r"^The ", "", name).strip() for name in _PLACE.findall(place)]
        for rank in _RANK:
            for name in found:
                if rank in name and " " in name:
                    return name
    return ""


def surname(name: str) -> str:
    """The surname of an author as indexes write them: "Wilding JPH", "John P. Wilding"."""
    parts = [part for part in re.split(r"[\s,]+", name.strip()) if part]
    if not parts:
        return ""
    if len(parts) > 1 and parts[-1].isupper() and len(parts[-1].replace(".", "")) <= 4:
        return " ".join(parts[:-1])
    return parts[-1]


def people_of(paper: Paper | None) -> tuple[str, ...]:
    """The first and the last author, by whom a study is known."""
    names = [name for one in (paper.people if paper else ()) if len(name := surname(one)) > 1]
    return tuple(dict.fromkeys((*names[:1], *names[-1:])))


def title_words(title: str, most: int = 5) -> tuple[str, ...]:
    """The words of a title that tell this study from others."""
    words = re.findall(r"[^\W\d_][\w'’-]{3,}", title)
    kept = [word for word in words if word.casefold() not in DULL and not any(c in "()|<>#…" for c in word)]
    return tuple(dict.fromkeys(word.lower() if not word.isupper() else word for word in kept))[:most]


_NO_CONDITION = listed("a an the no or and at each one")


def condition_in(title: str, text: str) -> str:
    """The condition that the people had."""
    for place in (title, text):
        for found in _WITH.findall(place):
            words = str(found).strip()
            if len(words) > 3 and words.split()[0].lower() not in _NO_CONDITION:
                return words
    return ""


_TITLED = (
    r"(?:associations?|effects?|impact|efficacy|safety|use|outcomes?|accuracy)(?: and \w+)? (?:of|between|after) (?:the |an? )?(.+?)(?= (?:on|with|in|and|against|for|versus|vs|after|among|to|or)\b|[:,]|$)",
    r"^(?:an? |the )?(.+?)(?= (?:extends?|reduces?|improves?|prevents?|restores?|protects?|promotes?|blocks?|increases?|that|for|versus|vs\.?|before|during|in (?:patients|adults|people|children|mice|teenagers|women|men|older)|and)\b|[:,]|$)",
)
#: Words before the name of a treatment that are none of it.
_LOOSE = listed(
    "weekly daily once-weekly once-daily twice-daily monthly oral once twice late-life early late long-term short-term higher lower autologous novel new single"
    " subcutaneous intravenous a an the of projected late-stage"
)


def treatment_in(title: str, text: str) -> str:
    """What was given, done or met with: as the title has it, else as the text has it."""
    for patterns, place in ((_TITLED, title), (_GIVEN, text)):
        for pattern in patterns:
            for found in re.findall(pattern, place, re.IGNORECASE):
                words = found.strip().split()
                while words and words[0].lower() in _LOOSE:
                    words = words[1:]
                told = " ".join(words)
                says = len(told) > 3 and not told[0].isdigit() and told.isascii()
                if 0 < len(words) < 5 and says and not _NO_TREATMENT & {word.lower() for word in words}:
                    return told
    words = list(title_words(title, 1))
    return words[0] if words and words[0].isascii() else ""


def wordable(text: str) -> str:
    """A name as a phrase of a sheet: without the signs that phrases use."""
    return " ".join(re.sub(r"[()|<>#…*\"]|\.{2,}", " ", text).split())
