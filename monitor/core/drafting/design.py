"""What kind of study a text reports, told by the words that its field uses; and its numbers in registries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Design(StrEnum):
    """Kinds of studies, as far as they decide what may be said. The value is how a person would name it."""

    RANDOMISED = "randomised trial"
    SINGLE_ARM = "trial without a control group"
    COHORT = "cohort"
    CASE_CONTROL = "case-control study"
    CROSS_SECTIONAL = "survey or cross-section"
    CASE_SERIES = "case series"
    ANIMALS = "animal experiment"
    IN_VITRO = "laboratory experiment with cells"
    REVIEW = "review of earlier studies"
    MODELLING = "calculation with a model"
    UNKNOWN = "not told"

    @property
    def observes(self) -> bool:
        """Nobody was given anything: what goes together is seen, and no cause."""
        return self in {Design.COHORT, Design.CASE_CONTROL, Design.CROSS_SECTIONAL}

    @property
    def treats(self) -> bool:
        """People were treated in it."""
        return self in {Design.RANDOMISED, Design.SINGLE_ARM, Design.CASE_SERIES}


#: Signs of each design and how much each weighs; the heaviest sum is the design, of two equals neither.
_SIGNS: tuple[tuple[Design, int, str], ...] = (
    (Design.REVIEW, 6, r"systematic review|meta-?analys[ie]s|umbrella review|scoping review|pooled analysis of"),
    (Design.REVIEW, 2, r"\bsearched (?:medline|pubmed|embase)|databases were searched|eligible studies|included studies"),
    (Design.ANIMALS, 4, r"\b(?:mice|mouse model|murine|rats?|rodents?|macaques?|marmosets?|zebrafish|pigs?|monkeys?|hamsters?)\b"),
    (Design.ANIMALS, 1, r"\bin vivo\b|knock-?out|wild-?type"),
    (Design.IN_VITRO, 3, r"\bin vitro\b|cell lines?|organoids?|cultured (?:cells|neurons|tissue)|patient-derived cells|HeLa|HEK"),
    (Design.MODELLING, 4, r"\b(?:simulat(?:ed|ion|ions)|mathematical model|modelling study|modeling study|microsimulation|markov model|agent-based|projected that|decision-analytic)"),
    (Design.RANDOMISED, 4, r"randomi[sz]ed|randomly (?:assigned|allocated)|at random (?:to|in)|double-blind|placebo-controlled|sham-controlled"),
    (Design.SINGLE_ARM, 5, r"single-(?:arm|group)|uncontrolled|open-label (?:phase 1|phase I\b|dose)|without a control group|no control group|first-in-human|before-and-after"),
    (Design.SINGLE_ARM, 2, r"\bphase (?:1|I)\b(?!I|V)|dose-escalation|pilot study|all (?:patients|participants) received"),
    (Design.CASE_CONTROL, 6, r"case-control|cases and (?:matched )?controls|matched controls"),
    (Design.CROSS_SECTIONAL, 5, r"cross-sectional|\bsurvey(?:ed)?\b|prevalence study|questionnaires? (?:was|were) (?:sent|completed)"),
    (Design.COHORT, 5, r"\bcohort\b|prospectively followed|followed (?:up )?for|longitudinal|population-based registry|person-years|birth cohort|nationwide (?:\w+ ){0,4}regist|incidence rate ratio|open population"),
    (Design.COHORT, 2, r"retrospective(?:ly)?|\bassociated with|hazard ratio|observational"),
    (Design.RANDOMISED, 5, r"無作為|ランダム化"),
    (Design.SINGLE_ARM, 5, r"単群|非対照|対照群なし"),
    (Design.COHORT, 5, r"コホート|追跡調査"),
    (Design.ANIMALS, 5, r"マウス|ラット|サル"),
    (Design.CROSS_SECTIONAL, 5, r"横断|アンケート"),
    (Design.CASE_SERIES, 6, r"症例報告"),
    (Design.REVIEW, 6, r"システマティックレビュー|メタ解析"),
    (Design.CASE_SERIES, 6, r"case (?:series|report|reports)|we (?:report|describe) (?:a|an|one|two|three|four|five) (?:\w+ ){0,3}(?:case|cases|patient|patients|man|woman|boy|girl)"),
)  # fmt: skip
#: A design of experiments on animals or cells is one however its animals were shared out; so is a review of trials.
_FIRST = (Design.REVIEW, Design.ANIMALS, Design.IN_VITRO)
_PEOPLE = re.compile(r"\b(?:patients?|participants?|volunteers?|adults|children|men|women|people)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The design that the words tell, and whether they tell it without doubt."""

    design: Design
    sure: bool


def design_of(text: str) -> Seen:
    """The design by its words. Negations are not read: who writes "not randomised" also writes what it was."""
    weights: dict[Design, int] = {}
    lowered = re.sub(
        r"(?:larger|further|future|more|need for|need(?:s|ed)?) (?:\w+ ){0,3}randomi[sz]ed", "", text.lower()
    )
    lowered = re.sub(r"mendelian randomi[sz]ation|non-?randomi[sz]ed|not randomi[sz]ed", "observational", lowered)
    for design, weight, sign in _SIGNS:
        found = len(set(re.findall(sign.lower(), lowered)))
        if found:
            weights[design] = weights.get(design, 0) + weight + min(found, 3) - 1
    if not weights:
        return Seen(design=Design.UNKNOWN, sure=False)
    people = len(_PEOPLE.findall(text))
    for design in _FIRST:
        if weights.get(design, 0) >= 4 and (design is Design.REVIEW or people <= 2):
            return Seen(design=design, sure=True)
    ranked = sorted(weights, key=lambda design: -weights[design])
    first = ranked[0]
    if len(ranked) == 1:
        return Seen(design=first, sure=weights[first] >= 4)
    gap = weights[first] - weights[ranked[1]]
    return Seen(design=first if gap else Design.UNKNOWN, sure=gap >= 2 and weights[first] >= 4)


_REGISTRY = re.compile(
    r"\b(NCT\d{8}|ISRCTN\d{5,8}|UMIN\d{9}|jRCT[a-z]?\d{9,10}|EudraCT(?:\s*(?:number|no\.?|:))*\s*\d{4}-\d{6}-\d{2}"
    r"|\d{4}-\d{6}-\d{2}(?:-\d{2})?|ChiCTR[-\w]{6,14}|ACTRN\d{14}|DRKS\d{8}|NTR\d{3,5}|CTRI/\d{4}/\d{2,3}/\d{6}"
    r"|PACTR\d{15,16}|KCT\d{7}|IRCT\d{8,}N?\d*|PROSPERO\s*CRD\d{8,}|CRD\d{8,})\b"
)
_PAGES = {
    "NCT": "https://clinicaltrials.gov/study/{}",
    "ISRCTN": "https://www.isrctn.com/{}",
    "jRCT": "https://jrct.mhlw.go.jp/en-latest-detail/{}",
}


def registry_numbers(text: str) -> tuple[str, ...]:
    """The study's numbers in registries of trials and reviews, as the text writes them, each once."""
    return tuple(dict.fromkeys(found.split()[-1] for found in _REGISTRY.findall(text)))


def registry_page(numbers: tuple[str, ...]) -> str | None:
    """The registry's page of the first number whose address is known."""
    return next(
        (page.format(number) for number in numbers for sign, page in _PAGES.items() if number.startswith(sign)), None
    )
