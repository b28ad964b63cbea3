"""Texts judged now, and sentences compared; nothing is stored."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.judgement import Drift, Severity, Tier
from monitor.core.model import Kind
from monitor.export.checked import check_row, compared_row
from monitor.library.strength import shipped_scale
from monitor.pipeline.assess_text import assess_text
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Caveats, Items, Reference, Sent, Shape
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.study import Study

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["check"])

#: Letters of a text and of a sentence, and texts at once.
MOST_TEXT, MOST_SENTENCE, MOST_TEXTS = 200_000, 5_000, 100


class Checkable(Sent):
    """A text to judge."""

    id: str = Field("1", max_length=500, description="Comes back with the answer")
    text: str = Field(max_length=MOST_TEXT, examples=["A paralysed man walks again after Keio's iPS cells."])
    title: str = Field("", max_length=2_000)
    kind: Kind = Kind.ARTICLE
    lang: str = Field("", max_length=35, description="Its language (BCP 47) where it is known")
    date_: date | None = Field(
        None, alias="date", description="When it was told: what was found later does not bind it"
    )


class CheckIn(Checkable):
    """One text, with how it is judged."""

    study: str | None = Field(None, max_length=64, description="Fact sheet to compare with; default: the first")
    assume_relevant: bool = Field(False, description="Take it as about the study: a single sentence lacks context")


class ManyIn(Sent):
    """Several texts, judged alike."""

    texts: list[Checkable] = Field(min_length=1, max_length=MOST_TEXTS)
    study: str | None = Field(None, max_length=64)
    assume_relevant: bool = False


class Found(Shape):
    """A flag on a text that is not stored."""

    rule: str
    drift: Drift
    severity: Severity
    confidence: float
    tier: Tier
    where: str = Field(alias="in")
    start: int
    end: int
    quote: str
    message: str
    finding: str | None
    source: Reference | None
    correction: str | None


class Checked(Shape):
    """`hypewatch.check/1`, as the command writes it."""

    schema_: Literal["hypewatch.check/1"] = Field(alias="schema")
    id: str
    about_study: bool
    because: list[str]
    lang: str
    judged: bool
    drift: bool
    score: int
    flags: list[Found]
    caveats: Caveats
    score_parts: dict[str, float]
    ruleset: str
    reason: str = Field("", description="Only there if it is not judged")
    confusable: str = Field("", description="Only there if it is about another study")


class CompareIn(Sent):
    """What a study says, and what is said about it."""

    id: str = Field("1", max_length=500)
    finding: str = Field(max_length=MOST_SENTENCE, examples=["X is linked to Y."])
    claim: str = Field(max_length=MOST_SENTENCE, examples=["X causes Y."])


class ComparedOut(Shape):
    """0 no relation, 1 correlation, 2 conditional cause, 3 direct cause."""

    id: str
    finding_strength: int = Field(ge=0, le=3)
    claim_strength: int = Field(ge=0, le=3)
    verdict: Literal["downplays", "same", "exaggerates"]
    because: list[str]


@router.post("/check", response_model=Checked | Items[Checked], response_model_exclude_unset=True)
def check(request: Request, sent: CheckIn | ManyIn) -> Any:
    """Judge a text, or several (`texts`), against a fact sheet. Nothing is stored. Several are answered in their order."""
    library = service_of(request).library.current()
    study = library.study(sent.study) if sent.study else library.default()
    ruleset = library.ruleset(study.id)
    if isinstance(sent, CheckIn):
        return _judged(sent, study, ruleset, assume=sent.assume_relevant)
    return {"items": [_judged(text, study, ruleset, assume=sent.assume_relevant) for text in sent.texts]}


def _judged(sent: Checkable, study: Study, ruleset: RuleSet, *, assume: bool) -> Mapping[str, Any]:
    found = assess_text(
        sent.title, sent.text, study, ruleset, kind=sent.kind, lang=sent.lang, assume=assume, on=sent.date_
    )
    return check_row(sent.id, found, ruleset.digest)


@router.post("/compare", response_model=ComparedOut, tags=["check"])
def compare(sent: CompareIn) -> Any:
    """Does a claim go beyond a finding? By how strongly each ties one thing to another."""
    return compared_row(sent.id, sent.finding, sent.claim, shipped_scale())
