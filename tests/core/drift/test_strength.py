"""How strongly a sentence ties two things, and whether a claim goes beyond a finding."""

from __future__ import annotations

import pytest

from monitor.core.drift.strength import Scale, Verdict
from monitor.core.rules.phrase import PhraseError
from monitor.library.load import shipped_classes

SCALE = Scale(shipped_classes("strength"))


@pytest.mark.parametrize(
    ("sentence", "level"),
    [
        ("The garden was green.", 0),
        ("Coffee is associated with longer life.", 1),
        ("Drinkers had a lower risk than others.", 1),
        ("Coffee was linked to reduced mortality.", 1),  # the reduction belongs to what is tied
        ("Coffee may prevent strokes.", 2),
        ("Coffee prevents strokes.", 3),
        ("Further studies are needed on whether coffee is linked to anything.", 0),
        ("The garden was green. Coffee prevents strokes.", 3),
    ],
)
def test_levels(sentence: str, level: int):
    assert SCALE.strength(sentence).level == level


def test_the_words_that_decided_are_told():
    assert SCALE.strength("Coffee may prevent strokes.").because == ("may", "prevent")
    assert SCALE.strength("The garden was green.").because == ()


@pytest.mark.parametrize(
    ("finding", "claim", "verdict"),
    [
        ("Coffee is linked to fewer strokes.", "Coffee prevents strokes.", Verdict.EXAGGERATES),
        ("Coffee prevents strokes.", "Coffee prevents strokes.", Verdict.SAME),
        ("Coffee prevents strokes.", "Coffee may prevent strokes.", Verdict.DOWNPLAYS),
    ],
)
def test_a_claim_beside_a_finding(finding: str, claim: str, verdict: Verdict):
    assert SCALE.compare(finding, claim)[2] is verdict


def test_the_words_are_the_packs_and_another_language_can_have_its_own():
    spanish = {f"strength-{name}": () for name in ("ties", "tied-outcome", "modal", "advice")}
    scale = Scale({**spanish, "strength-causes": ("provoca|causa",)})
    assert scale.strength("El café provoca ictus.").level == 3
    assert scale.strength("Coffee prevents strokes.").level == 0


def test_a_class_that_is_missing_is_told_at_once():
    with pytest.raises(PhraseError, match="strength-causes"):
        Scale({})
