"""Article pages that are due, and what they said."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.mention import TextFrom
from monitor.core.model import (
    Kind,
    Network,
    Work,
)
from monitor.core.search.nodes import Query

ALL = Query()


def test_a_page_outranks_the_summary_and_is_read_again_when_that_changes(newsroom, make):
    one = make.draft(1, "Summary: walking again", "walking again", title="T")
    (entry_id,) = newsroom.poll(one, pages=[one.identity]).pages_due
    assert newsroom.store.due(Work.PAGE, make.NOW) == (entry_id,)
    page = newsroom.store.claim_page(entry_id, "me", make.NOW, timedelta(minutes=5))
    assert (page.url, page.identity, page.entry, page.attempts, page.reads) == (
        "https://example.org/1",
        one.identity,
        one.entry,
        1,
        0,
    )
    assert newsroom.store.claim_page(entry_id, "you", make.NOW, timedelta(minutes=5)) is None
    whole = make.draft(1, "The whole article. A miracle.", "miracle", title="T", text_from=TextFrom.PAGE)
    post = make.draft(
        7, "I walk!", network=Network.X, source="@someone", found_on=one.identity, text_from=TextFrom.POST
    )
    soon = make.NOW + timedelta(days=1)
    written = newsroom.store.save_page(page, [whole, post], make.alone, now=make.NOW, next_due=soon, sentence="Read.")
    assert newsroom.store.save_page(page, [whole], make.alone, now=make.NOW, next_due=soon, sentence="Read.") == ()
    assert len(written) == 2
    quoted = next(mention for mention in newsroom.store.search(ALL) if mention.kind is Kind.POST)
    article = newsroom.store.mention(next(key for key in written if key != quoted.id))
    assert quoted.found_on_id == article.id
    assert quoted.source.key == "x:someone"
    assert (article.text_from, article.text, article.revision) == (TextFrom.PAGE, whole.text, 2)
    # The summary's words are not on the page: nobody corrected anything, so the flag is withdrawn, not fixed.
    assert {(s.flag.span.quote, s.state) for s in article.flags} == {
        ("walking again", "withdrawn"),
        ("miracle", "active"),
    }
    assert newsroom.store.due(Work.PAGE, make.NOW + timedelta(hours=1)) == ()
    outcome = newsroom.poll(make.draft(1, "New summary", title="T"), now=make.NOW + timedelta(hours=1))
    assert (outcome.changed, outcome.changed_mentions, outcome.pages_due) == (1, (), (entry_id,))
    assert newsroom.store.mention(article.id).text == whole.text
    assert newsroom.store.due(Work.PAGE, make.NOW + timedelta(hours=1)) == (entry_id,)


def test_a_page_made_due_while_it_is_read_stays_due(newsroom, make):
    one = make.draft(1, "One", title="T")
    (entry_id,) = newsroom.poll(one, pages=[one.identity]).pages_due
    page = newsroom.store.claim_page(entry_id, "me", make.NOW, timedelta(minutes=5))
    later = make.NOW + timedelta(minutes=1)
    newsroom.poll(make.draft(1, "Two", title="T"), now=later, pages=[one.identity])
    newsroom.store.save_page(page, [], make.alone, now=later, next_due=None, sentence="Read.")
    assert newsroom.store.due(Work.PAGE, later) == (entry_id,)
