"""What becomes of a text that comes again: each decision with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.core.items.revision import Decision, FlagState, Told, Why, comparable, decide
from monitor.core.mention import Revision, TextFrom
from monitor.core.model import Availability

WHOLE = (
    "A paralysed man is walking again after the treatment, doctors say.\n"
    "It is a miracle cure for all patients with paralysis, the newspaper writes in its report today.\n"
    "The team treated four people in Tokyo with cells made from donors, and spoke to one of them at home."
)
PAGE = Told(title="Walking again", text=WHOLE, text_from=TextFrom.PAGE)
FEED = replace(PAGE, text="A paralysed man is walking again, doctors say.", text_from=TextFrom.FEED)
POST = Told(title="", text="One of four stands, the team says; two did not improve at all.", text_from=TextFrom.POST)


def shown(text, availability=Availability.WHOLE, **changes):
    partial = availability is not Availability.WHOLE
    return replace(PAGE, text=text, availability=availability, partial=partial, **changes)


def test_an_edit_is_a_correction():
    edited = shown(WHOLE.replace("a miracle cure for all patients", "an early trial in four patients"))
    assert decide(PAGE, edited) == Decision(
        revise=True, why=Why.EDITED, ends=FlagState.FIXED, availability=Availability.WHOLE
    )
    assert decide(FEED, replace(FEED, text="A man stands.")).ends is FlagState.FIXED
    # A passage that is taken out is an edit too: what is left goes on to the article's end.
    first, _, last = WHOLE.split("\n")
    out = shown(f"{first}\n{last}")
    assert decide(PAGE, out).ends is FlagState.FIXED


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        ("A paralysed man is …\nThis article is for subscribers.", Availability.PAYWALL, Availability.PAYWALL),
        ("We value your privacy. Accept all cookies?", Availability.CONSENT, Availability.CONSENT),
        ("Page not found", Availability.MISSING, Availability.MISSING),
        ("A paralysed man is walking again after the …", Availability.WHOLE, Availability.STUB),
        ("A paralysed man is walking again after the treatment, doctors say.", Availability.WHOLE, Availability.STUB),
        ("A paralysed man is walking again after the treatment. Read on in our app.", Availability.WHOLE, Availability.STUB),
        ("Football: the season begins on Saturday with two matches.", Availability.WHOLE, Availability.STUB),
        ("", Availability.WHOLE, Availability.STUB),
    ],
)  # fmt: skip
def test_less_than_there_was_is_no_edit(text, said, found):
    assert decide(PAGE, shown(text, said)) == Decision(revise=False, why=Why.LESS, availability=found)


LONG = (
    WHOLE
    + " "
    + " ".join(f"Sentence {n} tells more of the patient, number {n} of the ward, and his day." for n in range(20))
)
TRIAL = "Start your free trial for $1 to unlock the full story. Cancel anytime. Already one of us? Come in and read everything that our reporters write, on every device that you own, wherever you are."
OURS = "Our newsroom of twelve keeps the lights on thanks to neighbours like you. Chip in today, get the whole paper at your door, and never miss a page again."


@pytest.mark.parametrize(
    ("stored", "text", "found"),
    [
        (WHOLE, f"{WHOLE.split(chr(10), maxsplit=1)[0]}\n{TRIAL}", Availability.PAYWALL),
        (LONG, f"{LONG[:1300]}\n{TRIAL}", Availability.PAYWALL),  # a long page: what is new on it says it
        (LONG, f"{WHOLE.split(chr(10), maxsplit=1)[0]}\n{OURS}", Availability.STUB),  # words of no list
        (WHOLE, "You have reached your limit of free articles this month.", Availability.PAYWALL),
        (WHOLE, "This site is down for maintenance, and the team will be back with the report on it soon.", Availability.MISSING),
        (WHOLE, "The report is not available in your region, as it is for all the patients of the law.", Availability.MISSING),
        (WHOLE, "Nur wer zahlt, liest hier in Ruhe weiter, und das ist auch gut so.", Availability.STUB),
    ],
)  # fmt: skip
def test_a_wall_in_any_words_is_no_edit(stored, text, found):
    """Function words that it shares with the article ("the", "and", "it") make it no other version of it."""
    before = replace(PAGE, text=stored)
    for was in (before, replace(before, partial=True, availability=Availability.PAYWALL)):
        assert decide(was, shown(text)) == Decision(revise=False, why=Why.LESS, availability=found)


def test_what_a_page_says_of_itself_counts_however_much_of_it_is_there():
    most = shown(WHOLE[: len(WHOLE) * 9 // 10], Availability.PAYWALL)
    assert decide(PAGE, most) == Decision(revise=False, why=Why.LESS, availability=Availability.PAYWALL)


def test_another_page_at_the_address_is_no_edit_and_a_rewritten_one_is():
    front = " ".join(f"Item {n}: council, football, weather and traffic in brief." for n in range(30))
    assert decide(PAGE, shown(front, title="The Lantern, today")).why is Why.LESS
    assert decide(PAGE, shown(front, title=PAGE.title)).ends is FlagState.FIXED  # a live page that moved on
    # The rest is taken out, and what is told below the beginning is about the same thing.
    note = "A paralysed man is walking again after the treatment, doctors say. Correction: the man is not walking; one of four people treated can stand."
    assert decide(PAGE, shown(note)).ends is FlagState.FIXED
    # An article may speak of walls and trials where it always did.
    own = WHOLE + " Subscribe to read on, the hospital's newsletter says."
    assert decide(
        replace(PAGE, text=own), shown(own.replace("It is a miracle cure for all patients with paralysis, ", ""))
    ).revise


def test_a_wall_that_falls_shows_the_same_text_or_an_edited_one():
    walled = replace(PAGE, availability=Availability.PAYWALL)
    assert decide(walled, PAGE) == Decision(revise=False, why=Why.SAME_WORDS, availability=Availability.WHOLE)
    assert decide(walled, shown(f"{WHOLE}\nCorrection: four were treated.")).ends is FlagState.FIXED


def test_a_part_gives_way_to_the_whole_and_corrects_nothing():
    part = shown("A paralysed man is …", Availability.PAYWALL)
    assert decide(part, PAGE) == Decision(revise=True, why=Why.PAGE_OUTRANKS, availability=Availability.WHOLE)
    cut = replace(POST, text=POST.text[:30] + "…", partial=True, availability=Availability.CUT)
    assert decide(cut, POST) == Decision(revise=True, why=Why.MORE, availability=Availability.WHOLE)
    assert decide(POST, cut) == Decision(revise=False, why=Why.LESS)


def test_summary_and_page():
    assert decide(FEED, PAGE) == Decision(revise=True, why=Why.PAGE_OUTRANKS, availability=Availability.WHOLE)
    assert decide(PAGE, FEED) == Decision(revise=False, why=Why.PAGE_OUTRANKS, ask_page=True)
    # A wall at the first reading: the summary stays, however long the wall's words are.
    wall = shown("Subscribe to read on. " * 9, Availability.PAYWALL)
    assert decide(FEED, wall) == Decision(revise=False, why=Why.LESS, availability=Availability.PAYWALL)
    # A short article is an article.
    assert decide(replace(FEED, text=WHOLE), shown("Short news: a man stands.")).revise
    # The same words in a summary say nothing of what the page shows.
    assert (
        decide(replace(PAGE, availability=Availability.PAYWALL), replace(PAGE, text_from=TextFrom.FEED)).availability
        is None
    )


def test_other_addresses_and_quotations():
    assert decide(PAGE, shown(f"{WHOLE} Share", alias=True)) == Decision(revise=False, why=Why.OTHER_ADDRESS)
    quoted = replace(POST, text="Something else was said here by them.", quoted=True)
    assert decide(POST, quoted) == Decision(revise=False, why=Why.QUOTED)
    longer = replace(POST, text=f"{POST.text} And more.", quoted=True)
    assert decide(replace(POST, quoted=True), longer).revise
    assert decide(replace(POST, quoted=True), replace(POST, text=f"{POST.text} x")).ends is FlagState.WITHDRAWN


def test_only_texts_of_one_kind_show_a_change():
    one = Revision(
        number=1, at=datetime(2025, 3, 24, tzinfo=UTC), title="", text="a", text_hash="", text_from=TextFrom.FEED
    )
    page = replace(one, number=2, text_from=TextFrom.PAGE)
    assert not comparable(one, page)
    assert comparable(page, replace(page, number=3))


PASSAGE = Told(title="", text="Somebody sent me this one.", text_from=TextFrom.PASSAGE, partial=True)
TWO = replace(PASSAGE, text=f"{PASSAGE.text}\nAnd this one, too.")


@pytest.mark.parametrize("stored", [PAGE, FEED, replace(PAGE, text_from=TextFrom.IMPORT)])
def test_a_passage_stands_in_for_nothing_else(stored):
    assert decide(stored, PASSAGE) == Decision(revise=False, why=Why.PASSAGE)
    assert decide(PASSAGE, stored).revise
    assert decide(PASSAGE, stored).ends is FlagState.WITHDRAWN
    walled = replace(PASSAGE, availability=Availability.PAYWALL)
    assert decide(stored, walled) == Decision(revise=False, why=Why.LESS, availability=Availability.PAYWALL)


def test_passages_follow_their_page_and_correct_nothing():
    """Which paragraphs are kept depends on what is stored elsewhere: fewer of them are no correction."""
    more = Decision(revise=True, why=Why.MORE, ends=FlagState.WITHDRAWN, availability=Availability.WHOLE)
    assert decide(PASSAGE, TWO) == decide(TWO, PASSAGE) == more
    assert decide(PASSAGE, PASSAGE) == Decision(revise=False, why=Why.SAME_WORDS, availability=Availability.WHOLE)
    assert decide(PASSAGE, replace(TWO, alias=True)) == Decision(revise=False, why=Why.OTHER_ADDRESS)
    walled = replace(PASSAGE, availability=Availability.PAYWALL)
    assert decide(TWO, walled) == Decision(revise=False, why=Why.LESS, availability=Availability.PAYWALL)
