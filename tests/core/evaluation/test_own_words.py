"""Every fact sheet that ships passes its own words, and a sheet that does not is told where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.judge import Judge
from monitor.core.evaluation.own_words import contradictions, failed_words
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Kind
from monitor.core.study import Caveat, ExcludedClaim, Quantity, Rung
from monitor.library.load import Library

HERE = Path(__file__).parents[3]
SHEETS = [
    *sorted(HERE.glob("monitor/library/studies/*.yaml")),
    *sorted(HERE.glob("monitor/training/studies/*.yaml")),
    HERE / "tests/data/labelled/second-study.yaml",
]
LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
ALONE = replace(RULES, classifier=None, digest="")


def test_there_are_sheets_to_ask():
    assert {"keio-ips-sci", "wexcombe-xray", "second-study"} <= {path.stem for path in SHEETS}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_every_sheet_passes_its_own_words(path):
    study = Library.single(path)
    ruleset = LIBRARY.ruleset_of(study)
    assert ruleset.classifier is not None
    assert [f"{'.'.join(map(str, failed.keys))} {failed.what}" for failed in failed_words(study, ruleset)] == []
    asked = {words.keys[0] for words in contradictions(study, ruleset)}
    assert asked == {"findings", "ladders", "quantities"}


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "患者は再び歩けるようになった。"), ("es", "El paciente ha vuelto a caminar.")]
)
def test_a_translation_that_goes_too_far_is_told_at_its_place(language, said):
    study = replace(STUDY, translations={language: {STUDY.findings["walking"].sentence: said}})
    assert ("findings", "walking", "in", language, "sentence") in {keys for keys, _ in failed(study)}


def failed(study) -> list[tuple]:
    return [(failed.keys, failed.what) for failed in failed_words(study, ALONE)]


def changed(finding: str, **changes):
    return replace(STUDY, findings={**STUDY.findings, finding: replace(STUDY.findings[finding], **changes)})


def test_a_finding_that_another_rules_out_is_told():
    place = STUDY.findings["site"].excludes[0]
    told = failed(changed("site", excludes=(replace(place, says=(*place.says, "into the injured spinal cord")),)))
    assert (
        ("findings", "site", "sentence"),
        "says what was found, yet wrong-place flags “into the injured spinal cord” in it",
    ) in told
    assert (("findings", "site", "correction"), told[0][1]) in told
    assert all(key[-1] != "says" for key, _ in told)


@pytest.mark.parametrize("key", ["name", "abstract", "quote", "correction", "caveat", "title"])
def test_nothing_that_the_sheet_says_goes_unasked(key):
    wrong = "All four patients are walking again."
    finding, caveat = STUDY.findings["cells"], STUDY.caveats[0]
    study, keys = {
        "name": (replace(STUDY, name=wrong), ("name",)),
        "abstract": (replace(STUDY, abstract=f"Background: nobody knew. {wrong}"), ("abstract",)),
        "quote": (changed("cells", quote=wrong), ("findings", "cells", "quote")),
        "correction": (changed("cells", correction=wrong), ("findings", "cells", "correction")),
        "caveat": (
            replace(STUDY, caveats=(replace(caveat, sentence=wrong, says=("walking again",)), *STUDY.caveats[1:])),
            ("caveats", caveat.slug, "sentence"),
        ),
        "title": (
            changed("cells", reference=replace(finding.reference, title=wrong)),
            ("findings", "cells", "source"),
        ),
    }[key]
    assert [at for at, _ in failed(study)] == [keys]


def test_a_phrase_that_its_own_exception_hides_is_told():
    entry = ExcludedClaim(
        id="site-9",
        about="place",
        says=("into the elbow", "(into|in) his toe"),
        drift=Drift.MECHANISM_ERROR,
        severity=Severity.HIGH,
        unless=("elbow",),
    )
    excludes = STUDY.findings["site"].excludes
    assert failed(changed("site", excludes=(*excludes, entry))) == [
        (
            ("findings", "site", "not", len(excludes), "says", 0),
            "finds nothing: “into the elbow” is not flagged as mechanism-error",
        )
    ]


def test_an_entry_that_no_rule_reads_is_told():
    entry = replace(STUDY.findings["site"].excludes[0], about="colour", says=("into a blue spot",))
    (told,) = failed(changed("site", excludes=(*STUDY.findings["site"].excludes, entry)))
    assert told[1] == "finds nothing: “into a blue spot” is not flagged as mechanism-error"


def test_a_higher_rung_that_says_nothing_is_told():
    ladder = STUDY.ladders["outcome"]
    rungs = (*ladder.rungs, Rung(id="hoped", says=("hopes to walk",)))
    study = replace(STUDY, ladders={**STUDY.ladders, "outcome": replace(ladder, rungs=rungs)})
    (told,) = failed(study)
    assert told[0] == ("ladders", "outcome", len(ladder.rungs), "says", 0)


def test_a_quantity_that_its_exception_hides_is_told():
    quantity = Quantity(id="beds", says=("<n:number> beds",), allowed=((4, 4),), finding="site", unless=("beds",))
    (told,) = failed(replace(STUDY, quantities=(*STUDY.quantities, quantity)))
    assert told == (("quantities", "beds", "says", 0), "finds nothing: “13 beds” is not flagged as number-error")


@pytest.mark.parametrize(
    ("phrase", "allowed", "ignore", "said"),
    [
        ("<n:number> beds", ((4, 4),), (), "13 beds"),
        ("in <n:number>", ((2021, 2024),), ((0, 1989), (2019, 2019), (2025, 9e9)), "in 2020"),
        ("<n:share> of beds", ((0, 0.97),), (), "97 percent of beds"),  # none of those that are tried is wrong
        ("<n:share> of beds", ((0.5, 0.99),), (), "44 percent of beds"),
        ("for <n:days>", ((330, 400),), ((0, 7),), "for 1201 days"),
    ],
)
def test_a_wrong_number_is_neither_allowed_nor_ignored(phrase, allowed, ignore, said):
    quantity = Quantity(id="beds", says=(phrase,), allowed=allowed, ignore=ignore, finding="site")
    found = contradictions(replace(STUDY, quantities=(quantity,)), ALONE)
    assert [words.text for words in found if words.keys[0] == "quantities"] == [said]


def test_the_second_reader_says_nothing_of_the_sheets_own_sentences():
    """With a sentence of more words it speaks again."""
    classifier = replace(RULES.classifier, bias=9.0)
    ruleset = replace(RULES, classifier=classifier, digest="")

    def raised(text: str) -> list[str]:
        return [flag.rule for flag in assess("", text, STUDY, ruleset, kind=Kind.POST).flags]

    sentence = STUDY.findings["cells"].sentence
    assert raised(sentence) == []
    assert raised(sentence.upper()) == []
    assert raised(f"{sentence.rstrip('.')} and more of them than ever.") == ["second-reader"]


def test_a_ladder_that_can_do_nothing_is_told():
    ladder = STUDY.ladders["outcome"]
    silent = replace(ladder, rungs=tuple(replace(rung, says=()) for rung in ladder.rungs))
    unread = replace(ladder, id="colour")
    found = failed(replace(STUDY, ladders={**STUDY.ladders, "outcome": silent, "colour": unread}))
    assert (("ladders", "outcome"), "says nothing above what was found, so no text can go too far") in found
    assert [what.partition(";")[0] for keys, what in found if keys == ("ladders", "colour")] == ["is read by no rule"]


def test_a_ladder_without_a_finding_is_told():
    finding = STUDY.findings["walking"]
    study = changed("walking", ladder=None, rung=None)
    assert finding.ladder == "outcome"
    assert (("ladders", "outcome"), "holds no finding, so nothing is above what was found") in failed(study)


@pytest.mark.parametrize(
    ("caveat", "what"),
    [
        (
            Caveat(slug="blue", says=("green",), sentence="It is blue.", finding="site"),
            "does not find the caveat's own sentence",
        ),
        (
            Caveat(slug="link", says=("<caveat-observational>",), sentence="It is observational.", finding="site"),
            "is needed by no study that has reached “randomised”, as this one has",
        ),
    ],
)
def test_a_caveat_that_cannot_be_told_or_is_not_needed_is_told(caveat, what):
    study = changed("design", rung="randomised")
    told = failed(replace(study, caveats=(caveat,)))
    assert (("caveats", caveat.slug, "says"), what) in told


def test_an_abstract_is_no_drift_but_for_what_contradicts_the_sheet():
    """Its authors may call a treatment safe; that patients walk again is what this sheet rules out."""
    safe, walking = "The treatment is completely safe.", "All four patients are walking again."
    assert ("abstract",) not in {keys for keys, _ in failed(replace(STUDY, abstract=safe))}
    assert ("abstract",) in {keys for keys, _ in failed(replace(STUDY, abstract=f"{safe} {walking}"))}
    judge = Judge(replace(STUDY, abstract=safe), ALONE)

    def raised(text: str) -> bool:
        return bool(judge.assess("", text, kind=Kind.POST, lang="en").flags)

    assert not raised(safe)
    assert raised("It is completely safe.")
