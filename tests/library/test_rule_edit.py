"""A form's values and YAML are one: what the form does not show stays, what it shows is what is read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.errors import LibraryError, UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.rules.rule import Status, Within
from monitor.library.load import Library
from monitor.library.rule_edit import (
    ChangeForm,
    RuleForm,
    change_of,
    change_yaml,
    form_of,
    rule_from_words,
    rule_yaml,
    with_exception,
    with_lower_severity,
    with_pass,
    with_status,
)
from monitor.pipeline.tune import rule_problems

OURS = """\
# what the newsroom asked for
id: our-moon
message: "“{match}” is much."  # shown to readers
why: It is.
severity: high
kind: phrase
drift: sensational-language
mistaken-when: the moon itself is meant
# words of the desk
match:
  any: [moonshot for mankind]
unless:
  within: text
  any: [lunar]
flags:
  - A moonshot for mankind.
  - It is a moonshot for mankind.
passes: [Two of four improved.]
"""


def load(files) -> Library:
    return Library(Path("/nowhere"), files)


def ours(text: str = OURS):
    return next(rule for rule in load({"our-moon.yaml": text}).rules() if rule.id == "our-moon")


def test_what_the_form_does_not_show_stays():
    form = replace(form_of(ours()), severity=Severity.LOW, unless=("no moonshot",), status=Status.TRIAL)
    text = rule_yaml(form, OURS)
    rule = ours(text)
    assert form_of(rule) == form
    assert [(one.within, one.any) for one in rule.unless] == [
        (Within.SENTENCE, ("no moonshot",)),
        (Within.TEXT, ("lunar",)),
    ]
    assert rule.mistaken_when == "the moon itself is meant"
    for kept in (
        "# what the newsroom asked for",
        "# words of the desk",
        "match:\n  any: [moonshot for mankind]",
        "# shown",
    ):
        assert kept in text
    assert rule_yaml(form_of(ours()), OURS) == OURS, "nothing changed, nothing is written"


def test_a_file_that_cannot_be_cut_is_written_anew_with_the_same_meaning():
    flow = (
        '{id: our-moon, message: "“{match}” is much.", why: It is., severity: high, kind: phrase, drift: '
        "sensational-language, match: {any: [moonshot]}, references: [a book], flags: [A moonshot., The moonshot.], passes: [No.]}\n"
    )
    form = replace(form_of(ours(flow)), words=("moonshot", "moon shot"))
    rule = ours(rule_yaml(form, flow))
    assert (form_of(rule), rule.references) == (form, ("a book",))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="[]{}\t\x00"), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)
SAID = TEXT.filter(lambda text: text.strip() != "")


@settings(max_examples=60, deadline=None)
@given(st.lists(SAID, min_size=2, max_size=4), st.lists(SAID, min_size=1, max_size=3), SAID, st.sampled_from(Severity))
def test_any_form_reads_back_as_it_was(flags, passes, why, severity):
    form = RuleForm(
        id="our-moon",
        words=("moonshot", "(moon|lunar) shot*"),
        unless=("no moonshot",),
        message="“{match}” is much.",
        correction="Say less.",
        severity=severity,
        status=Status.TRIAL,
        finding="walking",
        drift=Drift.AVAILABILITY,
        flags=tuple(flags),
        passes=tuple(passes),
        why=why,
        languages=("ja", "es"),
    )
    text = rule_yaml(form)
    assert form_of(ours(text)) == form
    changed = replace(form, severity=Severity.LOW, unless=(), finding=None)
    assert form_of(ours(rule_yaml(changed, text))) == changed


def test_what_cannot_be_read_is_told_with_its_place():
    with pytest.raises(LibraryError) as refused:
        rule_yaml(form_of(ours()), OURS.replace("severity: high", "severity: huge"))
    assert refused.value.problems[0].line == 5


CHANGES = """\
# ours since spring
miracle:
  status: retired  # too loud
breakthrough:
  unless:
    within: text
    any: ["breakthrough infection"]
