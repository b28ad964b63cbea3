"""What a letter asks for: each finding once, in words that stand in the text, in the letter's language as far as the sheet has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.core.errors import UsageError
from monitor.core.items.notes import notes
from monitor.core.judgement import Drift, Flag, Reference, Severity, Span
from monitor.core.letters.points import (
    MOST_POINTS,
    LetterContent,
    Signer,
    askable,
    first_choice,
    letter_content,
    letter_language,
)
from monitor.core.mention import FlagState, Mention, Source, StoredFlag, TextFrom, Verdict
from monitor.core.model import DateConfidence, Kind, Network
from monitor.core.study import Caveat, Study, Terms
from monitor.core.text.excerpt import width
from monitor.core.translation import Said

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
TITLE = "He walks again"
TEXT = "A man is walking again and is completely safe. All four were cured. It is a miracle. Nothing else."
STUDY = Study(
    id="s", name="Study", as_of=date(2026, 2, 24), institution="Keio", reference=Reference(title="Registry"),
    terms=Terms(must={}, about_if=()), people=(), findings={}, ladders={}, quantities=(), caveats=(), confusable=(),
    translations={"ja": {"Study": "研究", "One stands.": "一人が立つ。", "is standing": "立っている"}},
)  # fmt: skip
OUTLET = Source(id=1, key="wire.example", name="Wire", network=Network.WEB)


def stored(number: int, quote: str, finding: str | None, *, where: str = "text", **changes: Any) -> StoredFlag:
    start = (TITLE if where == "title" else TEXT).index(quote)
    values: dict[str, Any] = {
        "rule": "r", "drift": Drift.OVERSTATED_OUTCOME, "severity": Severity.HIGH, "confidence": 0.93,
        "span": Span(start=start, end=start + len(quote), quote=quote, where=where), "message": "m", "finding": finding,
        "found": f"Found {finding}." if finding else None, "source": Reference(title="Registry", url="https://r.example/1"),
        "correction": "is standing",
    }  # fmt: skip
    state = changes.pop("state", FlagState.ACTIVE)
    review = changes.pop("review", None)
    return StoredFlag(
        id=number, mention_id=1, flag=Flag(**(values | changes)), ruleset="x", state=state, raised_at=NOW, raised_in=1, review=review
    )  # fmt: skip


def mention(*flags: StoredFlag, **changes: Any) -> Mention:
    made = Mention(
        id=1, study_id="s", identity="i", kind=Kind.ARTICLE, network=Network.WEB, source=OUTLET, url="https://wire.example/1",
        title=TITLE, text=TEXT, author="", lang="en", published=NOW, date_confidence=DateConfidence.EXACT, first_seen=NOW,
        text_from=TextFrom.PAGE, revision=1, because=(), score=1, caveats_present=(), caveats_missing=(), flags=flags,
    )  # fmt: skip
    return replace(made, **changes)


def content(of: Mention, *flag_ids: int, language: str = "en", study: Study = STUDY) -> LetterContent:
    ids = flag_ids or tuple(one.id for one in of.flags)
    return letter_content(of, ids, study, of.source, language, Signer(name="Ada"))


WALKS = stored(1, "walks again", "walking", where="title")
AGAIN = stored(2, "is walking again", "walking")
SAFE = stored(3, "completely safe", "safety", drift=Drift.SAFETY_OVERCLAIM)
CURED = stored(4, "All four were cured", "responders", severity=Severity.MEDIUM)
STYLE = stored(5, "miracle", None, drift=Drift.SENSATIONAL_LANGUAGE)


def test_each_finding_is_told_once_with_all_its_words():
    told = content(mention(WALKS, AGAIN, SAFE, CURED))
    assert [(point.number, point.headline, point.sentence, point.words, point.also) for point in told.points] == [
        (1, True, "", "walks again", ("A man is walking again and is completely safe.",)),
        (2, False, "", "completely safe", ()),
        (3, False, "All four were cured.", "", ()),
    ]
    assert {point.found.words for point in told.points} == {"Found walking.", "Found safety.", "Found responders."}


def test_a_sentence_is_quoted_once():
    first, second = content(mention(AGAIN, SAFE)).points
    assert (first.sentence, first.words) == ("A man is walking again and is completely safe.", "is walking again")
    assert (second.sentence, second.words) == ("", "completely safe")


def test_every_quotation_stands_in_the_text():
    for point in content(mention(WALKS, AGAIN, SAFE, CURED)).points:
        for quoted in (point.sentence, point.words, *point.also):
            assert quoted in f"{TITLE}\n{TEXT}"


def test_a_long_sentence_is_quoted_by_its_words_alone():
    long = f"{'and so on ' * 40}walking again {'and on ' * 40}"
    at = long.index("walking again")
    flag = replace(AGAIN.flag, span=Span(start=at, end=at + 13, quote="walking again"))
    (point,) = content(mention(replace(AGAIN, flag=flag), text=long)).points
    assert (point.sentence, point.words) == ("walking again", "")


def test_what_the_sheet_does_not_say_in_a_language_stands_in_english():
    (point,) = content(mention(AGAIN), language="ja").points
    assert point.found == Said(words="Found walking.", english=True)
    assert point.instead == Said(words="立っている")
    (english,) = content(mention(AGAIN)).points
    assert (english.found.english, english.instead) == (False, Said(words="is standing"))
    assert content(mention(AGAIN), language="ja").study == "研究"
    assert content(mention(AGAIN), language="es").study == "Study"


def test_a_headline_of_several_lines_is_one():
    told = content(mention(AGAIN, title="He\r\nBcc: x@y.example\x00"))
    assert told.headline == "He Bcc: x@y.example"
    assert content(mention(AGAIN, url="javascript:alert(1)")).url == ""
    assert content(mention(AGAIN, date_confidence=DateConfidence.CLAIMED)).published is None


def test_what_is_left_out_is_to_be_added():
    (point,) = content(mention(stored(1, "A man", "design", drift=Drift.MISSING_CAVEAT))).points
    assert point.adds


def test_what_could_be_added_is_the_caveats_in_the_letters_language():
    caveats = tuple(
        Caveat(slug=slug, says=(), sentence=sentence, finding="design") for slug, sentence in (("a", "No controls."), ("b", "Four people."))
    )  # fmt: skip
    sheet = replace(
        STUDY, caveats=caveats, translations={"ja": {"No controls.": "対照群はない。", "Four people.": "四人。"}}
    )
    lacking = stored(1, "A man", "design", drift=Drift.MISSING_CAVEAT, correction="Add: No controls. Four people.")
    assert content(mention(lacking), study=sheet).points[0].instead == Said(words="No controls. Four people.")
    assert content(mention(lacking), study=sheet, language="ja").points[0].instead == Said(words="対照群はない。四人。")
    assert content(mention(lacking), study=sheet, language="es").points[0].instead == Said(words="No controls. Four people.", english=True)  # fmt: skip


def test_the_headline_comes_first():
    surer = replace(AGAIN, flag=replace(AGAIN.flag, confidence=0.99))
    (point,) = content(mention(WALKS, surer)).points
    assert (point.headline, point.words) == (True, "walks again")


def test_a_headline_is_shortened_between_words_and_japanese_by_its_width():
    long = content(mention(AGAIN, title="One word after another " * 9)).short_headline
    assert long.endswith("…")
    assert width(long) <= 91
    assert long.removesuffix("…") == long.removesuffix("…").strip()
    assert set(long.removesuffix("…").split()) <= {"One", "word", "after", "another"}
    japanese = content(mention(AGAIN, title="脊髄損傷の患者が歩けるようになった。" * 9)).short_headline
    assert width(japanese) <= 91
    assert japanese.endswith("なった…")


def test_a_headline_that_runs_into_the_text_is_not_quoted_with_it():
    text = f"{TITLE} By A. Writer. He is walking again."
    at = text.index("is walking again")
    run = replace(AGAIN, flag=replace(AGAIN.flag, span=Span(start=at, end=at + 16, quote="is walking again")))
    assert content(mention(run, text=text)).points[0].sentence == "He is walking again."
    at = text.index("By A.")
    run = replace(AGAIN, flag=replace(AGAIN.flag, span=Span(start=at, end=at + 5, quote="By A.")))
    assert TITLE not in content(mention(run, text=text)).points[0].sentence


def test_what_a_letter_begins_with_is_the_flag_and_the_gravest_others():
    others = [
        replace(CURED, id=10 + n, flag=replace(CURED.flag, finding=f"f{n}", severity=Severity.LOW)) for n in range(4)
    ]
    chosen = first_choice(mention(WALKS, AGAIN, SAFE, STYLE, *others), others[3].id)
    assert {1, 2, 3, others[3].id} == set(chosen)
    assert len(notes(one for one in (WALKS, AGAIN, SAFE, *others) if one.id in chosen)) == MOST_POINTS


def test_what_is_not_sure_stands_in_no_letter_beside_what_is():
    unsure = replace(AGAIN, flag=replace(AGAIN.flag, confidence=0.4))
    assert first_choice(mention(WALKS, unsure, SAFE), WALKS.id) == (1, 3)
    assert set(first_choice(mention(WALKS, unsure, SAFE), unsure.id)) == {1, 2, 3}  # it was asked for
    assert first_choice(mention(unsure), unsure.id) == (2,)


def test_two_findings_about_the_same_words_are_not_both_begun_with():
    cause = stored(9, "is walking again and", "efficacy")
    assert set(first_choice(mention(AGAIN, cause, SAFE), AGAIN.id)) == {2, 3}
    assert set(first_choice(mention(AGAIN, cause, SAFE), cause.id)) == {9, 3}


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        (STYLE, "a matter of style"),
        (replace(AGAIN, state=FlagState.FIXED), "was corrected"),
        (replace(AGAIN, state=FlagState.WITHDRAWN), "not marked"),
        (replace(AGAIN, review=Verdict.DISMISSED), "not marked"),
    ],
)
def test_what_cannot_be_asked_for_says_why(flag, said):
    with pytest.raises(UsageError, match=said) as refused:
        first_choice(mention(flag, SAFE), flag.id)
    assert refused.value.hint
    assert flag.id not in {one.id for note in askable(mention(flag, SAFE)) for one in note.flags}


@pytest.mark.parametrize(
    ("chosen", "outlets", "texts", "taken"),
    [("ja", "es", "en", "ja"), ("", "es", "en", "es"), ("", "", "ja", "ja"), ("", "", "es-MX", "es"), ("", "", "de", "en"), ("xx", "", "de", "en")],
)  # fmt: skip
def test_the_language_of_a_letter(chosen, outlets, texts, taken):
    assert letter_language(replace(OUTLET, language=outlets), mention(lang=texts), chosen) == taken


def test_a_signer_is_told_with_how_to_reach_them_once():
    assert Signer(name="Mika Sato\n\nPress Office", contact="press@x.example").lines == ("Mika Sato", "Press Office", "press@x.example")  # fmt: skip
    assert Signer(name="Mika Sato <press@x.example>", contact="press@x.example").lines == (
        "Mika Sato <press@x.example>",
    )


def test_a_short_sentence_that_its_author_began_with_dots_is_quoted_whole():
    text = "It was said. … and then he is walking again, as if nothing had been …"
    flag = stored(1, "walking again", "walking")
    start = text.index("walking again")
    flag = replace(flag, flag=replace(flag.flag, span=replace(flag.flag.span, start=start, end=start + 13)))
    (point,) = content(mention(flag, text=text)).points
    assert point.sentence == "… and then he is walking again, as if nothing had been …"
