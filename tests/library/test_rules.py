"""The shipped rules and fact sheets, and the one door through which YAML comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.errors import LibraryError
from monitor.core.evaluation.examples import failed_examples
from monitor.core.model import Kind
from monitor.core.rules.rule import When
from monitor.library.load import Library
from monitor.library.yaml_nodes import MOST_BYTES, compose

LIBRARY = Library(Path("/nowhere"), {})
RULES = {rule.id: rule for rule in LIBRARY.rules()}
GOOD = """\
id: our-cure
message: "“{match}” needs a look."
why: It misleads.
severity: medium
kind: phrase
drift: sensational-language
match:
  any: ["cure-all"]
flags:
  - "It is a [cure-all]."
  - "This [cure-all] works."
passes:
  - "Two improved."
"""


@pytest.mark.parametrize("rule_id", sorted(r for r in RULES if RULES[r].when is not When.CLASSIFIER))
def test_every_shipped_rule_keeps_its_examples(rule_id: str):
    rule = RULES[rule_id]
    study = LIBRARY.study(rule.studies[0] if rule.studies else "keio-ips-sci")
    assert list(failed_examples(rule, LIBRARY.ruleset(study.id).classes, study)) == []


def test_every_rule_names_a_finding_that_the_shipped_study_has():
    library = Library(Path("/nowhere"), {})
    findings = library.study("keio-ips-sci").findings
    named = {rule.id: rule.finding for rule in library.ruleset("keio-ips-sci").rules if rule.finding}
    assert {rule: finding for rule, finding in named.items() if finding not in findings} == {}


def test_every_finding_has_a_source_and_a_date():
    for study in LIBRARY.studies():
        for finding in study.findings.values():
            assert finding.reference.title, finding.id
            assert finding.as_of.year > 2000
            assert len(finding.quote.split(". ")) <= 1


def test_the_keio_sheet_holds_what_the_digest_needs():
    study = LIBRARY.study("keio-ips-sci")
    assert {caveat.slug for caveat in study.caveats if caveat.required} == {
        "not-peer-reviewed",
        "small-study",
        "no-control-group",
        "safety-was-the-aim",
        "two-did-not-improve",
    }
    assert all(finding.correction for finding in study.findings.values())
    assert len(study.confusable) >= 6


def problems_of(text: str, name: str = "our-cure.yaml") -> list[str]:
    with pytest.raises(LibraryError) as error:
        Library(Path("/nowhere"), {name: text}).rules()
    return [str(problem) for problem in error.value.problems]


def test_a_good_rule_of_yours_loads():
    rules = Library(Path("/nowhere"), {"our-cure.yaml": GOOD}).rules()
    assert [rule.pack for rule in rules if rule.id == "our-cure"] == ["yours"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("why:", "wy:"), "our-cure.yaml:3:5: `wy` is no key of a rule; did you mean 'why'?"),
        (("severity: medium", "severity: mediun"), "our-cure.yaml:4:11: `severity: mediun` is not known; did you mean 'medium'?"),
        (("sensational-language", "sensational"), "our-cure.yaml:6:8: `drift: sensational` is not known; did you mean 'sensational-language'?"),
        (("id: our-cure", "id: my-cure"), "our-cure.yaml:1:5: has the id 'my-cure' but the file is called 'our-cure': they must be the same"),
        (('["cure-all"]', '["(cure"]'), "our-cure.yaml:8:9: “(cure” has a ( without a )"),
        (('"“{match}” needs', '"It needs'), "our-cure.yaml:2:10: `message` must hold {match}, or a reader cannot see the words"),
        (('  - "This [cure-all] works."\n', ""), "our-cure.yaml:10:3: `flags` needs at least 2"),
        (("kind: phrase", "kind: claim"), "our-cure.yaml:1:1: a rule of kind claim needs `when`"),
        (('["cure-all"]', '["<nobodys-class>"]'), "our-cure.yaml:8:9: “<nobodys-class>” names the word class <nobodys-class>, which nobody defines"),
        (("id: our-cure", "id: our-cure\nid: our-cure"), "our-cure.yaml:2:1: has the key 'id' twice"),
        (("why: It", "why: &a It"), "our-cure.yaml:3:6: has an anchor (&a); write the value out"),
        (("why: It misleads.", "why: *a"), "our-cure.yaml:3:6: uses an alias (*a); write the value out"),
        (("why: It misleads.", "why: !!python/object:os.system x"), "our-cure.yaml:3:6: has a tag (tag:yaml.org,2002:python/object:os.system); every value is plain text"),
        (("severity: medium", "severity: medium\nof: patiens"), "our-cure.yaml:5:5: `of: patiens` is not known; did you mean 'patients'?"),
        (("  any:", "\tany:"), "our-cure.yaml:8:1: has a tab; indent with spaces"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_at_its_place(change: tuple[str, str], problem: str):
    assert problem in problems_of(GOOD.replace(*change))


def test_all_problems_of_all_files_are_told_at_once():
    with pytest.raises(LibraryError) as error:
        Library(
            Path("/nowhere"),
            {"our-cure.yaml": GOOD.replace("why:", "wy:"), "two.yaml": "id: two\n"},
        ).rules()
    paths = {problem.path for problem in error.value.problems}
    assert paths == {"our-cure.yaml", "two.yaml"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: " + "x" * MOST_BYTES, "larger than 1 MB"),
        ("[" * 30 + "]" * 30, "nested more than 20 deep"),
        ("a: [1, 2", "is no YAML"),
        ("", "is empty"),
        ("a: 1\n---\nb: 2", "second document"),
        ("? [a, b]\n: c", "a key that is no word"),
        ("a: \x07", "is no YAML"),
    ],
)
def test_what_no_rule_is(text: str, what: str):
    root, problems = compose(text, "x.yaml")
    assert root is None
    assert what in problems[0].what


def test_every_scalar_stays_text():
    root, problems = compose("a: [no, on, yes, 1:30, 007, null]", "x.yaml")
    assert problems == []
    assert root is not None
    assert [node.value for node in root.value["a"].value] == ["no", "on", "yes", "1:30", "007", "null"]


def test_an_alias_bomb_is_refused_before_it_grows():
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
    )
    _, problems = compose(bomb, "x.yaml")
    assert "anchor" in problems[0].what


def test_changes_switch_off_soften_and_except():
    files = {
        "_changes.yaml": "miracle:\n  status: retired\nbreakthrough:\n  severity: high\n  unless: {within: sentence, any: [orchard]}\n"
    }
    rules = {rule.id: rule for rule in Library(Path("/nowhere"), files).rules()}
    assert rules["miracle"].status == "retired"
    assert rules["breakthrough"].severity == "high"
    assert rules["breakthrough"].unless[-1].any == ("orchard",)
    before = Library(Path("/nowhere"), {}).ruleset("keio-ips-sci").digest
    assert Library(Path("/nowhere"), files).ruleset("keio-ips-sci").digest != before


def test_a_severity_of_ones_own_holds_over_the_fact_sheets():
    text = "At Keio the man was given iPS cells. It took a simple injection."
    severities = []
    for files in ({}, {"_changes.yaml": "wrong-procedure:\n  severity: low\n"}):
        library = Library(Path("/nowhere"), files)
        found = assess("", text, library.study("keio-ips-sci"), library.ruleset("keio-ips-sci"), kind=Kind.POST)
        severities.append([flag.severity for flag in found.flags if flag.rule == "wrong-procedure"])
    assert severities == [["medium"], ["low"]]


def test_a_change_of_no_rule_is_told():
    with pytest.raises(LibraryError, match="there is no rule 'miracl'; did you mean 'miracle'"):
        Library(Path("/nowhere"), {"_changes.yaml": "miracl:\n  status: retired\n"}).rules()


def test_a_finding_without_a_source_does_not_load(tmp_path: Path):
    sheet = tmp_path / "mine.yaml"
    sheet.write_text(
        "id: mine\nname: Mine\ninstitution: Us\nas-of: '2026-01-01'\nreference: paper\n"
        "sources:\n  paper: {title: A paper}\nterms: {must: {who: [Us]}}\n"
        "findings:\n  main:\n    sentence: It worked a little.\n",
        encoding="utf-8",
    )
    with pytest.raises(LibraryError, match=r"mine.yaml:11:5: has no `source`, which every finding needs"):
        Library.single(sheet)


def test_a_drafted_fact_sheet_loads_as_a_draft(tmp_path: Path):
    from datetime import date

    from monitor.library.study_template import draft_study

    path = tmp_path / "studies" / "drafted.yaml"
    path.parent.mkdir()
    text = "A diet and the heart\nIn this trial 120 participants were randomised. The diet reduced blood pressure by 4 mmHg."
    path.write_text(draft_study("drafted", text, today=date(2026, 1, 2)), encoding="utf-8")
    library = Library(path.parent, {})
    (study,) = library.drafts()
    assert study.id not in {known.id for known in library.studies()}
    with pytest.raises(LibraryError, match="still to be filled in"):
        Library.single(path)
    assert [f.sentence for f in study.findings.values()][:2] == [
        "In this trial 120 participants were randomised.",
        "The diet reduced blood pressure by 4 mmHg.",
    ]


def test_no_shipped_phrase_has_signs_that_are_not_heeded():
    from monitor.core.rules.phrase import unmatched_signs

    told = {
        phrase
        for rule in LIBRARY.rules()
        for phrase in (*rule.any, *rule.needs, *(p for unless in rule.unless for p in unless.any))
        if unmatched_signs(phrase)
    }
    assert not told


@pytest.mark.parametrize(
    ("text", "drifts"),
    [
        ("0 of 4 patients walk again.", False),
        ("Zero of the four patients walk again.", False),
        ("None of the four patients walks again.", False),
        ("Zero patients were cured.", False),
        ("0 out of four volunteers was able to walk.", False),
        ("Three of the four patients walk again.", True),
        ("The treatment has zero side effects.", True),
        ("He went from zero to walking again.", True),
    ],
)
def test_a_count_of_none_denies(text: str, drifts: bool):
    """Nobody walks, said in numbers: neither an outcome above the study's nor a number that differs."""
    study = LIBRARY.study("keio-ips-sci")
    assert assess("", text, study, LIBRARY.ruleset(study.id), kind=Kind.POST).drift is drifts


def test_tabs_doubled_keys_and_what_yaml_need_not_are_told_together():
    _, wrong = compose("id: a\nid: b\nwhy: It\tis.\nmessage:\tM\nflags: &x [a]\n", "our-cure.yaml")
    assert [(problem.line, problem.what.partition(";")[0]) for problem in wrong] == [
        (3, "has a tab"),
        (4, "has a tab"),
        (2, "has the key 'id' twice"),
        (5, "has an anchor (&x)"),
    ]