"""


def test_a_change_of_one_rule_leaves_the_others_and_their_comments():
    change = ChangeForm(severity=Severity.LOW, unless=("no breakthrough",), passes=("It is no breakthrough.",))
    text = change_yaml(CHANGES, "breakthrough", change)
    assert change_of(text, "breakthrough") == change
    assert text.startswith("# ours since spring\nmiracle:\n  status: retired  # too loud\n")
    assert "breakthrough infection" in text, "an exception of another place is not shown, and stays"
    assert change_yaml(text, "miracle", ChangeForm()).count("miracle") == 0
    assert change_of(change_yaml("", "new-era", ChangeForm(status=Status.TRIAL)), "new-era").status is Status.TRIAL
    assert change_yaml(change_yaml("", "new-era", change), "new-era", ChangeForm()) == ""


def test_a_passing_sentence_of_a_shipped_rule_is_checked_at_its_place():
    good = load({"_changes.yaml": "miracle:\n  passes:\n    - It is no miracle, he said.\n"})
    (rule,) = [rule for rule in good.rules() if rule.id == "miracle"]
    assert rule.passes[-1] == "It is no miracle, he said."
    assert rule_problems({"_changes.yaml": "miracle:\n  passes: [It is no miracle at all.]\n"}, load) == []
    (problem,) = rule_problems({"_changes.yaml": "miracle:\n  passes:\n    - What a miracle.\n"}, load)
    assert (problem.line, problem.column) == (3, 7)
    assert problem.what == "“What a miracle.” is flagged at “miracle”, but stands under `passes`"


def test_a_passing_sentence_changes_no_digest():
    study = "keio-ips-sci"
    plain = load({"_changes.yaml": "miracle:\n  severity: low\n"}).ruleset(study).digest
    assert load({"_changes.yaml": "miracle:\n  severity: low\n  passes: [A day.]\n"}).ruleset(study).digest == plain


@pytest.mark.parametrize("phrase", ["C++", "$5"])
def test_a_sign_that_cannot_be_matched_is_refused_in_changes_too(phrase):
    (problem,) = rule_problems({"_changes.yaml": f'miracle:\n  unless:\n    any: ["{phrase}"]\n'}, load)
    assert (problem.line, "which a phrase cannot match" in problem.what) == (3, True)


def test_problems_are_told_in_the_order_of_the_lines():
    files = {"our-moon.yaml": OURS.replace("severity: high", "severity: huge").replace("why: It is.", "why: ''")}
    assert [problem.line for problem in rule_problems(files, load)] == [4, 5]
    assert rule_problems({"our-moon.yaml": OURS}, load) == []
    assert rule_problems({"our-moon.yaml": "id: [\n"}, load)[0].line == 2


@pytest.mark.parametrize("own", [True, False])
def test_what_a_wrong_flag_can_lead_to(own):
    files = {"our-moon.yaml": OURS}
    rule_id = "our-moon" if own else "miracle"

    def rule(files):
        return next(rule for rule in load(files).rules() if rule.id == rule_id)

    said = "It is a magic moonshot for mankind [sic], they laughed."
    excepted = with_exception(files, rule(files), "they laughed")
    assert any("they laughed" in one.any for one in rule(excepted).unless)
    both = with_pass(excepted, rule(excepted), said)
    assert rule(both).passes[-1] == said.replace("[sic]", "(sic)")
    assert rule_problems(both, load) == []
    assert rule_problems(with_pass(files, rule(files), said), load) != []
    lower = with_lower_severity(files, rule(files))
    assert rule(lower).severity is (Severity.MEDIUM if own else Severity.LOW)
    trial = with_status(lower, rule(lower), Status.TRIAL)
    assert (rule(trial).status, rule(trial).severity) == (Status.TRIAL, rule(lower).severity)
    low = with_lower_severity(lower, rule(lower)) if own else lower
    with pytest.raises(UsageError, match="of low severity already"):
        with_lower_severity(low, rule(low))
    assert with_exception(excepted, rule(excepted), "they laughed") == excepted


def test_a_rule_from_a_marked_piece_asks_only_for_its_reasons():
    sentence = "Readers call it a moonshot for mankind!"
    rule_id, text = rule_from_words(
        "moonshot for mankind!", sentence, taken=["our-moonshot-for-mankind"], drift=Drift.AVAILABILITY
    )
    assert rule_id == "our-moonshot-for-mankind-2"
    problems = rule_problems({f"{rule_id}.yaml": text}, load)
    assert [problem.what.split(":")[0] for problem in problems] == ["is still to be written"] * 2
    _, japanese = rule_from_words(
        "歩けるように", "彼は歩けるようになった。", taken=[], drift=Drift.AVAILABILITY, lang="ja"
    )
    done = japanese.replace("Write here", "They told")
    assert rule_problems({"our-rule.yaml": done}, load) == []
    for piece, reason in (("C++ code", "signs"), ("…", "no word")):
        with pytest.raises(UsageError, match=reason):
            rule_from_words(piece, piece, taken=[], drift=Drift.AVAILABILITY)
