"""How a story spread: parents, hops, and where drift came in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.items.lineage import lineage
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.mention import FlagState, Mention, Source, StoredFlag, TextFrom
from monitor.core.model import DateConfidence, Kind, Network

DAY = datetime(2025, 3, 24, tzinfo=UTC)
WIRE = "Two of the four patients who got the cells moved better after a year, the university told reporters on Monday."


def said(number: int, text: str, *drift: Drift, **more) -> Mention:
    flags = [
        StoredFlag(
            id=number * 10 + at,
            mention_id=number,
            flag=Flag(
                rule=kind.value, drift=kind, severity=Severity.HIGH, confidence=0.9, span=Span(start=0, end=3, quote=text[:3]), message=""
            ),
            ruleset="sha256:0",
            state=FlagState.ACTIVE,
            raised_at=DAY,
            raised_in=1,
        )
        for at, kind in enumerate(drift)
    ]  # fmt: skip
    mention = Mention(
        id=number,
        study_id="keio-ips-sci",
        identity=str(number),
        kind=Kind.ARTICLE,
        network=Network.WEB,
        source=Source(id=number, key=f"{number}.example", name=f"Outlet {number}", network=Network.WEB),
        url=f"https://{number}.example/story",
        title="",
        text=text,
        author="",
        lang="en",
        published=DAY + timedelta(hours=number),
        date_confidence=DateConfidence.EXACT,
        first_seen=DAY,
        text_from=TextFrom.PAGE,
        revision=1,
        because=(),
        score=0,
        caveats_present=(),
        caveats_missing=(),
        flags=tuple(flags),
    )
    return replace(mention, **more)


def tree(*members: Mention) -> list[tuple[int, str, int | None, int, tuple[str, ...]]]:
    return [(t.mention.id, t.how.value, t.parent, t.hop, t.new_drift) for t in lineage(members)]


def test_a_copy_of_an_edited_copy_stands_below_it():
    edited = WIRE.replace("moved better", "were cured") + " It is a miracle that nobody in the hospital had hoped for."
    assert tree(
        said(1, WIRE),
        said(2, edited, Drift.OVERSTATED_OUTCOME),
        said(3, WIRE),
        said(4, edited + " Book now.", Drift.OVERSTATED_OUTCOME, Drift.AVAILABILITY),
    ) == [
        (1, "first", None, 0, ()),
        (2, "copies", 1, 1, ("overstated-outcome",)),
        (4, "copies", 2, 2, ("availability",)),
        (3, "copies", 1, 1, ()),
    ]


def test_links_and_quoted_posts_count_before_words():
    post = said(2, f"{WIRE} https://1.example/story", found_on_id=3)
    assert tree(said(1, "Something else altogether was written here by somebody."), post, said(3, "A page of its own.")) == [
        (1, "first", None, 0, ()),
        (2, "links", 1, 1, ()),
        (3, "quoted", 2, 2, ()),
    ]  # fmt: skip


def test_a_retelling_in_other_words_stands_below_the_first():
    (_, told) = lineage([said(1, WIRE), said(2, "Half of them got better, says Keio.")])
    assert (told.how.value, told.parent, told.copied) == ("retells", 1, 0.0)


def test_closed_and_doubtful_flags_bring_no_drift():
    doubtful = said(2, WIRE, Drift.AVAILABILITY)
    (stored,) = doubtful.flags
    fixed = replace(stored, state=FlagState.FIXED)
    look_here = replace(stored, flag=replace(stored.flag, confidence=0.4))
    tellings = lineage([said(1, WIRE), replace(doubtful, flags=(fixed, look_here))])
    assert tellings[1].new_drift == ()


def test_nothing_has_no_tree():
    assert lineage([]) == []


def test_a_copy_that_leaves_out_what_its_source_says_is_named():
    first = replace(said(1, WIRE), caveats_present=("small-study", "no-control-group"))
    bare = replace(
        said(2, WIRE), caveats_present=("no-control-group",), caveats_missing=("small-study", "not-peer-reviewed")
    )
    post = said(3, "RT " + WIRE)  # nothing is asked of it
    later = replace(said(4, WIRE), caveats_missing=("small-study",))
    told = {telling.mention.id: telling for telling in lineage([first, bare, post, later])}
    assert told[1].dropped == ()
    assert told[2].dropped == ("small-study",)  # what nobody above it said was not dropped here
    assert told[3].dropped == ()
    assert (told[4].parent, told[4].dropped) == (1, ("small-study",))
