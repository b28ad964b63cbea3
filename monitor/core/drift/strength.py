"""Claim strength: how strongly does a sentence tie one thing to another, and does a claim go beyond a finding?

The scale is that of Sumner et al. (BMJ 2014;349:g7015) as Yu et al. (EMNLP 2019) annotate it: 0 no relation, 1
correlation, 2 conditional causation, 3 direct causation. By cues: what ties two things together, whether a modal word
stands before it, and words of advice and method that tie nothing. No model and no training text is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from monitor.core.rules.matcher import Lexicon, Matcher
from monitor.core.text.doc import read


class Verdict(StrEnum):
    DOWNPLAYS = "downplays"
    SAME = "same"
    EXAGGERATES = "exaggerates"


@dataclass(frozen=True, slots=True)
class Strength:
    """0 none, 1 correlational, 2 conditional causal, 3 direct causal; `because` are the words that decided."""

    level: int
    because: tuple[str, ...]


_NOT_BEFORE_NOUN = "(reduced|increased|improved|lower|higher|decreased|enhanced|elevated|better|worse|greater)"
CLASSES = {
    "more": ("higher|lower|greater|increased|reduced|elevated|raised|decreased|double|twice",),
    # One thing does something to another.
    "causes": (
        "(cause|causes|caused|causing|prevent|prevents|prevented|preventing|trigger|triggers|triggered|induce|induces|induced)",
        "(reduces|reduce|reducing|increases|increase|increasing|improves|improve|improving|lowers|lowering|raises|raise)",
        "(decreases|decrease|decreasing|enhances|enhance|enhancing|boosts|boost|boosting|cuts|cutting|slows|slow|delays|delay)",
        "(protects|protect|protected|protecting|promotes|promote|promoted|inhibits|inhibit|inhibited|stimulates|stimulated)",
        "(suppresses|suppress|suppressed|activates|activated|blocks|blocked|alters|alter|altered|affects|affect|affected)",
        "(influences|influence|influenced|impacts|impairs|impaired|impair|worsens|worsen|worsened|exacerbates|attenuates)",
        "(attenuated|alleviates|alleviate|relieves|relieve|relieved|ameliorates|restores|restored|saves|saving|kills|doubles)",
        "(halves|halved|doubled|shapes|drives|drove|driven|accelerates|accelerated|reverses|reversed|facilitates|modulates)",
        "(mediates|mediated|strengthens|weakens|speeds|curbs|curb|fights|fight|wards|spurs|makes|made|keeps|helps|helped|help)",
        "(benefits|benefit|harms|harm|hurts|extends|extend|prolongs|prolonged|shortens|eliminates|treats|cures|fuels)",
        "(significantly|substantially|markedly|effectively|also|further|successfully|dramatically) (reduced|increased|improved|decreased|enhanced|lowered)",
        "(has|have|had|was|were|been|treatment|therapy|supplementation|intervention|training|exercise|it|that|diet) (reduced|increased|improved|decreased|enhanced|lowered|raised)",
        "(reduced|increased|improved|decreased|lowered|raised|cut) (the|their|its|his|her|by|mortality|pain|symptoms|survival)",
        "(led|lead|leads|leading|gives|gave) (to|rise)",
        "(result|results|resulted|resulting) in",
        "(due|owing|attributable) to",
        "(because|consequence|effect|effects|impact|influence|role) (of|on|in)",
        "(effective|efficacious|beneficial|ineffective|efficacy|effectiveness)",
        "(responsible for|contributes to|contribute to|contributed to|key to|essential for|plays a role|play a role)",
        "(no|significant|positive|negative|beneficial|adverse|protective|little|large|small|strong|direct) (effect|effects|impact|influence)",
        "good for|bad for",
    ),
    # Two things go together.
    "ties": (
        "(associate|associated|associates|association|associations|correlate|correlated|correlates|correlation|correlations)",
        "(linked|link|links|linking|related|relates|relationship|relationships|relation|connection|connected|tied)",
        "(predict|predicts|predicted|predictor|predictors|predictive|prognostic|marker|markers|biomarker|biomarkers|indicator)",
        "(risk|independent|protective) (factor|factors|marker)",
        "(more|less|equally|as|most|least|much) (likely|common|frequent|prevalent|often|frequently)",
        "(likelihood|odds|probability|prevalence|incidence) of",
        "<more> (the|) (risk|risks|odds|rate|rates|likelihood|chance|chances|mortality|incidence|prevalence|levels|scores|survival)",
        "(higher|lower|greater|better|worse|more|fewer|less|larger|smaller|longer|shorter|faster|slower) ... than",
        "(compared|comparison|compares|comparable) (with|to)",
        "(differ|differs|differed|difference|differences) (between|in|from|among|significantly)",
        "at (higher|greater|increased|lower|high|particular) risk",
        "(tend|tends|tended) to",
        "(risk|rates|levels) (is|are|was|were) (higher|lower|greater|increased|elevated)",
        "(susceptibility|vulnerable|prone) ",
    ),
    # The second kind of words belongs to the first: "associated with improved survival" ties and does not cause.
    "tied-outcome": (
        f"(associated|association|correlated|linked|related|tied|relationship|link) .. (with|to|between) ... {_NOT_BEFORE_NOUN}",
        "(associated|correlated|linked|related) (with|to) ... (effect|effects|impact|benefit|benefits|improvement|reduction)",
        "(associated|correlated|linked|related) (with|to) ... (increase|decrease|influence)",
        "(predict|predicts|predictor|predictors|marker|markers|risk factor|risk factors) ... (effect|effects|benefit|treatment)",
    ),
    "modal": (
        "(may|might|could|can|possibly|possible|potential|potentially|perhaps|probably|likely|plausible|promising|promise)",
        "(appear|appears|appeared|seem|seems|seemed|suggest|suggests|suggested|suggesting|suggestive|indicate|indicating)",
        "(would|hypothesize|hypothesise|hypothesized|propose|believe|thought to|hope|hopes|possibility|if confirmed)",
    ),
    "weak-modal": ("(suggest|suggests|suggested|suggesting|indicate|indicates|indicating|can)",),
    # Advice, need and method tie nothing.
    "advice": (
        "(further|future|additional|more|larger|prospective) (study|studies|research|trials|trial|investigation|work)",
        "(is|are|be|were) (needed|warranted|required|necessary|recommended|unclear|unknown|lacking)",
        "(should|must|ought to|need to|needs to|recommend|recommends|recommended|warrant|warrants|important to|call for|urge)",
        "(aim|aims|aimed|objective|purpose|trial registration|registration|clinicaltrials|protocol|funded|funding)",
        "(we (describe|report|present|review|discuss|developed|propose))",
        "(limitation|limitations|confounding|limited by|caution)",
    ),
}


@cache
def _lexicon() -> Lexicon:
    return Lexicon({name: tuple(phrase.strip() for phrase in phrases) for name, phrases in CLASSES.items()})


def strength(sentence: str) -> Strength:
    """The strength of one claim; of several sentences, the strongest counts."""
    matcher = Matcher(read(sentence), _lexicon())
    best, texts = Strength(0, ()), matcher.doc.words
    for part in matcher.doc.sentences:
        found = {name: _found(matcher, name, part.first, part.last) for name in CLASSES}
        level, words = _level(found)
        if level > best.level:
            best = Strength(level, tuple(matcher.doc.span(texts[a].start, texts[b - 1].end)[2] for a, b in words))
    return best


_Range = tuple[int, int]


def _found(matcher: Matcher, name: str, first: int, last: int) -> list[_Range]:
    return [(f.first, f.last) for f in matcher.class_found(name) if first <= f.first < last]


def _level(found: dict[str, list[_Range]]) -> tuple[int, list[_Range]]:
    ties, modal = found["ties"], found["modal"]
    causes = [c for c in found["causes"] if not any(a <= c[0] < b for a, b in found["tied-outcome"])]
    if found["advice"] and not (causes and not modal):
        causes = [c for c in causes if c[1] <= min(a for a, _ in found["advice"])]
        ties = [t for t in ties if t[1] <= min(a for a, _ in found["advice"])]
    if causes and (not ties or causes[0][0] < ties[0][0]):
        before = [m for m in modal if m[0] < causes[0][1]]
        return (2, [*before[:1], causes[0]]) if before else (3, [causes[0]])
    if ties:
        return 1, [ties[0]]
    return 0, []


def compare(finding: str, claim: str) -> tuple[Strength, Strength, Verdict]:
    """Both strengths, and whether the claim goes beyond the finding."""
    found, said = strength(finding), strength(claim)
    if said.level == found.level:
        return found, said, Verdict.SAME
    return found, said, Verdict.EXAGGERATES if said.level > found.level else Verdict.DOWNPLAYS
