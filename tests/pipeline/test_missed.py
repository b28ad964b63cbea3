"""What was read while a fact sheet could not be used."""

from __future__ import annotations

import pytest

from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.pipeline import poll
from monitor.pipeline.missed import judge_missed
from monitor.pipeline.subscribe import subscribe
from tests.fakes.studies import SHEET

STUDY = "keio-ips-sci"


OTHER = SHEET.replace("mine", "other").replace("Mine", "Other").replace("who: [Us]", "who: [bakery]")


def test_what_was_read_while_a_sheet_was_broken_is_judged_when_it_is_mended(
    deps, outside, feed_id, clock, tmp_path, entry
):
    sheet = tmp_path / "studies" / "other.yaml"
    sheet.parent.mkdir()
    sheet.write_text("id: other\nname: [\n", encoding="utf-8")
    outside.entries = (entry(1), entry(2, "The bakery has a new loaf."))
    first = poll.poll_feed(deps, feed_id)
    assert [mention.study_id for mention in deps.store.search(Query())] == [STUDY], "the others go on"
    assert judge_missed(deps) == 0, "it is still broken"
    clock.forward(hours=1)
    sheet.write_text(OTHER, encoding="utf-8")
    assert judge_missed(deps) == 2
    found = {mention.study_id: mention for mention in deps.store.search(Query())}
    assert set(found) == {STUDY, "other"}
    assert found["other"].text == "The bakery has a new loaf."
    late = set(deps.store.due(Work.PAGE, clock())) - set(first.pages_due)
    assert len(late) == 1, "its page is read now"
    assert judge_missed(deps) == 0
    assert len(deps.store.search(Query())) == 2


@pytest.mark.parametrize(
    "broken", ["id: [\nname: Other\n", None, "name: Other\n", "\ud83d"], ids=["id", "gone", "no id", "bytes"]
)
def test_a_sheet_that_no_longer_says_whose_it_is_was_judged_for_before(
    deps, outside, feed_id, clock, tmp_path, entry, broken
):
    """The line of its id is what is broken, or the whole file is away for a while: only what was watched before tells."""
    sheet = tmp_path / "studies" / "other.yaml"
    sheet.parent.mkdir()
    sheet.write_text(OTHER, encoding="utf-8")
    outside.entries = (entry(1),)
    poll.poll_feed(deps, feed_id)
    if broken is None:
        sheet.unlink()
    else:
        sheet.rename(sheet.with_name("renamed.yaml"))
        sheet = sheet.with_name("renamed.yaml")
        sheet.write_bytes(broken.encode("utf-8", "surrogatepass"))
    clock.forward(hours=2)
    outside.entries = (entry(1), entry(2, "The bakery has a new loaf."))
    poll.poll_feed(deps, feed_id, force=True)
    assert judge_missed(deps) == 0
    sheet.write_text(OTHER, encoding="utf-8")
    clock.forward(hours=1)
    assert judge_missed(deps) == 1, "what was read since"
    assert [mention.text for mention in deps.store.search(Query()) if mention.study_id == "other"] == [
        "The bakery has a new loaf."
    ]


def test_before_the_first_note_a_subscription_tells_what_is_watched(deps, outside, feed_id, clock, tmp_path, entry):
    """A home of an older version kept no note of what it watched."""
    sheet = tmp_path / "studies" / "other.yaml"
    sheet.parent.mkdir()
    sheet.write_text(OTHER, encoding="utf-8")
    subscribe(deps, "ada@example.org", study_id="other", confirmed=True)
    sheet.write_text("id: [", encoding="utf-8")
    outside.entries = (entry(1, "The bakery has a new loaf."),)
    poll.poll_feed(deps, feed_id)
    sheet.write_text(OTHER, encoding="utf-8")
    assert judge_missed(deps) == 1
