"""The whole text: caveats told, benefits told without them, and texts that correct others."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.annotation import Annotated
from monitor.core.drift.compile import compile_rules
from monitor.core.drift.document import answered, caveats_in, debunks, long_enough
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.model import Kind
from monitor.core.text.doc import read
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def judged(text: str, *, title: str = "", kind: Kind = Kind.POST, lang: str = "en"):
    return assess(title, text, STUDY, RULES, kind=kind, lang=lang)


def test_a_post_is_never_flagged_for_what_it_leaves_out():
    benefit = "He can stand again after the transplant. " + "The day was long and the room was full of people. " * 20
    assert Drift.MISSING_CAVEAT not in {f.drift for f in judged(benefit, kind=Kind.POST).flags}
    article = judged(benefit, kind=Kind.ARTICLE)
    (flag,) = [f for f in article.flags if f.drift is Drift.MISSING_CAVEAT]
    assert flag.correction is not None
    assert flag.correction.startswith("Add: The results are not peer reviewed")


def test_a_short_article_may_leave_things_out():
    assert judged("He can stand again after the transplant.", kind=Kind.ARTICLE).drift is False


def test_a_text_that_corrects_others_ranks_low():
    claim = "A paralysed man is walking again after a simple jab that reprogrammed his spinal cord."
    hyped = judged(claim + " " + "It is a breakthrough." * 3, title="Walking again", kind=Kind.ARTICLE)
    debunk = judged(
        f"Posts say: “{claim}” None of it holds. Four patients were treated, there was no control group, "
        "and the results are not peer reviewed.",
        title="Fact check: no, nobody walks again",
        kind=Kind.ARTICLE,
    )
    assert hyped.score >= 80
    assert debunk.score <= 50
    assert not any(flag.confirmed for flag in debunk.flags)


def test_a_text_that_quotes_what_it_flags_ranks_low_and_one_that_says_it_does_not():
    quoted = "A reader writes: “{}” and “{}”. There was no control group, and the results are not peer reviewed."
    said = "A reader writes. {} {} There was no control group, and the results are not peer reviewed."
    claims = ("The cells cured his paralysis.", "The treatment has been approved in Japan.")
    quoting, saying = (judged(text.format(*claims), kind=Kind.ARTICLE) for text in (quoted, said))
    assert [f.rule for f in quoting.flags if f.rule != "second-reader"]
    assert quoting.score < saying.score / 2
    assert not any(flag.confirmed for flag in quoting.flags)


COMPILED = compile_rules(STUDY, RULES.rules, RULES.classes)


def part(text: str) -> Annotated:
    return Annotated(read(text), COMPILED.lexicon, COMPILED.rules, "en")


def test_a_caveat_is_told_in_the_title_or_in_the_text():
    slugs = [caveat.slug for caveat in STUDY.caveats]
    assert caveats_in([part("It rained."), part("There was no control group.")], STUDY.caveats) == ("no-control-group",)
    both = caveats_in([part("Not peer reviewed"), part("There was no control group.")], STUDY.caveats)
    assert set(both) == {"no-control-group", "not-peer-reviewed"}
    assert list(both) == sorted(both, key=slugs.index)  # in the fact sheet's order


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It is false that only four patients were treated.", set()),
        ("It is false that he walks: only four patients were treated.", {"small-study"}),
        ("Natural recovery may have occurred in the two patients who showed limited improvement.", set()),
        ("Some patients improve anyway.", {"no-control-group"}),
        ("Nothing has been published on it.", {"not-peer-reviewed"}),
        ("They were testing whether the thing was safe before anything else.", {"safety-was-the-aim"}),
        ("He will wait for a comparison group.", {"no-control-group"}),
    ],
)
def test_a_caveat_that_is_refuted_or_misplaced_is_not_told(text: str, told: set[str]):
    assert set(caveats_in([part(text)], STUDY.caveats)) == told


@pytest.mark.parametrize(
    ("text", "expected"),
    [("word " * 119, False), ("word " * 120, True), ("細" * 200, False), ("細" * 260, True)],
)
def test_room_for_caveats(text: str, expected: bool):
    assert long_enough(read(text)) is expected


def flagged(text: str, quote: str) -> Flag:
    start = text.index(quote)
    span = Span(start=start, end=start + len(quote), quote=quote)
    return Flag(rule="r", drift=Drift.FACT_ERROR, severity=Severity.HIGH, confidence=0.9, span=span, message="")


def test_a_debunk_tells_caveats_and_says_that_it_is_one():
    title, text = part("Fact check").matcher, part("He walks. There was no control group.").matcher
    assert debunks(title, text, ("a", "b"), [])
    assert not debunks(title, text, ("a",), [])  # a caveat alone is told by hype, too
    assert not debunks(part("News").matcher, text, ("a", "b"), [])


def test_most_of_what_a_debunk_is_flagged_for_stands_in_quotations():
    text = "They say “he was cured” and “he walks again” and more. He runs."
    flags = [flagged(text, quote) for quote in ("he was cured", "he walks again", "He runs")]
    caveats = ("a", "b")
    assert debunks(part("News").matcher, part(text).matcher, caveats, flags[:2])
    assert debunks(part("News").matcher, part(text).matcher, caveats, flags)  # two of three
    assert not debunks(part("News").matcher, part(text).matcher, caveats, flags[1:])  # one quotation is a quotation


FILLER = " The day was long and the room was full of chairs." * 15


@pytest.mark.parametrize(
    ("benefit", "asserted"),
    [
        ("The patient can stand.", True),
        ("The treatment worked.", True),
        ("Movement improved.", True),
        ("The therapist came in. She has worked here for years.", False),
        ("Some people stood by the shelf.", False),
        ("Nobody knows what stands between the house and the river.", False),
    ],
)
def test_a_benefit_is_told_of_the_patients_or_the_treatment(benefit: str, asserted: bool):
    flags = judged(benefit + FILLER, kind=Kind.ARTICLE).flags
    assert (Drift.MISSING_CAVEAT in {flag.drift for flag in flags}) is asserted


def test_who_counts_those_who_improved_against_all_tells_of_the_others():
    rules = {flag.rule for flag in judged("Two patients out of four can stand." + FILLER, kind=Kind.ARTICLE).flags}
    assert "only-responders" not in rules
    assert "only-responders" in {f.rule for f in judged("He can stand." + FILLER, kind=Kind.ARTICLE).flags}


def test_a_post_that_passes_a_claim_on_to_answer_it_is_not_mailed():
    """In an article a faithful sentence stands behind most claims, and answers none."""
    claim, answer = "A paralysed man is walking again, says the voice in the video.", "Only four patients were treated."
    alone, post, article = (
        max(flag.confidence for flag in judged(text, kind=kind).flags if flag.rule == "above-outcome")
        for text, kind in (
            (claim, Kind.POST),
            (f"{claim} {answer}", Kind.POST),
            (f"{claim} {answer}", Kind.ARTICLE),
        )
    )
    assert post < 0.5
    assert min(alone, article) >= 0.8


@pytest.mark.parametrize(
    ("text", "taken_back"),
    [
        ("He walks again, says the advert. There was no control group.", True),
        ("He walks again. There was no control group.", False),  # the writer says so
        ("He walks again, says Keio University. There was no control group.", False),  # the team's words are its own
        ("He walks again, says the advert. The sun is out.", False),
        ("He walks again, says the advert. There was no control group, and it cured him.", False),
        ("He walks again, says the advert. There was no control group, says a friend.", False),
        ("There was no control group. He walks again, says the advert.", False),
    ],
)
def test_what_answers_a_claim(text: str, taken_back: bool):
    compiled = compile_rules(STUDY, RULES.rules, RULES.classes)
    found = answered(Annotated(read(text), compiled.lexicon, compiled.rules, "en"))
    start = text.index("He walks again")
    assert found.hold(start, start + 5) is taken_back


def test_only_a_treatment_works():
    text = "The cells lay in the freezer. The man has worked here for years." + FILLER
    assert Drift.MISSING_CAVEAT not in {flag.drift for flag in judged(text, kind=Kind.ARTICLE).flags}
    text = "The man came by train. The cells worked." + FILLER
    assert Drift.MISSING_CAVEAT in {flag.drift for flag in judged(text, kind=Kind.ARTICLE).flags}
