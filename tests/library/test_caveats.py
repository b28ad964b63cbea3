"""The usual caveats in their usual wordings, which every fact sheet can name: told by these, and not by what only sounds so."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.text.doc import read
from monitor.library.load import Library

CLASSES = Library(Path("/nowhere"), {}).ruleset("keio-ips-sci").classes
LEXICON = Lexicon({name: phrases for name, phrases in CLASSES.items() if name.startswith("caveat-")})
STUDIES = Library(Path(str(files("monitor.training"))) / "studies", {})

TOLD = {
    "not-peer-reviewed": ("The draft has still to face referees.", "The paper passed peer review in May."),
    "small-study": ("Only eleven volunteers took part.", "Eleven thousand volunteers took part."),
    "no-control-group": ("There was nobody to compare them with.", "The control group did as well."),
    "not-blinded": ("Everyone knew which capsule was which.", "The trial was double-blind."),
    "observational": ("The chart cannot tell which came first.", "Smoking is a cause of cancer."),
    "self-reported": ("They filled in a form about their habits.", "Blood was drawn from each of them."),
    "animals-only": ("Nobody knows whether it works in human beings.", "Two hundred patients were given it."),
    "short-follow-up": ("What happens later is unknown.", "They were followed for life."),
    "not-approved": ("No regulator has licensed it.", "Regulators licensed it in spring."),
    "side-effects": ("Side effects were common.", "The effect was common."),
    "safety-open": ("Nobody looked for harm.", "Harm was looked for and found."),
    "looked-back": ("The team went through old records.", "The team followed new patients."),
    "not-replicated": ("No other laboratory has repeated it.", "Three laboratories repeated it."),
    "modest-gain": ("The difference was modest.", "The difference was enormous."),
    "interest": ("She holds shares in the maker.", "She shares an office with him."),
}


def holds(name: str, text: str) -> bool:
    return bool(Matcher(read(text), LEXICON).sentences_with(f"caveat-{name}"))


@pytest.mark.parametrize("name", TOLD)
def test_a_caveat_is_told_in_its_usual_words(name: str):
    told, untold = TOLD[name]
    assert holds(name, told)
    assert not holds(name, untold)


def test_every_caveat_of_the_pack_is_tested_and_documented():
    assert {f"caveat-{name}" for name in TOLD} == set(LEXICON.classes)
    rules = (Path(str(files("monitor"))) / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [name for name in LEXICON.classes if f"`{name}`" not in rules] == []


def test_a_fact_sheet_takes_them_by_name():
    taken = {
        phrase
        for study in STUDIES.studies()
        for caveat in study.caveats
        for phrase in caveat.says
        if phrase.startswith("<caveat-")
    }
    assert len(taken) > 10
    assert {phrase.strip("<>") for phrase in taken} <= set(LEXICON.classes)
