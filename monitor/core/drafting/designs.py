"""What a design settles by itself: the rung that it reaches, how its finding is told, and the caveats that a fair account needs.

The phrases of the ladders are the ones that the shipped rules read (`about: evidence`, `publication`, `approval`, `outcome`),
the caveats' those of the shared classes (`<caveat-...>`); a person adds the words of the field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.drafting.design import Design
from monitor.core.judgement import Drift, Severity
from monitor.core.study import Caveat, ExcludedClaim, Ladder, Rung

if TYPE_CHECKING:
    from collections.abc import Sequence

_AGAIN = "(replicated|reproduced|confirmed) (by|in|at|across) .. (other|independent|another|several|laboratories|labs|teams|groups|cohorts)"

EVIDENCE = Ladder(
    id="evidence",
    rungs=(
        Rung(id="uncontrolled", says=("single-arm",)),
        Rung(id="observational", says=("observational",)),
        Rung(
            id="controlled",
            says=(
                "(compared|compare) .. with .. (controls|control group|placebo)",
                "(control group|placebo group|placebo arm|comparison group) .. (did|showed|fared|got|received|was|were|had|lost|gained|declined)",
            ),
        ),
        Rung(
            id="randomised",
            says=(
                "(randomised|randomized|randomly) (controlled|placebo-controlled|assigned|allocated|trial|study)",
                "(double-blind|placebo-controlled|gold standard) (trial|study|test)",
                "(assigned|allocated|assignment) .. (at random|randomly)",
            ),
        ),
        Rung(
            id="replicated", says=("<replicated>", _AGAIN, "independently (confirmed|replicated|verified|reproduced)")
        ),
    ),
)
PUBLICATION = Ladder(
    id="publication",
    rungs=(
        Rung(
            id="announced",
            says=("(press|news) (conference|release)", "(presented|shown) (at|to) .. (meeting|conference|congress)"),
        ),
        Rung(id="preprint", says=("preprint|preprints", "(posted|uploaded) .. (medRxiv|bioRxiv|arXiv|server|online)")),
        Rung(
            id="peer-reviewed",
            says=(
                "peer reviewed (study|paper|trial|research|results|data|findings|evidence|journal|article|publication)",
                "(passed|passes|survived|underwent|cleared|after|been through|went through) .. peer review",
                "(published|printed) in .. journal",
                "(has|have|was|were|been|is|are|now) (now|since|already|been|) peer reviewed",
                "(published|publish|publishes|appeared|appears|printed) (today|this week|recently|online|) in .. (journal|Nature|Science|Lancet|Cell|JAMA|NEJM)",
            ),
        ),
    ),
)
APPROVAL = Ladder(
    id="approval",
    rungs=(
        Rung(id="in-trial", says=("in .. (trial|trials)", "(investigational|experimental)")),
        Rung(
            id="approved",
            says=(
                "(approved|approves|authorised|authorized|licensed|licenses|cleared) (the|this|it|for|by|treatment|therapy|drug)",
                "(won|wins|gets|got|received|receives|secured|granted|obtained|gained) .. (approval|authorisation|authorization|licence|license|clearance)",
                "(is|are|was|been|now|already|officially|fully) (now|already|officially|fully|) (approved|licensed|authorised|authorized)",
                "<regulators> (approved|has approved|have approved|approves|cleared|has cleared)",
            ),
        ),
        Rung(
            id="standard",
            says=(
                "standard (of care|treatment|therapy|procedure|practice)",
                "(established|proven|routine|standard) (new|) (treatment|therapy|method|tool|approach)",
                "(routine|everyday|widespread) (use|practice|care)",
            ),
        ),
    ),
)
#: What goes too far by itself, whatever was found: an answer adds the words of the field.
TOO_FAR = ("<cured>",)
#: What goes too far where nothing was given to anybody.
CAUSES = ("(proves|proved|proven) (that|to) .. (cause|causes|caused|prevent|prevents|protect|protects)",)


def outcome_ladder(design: Design) -> Ladder:
    """What was found at the bottom, what goes too far above it."""
    above = (*CAUSES, *TOO_FAR) if design.observes else TOO_FAR
    return Ladder(id="outcome", rungs=(Rung(id="as-found", says=()), Rung(id="too-far", says=above)))


_RUNG_OF = {
    Design.RANDOMISED: "randomised",
    Design.SINGLE_ARM: "uncontrolled",
    Design.COHORT: "observational",
    Design.CASE_CONTROL: "observational",
    Design.CROSS_SECTIONAL: "observational",
    Design.CASE_SERIES: "uncontrolled",
    Design.ANIMALS: "controlled",
    Design.IN_VITRO: "controlled",
    Design.REVIEW: "randomised",
    Design.MODELLING: "uncontrolled",
}
#: How the design is told, and what is to be said instead of more.
TOLD = {
    Design.RANDOMISED: "The groups were made by chance, so a difference between them can be put down to what they were given.",
    Design.SINGLE_ARM: "Everybody in the study got the same, and there was no control group to compare with.",
    Design.COHORT: "People were followed and given nothing, so the study shows what goes together and not what causes what.",
    Design.CASE_CONTROL: "People with and without the condition were compared afterwards, so the study shows a link and no cause.",
    Design.CROSS_SECTIONAL: "People were asked or measured once, so the study cannot tell what came first.",
    Design.CASE_SERIES: "Single cases are described, and there was no control group to compare with.",
    Design.ANIMALS: "The experiments were done in animals; no human was treated.",
    Design.IN_VITRO: "The experiments were done with cells in the laboratory; no human was treated.",
    Design.REVIEW: "The study sums up what earlier studies found.",
    Design.MODELLING: "The numbers come from a calculation with a model; nobody was treated for it.",
}

_NO_CONTROL = ("caveat-no-control-group", "no-control-group", "There was no control group.")
_LINK = (
    "caveat-observational",
    "observational",
    "The study is observational: it shows a link and cannot prove a cause.",
)
_NO_HUMANS = ("caveat-animals-only", "not-in-humans", "It was not tested in humans.")
_MODEL = (
    "(model|models|modelled|modeled|modelling|modeling|simulation|simulations|simulated|projection|projections|projected|assum*)",
    "from-a-model",
    "The numbers come from a model and rest on its assumptions.",
)
_FIT = {
    Design.SINGLE_ARM: (_NO_CONTROL,),
    Design.CASE_SERIES: (_NO_CONTROL,),
    Design.COHORT: (_LINK,),
    Design.CASE_CONTROL: (_LINK,),
    Design.CROSS_SECTIONAL: (_LINK,),
    Design.ANIMALS: (_NO_HUMANS,),
    Design.IN_VITRO: (_NO_HUMANS,),
    Design.MODELLING: (_MODEL,),
}
NOT_REVIEWED = ("caveat-not-peer-reviewed", "not-peer-reviewed", "The results are not peer reviewed.")
SMALL = ("caveat-small-study", "small-study", "It was a small study.")
SHORT = ("caveat-short-follow-up", "short-follow-up", "How long the effect lasts is unknown.")
NOT_BLINDED = ("caveat-not-blinded", "not-blinded", "The participants knew what they were given.")
LOOKED_BACK = ("caveat-looked-back", "looked-back", "The study was retrospective: it looked back at old records.")
SELF_REPORTED = ("caveat-self-reported", "self-reported", "The answers were self-reported.")
SIDE_EFFECTS = ("caveat-side-effects", "side-effects", "There were side effects.")
NO_HARM_STUDIED = ("caveat-safety-open", "safety-open", "Side effects were not studied.")
NOT_APPROVED = ("caveat-not-approved", "not-approved", "The treatment is not approved.")
INTEREST = ("caveat-interest", "interest", "The authors have a competing interest.")


def fitting(design: Design, text: str = "") -> Sequence[tuple[str, str, str]]:
    """The caveats that a design needs: shared class (or a phrase where there is none), name, sentence."""
    return (_LINK,) if rung_of(design, text) == "observational" else _FIT.get(design, ())


def rung_of(design: Design, text: str) -> str:
    """The rung of the evidence that a design reaches. A review reaches that of the studies which it sums up."""
    if design is Design.REVIEW and not re.search(r"randomi[sz]ed|\brcts?\b|無作為", text, re.IGNORECASE):
        return "observational"
    return _RUNG_OF.get(design, "")


def caveat(fit: tuple[str, str, str], finding: str) -> Caveat:
    """A caveat of a shared class."""
    shared, slug, sentence = fit
    says = f"<{shared}>" if shared.startswith("caveat-") else shared
    return Caveat(slug=slug, says=(says,), sentence=sentence, finding=finding)


_ELSE = "(not|no|only|never|nobody|unknown|untested|whether|unclear|nothing|none|cannot|without|plan*|next|need*|until|before|would|separate|future)"


def ruled_out(design: Design, text: str) -> tuple[ExcludedClaim, ...]:
    """What the design makes certainly wrong; the finding that tells the design holds it."""
    found = []
    if design in {Design.ANIMALS, Design.IN_VITRO}:
        found += [
            ExcludedClaim(
                id="efficacy-0",
                about="scope",
                says=(
                    "(works|worked|helps|helped|cures|cured|treats|treated|effective|safe) ... (humans|people|patients|men and women)",
                    "(humans|people|patients|women|men|volunteers) who (took|take|got|received|used|were given|swallowed)",
                    "(humans|people|patients) ... (were cured|were treated|were helped|recovered|improved|benefited)",
                ),
                drift=Drift.POPULATION_GENERALISATION,
                severity=Severity.HIGH,
                unless=(_ELSE,),
            ),
            ExcludedClaim(
                id="efficacy-1",
                about="status",
                says=(
                    "(clinical|human) (trial|trials)",
                    "(tested|tried|proven) (in|on) (humans|people|volunteers|patients)",
                ),
                drift=Drift.STATUS_ERROR,
                severity=Severity.HIGH,
                unless=(_ELSE,),
            ),
        ]
    if phases := phases_not_meant(text):
        found.append(
            ExcludedClaim(
                id=f"efficacy-{len(found)}",
                about="status",
                says=tuple(f"phase ({phase})" for phase in phases),
                drift=Drift.STATUS_ERROR,
                severity=Severity.HIGH,
                unless=(_ELSE,),
            )
        )
    return tuple(found)


_PHASES = {"1": "1|I|one", "2": "2|II|two", "3": "3|III|three"}


def phases_not_meant(text: str) -> tuple[str, ...]:
    """The phases of trials that a text which names one phase does not name."""
    lowered = f" {text.lower()} "
    named = {
        phase
        for phase, ways in _PHASES.items()
        for way in ways.split("|")
        if any(
            f"phase {way.lower()}{end}" in lowered
            for end in (" ", ",", ".", "/", "-", ")", "a ", "b ", "a,", "b,", ";")
        )
    }
    return tuple(ways for phase, ways in _PHASES.items() if phase not in named) if len(named) == 1 else ()
