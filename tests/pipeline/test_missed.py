"""What was read while a fact sheet could not be used."""

from __future__ import annotations

from monitor.core.model import (
    Work,
)
from monitor.core.search.query import Query
from monitor.pipeline import poll
from monitor.pipeline.missed import judge_missed

STUDY = "keio-ips-sci"


OTHER = """\
id: other
name: Other
institution: Us
as-of: '2026-01-01'
reference: paper
sources:
  paper: {title: A paper}
terms: {must: {who: [bakery]}}
findings:
  main:
    sentence: It worked a little.
    source: paper
"""


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
