"""Other rules judge what is stored again."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.core.search.query import parse_query
from monitor.pipeline import poll
from monitor.pipeline.rejudge import judge_again
from monitor.pipeline.tune import save_rules

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


STUDY = "keio-ips-sci"


HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


def test_other_rules_judge_what_is_stored_again(deps, outside, feed_id, tmp_path, entry):
    outside.entries = tuple(entry(number, f"{HYPE} A moonshot for mankind.") for number in range(3))
    poll.poll_feed(deps, feed_id)
    study = deps.library.study(STUDY)
    assert judge_again(deps, study) == 0
    rule = (
        'id: moonshot\nmessage: "“{match}” is much."\nwhy: It is.\nseverity: low\nkind: phrase\n'
        "drift: sensational-language\nmatch:\n  any: [moonshot for mankind]\n"
        'flags: ["A moonshot for mankind.", "It is a moonshot for mankind."]\npasses: ["Two of four improved."]\n'
    )
    version = save_rules(deps, {"moonshot.yaml": rule}, author="ada", note="")
    assert (version.id, judge_again(deps, study)) == (1, 3)
    found = deps.store.search(parse_query("rule:moonshot", NOW))
    assert len(found) == 3
    assert {stored.ruleset for m in found for stored in m.flags if stored.flag.rule == "moonshot"} == {version.digest}
    assert {mention.ruleset for mention in found} == {version.digest}
    assert judge_again(deps, study) == 0
