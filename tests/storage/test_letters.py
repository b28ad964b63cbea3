"""Letters as rows: drafts, steps and their undo, and what becomes of them when their page is corrected, withdrawn or merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.items.aliases import names_of
from monitor.core.letters.letter import Letter, LetterDraft, LetterState
from monitor.core.mention import TextFrom
from monitor.core.model import Network
from monitor.core.search.nodes import Query

if TYPE_CHECKING:
    from monitor.core.mention import Mention

ALL = Query()
WALKS = "A man is walking again. The trial goes on."
TWO = "A man is walking again. It is completely safe. The trial goes on."


def stored(newsroom, make, text: str = WALKS, *quotes: str, number: int = 1, **changes) -> Mention:
    draft = make.draft(number, text, *(quotes or ("is walking again",)), title="He walks", **changes)
    newsroom.poll(draft)
    return next(one for one in newsroom.store.search(ALL) if one.identity == draft.identity)


def asking(mention: Mention, **changes) -> LetterDraft:
    values = {
        "study_id": mention.study_id,
        "mention_id": mention.id,
        "source_id": mention.source.id,
        "flag_ids": tuple(stored.id for stored in mention.flags),
        "language": "en",
        "recipient": "",
        "subject": "Correction request",
        "body": "Dear editor,\n",
    }
    return LetterDraft(**(values | changes))


def drafted(newsroom, make, mention: Mention, **changes) -> Letter:
    return newsroom.store.draft_letter(asking(mention, **changes), by="ada", now=make.NOW)


def test_a_draft_is_written_anew_until_a_person_edits_it(newsroom, make):
    mention = stored(newsroom, make)
    first = drafted(newsroom, make, mention)
    again = drafted(newsroom, make, mention, body="Otherwise\n", language="ja")
    assert (again.id, again.body, again.language, again.state) == (first.id, "Otherwise\n", "ja", LetterState.DRAFT)
    newsroom.store.rewrite_letter(first.id, body="Mine\n", edited=True, recipient="desk@example.org", remind_days=3)
    kept = drafted(newsroom, make, mention)
    assert (kept.id, kept.body, kept.recipient, kept.remind_days, kept.edited) == (first.id, "Mine\n", "desk@example.org", 3, True)  # fmt: skip
    assert newsroom.store.letters_about([mention.flags[0].id, 999]) == {mention.flags[0].id: kept}
    with pytest.raises(NotFoundError):
        newsroom.store.letter(999)


def test_steps_and_their_undo(newsroom, make):
    store, letter = newsroom.store, drafted(newsroom, make, stored(newsroom, make))
    with pytest.raises(UsageError, match="Nobody has asked"):
        store.step_letter(letter.id, LetterState.REMINDED, by="ada", now=make.NOW)
    store.step_letter(letter.id, LetterState.ASKED, by="ada", now=make.NOW)
    with pytest.raises(UsageError, match="asked already"):
        store.step_letter(letter.id, LetterState.ASKED, by="bo", now=make.NOW)
    assert store.letters_waiting(make.NOW) == (1, 0)
    later = make.NOW + timedelta(days=7)
    assert store.letters_waiting(later) == (1, 1)
    store.step_letter(letter.id, LetterState.REMINDED, by="ada", now=later)
    assert store.letters_waiting(later) == (1, 0)
    refused = store.step_letter(letter.id, LetterState.REFUSED, by="bo", now=later)
    assert (refused.state, refused.reminded, refused.closed_at, refused.remind_at) == (LetterState.REFUSED, 1, later, None)  # fmt: skip
    back = store.undo_letter(letter.id, by="bo", now=later)
    assert (back.state, back.closed_at, store.letters_waiting(later)) == (LetterState.REMINDED, None, (1, 0))
    assert [(step.to.value, step.by, step.undone_by) for step in back.steps] == [
        ("asked", "ada", ""), ("reminded", "ada", ""), ("refused", "bo", "bo"),
    ]  # fmt: skip
    for _ in range(2):
        store.undo_letter(letter.id, by="bo", now=later)
    with pytest.raises(UsageError, match="nothing to take back"):
        store.undo_letter(letter.id, by="bo", now=later)
    assert store.letter(letter.id).state is LetterState.DRAFT


def test_the_list_begins_with_what_waits_longest(newsroom, make):
    store = newsroom.store
    ids = [drafted(newsroom, make, stored(newsroom, make, number=number)).id for number in range(1, 5)]
    store.step_letter(ids[0], LetterState.ASKED, by="ada", now=make.NOW + timedelta(days=1))
    store.step_letter(ids[1], LetterState.ASKED, by="ada", now=make.NOW)
    store.step_letter(ids[2], LetterState.ASKED, by="ada", now=make.NOW)
    store.step_letter(ids[2], LetterState.REFUSED, by="ada", now=make.NOW)
    assert [letter.id for letter in store.letters()] == [ids[1], ids[0], ids[3], ids[2]]
    assert [letter.id for letter in store.letters(states=[LetterState.DRAFT])] == [ids[3]]
    one = store.letter(ids[0])
    assert [letter.id for letter in store.letters(mention_id=one.mention_id)] == [ids[0]]
    assert len(store.letters(source_id=one.source_id, limit=3)) == 3


def test_a_page_that_is_corrected_closes_its_letter_with_before_and_after(newsroom, make):
    store = newsroom.store
    mention = stored(newsroom, make, TWO, "is walking again", "completely safe")
    letter = drafted(newsroom, make, mention)
    store.step_letter(letter.id, LetterState.ASKED, by="ada", now=make.NOW)
    half, day = TWO.replace("is walking again", "can stand"), timedelta(days=1)
    newsroom.poll(make.draft(1, half, "completely safe", title="He walks"), now=make.NOW + day)
    assert store.letter(letter.id).state is LetterState.ASKED  # one of its words stands
    whole = half.replace("It is completely safe.", "No serious harm was seen.")
    newsroom.poll(make.draft(1, whole, title="He walks"), now=make.NOW + 2 * day)
    closed = store.letter(letter.id)
    assert (closed.state, closed.closed_at, closed.last.by) == (LetterState.CORRECTED, make.NOW + 2 * day, "")
    assert (closed.before, closed.after) == (
        TWO.removesuffix(" The trial goes on."),
        "A man can stand. No serious harm was seen.",
    )
    opened = store.undo_letter(letter.id, by="ada", now=make.NOW + 3 * day)
    assert (opened.state, opened.before, opened.after) == (LetterState.ASKED, "", "")
    newsroom.poll(make.draft(1, f"{whole} More.", title="He walks"), now=make.NOW + 4 * day)
    assert store.letter(letter.id).state is LetterState.ASKED  # what a person took back no later edit says again


@pytest.mark.parametrize("state", [None, LetterState.CORRECTED])
def test_a_draft_and_what_is_closed_are_not_closed_by_an_edit(newsroom, make, state):
    letter = drafted(newsroom, make, stored(newsroom, make))
    if state:
        for to in (LetterState.ASKED, state):
            newsroom.store.step_letter(letter.id, to, by="ada", now=make.NOW)
    before = newsroom.store.letter(letter.id)
    newsroom.poll(make.draft(1, "A man can stand.", title="He stands"), now=make.NOW + timedelta(days=1))
    assert newsroom.store.letter(letter.id) == before


def test_other_rules_close_no_letter(newsroom, make):
    mention = stored(newsroom, make)
    letter = drafted(newsroom, make, mention)
    newsroom.store.step_letter(letter.id, LetterState.ASKED, by="ada", now=make.NOW)
    newsroom.store.save_assessment(mention.id, make.assessed(ruleset="sha256:two"), now=make.NOW)
    assert newsroom.store.letter(letter.id).state is LetterState.ASKED


def test_what_is_withdrawn_takes_its_words_out_of_letters(newsroom, make):
    store = newsroom.store
    one, two = (stored(newsroom, make, number=number, url=f"https://example.org/{number}") for number in (1, 2))
    sent, draft = (
        drafted(newsroom, make, one, body="zyxcanary", recipient="desk@example.org"),
        drafted(newsroom, make, two),
    )
    store.step_letter(sent.id, LetterState.ASKED, by="ada", now=make.NOW, message_id="<1@x>")
    for mention in (one, two):
        store.purge(mention.id, now=make.NOW)
    with pytest.raises(NotFoundError):
        store.letter(draft.id)
    left = store.letter(sent.id)
    assert (left.mention_id, left.subject, left.body, left.before, left.withdrawn) == (None, "", "", "", True)
    assert store.letters_waiting(make.NOW + timedelta(days=99)) == (0, 0)
    assert [letter.id for letter in store.withdrawn_letters()] == [sent.id]
    assert store.rewrite_letter(sent.id, body="zyxcanary").body == ""
    with pytest.raises(UsageError, match="withdrawn"):
        store.step_letter(sent.id, LetterState.REMINDED, by="ada", now=make.NOW)
    (record,) = store.outlet_records()
    assert (record.source.id, record.mentions, record.asked) == (
        one.source.id,
        0,
        1,
    )  # the outlet was asked all the same


def test_of_an_account_that_is_withdrawn_no_name_stays(newsroom, make):
    post = stored(newsroom, make, network=Network.X, source="@zyxcanary", text_from=TextFrom.POST)
    letter = drafted(newsroom, make, post)
    newsroom.store.step_letter(letter.id, LetterState.ASKED, by="ada", now=make.NOW)
    newsroom.store.purge(post.id, now=make.NOW)
    assert newsroom.store.letter(letter.id).source_id is None
    assert newsroom.store.outlet_records() == ()


def test_the_letter_of_a_mention_that_goes_into_another_goes_with_it(newsroom, make):
    store, hour = newsroom.store, timedelta(hours=1)
    for number in (1, 2):  # an article under two addresses
        one = make.draft(number, TWO, "is walking again", title="He walks again in Tokyo", hours=3 - number)
        newsroom.poll(one, now=make.NOW + number * hour)
    stays, goes = sorted(store.search(ALL), key=lambda mention: mention.identity)
    letter = drafted(newsroom, make, goes)
    page = make.draft(2, TWO, "is walking again", title="He walks again in Tokyo", text_from=TextFrom.PAGE)
    address = "https://example.org/1"  # its page says that this is its own address
    names = names_of(page.entry, page.identity, text=page.text, canonical=address)
    store.import_mentions([replace(page, canonical_url=address, names=names)], make.alone, now=make.NOW + 3 * hour)
    (kept,) = store.search(ALL)
    assert kept.id == stays.id
    held = store.letter(letter.id)
    assert (held.mention_id, held.flag_ids) == (kept.id, tuple(one.id for one in kept.flags))
